"""Run a pattern over a text: leftmost match, and of those the one the pattern prefers.

Python's engine tries one way after another and can need time beyond all measure. It is used only
where the number of ways is proven small for the text at hand. Everything else runs on a machine
that goes through the text once with all ways side by side: its time is length of text times length
of pattern, under a limit.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from amparo.rules.feel.diagnostics import NullCause
from amparo.rules.feel.limits import MAX_PATTERN_STEPS, MAX_PROGRAM, MAX_WAYS
from amparo.rules.feel.patterns.classes import Ranges, holds
from amparo.rules.feel.patterns.reading import (
    Again,
    Characters,
    Choice,
    Edge,
    Group,
    Repeat,
    Sequence,
    Tree,
    read_pattern,
)


@dataclass(frozen=True, slots=True)
class Found:
    """One match. groups: start and end of each from 1; None for one that took no part."""

    start: int
    end: int
    groups: tuple[tuple[int, int] | None, ...]


class Pattern:
    """A pattern ready to run, from any thread."""

    def __init__(self, text: str, flags: str) -> None:
        tree, self.groups = read_pattern(text, frozenset(flags))
        self._by_line = "m" in flags
        self._ways = ways(tree)
        self._needs_python = _mentions_group(tree)
        self._python = re.compile(_Writer(self._by_line, in_any_case="i" in flags).text(tree))
        self._program: Program = ()
        if not self._needs_python:
            self._program = _assembled(tree, self.groups)

    def found_in(self, text: str) -> bool:
        return next(self.all_in(text), None) is not None

    @property
    def matches_nothing(self) -> bool:
        """Whether the empty text matches."""
        return self.found_in("")

    def all_in(self, text: str) -> Iterator[Found]:
        """Give the matches that do not overlap. Raises NullCause when they would take too long."""
        if self._is_quick(len(text)):
            for match in self._python.finditer(text):
                spans = (match.span(number) for number in range(1, self.groups + 1))
                groups = tuple(None if span == (-1, -1) else span for span in spans)
                yield Found(match.start(), match.end(), groups)
            return
        if self._needs_python:
            raise _too_costly()
        yield from self._machine_matches(text)

    def _is_quick(self, length: int) -> bool:
        if self._ways is None:
            return False
        factor, degree = self._ways
        return bool(factor * (length + 1) ** (degree + 1) <= MAX_WAYS)

    def _machine_matches(self, text: str) -> Iterator[Found]:
        machine = _Machine(self._program, text, by_line=self._by_line)
        position = 0
        while position <= len(text):
            slots = machine.search(position)
            if slots is None:
                return
            start, end = slots[0], slots[1]
            pairs = zip(slots[2::2], slots[3::2], strict=True)
            groups = tuple(None if -1 in pair else pair for pair in pairs)
            yield Found(start, end, groups)
            position = end if end > start else end + 1


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, flags: str) -> Pattern:
    """Compile, or raise NullCause with what is wrong with the pattern or not supported."""
    return Pattern(pattern, flags)


def _too_costly() -> NullCause:
    return NullCause("pattern.too-costly", "the pattern would take too long on this text")


# How many ways there are -------------------------------------------------------------------------


def ways(tree: Tree) -> tuple[int, int] | None:
    """Bound the ways to match from one place: factor and power of the text's length.

    None where no such bound is known.
    """
    match tree:
        case Sequence():
            return _product([ways(part) for part in tree.parts])
        case Choice():
            each = [ways(branch) for branch in tree.branches]
            known = [bound for bound in each if bound is not None]
            if len(known) < len(each):
                return None
            return sum(factor for factor, _ in known), max(degree for _, degree in known)
        case Group():
            return ways(tree.inside)
        case Repeat():
            return _ways_to_repeat(tree)
        case _:
            return 1, 0


def _product(bounds: list[tuple[int, int] | None]) -> tuple[int, int] | None:
    factor, degree = 1, 0
    for bound in bounds:
        if bound is None or factor > MAX_WAYS:
            return None
        factor, degree = factor * bound[0], degree + bound[1]
    return factor, degree


def _ways_to_repeat(tree: Repeat) -> tuple[int, int] | None:
    inside = ways(tree.inside)
    if inside is None:
        return None
    if tree.most is None:
        return (1, 1) if inside == (1, 0) else None
    choices = tree.most - tree.least + 1
    if inside == (1, 0):
        return choices, 0
    if tree.most > 10:
        return None
    return _product([(choices, 0), *[inside] * tree.most])


def _mentions_group(tree: Tree) -> bool:
    match tree:
        case Again():
            return True
        case Sequence():
            return any(_mentions_group(part) for part in tree.parts)
        case Choice():
            return any(_mentions_group(branch) for branch in tree.branches)
        case Group() | Repeat():
            return _mentions_group(tree.inside)
        case _:
            return False


# As Python writes it -----------------------------------------------------------------------------


class _Writer:
    def __init__(self, by_line: bool, *, in_any_case: bool) -> None:  # noqa: FBT001
        self.by_line = by_line
        self.in_any_case = in_any_case

    def text(self, tree: Tree) -> str:  # noqa: PLR0911 - one per kind of tree
        match tree:
            case Characters():
                return _class_text(tree.ranges)
            case Edge():
                return self.edge(tree)
            case Again():
                # A group that took no part stands for the empty text.
                again = f"(?i:\\{tree.group})" if self.in_any_case else f"\\{tree.group}"
                return f"(?({tree.group}){again}|)"
            case Sequence():
                return "".join(self.text(part) for part in tree.parts)
            case Choice():
                return "(?:" + "|".join(self.text(branch) for branch in tree.branches) + ")"
            case Group():
                opening = "(?:" if tree.number is None else "("
                return f"{opening}{self.text(tree.inside)})"
            case Repeat():
                most = "" if tree.most is None else tree.most
                lazy = "?" if tree.lazy else ""
                return f"(?:{self.text(tree.inside)}){{{tree.least},{most}}}{lazy}"

    def edge(self, edge: Edge) -> str:
        if edge.is_start:
            return r"(?:\A|(?<=\n)(?!\Z))" if self.by_line else r"\A"
        return r"(?=\n|\Z)" if self.by_line else r"\Z"


def _class_text(ranges: Ranges) -> str:
    if not ranges:
        return "(?!)"
    return "[" + "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges) + "]"


# The machine -------------------------------------------------------------------------------------

# take: a character of a set. go: on at one or more places, the first preferred. save: the position
# in a slot. edge: only at a start or end. end: a match.
Instruction: TypeAlias = (
    tuple[Literal["take"], Ranges]
    | tuple[Literal["go"], tuple[int, ...]]
    | tuple[Literal["save"], int]
    | tuple[Literal["edge"], bool]
    | tuple[Literal["end"], None]
)
Program: TypeAlias = tuple[Instruction, ...]
Slots: TypeAlias = tuple[int, ...]


def _assembled(tree: Tree, groups: int) -> Program:
    program: list[Instruction] = [("save", 0)]
    _assemble(tree, program)
    program += [("save", 1), ("end", None)]
    return tuple(program)


def _assemble(tree: Tree, program: list[Instruction]) -> None:
    if len(program) > MAX_PROGRAM:
        raise NullCause("pattern.too-costly", "the pattern repeats too much to be run")
    match tree:
        case Characters():
            program.append(("take", tree.ranges))
        case Edge():
            program.append(("edge", tree.is_start))
        case Sequence():
            for part in tree.parts:
                _assemble(part, program)
        case Choice():
            _assemble_choice(tree, program)
        case Group(number=None):
            _assemble(tree.inside, program)
        case Group(number=int(number)):
            program.append(("save", 2 * number))
            _assemble(tree.inside, program)
            program.append(("save", 2 * number + 1))
        case Repeat():
            _assemble_repeat(tree, program)
        case _:
            raise _too_costly()


def _assemble_choice(tree: Choice, program: list[Instruction]) -> None:
    fork = len(program)
    program.append(("go", ()))
    starts: list[int] = []
    leaves: list[int] = []
    for branch in tree.branches:
        starts.append(len(program))
        _assemble(branch, program)
        leaves.append(len(program))
        program.append(("go", ()))
    program[fork] = ("go", tuple(starts))
    for leave in leaves:
        program[leave] = ("go", (len(program),))


def _assemble_repeat(tree: Repeat, program: list[Instruction]) -> None:
    for _ in range(tree.least):
        _assemble(tree.inside, program)
    if tree.most is None:
        loop = len(program)
        program.append(("go", ()))
        _assemble(tree.inside, program)
        program.append(("go", (loop,)))
        program[loop] = ("go", _preferred(loop + 1, len(program), lazy=tree.lazy))
        return
    forks: list[int] = []
    for _ in range(tree.most - tree.least):
        forks.append(len(program))
        program.append(("go", ()))
        _assemble(tree.inside, program)
    for fork in forks:
        program[fork] = ("go", _preferred(fork + 1, len(program), lazy=tree.lazy))


def _preferred(inside: int, after: int, *, lazy: bool) -> tuple[int, ...]:
    return (after, inside) if lazy else (inside, after)


class _Machine:
    """All ways at once; of two that stand at the same instruction the preferred one goes on."""

    def __init__(self, program: Program, text: str, *, by_line: bool) -> None:
        self.program = program
        self.text = text
        self.by_line = by_line
        self.steps = 0
        slots = [instruction[1] for instruction in program if instruction[0] == "save"]
        self.width = max(slots) + 1

    def search(self, start: int) -> Slots | None:
        """Find the leftmost match from a place on."""
        best: Slots | None = None
        ways: list[tuple[int, Slots]] = []
        for position in range(start, len(self.text) + 1):
            seen: set[int] = set()
            reached: list[tuple[int, Slots]] = []
            for place, slots in ways:
                self._follow(place, slots, position, seen, reached)
            if best is None:
                self._follow(0, (-1,) * self.width, position, seen, reached)
            ways = []
            code = ord(self.text[position]) if position < len(self.text) else -1
            for place, slots in reached:
                kind, ranges = self.program[place]
                if kind == "end":
                    # What comes after is less preferred than this match.
                    best = slots
                    break
                if code >= 0 and holds(ranges, code):  # type: ignore[arg-type]  # a take
                    ways.append((place + 1, slots))
            if best is not None and not ways:
                break
        return best

    def _follow(
        self,
        place: int,
        slots: Slots,
        position: int,
        seen: set[int],
        reached: list[tuple[int, Slots]],
    ) -> None:
        """Go on without reading, to every instruction that reads or ends."""
        waiting = [(place, slots)]
        while waiting:
            place, slots = waiting.pop()
            if place in seen:
                continue
            seen.add(place)
            self.steps += 1
            if self.steps > MAX_PATTERN_STEPS:
                raise _too_costly()
            match self.program[place]:
                case ("go", places):
                    waiting.extend((other, slots) for other in reversed(places))
                case ("save", slot):
                    saved = (*slots[:slot], position, *slots[slot + 1 :])
                    waiting.append((place + 1, saved))
                case ("edge", is_start):
                    if self._at_edge(position, is_start=is_start):
                        waiting.append((place + 1, slots))
                case _:
                    reached.append((place, slots))

    def _at_edge(self, position: int, *, is_start: bool) -> bool:
        last = len(self.text)
        if is_start:
            line = self.by_line and position < last and self.text[position - 1] == "\n"
            return position == 0 or line
        return position == last or (self.by_line and self.text[position] == "\n")
