"""Fiji's social pension over months and ages, against the published steps typed here anew."""

from datetime import UTC, datetime

import pytest

from tests.schemes.asking import ask, ask_at

# From which month: age of the pension, amount below 70, amount from 70; None: not recorded.
STEPS: list[tuple[str, tuple[int, int, int] | None]] = [
    ("2013-01", (70, 30, 30)),
    ("2015-07", (68, 50, 50)),
    ("2016-07", (66, 50, 50)),
    ("2018-01", None),
    ("2018-10", (65, 100, 100)),
    ("2023-08", (65, 115, 125)),
]
LAST = "2024-08"
MONTHS = [f"{year}-{month:02}" for year in range(2012, 2027) for month in (1, 6, 7, 8, 9, 10, 12)]


def step(month: str) -> tuple[int, int, int] | None:
    known = [values for start, values in STEPS if start <= month]
    return known[-1] if known else None


@pytest.mark.parametrize("month", [month for month in MONTHS if month < LAST])
def test_the_amount_of_every_month_and_age_is_the_published_one(month: str) -> None:
    for age in (0, 64, 65, 66, 67, 68, 69, 70, 71, 100):
        result = ask("fj/sps", "monthly_amount", month=month, age=age, receives_other_pension=False)

        published = step(month)
        if published is None:
            assert (result.outcome, result.value) == ("undetermined", None)
            continue
        minimum, below, above = published
        due = 0 if age < minimum else below if age < 70 else above
        assert (result.outcome, result.value) == ("computed", due)


@pytest.mark.parametrize("month", MONTHS)
def test_another_pension_excludes_in_every_month(month: str) -> None:
    facts = {"month": month, "age": 80, "receives_other_pension": True}

    assert ask("fj/sps", "right", **facts).outcome == "refused"
    assert ask("fj/sps", "monthly_amount", **facts).value == 0


def test_after_july_2024_the_right_is_known_and_the_amount_is_not() -> None:
    facts = {"month": "2024-08", "age": 66, "receives_other_pension": False}

    assert ask("fj/sps", "right", **facts).outcome == "granted"
    result = ask("fj/sps", "monthly_amount", **facts)
    assert (result.outcome, result.value) == ("undetermined", None)


def test_transport_is_paid_beside_the_pension_from_seventy() -> None:
    amounts = {
        age: ask(
            "fj/sps", "transport_assistance", month="2024-06", age=age, receives_other_pension=False
        ).value
        for age in (64, 65, 69, 70, 71)
    }

    assert amounts == {64: 0, 65: 0, 69: 0, 70: 25, 71: 25}


def test_the_budget_of_2023_was_not_known_before_it_was_read() -> None:
    facts = {"month": "2023-08", "age": 70, "receives_other_pension": False}
    before = datetime(2023, 6, 29, tzinfo=UTC)

    result = ask_at("fj/sps", "monthly_amount", facts, known_at=before)

    assert (result.outcome, result.value) == ("undetermined", None)
