"""Canada's pension over years, ages, residence and income, against the statute typed here anew."""

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.schemes.asking import ask, ask_at

# Year: full pension, threshold of the recovery tax.
AMOUNTS = {2022: (8226, 81761), 2023: (8492, 86912), 2024: (8732, 90997), 2025: (8881, 93454)}
AGES = [0, 64, 65, 66, 74, 75, 99]
RESIDENCE = [Decimal(text) for text in ("0", "9.99", "10", "10.5", "11", "39", "39.9", "40", "81")]
NAMES = {
    (False, False): "AGE_NOT_REACHED",
    (False, True): "AGE_NOT_REACHED",
    (True, False): "RESIDENCE_TOO_SHORT",
}


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def pension(year: int, age: int, residence: Decimal) -> Decimal:
    """Sections 3 and 7: fortieths of the full pension, a tenth more from 75."""
    if age < 65 or residence < 10:
        return Decimal(0)
    counted = min(int(residence), 40)
    tenths = 11 if age >= 75 else 10
    return cents(Decimal(AMOUNTS[year][0] * tenths * counted) / 400)


@pytest.mark.parametrize("year", AMOUNTS)
def test_pension_and_recovery_follow_the_statute(year: int) -> None:
    threshold = AMOUNTS[year][1]
    incomes = [0, threshold - 1, threshold, threshold + 1, threshold + 14547, 10**7]

    for age in AGES:
        for residence in RESIDENCE:
            gross = pension(year, age, residence)
            for income in incomes:
                result = ask(
                    "ca/oas",
                    "old_age_security",
                    year=year,
                    age=age,
                    adult_years_of_residence=residence,
                    net_income=income,
                )

                excess = Decimal(max(0, income - threshold) * 15) / 100
                tax = cents(min(gross, excess))
                assert result.outcome == "computed"
                assert result.value == {
                    "eligible": age >= 65 and residence >= 10,
                    "gross_pension_year": gross,
                    "recovery_tax": tax,
                    "net_pension_year": gross - tax,
                }, (year, age, residence, income)


@pytest.mark.parametrize("residence", RESIDENCE)
@pytest.mark.parametrize("age", AGES)
def test_the_right_names_the_condition_that_decides(age: int, residence: Decimal) -> None:
    result = ask("ca/oas", "right", year=2024, age=age, adult_years_of_residence=residence)

    old, resident = age >= 65, residence >= 10
    met = "FULL_PENSION" if residence >= 40 else "PARTIAL_PENSION"
    assert result.outcome == ("granted" if old and resident else "refused")
    assert [reason.code for reason in result.reasons] == [NAMES.get((old, resident), met)]


@pytest.mark.parametrize("year", [1980, 2021, 2026])
def test_a_year_without_an_amount_is_undetermined_yet_no_right_gives_zero(year: int) -> None:
    facts = {"year": year, "adult_years_of_residence": 40, "net_income": 0}

    pensioner = ask("ca/oas", "old_age_security", age=70, **facts)
    worker = ask("ca/oas", "old_age_security", age=64, **facts)

    assert (pensioner.outcome, pensioner.value["eligible"]) == ("undetermined", True)
    assert pensioner.value["gross_pension_year"] is None
    assert (worker.outcome, worker.value["net_pension_year"]) == ("computed", 0)


def test_without_the_income_the_right_stands_and_the_tax_is_open() -> None:
    result = ask("ca/oas", "old_age_security", year=2024, age=70, adult_years_of_residence=20)

    assert (result.outcome, result.missing) == ("undetermined", ("net_income",))
    assert result.value["gross_pension_year"] == 4366  # 8,732 / 2
    assert (result.value["recovery_tax"], result.value["net_pension_year"]) == (None, None)


def test_the_tax_rests_on_the_pension_that_was_paid_where_that_is_known() -> None:
    facts = {"year": 2023, "age": 70, "adult_years_of_residence": 40, "net_income": 90912}

    paid = ask("ca/oas", "old_age_security", gross_pension_year=500, **facts)
    due = ask("ca/oas", "old_age_security", **facts)

    # 0.15 x (90,912 - 86,912) = 600, but no more than was paid.
    assert (paid.outcome, paid.value["recovery_tax"]) == ("computed", 500)
    assert (due.value["gross_pension_year"], due.value["recovery_tax"]) == (8492, 600)


def test_the_amount_of_a_year_was_not_known_before_its_last_quarter() -> None:
    facts = {"year": 2024, "age": 70, "adult_years_of_residence": 40, "net_income": 0}

    before, after = (
        ask_at("ca/oas", "old_age_security", facts, known_at=datetime(2024, month, day, tzinfo=UTC))
        for month, day in ((9, 30), (10, 1))
    )

    assert (before.outcome, before.missing) == ("undetermined", ("full_pension",))
    assert (after.outcome, after.value["net_pension_year"]) == ("computed", 8732)
