"""Sets of characters as sorted ranges of code points, and the classes XPath has names for."""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, TypeAlias

from amparo.rules.feel.diagnostics import NullCause
from amparo.rules.feel.patterns.blocks import BLOCKS

Ranges: TypeAlias = tuple[tuple[int, int], ...]

LAST: Final = 0x10FFFF
# No character beyond this has another case.
LAST_CASED: Final = 0x1FFFF
ALL: Final[Ranges] = ((0, LAST),)


def merged(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Sort ranges and join those that touch."""
    joined: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return tuple(joined)


def complement(ranges: Ranges) -> Ranges:
    gaps: list[tuple[int, int]] = []
    following = 0
    for low, high in ranges:
        if low > following:
            gaps.append((following, low - 1))
        following = high + 1
    if following <= LAST:
        gaps.append((following, LAST))
    return tuple(gaps)


def without(ranges: Ranges, others: Ranges) -> Ranges:
    return complement(merged((*complement(ranges), *others)))


def holds(ranges: Ranges, code: int) -> bool:
    at = bisect_right(ranges, (code, LAST)) - 1
    return at >= 0 and code <= ranges[at][1]


def characters(text: str) -> Ranges:
    return merged((ord(character), ord(character)) for character in text)


# Case ---------------------------------------------------------------------------------------


@cache
def _other_cases() -> Mapping[int, tuple[int, ...]]:
    """Give the other cases of each character that has any, as the flag i compares them."""
    by_form: dict[str, set[int]] = {}
    for code in range(LAST_CASED + 1):
        character = chr(code)
        lower, upper = character.lower(), character.upper()
        if lower != character or upper != character:
            by_form.setdefault(lower, set()).add(code)
            by_form.setdefault(upper, set()).add(code)
    others: dict[int, set[int]] = {}
    for codes in by_form.values():
        for code in codes:
            others.setdefault(code, set()).update(codes - {code})
    return {code: tuple(found) for code, found in others.items() if found}


def in_any_case(ranges: Ranges) -> Ranges:
    """Add to a set the other cases of what it holds."""
    more = [
        (other, other)
        for code, others in _other_cases().items()
        if holds(ranges, code)
        for other in others
    ]
    return merged((*ranges, *more))


# Named classes ------------------------------------------------------------------------------


@cache
def category(name: str) -> Ranges:
    """Give a Unicode category by its letters, or a block as IsGreek. Raises NullCause."""
    block = BLOCKS.get(name.removeprefix("Is")) if name.startswith("Is") else None
    if block is not None:
        return (block,)
    if name not in _CATEGORIES:
        raise NullCause("pattern.not-supported", f"the class \\p{{{name}}} is not supported")
    found: list[tuple[int, int]] = []
    start: int | None = None
    for code in range(LAST + 2):
        inside = code <= LAST and unicodedata.category(chr(code)).startswith(name)
        if inside and start is None:
            start = code
        elif not inside and start is not None:
            found.append((start, code - 1))
            start = None
    return tuple(found)


_CATEGORIES: Final = frozenset(
    {
        *("L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me"),
        *("N", "Nd", "Nl", "No"),  # codespell:ignore nd
        *("P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Z", "Zs", "Zl", "Zp"),
        *("S", "Sm", "Sc", "Sk", "So", "C", "Cc", "Cf", "Co", "Cn"),
    }
)

NEWLINES: Final = characters("\n\r")
SPACE: Final = characters(" \t\n\r")
# Characters that begin an XML name, and those inside one.
_NAME_START: Final[Ranges] = merged(
    (
        *((58, 58), (65, 90), (95, 95), (97, 122), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x2FF)),
        *((0x370, 0x37D), (0x37F, 0x1FFF), (0x200C, 0x200D), (0x2070, 0x218F), (0x2C00, 0x2FEF)),
        *((0x3001, 0xD7FF), (0xF900, 0xFDCF), (0xFDF0, 0xFFFD), (0x10000, 0xEFFFF)),
    )
)
_NAME: Final[Ranges] = merged(
    (
        *_NAME_START,
        *((45, 46), (48, 57), (0xB7, 0xB7), (0x300, 0x36F), (0x203F, 0x2040)),
    )
)


@cache
def named(letter: str) -> Ranges:
    r"""Give the class of an escape such as \d; a capital letter is its complement."""
    if letter.isupper():
        return complement(named(letter.lower()))
    match letter:
        case "s":
            return SPACE
        case "d":
            return category("Nd")  # codespell:ignore nd
        case "i":
            return _NAME_START
        case "c":
            return _NAME
        case _:
            return complement(merged((*category("P"), *category("Z"), *category("C"))))
