"""The United Kingdom's packs against their statutes, computed a second time from the text."""

import math
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from amparo.rules.packs import Pack, Result, WrongInput, load_pack

KINGDOM = Path(__file__).parents[2] / "schemes" / "uk"
# Every decision here states its tax year; the day asked must not matter.
ON = date(1999, 1, 1)


@cache
def kingdom(scheme: str) -> Pack:
    return load_pack(KINGDOM / scheme / "1")


def decide(scheme: str, decision: str, inputs: Mapping[str, object], **options: Any) -> Result:
    return kingdom(scheme).evaluate(decision, inputs, on=ON, trace=False, **options)


# Child benefit ----------------------------------------------------------------------------

WEEKLY = {
    2023: ("24.00", "15.90"),
    2024: ("25.60", "16.95"),
    2025: ("26.05", "17.25"),
    2026: ("27.05", "17.90"),
}


@pytest.mark.parametrize("year", range(2020, 2030))
@pytest.mark.parametrize("children", [0, 1, 2, 3, 12])
def test_child_benefit_is_the_eldest_s_rate_and_the_others(year: int, children: int) -> None:
    result = decide(
        "child-benefit",
        "child_benefit",
        {"tax_year_start": year, "number_of_children": children},
    )

    if year not in WEEKLY:
        assert result.outcome == "undetermined"
        return
    eldest, other = map(Decimal, WEEKLY[year])
    week = eldest + (children - 1) * other if children else Decimal(0)
    assert result.value == {"child_benefit_week": week, "child_benefit_year": 52 * week}


@settings(max_examples=200, deadline=None)
@given(
    year=st.integers(2013, 2030),
    income=st.decimals(0, 120_000, places=2),
    benefit=st.decimals(0, 10_000, places=2),
)
@example(year=2023, income=Decimal("50000.01"), benefit=Decimal(1248))
@example(year=2023, income=Decimal("59999.99"), benefit=Decimal("2074.80"))
@example(year=2024, income=Decimal("60199.99"), benefit=Decimal("2212.60"))
@example(year=2024, income=Decimal("79999.99"), benefit=Decimal("2212.60"))
def test_the_charge_rounds_down_what_section_681c_rounds_down(
    year: int, income: Decimal, benefit: Decimal
) -> None:
    threshold, step = (50_000, 100) if year < 2024 else (60_000, 200)
    percentage = min(100, max(0, math.floor((income - threshold) / step)))

    result = decide(
        "child-benefit",
        "high_income_charge",
        {"tax_year_start": year, "adjusted_net_income": income, "child_benefit_year": benefit},
    )

    assert result.value == {
        "percentage": percentage,
        "high_income_charge": benefit * percentage / 100,
        "charge_due": math.floor(math.floor(benefit) * percentage / Decimal(100)),
    }


def test_the_threshold_of_2024_holds_from_the_day_its_act_is_known() -> None:
    facts = {"tax_year_start": 2024, "adjusted_net_income": 70_000, "child_benefit_year": 1000}

    before, after = (
        decide("child-benefit", "high_income_charge", facts, known_at=instant).value["percentage"]
        for instant in (
            datetime(2024, 5, 23, 23, 59, tzinfo=UTC),
            datetime(2024, 5, 24, 0, 0, tzinfo=UTC),
        )
    )

    # 20,000 / 100 is more than 100 %; 10,000 / 200 is 50 %.
    assert (before, after) == (100, 50)


# Class 1 contributions --------------------------------------------------------------------

EARNINGS = [
    *map(Decimal, (0, 1, 4999, 5000, 5001, 9099, 9100, 9101, 12569, 12570, 12571, 24999, 25000)),
    *map(Decimal, (25001, 50269, 50270, 50271, 125_140, 1_000_000)),
    *map(Decimal, ("12570.06", "12570.0625", "12570.07", "9100.5")),
]
PRIMARY = {"main": ("0.08", "0.02"), "reduced": ("0.0185", "0.02"), "deferred": ("0.02", "0.02")}
RATES = dict.fromkeys("AFHMNV", "main") | dict.fromkeys("BEI", "reduced")
RATES |= dict.fromkeys("DJLZ", "deferred")
AGES = [15, 16, 20, 21, 24, 25, 40, 65, 66, 90]


