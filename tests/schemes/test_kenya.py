"""Kenya's contributions over months and pay, against the Third Schedule typed here anew."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from amparo.rules.packs import load_pack

NSSF = Path(__file__).parents[2] / "schemes" / "ke" / "nssf" / "1"
# Third Schedule: from which month, lower limit, upper limit.
LIMITS = [
    ("2023-02", 6000, 18000),
    ("2024-02", 7000, 36000),
    ("2025-02", 8000, 72000),
    ("2026-02", 9000, 108000),
]
AFTER_THE_SCHEDULE = "2027-02"
# Before the Act of 2013 commenced, no source says what was due, or when.
VERIFIED_FROM = "2014-01"
MONTHS = [f"{year}-{month:02}" for year in (1965, 1990, 2009) for month in (1, 6, 12)] + [
    f"{year}-{month:02}" for year in range(2013, 2029) for month in range(1, 13)
]
PAY = [
    *map(Decimal, (0, 1, 199, 5999, 6000, 6001, 8000, 9000, 18000, 18001, 36000)),
    *map(Decimal, ("72000", "108000", "108000.01", "1000000", "9000.75", "6000.08", "7000.25")),
]


def contribution(month: str, pay: Decimal) -> dict[str, Decimal] | None:
    """Section 20 and the Third Schedule; None where no figure is published."""
    if month < VERIFIED_FROM:
        return None
    if month < LIMITS[0][0]:
        flat = Decimal(200)
        return {"tier1": flat, "tier2": Decimal(0), "total": 2 * flat}
    if month >= AFTER_THE_SCHEDULE:
        return None
    _, lower, upper = [row for row in LIMITS if row[0] <= month][-1]
    first = _cents(min(pay, Decimal(lower)) * Decimal("0.06"))
    second = _cents(max(Decimal(0), min(pay, Decimal(upper)) - lower) * Decimal("0.06"))
    return {"tier1": first, "tier2": second, "total": 2 * (first + second)}


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


@pytest.mark.parametrize("month", MONTHS)
def test_every_month_and_pay_is_answered_as_the_schedule_says(month: str) -> None:
    pack = load_pack(NSSF)

    for pay in PAY:
        result = pack.evaluate(
            "monthly_contribution",
            {"payroll_month": month, "pensionable_pay": pay},
            on=date.fromisoformat(f"{month}-01"),
            trace=False,
        )

        expected = contribution(month, pay)
        if expected is None:
            assert result.outcome == "undetermined"
            early = month < VERIFIED_FROM
            limits = ("lower_limit", "upper_limit")
            assert result.missing == (("flat_contribution",) if early else limits)
        else:
            assert result.outcome == "computed"
            assert result.value == {
                "tier1_employee": expected["tier1"],
                "tier1_employer": expected["tier1"],
                "tier2_employee": expected["tier2"],
                "tier2_employer": expected["tier2"],
                "employee_total": expected["tier1"] + expected["tier2"],
                "employer_total": expected["tier1"] + expected["tier2"],
                "total": expected["total"],
            }


@pytest.mark.parametrize("month", MONTHS)
def test_contributions_are_due_on_the_ninth_of_the_next_month(month: str) -> None:
    first = date.fromisoformat(f"{month}-01")

    result = load_pack(NSSF).evaluate("due_date", {"payroll_month": month}, on=first, trace=False)

    if month < VERIFIED_FROM:
        assert (result.outcome, result.missing) == ("undetermined", ("due_day",))
        return
    next_month = date(first.year + first.month // 12, first.month % 12 + 1, 9)
    assert (result.outcome, result.value) == ("computed", next_month)


def test_a_month_before_the_record_is_undetermined_and_no_error() -> None:
    month = {"payroll_month": "1964-12"}
    pack = load_pack(NSSF)

    paid = pack.evaluate("monthly_contribution", {**month, "pensionable_pay": 1}, on=date.min)
    due = pack.evaluate("due_date", month, on=date.min)

    assert (paid.outcome, paid.missing) == ("undetermined", ("flat_contribution",))
    assert (due.outcome, due.missing) == ("undetermined", ("due_day",))
