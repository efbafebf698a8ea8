"""Money that comes in: whose it is, what it pays, where what is left of it lies."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from amparo.delivery.contributions.models import (
    Allocation,
    Debt,
    Proposal,
    Receipt,
    ReceiptBalance,
    ReceiptMatch,
    Refund,
)
from amparo.delivery.contributions.operations import (
    UnableToDecide,
    UnableToMatch,
    UnableToPropose,
    UnusableReceipt,
    allocate_again,
    approve_proposal,
    match_receipt,
    propose_refund,
    propose_relief,
    refuse_proposal,
    withdraw_proposal,
)
from amparo.delivery.contributions.references import creditor_reference
from amparo.journal.reading import reading
from amparo.office.models import Task
from amparo.register.models import Employer
from amparo.values import NotPermitted, Right
from tests.delivery.contributions.collecting import (
    Office,
    books,
    credit,
    open_of,
    suspended_of,
)
from tests.delivery.world import AMINA_NUMBER, AT

D = Decimal


def declared(office: Office, month: str, wage: str = "1000.00") -> str:
    """Declare a month of Kora's (120.00 due on 1000.00) and return its payment reference."""
    posted = office.world.declare(month, (AMINA_NUMBER, wage))
    return creditor_reference(number=posted.number)


def only_receipt() -> ReceiptBalance:
    return ReceiptBalance.objects.get()


def test_money_with_our_reference_pays_its_employers_debt(office: Office) -> None:
    reference = declared(office, "2026-08")

    taken = office.take_in(credit("120.00", text=f"Contributions {reference}"))

    assert (taken.matched, taken.unmatched, taken.total) == (1, 0, D("120.00"))
    assert (open_of(office.world.kora), suspended_of(office.world.kora)) == (D(0), D(0))
    assert ReceiptMatch.objects.get().rule == "reference"
    assert books() == {"1000": D("120.00"), "4100": D("-120.00")}


def test_money_with_the_employers_number_is_found_by_it(office: Office) -> None:
    declared(office, "2026-08")
    number = Employer.objects.get(id=office.world.kora).number

    office.take_in(credit("50.00", text=f"from {number}, thank you"))

    assert open_of(office.world.kora) == D("70.00")
    assert ReceiptMatch.objects.get().rule == "employer-number"


def test_an_account_that_paid_for_one_employer_only_is_known(office: Office) -> None:
    reference = declared(office, "2026-08")
    office.take_in(credit("20.00", text=reference, account="XA77 1"))

    office.take_in(credit("30.00", account="XA77 1"))

    assert open_of(office.world.kora) == D("70.00")
    assert {one.rule for one in ReceiptMatch.objects.all()} == {"reference", "payer-account"}


def test_an_account_that_paid_for_two_employers_tells_nothing(office: Office) -> None:
    mill = office.world.employer(name="Mill")
    number = Employer.objects.get(id=mill).number
    office.take_in(
        credit("20.00", text=declared(office, "2026-08"), account="XA77 1"),
        credit("20.00", text=number, account="XA77 1"),
    )

    office.take_in(credit("30.00", account="XA77 1"))

    assert suspended_of(None) == D("30.00")


def test_money_of_nobody_known_waits_in_suspense_and_on_a_desk(office: Office) -> None:
    office.take_in(credit("33.00", text="greetings"))

    balance = only_receipt()
    assert (balance.employer_id, balance.suspended) == (None, D("33.00"))
    assert Task.objects.get(subject_id=balance.receipt_id).kind == "money to match"
    assert books() == {"1000": D("33.00"), "2300": D("-33.00")}


def test_a_payment_of_one_cent_pays_one_cent(office: Office) -> None:
    office.take_in(credit("0.01", text=declared(office, "2026-08")))

    assert open_of(office.world.kora) == D("119.99")


def test_the_oldest_month_is_paid_first_whatever_the_reference_names(office: Office) -> None:
    declared(office, "2026-07")
    reference = declared(office, "2026-08")

    office.take_in(credit("150.00", text=reference))

    paid = dict(Allocation.objects.values_list("debt__month", "amount"))
    assert paid == {date(2026, 7, 1): D("120.00"), date(2026, 8, 1): D("30.00")}


