"""The United States' old-age benefit: published cases, and the Act computed a second time."""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from amparo.rules.packs import Pack, Result, WrongInput, check_pack, load_pack, render_check

OASDI = Path(__file__).parents[2] / "schemes" / "us" / "oasdi-retirement" / "1"
ON = date(2026, 6, 1)
FROM_1979_BEND_POINTS = (180, 1085)
FROM_1979_FAMILY_POINTS = (230, 332, 433)
# Section 202(w)(6): percent a year for those attaining 62 in a year or later.
CREDITS = {
    1979: "3",
    1987: "3.5",
    1989: "4",
    1991: "4.5",
    1993: "5",
    1995: "5.5",
    1997: "6",
    1999: "6.5",
    2001: "7",
    2003: "7.5",
    2005: "8",
}


# A quarter of the base each year, as 20 CFR 404 subpart C, appendix IV has it.
LITTLE_FOR_LONG = {
    1972: Decimal(2250),
    1973: Decimal(2700),
    1974: Decimal(3300),
    1975: Decimal(3525),
    1976: Decimal(3825),
    1977: Decimal(4125),
    1978: Decimal(4425),
    1979: Decimal(4725),
    1980: Decimal(5100),
    1981: Decimal(5550),
    1982: Decimal(6075),
    1983: Decimal(6675),
    1984: Decimal(7050),
    1985: Decimal(7425),
    1986: Decimal(7875),
    1987: Decimal(8175),
    1988: Decimal(8400),
    1989: Decimal(8925),
    1990: Decimal(9525),
    1991: Decimal(5940),
    1992: Decimal(6210),
}


def oasdi() -> Pack:
    return load_pack(OASDI)


def ask(decision: str, known_at: datetime | None = None, **facts: Any) -> Result:
    pack = oasdi()
    inputs = pack.read_json_inputs(decision, facts)
    return pack.evaluate(decision, inputs, on=ON, known_at=known_at, trace=False)


def test_the_published_cases_pass_per_origin(oracles: Path) -> None:
    report = check_pack(
        OASDI, cases=oracles / "schemes" / "cases" / "us-oasdi-retirement.give.jsonl"
    )

    assert report.by_origin == {
        "engine": (241, 0),
        "engine-third-party": (10, 0),
        "published": (187, 0),
    }, render_check(report)


# --- the Act once more, in exact fractions ----------------------------------------------------


def series(name: str, entry: str) -> dict[int, Fraction]:
    """Give a series by year, as known in full; of the increase of 1999, the corrected value."""
    row = oasdi().parameter(name, ON)
    assert row is not None
    assert isinstance(row.value, list)
    return {int(item["year"]): Fraction(item[entry]) for item in row.value}


def down(amount: Fraction, parts: int) -> Fraction:
    return Fraction(math.floor(amount * parts), parts)


def up(amount: Fraction, parts: int) -> Fraction:
    return Fraction(math.ceil(amount * parts), parts)


def nearest(amount: Fraction, parts: int) -> Fraction:
    return down(amount + Fraction(1, 2 * parts), parts)


def to_dime(amount: Fraction, year: int) -> Fraction:
    return down(amount, 10) if year >= 1982 else up(amount, 10)


def month_of(text: str) -> int:
    year, month = text.split("-")
    return int(year) * 12 + int(month) - 1


def months_of_retirement_age(eligible: int) -> int:
    """Section 216(l): 65, two months more each year, 66, two months more each year, 67."""
    first = min(max(eligible - 1999, 0), 6)
    second = min(max(eligible - 2016, 0), 6)
    return 65 * 12 + 2 * first + 2 * second


def formula(amount: Fraction, points: list[Fraction], rates: list[str]) -> Fraction:
    edges = [Fraction(0), *points]
    tops = [*points, amount]
    parts = zip(edges, tops, rates, strict=True)
    return sum(
        (Fraction(rate) * max(Fraction(0), min(amount, top) - low) for low, top, rate in parts),
        Fraction(0),
    )


