"""Mauritius' social contribution: rates by sector, due dates, penalty and interest."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.schemes.asking import ask, ask_at

CSG = "mu/csg"
WAGES = [
    *map(Decimal, ("0", "0.33", "2999.99", "3000", "3000.01", "49999.99", "50000")),
    *map(Decimal, ("50000.01", "50001", "80000", "1000000")),
]


def rates(sector: str, wage: Decimal) -> tuple[Decimal, Decimal]:
    """Give the rates of the authority's table, in words of the table's rows."""
    if sector == "domestic" and wage <= 3000:
        return Decimal(0), Decimal("0.03")
    high = wage > 50000
    if sector == "public":
        return Decimal(0), Decimal("0.09" if high else "0.045")
    return Decimal("0.03" if high else "0.015"), Decimal("0.06" if high else "0.03")


@pytest.mark.parametrize("month", ["2020-09", "2021-09", "2026-12"])
@pytest.mark.parametrize("sector", ["private", "public", "domestic"])
def test_the_rate_of_the_band_falls_on_the_whole_wage(sector: str, month: str) -> None:
    for wage in WAGES:
        facts = {"month": month, "sector": sector, "basic_wage": wage}

        table, paid = ask(CSG, "rates", **facts), ask(CSG, "contribution", **facts)

        employee, employer = rates(sector, wage)
        assert table.value == {"employee_rate": employee, "employer_rate": employer}
        assert paid.value == {
            "employee": (wage * employee).quantize(Decimal("0.01"), ROUND_HALF_UP),
            "employer": (wage * employer).quantize(Decimal("0.01"), ROUND_HALF_UP),
        }
        assert (table.outcome, paid.outcome) == ("computed", "computed")


@pytest.mark.parametrize("decision", ["rates", "contribution", "due_date"])
def test_before_september_2020_nothing_is_said(decision: str) -> None:
    facts = {"sector": "private", "basic_wage": 20000}
    wanted = facts if decision != "due_date" else {}

    result = ask(CSG, decision, month="2020-08", **wanted)

    assert result.outcome == "undetermined"


def test_each_month_is_due_at_the_end_of_the_next_but_for_the_first() -> None:
    assert ask(CSG, "due_date", month="2020-09").value == date(2020, 11, 30)
    for year in range(2021, 2030):
        for month in range(1, 13):
            after = date(year + month // 12, month % 12 + 1, 1)
            last = after.replace(day=monthrange(after.year, after.month)[1])

            result = ask(CSG, "due_date", month=f"{year}-{month:02}")

            assert (result.outcome, result.value) == ("computed", last)


def test_the_exception_was_not_known_before_its_notice() -> None:
    early = datetime(2020, 9, 21, tzinfo=UTC)

    result = ask_at(CSG, "due_date", {"month": "2020-09"}, known_at=early)

    assert result.value == date(2020, 10, 31)


@pytest.mark.parametrize("due", [date(2020, 11, 30), date(2023, 2, 28), date(2024, 2, 29)])
def test_every_calendar_month_begun_after_the_last_day_of_a_month_counts(due: date) -> None:
    for delay in range(-40, 800):
        paid = due + timedelta(days=delay)

        result = ask(CSG, "penalty", due_date=due, paid_date=paid, unpaid_amount=10000)

        begun = (paid.year - due.year) * 12 + paid.month - due.month if delay > 0 else 0
        assert result.outcome == "computed"
        assert result.value == {"penalty": 1000 if begun else 0, "interest": 100 * begun}, paid


@pytest.mark.parametrize(
    ("due", "paid", "months"),
    [
        ("2021-03-15", "2021-03-15", 0),
        ("2021-03-15", "2021-03-16", 1),
        ("2021-03-15", "2021-04-15", 1),
        ("2021-03-15", "2021-04-16", 2),
        ("2021-01-30", "2021-02-28", 1),  # February has no 30th
        ("2021-01-30", "2021-03-30", 2),
        ("2021-01-30", "2021-03-31", 3),
        ("2020-12-15", "2021-01-15", 1),
    ],
)
def test_from_another_day_a_month_runs_to_the_same_day(due: str, paid: str, months: int) -> None:
    days = {"due_date": date.fromisoformat(due), "paid_date": date.fromisoformat(paid)}

    result = ask(CSG, "penalty", unpaid_amount=Decimal("333.33"), **days)

    # 333.33: a tenth is 33.333; a hundredth for each month, rounded once.
    interest = (Decimal("3.3333") * months).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert result.value == {"penalty": Decimal("33.33") if months else 0, "interest": interest}


def test_missing_facts_are_named() -> None:
    wage = ask(CSG, "contribution", month="2021-01", sector="private")
    paid = ask(CSG, "penalty", due_date=date(2021, 2, 28), unpaid_amount=1)

    assert (wage.outcome, wage.missing) == ("undetermined", ("basic_wage",))
    assert (paid.outcome, paid.missing) == ("undetermined", ("paid_date",))
