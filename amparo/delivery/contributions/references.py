"""The structured creditor reference of ISO 11649: what a payer copies so that money finds its debt.

RF, two check digits (ISO 7064, MOD 97-10), and up to 21 letters and digits: here the number of the
declaration or estimate without its dashes. The number can be read back from the reference.
"""

import re
from typing import Final

from amparo.office.numbering import is_written_right

_LONGEST: Final = 21
_BODY: Final = re.compile(r"([A-Z]{1,8})([0-9]{4})([0-9]{6,})([0-9])")
# In a line of free text: blanks where people and banks put them. One may begin within another, and
# a digit that follows by chance is tried off again.
_IN_TEXT: Final = re.compile(r"(?=(R\s*F\s*[0-9]\s*[0-9](?:\s*[0-9A-Z]){1,21}))")


def creditor_reference(*, number: str) -> str:
    """Return the reference of a numbered document: RF72DE20260001234 for DE-2026-000123-4."""
    body = number.replace("-", "")
    if not body or len(body) > _LONGEST or not (body.isascii() and body.isalnum()):
        message = f"{number} does not fit a creditor reference: at most 21 letters and digits."
        raise ValueError(message)
    return f"RF{98 - _remainder(f'{body}RF00'):02d}{body.upper()}"


def is_creditor_reference(*, text: str) -> bool:
    """Say whether a text is a reference of ISO 11649 with the right check digits."""
    plain = "".join(text.split()).upper()
    return (
        plain.startswith("RF")
        and 5 <= len(plain) <= _LONGEST + 4
        and plain.isascii()
        and plain.isalnum()
        and plain[2:4].isdigit()
        and _remainder(plain[4:] + plain[:4]) == 1
    )


def number_in(*, text: str) -> str:
    """Return the number of our document that a payer's text names by its reference; "" if none."""
    for found in _IN_TEXT.finditer(text.upper()):
        plain = "".join(found.group(1).split())
        for end in range(len(plain), 4, -1):
            number = _number_of(plain[:end])
            if number:
                return number
    return ""


def _number_of(reference: str) -> str:
    """Return the document's number; "" where the reference is somebody else's or mistyped."""
    body = _BODY.fullmatch(reference[4:])
    if body is None or not is_creditor_reference(text=reference):
        return ""
    series, year, counter, digit = body.groups()
    number = f"{series}-{year}-{counter}-{digit}"
    return number if is_written_right(number=number) else ""


def _remainder(text: str) -> int:
    """Return the remainder by 97 of the digits, letters counted as in an IBAN: A is 10, Z is 35."""
    return int("".join(str(int(letter, 36)) for letter in text)) % 97