def contradicts(letter: str, age: int) -> bool:
    """Say whether a letter speaks of an age the person does not have."""
    if age < 16 or letter == "X":
        return False
    limits = {"M": age < 21, "Z": age < 21, "H": age < 25}
    return not limits.get(letter, age >= 66 if letter in "CKS" else True)


def pennies(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_DOWN)


def employee(letter: str, age: int, earnings: Decimal) -> Decimal:
    if age < 16 or age >= 66 or letter == "X":
        return Decimal(0)
    main, upper = map(Decimal, PRIMARY[RATES[letter]])
    band = max(Decimal(0), min(earnings, Decimal(50270)) - 12570)
    return pennies(band * main + max(Decimal(0), earnings - 50270) * upper)


def employer(year: int, letter: str, age: int, earnings: Decimal) -> Decimal:
    if age < 16 or letter == "X":
        return Decimal(0)
    threshold, rate = {2024: (9100, "0.138"), 2025: (5000, "0.15")}[year]
    if age < 21 or letter in "HMVZ":
        threshold = 50270
    elif letter in "DEFIKLNS":
        threshold = 25000
    return pennies(max(Decimal(0), earnings - threshold) * Decimal(rate))


@pytest.mark.parametrize("year", [2024, 2025])
@pytest.mark.parametrize("letter", "ABCDEFHIJKLMNSVXZ")
def test_every_letter_age_and_earning_contributes_as_sections_8_and_9_say(
    year: int, letter: str
) -> None:
    for age in AGES:
        for earnings in EARNINGS:
            result = decide(
                "ni-class1",
                "class1_contributions",
                {
                    "tax_year_start": year,
                    "age": age,
                    "annual_earnings": earnings,
                    "category": letter,
                },
            )

            if contradicts(letter, age):
                assert result.outcome == "undetermined", (age, earnings)
            else:
                assert result.value == {
                    "employee_contribution": employee(letter, age, earnings),
                    "employer_contribution": employer(year, letter, age, earnings),
                }, (age, earnings)


@pytest.mark.parametrize("year", [1948, 2023, 2026, 2100])
def test_contributions_of_a_year_without_rates_are_undetermined(year: int) -> None:
    facts = {"tax_year_start": year, "age": 40, "annual_earnings": 30_000, "category": "A"}

    assert decide("ni-class1", "class1_contributions", facts).outcome == "undetermined"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("category", "R"),
        ("category", "a"),
        ("annual_earnings", -1),
        ("tax_year_start", Decimal("2024.5")),
    ],
)
def test_what_no_earner_can_have_is_refused(name: str, value: object) -> None:
    facts = {"tax_year_start": 2024, "age": 40, "annual_earnings": 1, "category": "A", name: value}

    with pytest.raises(WrongInput, match=f"The input {name}"):
        decide("ni-class1", "class1_contributions", facts)


# Universal credit -------------------------------------------------------------------------

# Regulation 36 and 22, a month: single under 25, single, couple under 25, couple, first child
# born before 6 April 2017, child, LCWRA, carer; work allowance with and without housing costs.
UC = {
    2023: ("292.11 368.74 458.51 578.82 315.00 269.58 390.06 185.86", 379, 631),
    2024: ("311.68 393.45 489.23 617.60 333.33 287.92 416.19 198.31", 404, 673),
    2025: ("316.98 400.14 497.55 628.10 339.00 292.81 423.27 201.68", 411, 684),
}


