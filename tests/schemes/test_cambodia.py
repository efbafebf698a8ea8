"""Cambodia: payments around a birth by day and visit; contributions by month and wage."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from amparo.rules.packs import WrongInput
from tests.schemes.asking import ask

CASH = "kh/ctpw"
PENSION = "kh/nssf-pension"
DAYS = [
    date(2019, 5, 31),
    date(2019, 6, 1),
    date(2020, 2, 29),
    date(2023, 7, 31),
    date(2023, 8, 1),
    date(2025, 12, 31),
]
# Event: visits paid and amount until July 2023 and since; None: no maximum, or not announced.
EVENTS: dict[str, tuple[tuple[int | None, int | None], tuple[int | None, int]]] = {
    "antenatal_visit": ((4, 40000), (4, 80000)),
    "delivery_in_facility": ((None, 200000), (None, 400000)),
    "postnatal_check": ((10, 40000), (3, 80000)),
    "child_check_up": ((10, 40000), (3, 80000)),
    "vaccination": ((None, None), (7, 80000)),
}


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("day", DAYS)
def test_an_event_pays_its_tariff_as_often_as_announced(day: date, event: str) -> None:
    is_new = day >= date(2023, 8, 1)
    maximum, amount = EVENTS[event][is_new]
    for babies in (1, 2, 3):
        for visit in (None, 1, 3, 4, 5, 7, 8, 10, 11):
            result = ask(
                CASH, "event_payment", date=day, event=event, visit_number=visit, babies=babies
            )

            expected = amount
            if day < date(2019, 6, 1) or (visit and maximum and visit > maximum):
                expected = 0
            elif event == "delivery_in_facility" and is_new and amount:
                expected = amount * babies
            assert result.value == expected, (visit, babies)
            assert result.outcome == ("undetermined" if expected is None else "computed")


@pytest.mark.parametrize("event", EVENTS)
def test_no_amount_is_paid_on_after_the_last_year_on_record(event: str) -> None:
    day = date(2026, 1, 1)

    result = ask(CASH, "event_payment", date=day, event=event, visit_number=1, babies=1)

    assert (result.value, result.outcome) == (None, "undetermined")


@pytest.mark.parametrize("babies", [1, 2])
def test_the_maximum_adds_every_payment(babies: int) -> None:
    before, old, new = (
        ask(CASH, "lifetime_maximum", date=day, babies=babies).value
        for day in (date(2019, 5, 31), date(2019, 6, 1), date(2023, 8, 1))
    )

    assert set(before.values()) == {0}
    assert (old["antenatal_payments"], old["child_payments"]) == (4, 10)
    assert old["total"] == 4 * 40000 + 200000 + 10 * 40000
    assert (new["antenatal_payments"], new["child_payments"]) == (4, 10)
    assert new["total"] == 4 * 80000 + babies * 400000 + 10 * 80000


@pytest.mark.parametrize("group", ["equity_card", "nssf_member", "public_staff", "none"])
def test_workers_have_the_right_since_august_2023(group: str) -> None:
    for day in DAYS:
        result = ask(CASH, "right", date=day, group=group, event="antenatal_visit")

        served = group == "equity_card" or (group != "none" and day >= date(2023, 8, 1))
        granted = served and day >= date(2019, 6, 1)
        assert result.outcome == ("granted" if granted else "refused"), day


def test_a_child_of_two_is_too_old_and_one_of_unknown_age_is_for_an_officer() -> None:
    facts = {"date": date(2023, 8, 1), "group": "equity_card", "event": "vaccination"}

    assert ask(CASH, "right", child_age=1, **facts).outcome == "granted"
    assert ask(CASH, "right", child_age=2, **facts).outcome == "refused"
    unknown = ask(CASH, "right", **facts)
    assert (unknown.outcome, unknown.missing) == ("undetermined", ("child_age",))


@pytest.mark.parametrize(
    "wrong", [{"event": "birth"}, {"babies": 0}, {"visit_number": Decimal("1.5")}]
)
def test_what_is_no_event_or_count_is_refused(wrong: dict[str, object]) -> None:
    facts: dict[str, object] = {"date": date(2023, 8, 1), "event": "vaccination", "babies": 1}

    with pytest.raises(WrongInput):
        ask(CASH, "event_payment", **{**facts, **wrong})


@pytest.mark.parametrize(
    "month", ["2022-09", "2022-10", "2027-09", "2027-10", "2032-09", "2032-10"]
)
def test_each_side_pays_half_of_the_rate_between_floor_and_ceiling(month: str) -> None:
    rates = {"2022-10": "0.04", "2027-10": "0.08", "2032-10": "0.1075"}
    rate = [Decimal(share) for start, share in rates.items() if start <= month]
    for wage in map(
        Decimal,
        ("0", "1", "399999.99", "400000", "400000.01", "425025.25", "1200000", "1200001"),
    ):
        result = ask(PENSION, "monthly_contribution", month=month, wage=wage)

        counted = min(max(wage, Decimal(400000)), Decimal(1200000)) if wage and rate else Decimal(0)
        half = (counted * rate[-1] / 2) if rate else Decimal(0)
        half = half.quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert result.outcome == "computed"
        assert result.value == {"contributable_wage": counted, "employee": half, "employer": half}


def test_contributions_are_due_on_the_fifteenth_of_the_next_month() -> None:
    assert ask(PENSION, "due_date", month="2022-12").value == date(2023, 1, 15)
    assert ask(PENSION, "due_date", month="2024-01").value == date(2024, 2, 15)
    assert ask(PENSION, "due_date", month="2022-09").outcome == "undetermined"


def test_rights_rest_on_age_and_contributions() -> None:
    facts = {"month": "2030-01"}
    outcomes = {
        (age, paid): ask(
            PENSION, "old_age_right", age=age, contributions_paid=paid, **facts
        ).outcome
        for age in (59, 60)
        for paid in (0, 11, 12)
    }

    assert {key for key, outcome in outcomes.items() if outcome == "granted"} == {(60, 12)}
    assert ask(PENSION, "survivor_right", contributions_paid=59, **facts).outcome == "refused"
    assert ask(PENSION, "survivor_right", contributions_paid=60, **facts).outcome == "granted"


def test_a_funeral_brings_five_pensions_and_two_million_at_least() -> None:
    for pension in (0, 1, 399999, 400000, 400001, 10**7):
        result = ask(PENSION, "funeral_grant", month="2030-01", monthly_pension=pension)

        assert result.value == max(5 * pension, 2000000)


def test_days_between_the_announcements_keep_the_old_tariff() -> None:
    for number in range(0, 1500, 97):
        day = date(2019, 6, 1) + timedelta(days=number)

        assert ask(CASH, "event_payment", date=day, event="antenatal_visit").value == 40000
