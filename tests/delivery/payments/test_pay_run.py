"""From awards to a file at the bank: one run and the next."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from amparo.delivery.claims.models import Award, AwardComponent
from amparo.delivery.ledger.models import Posting
from amparo.delivery.ledger.queries import trial_balance
from amparo.delivery.payments.models import (
    Difference,
    DifferenceStatement,
    Entitlement,
    Instruction,
    InstructionLine,
    PaymentFile,
    PayRun,
    PayRunItem,
)
from amparo.delivery.payments.operations import (
    NobodyToPay,
    NotInState,
    UnableToApprove,
    UnableToLock,
    UnableToPlan,
    abandon_run,
    approve_run,
    calculate_run,
    compare_run,
    plan_run,
    prepare_run,
    state_difference,
    take_snapshot,
    transmit_run,
)
from amparo.journal.reading import reading
from amparo.office.models import Task
from amparo.register.models import PaymentAccount, Representation, Vitals
from amparo.values import Access, Month, NotPermitted, Right
from tests.delivery.payments import awards
from tests.delivery.payments.seeing import seen

pytestmark = pytest.mark.django_db

LATER = datetime(2026, 12, 18, 9, 30, tzinfo=UTC)


def prepared(month: Month, access: Access, at: datetime, **kind: str) -> PayRun:
    run_id = plan_run(month=month, access=access, at=at, **kind)  # type: ignore[arg-type]
    prepare_run(run_id=run_id, access=access, at=at)
    return PayRun.objects.get(id=run_id)


def paid(month: Month, maker: Access, checker: Access, at: datetime, folder: Path) -> PayRun:
    run = prepared(month, maker, at)
    approve_run(run_id=run.id, content_hash=run.content_hash, access=checker, at=at)
    transmit_run(run_id=run.id, folder=folder, access=maker, at=at)
    run.refresh_from_db()
    return run


def items(run: PayRun, access: Access) -> list[tuple[date, Decimal, str, str]]:
    with reading(access=access, right=Right.PAYRUN_READ):
        return list(
            PayRunItem.objects.filter(run=run)
            .order_by("month", "amount")
            .values_list("month", "amount", "disposition", "reason")
        )


def differences(run: PayRun) -> list[tuple[str, str, Decimal, Decimal]]:
    return seen(
        Difference.objects.filter(run=run)
        .order_by("id")
        .values_list("kind", "explanation", "amount_before", "amount_after")
    )


def balances(access: Access, on: date) -> dict[str, Decimal]:
    accounts = trial_balance(access=access, on=on).accounts
    return {account.code: account.balance for account in accounts if account.balance}


# --- the whole way ----------------------------------------------------------------------------


def test_a_run_pays_each_award_once_and_every_sum_agrees(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path
) -> None:
    awards.award(amount="100.00", starts_on=date(2026, 11, 1))
    awards.award(amount="250.55", starts_on=date(2026, 11, 1), given="Tomasi")

    run = paid(november, bruno, celia, at, folder)

    assert (run.state, run.instruction_count, run.total) == ("transmitted", 2, Decimal("350.55"))
    (file,) = PaymentFile.objects.filter(run=run)
    assert (file.instruction_count, file.control_sum) == (2, Decimal("350.55"))
    assert (folder / file.file_name).read_bytes().count(b"<CdtTrfTxInf>") == 2
    assert (folder / file.file_name).stat().st_mode & 0o777 == 0o600
    assert balances(bruno, at.date()) == {"5100": Decimal("350.55"), "1000": Decimal("-350.55")}


def test_awards_of_one_payee_travel_as_one_payment(
    bruno: Access, november: Month, at: datetime
) -> None:
    first = awards.award(amount="100.00", starts_on=date(2026, 11, 1))
    awards.award(
        amount="20.00",
        starts_on=date(2026, 11, 1),
        person_id=first.person_id,
        benefit="survivors-pension",
    )

    run = prepared(november, bruno, at)

    with reading(access=bruno, right=Right.PAYRUN_READ):
        (instruction,) = Instruction.objects.filter(run=run)
        assert instruction.amount == Decimal("120.00")
        assert instruction.end_to_end_id == instruction.id.hex
        assert InstructionLine.objects.filter(instruction=instruction).count() == 2


def test_a_late_grant_brings_its_back_pay(bruno: Access, november: Month, at: datetime) -> None:
    awards.award(amount="100.00", starts_on=date(2026, 9, 15))

    run = prepared(november, bruno, at)

    assert [month for month, *_rest in items(run, bruno)] == [
        date(2026, 9, 1),
        date(2026, 10, 1),
        date(2026, 11, 1),
    ]
    assert run.total == Decimal("300.00")


def test_a_component_that_starts_later_or_has_ended_is_not_considered(
    bruno: Access, november: Month, at: datetime
) -> None:
    awards.award(amount="1.00", starts_on=date(2026, 12, 1))
    awards.award(amount="2.00", starts_on=date(2026, 10, 1), ends_before=date(2026, 11, 1))

    run = prepared(november, bruno, at)

    assert [(month, amount) for month, amount, *_rest in items(run, bruno)] == [
        (date(2026, 10, 1), Decimal("2.00"))
    ]


def test_next_month_pays_next_month_only(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path
) -> None:
    awards.award(amount="100.00", starts_on=date(2026, 10, 1))
    paid(november, bruno, celia, at, folder)

    run = prepared(november.next(), bruno, LATER)

    assert [month for month, *_rest in items(run, bruno)] == [date(2026, 12, 1)]
    assert differences(run) == [("changed", "arrears", Decimal("200.00"), Decimal("100.00"))]


def test_a_later_sequence_pays_only_what_earlier_ones_left(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path
) -> None:
    made = awards.award(amount="100.00", starts_on=date(2026, 10, 1))
    paid(november, bruno, celia, at, folder)
    # October was paid; the correction reaches back to 15 October, then a month counts for both.
    with reading(access=bruno, right=Right.PAYRUN_READ):
        first = AwardComponent.objects.filter(id=made.component_id)
        assert first.update(ends_before=date(2026, 10, 15)) == 1
    corrected = awards.decision(person_id=made.person_id, award_id=made.award_id, at=LATER)
    awards.component(
        award_id=made.award_id,
        amount="104.20",
        starts_on=date(2026, 10, 15),
        decision_id=corrected,
        sequence=2,
    )

    run = prepared(november.next(), bruno, LATER)

    assert [(month, amount) for month, amount, *_rest in items(run, bruno)] == [
        (date(2026, 10, 1), Decimal("4.20")),
        (date(2026, 11, 1), Decimal("4.20")),
        (date(2026, 12, 1), Decimal("104.20")),
    ]
    assert [explanation for _kind, explanation, *_rest in differences(run)] == ["new-decision"]


@pytest.mark.parametrize(("second", "month_brings"), [("104.20", "104.20"), ("80.00", "100.00")])
def test_a_month_in_which_two_sequences_meet_brings_the_higher_amount_once(
    bruno: Access, november: Month, at: datetime, second: str, month_brings: str
) -> None:
    made = awards.award(amount="100.00", starts_on=date(2026, 11, 1))
    with reading(access=bruno, right=Right.PAYRUN_READ):
        first = AwardComponent.objects.filter(id=made.component_id)
        assert first.update(ends_before=date(2026, 11, 15)) == 1
    awards.component(
        award_id=made.award_id,
        amount=second,
        starts_on=date(2026, 11, 15),
        decision_id=awards.decision(person_id=made.person_id, award_id=made.award_id),
        sequence=2,
    )

    run = prepared(november, bruno, at)

    assert run.total == Decimal(month_brings)


# --- held and excluded ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("award", "disposition", "reason"),
    [
        ({"account": None}, "held", "no-account"),
        ({"verified_on": None}, "held", "account-not-verified"),
        ({"given": "Ami\x07na"}, "held", "no-name"),
        ({"state": "suspended"}, "excluded", "award-suspended"),
        ({"died_on": date(2026, 10, 31)}, "excluded", "person-died"),
        ({"died_on": date(2026, 11, 2)}, "held", "payee-died"),
    ],
)
def test_what_cannot_be_paid_is_shown_with_its_reason(
    bruno: Access,
    november: Month,
    at: datetime,
    award: dict[str, object],
    disposition: str,
    reason: str,
) -> None:
    awards.award(starts_on=date(2026, 11, 1), **award)  # type: ignore[arg-type]

    run = prepared(november, bruno, at)

    assert items(run, bruno) == [(date(2026, 11, 1), Decimal("100.00"), disposition, reason)]
    assert run.totals[disposition] == [{"name": reason, "count": 1, "amount": "100.00"}]
    assert seen(Entitlement.objects.filter(run=run)) == []


def test_a_held_payment_opens_a_task_for_whoever_can_repair_it(
    bruno: Access, november: Month, at: datetime
) -> None:
    awards.award(starts_on=date(2026, 11, 1), account=None)

    run = prepared(november, bruno, at)

    task = Task.objects.get(subject_id=run.id, kind="payments.no-account")
    assert task.role == "registration-officer"
    assert task.details == {"count": 1, "amount": "100.00"}


def test_a_held_payment_follows_as_soon_as_the_account_is_known(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path
) -> None:
    made = awards.award(starts_on=date(2026, 11, 1), account=None)
    awards.award(amount="7.00", starts_on=date(2026, 11, 1), given="Tomasi")
    paid(november, bruno, celia, at, folder)
    awards.open_account(person_id=made.person_id)

    run = prepared(november.next(), bruno, LATER)

    assert run.total == Decimal("207.00")
    assert ("new", "no-longer-held", Decimal(0), Decimal("200.00")) in differences(run)


def test_a_payee_other_than_the_person_receives_on_their_own_account(
    bruno: Access, november: Month, at: datetime
) -> None:
    mother, _account = awards.person(given="Josefa", family="Mwale", account="555")
    awards.award(starts_on=date(2026, 11, 1), account=None, payee_id=mother)

    run = prepared(november, bruno, at)

    with reading(access=bruno, right=Right.PAYRUN_READ):
        (instruction,) = Instruction.objects.filter(run=run)
        assert (instruction.payee_name, instruction.account_number) == ("Josefa Mwale", "555")


def name_payee(
    person_id: UUID, payee_id: UUID, *, starts_on: date, ends_before: date | None = None
) -> None:
    Representation.objects.create(
        person_id=person_id,
        representative_id=payee_id,
        kind="payee",
        starts_on=starts_on,
        ends_before=ends_before,
        recorded_at=awards.KNOWN,
        source="officer",
        recorded_by=UUID(int=7),
    )


def test_a_payee_named_after_the_award_receives_from_then_on(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path
) -> None:
    made = awards.award(starts_on=date(2026, 11, 1))
    paid(november, bruno, celia, at, folder)
    mother, _account = awards.person(given="Josefa", family="Mwale", account="555")
    name_payee(made.person_id, mother, starts_on=date(2026, 12, 1))

    run = paid(november.next(), bruno, celia, LATER, folder)

    assert differences(run) == [("changed", "new-payee", Decimal("100.00"), Decimal("100.00"))]
    with reading(access=bruno, right=Right.PAYRUN_READ):
        (instruction,) = Instruction.objects.filter(run=run)
        assert (instruction.payee_id, instruction.account_number) == (mother, "555")


def test_a_payee_named_between_approval_and_sending_stops_the_run(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path
) -> None:
    made = awards.award(starts_on=date(2026, 11, 1))
    run = prepared(november, bruno, at)
    approve_run(run_id=run.id, content_hash=run.content_hash, access=celia, at=at)
    mother, _account = awards.person(given="Josefa", family="Mwale", account="555")
    name_payee(made.person_id, mother, starts_on=date(2026, 11, 1))

    with pytest.raises(UnableToLock, match="1 items"):
        transmit_run(run_id=run.id, folder=folder, access=bruno, at=at)


def test_a_payee_whose_time_is_over_is_not_paid(
    bruno: Access, november: Month, at: datetime
) -> None:
    mother, _account = awards.person(given="Josefa", family="Mwale", account="555")
    made = awards.award(starts_on=date(2026, 11, 1), payee_id=mother)
    name_payee(made.person_id, mother, starts_on=date(2026, 1, 1), ends_before=date(2026, 11, 15))

    run = prepared(november, bruno, at)

    assert items(run, bruno) == [(date(2026, 11, 1), Decimal("100.00"), "held", "payee-ended")]


# --- nobody -----------------------------------------------------------------------------------


def test_an_empty_selection_says_nobody_and_stops(
    bruno: Access, november: Month, at: datetime
) -> None:
    run_id = plan_run(month=november, access=bruno, at=at)

    with pytest.raises(NobodyToPay, match=r"Nobody: no award is due for 2026-11\."):
        prepare_run(run_id=run_id, access=bruno, at=at)

    assert PayRun.objects.get(id=run_id).state == "planned"


def test_a_run_with_nobody_payable_cannot_be_approved(
    bruno: Access, celia: Access, november: Month, at: datetime
) -> None:
    awards.award(starts_on=date(2026, 11, 1), account=None)
    run = prepared(november, bruno, at)

    with pytest.raises(NobodyToPay):
        approve_run(run_id=run.id, content_hash=run.content_hash, access=celia, at=at)

    with pytest.raises(IntegrityError, match="an_approved_run_pays_somebody"), transaction.atomic():
        PayRun.objects.filter(id=run.id).update(
            state="approved",
            approved_by=celia.actor_id,
            approved_at=at,
            approved_hash=run.content_hash,
        )


# --- who may do what --------------------------------------------------------------------------


def test_nobody_approves_what_they_prepared(bruno: Access, november: Month, at: datetime) -> None:
    awards.award()
    run = prepared(november, bruno, at)
    both = awards.acting("Bruno", "finance-approver")

    with pytest.raises(NotPermitted, match="second person"):
        approve_run(run_id=run.id, content_hash=run.content_hash, access=both, at=at)

    with pytest.raises(IntegrityError, match="maker_is_not_checker"), transaction.atomic():
        PayRun.objects.filter(id=run.id).update(
            state="approved",
            approved_by=bruno.actor_id,
            approved_at=at,
            approved_hash=run.content_hash,
        )


def test_nobody_approves_what_they_calculated_or_compared(
    bruno: Access, november: Month, at: datetime
) -> None:
    awards.award()
    edith = awards.acting("Edith", "finance-officer", Right.PAYRUN_APPROVE)
    run_id = plan_run(month=november, access=bruno, at=at)
    take_snapshot(run_id=run_id, access=bruno, at=at)
    calculate_run(run_id=run_id, access=edith, at=at)
    compare_run(run_id=run_id, access=edith, at=at)
    run = PayRun.objects.get(id=run_id)
    assert (run.calculated_by, run.compared_by) == (edith.actor_id, edith.actor_id)

    with pytest.raises(NotPermitted, match="second person"):
        approve_run(run_id=run.id, content_hash=run.content_hash, access=edith, at=at)

    with pytest.raises(IntegrityError, match="maker_is_not_checker"), transaction.atomic():
        PayRun.objects.filter(id=run.id).update(
            state="approved",
            approved_by=edith.actor_id,
            approved_at=at,
            approved_hash=run.content_hash,
        )


def test_nobody_approves_what_they_explained(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path
) -> None:
    awards.award(amount="7.00", starts_on=date(2026, 11, 1), given="Tomasi")
    paid(november, bruno, celia, at, folder)
    awards.award(starts_on=date(2026, 11, 1))
    run = prepared(november.next(), bruno, LATER)
    edith = awards.acting("Edith", "finance-officer", Right.PAYRUN_APPROVE)
    (difference,) = seen(Difference.objects.filter(run=run, explanation="unexplained"))
    state_difference(
        difference_id=difference.id, text="Found in the paper file.", access=edith, at=LATER
    )

    with pytest.raises(NotPermitted, match="second person"):
        approve_run(run_id=run.id, content_hash=run.content_hash, access=edith, at=LATER)

    with pytest.raises(IntegrityError, match="who explained"), transaction.atomic():
        PayRun.objects.filter(id=run.id).update(
            state="approved",
            approved_by=edith.actor_id,
            approved_at=LATER,
            approved_hash=run.content_hash,
        )


def test_dario_may_take_no_step(
    bruno: Access, celia: Access, dario: Access, november: Month, at: datetime, folder: Path
) -> None:
    awards.award()
    with pytest.raises(NotPermitted):
        plan_run(month=november, access=dario, at=at)
    run_id = plan_run(month=november, access=bruno, at=at)
    with pytest.raises(NotPermitted):
        prepare_run(run_id=run_id, access=dario, at=at)
    prepare_run(run_id=run_id, access=bruno, at=at)
    content = PayRun.objects.get(id=run_id).content_hash
    with pytest.raises(NotPermitted):
        approve_run(run_id=run_id, content_hash=content, access=dario, at=at)
    with pytest.raises(NotPermitted):
        abandon_run(run_id=run_id, reason="none", access=dario, at=at)
    approve_run(run_id=run_id, content_hash=content, access=celia, at=at)
    with pytest.raises(NotPermitted):
        transmit_run(run_id=run_id, folder=folder, access=dario, at=at)
    assert not folder.exists()


# --- approval binds the content ---------------------------------------------------------------


def test_approval_of_another_hash_is_refused(
    bruno: Access, celia: Access, november: Month, at: datetime
) -> None:
    awards.award()
    run = prepared(november, bruno, at)

    with pytest.raises(UnableToApprove, match="not the one that was shown"):
        approve_run(run_id=run.id, content_hash="0" * 64, access=celia, at=at)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE payments_instruction SET amount = amount + 1",
        "UPDATE payments_instruction SET account_number = '999'",
        "DELETE FROM payments_instruction",
        "UPDATE payments_instructionline SET amount = amount + 1",
        "UPDATE payments_payrunitem SET amount = amount + 1",
        "UPDATE payments_entitlement SET amount = amount + 1",
        "UPDATE payments_payrun SET content_hash = repeat('0', 64)",
        "UPDATE payments_payrun SET state = 'transmitted'",
        "DELETE FROM payments_payrun",
        "UPDATE payments_difference SET explanation = 'granted'",
        "TRUNCATE payments_statementline",
    ],
)
def test_the_database_refuses_a_change_of_what_was_prepared(
    bruno: Access, november: Month, at: datetime, change: str
) -> None:
    awards.award()
    prepared(november, bruno, at)

    with (
        pytest.raises(Exception, match=r"refused|denied"),
        reading(access=bruno, right=Right.PAYRUN_READ),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


def test_nothing_can_be_added_to_an_approved_run(
    bruno: Access, celia: Access, november: Month, at: datetime
) -> None:
    made = awards.award()
    run = prepared(november, bruno, at)
    approve_run(run_id=run.id, content_hash=run.content_hash, access=celia, at=at)

    with pytest.raises(IntegrityError, match="takes rows only while"), transaction.atomic():
        Instruction.objects.create(
            run=run,
            part=1,
            id=made.award_id,
            end_to_end_id=made.award_id.hex,
            payee_id=made.person_id,
            payee_name="Dario",
            payment_account_id=made.account_id or made.award_id,
            account_kind="bank",
            provider=awards.BANK,
            account_number="1",
            amount=Decimal("1000.00"),
            currency="XTS",
            state="instructed",
        )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE payments_instructionline SET is_live = false",
        "UPDATE payments_instruction SET state = 'cancelled'",
        "UPDATE payments_instruction SET state = 'returned'",
        "UPDATE payments_instruction SET state = 'settled'",
        (
            "INSERT INTO payments_instructionline (entitlement_id, instruction_id, amount,"
            " is_reissue, is_live) SELECT entitlement_id, instruction_id, amount, false, false"
            " FROM payments_instructionline"
        ),
    ],
)
def test_a_sent_payment_ends_only_for_a_cause(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path, change: str
) -> None:
    awards.award()
    paid(november, bruno, celia, at, folder)

    with (
        pytest.raises(IntegrityError, match=r"refused|takes rows only"),
        reading(access=bruno, right=Right.PAYRUN_READ),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)


def test_a_difference_is_explained_only_before_approval(
    bruno: Access, celia: Access, november: Month, at: datetime
) -> None:
    awards.award()
    run = prepared(november, bruno, at)
    approve_run(run_id=run.id, content_hash=run.content_hash, access=celia, at=at)

    with (
        pytest.raises(IntegrityError, match="only while its run waits"),
        reading(access=bruno, right=Right.PAYRUN_READ),
    ):
        DifferenceStatement.objects.create(
            difference=Difference.objects.get(run=run),
            text="Said too late.",
            stated_by=bruno.actor_id,
            stated_at=at,
        )


def test_a_death_between_approval_and_sending_stops_the_run(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path
) -> None:
    made = awards.award()
    run = prepared(november, bruno, at)
    approve_run(run_id=run.id, content_hash=run.content_hash, access=celia, at=at)
    with reading(access=bruno, right=Right.PAYRUN_READ):
        Vitals.objects.filter(person_id=made.person_id).update(superseded_at=at)
    Vitals.objects.create(
        person_id=made.person_id,
        sex="female",
        birth_date=date(1960, 2, 29),
        death_date=date(2026, 11, 19),
        starts_on=date(1960, 2, 29),
        recorded_at=at,
        source="exchange",
        recorded_by=bruno.actor_id,
    )

    with pytest.raises(UnableToLock, match="2 items"):
        transmit_run(run_id=run.id, folder=folder, access=bruno, at=at)

    assert not folder.exists()
    assert PayRun.objects.get(id=run.id).state == "approved"


@pytest.mark.parametrize(
    "rows",
    [
        "payments_entitlement",
        "payments_instructionline",
        "payments_difference",
        "ledger_posting WHERE party_kind = 'person'",
    ],
)
def test_amounts_of_persons_are_seen_for_a_purpose_only(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path, rows: str
) -> None:
    awards.award()
    paid(november, bruno, celia, at, folder)

    def count() -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {rows}")  # noqa: S608 — from the list above
            return int(cursor.fetchone()[0])

    assert count() == 0
    with reading(access=bruno, right=Right.PAYRUN_READ):
        assert count() > 0


def test_somebody_reading_their_own_record_sees_their_own_amounts(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path
) -> None:
    amina = awards.award()
    awards.award(given="Tomasi")
    paid(november, bruno, celia, at, folder)
    own = replace(bruno, subject_id=amina.person_id)

    with reading(access=own, right=Right.PAYRUN_READ):
        assert {e.award_id for e in Entitlement.objects.all()} == {amina.award_id}
        assert {d.award_id for d in Difference.objects.all()} == {amina.award_id}
        assert {p.party_id for p in Posting.objects.all()} == {amina.person_id}
        assert InstructionLine.objects.count() == 2


# --- one run at a time ------------------------------------------------------------------------


def test_a_second_run_waits_until_the_first_is_sent(
    bruno: Access, november: Month, at: datetime
) -> None:
    plan_run(month=november, access=bruno, at=at)

    with pytest.raises(UnableToPlan, match="not sent yet"):
        plan_run(month=november.next(), access=bruno, at=LATER)


def test_a_month_that_has_not_begun_cannot_be_paid_in_advance(
    bruno: Access, november: Month, at: datetime
) -> None:
    awards.award()

    with pytest.raises(UnableToPlan, match=r"2026-12 has not begun"):
        plan_run(month=november.next(), access=bruno, at=at)

    assert not PayRun.objects.exists()


def test_the_month_begins_by_the_clock_of_the_institution(bruno: Access, november: Month) -> None:
    # In Nairobi December has begun while it is still November in Greenwich.
    last_minute = datetime(2026, 11, 30, 20, 59, tzinfo=UTC)
    with pytest.raises(UnableToPlan):
        plan_run(month=november.next(), access=bruno, at=last_minute)

    run_id = plan_run(
        month=november.next(), access=bruno, at=datetime(2026, 11, 30, 21, 0, tzinfo=UTC)
    )

    assert PayRun.objects.get(id=run_id).month == date(2026, 12, 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"month": date(2026, 12, 1)},
        {"state": "transmitted", "approved_by": UUID(int=7), "approved_hash": "0" * 64},
        {"prepared_by": UUID(int=7)},
        {"total": Decimal("1.00")},
    ],
)
def test_the_database_refuses_a_run_born_otherwise_than_planned(
    bruno: Access, at: datetime, fields: dict[str, object]
) -> None:
    planned = {
        "number": "PR-9",
        "month": date(2026, 11, 1),
        "kind": "regular",
        "state": "planned",
        "currency": "XTS",
        "planned_at": at,
        "planned_by": bruno.actor_id,
        "prepared_by": bruno.actor_id,
    }

    with pytest.raises(IntegrityError, match=r"A (new )?pay run is refused"), transaction.atomic():
        PayRun.objects.create(**{**planned, **fields})

    assert PayRun.objects.create(**planned).state == "planned"


def test_a_month_has_one_regular_run_and_then_supplementary_ones(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path
) -> None:
    awards.award(starts_on=date(2026, 11, 1))
    paid(november, bruno, celia, at, folder)
    with pytest.raises(UnableToPlan, match="has its regular run already"):
        plan_run(month=november, access=bruno, at=at)
    awards.award(amount="42.00", starts_on=date(2026, 11, 1), given="Tomasi")

    run = prepared(november, bruno, at, kind="supplementary")

    assert run.total == Decimal("42.00")


def test_an_abandoned_run_leaves_everything_owed(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path
) -> None:
    awards.award(starts_on=date(2026, 10, 1))
    first = prepared(november, bruno, at)
    abandon_run(run_id=first.id, reason="wrong day", access=bruno, at=at)

    run = paid(november, bruno, celia, at, folder)

    assert run.total == Decimal("200.00")
    assert len(seen(Entitlement.objects.all())) == 2
    assert len(seen(InstructionLine.objects.filter(is_live=True))) == 2
    assert balances(bruno, at.date())["5100"] == Decimal("200.00")


def test_a_supplementary_run_leaves_the_months_after_its_own_alone(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path
) -> None:
    awards.award(starts_on=date(2026, 11, 1))
    paid(november, bruno, celia, at, folder)
    december = prepared(november.next(), bruno, LATER)
    abandon_run(run_id=december.id, reason="wrong day", access=bruno, at=LATER)
    awards.award(amount="42.00", starts_on=date(2026, 11, 1), given="Tomasi")

    run = prepared(november, bruno, LATER, kind="supplementary")

    assert items(run, bruno) == [(date(2026, 11, 1), Decimal("42.00"), "pay", "")]


def test_a_sent_run_cannot_be_abandoned(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path
) -> None:
    awards.award()
    run = paid(november, bruno, celia, at, folder)

    with pytest.raises(NotInState):
        abandon_run(run_id=run.id, reason="too late", access=bruno, at=at)


def test_each_step_may_be_pressed_twice(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path
) -> None:
    awards.award()
    run = paid(november, bruno, celia, at, folder)
    before = balances(bruno, at.date())

    transmit_run(run_id=run.id, folder=folder, access=bruno, at=at)

    assert balances(bruno, at.date()) == before
    assert Instruction.objects.count() == 0  # outside a reading nobody sees them
    with reading(access=bruno, right=Right.PAYRUN_READ):
        assert Instruction.objects.count() == 1


# --- the comparison ---------------------------------------------------------------------------


def test_a_first_run_explains_each_award_by_its_decision(
    bruno: Access, november: Month, at: datetime
) -> None:
    awards.award()

    run = prepared(november, bruno, at)

    assert differences(run) == [("new", "taken-on", Decimal(0), Decimal("200.00"))]
    assert run.comparison["unexplained"] == 0
    (difference,) = seen(Difference.objects.filter(run=run))
    assert difference.decision_id is not None


def test_a_suspension_explains_why_a_payment_stops(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path
) -> None:
    made = awards.award(starts_on=date(2026, 11, 1))
    awards.award(amount="7.00", starts_on=date(2026, 11, 1), given="Tomasi")
    paid(november, bruno, celia, at, folder)
    with reading(access=bruno, right=Right.PAYRUN_READ):
        assert Award.objects.filter(id=made.award_id).update(state="suspended") == 1

    run = prepared(november.next(), bruno, LATER)

    assert differences(run) == [("stopped", "award-suspended", Decimal("100.00"), Decimal(0))]


def test_an_award_that_ended_explains_why_a_payment_stops(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path
) -> None:
    made = awards.award(starts_on=date(2026, 11, 1))
    awards.award(amount="7.00", starts_on=date(2026, 11, 1), given="Tomasi")
    paid(november, bruno, celia, at, folder)
    with reading(access=bruno, right=Right.PAYRUN_READ):
        ended = Award.objects.filter(id=made.award_id)
        assert ended.update(state="terminated", ends_before=date(2026, 12, 1)) == 1

    run = prepared(november.next(), bruno, LATER)

    assert differences(run) == [("stopped", "award-ended", Decimal("100.00"), Decimal(0))]


def test_an_unexplained_difference_blocks_approval_until_somebody_states_it(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path
) -> None:
    awards.award(amount="7.00", starts_on=date(2026, 11, 1), given="Tomasi")
    paid(november, bruno, celia, at, folder)
    # Decided before the last run and due in its month, yet it was not in that run.
    awards.award(starts_on=date(2026, 11, 1))
    run = prepared(november.next(), bruno, LATER)
    assert run.comparison["unexplained"] == 1
    with pytest.raises(UnableToApprove, match="1 differences"):
        approve_run(run_id=run.id, content_hash=run.content_hash, access=celia, at=LATER)

    (difference,) = seen(Difference.objects.filter(run=run, explanation="unexplained"))
    state_difference(
        difference_id=difference.id, text="Found in the paper file.", access=bruno, at=LATER
    )
    approve_run(run_id=run.id, content_hash=run.content_hash, access=celia, at=LATER)

    assert PayRun.objects.get(id=run.id).state == "approved"


def test_an_account_changed_after_approval_stops_the_run(
    bruno: Access, celia: Access, november: Month, at: datetime, folder: Path
) -> None:
    made = awards.award()
    run = prepared(november, bruno, at)
    approve_run(run_id=run.id, content_hash=run.content_hash, access=celia, at=at)
    with reading(access=bruno, right=Right.PAYRUN_READ):
        PaymentAccount.objects.filter(person_id=made.person_id).update(superseded_at=at)

    with pytest.raises(UnableToLock):
        transmit_run(run_id=run.id, folder=folder, access=bruno, at=at)


def test_an_unknown_run_is_said_to_be_unknown(bruno: Access, at: datetime) -> None:
    with pytest.raises(Exception, match="There is no pay run"):
        prepare_run(run_id=UUID(int=1), access=bruno, at=at)
