"""Bringing a rule pack into force: proposed, approved by somebody else, activated."""

from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from amparo.governance.kernel.operations.resolutions import approve, issue_pass, propose
from amparo.rules.book.operations import ACTIVATION_GATE, activate_pack, activation_hash
from amparo.rules.packs import Pack, load_pack
from amparo.values import Access


@transaction.atomic
def propose_pack(
    *, pack: Pack, applies_from: date, reason: str, access: Access, at: datetime
) -> UUID:
    """Propose that a pack applies to its scheme from a day on; return the resolution."""
    title = _("%(scheme)s %(version)s from %(day)s") % {
        "scheme": pack.manifest.scheme,
        "version": pack.manifest.version,
        "day": applies_from,
    }
    return propose(
        gate=ACTIVATION_GATE,
        title=title,
        reason=reason,
        content_hash=activation_hash(pack=pack, applies_from=applies_from),
        access=access,
        at=at,
    )


@transaction.atomic
def activate_approved_pack(
    *, resolution_id: UUID, pack: Pack, applies_from: date, access: Access, at: datetime
) -> UUID:
    """Put an approved pack in force: pass and effect in one transaction.

    Raises NoPass, UnableToActivate.
    """
    approval = issue_pass(
        resolution_id=resolution_id,
        gate=ACTIVATION_GATE,
        content_hash=activation_hash(pack=pack, applies_from=applies_from),
        at=at,
    )
    return activate_pack(
        pack=pack, applies_from=applies_from, approval=approval, access=access, at=at
    )


@transaction.atomic
def activate_scheme_folder(
    *, path: Path, applies_from: date, proposer: Access, approver: Access, at: datetime
) -> UUID:
    """Take a pack folder through its gate at a first installation: two people stand for it.

    Returns the pack version.
    """
    pack = load_pack(path)
    resolution_id = propose_pack(
        pack=pack,
        applies_from=applies_from,
        reason=_("First installation of the scheme."),
        access=proposer,
        at=at,
    )
    approve(
        resolution_id=resolution_id,
        content_hash=activation_hash(pack=pack, applies_from=applies_from),
        reason=_("First installation of the scheme."),
        access=approver,
        at=at,
    )
    return activate_approved_pack(
        resolution_id=resolution_id, pack=pack, applies_from=applies_from, access=proposer, at=at
    )
