"""New Zealand's supported living payment against Schedule 4, Part 3, read a second time."""

import math
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from amparo.rules.packs import Pack, Result, WrongInput, load_pack

SLP = Path(__file__).parents[2] / "schemes" / "nz" / "slp" / "1"
# Every decision here states its week; the day asked must not matter.
ON = date(1999, 1, 1)
IN_2024 = "2024-W15"
# Clause 1 from 1 April 2024: without and with dependent children.
RATES = {
    "main benefit": ("342.24", "359.07"),
    "pension": ("342.24", "372.81"),
    "disabled": ("684.48", "718.14"),
    "carer": ("342.24", "372.81"),
}


@cache
def slp() -> Pack:
    return load_pack(SLP)


def decide(decision: str, inputs: Mapping[str, object]) -> Result:
    return slp().evaluate(decision, inputs, on=ON, trace=False)


def income_test(income: int, lower: str, upper: str) -> Decimal:
    """Take the lower rate for every dollar from 160 to 250, the upper for every one above."""
    return Decimal(lower) * sum(160 < dollar <= 250 for dollar in range(1, income + 1)) + (
        Decimal(upper) * max(0, income - 250)
    )


def circumstances(facts: Mapping[str, Any]) -> str | None:
    """Say which kind of rate is due; None where the facts do not tell."""
    claimant, partner = facts["claimant"], facts["partner"]
    if not claimant["in_a_relationship"]:
        return "single"
    pension = partner["paid_nz_superannuation"] + partner["paid_veterans_pension"]
    if partner["granted_main_benefit"] + pension > 1:
        return None
    if partner["granted_main_benefit"]:
        return "main benefit"
    if pension:
        return "pension"
    if claimant["disabled_or_blind"] == claimant["carer"]:
        return None
    return "carer" if claimant["carer"] else "disabled"


def benefit_by_law(facts: Mapping[str, Any]) -> dict[str, Decimal] | None:
    kind = circumstances(facts)
    claimant, partner = facts["claimant"], facts["partner"]
    if not claimant["entitled"]:
        return dict.fromkeys(("base", "reduction", "benefit"), Decimal(0))
    if kind is None:
        return None
    people = [claimant] if kind == "single" else [claimant, partner]
    has_children = any(each["dependent_children"] for each in people)
    if kind == "single":
        text = "552.14" if has_children else "337.63" if claimant["age"] < 18 else "402.84"
    else:
        text = RATES[kind][has_children]
    base = Decimal(text)
    income = math.floor(sum(each["weekly_income"] for each in people))
    shares = ("0.15", "0.35") if kind in ("main benefit", "pension") else ("0.30", "0.70")
    reduction = income_test(income, *shares)
    left = max(Decimal(0), base - reduction)
    return {
        "base": base,
        "reduction": reduction,
        "benefit": min(base, 2 * left) if kind == "carer" else left,
    }


PERSON = {
    "in_a_relationship": st.just(value=True),
    "age": st.sampled_from([16, 17, 18, 40, 70]),
    "dependent_children": st.integers(0, 2),
    "weekly_income": st.sampled_from(
        [Decimal(each) for each in ("0", "160", "160.99", "161", "250", "251", "786", "787")]
    )
    | st.decimals(0, 1500, places=2),
    "disabled_or_blind": st.booleans(),
    "carer": st.booleans(),
    "granted_main_benefit": st.booleans(),
    "paid_nz_superannuation": st.booleans(),
    "paid_veterans_pension": st.booleans(),
}
FACTS = st.fixed_dictionaries(
    {
        "week": st.just(IN_2024),
        "claimant": st.fixed_dictionaries(
            {**PERSON, "in_a_relationship": st.booleans(), "entitled": st.booleans()}
        ),
        "partner": st.fixed_dictionaries(PERSON),
    }
)


@settings(max_examples=400, deadline=None)
@given(facts=FACTS)
def test_every_household_is_paid_what_the_schedule_says(facts: dict[str, Any]) -> None:
    result = decide("weekly_benefit", facts)

    expected = benefit_by_law(facts)
    if expected is None:
        assert result.outcome == "undetermined"
    else:
        assert (result.outcome, result.value) == ("computed", expected)


@settings(max_examples=200, deadline=None)
@given(facts=FACTS)
def test_a_payment_is_due_where_something_is_left(facts: dict[str, Any]) -> None:
    expected = benefit_by_law(facts)

    result = decide("right", facts)

    reasons = [reason.code for reason in result.reasons]
    if expected is None:
        assert result.outcome == "undetermined"
    elif not facts["claimant"]["entitled"]:
        assert (result.outcome, reasons) == ("refused", ["NOT_ENTITLED"])
    elif expected["benefit"]:
        assert (result.outcome, reasons) == ("granted", ["DUE"])
    else:
        assert (result.outcome, reasons) == ("refused", ["INCOME_TOO_HIGH"])


