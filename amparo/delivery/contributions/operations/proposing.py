"""What takes two people: money given back, debts written off, interest and penalties reversed.

One proposes with a reason, another approves or refuses. Writing off a debt touches no wage line and
no liability: what a worker is insured for stays as it was declared.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.delivery.contributions.accounts import (
    Move,
    allocate,
    hold_accounts,
    move_debts,
    post_movements,
)
from amparo.delivery.contributions.models import (
    Debt,
    DebtBalance,
    Proposal,
    ReceiptBalance,
    Refund,
)
from amparo.delivery.ledger.chart import REFUNDS_PAYABLE, UNALLOCATED_RECEIPTS
from amparo.delivery.ledger.operations import NewEntry, PostingLine, post_entries
from amparo.journal.operations import record
from amparo.office.operations import NewTask, close_tasks_about, next_number, open_tasks
from amparo.values import Access, Month, NotPermitted, Right, rounded_amount

DECIDING_TASK: Final = "proposal to decide"
_APPROVER: Final = "compliance-approver"
_SERIES: Final = "PO"


class UnableToPropose(Exception):
    """Something cannot be proposed so. Nothing changed."""


class UnableToDecide(Exception):
    """A proposal cannot be decided so. Nothing changed."""


class NoSuchProposal(Exception):
    """There is no proposal with this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A proposal as its receipt names it."""

    id: UUID
    number: str


@transaction.atomic
def propose_refund(
    *, receipt_id: UUID, amount: Decimal, reason: str, access: Access, at: datetime
) -> Proposed:
    """Propose to give back money that lies in suspense. Raises UnableToPropose.

    Until it is decided, nothing of the receipt is laid on a debt.
    """
    access.require(Right.DEBT_PROPOSE)
    balance = ReceiptBalance.objects.filter(receipt_id=receipt_id).first()
    if balance is None:
        raise UnableToPropose(_("There is no receipt at this address. Open it from the list."))
    if balance.employer_id is None:
        raise UnableToPropose(
            _("Nobody knows yet whose money this is, so nobody can have it back. Match it first.")
        )
    hold_accounts({balance.employer_id})
    balance.refresh_from_db()
    _refuse_more_than(balance.suspended, amount, _("in suspense"))
    if Proposal.objects.filter(receipt_id=receipt_id, state="proposed").exists():
        raise UnableToPropose(_("A refund of this receipt waits for a decision already."))
    return _propose(
        Proposal(
            kind="refund", employer_id=balance.employer_id, receipt_id=receipt_id, amount=amount
        ),
        reason,
        access=access,
        at=at,
    )


@transaction.atomic
def propose_relief(
    *,
    kind: Literal["write-off", "reversal"],
    debt_id: UUID,
    amount: Decimal,
    reason: str,
    access: Access,
    at: datetime,
) -> Proposed:
    """Propose to write off what is open of a debt, or to reverse interest or a penalty.

    A reversal may take back what was paid: the money returns to suspense. Raises UnableToPropose.
    """
    access.require(Right.DEBT_PROPOSE)
    debt = Debt.objects.filter(id=debt_id).first()
    if debt is None:
        raise UnableToPropose(_("There is no such debt. Open it from the employer's account."))
    hold_accounts({debt.employer_id})
    balance = DebtBalance.objects.get(debt_id=debt_id)
    if kind == "reversal":
        if debt.kind == "contribution":
            raise UnableToPropose(
                _("Contributions are put right by correcting their declaration, not reversed.")
            )
        _refuse_more_than(balance.due, amount, _("charged"))
    else:
        _refuse_more_than(balance.open, amount, _("open"))
    if Proposal.objects.filter(debt_id=debt_id, kind=kind, state="proposed").exists():
        raise UnableToPropose(_("The same waits for a decision already on this debt."))
    return _propose(
        Proposal(kind=kind, employer_id=debt.employer_id, debt_id=debt_id, amount=amount),
        reason,
        access=access,
        at=at,
    )


@transaction.atomic
def approve_proposal(*, proposal_id: UUID, reason: str, access: Access, at: datetime) -> None:
    """Let a proposal take effect: not by who made it. Raises NoSuchProposal, UnableToDecide."""
    access.require(Right.DEBT_APPROVE)
    proposal = _decided(proposal_id, "approved", reason, access=access, at=at)
    if proposal.kind == "refund":
        _refund(proposal, access=access, at=at)
    else:
        _relieve(proposal, access=access, at=at)
    record(
        kind="contributions.proposal_approved",
        access=access,
        subject_kind="proposal",
        subject_id=proposal.id,
        details={"kind": proposal.kind, "amount": str(proposal.amount)},
    )


@transaction.atomic
def refuse_proposal(*, proposal_id: UUID, reason: str, access: Access, at: datetime) -> None:
    """Refuse a proposal, saying why. Raises NoSuchProposal, UnableToDecide."""
    access.require(Right.DEBT_APPROVE)
    if not reason.strip():
        raise UnableToDecide(_("Say why you refuse it: who proposed it reads that."))
    proposal = _decided(proposal_id, "refused", reason, access=access, at=at)
    # Money that was kept back for a refund may pay debts again.
    allocate(employer_ids={proposal.employer_id}, access=access, at=at)
    record(
        kind="contributions.proposal_refused",
        access=access,
        subject_kind="proposal",
        subject_id=proposal.id,
        details={"kind": proposal.kind},
    )


@transaction.atomic
def withdraw_proposal(*, proposal_id: UUID, access: Access, at: datetime) -> None:
    """Take one's own proposal back before it is decided. Raises NoSuchProposal, UnableToDecide."""
    access.require(Right.DEBT_PROPOSE)
    proposal = _decided(proposal_id, "withdrawn", "", access=access, at=at)
    allocate(employer_ids={proposal.employer_id}, access=access, at=at)
    record(
        kind="contributions.proposal_withdrawn",
        access=access,
        subject_kind="proposal",
        subject_id=proposal.id,
        details={"kind": proposal.kind},
    )


