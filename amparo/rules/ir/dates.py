"""Dates and durations as columns: leap days and month ends as the interpreter has them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from amparo.rules.ir import numbers
from amparo.rules.ir.builder import Builder
from amparo.rules.ir.nodes import (
    AddDays,
    AddMonths,
    Arithmetic,
    Case,
    Comparator,
    Compare,
    Constant,
    DatePart,
    DaysBetween,
    Expr,
    MakeDate,
    Negate,
    Not,
    PartOfDate,
    ReadDate,
    all_of,
    any_of,
    is_null,
    negation,
    null_of,
    number,
)
from amparo.rules.ir.refused import Refused
from amparo.rules.ir.types import (
    FIRST_DAY,
    LAST_DAY,
    BooleanType,
    DateType,
    DaysType,
    MonthsType,
    whole,
)

# Far beyond what moves a date within the calendar; a duration outside is refused.
LONGEST: Final = 10_000_000
WHOLE: Final = "Use whole numbers, or round first."


def date_kind(value: Expr) -> DateType:
    assert isinstance(value.type, DateType)  # noqa: S101 - the caller asked for the kind
    return value.type


def duration_kind(value: Expr) -> MonthsType | DaysType:
    assert isinstance(value.type, MonthsType | DaysType)  # noqa: S101 - the caller asked
    return value.type


def compare(operator: Comparator, left: Expr, right: Expr) -> Expr:
    nullable = left.type.nullable or right.type.nullable
    return Compare(BooleanType(nullable), operator, left, right)


def move(builder: Builder, moment: Expr, by: Expr, *, back: bool = False) -> Expr:
    """Move a date by months or days. Days beyond year 9999 or before 1 are the interpreter's."""
    start, length = date_kind(moment), duration_kind(by)
    amount = negate(by) if back else by
    least, most = (-length.high, -length.low) if back else (length.low, length.high)
    nullable = start.nullable or length.nullable
    if isinstance(length, MonthsType):
        low, high = _months_later(start.low, least), _months_later(start.high, most)
    else:
        low, high = _days_later(start.low, least), _days_later(start.high, most)
    if low is None or high is None:
        amount, nullable = _within_calendar(builder, moment, amount), True
    kind = DateType(low or FIRST_DAY, high or LAST_DAY, nullable)
    if isinstance(length, MonthsType):
        return AddMonths(kind, moment, amount)
    return AddDays(kind, moment, amount)


def _within_calendar(builder: Builder, moment: Expr, amount: Expr) -> Expr:
    """Leave rows to the interpreter that could leave the calendar: near its ends, or far moved."""
    length = duration_kind(amount)
    unit = 31 if isinstance(length, MonthsType) else 1
    size = max(abs(length.low), abs(length.high)) * unit
    if size > LONGEST:
        raise Refused("A date is moved by more than the calendar holds", "Declare narrower ranges.")
    days = timedelta(days=min(size, (LAST_DAY - FIRST_DAY).days) + 1)
    near_end = _day(FIRST_DAY) if days > LAST_DAY - FIRST_DAY else _day(LAST_DAY - days)
    near_start = _day(LAST_DAY) if days > LAST_DAY - FIRST_DAY else _day(FIRST_DAY + days)
    outside = any_of(compare(">", moment, near_end), compare("<", moment, near_start))
    outside = builder.let(outside, "near the end of the calendar")
    builder.escape(outside)
    kind = type(length)(length.low, length.high, nullable=True)
    return Case(kind, ((outside, null_of(kind)),), amount)


def _day(value: date) -> Constant:
    return Constant(DateType(value, value, nullable=False), value)


def _months_later(start: date, months: int) -> date | None:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    for last in (31, 30, 29, 28):
        if start.day <= last or last == 28:
            try:
                return date(year, month + 1, min(start.day, last))
            except ValueError:
                continue
    return None


def _days_later(start: date, days: int) -> date | None:
    try:
        return start + timedelta(days=days)
    except OverflowError:
        return None


def between(end: Expr, start: Expr) -> Expr:
    """Subtract two dates: a duration of whole days."""
    last, first = date_kind(end), date_kind(start)
    kind = DaysType(
        (last.low - first.high).days,
        (last.high - first.low).days,
        last.nullable or first.nullable,
    )
    return DaysBetween(kind, start, end)


def part(name: DatePart, value: Expr) -> Expr:
    kind = date_kind(value)
    bounds = {
        "year": (kind.low.year, kind.high.year),
        "month": (1, 12),
        "day": (1, 31),
        "weekday": (1, 7),
    }[name]
    return PartOfDate(whole(*bounds, nullable=kind.nullable), name, value)


def months_between(builder: Builder, start: Expr, end: Expr) -> Expr:
    """Count whole months, towards zero: 31 January to 29 February is none.

    A person born on 29 February completes a year on 1 March where the year has no 29 February.
    """
    first, last = builder.let(start, "from"), builder.let(end, "to")
    forward = _months_forward(builder, first, last)
    backward = _months_forward(builder, last, first)
    nullable = first.type.nullable or last.type.nullable
    begins, ends = date_kind(first), date_kind(last)
    low = (ends.low.year - begins.high.year) * 12 - 12
    high = (ends.high.year - begins.low.year) * 12 + 12
    kind = MonthsType(low, high, nullable)
    absent = any_of(is_null(first), is_null(last))
    counted = Case(
        kind,
        (
            (absent, null_of(kind)),
            (compare("<", last, first), Negate(kind, backward)),
        ),
        forward,
    )
    return builder.let(counted, "months")