def special_minimum_of_1979(earnings: Mapping[int, Decimal], before: int) -> Fraction:
    """Section 215(a)(1)(C): 11.50 for each year of coverage above ten, of thirty at most."""
    bases = series("contribution_and_benefit_base", "amount")
    old_law = series("old_law_base", "amount")
    early = sum((Fraction(earnings.get(year, 0)) for year in range(1937, 1951)), Fraction(0))
    years = min(14, math.floor(early / 900))
    for year, earned in earnings.items():
        if 1951 <= year < before:
            base = bases[year] if year <= 1978 else old_law[year]
            share = Fraction(15, 100) if year > 1990 else Fraction(25, 100)
            years += Fraction(earned) >= share * base
    return Fraction("11.5") * max(0, min(30, years) - 10)


def benefit_by_law(
    born: date, entitled: str, month: str, earnings: Mapping[int, Decimal]
) -> dict[str, Fraction]:
    """Compute a benefit as the sections are written; for insured people, months since 2001-08."""
    wages = series("average_wage_index", "amount")
    bases = series("contribution_and_benefit_base", "amount")
    increases = series("cost_of_living_increase", "percent")
    attains = born - timedelta(days=1)
    eligible = attains.year + 62
    years = eligible - max(1951, attains.year + 22) - 5
    asked = month_of(month)
    counted = []
    for year, earned in earnings.items():
        if 1951 <= year < asked // 12:
            amount = min(Fraction(earned), bases[year])
            if year < eligible - 2:
                amount = nearest(amount * wages[eligible - 2] / wages[year], 100)
            counted.append(amount)
    best = sorted(counted, reverse=True)[:years]
    aime = down(sum(best, Fraction(0)) / (12 * years), 1)
    ratio = wages[eligible - 2] / wages[1977]
    points = [nearest(point * ratio, 1) for point in FROM_1979_BEND_POINTS]
    pia = to_dime(formula(aime, points, ["0.9", "0.32", "0.15"]), eligible)
    family_points = [nearest(point * ratio, 1) for point in FROM_1979_FAMILY_POINTS]
    family = to_dime(formula(pia, family_points, ["1.5", "2.72", "1.34", "1.75"]), eligible)
    special = special_minimum_of_1979(earnings, asked // 12)
    special_family = to_dime(special * Fraction(3, 2), 1979)
    for year in range(1979, 2026):
        if asked >= year * 12 + (5 if year < 1983 else 11):
            raised = (100 + increases[year]) / 100
            special = to_dime(special * raised, year)
            special_family = to_dime(special_family * raised, year)
            if year >= eligible:
                pia = to_dime(pia * raised, year)
                family = to_dime(family * raised, year)
    regular, pia = pia, max(pia, special)
    birth = attains.year * 12 + attains.month - 1
    retires, begins = birth + months_of_retirement_age(eligible), month_of(entitled)
    if begins < retires:
        early = retires - begins
        cut = Fraction(5, 900) * min(early, 36) + Fraction(5, 1200) * max(early - 36, 0)
        paid = down(pia * (1 - cut), 10)
    else:
        percent = Fraction(CREDITS[max(year for year in CREDITS if year <= eligible)])
        until = min(begins, birth + 70 * 12)
        if asked < birth + 70 * 12:
            until = min(until, asked // 12 * 12)
        # Section 202(w)(5): credits raise the regular amount only.
        paid = max(special, down(regular * (1 + percent / 1200 * max(0, until - retires)), 10))
    return {
        "aime": aime,
        "primary_insurance_amount": pia,
        "family_maximum": special_family if special > regular else family,
        "benefit_before_dollar_rounding": paid,
        "monthly_benefit": down(paid, 1),
    }


def months_after(text: str, count: int) -> str:
    number = month_of(text) + count
    return f"{number // 12}-{number % 12 + 1:02}"


@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.generate))
@given(
    born=st.dates(date(1937, 1, 1), date(1960, 12, 31)),
    wait=st.integers(0, 12 * 12),
    later=st.integers(0, 12 * 20),
    earnings=st.dictionaries(
        st.integers(1951, 2025),
        st.decimals(0, 200_000, places=2),
        min_size=0,
        max_size=60,
    ),
)
@example(born=date(1940, 2, 29), wait=0, later=0, earnings={})
@example(born=date(1944, 1, 1), wait=48, later=12, earnings={1980: Decimal("25900.01")})
@example(born=date(1944, 1, 2), wait=60, later=0, earnings={2000: Decimal(76200)})
# Thirty years a little above a quarter of the base: the special minimum is the higher amount.
@example(
    born=date(1937, 1, 2),
    wait=12 * 7,
    later=24,
    earnings=dict.fromkeys(range(1972, 1992), Decimal(10_000)),
)
@example(born=date(1937, 1, 2), wait=0, later=0, earnings=LITTLE_FOR_LONG)
def test_every_benefit_is_what_the_sections_give(
    born: date, wait: int, later: int, earnings: dict[int, Decimal]
) -> None:
    # Ten early years make everybody insured.
    record = {**earnings, **dict.fromkeys(range(1962, 1972), Decimal(1950))}
    attains = born - timedelta(days=1)
    first = f"{attains.year + 62}-{attains.month:02}"
    # The month after that of attaining 62 is whole at 62 for everybody.
    entitled = max(months_after(first, 1 + wait), "2001-08")
    month = min(months_after(entitled, later), "2026-11")
    entitled = min(entitled, month)

    result = ask(
        "monthly_benefit",
        date_of_birth=born.isoformat(),
        entitlement_month=entitled,
        benefit_month=month,
        annual_earnings={str(year): amount for year, amount in record.items()},
    )

    expected = benefit_by_law(born, entitled, month, record)
    assert result.outcome == "computed"
    assert {name: Fraction(result.value[name]) for name in expected} == expected


