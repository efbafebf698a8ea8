"""Built-ins on dates, times and durations."""

from decimal import Decimal
from typing import TypeVar

from amparo.rules.feel.builtins.registry import (
    a_number,
    a_string,
    a_whole_number,
    builtin,
    single,
)
from amparo.rules.feel.diagnostics import NullCause
from amparo.rules.feel.run import Run
from amparo.rules.feel.temporal import (
    DAY_NAMES,
    MAX_OFFSET,
    MONTH_NAMES,
    Date,
    DateTime,
    DaysDuration,
    MonthsDuration,
    Time,
    Zone,
    at_midnight,
    make_date,
    make_time,
    months_between,
    parse_date,
    parse_datetime,
    parse_duration,
    parse_time,
)
from amparo.rules.feel.values import Value, kind_of

_Read = TypeVar("_Read")


def _read(value: _Read | None, what: str) -> _Read:
    if value is None:
        raise NullCause("date.unreadable", f"this is no {what}")
    return value


@builtin("date", "from")
def date_from(value: Value) -> Value:
    match single(value):
        case DateTime(date=day):
            return day
        case Date() as day:
            return day
        case _:
            return _read(parse_date(a_string(value)), "date")


@builtin("date", "year", "month", "day")
def date_of(year: Value, month: Value, day: Value) -> Value:
    parts = a_whole_number(year), a_whole_number(month), a_whole_number(day)
    return _read(make_date(*parts), "date")


@builtin("time", "from")
def time_from(value: Value) -> Value:
    match single(value):
        case Time() as time:
            return time
        case DateTime(time=time):
            return time
        case Date() as day:
            return at_midnight(day, zone=0).time
        case _:
            return _read(parse_time(a_string(value)), "time")


@builtin("time", "hour", "minute", "second", "offset?")
def time_of(hour: Value, minute: Value, second: Value, offset: Value = None) -> Value:
    zone: Zone = None
    offset = single(offset)
    if offset is not None:
        if not isinstance(offset, DaysDuration):
            raise NullCause("type.argument", f"an offset is a duration, not a {kind_of(offset)}")
        zone = int(offset.seconds)
        if abs(zone) > MAX_OFFSET:
            raise NullCause("date.zone", "an offset is at most 18 hours")
    return _read(
        make_time(a_whole_number(hour), a_whole_number(minute), a_number(second), zone), "time"
    )


@builtin("date and time", "from")
def datetime_from(value: Value) -> Value:
    match single(value):
        case DateTime() as moment:
            return moment
        case Date() as day:
            return at_midnight(day, zone=0)
        case _:
            return _read(parse_datetime(a_string(value)), "date and time")


@builtin("date and time", "date", "time")
def datetime_of(date: Value, time: Value) -> Value:
    date, time = single(date), single(time)
    day = date.date if isinstance(date, DateTime) else date
    if not isinstance(day, Date) or not isinstance(time, Time):
        message = f"a date and a time are needed, not {kind_of(date)} and {kind_of(time)}"
        raise NullCause("type.argument", message)
    return DateTime(day, time)


@builtin("duration", "from")
def duration_from(value: Value) -> Value:
    value = single(value)
    if isinstance(value, (DaysDuration, MonthsDuration)):
        return value
    return _read(parse_duration(a_string(value)), "duration")


@builtin("years and months duration", "from", "to")
def months_duration(start: Value, end: Value) -> Value:
    first, last = _moment(start), _moment(end)
    months = months_between(first.date, last.date)
    if first.date.day == last.date.day and months:
        # The same day of the month: the clock decides whether the last month is whole.
        late = last.time.seconds < first.time.seconds
        early = last.time.seconds > first.time.seconds
        months -= months > 0 and late
        months += months < 0 and early
    return MonthsDuration(months)


def _moment(value: Value) -> DateTime:
    value = single(value)
    if isinstance(value, Date):
        return at_midnight(value)
    if not isinstance(value, DateTime):
        raise NullCause("type.argument", f"a date is needed, not a {kind_of(value)}")
    return value


@builtin("now", wants_run=True)
def now(run: Run) -> Value:
    return _clock(run)


@builtin("today", wants_run=True)
def today(run: Run) -> Value:
    return _clock(run).date


def _clock(run: Run) -> DateTime:
    if run.now is None:
        raise NullCause("clock.none", "a rule has no clock; pass the date as an input")
    return run.now


def _day(value: Value) -> Date:
    value = single(value)
    if isinstance(value, DateTime):
        return value.date
    if not isinstance(value, Date):
        raise NullCause("type.argument", f"a date is needed, not a {kind_of(value)}")
    return value


@builtin("day of year", "date")
def day_of_year(value: Value) -> Value:
    return Decimal(_day(value).day_of_year)


@builtin("day of week", "date")
def day_of_week(value: Value) -> Value:
    return DAY_NAMES[_day(value).weekday - 1]


@builtin("month of year", "date")
def month_of_year(value: Value) -> Value:
    return MONTH_NAMES[_day(value).month - 1]


@builtin("week of year", "date")
def week_of_year(value: Value) -> Value:
    return Decimal(_day(value).week_of_year)
