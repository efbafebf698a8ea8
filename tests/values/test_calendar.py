"""Months and ages as the law counts them: month ends, year ends, births on 29 February."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.values import Month, age_on, month_starts

MONTHS = st.builds(Month, st.integers(2, 9997), st.integers(1, 12))


def test_a_month_is_read_and_written_alike() -> None:
    assert str(Month.parse("2026-11")) == "2026-11"
    assert Month.parse("0987-01") == Month(987, 1)


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-1", "26-11", "2026-13", "2026-00", "2026/11", "\uff12026-11", "²026-11"],
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="2026-11"):
        Month.parse(text)


@pytest.mark.parametrize(("year", "number"), [(2026, 0), (2026, 13), (0, 1), (9999, 1)])
def test_a_month_outside_the_calendar_is_refused(year: int, number: int) -> None:
    with pytest.raises(ValueError, match="not a calendar month"):
        Month(year, number)


@given(month=MONTHS)
def test_the_month_before_the_next_is_the_month(month: Month) -> None:
    assert month.next().previous() == month
    assert month.previous().next() == month
    assert month.previous() < month < month.next()


def test_december_is_followed_by_january() -> None:
    assert Month(2026, 12).next() == Month(2027, 1)
    assert Month(2027, 1).previous() == Month(2026, 12)


def test_a_month_ends_before_the_first_of_the_next() -> None:
    february = Month.of(date(2028, 2, 29))

    assert (february.starts_on, february.ends_before) == (date(2028, 2, 1), date(2028, 3, 1))


def test_months_are_counted_with_both_ends() -> None:
    months = list(month_starts(first=Month(2026, 11), last=Month(2027, 1)))

    assert [str(month) for month in months] == ["2026-11", "2026-12", "2027-01"]
    assert list(month_starts(first=Month(2027, 1), last=Month(2026, 12))) == []


@pytest.mark.parametrize(
    ("birth", "on", "age"),
    [
        (date(1963, 2, 28), date(2026, 2, 27), 62),
        (date(1963, 2, 28), date(2026, 2, 28), 63),
        # The day the calendar first shows that the whole year has passed is 1 March.
        (date(1964, 2, 29), date(2026, 2, 28), 61),
        (date(1964, 2, 29), date(2026, 3, 1), 62),
        (date(1964, 2, 29), date(2028, 2, 29), 64),
        (date(2026, 11, 22), date(2026, 11, 22), 0),
    ],
)
def test_an_age_is_counted_in_completed_years(birth: date, on: date, age: int) -> None:
    assert age_on(birth_date=birth, on=on) == age
