"""A draft of rules on its way into force: proposed once it checks out, activated once approved."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from amparo.governance.kernel.models import Resolution
from amparo.governance.kernel.operations.packs import activate_approved_pack, propose_pack
from amparo.governance.kernel.operations.resolutions import NoPass, UnableToPropose
from amparo.rules.book.operations import UnableToDraft, close_draft, end_draft, reopen_draft
from amparo.rules.book.queries import drafted_pack
from amparo.rules.packs import Pack, check_loaded
from amparo.values import Access, Right


@transaction.atomic
def propose_draft(
    *, draft_id: UUID, seen: int, applies_from: date, reason: str, access: Access, at: datetime
) -> UUID:
    """Propose a draft's latest revision for its scheme from a day on; return the resolution.

    seen: the revision that the proposer read. Raises UnableToPropose where a worked case fails or
    the linter finds an error; DraftMoved, UnableToDraft.
    """
    access.require(Right.PACK_PROPOSE)
    drafted = drafted_pack(draft_id=draft_id, access=access)
    if drafted.pack.files == drafted.base.pack.files:
        raise UnableToPropose(_("The draft changes nothing. Change it first, or discard it."))
    if applies_from < drafted.pack.valid_from:
        raise UnableToPropose(
            _("The rules are written for days from %(day)s on. Choose a later day.")
            % {"day": drafted.pack.valid_from}
        )
    _refuse_unsound(drafted.pack)
    resolution_id = propose_pack(
        pack=drafted.pack, applies_from=applies_from, reason=reason, access=access, at=at
    )
    close_draft(
        draft_id=draft_id,
        seen=seen,
        resolution_id=resolution_id,
        applies_from=applies_from,
        access=access,
    )
    return resolution_id


@transaction.atomic
def activate_draft(*, draft_id: UUID, access: Access, at: datetime) -> UUID:
    """Put an approved draft in force; return the pack version.

    Raises NoPass, UnableToActivate, UnableToDraft.
    """
    access.require_any(Right.PACK_PROPOSE, Right.PACK_APPROVE)
    drafted = drafted_pack(draft_id=draft_id, access=access)
    draft = drafted.draft
    if draft.resolution_id is None or draft.applies_from is None:
        raise NoPass(_("“%(title)s” is not approved.") % {"title": draft.title})
    version_id = activate_approved_pack(
        resolution_id=draft.resolution_id,
        pack=drafted.pack,
        applies_from=draft.applies_from,
        access=access,
        at=at,
    )
    end_draft(draft_id=draft_id, version_id=version_id, access=access)
    return version_id


@transaction.atomic
def take_up_draft_again(*, draft_id: UUID, access: Access, at: datetime) -> None:
    """Open a draft to changes again after its proposal was refused, or its approval expired.

    Raises UnableToDraft while the proposal can still come to something.
    """
    access.require(Right.PACK_PROPOSE)
    draft = drafted_pack(draft_id=draft_id, access=access).draft
    proposals = Resolution.objects.filter(id__in=filter(None, [draft.resolution_id]))
    if any(not _came_to_nothing(resolution, at) for resolution in proposals):
        raise UnableToDraft(
            _("The proposal still stands. The draft opens again when the board has refused it.")
        )
    reopen_draft(draft_id=draft_id, access=access)


def _came_to_nothing(resolution: Resolution, at: datetime) -> bool:
    expired = resolution.expires_at is not None and at >= resolution.expires_at
    return resolution.state == "refused" or (resolution.state == "approved" and expired)


def _refuse_unsound(pack: Pack) -> None:
    """Refuse a pack whose own cases or lint speak against it."""
    report = check_loaded(pack)
    if not report.is_ok:
        errors = sum(finding.severity == "error" for finding in report.findings)
        raise UnableToPropose(
            _(
                "%(failed)s worked cases fail and %(errors)s findings are errors. "
                "Correct the rules, or the cases where the law has changed."
            )
            % {"failed": report.failed, "errors": errors}
        )