def forgotten(facts: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for person in ("claimant", "partner"):
        for entry in facts[person]:
            changed = deepcopy(facts)
            changed[person][entry] = None
            yield person, entry, changed


POSSIBLE: Mapping[str, list[Any]] = {
    "age": [16, 18, 70],
    "dependent_children": [0, 1],
    "weekly_income": [Decimal(0), Decimal(500), Decimal(1500)],
}


@settings(max_examples=60, deadline=None)
@given(facts=FACTS)
@pytest.mark.parametrize("decision", ["weekly_benefit", "right"])
def test_an_unknown_fact_decides_nothing(decision: str, facts: dict[str, Any]) -> None:
    for person, entry, changed in forgotten(facts):
        result = decide(decision, changed)
        if result.outcome == "undetermined":
            continue
        # Decided all the same: then whatever the fact is, it must come to the same.
        for possible in POSSIBLE.get(entry, [False, True]):
            whole = deepcopy(facts)
            whole[person][entry] = possible
            assert decide(decision, whole).value == result.value, (person, entry)


def single(week: str | None, **changed: object) -> dict[str, object]:
    claimant = {
        "entitled": True,
        "in_a_relationship": False,
        "age": 30,
        "dependent_children": 0,
        "weekly_income": 0,
    }
    return {"week": week, "claimant": {**claimant, **changed}}


@pytest.mark.parametrize(
    ("week", "rate"),
    [
        ("2021-W13", None),
        ("2021-W14", "316.65"),
        ("2021-W26", "316.65"),
        ("2021-W27", "336.65"),
        ("2022-W13", "336.65"),
        ("2022-W14", "359.00"),
        ("2023-W13", "359.00"),
        ("2023-W14", "384.92"),
        ("2024-W13", "384.92"),
        ("2024-W14", "402.84"),
        ("2025-W14", "402.84"),
        ("2025-W15", None),
    ],
)
def test_the_rate_of_the_monday_holds_for_the_week(week: str, rate: str | None) -> None:
    result = decide("weekly_benefit", single(week))

    if rate is None:
        assert result.outcome == "undetermined"
    else:
        assert result.value["base"] == Decimal(rate)


def test_the_rate_of_2023_that_looks_wrong_is_on_record_and_not_used() -> None:
    parameter = next(each for each in slp().parameters if each.name == "rate_1_a")
    disputed = [row for row in parameter.rows if not row.is_adopted]

    result = decide("weekly_benefit", single("2023-W20", age=17))

    assert [(row.value, row.valid_from) for row in disputed] == [
        (Decimal("250.63"), date(2023, 4, 1))
    ]
    assert result.outcome == "undetermined"


@pytest.mark.parametrize(("week", "clause"), [("2020-W45", "1(f)"), ("2020-W46", "1(e)")])
def test_a_veterans_pension_moved_to_paragraph_e_in_november_2020(week: str, clause: str) -> None:
    row = slp().parameter("clause_of_veterans_pension", date.fromisoformat(f"{week}-1"))

    assert row is not None
    assert row.value == clause


@settings(max_examples=100, deadline=None)
@given(income=st.decimals(0, 3000, places=2))
@example(income=Decimal("160.99"))
@example(income=Decimal("250.99"))
def test_each_income_test_takes_its_cents_for_every_whole_dollar(income: Decimal) -> None:
    dollars = math.floor(income)
    above = max(0, dollars - 160)

    result = decide("income_test_reductions", {"week": IN_2024, "weekly_income": income})

    assert result.value == {
        "test_1": income_test(dollars, "0.30", "0.70"),
        "test_2": income_test(dollars, "0.15", "0.35"),
        "test_3a": above * Decimal("0.70"),
        "test_3b": above * Decimal("0.70"),
        "test_4": above * Decimal("0.35"),
    }


def test_what_nobody_claims_may_be_left_out_and_no_more() -> None:
    couple = single(IN_2024, in_a_relationship=True, carer=True)
    partner = {"in_a_relationship": True, "age": 30, "dependent_children": 0}

    without_income = decide("weekly_benefit", {**couple, "partner": partner})
    with_income = decide("weekly_benefit", {**couple, "partner": {**partner, "weekly_income": 0}})

    assert without_income.outcome == "undetermined"
    assert with_income.value["benefit"] == Decimal("342.24")
    with pytest.raises(WrongInput, match="claimant has no entry blind"):
        decide("weekly_benefit", single(IN_2024, blind=True))


@pytest.mark.parametrize("week", ["2024-15", "2024-W54", "2024-W00", "15"])
def test_what_is_no_week_is_refused(week: str) -> None:
    with pytest.raises(WrongInput, match="week"):
        decide("weekly_benefit", single(week))


def test_an_unknown_week_has_no_rate() -> None:
    result = decide("weekly_benefit", single(None))

    assert result.outcome == "undetermined"
    assert "week" in result.missing
