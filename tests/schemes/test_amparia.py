"""Amparia's packs against their articles, computed a second time in exact fractions."""

import math
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from amparo.rules.packs import Pack, load_pack

AMPARIA = Path(__file__).parents[2] / "schemes" / "xa"
JUNE_2026 = date(2026, 6, 1)
# Art. 16 since 2015: 1.5 % for each year, at most 75 % of average earnings.
ACCRUAL = Fraction(15, 1000)
HIGHEST_SHARE = Fraction(3, 4)


def amparia(scheme: str) -> Pack:
    return load_pack(AMPARIA / scheme / "1")


def earned(total: Decimal, months: int) -> Fraction:
    """Art. 16(1) to (4) read literally: average, accrual per twelfth, cap, fractions of 0.10."""
    average = Fraction(total) / months
    pension = min(average * ACCRUAL * Fraction(months, 12), average * HIGHEST_SHARE)
    return Fraction(math.floor(pension * 10), 10)


@pytest.mark.parametrize("decision", ["old_age_amount", "invalidity_amount"])
@settings(max_examples=300, deadline=None)
@given(
    cents=st.integers(min_value=0, max_value=200_000_000),
    months=st.integers(min_value=1, max_value=720),
)
# Totals whose pension is a whole number of tenths, though their average does not end.
@example(cents=16_008_000, months=187)
@example(cents=24_008_000, months=311)
# The cap: a total whose share is exact, though the average is not.
@example(cents=66_600_000, months=666)
def test_no_pension_loses_a_tenth_to_the_order_of_division(
    decision: str, cents: int, months: int
) -> None:
    old_age = amparia("old-age")
    total = Decimal(cents).scaleb(-2)
    lowest = old_age.parameter("minimum_pension", JUNE_2026)
    assert lowest is not None

    result = old_age.evaluate(
        decision,
        {
            "total_insurable_earnings": total,
            "contributed_months": months,
            "claim_date": JUNE_2026,
        },
        on=JUNE_2026,
        trace=False,
    )

    assert result.outcome == "computed"
    assert Fraction(result.value) == max(earned(total, months), Fraction(str(lowest.value)))


@settings(max_examples=100, deadline=None)
@given(tenths=st.integers(min_value=1751, max_value=30_000), months=st.integers(180, 600))
def test_a_pension_of_whole_tenths_is_paid_in_full(tenths: int, months: int) -> None:
    # The total that earns exactly this pension: pension x 12 / 0.015.
    total = Decimal(tenths) * 80

    result = amparia("old-age").evaluate(
        "old_age_amount",
        {
            "total_insurable_earnings": total,
            "contributed_months": months,
            "claim_date": JUNE_2026,
        },
        on=JUNE_2026,
        trace=False,
    )

    assert result.value == Decimal(tenths).scaleb(-1)


def reached_on(born: date, years: int) -> date:
    """Give the day an age is completed; 29 February counts as 1 March in other years (Art. 2)."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def months_from(first: date, count: int) -> list[date]:
    return [
        date(first.year + (first.month - 1 + k) // 12, (first.month - 1 + k) % 12 + 1, 1)
        for k in range(count)
    ]


def amount_by_law(born: date, month: date) -> int:
    """Art. 3 and 4 as of 2024: the age on the first day counts for the whole month."""
    if month < born.replace(day=1) or month >= reached_on(born, 16):
        return 0
    if month < reached_on(born, 3):
        return 45
    return 35 if month < reached_on(born, 12) else 30


@pytest.mark.parametrize(
    "born",
    [date(2024, 2, 29), date(2024, 1, 1), date(2024, 1, 31), date(2025, 12, 2), date(2026, 3, 1)],
    ids=str,
)
def test_each_amount_of_the_child_grant_holds_until_the_day_it_names(born: date) -> None:
    pack = amparia("child-grant")
    values = {
        month: pack.evaluate(
            "amount", {"child_date_of_birth": born, "claim_date": month}, on=month, trace=False
        ).value
        for month in months_from(born.replace(day=1), 17 * 12)
    }

    assert {month: value["amount"] for month, value in values.items()} == {
        month: amount_by_law(born, month) for month in values
    }
    for month, value in values.items():
        if value["amount"]:
            later = [other for other in values if other >= value["ends_before"]]
            same = [other for other in values if month <= other < value["ends_before"]]
            assert {values[other]["amount"] for other in same} == {value["amount"]}
            assert values[later[0]]["amount"] != value["amount"]


@pytest.mark.parametrize(
    ("born", "ends_before"),
    [
        (date(2010, 6, 2), date(2026, 7, 1)),
        (date(2020, 5, 1), date(2036, 5, 1)),
        (date(2016, 2, 29), date(2032, 3, 1)),
        (date(2013, 12, 31), date(2030, 1, 1)),
    ],
)
def test_a_child_grant_ends_before_the_first_month_begun_at_sixteen(
    born: date, ends_before: date
) -> None:
    result = amparia("child-grant").evaluate(
        "eligibility",
        {"child_date_of_birth": born, "claim_date": JUNE_2026, "resident": True},
        on=JUNE_2026,
    )

    assert result.outcome == "granted"
    assert result.value["ends_before"] == ends_before


def test_a_newborn_is_paid_for_the_whole_month_of_birth() -> None:
    pack = amparia("child-grant")
    born = date(2026, 6, 20)

    values = [
        pack.evaluate("amount", {"child_date_of_birth": born, "claim_date": day}, on=day).value
        for day in (JUNE_2026, born, date(2026, 6, 30))
    ]

    assert values == [{"amount": Decimal(45), "ends_before": date(2029, 7, 1)}] * 3


@pytest.mark.parametrize(
    ("relationship", "ends_before"), [("orphan", date(2028, 7, 1)), ("spouse", None)]
)
def test_an_orphan_is_paid_until_eighteen_and_a_spouse_without_end(
    relationship: str, ends_before: date | None
) -> None:
    result = amparia("old-age").evaluate(
        "survivor_eligibility",
        {
            "date_of_birth": date(2010, 6, 20),
            "claim_date": JUNE_2026,
            "deceased_pension": 300,
            "relationship": relationship,
        },
        on=JUNE_2026,
    )

    assert result.outcome == "granted"
    assert result.value["ends_before"] == ends_before


def test_the_packs_state_what_repeats_and_how_far_back_a_benefit_may_start() -> None:
    packs = [amparia(name) for name in ("old-age", "child-grant", "social-pension")]

    repeating = [
        benefit.code for pack in packs for benefit in pack.manifest.benefits if benefit.repeats
    ]
    backdating = {
        pack.scheme: pack.manifest.process.backdating_months
        for pack in packs
        if pack.manifest.process
    }

    assert repeating == ["survivor_pension"]
    assert backdating == {"xa/old-age": 6, "xa/child-grant": 3, "xa/social-pension": 6}


def test_the_grant_and_the_social_pension_follow_rates_and_insured_pensions_do_not() -> None:
    packs = [amparia(name) for name in ("old-age", "child-grant", "social-pension")]
    benefits = [benefit for pack in packs for benefit in pack.manifest.benefits]

    following = [benefit.code for benefit in benefits if benefit.follows_rates]

    assert following == ["child_grant", "social_pension"]
    assert len(benefits) > len(following)
