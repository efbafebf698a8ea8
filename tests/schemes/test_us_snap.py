"""The United States' food assistance: published cases, and the Act computed a second time."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from amparo.rules.packs import Pack, Result, WrongInput, check_pack, load_pack, render_check

SNAP = Path(__file__).parents[2] / "schemes" / "us" / "snap" / "1"
# Fiscal year 2026, typed from the tables of the Food and Nutrition Service.
NET_LIMITS = (1305, 1763, 2221, 2680, 3138, 3596, 4055, 4513)
GROSS_LIMITS = (1696, 2292, 2888, 3483)
ALLOTMENTS = (298, 546, 785, 994, 1183, 1421, 1571, 1789)
STANDARD = (209, 209, 209, 223, 261, 299)
ADULT = {"age": 40}
ELDERLY = {"age": 60}


def snap() -> Pack:
    return load_pack(SNAP)


def ask(decision: str, month: str = "2026-03", **facts: Any) -> Result:
    pack = snap()
    inputs = pack.read_json_inputs(decision, {"month": month, **facts})
    return pack.evaluate(decision, inputs, on=date(2026, 3, 1), trace=False)


def household(*members: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """Give a household of the 48 states without income, expense or asset, save what is said."""
    return {
        "region": "contiguous_48_dc",
        "household_members": list(members),
        "earned_income_month": 0,
        "unearned_income_month": 0,
        "countable_assets": 0,
        "categorically_eligible": False,
        **facts,
    }


def test_the_published_cases_pass_per_origin(oracles: Path) -> None:
    report = check_pack(SNAP, cases=oracles / "schemes" / "cases" / "us-snap.give.jsonl")

    assert report.by_origin == {
        "engine": (117, 0),
        "hand-test": (18, 0),
        "published": (1, 0),
    }, render_check(report)


# --- the Act once more, in exact fractions ----------------------------------------------------


def limit(share: str, size: int) -> int:
    """7 CFR 273.9(a)(3) with the guideline of 2025: 15,650 and 5,500 for each further person."""
    monthly = Fraction(share) / 12
    eight = math.ceil((15650 + 5500 * (min(size, 8) - 1)) * monthly)
    return eight + max(0, size - 8) * math.ceil(5500 * monthly)


def allotment_by_law(facts: dict[str, Any]) -> dict[str, Any]:
    """Compute fiscal year 2026 in the 48 states as the sections are written."""
    members = facts["household_members"]
    size = len(members)
    special = any(one["age"] >= 60 or one.get("disabled", False) for one in members)
    earned, other = Fraction(facts["earned_income_month"]), Fraction(facts["unearned_income_month"])
    gross = earned + other
    medical = Fraction(facts["medical_expenses_elderly_disabled_month"])
    before = gross - STANDARD[min(size, 6) - 1] - earned / 5
    before -= Fraction(facts["dependent_care_month"])
    before -= max(Fraction(0), medical - 35) if special else 0
    before = max(Fraction(0), before)
    costs = Fraction(facts["shelter_cost_month"]) + Fraction(facts["utility_allowance_month"])
    shelter = max(Fraction(0), costs - before / 2)
    shelter = shelter if special else min(shelter, Fraction(744))
    if facts["homeless"] and costs > 0:
        shelter = max(shelter, Fraction("198.99"))
    net = math.floor(max(Fraction(0), before - shelter) + Fraction(1, 2))
    most = ALLOTMENTS[min(size, 8) - 1] + max(0, size - 8) * 218
    tests = {
        "meets_gross_income_test": special or gross <= limit("1.3", size),
        "meets_net_income_test": net <= limit("1", size),
        "meets_asset_test": Fraction(facts["countable_assets"]) <= (4500 if special else 3000),
    }
    eligible = all(tests.values()) or facts["categorically_eligible"]
    due = max(24 if size <= 2 else 0, most - math.ceil(Fraction(net) * 3 / 10))
    return {
        **tests,
        "excess_shelter_deduction": shelter,
        "net_income": net,
        "eligible": eligible,
        "monthly_allotment": due if eligible else 0,
    }


AMOUNTS = st.one_of(
    st.integers(0, 4000).map(Decimal), st.decimals(0, 4000, places=2), st.just(Decimal(0))
)


@settings(max_examples=300, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(
    members=st.lists(
        st.fixed_dictionaries({"age": st.integers(0, 95)}, optional={"disabled": st.booleans()}),
        min_size=1,
        max_size=11,
    ),
    amounts=st.tuples(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS),
    assets=st.sampled_from([0, 2999, 3000, 3001, 4499, 4500, 4501]),
    categorical=st.booleans(),
    homeless=st.booleans(),
)
@example(
    members=[ELDERLY, {"age": 59}],
    amounts=(Decimal("0.01"),) * 6,
    assets=4500,
    categorical=False,
    homeless=True,
)
def test_every_allotment_is_what_the_sections_give(
    members: list[dict[str, Any]],
    amounts: tuple[Decimal, ...],
    assets: int,
    *,
    categorical: bool,
    homeless: bool,
) -> None:
    names = (
        "earned_income_month",
        "unearned_income_month",
        "shelter_cost_month",
        "utility_allowance_month",
        "dependent_care_month",
        "medical_expenses_elderly_disabled_month",
    )
    facts = household(
        *members,
        **dict(zip(names, amounts, strict=True)),
        countable_assets=assets,
        categorically_eligible=categorical,
        homeless=homeless,
    )

    result = ask("monthly_allotment", **facts)

    expected = allotment_by_law(facts)
    found = {
        name: value if isinstance(value, bool) else Fraction(value)
        for name, value in result.value.items()
        if name in expected
    }
    assert (result.outcome, found) == ("computed", expected)


# --- boundaries -------------------------------------------------------------------------------


@pytest.mark.parametrize("size", range(1, 9))
def test_the_net_income_limit_is_the_published_one_to_the_dollar(size: int) -> None:
    members = [ELDERLY, *[ADULT] * (size - 1)]
    published = NET_LIMITS[size - 1]

    at, above = (
        ask("meets_net_income_test", **household(*members), net_income_month=income)
        for income in (published, published + 1)
    )

    assert (at.value, above.value) == (True, False)


@pytest.mark.parametrize("size", range(1, 5))
def test_the_gross_income_limit_is_the_published_one_to_the_dollar(size: int) -> None:
    published = GROSS_LIMITS[size - 1]

    at, above = (
        ask("meets_gross_income_test", **household(*[ADULT] * size), gross_income_month=income)
        for income in (published, published + 1)
    )

    assert (at.value, above.value) == (True, False)


def test_members_above_eight_add_amounts_rounded_up_by_themselves() -> None:
    # Net 4,513 and 459 for each further member; gross 5,867 (5,866.25) and 596 (595.83).
    ten = household(*[ADULT] * 10)

    assert ask("meets_net_income_test", **ten, net_income_month=4513 + 2 * 459).value is True
    assert ask("meets_net_income_test", **ten, net_income_month=4513 + 2 * 459 + 1).value is False
    assert ask("meets_gross_income_test", **ten, gross_income_month=5867 + 2 * 596).value is True
    assert ask("meets_gross_income_test", **ten, gross_income_month=5867 + 1193).value is False


@pytest.mark.parametrize(
    ("age", "disabled", "assets", "met"),
    [
        (59, False, 3000, True),
        (59, False, 3001, False),
        (60, False, 4500, True),
        (60, False, 4501, False),
        (20, True, 4500, True),
    ],
)
def test_sixty_or_disability_raises_the_asset_limit(
    age: int, assets: int, *, disabled: bool, met: bool
) -> None:
    facts = household({"age": age, "disabled": disabled}, countable_assets=assets)

    assert ask("meets_asset_test", **facts).value is met


@pytest.mark.parametrize(
    ("income", "net", "allotment"),
    [
        # 709.49 - 209 = 500.49, 500; 30 % is 150. 709.50: 501, 150.30 up to 151.
        (Decimal("709.49"), 500, 148),
        (Decimal("709.50"), 501, 147),
        (209, 0, 298),
        (208, 0, 298),
        # 1,514 - 209 = 1,305, the limit; 298 - 392 is below the minimum of 24.
        (1514, 1305, 24),
        (1515, 1306, 0),
    ],
)
def test_a_single_person_s_allotment_around_each_step(
    income: Any, net: int, allotment: int
) -> None:
    result = ask("monthly_allotment", **household(ADULT, unearned_income_month=income))

    assert (result.value["net_income"], result.value["monthly_allotment"]) == (net, allotment)


def test_three_may_be_eligible_for_nothing() -> None:
    # 2,800 - 209 = 2,591; 30 % up to 778; 785 - 778 = 7. At 2,830: 787, nothing left.
    facts = household(*[ADULT] * 3, categorically_eligible=True)

    left = ask("monthly_allotment", **{**facts, "unearned_income_month": 2800})
    nothing = ask("monthly_allotment", **{**facts, "unearned_income_month": 2830})

    assert (left.value["eligible"], left.value["monthly_allotment"]) == (True, 7)
    assert (nothing.value["eligible"], nothing.value["monthly_allotment"]) == (True, 0)


@pytest.mark.parametrize(
    ("month", "most", "least"),
    [
        ("2015-10", 194, 16),
        ("2020-09", 194, 16),
        ("2020-10", 204, 16),
        ("2020-12", 204, 16),
        ("2021-01", 234, 19),
        ("2021-09", 234, 19),
        ("2021-10", 250, 20),
        ("2022-09", 250, 20),
        ("2022-10", 281, 23),
        ("2024-09", 291, 23),
        ("2025-09", 292, 23),
        ("2025-10", 298, 24),
        ("2026-09", 298, 24),
    ],
)
def test_amounts_change_with_the_fiscal_year_and_in_january_2021(
    month: str, most: int, least: int
) -> None:
    result = ask("monthly_allotment", month, **household(ADULT))

    assert (result.value["max_allotment"], result.value["min_allotment"]) == (most, least)
    assert result.outcome == "computed"


@pytest.mark.parametrize("month", ["2015-09", "2026-10", "2030-01"])
def test_a_month_without_amounts_is_undetermined_and_gives_no_figure(month: str) -> None:
    result = ask("monthly_allotment", month, **household(ADULT))

    assert result.outcome == "undetermined"
    assert "max_allotments" in result.missing
    assert result.value["monthly_allotment"] is None


def test_the_minimum_of_fiscal_year_2023_is_the_published_one_of_two_on_record() -> None:
    parameter = next(one for one in snap().parameters if one.name == "minimum_allotment")

    recorded = {
        int(str(row.value)): row.is_adopted
        for row in parameter.rows
        if row.valid_from == date(2022, 10, 1)
    }

    assert recorded == {23: True, 22: False}


def test_the_homeless_amount_of_2019_was_known_only_in_february() -> None:
    pack = snap()
    before = datetime(2019, 2, 7, tzinfo=UTC)

    rows = [
        pack.parameter("homeless_shelter_deduction", date(2018, 11, 1), known)
        for known in (before, None)
    ]

    amounts = [None if row is None else row.value for row in rows]
    assert amounts == [Decimal(143), Decimal("147.55")]


# --- what is not known ------------------------------------------------------------------------

REQUIRED = (
    "region",
    "household_members",
    "earned_income_month",
    "unearned_income_month",
    "countable_assets",
)


@pytest.mark.parametrize("fact", REQUIRED)
def test_a_fact_that_is_missing_leaves_the_allotment_undetermined(fact: str) -> None:
    facts = household(ADULT, shelter_cost_month=500)

    result = ask("monthly_allotment", **{**facts, fact: None})

    assert (result.outcome, result.missing) == ("undetermined", (fact,))
    assert result.value["eligible"] is None
    # Assets decide on the right, not on the amount, which the published example has without them.
    assert (result.value["monthly_allotment"] is None) == (fact != "countable_assets")


@pytest.mark.parametrize("member", [{"age": None}, {"age": 40, "disabled": None}])
def test_an_unknown_age_or_disability_is_not_taken_for_young_and_healthy(
    member: dict[str, Any],
) -> None:
    result = ask("monthly_allotment", **household(member))

    assert (result.outcome, result.missing) == ("undetermined", ("household_members",))
    assert result.value["monthly_allotment"] is None


def test_one_elderly_member_is_enough_whatever_is_not_known_of_another() -> None:
    result = ask("monthly_allotment", **household(ELDERLY, {"age": None}))

    assert result.outcome == "computed"


def test_a_disability_nobody_claims_is_none() -> None:
    left_out = ask("monthly_allotment", **household({"age": 40}))
    denied = ask("monthly_allotment", **household({"age": 40, "disabled": False}))

    assert (left_out.outcome, left_out.value) == ("computed", denied.value)


def eligibility(**facts: Any) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    result = ask("eligible", **facts)
    return result.outcome, tuple(reason.code for reason in result.reasons), result.missing


def test_a_known_failure_refuses_and_an_unknown_one_does_not() -> None:
    rich = household(ADULT, unearned_income_month=9000)
    poor = household(ADULT)
    both = ("GROSS_INCOME_TOO_HIGH", "NET_INCOME_TOO_HIGH")

    assert eligibility(**{**rich, "countable_assets": None}) == ("refused", both, ())
    assert eligibility(**{**rich, "categorically_eligible": None}) == (
        "undetermined",
        (),
        ("categorically_eligible",),
    )
    assert eligibility(**{**poor, "categorically_eligible": None}) == (
        "granted",
        ("TESTS_MET",),
        (),
    )
    assert eligibility(**{**rich, "categorically_eligible": True}) == (
        "granted",
        ("CATEGORICALLY_ELIGIBLE",),
        (),
    )
    assert eligibility(**{**poor, "countable_assets": 3001}) == (
        "refused",
        ("ASSETS_TOO_HIGH",),
        (),
    )


def test_a_household_without_members_is_refused_and_paid_nothing() -> None:
    result = ask("monthly_allotment", **household(categorically_eligible=True))

    assert eligibility(**household(categorically_eligible=True)) == ("refused", ("NO_MEMBERS",), ())
    assert (result.outcome, result.value["monthly_allotment"]) == ("computed", 0)


@pytest.mark.parametrize("region", ["AK_URBAN", "AK_RURAL_2", "HI", "GU", "VI"])
def test_an_area_without_amounts_on_record_is_undetermined(region: str) -> None:
    result = ask("monthly_allotment", **household(ADULT, region=region))

    assert (result.outcome, result.value["monthly_allotment"]) == ("undetermined", None)


def test_a_state_stands_for_its_area() -> None:
    by_state = ask("monthly_allotment", **household(ADULT, region=None, state="TX"))

    assert by_state.value == ask("monthly_allotment", **household(ADULT)).value
    assert (
        ask("excess_shelter_deduction", "2023-05", state="HI", shelter_cost_month=900).value == 840
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"region": "PR"},
        {"earned_income_month": -1},
        {"household_members": [{"age": -1}]},
        {"household_members": [{"age": 30, "sick": True}]},
        {"month": "2026-13"},
    ],
)
def test_facts_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    facts = {"month": "2026-03", **household(ADULT), **wrong}

    with pytest.raises(WrongInput):
        ask("monthly_allotment", **facts)


def test_a_homeless_household_takes_the_standard_amount_only_with_a_cost_and_where_it_is_more() -> (
    None
):
    none, some, much = (
        ask("excess_shelter_deduction", homeless=True, shelter_cost_month=cost).value
        for cost in (0, Decimal("0.01"), 700)
    )

    assert (none, some, much) == (0, Decimal("198.99"), 700)
