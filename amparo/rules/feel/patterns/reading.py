"""Pattern text to tree: the grammar of XPath, which is stricter than that of programming languages.

What the grammar does not allow raises NullCause, as the standard makes such a call null.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from amparo.rules.feel.diagnostics import NullCause
from amparo.rules.feel.limits import MAX_GROUPS_DEEP, MAX_PATTERN, MAX_REPEATS
from amparo.rules.feel.patterns.classes import (
    ALL,
    NEWLINES,
    Ranges,
    category,
    complement,
    in_any_case,
    merged,
    named,
    without,
)

FLAGS: Final = frozenset("smixq")


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of a set."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Edge:
    """^ or $: the start or end of the text, and with the flag m of each line."""

    is_start: bool


@dataclass(frozen=True, slots=True)
class Again:
    """The text of a group once more."""

    group: int


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    branches: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Group:
    """number: from 1; None for a group that remembers nothing."""

    number: int | None
    inside: "Tree"


@dataclass(frozen=True, slots=True)
class Repeat:
    """most: None for no limit. lazy: as few as will do."""

    inside: "Tree"
    least: int
    most: int | None
    lazy: bool


Tree: TypeAlias = Characters | Edge | Again | Sequence | Choice | Group | Repeat

_TIMES: Final[Mapping[str, tuple[int, int | None]]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t"}
_META: Final = frozenset(".\\?*+{}()|[]^$")


def read_pattern(text: str, flags: frozenset[str]) -> tuple[Tree, int]:
    """Give the tree of a pattern and the number of its groups. Raises NullCause."""
    if unknown := flags - FLAGS:
        raise NullCause("pattern.flag", f"there is no flag {''.join(sorted(unknown))}")
    if len(text) > MAX_PATTERN:
        raise NullCause("pattern.too-long", f"a pattern has at most {MAX_PATTERN} characters")
    plain = "q" in flags
    reader = _Reader(_without_space(text) if "x" in flags and not plain else text, flags)
    if plain:
        return Sequence(tuple(reader.character(code) for code in text)), 0
    tree = reader.choice()
    if reader.at < len(reader.text):
        raise reader.refusal("a parenthesis closes nothing")
    return tree, reader.groups


def _without_space(text: str) -> str:
    """Take out the space that the flag x says means nothing: all but that within brackets."""
    kept: list[str] = []
    brackets = 0
    escaped = False
    for character in text:
        if character in " \t\n\r" and not brackets:
            continue
        kept.append(character)
        if not escaped:
            brackets += (character == "[") - (character == "]" and brackets > 0)
        escaped = character == "\\" and not escaped
    return "".join(kept)


class _Reader:
    def __init__(self, text: str, flags: frozenset[str]) -> None:
        self.text = text
        self.at = 0
        self.flags = flags
        self.groups = 0
        self.closed: set[int] = set()
        self.depth = 0

    def refusal(self, message: str) -> NullCause:
        return NullCause("pattern.unreadable", f"{message}, character {self.at + 1} of the pattern")

    def next_is(self, mark: str) -> bool:
        return self.text.startswith(mark, self.at)

    def accept(self, mark: str) -> bool:
        if self.next_is(mark):
            self.at += len(mark)
            return True
        return False

    def take(self) -> str:
        if self.at >= len(self.text):
            raise self.refusal("the pattern ends too early")
        self.at += 1
        return self.text[self.at - 1]

    def character(self, character: str) -> Characters:
        return Characters(self.cased(((ord(character), ord(character)),)))

    def cased(self, ranges: Ranges) -> Ranges:
        return in_any_case(ranges) if "i" in self.flags else ranges

    # Structure ----------------------------------------------------------------------------

    def choice(self) -> Tree:
        self.depth += 1
        if self.depth > MAX_GROUPS_DEEP:
            raise self.refusal(f"groups are nested more than {MAX_GROUPS_DEEP} levels deep")
        branches = [self.branch()]
        while self.accept("|"):
            branches.append(self.branch())
        self.depth -= 1
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def branch(self) -> Tree:
        parts: list[Tree] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            parts.append(self.repeated(self.atom()))
        return Sequence(tuple(parts))

    def repeated(self, atom: Tree) -> Tree:
        mark = self.text[self.at : self.at + 1]
        if mark in _TIMES:
            self.at += 1
            least, most = _TIMES[mark]
        elif self.accept("{"):
            least, most = self.counts()
        else:
            return atom
        return Repeat(atom, least, most, lazy=self.accept("?"))

    def counts(self) -> tuple[int, int | None]:
        least = self.whole_number()
        most: int | None = least
        if self.accept(","):
            most = None if self.next_is("}") else self.whole_number()
        if not self.accept("}"):
            raise self.refusal("expected }")
        if most is not None and most < least:
            raise self.refusal("a repetition of fewer times than its least")
        return least, most

    def whole_number(self) -> int:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in "0123456789":
            self.at += 1
        if not 0 < self.at - start <= 6 or int(self.text[start : self.at]) > MAX_REPEATS:
            raise self.refusal(f"expected a number of times, at most {MAX_REPEATS}")
        return int(self.text[start : self.at])

    def atom(self) -> Tree:
        character = self.take()
        match character:
            case "(":
                return self.group()
            case "[":
                return Characters(self.char_class())
            case ".":
                return Characters(ALL if "s" in self.flags else complement(NEWLINES))
            case "^" | "$":
                return Edge(is_start=character == "^")
            case "\\":
                return self.escape()
            case _ if character in _META:
                self.at -= 1
                raise self.refusal(f"{character} has no meaning here")
            case _:
                return self.character(character)

    def group(self) -> Tree:
        number: int | None = None
        if not self.accept("?:"):
            self.groups += 1
            number = self.groups
        inside = self.choice()
        if not self.accept(")"):
            raise self.refusal("a parenthesis is not closed")
        if number is not None:
            self.closed.add(number)
        return Group(number, inside)

    def escape(self) -> Tree:
        if self.at < len(self.text) and self.text[self.at] in "123456789":
            return self.again()
        return Characters(self.escaped_class())

    def again(self) -> Again:
        number = int(self.take())
        while self.at < len(self.text) and self.text[self.at] in "0123456789":
            longer = number * 10 + int(self.text[self.at])
            if longer > self.groups:
                break
            number = longer
            self.at += 1
        if number not in self.closed:
            raise self.refusal(f"there is no group {number} before this place")
        return Again(number)

    # Character classes --------------------------------------------------------------------

    def escaped_class(self) -> Ranges:
        r"""Read what follows a backslash: a class such as \d or \p{L}, or one character."""
        letter = self.take()
        if letter in "sSdDwWiIcC":
            return named(letter)
        if letter in "pP":
            return self.property(negated=letter == "P")
        return self.cased(((ord(self.escaped(letter)),) * 2,))

    def escaped(self, letter: str) -> str:
        if letter in _ESCAPED:
            return _ESCAPED[letter]
        if letter not in _META and letter != "-":
            raise self.refusal(f"there is no escape \\{letter}")
        return letter

    def property(self, *, negated: bool) -> Ranges:
        end = self.text.find("}", self.at)
        if not self.accept("{") or end < 0:
            raise self.refusal("expected a class such as \\p{L}")
        name = self.text[self.at : end]
        self.at = end + 1
        return complement(category(name)) if negated else category(name)

    def char_class(self) -> Ranges:
        """Read what stands between brackets; the opening one is read."""
        self.depth += 1
        if self.depth > MAX_GROUPS_DEEP:
            raise self.refusal(f"groups are nested more than {MAX_GROUPS_DEEP} levels deep")
        negated = self.accept("^")
        found: list[tuple[int, int]] = []
        first, taken_off = True, None
        while not self.next_is("]") or first:
            if not first and self.accept("-["):
                taken_off = self.char_class()
                break
            found.extend(self.class_part())
            first = False
        if not self.accept("]"):
            raise self.refusal("a bracket is not closed")
        self.depth -= 1
        ranges = merged(found)
        ranges = complement(ranges) if negated else ranges
        return ranges if taken_off is None else without(ranges, taken_off)

    def class_part(self) -> Ranges:
        low = self.take()
        if low == "\\":
            if self.text[self.at : self.at + 1] in tuple("sSdDwWiIcCpP"):
                return self.escaped_class()
            low = self.escaped(self.take())
        elif low in "[]":
            self.at -= 1
            raise self.refusal(f"{low} must be escaped in a class")
        high = low
        ends = self.text[self.at + 1 : self.at + 2]
        if self.next_is("-") and ends not in ("]", "[", ""):
            self.at += 1
            high = self.take()
            if high == "\\":
                high = self.escaped(self.take())
        if ord(high) < ord(low):
            raise self.refusal(f"the range {low}-{high} runs backwards")
        return self.cased(((ord(low), ord(high)),))
