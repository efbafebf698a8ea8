"""Dates as the law counts them: leap days, month ends, zones, and years beyond Python's."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.rules.feel.run import Run
from amparo.rules.feel.temporal import (
    Date,
    add_months,
    civil_from_days,
    days_from_civil,
    months_between,
    parse_datetime,
    parse_duration,
)
from tests.rules.feel.evaluating import causes, evaluate, shown

days = st.dates()


@given(day=days)
def test_days_are_counted_as_the_calendar_does(day: dt.date) -> None:
    mine = Date(day.year, day.month, day.day)

    assert mine.ordinal == day.toordinal() - dt.date(1970, 1, 1).toordinal()
    assert civil_from_days(mine.ordinal) == (day.year, day.month, day.day)
    assert mine.weekday == day.isoweekday()
    assert mine.week_of_year == day.isocalendar().week
    assert mine.day_of_year == day.timetuple().tm_yday
    assert str(mine) == day.isoformat()


@given(day=days, months=st.integers(min_value=-600, max_value=600))
def test_moving_by_months_and_counting_them_agree(day: dt.date, months: int) -> None:
    start = Date(day.year, day.month, min(day.day, 28))

    moved = add_months(start, months)

    assert moved is not None
    assert months_between(start, moved) == months


@given(ordinal=st.integers(min_value=-(10**11), max_value=10**11))
def test_days_far_from_today_are_the_same_after_a_round_trip(ordinal: int) -> None:
    assert days_from_civil(*civil_from_days(ordinal)) == ordinal


@given(seconds=st.integers(min_value=-(10**9), max_value=10**9))
def test_the_text_of_a_duration_is_the_duration_again(seconds: int) -> None:
    from amparo.rules.feel.temporal import DaysDuration  # noqa: PLC0415 - used here only

    duration = DaysDuration(Decimal(seconds))

    assert parse_duration(str(duration)) == duration


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ('@"2024-01-31" + @"P1M"', "2024-02-29"),
        ('@"2023-01-31" + @"P1M"', "2023-02-28"),
        ('@"2024-02-29" + @"P1Y"', "2025-02-28"),
        ('@"2024-03-31" - @"P1M"', "2024-02-29"),
        ('@"P1M" + @"2024-01-31"', "2024-02-29"),
        ('@"2024-03-01" - @"2024-02-28"', "P2D"),
        ('@"2024-02-28" + @"P1D"', "2024-02-29"),
        ('@"2021-01-01T24:00:00"', "2021-01-02T00:00:00"),
        ('@"2024-01-01T10:00:00Z" - @"2024-01-01T10:00:00+01:00"', "PT1H"),
        ('@"2024-01-02" - @"2024-01-01T12:00:00Z"', "PT12H"),
        ('@"10:00:00" - @"11:00:00"', "-PT1H"),
        ('@"10:00:00Z" - @"10:00:00+01:00"', "PT1H"),
        ('@"23:00:00" + @"PT2H"', "01:00:00"),
        ('@"00:30:00" - @"PT1H"', "23:30:00"),
        ('years and months duration(@"2000-02-29", @"2023-02-28").years', "22"),
        ('years and months duration(@"2000-02-29", @"2023-03-01").years', "23"),
        ('years and months duration(@"2024-01-31", @"2024-02-29")', "P0M"),
        ('years and months duration(@"2024-05-15", @"2024-01-15")', "-P4M"),
        (
            'years and months duration(@"2024-01-15T12:00:00", @"2024-02-15T11:00:00")',
            "P0M",
        ),
        ('@"2024-02-29".weekday', "4"),
        ('day of week(@"2024-02-29")', '"Thursday"'),
        ('month of year(@"2024-02-29")', '"February"'),
        ('day of year(@"2024-12-31T01:00:00")', "366"),
        ('week of year(@"2005-01-01")', "53"),
        ('@"P1DT2H3M4.5S".seconds', "4.5"),
        ('@"-P1DT2H".hours', "-2"),
        ('@"-P14M".years', "-1"),
        ('@"-P14M".months', "-2"),
        ('@"P1D" / @"PT6H"', "4"),
        ('@"P1Y" / @"P6M"', "2"),
        ('@"P1Y" / 5', "P2M"),
        ('2 * @"PT90M"', "PT3H"),
        ('-@"P1M"', "-P1M"),
        ('abs(@"-P1D")', "P1D"),
        ('abs(@"-P2M")', "P2M"),
        ('sum([@"P1D", @"PT12H"])', "P1DT12H"),
        ('@"999999999-12-31".year', "999999999"),
        ('date("-2024-02-29")', "-2024-02-29"),
        ('time(10, 30, 0, @"-PT2H")', "10:30:00-02:00"),
        ('time(@"2024-01-01")', "00:00:00Z"),
        ('time(@"2024-01-01T10:11:12")', "10:11:12"),
        (
            'date and time(@"2024-01-01", @"10:00:00@Europe/Paris")',
            "2024-01-01T10:00:00@Europe/Paris",
        ),
        ('@"2024-07-01T10:00:00@Europe/Paris".time offset', "PT2H"),
        ('@"2024-07-01T10:00:00@Europe/Paris".timezone', '"Europe/Paris"'),
        ('@"2024-07-01T10:00:00@Europe/Paris" = @"2024-07-01T08:00:00Z"', "true"),
        ('time("23:59:00z")', "23:59:00Z"),
        ('time("23:59:00z") + @"PT2M" = time("00:01:00@Etc/UTC")', "true"),
        ('@"10:00:00@Etc/UTC" < @"10:00:00-01:00"', "true"),
        ('@"11:00:00@Etc/UTC" - @"10:00:00Z"', "PT1H"),
        ('@"11:00:00@Etc/UTC".time offset', "PT0S"),
        ('@"11:00:00@Europe/Paris".time offset', "null"),
        ('@"10:00:00.1" = @"10:00:00.2"', "true"),
        ('@"10:00:00.1" < @"10:00:00.2"', "true"),
        ('for d in @"2024-02-28"..@"2024-03-01" return d.day', "[28, 29, 1]"),
        ('duration("P1Y2M")', "P1Y2M"),
        ('duration(@"PT0S")', "PT0S"),
    ],
)
def test_dates_and_durations(text: str, result: str) -> None:
    assert shown(text) == result


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('date("2023-02-29")', "date.unreadable"),
        ('date("2024-2-9")', "date.unreadable"),
        ("date(2024, 13, 1)", "date.unreadable"),
        ('time("25:00:00")', "date.unreadable"),
        ('time("10:00:00+19:00")', "date.unreadable"),
        ('date and time("2024-01-01T10:00:00@Nowhere/None")', "date.unreadable"),
        ('date and time("2024-01-01T24:00:01")', "date.unreadable"),
        ('duration("P")', "date.unreadable"),
        ('duration("P1YT1H")', "date.unreadable"),
        ('@"999999999-12-31" + @"P1D"', "date.range"),
        ('@"999999999-12-31" + @"P1M"', "date.range"),
        ('@"P1Y" * 10 ** 6000', "date.range"),
        ('@"P1D" * 10 ** 30', "date.range"),
        ('@"2024-01-01T10:00:00" - @"2024-01-01T10:00:00Z"', "date.zone"),
        ('@"10:00:00" - @"10:00:00Z"', "date.zone"),
        ('time(10, 0, 0, @"PT20H")', "date.zone"),
        ('time(10, 0, 0, "x")', "type.argument"),
        ('date and time(@"2024-01-01", "x")', "type.argument"),
        ('years and months duration("x", @"2024-01-01")', "type.argument"),
        ('day of week("x")', "type.argument"),
        ('@"2024-01-01".hour', "path.no-property"),
        ('@"10:00:00" * 2', "type.operator"),
    ],
)
def test_dates_that_are_none(text: str, code: str) -> None:
    assert evaluate(text) is None
    assert code in causes(text)


def test_a_rule_has_no_clock_unless_it_is_given_one() -> None:
    assert evaluate("today()") is None
    assert causes("now()") == ["clock.none"]
    run = Run(now=parse_datetime("2024-02-29T12:00:00Z"))
    assert evaluate("today()", None, run) == Date(2024, 2, 29)