# --- boundaries -------------------------------------------------------------------------------

TEN_YEARS = {str(year): 20000 for year in range(2005, 2015)}


def entitled_first(born: str) -> str:
    """Find the first month for which entitlement is granted, by asking for each."""
    months = (months_after(f"{int(born[:4]) + 62}-{born[5:7]}", step) for step in range(-2, 3))
    granted = [
        month
        for month in months
        if ask(
            "entitlement",
            date_of_birth=born,
            entitlement_month=month,
            benefit_month=month,
            annual_earnings=TEN_YEARS,
        ).outcome
        == "granted"
    ]
    return granted[0]


@pytest.mark.parametrize(
    ("born", "month"),
    [
        ("1955-04-30", "2017-05"),
        ("1955-05-01", "2017-05"),
        ("1955-05-02", "2017-05"),
        ("1955-05-03", "2017-06"),
        ("1956-02-28", "2018-03"),
        ("1956-02-29", "2018-03"),
        ("1956-03-01", "2018-03"),
        ("1955-12-31", "2018-01"),
        ("1956-01-01", "2018-01"),
        ("1956-01-02", "2018-01"),
        ("1956-01-03", "2018-02"),
    ],
)
def test_the_first_month_is_the_first_whole_one_at_62(born: str, month: str) -> None:
    assert entitled_first(born) == month


