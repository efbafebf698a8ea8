"""The rules by which an identifier is recognised as mistyped before it is looked up.

Which rule a country's number follows is a setting of the installation, not knowledge of this room.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final


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


def luhn_digit(digits: str) -> str:
    """Return the check digit that makes `digits` followed by it pass the "luhn" rule."""
    return next(d for d in "0123456789" if _luhn(digits + d))
