"""Numbers that people copy by hand: series, year, counter and a check digit (ISO 7064, MOD 11-10).

The check digit finds every single wrong digit and nearly every pair of swapped ones. Letters count
as in an IBAN: A is 10, Z is 35.
"""

_COUNTER_DIGITS = 6


def check_digit(*, text: str) -> str:
    """Return the ISO 7064 MOD 11-10 check digit over the letters and digits of `text`."""
    product = 10
    for digit in _digits(text):
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def written_number(*, series: str, year: int, counter: int) -> str:
    """Write the number of a document: CL-2026-000123-4."""
    body = f"{series}-{year:04d}-{counter:0{_COUNTER_DIGITS}d}"
    return f"{body}-{check_digit(text=body)}"


def is_written_right(*, number: str) -> bool:
    """Say whether a number that somebody typed carries the right check digit."""
    body, dash, digit = number.strip().upper().rpartition("-")
    return bool(dash and body.isascii()) and check_digit(text=body) == digit


def _digits(text: str) -> str:
    return "".join(str(int(letter, 36)) for letter in text if letter.isalnum())