@pytest.mark.parametrize(
    ("born", "eligible", "retirement_age"),
    [
        ("1938-01-01", 1999, 780),
        ("1938-01-02", 2000, 782),
        ("1943-01-01", 2004, 790),
        ("1943-01-02", 2005, 792),
        ("1955-01-01", 2016, 792),
        ("1955-01-02", 2017, 794),
        ("1960-01-01", 2021, 802),
        ("1960-01-02", 2022, 804),
    ],
)
def test_birth_on_new_years_day_belongs_to_the_year_before(
    born: str, eligible: int, retirement_age: int
) -> None:
    at_62 = months_after(f"{born[:4]}-01", 62 * 12)

    result = ask(
        "monthly_benefit",
        date_of_birth=born,
        entitlement_month=at_62,
        benefit_month=at_62,
        annual_earnings={str(year): 4000 for year in range(1985, 2000)},
    )

    attained = date.fromisoformat(born) - timedelta(days=1)
    early = attained.year * 12 + attained.month - 1 + retirement_age - month_of(at_62)
    assert result.value["eligibility_year"] == eligible
    assert result.value["adjustment_months"] == early


def pia_of_1997(month: str, known_at: datetime | None) -> Decimal:
    """A record whose amount at eligibility in 1997 is 1,093.00."""
    result = ask(
        "primary_insurance_amount",
        known_at,
        date_of_birth="1935-05-15",
        entitlement_month="2000-05",
        benefit_month=month,
        annual_earnings={str(year): 20000 for year in range(1960, 2000)},
    )
    assert (result.outcome, result.value["pia_at_eligibility"]) == ("computed", Decimal(1093))
    amount: Decimal = result.value["primary_insurance_amount"]
    return amount


def test_the_increase_of_december_1999_is_in_force_for_one_time_and_known_from_another() -> None:
    before_the_act = datetime(2000, 12, 20, tzinfo=UTC)
    after_the_act = datetime(2000, 12, 21, tzinfo=UTC)
    # 1,093.0 by 2.1, 1.3, 2.4 and 3.5 %: 1,115.9, 1,130.4, 1,157.5, 1,198.0; with 2.5 % in place
    # of 2.4: 1,158.6, 1,199.1.
    first, corrected = Decimal("1198.0"), Decimal("1199.1")

    assert pia_of_1997("2000-06", None) == Decimal("1157.5")
    assert [pia_of_1997("2001-07", known) for known in (None, before_the_act, after_the_act)] == [
        first,
        first,
        first,
    ]
    assert [pia_of_1997("2001-08", known) for known in (None, before_the_act, after_the_act)] == [
        corrected,
        first,
        corrected,
    ]


def test_the_example_of_the_regulation_gives_the_special_minimum() -> None:
    # 20 CFR 404.261: $10,000 before 1951 is 11 years of coverage, 15 more follow; 16 x 11.50 =
    # 184.00, raised to 202.30, 231.30 and 257.30. Average indexed monthly earnings are 229.
    record = {
        **dict.fromkeys(range(1947, 1951), 2500),
        1951: 1100,
        1952: 950,
        1954: 1000,
        1955: 1100,
        1956: 1200,
        1958: 1300,
        1960: 1300,
        1962: 1400,
        1963: 1300,
        1965: 500,
        1966: 700,
        1967: 650,
        1968: 900,
        1969: 1950,
        1970: 2100,
        1971: 2000,
        1972: 1500,
        1973: 2700,
        1974: 2100,
        1975: 2600,
        1976: 3850,
        1977: 4150,
    }

    amounts = [
        ask(
            "primary_insurance_amount",
            date_of_birth="1917-01-15",
            benefit_month=month,
            annual_earnings={str(year): amount for year, amount in record.items()},
        ).value
        for month in ("1979-01", "1979-06", "1980-06", "1981-06")
    ]

    assert [each["years_of_coverage"] for each in amounts] == [26] * 4
    assert [each["aime"] for each in amounts] == [229] * 4
    assert [each["special_minimum"] for each in amounts] == [
        Decimal(184),
        Decimal("202.3"),
        Decimal("231.3"),
        Decimal("257.3"),
    ]
    assert amounts[-1]["primary_insurance_amount"] == Decimal("257.3")


