"""The nodes of an expression over columns: few, total and the same on every backend.

Null follows SQL: an operator with a null operand gives null, unless its line here says otherwise.
FEEL's own rules for null are spelled out by the lowering in these terms, so that an emitter needs
to know none of them. Every node is frozen; equal nodes are interchangeable.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from amparo.rules.ir.types import (
    BOOLEAN,
    BooleanType,
    ColumnType,
    DateType,
    NullType,
    ScalarType,
    TextType,
    number_type,
)

Relation: TypeAlias = int
# The relation of claims: one row each. Others hold the items of a list, one row an item.
ROWS: Final[Relation] = 0

RoundingMode: TypeAlias = Literal["half-up", "half-even"]
Comparator: TypeAlias = Literal["=", "<", "<=", ">", ">="]
DatePart: TypeAlias = Literal["year", "month", "day", "weekday"]


@dataclass(frozen=True, slots=True)
class Expr:
    type: ColumnType


@dataclass(frozen=True, slots=True)
class Column(Expr):
    """A column of a relation: an input, or the step of that name."""

    relation: Relation
    name: str


@dataclass(frozen=True, slots=True)
class Field(Expr):
    """A field of a context column; null where the context is."""

    operand: Expr
    name: str


@dataclass(frozen=True, slots=True)
class Constant(Expr):
    """value None is null. Months and days are whole numbers."""

    value: Decimal | str | bool | date | int | None


@dataclass(frozen=True, slots=True)
class Arithmetic(Expr):
    """Exact: the type holds every result, and the emitter must not compute in anything narrower."""

    operator: Literal["+", "-", "*"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Remainder(Expr):
    """What truncating division leaves, with the dividend's sign; null where the divisor is zero."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Quotient(Expr):
    """Division rounded once, half to even, to ``decimals``; null where the divisor is zero."""

    left: Expr
    right: Expr
    decimals: int


@dataclass(frozen=True, slots=True)
class Round(Expr):
    """Round to ``places`` decimals, none or more; the other modes are derived from these two."""

    operand: Expr
    places: int
    mode: RoundingMode


@dataclass(frozen=True, slots=True)
class Negate(Expr):
    operand: Expr


@dataclass(frozen=True, slots=True)
class Absolute(Expr):
    operand: Expr


@dataclass(frozen=True, slots=True)
class Compare(Expr):
    """Ordering or equality of two values of one kind; text by code points."""

    operator: Comparator
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class And(Expr):
    """Three-valued, as SQL and FEEL have it."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or(Expr):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Not(Expr):
    operand: Expr


@dataclass(frozen=True, slots=True)
class IsNull(Expr):
    """Never null itself."""

    operand: Expr


@dataclass(frozen=True, slots=True)
class IsTrue(Expr):
    """True where the operand is true, false where it is false or null."""

    operand: Expr


@dataclass(frozen=True, slots=True)
class Case(Expr):
    """The value of the first branch whose condition is true; else ``otherwise``."""

    branches: tuple[tuple[Expr, Expr], ...]
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class Lookup(Expr):
    """The value beside a whole number in a table; null for a number the table has not, and null.

    rows: in ascending order, each number once.
    """

    key: Expr
    rows: tuple[tuple[int, Constant], ...]


@dataclass(frozen=True, slots=True)
class Extreme(Expr):
    """The least or greatest of values of one kind; null as soon as one is null."""

    kind: Literal["min", "max"]
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class PartOfDate(Expr):
    """weekday: 1 for Monday to 7 for Sunday."""

    part: DatePart
    operand: Expr


@dataclass(frozen=True, slots=True)
class MakeDate(Expr):
    """Null where the calendar has no such day. Year 1 to 9999; month and day are any number."""

    year: Expr
    month: Expr
    day: Expr


@dataclass(frozen=True, slots=True)
class AddMonths(Expr):
    """Move by calendar months; where the month is too short its last day is taken."""

    date: Expr
    months: Expr


@dataclass(frozen=True, slots=True)
class AddDays(Expr):
    date: Expr
    days: Expr


@dataclass(frozen=True, slots=True)
class DaysBetween(Expr):
    """The days from ``start`` to ``end``, negative where the end comes first."""

    start: Expr
    end: Expr


@dataclass(frozen=True, slots=True)
class ReadDate(Expr):
    """A text YYYY-MM-DD as a date; null for any other text and for a day that does not exist."""

    text: Expr


@dataclass(frozen=True, slots=True)
class ReadWhole(Expr):
    """A text of an optional minus and digits as a number; null for any other text."""

    text: Expr


@dataclass(frozen=True, slots=True)
class Join(Expr):
    """Texts one after the other."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Length(Expr):
    """Characters (code points) of a text."""

    text: Expr


@dataclass(frozen=True, slots=True)
class Slice(Expr):
    """``length`` characters of a text from ``start`` (from 1; the lowering guards the bounds)."""

    text: Expr
    start: Expr
    length: Expr | None