def _months_forward(builder: Builder, first: Expr, last: Expr) -> Expr:
    """Count the months from first to last, which comes no earlier."""

    def months(value: Expr) -> Expr:
        year = builder.let(part("year", value), "year")
        month = builder.let(part("month", value), "month")
        return numbers.add(builder, numbers.multiply(year, number(12)), month, "+")

    apart = numbers.add(builder, months(last), months(first), "-")
    is_short = compare("<", part("day", last), part("day", first))
    kind = numbers.number_kind(apart)
    short = Case(whole(0, 1, nullable=False), ((is_short, number(1)),), number(0))
    found = builder.let(numbers.add(builder, apart, short, "-"), "months")
    bounds = MonthsType(int(kind.low) - 1, int(kind.high), kind.nullable)
    return as_duration(found, bounds)


def as_duration(value: Expr, kind: MonthsType | DaysType) -> Expr:
    """Hold a whole number as a duration."""
    return Arithmetic(kind, "+", value, Constant(kind, 0))


def as_number(value: Expr) -> Expr:
    """Give a duration's months or days as a number."""
    kind = duration_kind(value)
    bounds = whole(kind.low, kind.high, nullable=kind.nullable)
    return Arithmetic(bounds, "+", value, number(0))


def years_of(builder: Builder, value: Expr) -> Expr:
    """Give the whole years of a duration, with its sign."""
    months = builder.let(as_number(value), "months")
    twelfth = numbers.divide(builder, months, number(12))
    return numbers.round_to(builder, twelfth, 0, "round down")


def months_of(builder: Builder, value: Expr) -> Expr:
    """Give the months beyond whole years, with the sign of the duration."""
    months = builder.let(as_number(value), "months")
    years = years_of(builder, value)
    rest = numbers.add(builder, months, numbers.multiply(years, number(12)), "-")
    kind = numbers.number_kind(rest)
    return numbers.replace_type(rest, whole(-11, 11, nullable=kind.nullable))


def negate(value: Expr) -> Expr:
    kind = duration_kind(value)
    return Negate(type(kind)(-kind.high, -kind.low, kind.nullable), value)


def add(left: Expr, right: Expr, *, minus: bool) -> Expr:
    """Add or subtract two durations of one kind."""
    mine, theirs = duration_kind(left), duration_kind(right)
    low = mine.low - theirs.high if minus else mine.low + theirs.low
    high = mine.high - theirs.low if minus else mine.high + theirs.high
    kind = type(mine)(_short(low), _short(high), mine.nullable or theirs.nullable)
    return Arithmetic(kind, "-" if minus else "+", left, right)


def multiply(builder: Builder, duration: Expr, factor: Expr) -> Expr:
    """Multiply months by a number; a part of a month falls away, as in the interpreter."""
    kind = duration_kind(duration)
    if isinstance(kind, DaysType) and numbers.number_kind(factor).scale:
        raise Refused("A duration of days is multiplied by a fraction", WHOLE)
    product = numbers.multiply(as_number(duration), factor)
    truncated = numbers.round_to(builder, product, 0, "round down")
    found = numbers.number_kind(truncated)
    bounds = type(kind)(_short(int(found.low)), _short(int(found.high)), found.nullable)
    return as_duration(truncated, bounds)


def _short(size: int) -> int:
    if abs(size) > LONGEST:
        raise Refused("A duration may be longer than the calendar", "Declare narrower ranges.")
    return size


def make(builder: Builder, year: Expr, month: Expr, day: Expr) -> Expr:
    """Make a date of three whole numbers; null where the calendar has none such."""
    kinds = [numbers.number_kind(part) for part in (year, month, day)]
    if any(kind.quotients for kind in kinds):
        raise Refused("A part of a date is a quotient", numbers.ROUND_FIRST)
    year, month, day = (_whole_part(builder, part) for part in (year, month, day))
    kinds = [numbers.number_kind(part) for part in (year, month, day)]
    if any(max(kind.low.copy_abs(), kind.high.copy_abs()) > LONGEST for kind in kinds):
        raise Refused("A part of a date may be very large", "Declare narrower ranges.")
    years = kinds[0]
    low, high = max(int(years.low), 1), min(int(years.high), 9999)
    if years.low < 1 or years.high > 9999:
        year = builder.let(year, "year")
        outside = any_of(compare("<", year, number(1)), compare(">", year, number(9999)))
        builder.escape(outside)
        kind = whole(min(low, high), max(low, high), nullable=True)
        year = Case(kind, ((outside, null_of(kind)),), year)
    parts = [builder.let(part, "part of date") for part in (year, month, day)]
    return MakeDate(
        DateType(date(min(low, 9999), 1, 1), date(max(high, 1), 12, 31), nullable=True), *parts
    )


def _whole_part(builder: Builder, value: Expr) -> Expr:
    """Give a whole number; null for any other, of which there is no date."""
    kind = numbers.number_kind(value)
    if not kind.scale:
        return value
    value = builder.let(value, "part of date")
    near = builder.let(numbers.round_to(builder, value, 0, "round half up"), "whole part")
    apart = Not(BooleanType(kind.nullable), compare("=", value, near))
    bounds = replace(numbers.number_kind(near), nullable=True)
    return Case(bounds, ((apart, null_of(bounds)),), near)


def read(builder: Builder, text: Expr) -> Expr:
    """Read a text as a date. Years that only FEEL knows are the interpreter's."""
    text = builder.let(text, "date as text")
    found = builder.let(ReadDate(DateType(FIRST_DAY, LAST_DAY, nullable=True), text), "date")
    # A text this form did not read may still be a date to FEEL: of year 0, -5 or 12345.
    builder.escape(all_of(negation(is_null(text)), is_null(found)))
    return found