@pytest.mark.parametrize(("short", "years"), [(0, 21), (Decimal("0.01"), 0)])
def test_a_year_of_coverage_takes_a_quarter_of_the_base_to_the_cent(short: Any, years: int) -> None:
    result = ask(
        "primary_insurance_amount",
        date_of_birth="1937-01-02",
        benefit_month="2002-01",
        annual_earnings={str(year): amount - short for year, amount in LITTLE_FOR_LONG.items()},
    )

    assert result.value["years_of_coverage"] == years


def test_credits_before_division_lose_no_dime() -> None:
    # 48 months of 8 % a year on 1,150.7: 1 + 48 x 8 / 1,200 is 1.32 exactly, so 1,518.924.
    result = ask(
        "monthly_benefit",
        date_of_birth="1954-06-15",
        entitlement_month="2025-06",
        benefit_month="2025-06",
        annual_earnings={
            str(year): Decimal(wage.numerator) / wage.denominator
            for year, wage in series("average_wage_index", "amount").items()
            if 2011 <= year <= 2020
        },
    )

    assert result.value["benefit_before_dollar_rounding"] == Decimal("1518.9")


@pytest.mark.parametrize("fact", ["date_of_birth", "entitlement_month", "annual_earnings"])
def test_a_missing_fact_leaves_the_benefit_undetermined_and_without_a_figure(fact: str) -> None:
    facts: dict[str, Any] = {
        "date_of_birth": "1955-05-02",
        "entitlement_month": "2017-05",
        "benefit_month": "2017-05",
        "annual_earnings": TEN_YEARS,
    }

    result = ask("monthly_benefit", **{**facts, fact: None})

    assert (result.outcome, result.missing) == ("undetermined", (fact,))
    assert result.value["monthly_benefit"] is None


def test_a_year_with_unknown_earnings_leaves_the_benefit_undetermined() -> None:
    result = ask(
        "monthly_benefit",
        date_of_birth="1955-05-02",
        entitlement_month="2017-05",
        benefit_month="2017-05",
        annual_earnings={**TEN_YEARS, "2003": None},
    )

    assert (result.outcome, result.missing) == ("undetermined", ("annual_earnings",))
    assert result.value["monthly_benefit"] is None


@pytest.mark.parametrize(
    ("born", "month"),
    [
        ("1917-01-01", "1987-01"),  # attains 62 in 1978, before the indexed method
        ("1918-05-01", "1981-08"),  # rounded by older rules
        ("1955-05-02", "2026-12"),  # the increase of that month is not on record
        ("1965-05-02", "2027-05"),  # no average wage of 2025
    ],
)
def test_what_no_record_answers_is_undetermined_and_never_a_figure(born: str, month: str) -> None:
    result = ask(
        "monthly_benefit",
        date_of_birth=born,
        entitlement_month=month,
        benefit_month=month,
        annual_earnings={str(year): 3600 for year in range(1951, 1975)},
    )

    assert result.outcome == "undetermined"
    assert result.value["monthly_benefit"] is None


@pytest.mark.parametrize(
    "earnings",
    [
        {"1999": -1},
        {"99": 100},
        [{"year": 1999, "amount": 1}, {"year": 1999, "amount": 2}],
        [{"year": Decimal("1999.5"), "amount": 1}],
    ],
)
def test_a_record_that_cannot_be_is_refused(earnings: Any) -> None:
    with pytest.raises(WrongInput):
        ask(
            "average_indexed_monthly_earnings",
            date_of_birth="1955-05-02",
            benefit_month="2017-05",
            annual_earnings=earnings,
        )


def test_every_series_holds_each_year_from_its_first_to_its_last() -> None:
    spans = {
        "average_wage_index": (1951, 2024),
        "contribution_and_benefit_base": (1951, 2026),
        "quarter_of_coverage_amount": (1978, 2026),
        "old_law_base": (1979, 2026),
        "cost_of_living_increase": (1975, 2025),
    }

    for name, (first, last) in spans.items():
        entry = "percent" if name.endswith("increase") else "amount"
        assert sorted(series(name, entry)) == list(range(first, last + 1)), name