# --- inside a step ----------------------------------------------------------------------------


def _propose(proposal: Proposal, reason: str, *, access: Access, at: datetime) -> Proposed:
    if not reason.strip():
        raise UnableToPropose(_("Say why: who decides it reads that, and so does the auditor."))
    proposal.id = uuid4()
    proposal.number = next_number(series=_SERIES, on=timezone.localdate(at))
    proposal.reason = reason.strip()[:500]
    proposal.state = "proposed"
    proposal.proposed_at = at
    proposal.proposed_by = access.actor_id
    proposal.save(force_insert=True)
    open_tasks(
        tasks=[
            NewTask(
                kind=DECIDING_TASK,
                subject_kind="proposal",
                subject_id=proposal.id,
                role=_APPROVER,
                details={"number": proposal.number, "amount": str(proposal.amount)},
            )
        ],
        at=at,
    )
    record(
        kind="contributions.proposed",
        access=access,
        subject_kind="proposal",
        subject_id=proposal.id,
        details={"kind": proposal.kind, "amount": str(proposal.amount)},
    )
    return Proposed(id=proposal.id, number=proposal.number)


def _refuse_more_than(available: Decimal, amount: Decimal, what: str) -> None:
    if not 0 < rounded_amount(amount) <= available:
        raise UnableToPropose(
            _("%(available)s is %(what)s. Name an amount above zero and not above that.")
            % {"available": available, "what": what}
        )


def _decided(
    proposal_id: UUID, state: str, reason: str, *, access: Access, at: datetime
) -> Proposal:
    """Decide a proposal once, its employer's account held; close the approver's task."""
    found = Proposal.objects.filter(id=proposal_id).first()
    if found is None:
        raise NoSuchProposal(_("There is no proposal at this address. Open it from the list."))
    hold_accounts({found.employer_id})
    proposal = Proposal.objects.select_for_update().get(id=proposal_id)
    is_own = proposal.proposed_by == access.actor_id
    if state == "withdrawn" and not is_own:
        raise NotPermitted(_("Who proposed something withdraws it; others refuse it."))
    if state != "withdrawn" and is_own:
        raise NotPermitted(_("Nobody decides what they proposed themselves."))
    if proposal.state != "proposed":
        raise UnableToDecide(_("This proposal was decided before. Look at it again."))
    proposal.state = state
    proposal.decided_at = at
    proposal.decided_by = access.actor_id
    proposal.decided_because = reason.strip()[:500]
    proposal.save(update_fields=["state", "decided_at", "decided_by", "decided_because"])
    close_tasks_about(
        kind=DECIDING_TASK, subject_id=proposal_id, outcome=state, access=access, at=at
    )
    return proposal


def _refund(proposal: Proposal, *, access: Access, at: datetime) -> None:
    balance = ReceiptBalance.objects.get(receipt__in=[proposal.receipt_id])
    if proposal.amount > balance.suspended:
        raise UnableToDecide(
            _("Only %(available)s of the receipt is still in suspense. Refuse the proposal.")
            % {"available": balance.suspended}
        )
    Refund.objects.bulk_create(
        [
            Refund(
                proposal=proposal,
                receipt_id=balance.receipt_id,
                amount=proposal.amount,
                made_on=timezone.localdate(at),
                made_at=at,
            )
        ]
    )
    post_entries(
        entries=[
            NewEntry(
                source_kind="proposal",
                source_id=proposal.id,
                entry_date=timezone.localdate(at),
                narrative=f"Refund {proposal.number}",
                lines=[
                    PostingLine(
                        debit=UNALLOCATED_RECEIPTS,
                        credit=REFUNDS_PAYABLE,
                        amount=proposal.amount,
                        party_kind="employer",
                        party_id=proposal.employer_id,
                        reference_id=proposal.receipt_id,
                    )
                ],
            )
        ],
        access=access,
        at=at,
    )
    allocate(employer_ids={proposal.employer_id}, access=access, at=at)


def _relieve(proposal: Proposal, *, access: Access, at: datetime) -> None:
    debt = Debt.objects.get(id__in=[proposal.debt_id])
    balance = DebtBalance.objects.get(debt_id=debt.id)
    available = balance.open if proposal.kind == "write-off" else balance.due
    if proposal.amount > available:
        raise UnableToDecide(
            _("Only %(available)s is left of what the proposal names. Refuse the proposal.")
            % {"available": available}
        )
    movement = "written-off" if proposal.kind == "write-off" else "reversed"
    move_debts(
        moves=[
            Move(
                employer_id=debt.employer_id,
                month=Month.of(debt.month),
                scheme=debt.scheme,
                debt_kind=debt.kind,
                kind=movement,
                amount=-proposal.amount,
                source_id=proposal.id,
                proposal_id=proposal.id,
            )
        ],
        access=access,
        at=at,
    )
    post_movements(
        source_kind="proposal",
        source_id=proposal.id,
        kinds=[movement],
        narrative="Debt written off or reversed by an approved proposal",
        access=access,
        at=at,
    )
    allocate(employer_ids={debt.employer_id}, access=access, at=at)


__all__ = [
    "DECIDING_TASK",
    "NoSuchProposal",
    "Proposed",
    "UnableToDecide",
    "UnableToPropose",
    "approve_proposal",
    "propose_refund",
    "propose_relief",
    "refuse_proposal",
    "withdraw_proposal",
]