def award_by_law(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Read the regulations for adults of 18 and more and children below 16."""
    amounts, with_housing, without_housing = UC[facts["tax_year_start"]]
    single_25, single, couple_25, couple, first, child, lcwra, carer = map(Decimal, amounts.split())
    adults, children = facts["adults"], facts["children"]
    young = all(adult["age"] < 25 for adult in adults)
    pair = len(adults) == 2
    standard = (couple_25 if young else couple) if pair else (single_25 if young else single)

    # Regulation 24A, oldest first: those born before 6 April 2017 count always.
    elements, counted = Decimal(0), 0
    for is_earlier in sorted((each["born_before_2017_04_06"] for each in children), reverse=True):
        if is_earlier or counted < 2:
            elements += first if is_earlier and counted == 0 else child
            counted += 1

    limited = [each for each in adults if each["limited_capability_for_work_related_activity"]]
    # Regulation 29(4): the LCWRA element goes where it costs no carer element, if it can.
    holder = next((each for each in limited if not each["carer"]), limited[0] if limited else None)
    carers = sum(each["carer"] and each is not holder for each in adults)

    rent, capital = facts["eligible_rent_year"], facts["capital"]
    eligible = capital <= 16_000 and min(each["age"] for each in adults) < 66
    allowance = (with_housing if rent else without_housing) if children or limited else 0
    earned = sum(
        max(
            Decimal(0),
            each["gross_employment_income_year"]
            - each["income_tax_year"]
            - each["national_insurance_year"],
        )
        for each in adults
    )
    above = max(Decimal(0), earned - 12 * allowance)
    tariff = 0
    if eligible and capital > 6_000:
        tariff = math.ceil((capital - 6_000) / 250) * 12
    monthly = standard + elements + (lcwra if limited else 0) + carers * carer
    maximum = 12 * monthly + rent if eligible else Decimal(0)
    withdrawn = (above * Decimal("0.55")).quantize(Decimal("0.01"), ROUND_HALF_UP)
    reduction = min(maximum, withdrawn + tariff * Decimal("4.35"))
    return {
        "standard_allowance": 12 * standard,
        "child_elements": 12 * elements,
        "lcwra_element": 12 * lcwra if limited else 0,
        "carer_element": 12 * carers * carer,
        "housing_element": rent,
        "maximum_amount": maximum,
        "work_allowance": 12 * allowance,
        "earned_income_before_allowance": earned,
        "earned_income_after_allowance": above,
        "tariff_income_from_capital": tariff * Decimal("4.35"),
        "income_reduction": reduction,
        "eligible": eligible,
        "award_before_benefit_cap": maximum - reduction,
    }


MONEY = st.decimals(0, 60_000, places=2)
CAPITAL = st.sampled_from(
    [Decimal(each) for each in ("0", "5999.99", "6000", "6000.01", "6250", "6250.01", "16000")]
) | st.decimals(0, 17_000, places=2)
ADULT = st.fixed_dictionaries(
    {
        "age": st.sampled_from([18, 24, 25, 40, 65, 66, 80]),
        "gross_employment_income_year": MONEY,
        "limited_capability_for_work_related_activity": st.booleans(),
        "carer": st.booleans(),
        "income_tax_year": st.decimals(0, 5_000, places=2),
        "national_insurance_year": st.decimals(0, 3_000, places=2),
    }
)
CHILD = st.fixed_dictionaries({"age": st.integers(0, 15), "born_before_2017_04_06": st.booleans()})
HOUSEHOLD = st.fixed_dictionaries(
    {
        "tax_year_start": st.sampled_from([2023, 2024, 2025]),
        "adults": st.lists(ADULT, min_size=1, max_size=2),
        "children": st.lists(CHILD, max_size=6),
        "eligible_rent_year": st.sampled_from([Decimal(0), Decimal("0.01"), Decimal(6000)]),
        "capital": CAPITAL,
    }
)


@settings(max_examples=300, deadline=None)
@given(facts=HOUSEHOLD)
def test_every_household_is_awarded_what_the_regulations_say(facts: dict[str, Any]) -> None:
    result = decide("universal-credit", "award_before_benefit_cap", facts)

    assert result.outcome == "computed"
    assert result.value == award_by_law(facts)


def forgotten(facts: dict[str, Any]) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """Give the facts with one of them after the other not known, and the way to it."""
    for name in facts:
        yield [name], {**facts, name: None}
    for group in ("adults", "children"):
        for number, person in enumerate(facts[group]):
            for entry in person:
                changed = deepcopy(facts)
                changed[group][number][entry] = None
                yield [group, number, entry], changed


# What each entry might have been. A fact that stays unknown may be any of these.
POSSIBLE: Mapping[str, list[Any]] = {
    "age": [0, 15, 18, 24, 25, 65, 66],
    "gross_employment_income_year": [Decimal(0), Decimal(9_000), Decimal(60_000)],
    "limited_capability_for_work_related_activity": [False, True],
    "carer": [False, True],
    "income_tax_year": [Decimal(0), Decimal(5_000)],
    "national_insurance_year": [Decimal(0), Decimal(3_000)],
    "born_before_2017_04_06": [False, True],
    "capital": [Decimal(0), Decimal(7_000), Decimal(17_000)],
    "eligible_rent_year": [Decimal(0), Decimal(6_000)],
    "tax_year_start": [2023, 2025],
    "adults": [],
    "children": [[]],
}

CHILD_AGES = (0, 15)


@settings(max_examples=40, deadline=None)
@given(facts=HOUSEHOLD)
@pytest.mark.parametrize("decision", ["award_before_benefit_cap", "entitlement"])
def test_an_unknown_fact_decides_nothing(decision: str, facts: dict[str, Any]) -> None:
    for way, changed in forgotten(facts):
        result = decide("universal-credit", decision, changed)
        if result.outcome == "undetermined":
            continue
        # Decided all the same: then whatever the fact is, it must come to the same.
        for possible in CHILD_AGES if way[::2] == ["children", "age"] else POSSIBLE[way[-1]]:
            whole = deepcopy(facts)
            place: Any = whole
            for step in way[:-1]:
                place = place[step]
            place[way[-1]] = possible
            assert decide("universal-credit", decision, whole).value == result.value, way


@pytest.mark.parametrize("count", [0, 3])
def test_a_claim_is_made_by_one_or_two(count: int) -> None:
    adult = dict.fromkeys(ADULT_ENTRIES, Decimal(0)) | {"age": 30} | dict.fromkeys(FLAGS, False)
    facts = {
        "tax_year_start": 2025,
        "adults": [adult] * count,
        "children": [],
        "eligible_rent_year": 0,
        "capital": 0,
    }

    with pytest.raises(WrongInput, match="adults"):
        decide("universal-credit", "entitlement", facts)


FLAGS = ("limited_capability_for_work_related_activity", "carer")
ADULT_ENTRIES = ("gross_employment_income_year", "income_tax_year", "national_insurance_year")


@pytest.mark.parametrize(
    ("adults", "children", "outcome", "reasons"),
    [
        ([18], [], "granted", ["CONDITIONS_MET"]),
        ([17], [], "undetermined", []),
        ([17], [0], "granted", ["CONDITIONS_MET"]),
        ([16, 30], [0], "granted", ["CONDITIONS_MET"]),
        ([16, 30], [], "undetermined", []),
        ([15], [0], "refused", ["TOO_YOUNG"]),
        ([15, 30], [0], "undetermined", []),
        ([65], [], "granted", ["CONDITIONS_MET"]),
        ([66], [], "refused", ["PENSION_AGE"]),
        ([66, 65], [], "granted", ["CONDITIONS_MET"]),
        ([66, 67], [], "refused", ["PENSION_AGE"]),
    ],
)
def test_age_gives_or_refuses_the_right(
    adults: list[int], children: list[int], outcome: str, reasons: list[str]
) -> None:
    facts = {
        "tax_year_start": 2025,
        "adults": [
            dict.fromkeys(ADULT_ENTRIES, 0) | dict.fromkeys(FLAGS, False) | {"age": age}
            for age in adults
        ],
        "children": [{"age": age, "born_before_2017_04_06": False} for age in children],
        "eligible_rent_year": 0,
        "capital": 0,
    }

    result = decide("universal-credit", "entitlement", facts)

    assert (result.outcome, [reason.code for reason in result.reasons]) == (outcome, reasons)
