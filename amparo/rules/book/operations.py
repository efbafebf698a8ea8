"""Putting a pack in force: one row, which the database refuses without its gate pass."""

from datetime import date, datetime
from hashlib import sha256
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from amparo.journal.operations import record
from amparo.rules.book.models import PackVersion
from amparo.rules.packs import Pack
from amparo.values import Access, ChangeApproval, Right

ACTIVATION_GATE = "G1"


class UnableToActivate(Exception):
    """The pack cannot be put in force like this."""


def activation_hash(*, pack: Pack, applies_from: date) -> str:
    """Return the hash of what is approved: this content, for this scheme, from this day on.

    The database recomputes it from the row (`activation_hash_fits`).
    """
    manifest = pack.manifest
    text = f"{manifest.scheme} {manifest.version} {pack.hash} {applies_from.isoformat()}"
    return sha256(text.encode()).hexdigest()


@transaction.atomic
def activate_pack(
    *, pack: Pack, applies_from: date, approval: ChangeApproval, access: Access, at: datetime
) -> UUID:
    """Put a pack in force for its scheme from a day on, as known from now on.

    A pack with the same day supersedes the one before it; what was decided meanwhile keeps its own.
    Raises UnableToActivate.
    """
    access.require_any(Right.PACK_PROPOSE, Right.PACK_APPROVE)
    if applies_from < pack.manifest.valid_from:
        raise UnableToActivate(
            _("%(scheme)s %(version)s is written for days from %(day)s on. Choose a later day.")
            % {
                "scheme": pack.manifest.scheme,
                "version": pack.manifest.version,
                "day": pack.manifest.valid_from,
            }
        )
    wanted = activation_hash(pack=pack, applies_from=applies_from)
    _check_approval(approval, wanted, at)
    version = PackVersion(
        id=uuid4(),
        scheme=pack.manifest.scheme,
        version=pack.manifest.version,
        content_hash=pack.hash,
        files=dict(pack.files),
        applies_from=applies_from,
        activation_hash=wanted,
        activated_at=at,
        gate_pass_id=approval.pass_id,
    )
    _save(version)
    record(
        kind="rules.pack_activated",
        access=access,
        subject_kind="pack-version",
        subject_id=version.id,
        details={
            "scheme": version.scheme,
            "version": version.version,
            "content_hash": version.content_hash,
            "applies_from": applies_from,
            "pass": approval.pass_id,
        },
    )
    return version.id


def _check_approval(approval: ChangeApproval, wanted: str, at: datetime) -> None:
    if approval.gate != ACTIVATION_GATE or approval.content_hash != wanted:
        raise UnableToActivate(
            _(
                "The approval is for something else than this pack from this day on. "
                "Propose exactly this."
            )
        )
    if at >= approval.expires_at:
        raise UnableToActivate(_("The approval has expired. Propose the pack again."))


def _save(version: PackVersion) -> None:
    names = {"scheme": version.scheme, "version": version.version, "day": version.applies_from}
    try:
        with transaction.atomic():
            version.save(force_insert=True)
    except IntegrityError as error:
        if "a_pack_is_activated_once" in str(error):
            raise UnableToActivate(
                _("%(scheme)s %(version)s was activated before with exactly this content.") % names
            ) from error
        if "one_version_at_a_time" in str(error):
            raise UnableToActivate(
                _("%(scheme)s already has a version from %(day)s activated at this instant.")
                % names
            ) from error
        raise
