"""Arrears: interest by month of delay, disputes that pause it, months estimated."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from amparo.delivery.contributions.models import Debt, Dispute, Estimate, InterestCharge
from amparo.delivery.contributions.operations import (
    UnableToDispute,
    UnableToEstimate,
    approve_proposal,
    charge_interest,
    close_dispute,
    estimate_missing,
    open_dispute,
    propose_relief,
)
from amparo.delivery.contributions.references import creditor_reference
from amparo.office.models import Task
from amparo.values import Month, NotPermitted
from tests.delivery.contributions.collecting import (
    Office,
    books,
    credit,
    open_of,
    suspended_of,
)
from tests.delivery.world import AMINA_NUMBER, AT

D = Decimal
JULY = "2026-07"  # due on Monday 17 August 2026: the 15th is a Saturday
TODAY = AT.date()  # 20 November 2026


def declared(office: Office, month: str = JULY, wage: str = "1000.00") -> str:
    """Declare a month of Kora's, 120.00 due, and return its payment reference."""
    posted = office.world.declare(month, (AMINA_NUMBER, wage))
    return creditor_reference(number=posted.number)


def interest(office: Office, on: date = TODAY, at: datetime = AT) -> Decimal:
    return charge_interest(on=on, access=office.carla, at=at).total


def months_charged() -> list[date]:
    return list(
        InterestCharge.objects.order_by("period_starts_on").values_list(
            "period_starts_on", flat=True
        )
    )


def test_each_month_of_delay_or_part_of_one_is_charged_once(office: Office) -> None:
    declared(office)

    first, again = interest(office), interest(office)

    assert months_charged() == [
        date(2026, 8, 18),
        date(2026, 9, 18),
        date(2026, 10, 18),
        date(2026, 11, 18),
    ]
    assert (first, again) == (D("4.80"), D("0.00"))
    assert open_of(office.world.kora) == D("124.80")
    assert books() == {
        "1200": D("120.00"),
        "1210": D("4.80"),
        "4100": D("-120.00"),
        "4110": D("-4.80"),
    }


@pytest.mark.parametrize(
    ("on", "months"),
    [
        (date(2026, 8, 17), 0),
        (date(2026, 8, 18), 1),
        (date(2026, 9, 17), 1),
        (date(2026, 9, 18), 2),
    ],
)
def test_delay_begins_on_the_day_after_the_due_day(office: Office, on: date, months: int) -> None:
    declared(office)

    done = charge_interest(on=on, access=office.carla, at=AT)

    assert done.months == months


def test_running_each_month_or_once_late_charges_the_same(office: Office) -> None:
    declared(office)
    at_once = sum(interest(office, on=date(2026, month, 20)) for month in (8, 9, 10, 11))

    assert at_once == D("4.80")


def test_money_counts_from_the_day_the_bank_booked_it(office: Office) -> None:
    reference = declared(office)
    office.take_in(credit("60.00", text=reference, booked_on=date(2026, 9, 17)))

    interest(office)

    bases = list(InterestCharge.objects.order_by("period_starts_on").values_list("base", flat=True))
    assert bases == [D("120.00"), D("60.00"), D("60.00"), D("60.00")]


def test_what_was_paid_late_before_the_run_still_bears_interest(office: Office) -> None:
    reference = declared(office)
    office.take_in(credit("120.00", text=reference, booked_on=date(2026, 9, 1)))

    assert interest(office) == D("1.20")


def test_what_was_paid_in_time_bears_none(office: Office) -> None:
    reference = declared(office)
    office.take_in(credit("120.00", text=reference, booked_on=date(2026, 8, 17)))

    assert interest(office) == D("0.00")


def test_interest_bears_no_interest_and_is_settled_before_its_contributions(
    office: Office,
) -> None:
    reference = declared(office)
    interest(office)

    office.take_in(credit("4.80", text=reference))

    paid = {one.kind for one in Debt.objects.all() if one.kind == "interest"}
    assert paid == {"interest"}
    assert open_of(office.world.kora) == D("120.00")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.kind FROM contributions_allocation a"
            " JOIN contributions_debt d ON d.id = a.debt_id"
        )
        assert cursor.fetchall() == [("interest",)]


def test_a_cent_too_little_to_round_up_bears_nothing(office: Office) -> None:
    declared(office, wage="4.00")  # 0.48 due: 0.0048 a month

    assert interest(office) == D("0.00")


def test_interest_of_days_to_come_is_refused(office: Office) -> None:
    with pytest.raises(UnableToEstimate, match="not to come"):
        interest(office, on=date(2026, 11, 21))


def test_interest_charged_wrongly_is_reversed_by_two_and_what_was_paid_comes_back(
    office: Office,
) -> None:
    reference = declared(office)
    interest(office)
    office.take_in(credit("124.80", text=reference))
    debt = Debt.objects.get(kind="interest")

    proposed = propose_relief(
        kind="reversal",
        debt_id=debt.id,
        amount=D("4.80"),
        reason="The bank was closed.",
        access=office.carla,
        at=AT,
    )
    approve_proposal(proposal_id=proposed.id, reason="", access=office.anton, at=AT)

    assert (open_of(office.world.kora), suspended_of(office.world.kora)) == (D(0), D("4.80"))
    assert books() == {"1000": D("124.80"), "2300": D("-4.80"), "4100": D("-120.00")}


