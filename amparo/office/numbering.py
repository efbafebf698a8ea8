"""Numbers that people copy by hand: series, year, counter and a check digit (ISO 7064, MOD 11-10).

The check digit finds every single wrong digit and nearly every pair of swapped ones. Letters count
as in an IBAN: A is 10, Z is 35.
"""

from typing import Final

_COUNTER_DIGITS: Final = 6
_START: Final = 10
# The standard's step from one digit to the next: _STEP[product so far][digit].
_STEP: Final = tuple(
    tuple(((digit + product) % 10 or 10) * 2 % 11 for digit in range(10)) for product in range(11)
)


def check_digit(*, text: str) -> str:
    """Return the ISO 7064 MOD 11-10 check digit over the letters and digits of `text`."""
    return _closing(_product(_digits(text), _START))


def written_number(*, series: str, year: int, counter: int) -> str:
    """Write the number of a document: CL-2026-000123-4."""
    return written_numbers(series=series, year=year, first=counter, count=1)[0]


def written_numbers(*, series: str, year: int, first: int, count: int) -> list[str]:
    """Write `count` numbers of a series in a row."""
    head = f"{series}-{year:04d}-"
    begun = _product(_digits(head), _START)
    counters = (f"{counter:0{_COUNTER_DIGITS}d}" for counter in range(first, first + count))
    return [f"{head}{counter}-{_closing(_product(counter, begun))}" for counter in counters]


def is_written_right(*, number: str) -> bool:
    """Say whether a number that somebody typed carries the right check digit."""
    body, dash, digit = number.strip().upper().rpartition("-")
    return bool(dash and body.isascii()) and check_digit(text=body) == digit


def _digits(text: str) -> str:
    return "".join(str(int(letter, 36)) for letter in text if letter.isalnum())


def _product(digits: str, product: int) -> int:
    for digit in digits:
        product = _STEP[product][int(digit)]
    return product


def _closing(product: int) -> str:
    return str((11 - product) % 10)