@dataclass(frozen=True, slots=True)
class TextTest(Expr):
    kind: Literal["contains", "starts with", "ends with"]
    text: Expr
    match: Expr


@dataclass(frozen=True, slots=True)
class Matches(Expr):
    """Whether a pattern is found in a text.

    pattern: literals, ASCII classes, groups, |, a leading ^, ? + and {n}, on which all regular
    expressions agree. until: where the pattern must have come to. "all": the end of the text, as $
    of XPath has it; "": anywhere.
    """

    text: Expr
    pattern: str
    until: Literal["all", ""]


@dataclass(frozen=True, slots=True)
class Aggregate(Expr):
    """One value per claim over the items of a relation: a whole step of the claims, never a part.

    Only items for which ``where`` is true take part. count: how many. sum: exact, null for none.
    min, max: null for none; nulls among the items are skipped (the lowering asks for them apart).
    any: whether one is true, false for none. one: the value where ``where`` holds for one item.
    """

    kind: Literal["count", "sum", "min", "max", "any", "one"]
    over: Relation
    value: Expr | None
    where: Expr | None


@dataclass(frozen=True, slots=True)
class Rank(Expr):
    """The place of an item among those of its claim for which ``where`` is true, from 1.

    by: keys, each with whether it descends; equal keys keep the order of the list. Items left out
    have null. among: only items equal in these are counted together; null equals null.
    """

    over: Relation
    by: tuple[tuple[Expr, bool], ...]
    where: Expr | None
    among: tuple[Expr, ...] = ()


TRUE: Final = Constant(BOOLEAN, value=True)
FALSE: Final = Constant(BOOLEAN, value=False)
NULL: Final = Constant(NullType(), value=None)
# A truth value that is null on every row.
MAYBE_NULL: Final = Constant(BooleanType(nullable=True), value=None)


def number(value: Decimal | int) -> Constant:
    exact = Decimal(value)
    return Constant(number_type(exact), exact)


def text(value: str) -> Constant:
    return Constant(TextType(len(value), nullable=False), value)


def day(value: date) -> Constant:
    return Constant(DateType(value, value, nullable=False), value)


def null_of(kind: ScalarType) -> Constant:
    return Constant(kind, None)


def parts(node: Expr) -> Iterator[Expr]:
    """Give the expressions directly inside a node, but for the constants of a table."""
    for name in _inner(type(node)):
        yield from _expressions(getattr(node, name))


def _inner(kind: type[Expr]) -> tuple[str, ...]:
    """Name the fields of a node that hold expressions."""
    if kind.__name__ not in _INNER:
        held = {name: str(field.type) for name, field in kind.__dataclass_fields__.items()}
        _INNER[kind.__name__] = tuple(name for name, of in held.items() if ".Expr" in of)
    return _INNER[kind.__name__]


_INNER: Final[dict[str, tuple[str, ...]]] = {}


def _expressions(value: object) -> Iterator[Expr]:
    if isinstance(value, Expr):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _expressions(item)


def columns_in(node: Expr) -> Iterator[Column]:
    """Give every column an expression reads."""
    if isinstance(node, Column):
        yield node
        return
    for part in parts(node):
        yield from columns_in(part)


def all_of(*conditions: Expr) -> Expr:
    """Join conditions by *and*, leaving out what is certain."""
    kept: dict[Expr, None] = {}
    for condition in conditions:
        for item in condition.items if isinstance(condition, And) else (condition,):
            if item == FALSE:
                return FALSE
            if item != TRUE:
                kept[item] = None
    if not kept:
        return TRUE
    items = tuple(kept)
    nullable = any(item.type.nullable for item in items)
    return items[0] if len(items) == 1 else And(BooleanType(nullable), items)


def any_of(*conditions: Expr) -> Expr:
    """Join conditions by *or*, leaving out what is certain."""
    kept: dict[Expr, None] = {}
    for condition in conditions:
        for item in condition.items if isinstance(condition, Or) else (condition,):
            if item == TRUE:
                return TRUE
            if item != FALSE:
                kept[item] = None
    if not kept:
        return FALSE
    items = tuple(kept)
    nullable = any(item.type.nullable for item in items)
    return items[0] if len(items) == 1 else Or(BooleanType(nullable), items)


def negation(condition: Expr) -> Expr:
    if condition in (TRUE, FALSE):
        return FALSE if condition == TRUE else TRUE
    if isinstance(condition, Not):
        return condition.operand
    return Not(condition.type, condition)


def is_null(operand: Expr) -> Expr:
    if isinstance(operand, Constant):
        return TRUE if operand.value is None else FALSE
    return IsNull(BOOLEAN, operand) if operand.type.nullable else FALSE


def is_true(operand: Expr) -> Expr:
    if isinstance(operand, Constant):
        return TRUE if operand.value is True else FALSE
    return IsTrue(BOOLEAN, operand) if operand.type.nullable else operand


def is_constant_null(operand: Expr) -> bool:
    return isinstance(operand, Constant) and operand.value is None
