"""The arithmetic operators on every pair of kinds FEEL defines them for; else null with a cause."""

from collections.abc import Callable, Mapping
from decimal import Decimal, DecimalException
from typing import Final

from amparo.rules.feel.diagnostics import NullCause
from amparo.rules.feel.limits import MAX_TEXT
from amparo.rules.feel.numbers import NUMBERS
from amparo.rules.feel.temporal import (
    DAY,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    add_months,
    at_midnight,
    datetime_from_local,
    time_from_seconds,
    utc_seconds,
    zone_offset,
)
from amparo.rules.feel.values import Value, kind_of


def apply(operator: str, left: Value, right: Value) -> Value:
    """Apply a binary operator. Raises NullCause where FEEL has no value."""
    if left is None or right is None:
        raise NullCause("null.operand", f"one side of {operator} is null")
    try:
        result = OPERATIONS[operator](left, right)
    except DecimalException as error:
        raise decimal_cause(error) from error
    if isinstance(result, Decimal) and not result.is_finite():
        raise NullCause("number.arithmetic", "the calculation has no finite result")
    if result is None:
        raise NullCause(
            "type.operator", f"{kind_of(left)} {operator} {kind_of(right)} is not defined"
        )
    return result


def decimal_cause(error: DecimalException) -> NullCause:
    message = f"the calculation has no decimal128 result ({type(error).__name__})"
    return NullCause("number.arithmetic", message)


# Longer than all of FEEL's calendar; beyond it a duration can move no date.
LONGEST: Final = DaysDuration(Decimal("1E+18"))


def _days(seconds: Decimal) -> DaysDuration:
    if abs(seconds) > LONGEST.seconds:
        raise NullCause("date.range", "the duration is longer than the calendar")
    return DaysDuration(seconds)


def _months(months: int) -> MonthsDuration:
    if abs(months) > int(LONGEST.seconds):
        raise NullCause("date.range", "the duration is longer than the calendar")
    return MonthsDuration(months)


def add(left: Value, right: Value) -> Value:  # noqa: PLR0911 - one line per pair of kinds
    match left, right:
        case Decimal(), Decimal():
            return NUMBERS.add(left, right)
        case str(), str():
            if len(left) + len(right) > MAX_TEXT:
                raise NullCause("string.too-long", f"a text has at most {MAX_TEXT} characters")
            return left + right
        case DaysDuration(), DaysDuration():
            return _days(NUMBERS.add(left.seconds, right.seconds))
        case MonthsDuration(), MonthsDuration():
            return _months(left.months + right.months)
        case ((Date() | DateTime() | Time()), (DaysDuration() | MonthsDuration())):
            return move(left, right)
        case ((DaysDuration() | MonthsDuration()), (Date() | DateTime() | Time())):
            return move(right, left)
        case _:
            return None


def move(moment: Value, by: Value) -> Value:
    match moment, by:
        case Date(), MonthsDuration():
            return _in_calendar(add_months(moment, by.months))
        case Date(), DaysDuration():
            whole = NUMBERS.add(Decimal(moment.ordinal * DAY), by.seconds)
            at = datetime_from_local(whole, None)
            return _in_calendar(None if at is None else at.date)
        case DateTime(), MonthsDuration():
            date = add_months(moment.date, by.months)
            return _in_calendar(None if date is None else DateTime(date, moment.time))
        case DateTime(), DaysDuration():
            seconds = NUMBERS.add(moment.local_seconds, by.seconds)
            return _in_calendar(datetime_from_local(seconds, moment.time.zone))
        case Time(), DaysDuration():
            return time_from_seconds(NUMBERS.add(moment.seconds, by.seconds), moment.zone)
        case _:
            return None


def _in_calendar(moment: Date | DateTime | None) -> Date | DateTime:
    if moment is None:
        raise NullCause("date.range", "the result lies outside the years FEEL knows")
    return moment


