"""Argentina's child allowance: amounts by month, families, pay days, the release of the fifth."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from amparo.rules.packs import WrongInput
from tests.schemes.asking import ask, ask_at

AUH = "ar/auh"
# Month: child, child with a disability, and both in the unfavourable zone; None: not published.
AMOUNTS: dict[str, tuple[int | None, int | None, int | None, int | None]] = {
    "2024-01": (41322, 134558, None, None),
    "2024-07": (77462, 252238, None, None),
    "2024-08": (81010, 263791, 105313, 342929),
    "2024-12": (93281, 303743, 121266, 394866),
    "2025-01": (95548, 311124, None, None),
    "2025-04": (102704, 334425, 133516, 434754),
    "2025-10": (117252, 381791, 152428, None),
}
MONTHS = [f"{year}-{month:02}" for year in (2023, 2024, 2025, 2026) for month in range(1, 13)]
FOOD = {"2024-01": (33000, 51750, 68250), "2024-06": (52250, 81936, 108062)}


@pytest.mark.parametrize("zone", [False, True])
@pytest.mark.parametrize("category", ["child", "disabled_child"])
def test_a_month_pays_four_fifths_of_its_own_amount_or_nothing_is_said(
    category: str, *, zone: bool
) -> None:
    column = (category == "disabled_child") + 2 * zone
    for month in MONTHS:
        gross = AMOUNTS.get(month, (None,) * 4)[column]

        result = ask(AUH, "monthly_payment", month=month, category=category, unfavourable_zone=zone)

        if gross is None:
            assert result.outcome == "undetermined", month
            assert set(result.value.values()) == {None}
            continue
        fifth = Decimal(gross) / 5
        assert result.outcome == "computed"
        assert result.value == {
            "gross_amount": gross,
            "withheld_until_conditions_shown": fifth,
            "paid_monthly": gross - fifth,
        }


def food_card(month: str, children: int) -> int | None:
    start = "2024-01" if month == "2024-01" else "2024-06" if month >= "2024-06" else ""
    if children == 0:
        return 0
    if not start or month >= "2025-05":
        return None
    return FOOD[start][min(children, 3) - 1]


@pytest.mark.parametrize("month", AMOUNTS)
@pytest.mark.parametrize("card", [False, True])
def test_a_family_has_each_child_and_the_card_by_their_number(month: str, *, card: bool) -> None:
    child, disabled, child_zone, disabled_zone = AMOUNTS[month]
    for zone, of_child, of_disabled in (
        (False, child, disabled),
        (True, child_zone, disabled_zone),
    ):
        for children in (0, 1, 2, 3, 7):
            for others in (0, 1, 2):
                known = (of_child if children else 0, of_disabled if others else 0)
                extra = food_card(month, children + others) if card else 0

                result = ask(
                    AUH,
                    "family_payment",
                    month=month,
                    children=children,
                    disabled_children=others,
                    unfavourable_zone=zone,
                    food_card=card,
                )

                if known[0] is None or known[1] is None or extra is None:
                    assert result.outcome == "undetermined"
                    assert result.value["paid_monthly"] is None
                    continue
                gross = children * known[0] + others * known[1]
                assert result.outcome == "computed"
                assert result.value["paid_monthly"] == gross - Decimal(gross) / 5 + extra


def test_a_published_amount_follows_prices_rounded_up() -> None:
    # July to August 2024, 4.58 per cent: 81,009.7596 and 263,790.5004; December 2024 to January
    # 2025, 2.43 per cent: 95,547.7283 and 311,123.9549.
    for before, rate, after in (
        (77462, "4.58", 81010),
        (252238, "4.58", 263791),
        (93281, "2.43", 95548),
        (303743, "2.43", 311124),
        (100, "0", 100),
        (100, "0.01", 101),
        (100, "-1.5", 99),
    ):
        result = ask(AUH, "monthly_indexation", previous_amount=before, rate_percent=Decimal(rate))

        assert (result.outcome, result.value) == ("computed", after)


@pytest.mark.parametrize(
    ("month", "first", "closed"),
    [
        ("2024-01", date(2024, 1, 10), ()),
        ("2024-12", date(2024, 12, 9), ()),
        ("2025-04", date(2025, 4, 9), (date(2025, 4, 17), date(2025, 4, 18))),
    ],
)
def test_one_last_digit_is_paid_each_working_day(
    month: str, first: date, closed: tuple[date, ...]
) -> None:
    days = (first + timedelta(days=number) for number in range(30))
    working = [day for day in days if day.weekday() < 5 and day not in closed]

    for digit in range(10):
        result = ask(AUH, "payment_date", month=month, national_id_last_digit=digit)

        assert (result.outcome, result.value) == ("computed", working[digit])


def test_a_month_without_a_calendar_has_no_pay_day() -> None:
    result = ask(AUH, "payment_date", month="2024-02", national_id_last_digit=0)

    assert (result.outcome, result.value) == ("undetermined", None)


@pytest.mark.parametrize("digit", [-1, 10, Decimal("0.5")])
def test_a_last_digit_is_one_of_ten(digit: Decimal) -> None:
    with pytest.raises(WrongInput, match="national_id_last_digit"):
        ask(AUH, "payment_date", month="2024-01", national_id_last_digit=digit)


def test_the_age_limit_spares_the_disabled() -> None:
    july = date(2024, 7, 1)
    for age in range(41):
        able = ask_at(AUH, "right", {"age": age, "disabled": False}, on=july)
        disabled = ask_at(AUH, "right", {"age": age, "disabled": True}, on=july)

        assert able.outcome == ("granted" if age < 18 else "refused")
        assert disabled.outcome == "granted"
    unknown = ask_at(AUH, "right", {"age": 40}, on=july)
    assert (unknown.outcome, unknown.missing) == ("undetermined", ("disabled",))


@pytest.mark.parametrize("year", [2024, 2025])
@pytest.mark.parametrize("age", [0, 4, 5, 17])
def test_the_fifth_is_released_when_every_condition_is_shown_in_time(year: int, age: int) -> None:
    last = date(2026, 3, 31) if year == 2025 else date(year, 12, 31)
    facts = [
        (health, vaccination, school, late)
        for health in (True, False)
        for vaccination in (True, False)
        for school in (True, False)
        for late in (True, False)
    ]
    for health, vaccination, school, late in facts:
        result = ask(
            AUH,
            "release_of_withheld_share",
            year=year,
            age=age,
            health_checks_shown=health,
            vaccination_shown=vaccination,
            schooling_shown=school,
            shown_on=last + timedelta(days=late),
        )

        is_released = health and vaccination and (school or age < 5) and not late
        assert result.outcome == ("granted" if is_released else "refused")


def test_schooling_is_asked_only_from_five_and_an_adult_is_for_an_officer() -> None:
    facts = {
        "year": 2024,
        "health_checks_shown": True,
        "vaccination_shown": True,
        "shown_on": date(2024, 6, 30),
    }

    assert ask(AUH, "release_of_withheld_share", age=4, **facts).outcome == "granted"
    pupil = ask(AUH, "release_of_withheld_share", age=5, **facts)
    adult = ask(AUH, "release_of_withheld_share", age=30, schooling_shown=True, **facts)
    assert (pupil.outcome, pupil.missing) == ("undetermined", ("schooling_shown",))
    assert adult.outcome == "undetermined"
