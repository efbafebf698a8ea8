"""Mauritius' pension over months and ages, against the published figures typed here once more."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from amparo.rules.packs import Pack, Result, load_pack

BRP = Path(__file__).parents[2] / "schemes" / "mu" / "brp" / "1"
# Age band: rate from a month on; None: no source from that month on.
RATES: dict[tuple[int, int], dict[str, int | None]] = {
    (60, 75): {
        "2011-12": 3146,
        "2015-01": 5000,
        "2017-01": 5450,
        "2019-06": 6210,
        "2019-12": 9000,
        "2022-01": None,
        "2024-04": 13500,
        "2025-01": None,
    },
    (75, 90): {
        "2011-12": 3146,
        "2015-01": 5000,
        "2017-01": 5450,
        "2019-06": 6210,
        "2019-12": 9000,
        "2022-01": None,
        "2024-01": 13500,
        "2025-01": None,
    },
    (90, 100): {
        "2011-12": 9357,
        "2015-01": 15000,
        "2017-01": 15450,
        "2019-06": None,
        "2019-12": 16710,
        "2022-01": None,
        "2024-01": 18700,
        "2025-01": None,
    },
    (100, 131): {
        "2011-12": 10621,
        "2015-01": 20000,
        "2017-01": 20450,
        "2019-06": None,
        "2019-12": 21710,
        "2022-01": None,
        "2024-01": 23710,
        "2025-01": None,
    },
}
NAMES = {60: "rate_60_to_74", 75: "rate_75_to_89", 90: "rate_90_to_99", 100: "rate_100_and_over"}
COHORTS = {1966: 61, 1967: 62, 1968: 63, 1969: 64}
MONTHS = ["2011-11"] + [
    f"{year}-{month:02}" for year in range(2012, 2028) for month in (1, 4, 5, 6, 11, 12)
]
AGES = [0, 59, 60, 61, 65, 74, 75, 89, 90, 99, 100, 107, 130]


def brp() -> Pack:
    return load_pack(BRP)


def ask(decision: str, month: str, **inputs: object) -> Result:
    on = date.fromisoformat(f"{month}-01")
    return brp().evaluate(decision, {"month": month, **inputs}, on=on, trace=False)


def rate_by_source(month: str, age: int) -> tuple[int | None, str]:
    """Give the published rate, or None and the name of the rate that has no source."""
    if age < 60:
        return 0, ""
    low, high = next(band for band in RATES if band[0] <= age < band[1])
    rates = [rate for start, rate in RATES[low, high].items() if start <= month]
    return (rates[-1] if rates else None), NAMES[low]


@pytest.mark.parametrize("month", MONTHS)
def test_the_rate_of_every_month_and_age_is_the_published_one_or_undetermined(month: str) -> None:
    for age in AGES:
        result = ask("monthly_rate", month, age=age)

        rate, name = rate_by_source(month, age)
        if rate is None:
            assert (result.outcome, result.value) == ("undetermined", None)
            assert name in result.missing
        else:
            assert (result.outcome, result.value) == ("computed", Decimal(rate))


@pytest.mark.parametrize("month", MONTHS)
def test_a_december_pays_twice_since_2019_and_is_not_known_before(month: str) -> None:
    for age in AGES:
        result = ask("payment_with_13th_month", month, age=age)

        rate, _ = rate_by_source(month, age)
        december = month.endswith("-12")
        if rate is None or (december and month < "2019-12" and rate):
            assert (result.outcome, result.value) == ("undetermined", None)
        else:
            paid = rate * 2 if december else rate
            assert (result.outcome, result.value) == ("computed", Decimal(paid))


@pytest.mark.parametrize("on", [date(1990, 1, 1), date(2019, 1, 1), date(2025, 1, 1), date.max])
def test_the_pensionable_age_follows_the_year_of_birth_whatever_the_day_asked(on: date) -> None:
    for born in range(1900, 1990):
        result = brp().evaluate("pensionable_age", {"year_of_birth": born}, on=on, trace=False)

        age = 60 if born <= 1965 else COHORTS.get(born, 65)
        assert result.outcome == "computed"
        assert result.value == {"pensionable_age": age, "first_year_of_payment": born + age}


def age_by_law(born: int) -> int:
    return 60 if born <= 1965 else COHORTS.get(born, 65)


@pytest.mark.parametrize("year", range(2012, 2040))
def test_without_the_year_of_birth_only_a_boundary_of_cohorts_is_undetermined(year: int) -> None:
    for age in range(55, 75):
        result = ask("eligible", f"{year}-06", age=age, citizen=True, years_resident_since_18=40)

        answers = {age >= age_by_law(year - age - before) for before in (0, 1)}
        if len(answers) == 2:
            assert (result.outcome, result.missing) == ("undetermined", ("year_of_birth",))
        else:
            assert result.outcome == ("granted" if answers.pop() else "refused"), (year, age)


@pytest.mark.parametrize("age", [50, 60, 66, 75])
@pytest.mark.parametrize("citizen", [True, False])
def test_a_right_before_the_record_is_undetermined_and_names_the_parameter(
    age: int, *, citizen: bool
) -> None:
    result = ask(
        "eligible",
        "2011-11",
        age=age,
        year_of_birth=2011 - age,
        citizen=citizen,
        years_resident_since_18=30,
        years_resident_since_40=20,
        resident_last_3_years=True,
    )

    assert result.outcome == "undetermined"
    assert "minimum_age" in result.missing


def test_what_the_register_does_not_hold_is_asked_of_the_claimant() -> None:
    stated = {
        item.name for item in brp().manifest.inputs if item.source.partition(".")[0] == "claim"
    }

    assert stated == {
        "month",
        "citizen",
        "years_resident_since_18",
        "years_resident_since_40",
        "resident_last_3_years",
    }