# --- disputes ---------------------------------------------------------------------------------


def _debt() -> UUID:
    return Debt.objects.get(kind="contribution").id


def test_no_month_that_begins_while_a_debt_is_disputed_is_charged(office: Office) -> None:
    declared(office)
    september = datetime(2026, 9, 10, 9, 0, tzinfo=UTC)
    november = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
    open_dispute(debt_id=_debt(), reason="Closed in July.", access=office.carla, at=september)
    close_dispute(debt_id=_debt(), outcome="It was open.", access=office.carla, at=november)

    interest(office)

    assert months_charged() == [date(2026, 8, 18), date(2026, 11, 18)]


def test_a_debt_is_disputed_once_at_a_time_and_closed_with_an_outcome(office: Office) -> None:
    declared(office)
    open_dispute(debt_id=_debt(), reason="Closed in July.", access=office.carla, at=AT)

    with pytest.raises(UnableToDispute, match="already"):
        open_dispute(debt_id=_debt(), reason="Again.", access=office.carla, at=AT)
    with pytest.raises(UnableToDispute, match="came of the dispute"):
        close_dispute(debt_id=_debt(), outcome=" ", access=office.carla, at=AT)
    close_dispute(debt_id=_debt(), outcome="Withdrawn.", access=office.carla, at=AT)
    with pytest.raises(UnableToDispute, match="not disputed"):
        close_dispute(debt_id=_debt(), outcome="Withdrawn.", access=office.carla, at=AT)
    with (
        pytest.raises(IntegrityError, match="closed once"),
        transaction.atomic(),
    ):
        Dispute.objects.update(outcome="Something else.")


# --- estimates --------------------------------------------------------------------------------


def employing(office: Office, starts_on: date = date(2026, 1, 1)) -> None:
    office.world.employ(office.world.amina, office.world.kora, starts_on=starts_on)


def estimate(office: Office, month: str = "2026-09") -> tuple[int, Decimal, int]:
    made = estimate_missing(month=Month.parse(month), access=office.carla, at=AT)
    return made.employers, made.total, made.to_inspect


def test_a_month_nobody_declared_is_estimated_from_the_three_before(office: Office) -> None:
    employing(office)
    for month, wage in (("2026-05", "9.00"), ("2026-06", "1000.00"), ("2026-07", "1500.00")):
        declared(office, month, wage)
    declared(office, "2026-08", "2000.00")

    assert estimate(office) == (1, D("198.00"), 0)  # 12 % of 1500 on average, times 1.10
    assert estimate(office) == (0, D("0.00"), 0)
    assert Debt.objects.get(month=date(2026, 9, 1)).due_on == date(2026, 10, 15)


def test_an_estimate_falls_when_the_month_is_declared(office: Office) -> None:
    employing(office)
    declared(office, "2026-08")
    estimate(office)
    before = open_of(office.world.kora)

    declared(office, "2026-09", "500.00")

    assert (before, open_of(office.world.kora)) == (D("252.00"), D("180.00"))
    assert books() == {"1200": D("180.00"), "4100": D("-180.00")}


def test_what_was_paid_on_an_estimate_too_high_waits_on_the_account(office: Office) -> None:
    employing(office)
    declared(office, "2026-08")
    estimate(office)
    number = Estimate.objects.get().number
    office.take_in(credit("252.00", text=creditor_reference(number=number)))

    declared(office, "2026-09", "500.00")

    assert (open_of(office.world.kora), suspended_of(office.world.kora)) == (D(0), D("72.00"))


def test_an_employer_of_whom_nothing_is_known_is_looked_at(office: Office) -> None:
    employing(office)

    assert estimate(office) == (0, D("0.00"), 1)
    assert Task.objects.get(kind="month to inspect").subject_id == office.world.kora


def test_a_month_that_is_not_due_yet_is_not_estimated(office: Office) -> None:
    with pytest.raises(UnableToEstimate, match="not due yet"):
        estimate(office, "2026-11")


def test_dario_charges_estimates_and_disputes_nothing(office: Office) -> None:
    declared(office)
    dario = office.world.dario

    with pytest.raises(NotPermitted):
        charge_interest(on=TODAY, access=dario, at=AT)
    with pytest.raises(NotPermitted):
        estimate_missing(month=Month(2026, 9), access=dario, at=AT)
    with pytest.raises(NotPermitted):
        open_dispute(debt_id=_debt(), reason="x", access=dario, at=AT)
    with pytest.raises(NotPermitted):
        close_dispute(debt_id=_debt(), outcome="x", access=dario, at=AT)


@pytest.mark.parametrize("table", ["estimate", "interestcharge", "dispute"])
def test_what_was_charged_is_not_deleted(office: Office, table: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM contributions_{table}")  # noqa: S608
