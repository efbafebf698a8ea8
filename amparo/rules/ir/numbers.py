"""Arithmetic with proofs: every result carries its interval and decimals, or is refused.

Division. Dividend A·10^-s1, divisor B·10^-s2 with |B| < 10^p, next use rounds to, or compares
with, n decimals. A quotient that is not itself a boundary lies more than ½·10^-(N+p) from the
nearest one, N = max(n, s1 - s2). So m = N + p + 1 decimals, rounded half to even, stay on the right
side of it, and so do the 34 digits of the interpreter where the digits before the point and m
together are at most 34. The same holds for a quotient plus an exact number, with that number's
decimals in N, and through min, max and if, since rounding is monotone. Any other use is refused.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)
from typing import Final, Literal

from amparo.rules.ir.builder import Builder
from amparo.rules.ir.nodes import (
    Absolute,
    Arithmetic,
    Case,
    Comparator,
    Compare,
    Constant,
    Expr,
    Extreme,
    Negate,
    Quotient,
    Remainder,
    Round,
    all_of,
    is_null,
    null_of,
    number,
)
from amparo.rules.ir.refused import Refused
from amparo.rules.ir.types import (
    EXACT,
    MAX_DIGITS,
    BooleanType,
    NumberType,
    whole_digits_of,
)

SQL_DIGITS: Final = 38
NARROWER: Final = "Declare narrower ranges or fewer decimals in the schema, or round earlier."
ROUND_FIRST: Final = "Round first, or multiply before dividing."
ZERO: Final = Decimal(0)
HALF: Final = Decimal("0.5")


def number_kind(value: Expr) -> NumberType:
    assert isinstance(value.type, NumberType)  # noqa: S101 - the caller asked for the kind
    return value.type


def checked(kind: NumberType, most: int = MAX_DIGITS) -> NumberType:
    """Refuse a result that may have more digits than both sides hold exactly."""
    if kind.digits > most:
        raise Refused(f"A result may have {kind.digits} digits, and {most} are exact", NARROWER)
    return kind


def _covered(*kinds: NumberType) -> None:
    """Refuse numbers that no one type of SQL can hold side by side."""
    widest = max(kind.whole_digits for kind in kinds) + max(kind.scale for kind in kinds)
    if widest > SQL_DIGITS:
        raise Refused(f"Numbers of together {widest} digits meet; SQL has {SQL_DIGITS}", NARROWER)


def _exact(value: Expr, use: str) -> NumberType:
    kind = number_kind(value)
    if kind.quotients:
        raise Refused(f"A quotient that is not rounded is used in {use}", ROUND_FIRST)
    return kind


def add(builder: Builder, left: Expr, right: Expr, operator: Literal["+", "-"]) -> Expr:
    mine, theirs = number_kind(left), number_kind(right)
    if mine.quotients and theirs.quotients:
        raise Refused("Two quotients that are not rounded are added", ROUND_FIRST)
    low, high = (
        (EXACT.add(mine.low, theirs.low), EXACT.add(mine.high, theirs.high))
        if operator == "+"
        else (EXACT.subtract(mine.low, theirs.high), EXACT.subtract(mine.high, theirs.low))
    )
    scale = max(mine.scale, theirs.scale)
    exact_scale = theirs.scale if mine.quotients else mine.scale
    moved = tuple(
        builder.moved_quotient(known, exact_scale) for known in (*mine.quotients, *theirs.quotients)
    )
    kind = checked(NumberType(low, high, scale, mine.nullable or theirs.nullable, moved))
    if moved:
        builder.need(kind, exact_scale)
    _covered(kind, mine, theirs)
    return Arithmetic(kind, operator, left, right)


def multiply(left: Expr, right: Expr) -> Expr:
    mine, theirs = _exact(left, "a product"), _exact(right, "a product")
    corners = [
        EXACT.multiply(one, other)
        for one in (mine.low, mine.high)
        for other in (theirs.low, theirs.high)
    ]
    nullable = mine.nullable or theirs.nullable
    scale = mine.scale + theirs.scale
    kind = checked(NumberType(min(corners), max(corners), scale, nullable))
    return Arithmetic(kind, "*", left, right)


def divide(builder: Builder, left: Expr, right: Expr) -> Expr:
    mine, theirs = _exact(left, "a division"), _exact(right, "a division")
    if isinstance(right, Constant) and isinstance(right.value, Decimal):
        inverse = _finite_inverse(right.value)
        if inverse is not None:
            return multiply(left, number(inverse))
    least = _least_size(theirs)
    most = EXACT.divide(max(mine.low.copy_abs(), mine.high.copy_abs()), least)
    whole_digits = whole_digits_of(most)
    room = min(MAX_DIGITS - whole_digits, SQL_DIGITS - mine.whole_digits - theirs.scale)
    quotient, decimals = builder.new_quotient(
        scale=mine.scale - theirs.scale, divisor_digits=theirs.digits, most=room
    )
    if room < 1:
        raise Refused("A quotient may be too large to be computed exactly", NARROWER)
    # The bound is widened by one unit, for it was itself divided.
    bound = EXACT.add(most.to_integral_value(ROUND_CEILING), Decimal(1))
    nullable = mine.nullable or theirs.nullable or theirs.low <= 0 <= theirs.high
    kind = NumberType(bound.copy_negate(), bound, decimals, nullable, (quotient,))
    low = ZERO if mine.low >= 0 and theirs.low >= 0 else kind.low
    kind = checked(replace(kind, low=low), SQL_DIGITS)
    return Quotient(kind, left, right, decimals)


def _least_size(kind: NumberType) -> Decimal:
    """Give the least size of a divisor that is not zero."""
    if kind.low > 0:
        return kind.low
    if kind.high < 0:
        return kind.high.copy_negate()
    return Decimal(1).scaleb(-kind.scale)


def _finite_inverse(value: Decimal) -> Decimal | None:
    """Give 1/value where it is a decimal of few digits: for 100, 8 or 0.05, not for 12."""
    if value == 0:
        return None
    inverse = EXACT.divide(Decimal(1), value)
    is_finite = EXACT.multiply(inverse, value) == 1 and len(inverse.as_tuple().digits) <= MAX_DIGITS
    return inverse.normalize(EXACT) if is_finite else None


def power(left: Expr, right: Expr) -> Expr:
    """Multiply out a power whose exponent is a small whole constant."""
    _exact(left, "a power")
    exponent = right.value if isinstance(right, Constant) else None
    if not isinstance(exponent, Decimal) or exponent != int(exponent) or not 1 <= exponent <= 6:
        raise Refused("A power is not exact in general", "Write it as a product.")
    result = left
    for _ in range(int(exponent) - 1):
        result = multiply(result, left)
    return result


def negate(value: Expr) -> Expr:
    kind = number_kind(value)
    return Negate(replace(kind, low=kind.high.copy_negate(), high=kind.low.copy_negate()), value)


def absolute(value: Expr) -> Expr:
    kind = number_kind(value)
    size = max(kind.low.copy_abs(), kind.high.copy_abs())
    low = ZERO if kind.low <= 0 <= kind.high else min(kind.low.copy_abs(), kind.high.copy_abs())
    return Absolute(replace(kind, low=low, high=size), value)


def extreme(builder: Builder, kind: Literal["min", "max"], items: Sequence[Expr]) -> Expr:
    kinds = [number_kind(item) for item in items]
    exact = [known for known in kinds if not known.quotients]
    for known in kinds:
        for other in exact if known.quotients else ():
            builder.need(known, other.scale)
    pick = min if kind == "min" else max
    result = NumberType(
        pick(known.low for known in kinds),
        pick(known.high for known in kinds),
        max(known.scale for known in kinds),
        any(known.nullable for known in kinds),
        tuple(sorted({one for known in kinds for one in known.quotients})),
    )
    _covered(*kinds)
    return Extreme(checked(result, SQL_DIGITS), kind, tuple(items))


def compare(builder: Builder, operator: Comparator, left: Expr, right: Expr) -> Expr:
    mine, theirs = number_kind(left), number_kind(right)
    if mine.quotients and theirs.quotients:
        raise Refused("Two quotients that are not rounded are compared", ROUND_FIRST)
    builder.need(mine, theirs.scale)
    builder.need(theirs, mine.scale)
    _covered(mine, theirs)
    return Compare(BooleanType(mine.nullable or theirs.nullable), operator, left, right)


# Rounding -------------------------------------------------------------------------------------

MODES: Final = {
    "decimal": ROUND_HALF_EVEN,
    "floor": ROUND_FLOOR,
    "ceiling": ROUND_CEILING,
    "round up": ROUND_UP,
    "round down": ROUND_DOWN,
    "round half up": ROUND_HALF_UP,
    "round half down": ROUND_HALF_DOWN,
}


def round_to(builder: Builder, value: Expr, places: int, function: str) -> Expr:
    """Round by a FEEL function to so many decimals; negative: tens, hundreds."""
    kind = number_kind(value)
    if kind.scale <= places and not kind.quotients:
        return value
    builder.need(kind, places)
    mode = MODES[function]
    value = builder.let(value, "unrounded")
    kind = number_kind(value)
    unit = Decimal(1).scaleb(-places)
    low, high = (
        EXACT.multiply(EXACT.divide(bound, unit).to_integral_value(mode), unit)
        for bound in (kind.low, kind.high)
    )
    result = checked(NumberType(_plain(low), _plain(high), max(places, 0), kind.nullable))
    if places >= 0:
        return _rounded(builder, value, places, mode, result)
    exact = NumberType(kind.low, kind.high, kind.scale, kind.nullable)
    if kind.quotients:
        raise Refused("A quotient is rounded to tens or hundreds", "Round it to a unit first.")
    shrunk = multiply(replace_type(value, exact), number(Decimal(1).scaleb(places)))
    inner = round_to(builder, shrunk, 0, function)
    return multiply(inner, number(_plain(unit)))


def replace_type(value: Expr, kind: NumberType) -> Expr:
    return replace(value, type=kind)


def _plain(value: Decimal) -> Decimal:
    """Write a whole number without exponent."""
    exponent = value.as_tuple().exponent
    return (
        value.quantize(Decimal(1), context=EXACT)
        if isinstance(exponent, int) and exponent > 0
        else value
    )


def _rounded(builder: Builder, value: Expr, places: int, mode: str, result: NumberType) -> Expr:
    """Derive every mode from rounding half away from zero, which all dialects have exactly."""
    kind = number_kind(value)
    if mode == ROUND_HALF_EVEN:
        return Round(result, value, places, "half-even")
    unit = Decimal(1).scaleb(-places)
    if mode in (ROUND_FLOOR, ROUND_DOWN) and kind.low >= 0:
        return _cut_off(value, unit, result)
    around = replace(
        result, low=EXACT.subtract(result.low, unit), high=EXACT.add(result.high, unit)
    )
    near = Round(around, value, places, "half-up")
    if mode == ROUND_HALF_UP:
        return replace(near, type=result)
    near_column = builder.let(near, "near")
    less = Arithmetic(_shifted(around, -unit), "-", near_column, number(unit))
    more = Arithmetic(_shifted(around, unit), "+", near_column, number(unit))
    above, below = _order(near_column, ">", value), _order(near_column, "<", value)
    is_positive = _order(value, ">=", number(0))
    is_negative = _order(value, "<", number(0))
    branches: list[tuple[Expr, Expr]]
    if mode == ROUND_FLOOR:
        branches = [(above, less)]
    elif mode == ROUND_CEILING:
        branches = [(below, more)]
    elif mode == ROUND_DOWN:
        branches = [(all_of(is_positive, above), less), (all_of(is_negative, below), more)]
    elif mode == ROUND_UP:
        branches = [(all_of(is_positive, below), more), (all_of(is_negative, above), less)]
    else:
        # A tie was rounded away from zero; half down wants it back.
        half = number(EXACT.multiply(unit, HALF))
        apart_kind = NumberType(-unit, unit, max(kind.scale, places), kind.nullable)
        apart = builder.let(Arithmetic(apart_kind, "-", near_column, value), "apart")
        branches = [
            (_order(apart, "=", half), less),
            (_order(apart, "=", negated_constant(half)), more),
        ]
    return Case(result, tuple(branches), near_column)


def _cut_off(value: Expr, unit: Decimal, result: NumberType) -> Expr:
    """Take off what stands beyond the unit of a value that is not negative."""
    kind = number_kind(value)
    rest = NumberType(ZERO, unit, kind.scale, kind.nullable)
    return Arithmetic(result, "-", value, Remainder(rest, value, number(unit)))


def negated_constant(value: Constant) -> Constant:
    assert isinstance(value.value, Decimal)  # noqa: S101 - made by number()
    return number(value.value.copy_negate())


def _shifted(kind: NumberType, by: Decimal) -> NumberType:
    return replace(kind, low=EXACT.add(kind.low, by), high=EXACT.add(kind.high, by))


def _order(left: Expr, operator: Comparator, right: Expr) -> Expr:
    nullable = left.type.nullable or right.type.nullable
    return Compare(BooleanType(nullable), operator, left, right)


def modulo(builder: Builder, left: Expr, right: Expr) -> Expr:
    """Give what floor division leaves: the sign is the divisor's; null for a divisor of zero."""
    mine, theirs = _exact(left, "modulo"), _exact(right, "modulo")
    most = EXACT.divide(max(mine.low.copy_abs(), mine.high.copy_abs()), _least_size(theirs))
    if whole_digits_of(most) > MAX_DIGITS - 1:
        raise Refused("The parts of modulo lie too far apart", NARROWER)
    size = max(theirs.low.copy_abs(), theirs.high.copy_abs())
    scale = max(mine.scale, theirs.scale)
    nullable = mine.nullable or theirs.nullable or theirs.low <= 0 <= theirs.high
    kind = checked(NumberType(size.copy_negate(), size, scale, nullable))
    checked(NumberType(mine.low, mine.high, scale, nullable=False), SQL_DIGITS)
    rest = builder.let(Remainder(kind, left, right), "rest")
    if mine.low >= 0 and theirs.low >= 0:
        return rest
    zero = number(0)
    turned = Case(
        BooleanType(nullable=True),
        (
            (_order(rest, ">", zero), _order(right, "<", zero)),
            (_order(rest, "<", zero), _order(right, ">", zero)),
        ),
        Constant(BooleanType(nullable=True), value=False),
    )
    moved = add(builder, rest, right, "+")
    return Case(kind, ((is_null(rest), null_of(kind)), (turned, replace(moved, type=kind))), rest)


def sum_of(kind: NumberType, most: int) -> NumberType:
    """Give the type of a sum of at most so many numbers; every partial sum lies in it, too."""
    if kind.quotients:
        raise Refused("Quotients that are not rounded are summed", ROUND_FIRST)
    low = min(EXACT.multiply(kind.low, Decimal(most)), kind.low, ZERO)
    high = max(EXACT.multiply(kind.high, Decimal(most)), kind.high, ZERO)
    return checked(NumberType(low, high, kind.scale, nullable=True))
