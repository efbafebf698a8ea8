"""Resolutions and gate passes: proposed by one person, approved by another, used once."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from amparo.accounts.roles import ROLES
from amparo.governance.kernel.models import Gate, Resolution
from amparo.journal.models import GatePass
from amparo.journal.operations import record
from amparo.office.operations import close_tasks_about, open_task
from amparo.values import Access, ChangeApproval, Right, is_readable

TO_DECIDE: Final = "resolution to decide"


class UnableToPropose(Exception):
    """The proposal cannot be made."""


class UnableToDecide(Exception):
    """The resolution cannot be approved or refused like this."""


class NoPass(Exception):
    """No gate pass can be issued for this effect."""


@transaction.atomic
def propose(
    *, gate: str, title: str, reason: str, content_hash: str, access: Access, at: datetime
) -> UUID:
    """Propose an effect that a gate guards; who may decide on it gets a task.

    content_hash: SHA-256 of exactly what is to happen; the approval will hold for this content and
    no other.
    Raises UnableToPropose.
    """
    rules = Gate.objects.filter(code=gate).first()
    if rules is None:
        raise UnableToPropose(_("There is no gate “%(gate)s”.") % {"gate": gate})
    access.require(Right(rules.proposing_right))
    if not is_readable(title) or not is_readable(reason):
        raise UnableToPropose(
            _("A proposal needs a title and a reason: others must know what to decide on.")
        )
    resolution = Resolution(
        id=uuid4(),
        gate=rules,
        title=title,
        reason=reason,
        content_hash=content_hash,
        proposed_by=access.actor_id,
        proposed_under_id=access.mandate_id,
        proposed_at=at,
    )
    resolution.save(force_insert=True)
    open_task(
        kind=TO_DECIDE,
        subject_kind="resolution",
        subject_id=resolution.id,
        role=_deciding_role(rules),
        details={"resolution": title},
        at=at,
    )
    _journal("governance.proposed", resolution, access)
    return resolution.id


@transaction.atomic
def approve(
    *, resolution_id: UUID, content_hash: str, reason: str, access: Access, at: datetime
) -> None:
    """Approve a proposal, for as long as its gate says.

    content_hash: of what the approver saw. Raises UnableToDecide: another content, one's own
    proposal, decided.
    """
    resolution = _to_decide(resolution_id, access)
    if resolution.content_hash != content_hash:
        raise UnableToDecide(
            _(
                "What you saw is not what was proposed. Nothing was approved. "
                "Open the proposal again."
            )
        )
    expires_at = at + timedelta(days=resolution.gate.approval_days)
    _decide(resolution, "approved", reason, access, at, expires_at=expires_at)


@transaction.atomic
def refuse(*, resolution_id: UUID, reason: str, access: Access, at: datetime) -> None:
    """Refuse a proposal, with a reason that its proposer reads. Raises UnableToDecide."""
    resolution = _to_decide(resolution_id, access)
    if not is_readable(reason):
        raise UnableToDecide(_("A refusal needs a reason: the proposer reads it."))
    _decide(resolution, "refused", reason, access, at, expires_at=None)


@transaction.atomic
def issue_pass(
    *, resolution_id: UUID, gate: str, content_hash: str, at: datetime
) -> ChangeApproval:
    """Turn an approval into a pass for one effect, to be used in this very transaction.

    The resolution stays locked against revocation until the transaction ends. Raises NoPass.
    """
    resolution = Resolution.objects.select_for_update().filter(id=resolution_id).first()
    if resolution is None or resolution.gate_id != gate:
        raise NoPass(_("There is no resolution of gate “%(gate)s” with this id.") % {"gate": gate})
    if resolution.state != "approved" or resolution.decided_by is None:
        raise NoPass(_("“%(title)s” is not approved.") % {"title": resolution.title})
    if resolution.content_hash != content_hash:
        raise NoPass(
            _("“%(title)s” was approved for another content. Propose this content.")
            % {"title": resolution.title}
        )
    if resolution.expires_at is None or at >= resolution.expires_at:
        raise NoPass(
            _("The approval of “%(title)s” has expired. Propose it again.")
            % {"title": resolution.title}
        )
    gate_pass = GatePass(
        id=uuid4(),
        gate=gate,
        content_hash=content_hash,
        resolution_id=resolution.id,
        proposed_by=resolution.proposed_by,
        approved_by=resolution.decided_by,
        issued_at=at,
        expires_at=resolution.expires_at,
    )
    gate_pass.save(force_insert=True)
    return ChangeApproval(
        pass_id=gate_pass.id,
        gate=gate,
        content_hash=content_hash,
        proposed_by=gate_pass.proposed_by,
        approved_by=gate_pass.approved_by,
        expires_at=gate_pass.expires_at,
    )


def _to_decide(resolution_id: UUID, access: Access) -> Resolution:
    resolution = (
        Resolution.objects.select_related("gate")
        .select_for_update(of=("self",))
        .filter(id=resolution_id)
        .first()
    )
    if resolution is None:
        raise UnableToDecide(_("There is no such proposal."))
    access.require(Right(resolution.gate.approving_right))
    if resolution.proposed_by == access.actor_id:
        raise UnableToDecide(
            _("You proposed “%(title)s” yourself. Somebody else decides on it.")
            % {"title": resolution.title}
        )
    if resolution.state != "proposed":
        raise UnableToDecide(
            _("“%(title)s” is decided already. Propose it again for another decision.")
            % {"title": resolution.title}
        )
    return resolution


def _decide(
    resolution: Resolution,
    state: str,
    reason: str,
    access: Access,
    at: datetime,
    *,
    expires_at: datetime | None,
) -> None:
    resolution.state = state
    resolution.decided_by = access.actor_id
    resolution.decided_under_id = access.mandate_id
    resolution.decided_at = at
    resolution.decision_reason = reason
    resolution.expires_at = expires_at
    resolution.save(
        update_fields=[
            "state",
            "decided_by",
            "decided_under",
            "decided_at",
            "decision_reason",
            "expires_at",
        ]
    )
    close_tasks_about(kind=TO_DECIDE, subject_id=resolution.id, outcome=state, access=access, at=at)
    _journal(f"governance.{state}", resolution, access)


def _deciding_role(gate: Gate) -> str:
    """Return the role whose people decide on what a gate guards."""
    return next(role.code for role in ROLES if gate.approving_right in role.rights)


def _journal(kind: str, resolution: Resolution, access: Access) -> None:
    record(
        kind=kind,
        access=access,
        subject_kind="resolution",
        subject_id=resolution.id,
        details={"gate": resolution.gate_id, "content_hash": resolution.content_hash},
    )