def test_what_is_paid_too_much_waits_and_pays_the_next_declaration(office: Office) -> None:
    office.take_in(credit("200.00", text=declared(office, "2026-08")))
    before = suspended_of(office.world.kora)

    declared(office, "2026-09")

    assert before == D("80.00")
    assert suspended_of(office.world.kora) == D(0)
    assert open_of(office.world.kora) == D("40.00")


def test_the_same_bank_reference_counts_once_in_a_file_and_over_files(office: Office) -> None:
    line = credit("10.00", reference="B/1")

    first = office.take_in(line, line)
    second = office.take_in(line, credit("5.00", reference="B/2"))

    assert (first.lines, first.known, second.known) == (2, 1, 1)
    assert suspended_of(None) == D("15.00")


@pytest.mark.parametrize(
    "line", [credit("10.00", currency="EUR"), credit("0.00"), credit("-1.00")], ids=str
)
def test_another_currency_or_no_amount_takes_in_nothing_of_the_file(
    office: Office, line: object
) -> None:
    with pytest.raises(UnusableReceipt), transaction.atomic():
        office.take_in(credit("10.00"), line)  # type: ignore[arg-type]

    assert not ReceiptBalance.objects.exists()


def test_taking_in_costs_as_many_statements_for_ten_lines_as_for_a_thousand(
    office: Office,
) -> None:
    reference = declared(office, "2026-08")
    counts = []
    for size in (10, 1000):
        lines = [credit("0.05", text=reference if n % 2 else "") for n in range(size)]
        office.take_in(credit("0.01", text=reference))  # reads the pack, once
        with CaptureQueriesContext(connection) as captured:
            office.take_in(*lines)
        counts.append(len(captured))

    assert counts[0] == counts[1] <= 60


# --- an officer's hand ------------------------------------------------------------------------


def test_an_officer_matches_money_and_it_pays_at_once(office: Office) -> None:
    declared(office, "2026-08")
    office.take_in(credit("100.00"))
    receipt = only_receipt().receipt_id

    match_receipt(
        receipt_id=receipt,
        employer_id=office.world.kora,
        reason="Their accountant rang.",
        access=office.carla,
        at=AT,
    )

    assert (suspended_of(None), open_of(office.world.kora)) == (D(0), D("20.00"))
    assert Task.objects.get(subject_id=receipt).closed_at == AT


def test_money_matched_wrongly_is_taken_back_with_a_trail(office: Office) -> None:
    declared(office, "2026-08")
    mill = office.world.employer(name="Mill")
    office.take_in(credit("100.00", text=Employer.objects.get(id=office.world.kora).number))
    before = books()

    match_receipt(
        receipt_id=only_receipt().receipt_id,
        employer_id=mill,
        reason="The mill paid under Kora's number.",
        access=office.carla,
        at=AT,
    )

    rows = list(Allocation.objects.order_by("amount").values_list("amount", "reverses__amount"))
    assert rows == [(D("-100.00"), D("100.00")), (D("100.00"), None)]
    assert (open_of(office.world.kora), suspended_of(mill)) == (D("120.00"), D("100.00"))
    assert [one.sequence for one in ReceiptMatch.objects.order_by("sequence")] == [1, 2]
    assert before == {"1000": D("100.00"), "1200": D("20.00"), "4100": D("-120.00")}
    assert books() == before | {"1200": D("120.00"), "2300": D("-100.00")}


def test_allocating_again_follows_todays_order(office: Office) -> None:
    office.take_in(credit("100.00", text=declared(office, "2026-08")))
    declared(office, "2026-06")
    receipt = only_receipt().receipt_id

    allocate_again(receipt_id=receipt, access=office.carla, at=AT)

    live = Allocation.objects.filter(amount__gt=0).exclude(
        id__in=Allocation.objects.filter(amount__lt=0).values("reverses_id")
    )
    assert [one.debt.month for one in live] == [date(2026, 6, 1)]