def subtract(left: Value, right: Value) -> Value:  # noqa: PLR0911 - one line per pair of kinds
    match left, right:
        case Decimal(), Decimal():
            return NUMBERS.subtract(left, right)
        case DaysDuration(), DaysDuration():
            return _days(NUMBERS.subtract(left.seconds, right.seconds))
        case MonthsDuration(), MonthsDuration():
            return _months(left.months - right.months)
        case Date(), Date():
            return DaysDuration(Decimal((left.ordinal - right.ordinal) * DAY))
        case ((Date() | DateTime()), (Date() | DateTime())):
            return _between(_moment(left), _moment(right))
        case Time(), Time():
            return _between_times(left, right)
        case ((Date() | DateTime() | Time()), DaysDuration()):
            return move(left, _days(NUMBERS.minus(right.seconds)))
        case ((Date() | DateTime()), MonthsDuration()):
            return move(left, MonthsDuration(-right.months))
        case _:
            return None


def _moment(value: Date | DateTime) -> DateTime:
    return at_midnight(value, zone=0) if isinstance(value, Date) else value


def _between(later: DateTime, earlier: DateTime) -> DaysDuration:
    if later.time.zone is None and earlier.time.zone is None:
        return _days(NUMBERS.subtract(later.local_seconds, earlier.local_seconds))
    end, start = utc_seconds(later), utc_seconds(earlier)
    if end is None or start is None:
        raise NullCause("date.zone", "only one of the two has a time zone")
    return _days(NUMBERS.subtract(end, start))


def _between_times(later: Time, earlier: Time) -> DaysDuration:
    if later.zone == earlier.zone:
        return _days(NUMBERS.subtract(later.seconds, earlier.seconds))
    end, start = zone_offset(later.zone, None), zone_offset(earlier.zone, None)
    if end is None or start is None:
        raise NullCause("date.zone", "only one of the two has a time zone with a fixed offset")
    utc = NUMBERS.subtract(later.seconds, end)
    return _days(NUMBERS.subtract(utc, NUMBERS.subtract(earlier.seconds, start)))


def multiply(left: Value, right: Value) -> Value:
    match left, right:
        case Decimal(), Decimal():
            return NUMBERS.multiply(left, right)
        case DaysDuration(), Decimal():
            return _days(NUMBERS.multiply(left.seconds, right))
        case MonthsDuration(), Decimal():
            return _months(int(NUMBERS.multiply(Decimal(left.months), right)))
        case Decimal(), (DaysDuration() | MonthsDuration()):
            return multiply(right, left)
        case _:
            return None


def divide(left: Value, right: Value) -> Value:
    match left, right:
        case Decimal(), Decimal():
            return NUMBERS.divide(left, right)
        case DaysDuration(), Decimal():
            return _days(NUMBERS.divide(left.seconds, right))
        case MonthsDuration(), Decimal():
            return _months(int(NUMBERS.divide(Decimal(left.months), right)))
        case DaysDuration(), DaysDuration():
            return NUMBERS.divide(left.seconds, right.seconds)
        case MonthsDuration(), MonthsDuration():
            return NUMBERS.divide(Decimal(left.months), Decimal(right.months))
        case _:
            return None


def power(left: Value, right: Value) -> Value:
    match left, right:
        case Decimal(), Decimal():
            return NUMBERS.power(left, right)
        case _:
            return None


def negate(value: Value) -> Value:
    match value:
        case Decimal():
            return NUMBERS.minus(value)
        case DaysDuration():
            return _days(NUMBERS.minus(value.seconds))
        case MonthsDuration():
            return MonthsDuration(-value.months)
        case _:
            raise NullCause("type.operator", f"-{kind_of(value)} is not defined")


OPERATIONS: Final[Mapping[str, Callable[[Value, Value], Value]]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}

# The same on two numbers, without asking what they are. Raise DecimalException.
OF_NUMBERS: Final[Mapping[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "+": NUMBERS.add,
    "-": NUMBERS.subtract,
    "*": NUMBERS.multiply,
    "/": NUMBERS.divide,
}
