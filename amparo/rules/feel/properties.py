"""What may follow a dot on a date, time, duration or range."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from amparo.rules.feel.diagnostics import NullCause
from amparo.rules.feel.numbers import NUMBERS
from amparo.rules.feel.temporal import (
    DAY,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    zone_offset,
)
from amparo.rules.feel.values import Range, Value, kind_of


def property_of(value: Value, name: str) -> Value:
    """Read a property. Raises NullCause when this kind of value has none such."""
    match value:
        case Date():
            getters = _DATE
        case Time():
            getters = _TIME
        case DateTime():
            return _datetime_property(value, name)
        case DaysDuration():
            getters = _DAYS
        case MonthsDuration():
            getters = _MONTHS
        case Range():
            getters = _RANGE
        case _:
            getters = {}
    if name not in getters:
        raise NullCause("path.no-property", f"a {kind_of(value)} has no {name}")
    return getters[name](value)


def _datetime_property(value: DateTime, name: str) -> Value:
    if name == "time offset":
        offset = zone_offset(value.time.zone, value)
        return None if offset is None else DaysDuration(offset)
    if name in _DATE:
        return _DATE[name](value.date)
    return property_of(value.time, name)


def _time_offset(value: Time) -> Value:
    offset = zone_offset(value.zone, None)
    return None if offset is None else DaysDuration(offset)


def _part(value: DaysDuration, unit: int, modulus: int | None) -> Decimal:
    """Take one part of a duration; every part carries the sign of the whole."""
    whole = abs(int(value.seconds)) // unit
    amount = whole if modulus is None else whole % modulus
    return Decimal(-amount if value.seconds < 0 else amount)


def _seconds(value: DaysDuration) -> Decimal:
    return NUMBERS.remainder(value.seconds, Decimal(60))


def _years(value: MonthsDuration) -> Decimal:
    years = abs(value.months) // 12
    return Decimal(-years if value.months < 0 else years)


def _months(value: MonthsDuration) -> Decimal:
    months = abs(value.months) % 12
    return Decimal(-months if value.months < 0 else months)


_Getters = Mapping[str, Callable[..., Value]]
_DATE: Final[_Getters] = {
    "year": lambda value: Decimal(value.year),
    "month": lambda value: Decimal(value.month),
    "day": lambda value: Decimal(value.day),
    "weekday": lambda value: Decimal(value.weekday),
}
_TIME: Final[_Getters] = {
    "hour": lambda value: Decimal(value.hour),
    "minute": lambda value: Decimal(value.minute),
    "second": lambda value: value.second,
    "time offset": _time_offset,
    "timezone": lambda value: value.zone if isinstance(value.zone, str) else None,
}
_DAYS: Final[_Getters] = {
    "days": lambda value: _part(value, DAY, None),
    "hours": lambda value: _part(value, 3_600, 24),
    "minutes": lambda value: _part(value, 60, 60),
    "seconds": _seconds,
}
_MONTHS: Final[_Getters] = {"years": _years, "months": _months}
_RANGE: Final[_Getters] = {
    "start": lambda value: value.low,
    "end": lambda value: value.high,
    "start included": lambda value: value.low_included,
    "end included": lambda value: value.high_included,
}