def test_a_match_without_a_reason_or_to_the_same_employer_is_refused(office: Office) -> None:
    office.take_in(credit("1.00", text=declared(office, "2026-08")))
    receipt, kora = only_receipt().receipt_id, office.world.kora
    mill = office.world.employer(name="Mill")

    for employer, reason in ((mill, " "), (kora, "Again."), (receipt, "Nobody.")):
        with pytest.raises(UnableToMatch):
            match_receipt(
                receipt_id=receipt, employer_id=employer, reason=reason, access=office.carla, at=AT
            )


def test_dario_matches_proposes_and_approves_nothing(office: Office) -> None:
    office.take_in(credit("1.00"))
    receipt, dario = only_receipt().receipt_id, office.world.dario

    with pytest.raises(NotPermitted):
        match_receipt(
            receipt_id=receipt, employer_id=office.world.kora, reason="x", access=dario, at=AT
        )
    with pytest.raises(NotPermitted):
        allocate_again(receipt_id=receipt, access=dario, at=AT)
    with pytest.raises(NotPermitted):
        propose_refund(receipt_id=receipt, amount=D(1), reason="x", access=dario, at=AT)
    with pytest.raises(NotPermitted):
        approve_proposal(proposal_id=receipt, reason="", access=dario, at=AT)


# --- what takes two people --------------------------------------------------------------------


def test_a_refund_is_proposed_by_one_and_approved_by_another(office: Office) -> None:
    office.take_in(credit("200.00", text=declared(office, "2026-08")))
    receipt = only_receipt().receipt_id

    proposed = propose_refund(
        receipt_id=receipt, amount=D("60.00"), reason="Paid twice.", access=office.carla, at=AT
    )
    approve_proposal(proposal_id=proposed.id, reason="", access=office.anton, at=AT)

    balance = only_receipt()
    assert (balance.allocated, balance.refunded, balance.suspended) == (
        D("120.00"),
        D("60.00"),
        D("20.00"),
    )
    assert books()["2310"] == D("-60.00")


def test_money_asked_back_pays_nothing_until_that_is_decided(office: Office) -> None:
    office.take_in(credit("200.00", text=declared(office, "2026-08")))
    proposed = propose_refund(
        receipt_id=only_receipt().receipt_id,
        amount=D("80.00"),
        reason="Paid twice.",
        access=office.carla,
        at=AT,
    )
    declared(office, "2026-09")
    before = open_of(office.world.kora)

    refuse_proposal(proposal_id=proposed.id, reason="A debt.", access=office.anton, at=AT)

    assert (before, open_of(office.world.kora)) == (D("120.00"), D("40.00"))


def test_more_than_is_in_suspense_is_not_refunded(office: Office) -> None:
    office.take_in(credit("200.00", text=declared(office, "2026-08")))

    with pytest.raises(UnableToPropose, match=r"80\.00 is in suspense"):
        propose_refund(
            receipt_id=only_receipt().receipt_id,
            amount=D("80.01"),
            reason="Paid twice.",
            access=office.carla,
            at=AT,
        )


def test_nobody_decides_their_own_proposal_nor_decides_twice(office: Office) -> None:
    office.take_in(credit("200.00", text=declared(office, "2026-08")))
    proposed = propose_refund(
        receipt_id=only_receipt().receipt_id,
        amount=D("80.00"),
        reason="Paid twice.",
        access=office.carla,
        at=AT,
    )

    with pytest.raises(NotPermitted):
        withdraw_proposal(proposal_id=proposed.id, access=office.anton, at=AT)
    withdraw_proposal(proposal_id=proposed.id, access=office.carla, at=AT)
    with pytest.raises(UnableToDecide):
        approve_proposal(proposal_id=proposed.id, reason="", access=office.anton, at=AT)


def test_a_debt_written_off_leaves_the_workers_months_as_they_were(office: Office) -> None:
    declared(office, "2026-08")
    world = office.world
    debt = Debt.objects.get()
    with reading(access=world.emil, right=Right.DECLARATION_READ), connection.cursor() as cursor:
        cursor.execute("SELECT sum(insurable) FROM contributions_liability")
        before = cursor.fetchone()

    proposed = propose_relief(
        kind="write-off",
        debt_id=debt.id,
        amount=D("120.00"),
        reason="Wound up without assets.",
        access=office.carla,
        at=AT,
    )
    approve_proposal(proposal_id=proposed.id, reason="", access=office.anton, at=AT)

    with reading(access=world.emil, right=Right.DECLARATION_READ), connection.cursor() as cursor:
        cursor.execute("SELECT sum(insurable) FROM contributions_liability")
        after = cursor.fetchone()
    assert open_of(world.kora) == D(0)
    assert before == after
    assert books() == {"4100": D("-120.00"), "5200": D("120.00")}


