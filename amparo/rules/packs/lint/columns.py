"""Columns of a table, cut into pieces in which no test changes its answer."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, cmp_to_key, reduce
from itertools import accumulate, pairwise
from operator import or_, xor
from typing import Final

from amparo.rules.dmn.boxed import BUILTIN_NAMES
from amparo.rules.feel import arithmetic, ast
from amparo.rules.feel.diagnostics import NullCause, RuleError
from amparo.rules.feel.evaluate import Expression
from amparo.rules.feel.parser import Parsed, parse_unary_tests
from amparo.rules.feel.run import Frame, Run
from amparo.rules.feel.scope import Scope
from amparo.rules.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time
from amparo.rules.feel.types import BOOLEAN, AllowedType, FeelType, base_of
from amparo.rules.feel.values import Range, Value, order
from amparo.rules.packs.lint.reading import ReadTable
from amparo.rules.packs.lint.values import Known, is_not_negative, is_whole, nodes_of

_OTHER_TEXT: Final = "anything else"
_STEPS: Final[Mapping[type, Value]] = {
    Date: DaysDuration(Decimal(86_400)),
    DateTime: DaysDuration(Decimal(1)),
    Time: DaysDuration(Decimal(1)),
    DaysDuration: DaysDuration(Decimal(1)),
    MonthsDuration: MonthsDuration(1),
    Decimal: Decimal(1),
}


@dataclass(frozen=True)
class Column:
    """samples: one for each piece; empty where the column cannot be cut.

    holds, may_hold: per piece the rules, as bits, whose test surely holds or is not surely false.
    """

    label: str
    samples: tuple[Value, ...]
    holds: tuple[int, ...]
    may_hold: tuple[int, ...]

    @cached_property
    def possible(self) -> int:
        """The rules whose test some piece may pass."""
        return reduce(or_, self.may_hold)

    @cached_property
    def unsure(self) -> int:
        """The rules whose test is not known everywhere."""
        return reduce(
            or_, (may & ~sure for may, sure in zip(self.may_hold, self.holds, strict=True))
        )


def columns_of(
    table: ReadTable,
    kinds: Mapping[str, FeelType],
    names: Mapping[str, Value],
    known: Known,
    owner: str,
) -> list[Column]:
    columns: list[Column] = []
    for place, (heading, clause) in enumerate(zip(table.headings, table.table.inputs, strict=True)):
        tests = [row[place] for row in table.tests]
        kind = _kind(heading.tree, clause.expression.type_ref, table, kinds)
        limits = _limits(table, kind, clause.values)
        whole = is_whole(heading.tree, known.whole, owner)
        samples = _samples(tests, kind, limits, names, is_whole=whole)
        if is_not_negative(heading.tree, known.not_negative, owner):
            samples = tuple(one for one in samples if not isinstance(one, Decimal) or one >= 0)
        columns.append(_answered(clause.label, tests, samples, names))
    return columns


def _kind(
    heading: ast.Node, type_ref: str, table: ReadTable, kinds: Mapping[str, FeelType]
) -> FeelType | None:
    if isinstance(heading, ast.Name) and heading.name in kinds:
        return kinds[heading.name]
    if isinstance(heading, (ast.Comparison, ast.Logical, ast.Between, ast.Quantified)):
        return BOOLEAN
    return table.types.find(type_ref) if type_ref else None


def _limits(table: ReadTable, kind: FeelType | None, values: str) -> list[Expression]:
    """Give the allowed values of a column as tests: those of its type and those of its own."""
    texts = [values] if values else []
    while isinstance(kind, AllowedType):
        texts.append(kind.text)
        kind = kind.base
    found: list[Expression] = []
    for text in texts:
        try:
            scope = Scope(members=table.scope.members)
            found.append(Expression(parse_unary_tests(text, scope, builtins=BUILTIN_NAMES)))
        except RuleError:
            continue  # it names what only the table sees; the samples go without this limit
    return found


class _Uncut(Exception):
    """A test whose answers cannot be cut into pieces."""


def _samples(
    tests: Sequence[Expression],
    kind: FeelType | None,
    limits: Sequence[Expression],
    names: Mapping[str, Value],
    *,
    is_whole: bool,
) -> tuple[Value, ...]:
    ends: list[Value] = []
    for test in (*tests, *limits):
        try:
            ends.extend(_ends(test.tree, names))
        except _Uncut:
            continue  # this one test then may hold or not; the others still cut the column
    if kind is not None and base_of(kind) == BOOLEAN:
        ends = [True, False]
    samples = _between(ends, is_whole=is_whole)
    allowed = [
        value for value in samples if not any(_ask(one, value, {}) is False for one in limits)
    ]
    return tuple(allowed)


def _ends(tree: ast.Node, names: Mapping[str, Value]) -> Iterator[Value]:
    """Give the values at which a test may change its answer. Raises _Uncut."""
    match tree:
        case ast.Dash():
            return
        case ast.UnaryTests():
            for test in tree.tests:
                yield from _ends(test, names)
        case ast.UnaryTest():
            yield from _value(tree.operand, names)
        case ast.RangeLiteral():
            yield from _value(tree.low, names)
            yield from _value(tree.high, names)
        case _:
            yield from _value(tree, names)


def _value(tree: ast.Node, names: Mapping[str, Value]) -> Iterator[Value]:
    for node in nodes_of(tree):
        if isinstance(node, ast.Name) and node.name not in names and not _is_builtin(node):
            raise _Uncut
    value = _run(Expression(Parsed(tree, "", ())), names)
    yield from _ends_in(value)


def _is_builtin(node: ast.Name) -> bool:
    return node.name in {"date", "duration", "time", "date and time", "number"}


def _ends_in(value: Value) -> Iterator[Value]:
    match value:
        case None:
            return
        case Range():
            yield from (end for end in (value.low, value.high) if end is not None)
        case list():
            for item in value:
                yield from _ends_in(item)
        case bool() | str() | Decimal() | Date() | DateTime() | Time():
            yield value
        case DaysDuration() | MonthsDuration():
            yield value
        case _:
            raise _Uncut


def _run(expression: Expression, names: Mapping[str, Value]) -> Value:
    try:
        return expression(Frame(Run(), names))
    except RuleError:
        raise _Uncut from None


def _between(ends: Sequence[Value], *, is_whole: bool) -> list[Value]:
    """Give a sample before, at, between and after the ends."""
    if any(isinstance(end, bool) for end in ends):
        return [True, False]
    texts = [end for end in ends if isinstance(end, str)]
    if texts:
        return [*dict.fromkeys(texts), _OTHER_TEXT]
    kinds = {type(end) for end in ends}
    if len(kinds) != 1:
        return []
    step = _STEPS[kinds.pop()]
    sorted_ends: list[Value] = []
    for end in sorted(ends, key=cmp_to_key(lambda a, b: order(a, b) or 0)):
        if not sorted_ends or order(sorted_ends[-1], end) != 0:
            sorted_ends.append(end)
    samples: list[Value] = [*_moved("-", sorted_ends[0], step)]
    for place, end in enumerate(sorted_ends):
        samples.append(end)
        following = sorted_ends[place + 1] if place + 1 < len(sorted_ends) else None
        samples.extend(_after(end, following, step, is_whole=is_whole))
    return samples


def _after(end: Value, following: Value, step: Value, *, is_whole: bool) -> Iterator[Value]:
    if isinstance(end, Decimal) and isinstance(following, Decimal) and not is_whole:
        middle = (end + following) / 2
        near = following - Decimal("0.01")
        yield near if near > end else middle
        return
    for moved in _moved("+", end, step):
        if following is None or (order(moved, following) or 0) < 0:
            yield moved


def _moved(operator: str, value: Value, step: Value) -> Iterator[Value]:
    try:
        moved = arithmetic.apply(operator, value, step)
    except NullCause:
        return
    if moved is not None:
        yield moved


def _ask(test: Expression, value: Value, names: Mapping[str, Value]) -> bool | None:
    try:
        answer = test(Frame(Run(), {**names, "?": value}))
    except RuleError:
        return None
    return answer if isinstance(answer, bool) else None


def _answered(
    label: str, tests: Sequence[Expression], samples: tuple[Value, ...], names: Mapping[str, Value]
) -> Column:
    """Ask the tests about the samples. Where there is none, only a dash surely holds.

    Between its own ends a test answers alike; so it is asked once for each such stretch, and its
    bit is turned on and off at the borders. 10,000 rules are 50,000 questions, not 200 million.
    """
    count = max(1, len(samples))
    turned = _Turned([0] * (count + 1), [0] * (count + 1))
    for number, test in enumerate(tests):
        for start, stop in _stretches(test, samples, names):
            if isinstance(test.tree, ast.Dash):
                answer: bool | None = True
            elif not samples or not _is_cut(test.tree, names):
                answer = None
            else:
                answer = _ask(test, samples[start], names)
            turned.on(number, start, stop, answer=answer)
    return Column(
        label,
        samples,
        tuple(accumulate(turned.sure, xor))[:-1],
        tuple(accumulate(turned.possible, xor))[:-1],
    )


@dataclass(slots=True)
class _Turned:
    """Bits of rules to turn at each border, of those that surely hold and those that may."""

    sure: list[int]
    possible: list[int]

    def on(self, number: int, start: int, stop: int, *, answer: bool | None) -> None:
        bit = 1 << number
        for bits, holds in ((self.sure, answer is True), (self.possible, answer is not False)):
            if holds:
                bits[start] ^= bit
                bits[stop] ^= bit


def _stretches(
    test: Expression, samples: tuple[Value, ...], names: Mapping[str, Value]
) -> Iterator[tuple[int, int]]:
    """Give the stretches of samples, from and before, in which a test answers alike."""
    borders = {0, max(1, len(samples))}
    if samples and (isinstance(samples[0], bool) or _orders_texts(test.tree, samples)):
        borders |= set(range(len(samples)))
    elif samples:
        with suppress(_Uncut):
            for end in _ends(test.tree, names):
                borders |= _borders(end, samples)
    yield from pairwise(sorted(borders))


def _orders_texts(tree: ast.Node, samples: tuple[Value, ...]) -> bool:
    """Say whether a test asks which text comes first: then each text may answer differently."""
    if not isinstance(samples[0], str):
        return False
    return any(isinstance(node, (ast.UnaryTest, ast.RangeLiteral)) for node in nodes_of(tree))


def _borders(end: Value, samples: tuple[Value, ...]) -> set[int]:
    if isinstance(end, str):
        # Texts stand in no order: what a test does not name it answers like anything else.
        return {samples.index(end), samples.index(end) + 1} if end in samples else set()
    ranks = cmp_to_key(lambda one, other: order(one, other) or 0)
    key = ranks(end)
    return {bisect_left(samples, key, key=ranks), bisect_right(samples, key, key=ranks)}


def _is_cut(tree: ast.Node, names: Mapping[str, Value]) -> bool:
    try:
        tuple(_ends(tree, names))
    except _Uncut:
        return False
    return True
