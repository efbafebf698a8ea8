"""Nodes to SQL: one emitter for all dialects, with hooks where they part.

A dialect overrides the methods under *Hooks*; everything else is standard SQL. Every text given
for an expression can stand anywhere an operand can: it is a name, a literal, a call or bracketed.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from amparo.rules.ir import nodes
from amparo.rules.ir.nodes import Aggregate, Column, Expr
from amparo.rules.ir.plan import ItemRelation
from amparo.rules.ir.types import (
    BooleanType,
    ColumnType,
    DateType,
    DaysType,
    ListType,
    MonthsType,
    NullType,
    NumberType,
    StructType,
    TextType,
)

# The column that the reading of a source adds: the place of the row in it, from 0.
SOURCE_ROW: Final = "__source_row"
# Columns every relation has: the number of the claim, and in a list the place of the item.
ROW: Final = "__row"
PLACE: Final = "__place"
# An item of a list, and its place, in a fold of the list where it stands.
ITEM: Final = "__item"
AT: Final = "__at"
# The year 0000 is one to FEEL and the year 1 before Christ to SQL: the interpreter reads it.
YEAR_FROM_1: Final = "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"


class Emitter:
    """Standard SQL with the hooks of a dialect. One emitter writes one statement.

    of_item: while a list is folded where it stands, what the columns of its items stand for.
    in_words: results to be written as words of a short list, where they are that.
    """

    def __init__(self) -> None:
        self.of_item: Mapping[str, str] = {}
        self.in_words: frozenset[str] = frozenset()

    # Hooks --------------------------------------------------------------------------------

    def quote(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def text_literal(self, value: str) -> str:
        return "'" + value.replace("'", "''") + "'"

    def type_name(self, kind: ColumnType) -> str:  # noqa: PLR0911 - one per kind
        match kind:
            case NumberType():
                return f"DECIMAL({kind.digits}, {kind.scale})"
            case TextType():
                return "VARCHAR"
            case BooleanType() | NullType():
                return "BOOLEAN"
            case DateType():
                return "DATE"
            case MonthsType() | DaysType():
                return "BIGINT"
            case ListType():
                return f"{self.type_name(kind.item)}[]"
            case StructType():
                fields = ", ".join(
                    f"{self.quote(name)} {self.type_name(field)}" for name, field in kind.fields
                )
                return f"STRUCT({fields})"

    def product(self, node: nodes.Arithmetic) -> str:
        """Multiply two decimals exactly; every result fits ``node.type``."""
        return f"{self.emit(node.left)} * {self.emit(node.right)}"

    def quotient(self, node: nodes.Quotient) -> str:
        """Divide two decimals, rounding once, half to even; null where the divisor is zero."""
        raise NotImplementedError

    def half_up(self, operand: str, places: int) -> str:
        """Round a decimal half away from zero."""
        return f"round({operand}, {places})"

    def half_even(self, operand: str, places: int) -> str:
        raise NotImplementedError

    def weekday(self, operand: str) -> str:
        """Give 1 for Monday to 7 for Sunday."""
        return f"extract(ISODOW FROM {operand})"

    def make_date(self, year: str, month: str, day: str) -> str:
        """Make a date of parts that are known to name a day of the calendar."""
        return f"make_date({year}, {month}, {day})"

    def add_months(self, operand: str, months: str) -> str:
        raise NotImplementedError

    def add_days(self, operand: str, days: str) -> str:
        return f"({operand} + CAST({days} AS INTEGER))"

    def days_between(self, start: str, end: str) -> str:
        return f"({end} - {start})"

    def read_date(self, text: str) -> str:
        """Read a text known to look like YYYY-MM-DD; null for a day that does not exist."""
        return f"TRY_CAST({text} AS DATE)"

    def matches(self, node: nodes.Matches) -> str:
        raise NotImplementedError

    def text_test(self, kind: str, text: str, match: str) -> str:
        raise NotImplementedError

    def slice(self, text: str, start: str, length: str | None) -> str:
        arguments = [text, start] if length is None else [text, start, length]
        return f"substring({', '.join(arguments)})"

    def unnested(self, relation: ItemRelation, source: str, captured: Sequence[str]) -> str:
        """Give the SELECT that makes a row of every item: row, place from 1, captured, fields."""
        raise NotImplementedError

    def list_fold(
        self,
        node: Aggregate,  # noqa: ARG002
        column: str,  # noqa: ARG002
        value: str | None,  # noqa: ARG002
        where: str | None,  # noqa: ARG002
    ) -> str | None:
        """Fold a list where it stands; value and where are of one item, called ITEM.

        None where the dialect cannot: the list is then taken apart and grouped by claim.
        """
        return None

    def list_taken(
        self,
        column: str,  # noqa: ARG002
        value: str,  # noqa: ARG002
        where: str | None,  # noqa: ARG002
    ) -> str | None:
        """Give the list of a value of each item for which a condition is true; as of list_fold."""
        return None

    def list_of(self, value: str, where: str | None) -> str | None:  # noqa: ARG002
        """Collect a value of each item of a claim, where a condition is true, into a list."""
        return None

    def list_sorted(self, column: str, *, descends: bool) -> str | None:  # noqa: ARG002
        """Sort a list of values that are not null."""
        return None

    def list_distinct(
        self,
        node: Aggregate,  # noqa: ARG002
        column: str,  # noqa: ARG002
        kind: ColumnType,  # noqa: ARG002
    ) -> str | None:
        """Count the different values of a list of which none is null. kind: of the values."""
        return None

    def word(self, value: str | None, words: Sequence[str]) -> str:  # noqa: ARG002
        """Write a word of a list that is known before any row is read."""
        return self.constant(nodes.Constant(TextType(0, nullable=True), value))

    def common_table(self, name: str, query: str, *, times_used: int) -> str:  # noqa: ARG002
        """Name a query; a dialect may ask to compute it once where it is read more than once."""
        return f"{self.quote(name)} AS (\n  {query}\n)"

    def all_but(self, relation: str, dropped: Sequence[str]) -> str:  # noqa: ARG002
        """Choose all columns of a relation; a dialect may leave out those nobody reads again."""
        return f"{relation}.*"

    def row_number(self) -> str:
        """Give the place of a row in its source, from 0."""
        raise NotImplementedError

    def loaded(self, column: str, kind: ColumnType) -> str:
        """Read a column of the source in its declared type; null where it does not fit."""
        return f"TRY_CAST({column} AS {self.type_name(kind)})"

    def item_of(self, values: Sequence[nodes.Constant], kind: ColumnType, place: str) -> str:
        """Take one of some constants by its place, from 1; it is known to be in the list."""
        raise NotImplementedError

    def list_length(self, column: str) -> str:
        raise NotImplementedError

    def any_item(self, column: str, name: str, condition: str) -> str:
        """Say whether a condition, in which an item bears this name, holds for one; never null."""
        raise NotImplementedError

    # Expressions --------------------------------------------------------------------------

    def emit(self, node: Expr) -> str:
        return _EMIT[type(node)](self, node)

    def typed(self, node: Expr, want: ColumnType) -> str:
        """Emit with the SQL type of ``want``; a cast of this kind never changes a value."""
        if isinstance(node, nodes.Constant):
            return self.constant(nodes.Constant(want, node.value))
        if self.type_name(node.type) == self.type_name(want):
            return self.emit(node)
        return f"CAST({self.emit(node)} AS {self.type_name(want)})"

    def worded(self, node: Expr) -> str | None:
        """Write a choice between constant texts as words; None for any other expression."""
        words = _words(node)
        return None if words is None else self._worded(node, list(dict.fromkeys(words)))

    def _worded(self, node: Expr, words: Sequence[str]) -> str:
        if not isinstance(node, nodes.Case):
            value = node.value if isinstance(node, nodes.Constant) else None
            return self.word(value if isinstance(value, str) else None, words)
        ways = (
            f"WHEN {self.emit(condition)} THEN {self._worded(value, words)}"
            for condition, value in node.branches
        )
        return f"CASE {' '.join(ways)} ELSE {self._worded(node.otherwise, words)} END"

    def column(self, node: Column) -> str:
        return self.of_item.get(node.name) or self.quote(node.name)

    def field(self, node: nodes.Field) -> str:
        return f"{self.emit(node.operand)}.{self.quote(node.name)}"

    def constant(self, node: nodes.Constant) -> str:
        value = node.value
        match value:
            case None:
                return f"CAST(NULL AS {self.type_name(node.type)})"
            case bool():
                return "TRUE" if value else "FALSE"
            case Decimal():
                return f"CAST({self.text_literal(f'{value:f}')} AS {self.type_name(node.type)})"
            case str():
                return self.text_literal(value)
            case date():
                return f"DATE '{value.isoformat()}'"
            case _:
                return f"CAST({value} AS {self.type_name(node.type)})"

    def arithmetic(self, node: nodes.Arithmetic) -> str:
        kind = node.type
        if node.operator == "*" and isinstance(kind, NumberType):
            return f"CAST({self.product(node)} AS {self.type_name(kind)})"
        wide = _covering(kind, node.left.type, node.right.type)
        left, right = self.typed(node.left, wide), self.typed(node.right, wide)
        return f"CAST({left} {node.operator} {right} AS {self.type_name(kind)})"

    def remainder(self, node: nodes.Remainder) -> str:
        left, right = self.emit(node.left), f"nullif({self.emit(node.right)}, 0)"
        return f"CAST({left} % {right} AS {self.type_name(node.type)})"

    def divided(self, node: nodes.Quotient) -> str:
        return f"CAST({self.quotient(node)} AS {self.type_name(node.type)})"

    def rounded(self, node: nodes.Round) -> str:
        way = self.half_up if node.mode == "half-up" else self.half_even
        return f"CAST({way(self.emit(node.operand), node.places)} AS {self.type_name(node.type)})"

    def negated(self, node: nodes.Negate) -> str:
        return f"(- {self.typed(node.operand, node.type)})"

    def absolute(self, node: nodes.Absolute) -> str:
        return f"abs({self.typed(node.operand, node.type)})"

    def comparison(self, node: nodes.Compare) -> str:
        left, right = self._same_type(node.left, node.right)
        return f"({left} {node.operator} {right})"

    def _same_type(self, *items: Expr) -> list[str]:
        """Emit decimals of several scales in one type that holds them all."""
        if not all(isinstance(item.type, NumberType) for item in items):
            return [self.emit(item) for item in items]
        want = _covering(*(item.type for item in items))
        return [self.typed(item, want) for item in items]

    def conjunction(self, node: nodes.And) -> str:
        return "(" + " AND ".join(self.emit(item) for item in node.items) + ")"

    def disjunction(self, node: nodes.Or) -> str:
        return "(" + " OR ".join(self.emit(item) for item in node.items) + ")"

    def inversion(self, node: nodes.Not) -> str:
        return f"(NOT {self.emit(node.operand)})"

    def null_test(self, node: nodes.IsNull) -> str:
        return f"({self.emit(node.operand)} IS NULL)"

    def truth_test(self, node: nodes.IsTrue) -> str:
        return f"coalesce({self.emit(node.operand)}, FALSE)"

    def case(self, node: nodes.Case) -> str:
        values = [node.otherwise, *(value for _, value in node.branches)]
        wide = _covering(node.type, *(value.type for value in values))
        branches = " ".join(
            f"WHEN {self.emit(condition)} THEN {self.typed(value, wide)}"
            for condition, value in node.branches
        )
        found = f"CASE {branches} ELSE {self.typed(node.otherwise, wide)} END"
        want = self.type_name(node.type)
        return found if want == self.type_name(wide) else f"CAST({found} AS {want})"

    def looked_up(self, node: nodes.Lookup) -> str:
        """Take the value by its place in a list of all values; numbers between have null."""
        known = dict(node.rows)
        low, high = node.rows[0][0], node.rows[-1][0]
        nothing = nodes.Constant(node.type, None)
        values = [known.get(at, nothing) for at in range(low, high + 1)]
        key = self.emit(node.key)
        place = f"CAST({key} AS INTEGER) - {low - 1}"
        found = self.item_of(values, node.type, place)
        return f"CASE WHEN {key} BETWEEN {low} AND {high} THEN {found} END"

    def extreme(self, node: nodes.Extreme) -> str:
        """Guard least and greatest, which skip null where FEEL does not."""
        function = "least" if node.kind == "min" else "greatest"
        found = f"{function}({', '.join(self._same_type(*node.items))})"
        if isinstance(node.type, NumberType):
            found = f"CAST({found} AS {self.type_name(node.type)})"
        absent = [f"{self.emit(item)} IS NULL" for item in node.items if item.type.nullable]
        if not absent:
            return found
        nothing = self.constant(nodes.Constant(node.type, None))
        return f"CASE WHEN {' OR '.join(absent)} THEN {nothing} ELSE {found} END"

    def part_of_date(self, node: nodes.PartOfDate) -> str:
        operand = self.emit(node.operand)
        if node.part == "weekday":
            found = self.weekday(operand)
        else:
            found = f"extract({node.part.upper()} FROM {operand})"
        return f"CAST({found} AS {self.type_name(node.type)})"

    def date_made(self, node: nodes.MakeDate) -> str:
        """Make a date only of parts the calendar has; the others give null."""
        year, month, day = (self._whole(part) for part in (node.year, node.month, node.day))
        leap = f"({year} % 4 = 0 AND ({year} % 100 <> 0 OR {year} % 400 = 0))"
        length = (
            f"CASE WHEN {month} = 2 THEN CASE WHEN {leap} THEN 29 ELSE 28 END "
            f"WHEN {month} IN (4, 6, 9, 11) THEN 30 ELSE 31 END"
        )
        exists = f"{month} BETWEEN 1 AND 12 AND {day} BETWEEN 1 AND {length}"
        return f"CASE WHEN {exists} THEN {self.make_date(year, month, day)} END"

    def _whole(self, node: Expr) -> str:
        return f"CAST({self.emit(node)} AS INTEGER)"

    def months_added(self, node: nodes.AddMonths) -> str:
        return self.add_months(self.emit(node.date), self.emit(node.months))

    def days_added(self, node: nodes.AddDays) -> str:
        return self.add_days(self.emit(node.date), self.emit(node.days))

    def days_counted(self, node: nodes.DaysBetween) -> str:
        found = self.days_between(self.emit(node.start), self.emit(node.end))
        return f"CAST({found} AS {self.type_name(node.type)})"

    def date_read(self, node: nodes.ReadDate) -> str:
        text = self.emit(node.text)
        form = self.matches(_shape(node.text, f"^{YEAR_FROM_1}-[0-9]{{2}}-[0-9]{{2}}"))
        return f"CASE WHEN {form} THEN {self.read_date(text)} END"

    def whole_read(self, node: nodes.ReadWhole) -> str:
        form = self.matches(_shape(node.text, "^-?[0-9]+"))
        kind = self.type_name(node.type)
        return f"CASE WHEN {form} THEN CAST({self.emit(node.text)} AS {kind}) END"

    def joined(self, node: nodes.Join) -> str:
        return "(" + " || ".join(self.emit(item) for item in node.items) + ")"

    def text_length(self, node: nodes.Length) -> str:
        return f"CAST(length({self.emit(node.text)}) AS {self.type_name(node.type)})"

    def sliced(self, node: nodes.Slice) -> str:
        length = None if node.length is None else self._whole(node.length)
        return self.slice(self.emit(node.text), self._whole(node.start), length)

    def text_tested(self, node: nodes.TextTest) -> str:
        return self.text_test(node.kind, self.emit(node.text), self.emit(node.match))

    def ranked(self, node: nodes.Rank) -> str:
        keys = [f"{self.emit(key)} {'DESC' if down else 'ASC'}" for key, down in node.by]
        order = ", ".join([*keys, self.quote(PLACE)])
        among = self.quote(ROW)
        for apart in (*(() if node.where is None else (node.where,)), *node.among):
            among += f", {self.emit(apart)}"
        found = f"row_number() OVER (PARTITION BY {among} ORDER BY {order})"
        cast = f"CAST({found} AS {self.type_name(node.type)})"
        if node.where is None:
            return cast
        return f"CASE WHEN {self.emit(node.where)} THEN {cast} END"

    def aggregate(self, node: Aggregate) -> str:
        """Emit inside the grouping of the items, where a claim without items has no row."""
        value = "1" if node.value is None else self.emit(node.value)
        match node.kind:
            case "count":
                found = "count(*)"
            case "any":
                found = f"max(CASE WHEN {value} THEN 1 ELSE 0 END)"
            case "one":
                found = f"max({value})"
            case _:
                found = f"{node.kind}({value})"
        return found if node.where is None else f"{found} FILTER (WHERE {self.emit(node.where)})"

    def aggregated(self, node: Aggregate, column: str) -> str:
        """Read a grouped value beside its claim: none is nought, false or null."""
        kind = self.type_name(node.type)
        if node.kind == "any":
            return f"(coalesce({column}, 0) = 1)"
        if node.kind == "count":
            return f"CAST(coalesce({column}, 0) AS {kind})"
        return f"CAST({column} AS {kind})"


def _covering(*kinds: ColumnType) -> ColumnType:
    """Give the type in which decimals of all these types can stand; other kinds are all alike."""
    numbers = [kind for kind in kinds if isinstance(kind, NumberType)]
    if not numbers:
        return kinds[0]
    low, high = min(kind.low for kind in numbers), max(kind.high for kind in numbers)
    return NumberType(low, high, max(kind.scale for kind in numbers), nullable=True)


def _words(node: Expr) -> list[str] | None:
    """Give every text that a choice between constants may come to."""
    match node:
        case nodes.Constant(value=str() as value):
            return [value]
        case nodes.Constant(value=None):
            return []
        case nodes.Case():
            found: list[str] = []
            for chosen in (*(value for _, value in node.branches), node.otherwise):
                words = _words(chosen)
                if words is None:
                    return None
                found += words
            return found
        case _:
            return None


def _shape(text: Expr, pattern: str) -> nodes.Matches:
    """Ask whether a whole text has a form."""
    return nodes.Matches(BooleanType(text.type.nullable), text, pattern, "all")


_EMIT: Final[Mapping[type[Expr], Callable[..., str]]] = {
    Column: Emitter.column,
    nodes.Field: Emitter.field,
    nodes.Constant: Emitter.constant,
    nodes.Arithmetic: Emitter.arithmetic,
    nodes.Remainder: Emitter.remainder,
    nodes.Quotient: Emitter.divided,
    nodes.Round: Emitter.rounded,
    nodes.Negate: Emitter.negated,
    nodes.Absolute: Emitter.absolute,
    nodes.Compare: Emitter.comparison,
    nodes.And: Emitter.conjunction,
    nodes.Or: Emitter.disjunction,
    nodes.Not: Emitter.inversion,
    nodes.IsNull: Emitter.null_test,
    nodes.IsTrue: Emitter.truth_test,
    nodes.Case: Emitter.case,
    nodes.Extreme: Emitter.extreme,
    nodes.Lookup: Emitter.looked_up,
    nodes.PartOfDate: Emitter.part_of_date,
    nodes.MakeDate: Emitter.date_made,
    nodes.AddMonths: Emitter.months_added,
    nodes.AddDays: Emitter.days_added,
    nodes.DaysBetween: Emitter.days_counted,
    nodes.ReadDate: Emitter.date_read,
    nodes.ReadWhole: Emitter.whole_read,
    nodes.Join: Emitter.joined,
    nodes.Length: Emitter.text_length,
    nodes.Slice: Emitter.sliced,
    nodes.TextTest: Emitter.text_tested,
    nodes.Matches: lambda emitter, node: emitter.matches(node),
    nodes.Rank: Emitter.ranked,
}
