"""The rules by which an identifier is recognised as mistyped before it is looked up.

Which rule a country's number follows is a setting of the installation, not knowledge of this room.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings

# ISO 9362, as ISO 20022 writes it: a file of payments with any other is refused as a whole.
_BIC: Final = re.compile("[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_ACCOUNT_NUMBER: Final = re.compile("(?=.*[A-Z0-9])[A-Z0-9/]{1,34}")
# ISCO-08: major group to unit group.
_OCCUPATION: Final = re.compile("[0-9]{1,4}")
# ISIC Rev. 4: division, group or class; empty where nobody knows.
_ACTIVITY: Final = re.compile("([0-9]{2,4})?")
_COUNTRY: Final = re.compile("[A-Z]{2}")


class UnknownCheckDigitRule(Exception):
    """The setting names a check-digit rule that this release does not know."""


def _luhn(value: str) -> bool:
    """ISO/IEC 7812-1, Annex B. Finds every single wrong digit and most swapped neighbours."""
    if not (value.isascii() and value.isdigit()):
        return False
    total = 0
    for place, character in enumerate(reversed(value)):
        digit = int(character) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def _mod_97_10(value: str) -> bool:
    """ISO/IEC 7064, MOD 97-10: two check digits at the end; letters count as 10 to 35."""
    if not (value.isascii() and value.isalnum()):
        return False
    return int("".join(str(int(c, 36)) for c in value)) % 97 == 1


def _any_value(value: str) -> bool:
    return bool(value)


_RULES: Final[Mapping[str, Callable[[str], bool]]] = {
    "none": _any_value,
    "luhn": _luhn,
    "mod97": _mod_97_10,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierRule:
    """What a well-formed identifier looks like.

    pattern: a regular expression for the whole value in its stored form.
    check_digit: "luhn", "mod97" or "none".
    """

    pattern: str
    check_digit: str

    def __post_init__(self) -> None:
        if self.check_digit not in _RULES:
            raise UnknownCheckDigitRule(
                f"There is no check-digit rule “{self.check_digit}”. "
                f"Choose one of: {', '.join(_RULES)}."
            )

    def has_the_right_form(self, value: str) -> bool:
        return re.fullmatch(self.pattern, value) is not None

    def has_the_right_check_digit(self, value: str) -> bool:
        return _RULES[self.check_digit](value)


def national_id_rule() -> IdentifierRule:
    """Return the rule of this installation's country."""
    return IdentifierRule(
        pattern=settings.NATIONAL_ID_PATTERN, check_digit=settings.NATIONAL_ID_CHECK_DIGIT
    )


def is_bic(value: str) -> bool:
    """Say whether a value in its stored form is written as a BIC is."""
    return _BIC.fullmatch(value) is not None


def is_account_number(value: str) -> bool:
    """Say whether a value in its stored form can be written into an order of payment."""
    return _ACCOUNT_NUMBER.fullmatch(value) is not None


def is_occupation(code: str) -> bool:
    """Say whether a code is written as those of ISCO-08 are."""
    return _OCCUPATION.fullmatch(code) is not None


def is_activity(code: str) -> bool:
    """Say whether a code is written as those of ISIC Rev. 4 are, or empty: not known."""
    return _ACTIVITY.fullmatch(code) is not None


def is_country(code: str) -> bool:
    """Say whether a code has two capital letters (ISO 3166-1 alpha-2)."""
    return _COUNTRY.fullmatch(code) is not None


def luhn_digit(digits: str) -> str:
    """Return the check digit that makes `digits` followed by it pass the "luhn" rule."""
    return next(d for d in "0123456789" if _luhn(digits + d))
