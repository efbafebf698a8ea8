"""Pakistan: the education stipend by level, age and attendance; the old-age pension and grant."""

from decimal import ROUND_HALF_UP, Decimal

import pytest

from amparo.rules.packs import WrongInput
from tests.schemes.asking import ask

STIPEND = "pk/taleemi"
PENSION = "pk/eobi"
# Level: boy and girl until April 2024, boy and girl since; ages.
LEVELS = {
    "primary": ((1500, 2000), (2000, 2500), (4, 12)),
    "secondary": ((2500, 3000), (3000, 3500), (8, 18)),
    "higher_secondary": ((3500, 4000), (4000, 4500), (13, 22)),
}
# First month, first month no longer: minimum pension.
MINIMA = [
    ("2016-07", "2017-07", 5250),
    ("2020-07", "2021-07", 8500),
    ("2023-07", "2025-01", 10000),
    ("2025-01", "2026-01", 11500),
]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("month", ["2023-06", "2024-04", "2024-05", "2026-01"])
def test_the_stipend_follows_level_sex_age_and_attendance(month: str, level: str) -> None:
    old, new, (youngest, oldest) = LEVELS[level]
    for sex, place in (("boy", 0), ("girl", 1)):
        for age in range(3, 25):
            for attendance in map(Decimal, ("0", "69.99", "70", "100")):
                for mother in (True, False):
                    result = ask(
                        STIPEND,
                        "quarterly_stipend",
                        month=month,
                        level=level,
                        sex=sex,
                        age=age,
                        attendance_percent=attendance,
                        mother_kafaalat_beneficiary=mother,
                    )

                    rate = (new if month >= "2024-05" else old)[place]
                    is_met = mother and youngest <= age <= oldest and attendance >= 70
                    assert (result.outcome, result.value) == ("computed", rate if is_met else 0)


def test_a_missing_fact_neither_pays_nor_refuses_the_stipend() -> None:
    facts = {
        "month": "2024-05",
        "level": "primary",
        "sex": "girl",
        "age": 9,
        "attendance_percent": 90,
        "mother_kafaalat_beneficiary": True,
    }
    for name in ("level", "sex", "age", "attendance_percent", "mother_kafaalat_beneficiary"):
        result = ask(STIPEND, "quarterly_stipend", **{**facts, name: None})

        assert (result.outcome, result.missing) == ("undetermined", (name,))


def test_a_girl_has_the_bonus_once_primary_school_is_completed() -> None:
    for sex in ("boy", "girl"):
        for completed in (True, False):
            for mother in (True, False):
                result = ask(
                    STIPEND,
                    "completion_bonus",
                    month="2024-05",
                    sex=sex,
                    completed_primary=completed,
                    mother_kafaalat_beneficiary=mother,
                )

                assert result.value == (3000 if sex == "girl" and completed and mother else 0)


def minimum(month: str) -> int | None:
    return next((least for start, end, least in MINIMA if start <= month < end), None)


@pytest.mark.parametrize(("sex", "normal"), [("male", 60), ("female", 55)])
@pytest.mark.parametrize(
    "month",
    ["2016-07", "2017-06", "2017-07", "2020-07", "2023-06", "2023-07", "2024-12", "2025-01"],
)
def test_the_pension_is_a_fiftieth_a_year_reduced_when_early(
    month: str, sex: str, normal: int
) -> None:
    least = minimum(month)
    for age in range(normal - 6, normal + 3):
        for years in (0, 14, 15, 42):
            for wage in map(Decimal, ("0", "7000", "13000", "33333.33")):
                result = ask(
                    PENSION,
                    "old_age_pension",
                    month=month,
                    average_monthly_wage=wage,
                    years=years,
                    age=age,
                    sex=sex,
                )

                if age < normal - 5 or years < 15:
                    assert (result.outcome, result.value) == ("computed", 0)
                elif least is None:
                    assert (result.outcome, result.value) == ("undetermined", None)
                else:
                    full = max(wage * years / 50, Decimal(least))
                    kept = 1000 - 5 * 12 * max(0, normal - age)
                    due = (full * kept / 1000).quantize(Decimal("0.01"), ROUND_HALF_UP)
                    assert (result.outcome, result.value) == ("computed", due)


def test_two_to_fourteen_years_bring_a_grant_at_the_pension_age() -> None:
    for sex, normal in (("male", 60), ("female", 55)):
        for years in range(20):
            for age in (normal - 1, normal, normal + 1):
                result = ask(
                    PENSION,
                    "old_age_grant",
                    month="2023-08",
                    average_monthly_wage=20000,
                    years=years,
                    age=age,
                    sex=sex,
                )

                is_due = 2 <= years <= 14 and age >= normal
                assert result.value == (20000 * years if is_due else 0)


@pytest.mark.parametrize("fact", ["years", "age"])
def test_a_part_of_a_year_is_refused_not_guessed(fact: str) -> None:
    facts: dict[str, object] = {
        "month": "2023-08",
        "average_monthly_wage": 1,
        "years": 20,
        "age": 58,
        "sex": "male",
    }

    with pytest.raises(WrongInput, match=fact):
        ask(PENSION, "old_age_pension", **{**facts, fact: Decimal("58.5")})


def test_contributions_are_shares_of_the_minimum_wage() -> None:
    result = ask(PENSION, "monthly_contribution", month="2023-08", minimum_wage=Decimal("32000.10"))

    # 5 per cent is 1,600.005, one per cent 320.001.
    assert result.value == {"employer": Decimal("1600.01"), "employee": Decimal("320.00")}
