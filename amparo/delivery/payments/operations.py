"""Pay runs, step by step, and what the bank reports afterwards.

Each step is one transaction that first locks the run's row and looks at its state. So a step that a
crash interrupted has not happened, one that was finished is not done again, and of two people (or
two processes) that press the same button one does the step and the other finds it done.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, Literal
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from amparo.delivery.contributions.operations import Credit, take_in_receipts
from amparo.delivery.ledger.chart import (
    BANK,
    BENEFIT_EXPENSE,
    BENEFITS_PAYABLE,
    RETURNED_PAYMENTS,
)
from amparo.delivery.ledger.operations import post_selected
from amparo.delivery.payments import preparation, reconciliation, transmission
from amparo.delivery.payments.driver import driver_in_force
from amparo.delivery.payments.models import (
    Difference,
    DifferenceStatement,
    Instruction,
    InstructionLine,
    PaymentFile,
    PayRun,
)
from amparo.delivery.payments.reconciliation import BankLine, StatementOutcome
from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.office.operations import (
    NewTask,
    close_tasks_about,
    next_number,
    open_tasks,
    record_received_file,
)
from amparo.office.originals import Original
from amparo.values import Access, Month, NotPermitted, Right

_SERIES: Final = "PR"
_UNEXPLAINED: Final = "unexplained"
# What the approver's inbox says of a run that waits; it closes with the approval.
TO_APPROVE: Final = "run to approve"
# Who can repair what holds a payment back.
_REPAIRED_BY: Final = {
    "payee-died": "claims-officer",
    "person-died": "claims-officer",
    "payee-ended": "registration-officer",
    "other-currency": "claims-officer",
    "no-name": "registration-officer",
    "no-account": "registration-officer",
    "account-not-verified": "registration-officer",
    "account-failed": "registration-officer",
}


class NoSuchRun(Exception):
    """There is no pay run of this id."""


class UnableToPlan(Exception):
    """A run cannot be planned now."""


class NotInState(Exception):
    """The run is not in the state that the step needs."""


class NobodyToPay(Exception):
    """The selection is empty: nobody is paid, and an empty run goes no further (invariant 8)."""


class TotalsDiffer(Exception):
    """Two sums that must be equal are not (invariant 4). Nothing was changed."""


class UnableToApprove(Exception):
    """The run cannot be approved as it is."""


class UnableToLock(Exception):
    """Something in the approved run can no longer be paid as it was approved."""


class NothingToState(Exception):
    """The difference needs no statement, or the statement says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmitted:
    """The files of a transmitted run."""

    run_id: UUID
    files: tuple[Path, ...]


# --- planning and preparing -------------------------------------------------------------------


