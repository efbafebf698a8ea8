"""Tables by interval boxes: cases no rule answers, cases two answer, rules nothing reaches.

Each column is cut where its tests change their answer: one sample for each piece. Every test is
asked about every sample by the engine itself, so that no second reading of FEEL can differ. Cases
are then combinations of pieces, searched as bit sets of rules. A test that cannot be cut so (it
calls a function of the value, or names another decision) counts as one that may hold or not: then
no gap and no overlap is claimed of it. Facts that depend on each other are not known as such: a
witness may be a case that cannot occur, hence all of this warns and nothing is an error.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cmp_to_key
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
from amparo.rules.feel.values import Range, Value, order, text_of
from amparo.rules.packs.lint.findings import Finding
from amparo.rules.packs.lint.reading import ReadElement, ReadTable
from amparo.rules.packs.lint.values import (
    Known,
    is_not_negative,
    is_whole,
    known_values,
    nodes_of,
)
from amparo.rules.packs.pack import Pack

MOST_STEPS: Final = 200_000
MOST_QUESTIONS: Final = 500_000
_MOST: Final = 10
_WITH_PARAMETERS: Final = " (with the parameters of"
_OTHER_TEXT: Final = "anything else"
_STEPS: Final[Mapping[type, Value]] = {
    Date: DaysDuration(Decimal(86_400)),
    DateTime: DaysDuration(Decimal(1)),
    Time: DaysDuration(Decimal(1)),
    DaysDuration: DaysDuration(Decimal(1)),
    MonthsDuration: MonthsDuration(1),
    Decimal: Decimal(1),
}


@dataclass(frozen=True, slots=True)
class _Column:
    """samples: one for each piece; empty where the column cannot be cut.

    holds, may_hold: per piece the rules, as bits, whose test surely holds or is not surely false.
    """

    label: str
    samples: tuple[Value, ...]
    holds: tuple[int, ...]
    may_hold: tuple[int, ...]


def table_findings(pack: Pack, read: Sequence[ReadElement]) -> Iterator[Finding]:
    known = known_values(read)
    for element in read:
        kinds = {
            name: pack.library.elements[key].kind
            for alias, name, key in element.compiled.requires
            if not alias
        }
        kinds |= dict(element.compiled.parameters)
        for table in element.tables:
            yield from _findings_of(pack, element, table, kinds, known)


def _findings_of(
    pack: Pack,
    element: ReadElement,
    table: ReadTable,
    kinds: Mapping[str, FeelType],
    known: Known,
) -> Iterator[Finding]:
    """Look at a table with the parameters of every day on which one of them changes.

    A rule that no case reaches counts only if no case reaches it on any of these days.
    """
    seen: dict[tuple[str, str], Finding] = {}
    unreached: Counter[str] = Counter()
    days = 0
    for on, names in _situations(pack, table):
        days += 1
        columns = _columns(table, kinds, names, known, element.compiled.element.name)
        for finding in _Table(element, table, columns, on).findings():
            said = finding.message.partition(_WITH_PARAMETERS)[0]
            seen.setdefault((finding.code, finding.row or said), finding)
            unreached[finding.row] += 1
    counts: Counter[str] = Counter()
    for finding in seen.values():
        counts[finding.code] += 1
        if unreached[finding.row] == days if finding.row else counts[finding.code] <= _MOST:
            yield finding


def _situations(pack: Pack, table: ReadTable) -> Iterator[tuple[date | None, Mapping[str, Value]]]:
    """Give the days on which a parameter named in the table changes, with all their values."""
    used = {
        node.name
        for expression in _all(table)
        for node in nodes_of(expression.tree)
        if isinstance(node, ast.Name)
    }
    parameters = [known for known in pack.parameters if known.name in used]
    if not parameters:
        yield None, {}
        return
    for on in sorted({row.valid_from for known in parameters for row in known.rows}):
        rows = [(known.name, known.resolve(on=on)) for known in parameters]
        values = {name: row.value for name, row in rows if row is not None}
        if len(values) == len(parameters):
            yield on, values


def _all(table: ReadTable) -> Iterator[Expression]:
    for tests in table.tests:
        yield from tests


# Cutting columns --------------------------------------------------------------------------


def _columns(
    table: ReadTable,
    kinds: Mapping[str, FeelType],
    names: Mapping[str, Value],
    known: Known,
    owner: str,
) -> list[_Column]:
    columns: list[_Column] = []
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
    return tuple(allowed) if len(allowed) * len(tests) <= MOST_QUESTIONS else ()


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
) -> _Column:
    """Ask every test about every sample. Where there is none, only a dash surely holds."""
    holds: list[int] = []
    may_hold: list[int] = []
    askable = [_is_cut(test.tree, names) for test in tests]
    for sample in samples or (None,):
        sure = possible = 0
        for number, test in enumerate(tests):
            bit = 1 << number
            if isinstance(test.tree, ast.Dash):
                answer: bool | None = True
            else:
                answer = _ask(test, sample, names) if samples and askable[number] else None
            sure |= bit if answer is True else 0
            possible |= bit if answer is not False else 0
        holds.append(sure)
        may_hold.append(possible)
    return _Column(label, samples, tuple(holds), tuple(may_hold))


def _is_cut(tree: ast.Node, names: Mapping[str, Value]) -> bool:
    try:
        tuple(_ends(tree, names))
    except _Uncut:
        return False
    return True


# Searching --------------------------------------------------------------------------------


class _Table:
    def __init__(
        self,
        element: ReadElement,
        table: ReadTable,
        columns: Sequence[_Column],
        on: date | None,
    ) -> None:
        self.element = element
        self.table = table
        self.columns = columns
        self.on = on
        self.all = (1 << len(table.table.rules)) - 1
        self.steps = 0

    def findings(self) -> Iterator[Finding]:
        policy = self.table.table.hit_policy
        yield from self.gaps()
        if policy in {"UNIQUE", "ANY"}:
            yield from self.overlaps(is_any=policy == "ANY")
        yield from self.unreachable()
        if self.steps > MOST_STEPS:
            message = "too many combinations to look at all of them"
            yield self.found("not-analysed", message, "Split the table.")

    def found(
        self, code: str, message: str, remedy: str, *, row: str = "", position: str = ""
    ) -> Finding:
        when = f"{_WITH_PARAMETERS} {self.on.isoformat()})" if self.on else ""
        return Finding(
            "warning",
            f"table.{code}",
            f"{message}{when}",
            remedy,
            model=self.element.model,
            element=self.element.element,
            position=position or (f"rule {row}" if row else f"table {self.table.table.id}"),
            row=row,
        )

    def witness(self, pieces: Sequence[int]) -> str:
        """Write a case, leaving out the columns whose value no rule looks at."""
        parts = [
            f"{column.label} {text_of(column.samples[piece], inside=True)}"
            for column, piece in zip(self.columns, pieces, strict=True)
            if len(set(zip(column.holds, column.may_hold, strict=True))) > 1
        ]
        return ", ".join(parts) or "any case"

    # Gaps

    def gaps(self) -> Iterator[Finding]:
        if any(clause.default is not None for clause in self.table.table.outputs):
            return
        remedy = "Add a rule for it, or a default output if the law has one."
        for pieces in self.uncovered([column.may_hold for column in self.columns], self.all):
            yield self.found("gap", f"{self.witness(pieces)}: no rule", remedy)

    def uncovered(
        self, masks: Sequence[Sequence[int]], rules: int, within: int | None = None
    ) -> Iterator[tuple[int, ...]]:
        """Give a case that no rule of these covers, if there is one, inside the box of a rule."""
        dead: set[tuple[int, int]] = set()
        box = None if within is None else 1 << within

        def search(depth: int, alive: int, path: tuple[int, ...]) -> tuple[int, ...] | None:
            self.steps += 1
            if self.steps > MOST_STEPS:
                return None
            if depth == len(masks):
                return None if alive else path
            if (depth, alive) in dead:
                return None
            for piece, mask in enumerate(masks[depth]):
                if box is not None and not self.columns[depth].holds[piece] & box:
                    continue
                hit = search(depth + 1, alive & mask, (*path, piece))
                if hit is not None:
                    return hit
            dead.add((depth, alive))
            return None

        found = search(0, rules, ())
        if found is not None:
            yield found
            yield from self.more_gaps(found, masks, rules, within)

    def more_gaps(
        self,
        found: tuple[int, ...],
        masks: Sequence[Sequence[int]],
        rules: int,
        within: int | None,
    ) -> Iterator[tuple[int, ...]]:
        """Give gaps elsewhere: one search for each column, at the other pieces of that column."""
        if within is not None:
            return
        for depth in range(len(masks)):
            for piece in range(len(masks[depth])):
                if piece == found[depth]:
                    continue
                path = (*found[:depth], piece, *found[depth + 1 :])
                alive = rules
                for place, chosen in enumerate(path):
                    alive &= masks[place][chosen]
                if not alive and abs(piece - found[depth]) > 1:
                    yield path

    # Overlaps

    def overlaps(self, *, is_any: bool) -> Iterator[Finding]:
        rules = self.table.table.rules
        for first in range(len(rules)):
            others = self.all & ~((1 << (first + 1)) - 1)
            for column in self.columns:
                shared = 0
                for mask in column.holds:
                    shared |= mask if mask >> first & 1 else 0
                others &= shared
            while others:
                second = (others & -others).bit_length() - 1
                others &= others - 1
                if is_any and self.same_outputs(first, second):
                    continue
                yield self.overlap(first, second, is_any=is_any)

    def same_outputs(self, first: int, second: int) -> bool:
        one, other = (self.table.table.rules[number] for number in (first, second))
        pairs = zip(one.outputs, other.outputs, strict=True)
        return all(mine.text == theirs.text for mine, theirs in pairs)

    def overlap(self, first: int, second: int, *, is_any: bool) -> Finding:
        both = 1 << first | 1 << second
        pieces = [
            next(piece for piece, mask in enumerate(column.holds) if mask & both == both)
            for column in self.columns
        ]
        names = [self.table.table.rules[number].id for number in (first, second)]
        what = "differ" if is_any else "both answer"
        message = f"{self.witness(pieces)}: rules {names[0]} and {names[1]} {what}"
        remedy = "Narrow one of them, or choose a hit policy that says which rule wins."
        return self.found("overlap", message, remedy)

    # Rules nothing reaches

    def unreachable(self) -> Iterator[Finding]:
        for number, rule in enumerate(self.table.table.rules):
            bit = 1 << number
            for place, column in enumerate(self.columns):
                if not any(mask & bit for mask in column.may_hold):
                    test = self.table.table.rules[number].tests[place].text
                    message = f"no allowed value of {column.label} passes “{test}”"
                    remedy = "Correct the test, or remove the rule."
                    yield self.found("unreachable", message, remedy, row=rule.id)
                    break
            else:
                yield from self.hidden(number, rule.id)

    def hidden(self, number: int, identifier: str) -> Iterator[Finding]:
        """Find a rule of a FIRST table whose every case an earlier rule answers."""
        if self.table.table.hit_policy != "FIRST" or number == 0:
            return
        bit = 1 << number
        # Only a rule whose own tests were all cut can be said to be covered.
        if not all(any(mask & bit for mask in column.holds) for column in self.columns):
            return
        if any(
            mask & bit and not sure & bit
            for column in self.columns
            for mask, sure in zip(column.may_hold, column.holds, strict=True)
        ):
            return
        earlier = bit - 1
        masks = [column.holds for column in self.columns]
        if next(self.uncovered(masks, earlier, within=number), None) is None:
            if self.steps > MOST_STEPS:
                return
            message = "the rules before it answer all its cases"
            remedy = "Move it up, narrow those before it, or remove it."
            yield self.found("unreachable", message, remedy, row=identifier)