def test_contributions_are_corrected_not_reversed(office: Office) -> None:
    declared(office, "2026-08")

    with pytest.raises(UnableToPropose, match="correcting their declaration"):
        propose_relief(
            kind="reversal",
            debt_id=Debt.objects.get().id,
            amount=D("1.00"),
            reason="A mistake.",
            access=office.carla,
            at=AT,
        )


# --- the database itself ----------------------------------------------------------------------


def sql(statement: str, *parameters: str | UUID | date) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


_ALLOCATE = (
    "INSERT INTO contributions_allocation (id, act_id, receipt_id, debt_id, amount, made_on,"
    " made_at, made_by) VALUES (gen_random_uuid(), gen_random_uuid(), %s, %s, %s, %s, %s,"
    " gen_random_uuid())"
)


def test_raw_sql_spends_no_cent_twice(office: Office) -> None:
    office.take_in(credit("200.00", text=declared(office, "2026-08")))
    declared(office, "2026-09", wage="0.00")
    receipt, debt = only_receipt().receipt_id, Debt.objects.get()

    for amount in ("0.01", "80.01"):
        with pytest.raises(IntegrityError, match=r"no_debt_is_overpaid|no_receipt_is_spent_twice"):
            sql(_ALLOCATE, receipt, debt.id, amount, AT.date(), AT)


def test_raw_sql_lays_no_money_on_another_employers_debt(office: Office) -> None:
    declared(office, "2026-08")
    office.take_in(credit("200.00"))

    with pytest.raises(IntegrityError, match="laid only on debts"):
        sql(_ALLOCATE, only_receipt().receipt_id, Debt.objects.get().id, "1.00", AT.date(), AT)


@pytest.mark.parametrize("table", ["debtbalance", "receiptbalance"])
def test_the_application_writes_no_balance(office: Office, table: str) -> None:
    office.take_in(credit("200.00", text=declared(office, "2026-08")))

    for statement in ("UPDATE {} SET employer_id = employer_id", "DELETE FROM {}"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            sql(statement.format(f"contributions_{table}"))


@pytest.mark.parametrize("model", [Receipt, ReceiptMatch, Allocation, Debt])
def test_what_was_written_stays(office: Office, model: type[Receipt]) -> None:
    office.take_in(credit("200.00", text=declared(office, "2026-08")))

    with pytest.raises(ProgrammingError, match="permission denied"):
        sql(f"DELETE FROM {model._meta.db_table}")  # noqa: S608


def test_raw_sql_refunds_nothing_unapproved(office: Office) -> None:
    office.take_in(credit("200.00", text=declared(office, "2026-08")))
    receipt = only_receipt().receipt_id
    proposed = propose_refund(
        receipt_id=receipt, amount=D("80.00"), reason="Twice.", access=office.carla, at=AT
    )
    proposal = Proposal.objects.get(id=proposed.id)

    with pytest.raises(IntegrityError, match="approved proposal"), transaction.atomic():
        Refund.objects.bulk_create(
            [
                Refund(
                    proposal=proposal,
                    receipt_id=receipt,
                    amount=D("80.00"),
                    made_on=AT.date(),
                    made_at=AT,
                )
            ]
        )
    with pytest.raises(IntegrityError, match="nobody_decides_their_own"), transaction.atomic():
        Proposal.objects.filter(id=proposed.id).update(
            state="approved", decided_by=proposal.proposed_by, decided_at=AT
        )


def test_what_a_payer_wrote_is_seen_for_a_purpose_only(office: Office) -> None:
    office.take_in(credit("200.00", text="For my cousin Amina"))

    assert not Receipt.objects.exists()
    with reading(access=office.carla, right=Right.DECLARATION_READ):
        assert Receipt.objects.get().text == "For my cousin Amina"