@transaction.atomic
def plan_run(
    *,
    month: Month,
    access: Access,
    at: datetime,
    kind: Literal["regular", "supplementary"] = "regular",
) -> UUID:
    """Plan a run for a month. A supplementary run pays what became due after the regular one.

    Raises UnableToPlan for a month that has not begun, while another run is not sent yet, or when
    the month has its regular run.
    """
    access.require(Right.PAYRUN_PREPARE)
    _refuse_month_to_come(month, this_month=Month.of(localdate(at)))
    run = PayRun(
        id=uuid4(),
        number=next_number(series=_SERIES, on=localdate(at)),
        month=month.starts_on,
        kind=kind,
        state="planned",
        currency=settings.CURRENCY,
        planned_at=at,
        planned_by=access.actor_id,
        prepared_by=access.actor_id,
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError as error:
        raise _planning_refused(error, month) from error
    _record("payments.run_planned", run, access, month=str(month), run_kind=kind)
    return run.id


def prepare_run(*, run_id: UUID, access: Access, at: datetime) -> None:
    """Bring a planned run to the state “compared”; go on where an interrupted preparation stopped.

    Raises NobodyToPay, TotalsDiffer or NotInState (a run that was approved or abandoned).
    """
    take_snapshot(run_id=run_id, access=access, at=at)
    calculate_run(run_id=run_id, access=access, at=at)
    compare_run(run_id=run_id, access=access, at=at)


@transaction.atomic(durable=True)
def take_snapshot(*, run_id: UUID, access: Access, at: datetime) -> None:
    """Fix what is due, to whom, on which account, and what is held or excluded and why."""
    with _reading_run(run_id, access, Right.PAYRUN_PREPARE):
        run = _locked(run_id)
        if run.state in {"snapshot", "calculated", "compared"}:
            return
        _demand_state(run, "planned")
        month = Month.of(run.month)
        snapshot = preparation.take_snapshot(
            run_id=run.id,
            month=month.starts_on,
            month_ends_before=month.ends_before,
            on=localdate(at),
        )
        if snapshot.item_count == 0:
            raise NobodyToPay(
                _("Nobody: no award is due for %(month)s. The run stays planned and pays nobody.")
                % {"month": month}
            )
        _step(
            run,
            "snapshot",
            prepared_by=access.actor_id,
            previous_run=_run_before(run),
            snapshot_at=at,
            snapshot_hash=snapshot.content_hash,
            item_count=snapshot.item_count,
        )
        _record(
            "payments.snapshot_taken",
            run,
            access,
            items=snapshot.item_count,
            hash=snapshot.content_hash,
        )


@transaction.atomic(durable=True)
def calculate_run(*, run_id: UUID, access: Access, at: datetime) -> None:
    """Write entitlements and instructions from the snapshot, and their control totals."""
    with _reading_run(run_id, access, Right.PAYRUN_PREPARE):
        run = _locked(run_id)
        if run.state in {"calculated", "compared"}:
            return
        _demand_state(run, "snapshot")
        result = preparation.calculate(run_id=run.id)
        _refuse_difference("entitlements", result.entitled, "instructions", result.instructed)
        totals = preparation.totals(run_id=run.id)
        _step(
            run,
            "calculated",
            calculated_by=access.actor_id,
            content_hash=result.content_hash,
            instruction_count=result.instruction_count,
            total=result.instructed,
            totals=totals,
        )
        _open_repair_tasks(run, totals, at)
        _record(
            "payments.run_calculated",
            run,
            access,
            instructions=result.instruction_count,
            total=str(result.instructed),
            hash=result.content_hash,
        )


@transaction.atomic(durable=True)
def compare_run(*, run_id: UUID, access: Access, at: datetime) -> None:
    """Set the run beside the one before and explain each difference by a decision or an event."""
    with _reading_run(run_id, access, Right.PAYRUN_PREPARE):
        run = _locked(run_id)
        if run.state == "compared":
            return
        _demand_state(run, "calculated")
        month = Month.of(run.month)
        before = run.previous_run
        groups = preparation.compare(
            run_id=run.id,
            month=month.starts_on,
            month_ends_before=month.ends_before,
            before=None if before is None else (before.id, before.month, before.snapshot_at),
        )
        unexplained = sum(g.count for g in groups if g.explanation == _UNEXPLAINED)
        comparison = {"groups": [g.as_json() for g in groups], "unexplained": unexplained}
        _step(run, "compared", compared_by=access.actor_id, comparison=comparison)
        open_tasks(
            tasks=[
                NewTask(
                    kind=TO_APPROVE,
                    subject_kind="payrun",
                    subject_id=run.id,
                    role="finance-approver",
                    details={
                        "payrun": run.number,
                        "count": run.instruction_count,
                        "amount": str(run.total),
                    },
                )
            ],
            at=at,
        )
        _record("payments.run_compared", run, access, unexplained=unexplained)


@transaction.atomic
def state_difference(*, difference_id: int, text: str, access: Access, at: datetime) -> None:
    """Say what is behind a difference that the records do not explain, so the run can go on."""
    with reading(access=access, right=Right.PAYRUN_PREPARE, details={"difference": difference_id}):
        difference = Difference.objects.filter(id=difference_id).select_related("run").first()
    if difference is None or difference.explanation != _UNEXPLAINED or not text.strip():
        raise NothingToState(
            _("Only an unexplained difference takes a statement, and the statement must say it.")
        )
    _demand_state(_locked(difference.run_id), "compared")
    DifferenceStatement.objects.create(
        difference=difference, text=text.strip(), stated_by=access.actor_id, stated_at=at
    )
    _record("payments.difference_stated", difference.run, access, difference=difference.id)


@transaction.atomic
def abandon_run(*, run_id: UUID, reason: str, access: Access, at: datetime) -> None:
    """Give up a run that is not locked. Its entitlements are owed and go into the next run."""
    with _reading_run(run_id, access, Right.PAYRUN_PREPARE):
        run = _locked(run_id)
        if run.state == "abandoned":
            return
        _demand_state(run, "planned", "snapshot", "calculated", "compared", "approved")
        _step(run, "abandoned")
        instructions = Instruction.objects.filter(run_id=run.id)
        instructions.filter(state="instructed").update(state="cancelled")
        InstructionLine.objects.filter(instruction__in=instructions, is_live=True).update(
            is_live=False
        )
        _close_tasks(run, access, at)
        _record("payments.run_abandoned", run, access, reason=reason)


# --- approving and sending -------------------------------------------------------------------


@transaction.atomic(durable=True)
def approve_run(*, run_id: UUID, content_hash: str, access: Access, at: datetime) -> None:
    """Approve exactly the content that the hash names; not by whoever had a part in making it.

    Raises NotPermitted, UnableToApprove, NobodyToPay, TotalsDiffer or NotInState.
    """
    with _reading_run(run_id, access, Right.PAYRUN_APPROVE):
        run = _locked(run_id)
        if access.actor_id in _makers(run):
            raise NotPermitted(
                _(
                    "Nobody approves a run that they planned, prepared or explained. Ask a second "
                    "person."
                )
            )
        if (run.approved_by, run.approved_hash) == (access.actor_id, content_hash):
            return
        _demand_state(run, "compared")
        if run.instruction_count == 0:
            raise NobodyToPay(
                _("Nobody: the run %(number)s holds no payment. An empty run is not approved.")
                % {"number": run.number}
            )
        _refuse_unexplained(run)
        _refuse_changed_content(run, content_hash)
        _step(
            run,
            "approved",
            approved_by=access.actor_id,
            approved_at=at,
            approved_hash=content_hash,
        )
        close_tasks_about(
            kind=TO_APPROVE, subject_id=run.id, outcome="approved", access=access, at=at
        )
        _record("payments.run_approved", run, access, hash=content_hash, total=str(run.total))


def transmit_run(*, run_id: UUID, folder: Path, access: Access, at: datetime) -> Transmitted:
    """Lock an approved run, write its files into the folder and record it as sent.

    Run again after a crash, it writes the same files under the same names. Raises UnableToLock,
    TotalsDiffer, WrittenOtherwise or NotInState.
    """
    lock_run(run_id=run_id, access=access, at=at)
    return send_run(run_id=run_id, folder=folder, access=access, at=at)


@transaction.atomic(durable=True)
def lock_run(*, run_id: UUID, access: Access, at: datetime) -> None:
    """Check once more that all of it may be paid, then owe it: the expense enters the books."""
    with _reading_run(run_id, access, Right.PAYRUN_TRANSMIT):
        run = _locked(run_id)
        if run.state in {"locked", "transmitted", "reconciling"}:
            return
        _demand_state(run, "approved")
        _refuse_changed_content(run, run.approved_hash)
        if stale := preparation.no_longer_payable(run_id=run.id, on=localdate(at)):
            raise UnableToLock(
                _(
                    "%(count)d items of the run %(number)s can no longer be paid as they were "
                    "approved: a death, a suspension, or another account became known. Nothing "
                    "was sent. Abandon the run, plan it again, and have the new content approved."
                )
                % {"count": stale, "number": run.number}
            )
        posted = post_selected(
            source_kind="payrun accrued",
            source_id=run.id,
            entry_date=localdate(at),
            narrative=f"Benefits due, pay run {run.number}",
            lines_sql=_ACCRUAL,
            parameters=[RETURNED_PAYMENTS, BENEFIT_EXPENSE, BENEFITS_PAYABLE, run.id],
            access=access,
            at=at,
        )
        _refuse_difference("run", run.total, "ledger", posted)
        _step(run, "locked", locked_at=at)
        _record("payments.run_locked", run, access)


# What is paid again was an expense when it was first due: it is owed as a returned payment since.
_ACCRUAL: Final = """
SELECT CASE WHEN l.is_reissue THEN %s ELSE %s END, %s, sum(l.amount), 'person', i.payee_id, i.id
FROM payments_instruction i JOIN payments_instructionline l ON l.instruction_id = i.id
WHERE i.run_id = %s
GROUP BY i.id, l.is_reissue
"""

_PAYMENT: Final = """
SELECT %s, %s, amount, 'person', payee_id, id FROM payments_instruction WHERE run_id = %s
"""


@transaction.atomic(durable=True)
def send_run(*, run_id: UUID, folder: Path, access: Access, at: datetime) -> Transmitted:
    """Write the files of a locked run and post the payment, together or not at all."""
    with _reading_run(run_id, access, Right.PAYRUN_TRANSMIT):
        run = _locked(run_id)
        if run.state in {"transmitted", "reconciling"}:
            names = PaymentFile.objects.filter(run=run).order_by("part")
            return Transmitted(run_id=run.id, files=tuple(folder / f.file_name for f in names))
        _demand_state(run, "locked")
        locked_at = run.locked_at or at
        files = transmission.make_files(
            run_id=run.id,
            number=run.number,
            currency=run.currency,
            made_at=locked_at,
            execution_date=localdate(locked_at),
            folder=folder,
            driver=driver_in_force(),
        )
        PaymentFile.objects.bulk_create(
            PaymentFile(
                run=run,
                part=file.part,
                message_id=file.message_id,
                file_name=file.name,
                sha256=file.sha256,
                size=file.size,
                instruction_count=file.count,
                control_sum=file.total,
                made_at=locked_at,
            )
            for file in files
        )
        posted = post_selected(
            source_kind="payrun paid",
            source_id=run.id,
            entry_date=localdate(at),
            narrative=f"Benefits paid, pay run {run.number}",
            lines_sql=_PAYMENT,
            parameters=[BENEFITS_PAYABLE, BANK, run.id],
            access=access,
            at=at,
        )
        _refuse_difference("run", run.total, "files", sum(file.total for file in files))
        _refuse_difference("run", run.total, "ledger", posted)
        _step(run, "transmitted", transmitted_at=at, transmitted_by=access.actor_id)
        _record(
            "payments.run_transmitted",
            run,
            access,
            files=[file.sha256 for file in files],
            total=str(run.total),
        )
    return Transmitted(run_id=run.id, files=tuple(folder / file.name for file in files))


# --- what the bank reports --------------------------------------------------------------------


@transaction.atomic
def read_in_statement(
    *,
    lines: Iterable[BankLine],
    original: Original,
    file_kind: str,
    file_name: str,
    access: Access,
    at: datetime,
    credits_booked: Iterable[Credit] = (),
) -> StatementOutcome:
    """Take in what a bank reports: settled, rejected and returned payments, and money received.

    Each line counts once, by its bank reference. A rejected or returned payment is owed again: its
    entitlements wait for the next run, the ledger takes the money back, finance gets a task. A line
    that fits no payment, or not its amount or currency, is kept as unmatched and changes nothing.
    Money received goes to the contributions' accounts. Raises AlreadyAccepted when a file with the
    same content was read in before, UnusableReceipt.
    """
    received_file_id = uuid4()
    with reading(
        access=access,
        right=Right.STATEMENT_READ_IN,
        subject_kind="received-file",
        subject_id=received_file_id,
    ):
        outcome = reconciliation.take_in(lines=lines, received_file_id=received_file_id)
        received = take_in_receipts(
            credits_booked=credits_booked, received_file_id=received_file_id, access=access, at=at
        )
        outcome = replace(outcome, received=received)
        record_received_file(
            original=original,
            kind=file_kind,
            file_name=file_name,
            outcome="accepted",
            accepted_rows=outcome.lines + received.lines,
            report=outcome.as_json(),
            received_file_id=received_file_id,
            access=access,
            at=at,
        )
        if outcome.rejected + outcome.returned:
            post_selected(
                source_kind="payments returned",
                source_id=received_file_id,
                entry_date=localdate(at),
                narrative="Payments rejected or returned by the bank",
                lines_sql=reconciliation.RETURNED,
                parameters=[BANK, RETURNED_PAYMENTS, received_file_id],
                access=access,
                at=at,
            )
        open_tasks(
            tasks=[
                NewTask(
                    kind=f"payments.{line.problem or line.outcome}",
                    subject_kind="statement-line",
                    subject_id=line.line_id,
                    role="finance-officer",
                    details={"reason_code": line.reason_code},
                )
                for line in reconciliation.needing_attention(received_file_id=received_file_id)
            ],
            at=at,
        )
        PayRun.objects.filter(
            state="transmitted",
            id__in=reconciliation.runs_reported_on(received_file_id=received_file_id),
        ).update(state="reconciling")
        record(
            kind="payments.statement_read_in",
            access=access,
            subject_kind="received-file",
            subject_id=received_file_id,
            details=outcome.as_json(),
        )
    return outcome


# --- inside a step ----------------------------------------------------------------------------


def _reading_run(run_id: UUID, access: Access, right: Right) -> AbstractContextManager[None]:
    return reading(access=access, right=right, subject_kind="payrun", subject_id=run_id)


def _locked(run_id: UUID) -> PayRun:
    run = PayRun.objects.select_for_update(of=("self",)).filter(id=run_id).first()
    if run is None:
        raise NoSuchRun(_("There is no pay run %(id)s.") % {"id": run_id})
    return run


def _demand_state(run: PayRun, *states: str) -> None:
    if run.state not in states:
        raise NotInState(
            _("The run %(number)s is %(state)s; this step needs it to be %(needed)s.")
            % {"number": run.number, "state": run.state, "needed": ", ".join(states)}
        )


def _step(run: PayRun, state: str, **changes: object) -> None:
    """Move the run on, if it still is where we found it: a guarded update of exactly one row."""
    moved = PayRun.objects.filter(id=run.id, state=run.state).update(state=state, **changes)
    if moved != 1:
        raise NotInState(
            _("Somebody else has moved the run %(number)s on. Look at it again.")
            % {"number": run.number}
        )
    run.state = state


def _record(kind: str, run: PayRun, access: Access, **details: object) -> None:
    record(kind=kind, access=access, subject_kind="payrun", subject_id=run.id, details=details)


def _run_before(run: PayRun) -> PayRun | None:
    """Find the run to compare with. A supplementary run has none: it pays what is left over."""
    if run.kind != "regular":
        return None
    return (
        PayRun.objects.filter(kind="regular", month__lt=run.month, transmitted_at__isnull=False)
        .order_by("-month")
        .first()
    )


def _refuse_month_to_come(month: Month, *, this_month: Month) -> None:
    """Pay nothing in advance: a run pays every month up to its own."""
    if month > this_month:
        raise UnableToPlan(
            _(
                "%(month)s has not begun. A run pays all that is due up to its month, so it cannot "
                "be planned for a month after %(this_month)s. Plan it when its month has begun."
            )
            % {"month": month, "this_month": this_month}
        )


def _planning_refused(error: IntegrityError, month: Month) -> UnableToPlan:
    if "one_open_run_at_a_time" in str(error):
        return UnableToPlan(
            _("Another run is not sent yet. Send or abandon it before you plan the next one.")
        )
    if "one_regular_run_a_month" in str(error):
        return UnableToPlan(
            _(
                "%(month)s has its regular run already. What became due since goes into a "
                "supplementary run, or into the next month's."
            )
            % {"month": month}
        )
    raise error


def _makers(run: PayRun) -> set[UUID | None]:
    """Return everybody who had a part in what is to be approved."""
    statements = DifferenceStatement.objects.filter(difference__run=run)
    return {
        run.planned_by,
        run.prepared_by,
        run.calculated_by,
        run.compared_by,
        *statements.values_list("stated_by", flat=True),
    }


def _refuse_difference(name: str, amount: object, other_name: str, other: object) -> None:
    if amount != other:
        raise TotalsDiffer(
            _(
                "The total of the %(name)s is %(amount)s and of the %(other_name)s %(other)s. They "
                "must be equal. Nothing was changed; ask for help before you try again."
            )
            % {"name": name, "amount": amount, "other_name": other_name, "other": other}
        )


def _refuse_unexplained(run: PayRun) -> None:
    open_differences = (
        Difference.objects.filter(run=run, explanation=_UNEXPLAINED)
        .exclude(id__in=DifferenceStatement.objects.values("difference_id"))
        .count()
    )
    if open_differences:
        raise UnableToApprove(
            _(
                "%(count)d differences from the run before are unexplained. Find out what is "
                "behind each and state it, or abandon the run."
            )
            % {"count": open_differences}
        )


def _refuse_changed_content(run: PayRun, content_hash: str) -> None:
    """Compare what is to be approved or sent with what the database holds this moment."""
    now = preparation.calculated(run_id=run.id)
    if not content_hash == run.content_hash == now.content_hash:
        raise UnableToApprove(
            _(
                "The content of the run %(number)s is not the one that was shown. Nothing was "
                "changed. Look at the run again; if its content has changed, tell the auditor."
            )
            % {"number": run.number}
        )
    _refuse_difference("run", run.total, "instructions", now.instructed)
    _refuse_difference("run", run.total, "entitlements", now.entitled)


def _open_repair_tasks(
    run: PayRun, totals: dict[str, list[dict[str, object]]], at: datetime
) -> None:
    """Ask one officer per reason to repair what cannot be paid: the run lists the persons."""
    open_tasks(
        tasks=[
            NewTask(
                kind=f"payments.{group['name']}",
                subject_kind="payrun",
                subject_id=run.id,
                role=_REPAIRED_BY[str(group["name"])],
                details={"count": group["count"], "amount": group["amount"]},
            )
            for disposition in ("held", "excluded")
            for group in totals[disposition]
            if group["name"] in _REPAIRED_BY
        ],
        at=at,
    )


def _close_tasks(run: PayRun, access: Access, at: datetime) -> None:
    for kind in (TO_APPROVE, *(f"payments.{reason}" for reason in _REPAIRED_BY)):
        close_tasks_about(
            kind=kind,
            subject_id=run.id,
            outcome="The run was abandoned.",
            access=access,
            at=at,
        )
