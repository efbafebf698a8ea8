"""Types of columns: what is known of every value before the first row is read.

A number carries the interval it lies in and its decimals. That is what proofs rest on: whatever
fits 34 digits exactly is exact in the interpreter (decimal128) and in SQL (38 digits) alike.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Context, Decimal
from typing import Final, TypeAlias

# What the interpreter keeps exactly. SQL has 38; the difference is headroom, never used up.
MAX_DIGITS: Final = 34
# Bounds are computed far beyond the digits they may have, so that a proof never rounds itself.
EXACT: Final = Context(prec=400)


@dataclass(frozen=True, slots=True)
class NumberType:
    """Every value lies in [low, high] with at most ``scale`` decimals.

    quotients: divisions the value may come from unrounded. Then the column holds an approximation
    that only a rounding or a comparison may use; see ``division``.
    """

    low: Decimal
    high: Decimal
    scale: int
    nullable: bool
    quotients: tuple[int, ...] = ()

    @property
    def whole_digits(self) -> int:
        return whole_digits_of(max(self.low.copy_abs(), self.high.copy_abs()))

    @property
    def digits(self) -> int:
        """Digits of the widest value: those before the point (one at least) and the decimals."""
        return self.whole_digits + self.scale

    @property
    def fits(self) -> bool:
        return self.digits <= MAX_DIGITS

    @property
    def is_constant(self) -> bool:
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class TextType:
    """max_length in characters."""

    max_length: int
    nullable: bool


@dataclass(frozen=True, slots=True)
class BooleanType:
    nullable: bool


@dataclass(frozen=True, slots=True)
class DateType:
    """Days from low to high, both within the years 1 to 9999."""

    low: date
    high: date
    nullable: bool


@dataclass(frozen=True, slots=True)
class MonthsType:
    """A years and months duration, held as its number of months."""

    low: int
    high: int
    nullable: bool


@dataclass(frozen=True, slots=True)
class DaysType:
    """A days and time duration of whole days, held as its number of days."""

    low: int
    high: int
    nullable: bool


@dataclass(frozen=True, slots=True)
class NullType:
    """The type of null alone."""

    nullable: bool = True


ScalarType: TypeAlias = (
    NumberType | TextType | BooleanType | DateType | MonthsType | DaysType | NullType
)


@dataclass(frozen=True, slots=True)
class StructType:
    """A context: its fields by name, in order. As the item of a list it is never null."""

    fields: tuple[tuple[str, ScalarType], ...]
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class ListType:
    """A list column: at most max_items items, none of them null."""

    item: "StructType | ScalarType"
    max_items: int
    nullable: bool


ColumnType: TypeAlias = ScalarType | ListType | StructType

BOOLEAN: Final = BooleanType(nullable=False)
MAYBE: Final = BooleanType(nullable=True)
FIRST_DAY: Final = date(1, 1, 1)
LAST_DAY: Final = date(9999, 12, 31)


def kind_name(kind: ColumnType) -> str:
    """Name a type for refusals, by the words of FEEL."""
    return _NAMES[type(kind)]


_NAMES: Final = {
    NumberType: "number",
    TextType: "string",
    BooleanType: "boolean",
    DateType: "date",
    MonthsType: "years and months duration",
    DaysType: "days and time duration",
    NullType: "null",
    ListType: "list",
    StructType: "context",
}


def with_null(kind: ScalarType, *, nullable: bool) -> ScalarType:
    """Give the same type, with or without null."""
    if isinstance(kind, NullType) or kind.nullable == nullable:
        return kind
    return replace(kind, nullable=nullable)


def decimals_of(value: Decimal) -> int:
    """Count the decimals a value needs: 1.50 needs one, 1E+3 none."""
    _, digits, exponent = value.normalize(EXACT).as_tuple()
    return max(0, -exponent) if isinstance(exponent, int) and digits != (0,) else 0


def whole_digits_of(value: Decimal) -> int:
    """Count the digits before the point, one at least, without writing out a huge number."""
    return value.adjusted() + 1 if value.copy_abs() >= 1 else 1


def number_type(value: Decimal) -> NumberType:
    return NumberType(value, value, decimals_of(value), nullable=False)


def whole(low: int, high: int, *, nullable: bool) -> NumberType:
    return NumberType(Decimal(low), Decimal(high), 0, nullable)


def is_within(narrow: ColumnType, wide: ColumnType) -> bool:
    """Say whether a column of the wide type can hold every value of the narrow one, or null."""
    if isinstance(narrow, NullType):
        return True
    if isinstance(narrow, NumberType) and isinstance(wide, NumberType):
        return narrow.scale <= wide.scale and narrow.whole_digits <= wide.whole_digits
    return type(narrow) is type(wide)


def union(  # noqa: PLR0911 - one line per kind
    left: ScalarType, right: ScalarType
) -> ScalarType | None:
    """Give the narrowest type of values of either; None where the kinds differ."""
    nullable = left.nullable or right.nullable
    if isinstance(left, NullType):
        return with_null(right, nullable=True)
    if isinstance(right, NullType):
        return with_null(left, nullable=True)
    match left, right:
        case NumberType(), NumberType():
            return NumberType(
                min(left.low, right.low),
                max(left.high, right.high),
                max(left.scale, right.scale),
                nullable,
                tuple(sorted({*left.quotients, *right.quotients})),
            )
        case TextType(), TextType():
            return TextType(max(left.max_length, right.max_length), nullable)
        case BooleanType(), BooleanType():
            return BooleanType(nullable)
        case DateType(), DateType():
            return DateType(min(left.low, right.low), max(left.high, right.high), nullable)
        case MonthsType(), MonthsType():
            return MonthsType(min(left.low, right.low), max(left.high, right.high), nullable)
        case DaysType(), DaysType():
            return DaysType(min(left.low, right.low), max(left.high, right.high), nullable)
        case _:
            return None
