"""Each step of a run: pressed again, pressed by two at once, and stopped where a sum differs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError
from django.test import override_settings

from amparo.delivery.payments import operations
from amparo.delivery.payments.driver import Batch, Payment, Written
from amparo.delivery.payments.models import (
    Difference,
    Instruction,
    PaymentFile,
    PayRun,
    StatementLine,
)
from amparo.delivery.payments.operations import (
    NothingToState,
    NotInState,
    TotalsDiffer,
    UnableToPlan,
    abandon_run,
    approve_run,
    calculate_run,
    compare_run,
    plan_run,
    prepare_run,
    read_in_statement,
    state_difference,
    take_snapshot,
    transmit_run,
)
from amparo.delivery.payments.reconciliation import BankLine, StatementOutcome
from amparo.delivery.payments.transmission import WrittenOtherwise
from amparo.journal.models import Event
from amparo.office.models import Task
from amparo.office.originals import Original
from amparo.values import Access, Month
from tests.delivery.payments import awards
from tests.delivery.payments.seeing import seen

pytestmark = pytest.mark.django_db

BOOKED = date(2026, 11, 23)


@pytest.fixture
def planned(bruno: Access, november: Month, at: datetime) -> UUID:
    """A run planned for November, with one award to pay."""
    awards.award(amount="100.00", starts_on=date(2026, 11, 1))
    return plan_run(month=november, access=bruno, at=at)


def state_of(run_id: UUID) -> str:
    return PayRun.objects.get(id=run_id).state


def events(kind: str) -> int:
    return Event.objects.filter(kind=kind).count()


def approved(run_id: UUID, maker: Access, checker: Access, at: datetime) -> str:
    prepare_run(run_id=run_id, access=maker, at=at)
    content = PayRun.objects.get(id=run_id).content_hash
    approve_run(run_id=run_id, content_hash=content, access=checker, at=at)
    return content


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        (take_snapshot, "payments.snapshot_taken"),
        (calculate_run, "payments.run_calculated"),
        (compare_run, "payments.run_compared"),
    ],
)
def test_a_step_of_the_preparation_taken_again_does_nothing(
    planned: UUID, bruno: Access, at: datetime, step: Callable[..., None], kind: str
) -> None:
    prepare_run(run_id=planned, access=bruno, at=at)

    step(run_id=planned, access=bruno, at=at)

    assert (state_of(planned), events(kind)) == ("compared", 1)
    assert len(seen(Instruction.objects.filter(run_id=planned))) == 1


def test_a_run_is_abandoned_once(planned: UUID, bruno: Access, at: datetime) -> None:
    for _ in range(2):
        abandon_run(run_id=planned, reason="wrong month", access=bruno, at=at)

    assert (state_of(planned), events("payments.run_abandoned")) == ("abandoned", 1)


def test_whoever_approves_the_same_content_twice_approves_it_once(
    planned: UUID, bruno: Access, celia: Access, at: datetime
) -> None:
    content = approved(planned, bruno, celia, at)

    approve_run(run_id=planned, content_hash=content, access=celia, at=at)

    assert (state_of(planned), events("payments.run_approved")) == ("approved", 1)


def test_a_step_is_not_taken_out_of_its_order(planned: UUID, bruno: Access, at: datetime) -> None:
    with pytest.raises(NotInState, match="needs it to be snapshot"):
        calculate_run(run_id=planned, access=bruno, at=at)

    assert state_of(planned) == "planned"


def test_a_run_that_somebody_moved_on_meanwhile_is_not_moved_again(
    planned: UUID, bruno: Access, at: datetime
) -> None:
    read_before = PayRun.objects.get(id=planned)
    abandon_run(run_id=planned, reason="wrong month", access=bruno, at=at)

    with pytest.raises(NotInState, match="Somebody else has moved the run"):
        operations._step(read_before, "snapshot")

    assert state_of(planned) == "abandoned"


@pytest.mark.parametrize("text", ["Found in the paper file.", "  "])
def test_only_an_unexplained_difference_takes_a_statement(
    planned: UUID, bruno: Access, at: datetime, text: str
) -> None:
    prepare_run(run_id=planned, access=bruno, at=at)
    (explained,) = seen(Difference.objects.filter(run_id=planned))

    for difference_id in (explained.id, explained.id + 1):
        with pytest.raises(NothingToState):
            state_difference(difference_id=difference_id, text=text, access=bruno, at=at)


def test_two_totals_that_differ_stop_the_step_and_are_both_named() -> None:
    operations._refuse_difference("run", Decimal("1.00"), "instructions", Decimal("1.00"))

    with pytest.raises(TotalsDiffer, match=r"run is 1\.00 and of the instructions 2\.00"):
        operations._refuse_difference("run", Decimal("1.00"), "instructions", Decimal("2.00"))


def test_a_refusal_of_the_database_that_is_no_matter_of_planning_is_not_explained_away(
    november: Month,
) -> None:
    open_run = operations._planning_refused(IntegrityError("one_open_run_at_a_time"), november)
    regular = operations._planning_refused(IntegrityError("one_regular_run_a_month"), november)

    assert [type(open_run), type(regular)] == [UnableToPlan, UnableToPlan]
    with pytest.raises(IntegrityError, match="payrun_steps"):
        operations._planning_refused(IntegrityError("payrun_steps"), november)


@dataclass
class LosesTheLast:
    """A rail that writes one payment less than it was given, and says so."""

    suffix: str = ".txt"

    def write(self, *, batch: Batch, payments: Iterable[Payment], to: BinaryIO) -> Written:
        kept = list(payments)[:-1]
        to.write(batch.message_id.encode())
        to.write(b"".join(payment.end_to_end_id.encode() for payment in kept))
        return Written(
            count=len(kept), total=sum((Decimal(payment.amount) for payment in kept), Decimal(0))
        )


def test_a_file_that_holds_less_than_the_run_is_thrown_away(
    planned: UUID, bruno: Access, celia: Access, at: datetime, folder: Path
) -> None:
    approved(planned, bruno, celia, at)

    with (
        override_settings(PAYMENT_DRIVER=f"{__name__}.LosesTheLast"),
        pytest.raises(WrittenOtherwise, match=r"holds 0 payments of 0 in all; the run says 1"),
    ):
        transmit_run(run_id=planned, folder=folder, access=bruno, at=at)

    assert list(folder.iterdir()) == []
    assert not PaymentFile.objects.exists()


# --- what the bank says -----------------------------------------------------------------------


@dataclass
class Bank:
    """Reports on the one payment of a run that was sent."""

    access: Access
    payment: Instruction

    def says(
        self, outcome: str, reference: str, amount: str = "100.00", **said: str
    ) -> StatementOutcome:
        line = BankLine(
            bank_reference=reference,
            outcome=outcome,  # type: ignore[arg-type]
            booked_on=BOOKED,
            end_to_end_id=said.get("end_to_end_id", self.payment.end_to_end_id),
            amount=Decimal(amount),
            currency="XTS",
            reason_code=said.get("reason_code", ""),
        )
        return read_in_statement(
            lines=[line],
            original=Original(path=Path("kept"), sha256=uuid4().hex * 2, size=1),
            file_kind="camt.054",
            file_name="statement.xml",
            access=self.access,
            at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        )

    @property
    def state(self) -> tuple[str, str]:
        (payment,) = seen(Instruction.objects.filter(id=self.payment.id))
        return state_of(self.payment.run_id), payment.state


@pytest.fixture
def bank(planned: UUID, bruno: Access, celia: Access, at: datetime, folder: Path) -> Bank:
    approved(planned, bruno, celia, at)
    transmit_run(run_id=planned, folder=folder, access=bruno, at=at)
    (payment,) = seen(Instruction.objects.filter(run_id=planned))
    return Bank(access=bruno, payment=payment)


def test_a_payment_that_arrived_is_settled_and_nobody_is_asked(bank: Bank) -> None:
    bank.says("settled", "B-1")

    assert bank.state == ("reconciling", "settled")
    assert not Task.objects.filter(kind="payments.settled").exists()
    assert events("payments.statement_read_in") == 1


def test_a_returned_payment_is_owed_again_and_finance_gets_a_task(bank: Bank) -> None:
    outcome = bank.says("returned", "B-1", reason_code="AC04")

    assert bank.state == ("reconciling", "returned")
    assert outcome.as_json() == {
        "lines": 1,
        "known": 0,
        "settled": 0,
        "rejected": 0,
        "returned": 1,
        "unmatched": 0,
        "returned_total": "100.00",
    }
    task = Task.objects.get(kind="payments.returned")
    assert (task.role, task.details) == ("finance-officer", {"reason_code": "AC04"})


def test_a_line_that_fits_no_payment_of_ours_changes_nothing_and_asks_somebody(bank: Bank) -> None:
    bank.says("settled", "B-1", end_to_end_id="NOBODY")
    bank.says("settled", "B-2", amount="99.99")

    assert bank.state == ("transmitted", "instructed")
    problems = sorted(line.problem for line in seen(StatementLine.objects.all()))
    asked = Task.objects.filter(subject_kind="statement-line").values_list("kind", flat=True)
    assert len(problems) == 2
    assert "" not in problems
    assert sorted(asked) == [f"payments.{problem}" for problem in problems]
