"""Drafts of rules, revision by revision; what simulations of them found; packs put in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from amparo.journal.operations import record
from amparo.rules.authoring.headings import with_version
from amparo.rules.book.models import (
    Draft,
    DraftRevision,
    PackVersion,
    SimulatedCase,
    Simulation,
)
from amparo.rules.packs import Pack, load_pack_files
from amparo.values import Access, ChangeApproval, Right, is_readable

ACTIVATION_GATE = "G1"
_LONGEST_SUBJECT: Final = 200


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


# Drafts -----------------------------------------------------------------------------------


class UnableToDraft(Exception):
    """The draft cannot be started or changed like this."""


class DraftMoved(UnableToDraft):
    """Somebody saved a later revision in the meantime. Nothing was overwritten."""


@transaction.atomic
def start_draft(*, base_id: UUID, title: str, version: str, access: Access, at: datetime) -> UUID:
    """Start a draft from an activated version, under a version number of its own.

    Raises UnableToDraft.
    """
    access.require(Right.PACK_PROPOSE)
    base = PackVersion.objects.filter(id=base_id).first()
    if base is None:
        raise UnableToDraft(_("There is no such version to start from. Choose one of the list."))
    if not is_readable(title):
        raise UnableToDraft(_("Say what the draft is for: others must know what it changes."))
    if PackVersion.objects.filter(scheme=base.scheme, version=version).exists():
        raise UnableToDraft(
            _("%(scheme)s already has a version %(version)s. Give the draft another number.")
            % {"scheme": base.scheme, "version": version}
        )
    files = with_version(base.files, version)
    draft = Draft(
        id=uuid4(),
        base=base,
        scheme=base.scheme,
        title=title.strip(),
        revision=0,
        started_by=access.actor_id,
        started_at=at,
    )
    draft.save(force_insert=True)
    revision = _append(draft, files, act="started", subject=version, access=access, at=at)
    _journal_draft("rules.draft_started", draft, access, content_hash=revision.content_hash)
    return draft.id


@transaction.atomic
def save_draft(
    *,
    draft_id: UUID,
    seen: int,
    files: Mapping[str, str],
    act: str,
    subject: str,
    access: Access,
    at: datetime,
) -> int:
    """Save the pack's files as the next revision; return its number.

    seen: the revision that the writer started from. The same content makes no revision.
    Raises DraftMoved, UnableToDraft; RuleError where the files do not make a pack.
    """
    draft = _open_draft(draft_id, access)
    _refuse_moved(draft, seen)
    latest = _revision(draft, draft.revision)
    revision = _append(draft, files, act=act, subject=subject, access=access, at=at, after=latest)
    if revision.number != latest.number:
        _journal_draft(
            "rules.draft_saved",
            draft,
            access,
            content_hash=revision.content_hash,
            revision=revision.number,
        )
    return revision.number


@transaction.atomic
def restore_draft(*, draft_id: UUID, number: int, seen: int, access: Access, at: datetime) -> int:
    """Make an earlier revision the latest again; those between stay on record.

    Raises DraftMoved, UnableToDraft.
    """
    draft = _open_draft(draft_id, access)
    _refuse_moved(draft, seen)
    wanted = _revision(draft, number)
    restored = _append(
        draft,
        {**draft.base.files, **wanted.changed},
        act="restored",
        subject=str(number),
        access=access,
        at=at,
        after=_revision(draft, draft.revision),
    )
    _journal_draft("rules.draft_restored", draft, access, revision=restored.number, restored=number)
    return restored.number


@transaction.atomic
def discard_draft(*, draft_id: UUID, access: Access, at: datetime) -> None:
    """Set a draft aside for good; its revisions stay on record. Raises UnableToDraft."""
    draft = _open_draft(draft_id, access)
    draft.state = "discarded"
    draft.save(update_fields=["state"])
    _journal_draft("rules.draft_discarded", draft, access, discarded_at=at)


@transaction.atomic
def close_draft(
    *, draft_id: UUID, seen: int, resolution_id: UUID, applies_from: date, access: Access
) -> None:
    """Close a draft to changes: it is proposed. Raises DraftMoved, UnableToDraft."""
    draft = _open_draft(draft_id, access)
    _refuse_moved(draft, seen)
    draft.state, draft.resolution_id, draft.applies_from = "proposed", resolution_id, applies_from
    draft.save(update_fields=["state", "resolution_id", "applies_from"])
    _journal_draft("rules.draft_proposed", draft, access, resolution=resolution_id)


@transaction.atomic
def reopen_draft(*, draft_id: UUID, access: Access) -> None:
    """Open a proposed draft to changes again: its proposal came to nothing. Raises UnableToDraft.

    Whether it did is governance's to say, which calls this.
    """
    access.require(Right.PACK_PROPOSE)
    draft = _proposed_draft(draft_id)
    draft.state, draft.resolution_id, draft.applies_from = "open", None, None
    draft.save(update_fields=["state", "resolution_id", "applies_from"])
    _journal_draft("rules.draft_reopened", draft, access)


@transaction.atomic
def end_draft(*, draft_id: UUID, version_id: UUID, access: Access) -> None:
    """Note that a proposed draft was put in force. Raises UnableToDraft."""
    access.require_any(Right.PACK_PROPOSE, Right.PACK_APPROVE)
    draft = _proposed_draft(draft_id)
    draft.state = "activated"
    draft.save(update_fields=["state"])
    _journal_draft("rules.draft_activated", draft, access, version=version_id)


def _draft(draft_id: UUID) -> Draft:
    draft = (
        Draft.objects.select_related("base")
        .select_for_update(of=("self",))
        .filter(id=draft_id)
        .first()
    )
    if draft is None:
        raise UnableToDraft(_("There is no such draft."))
    return draft


def _open_draft(draft_id: UUID, access: Access) -> Draft:
    """Return the draft, locked. Raises UnableToDraft where it takes no more changes."""
    access.require(Right.PACK_PROPOSE)
    draft = _draft(draft_id)
    if draft.state != "open":
        raise UnableToDraft(
            _("The draft “%(title)s” is closed to changes: it was proposed or discarded.")
            % {"title": draft.title}
        )
    return draft


def _proposed_draft(draft_id: UUID) -> Draft:
    draft = _draft(draft_id)
    if draft.state != "proposed":
        raise UnableToDraft(_("The draft “%(title)s” is not proposed.") % {"title": draft.title})
    return draft


def _refuse_moved(draft: Draft, seen: int) -> None:
    if draft.revision != seen:
        raise DraftMoved(
            _(
                "Somebody saved revision %(latest)s while you worked on revision %(seen)s. "
                "Nothing was saved and nothing was overwritten. Compare, then decide."
            )
            % {"latest": draft.revision, "seen": seen}
        )


def _revision(draft: Draft, number: int) -> DraftRevision:
    revision = DraftRevision.objects.filter(draft=draft, number=number).first()
    if revision is None:
        raise UnableToDraft(
            _("The draft has no revision %(number)s. Choose one of the list.") % {"number": number}
        )
    return revision


def _append(
    draft: Draft,
    files: Mapping[str, str],
    *,
    act: str,
    subject: str,
    access: Access,
    at: datetime,
    after: DraftRevision | None = None,
) -> DraftRevision:
    """Append a revision, unless its content is that of the one before. The pack must load."""
    pack = load_pack_files(files)
    if pack.scheme != draft.scheme or draft.base.files.keys() - files.keys():
        raise UnableToDraft(_("A draft keeps its scheme and all the files of its version."))
    if after is not None and after.content_hash == pack.hash:
        return after
    revision = DraftRevision(
        id=uuid4(),
        draft=draft,
        number=draft.revision + 1,
        changed={name: text for name, text in files.items() if draft.base.files.get(name) != text},
        content_hash=pack.hash,
        act=act,
        subject=subject[:_LONGEST_SUBJECT],
        made_by=access.actor_id,
        made_at=at,
    )
    revision.save(force_insert=True)
    draft.revision = revision.number
    draft.save(update_fields=["revision"])
    return revision


def _journal_draft(kind: str, draft: Draft, access: Access, **details: Any) -> None:
    record(
        kind=kind,
        access=access,
        subject_kind="pack-draft",
        subject_id=draft.id,
        details={"scheme": draft.scheme, "base": draft.base_id, **details},
    )


# Simulations ------------------------------------------------------------------------------


class UnableToSimulate(Exception):
    """What was simulated is not what the book holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a simulation asked: a revision of a draft, the version it is compared with, whom, when.

    population: "kind" (caseload, everybody or made up), and what chose the people.
    """

    draft_id: UUID
    revision: int
    base_id: UUID
    benefit: str
    on: date
    as_new: bool
    population: Mapping[str, Any]
    population_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFound:
    """A case most affected, without a name. traces: "before" and "after"."""

    sex: str
    age_band: str
    region: str
    before_state: str
    after_state: str
    before: Decimal
    after: Decimal
    change: Decimal
    traces: Mapping[str, Any]


@transaction.atomic
def record_simulation(
    *,
    simulation_id: UUID,
    question: Question,
    result: Mapping[str, Any],
    cases: Sequence[CaseFound],
    access: Access,
    at: datetime,
) -> None:
    """Keep what a simulation found, bound to the very content that was asked. Safe to be repeated.

    result: as the report of simulations tells it, without single cases; those are `cases`, the most
    affected first. Raises UnableToSimulate where it is about other rules than the book holds.
    """
    access.require(Right.PACK_SIMULATE)
    if Simulation.objects.filter(id=simulation_id).exists():
        return  # found before a worker was killed, and found again
    revision = (
        DraftRevision.objects.select_related("draft")
        .filter(draft_id=question.draft_id, number=question.revision)
        .first()
    )
    base = PackVersion.objects.filter(id=question.base_id).first()
    if revision is None or base is None or base.scheme != revision.draft.scheme:
        raise UnableToSimulate(
            _("The draft has no such revision, or the version is of another scheme.")
        )
    told = (result["before"]["hash"], result["after"]["hash"])
    if told != (base.content_hash, revision.content_hash):
        raise UnableToSimulate(
            _("Other rules were simulated than the ones named. Nothing was kept. Start it again.")
        )
    simulation = Simulation(
        id=simulation_id,
        revision=revision,
        content_hash=revision.content_hash,
        base=base,
        benefit=question.benefit,
        on_date=question.on,
        as_new=question.as_new,
        population=dict(question.population),
        population_hash=question.population_hash,
        cases=result["cases"],
        result=dict(result),
        made_by=access.actor_id,
        made_at=at,
    )
    simulation.save(force_insert=True)
    SimulatedCase.objects.bulk_create(
        SimulatedCase(
            id=uuid4(),
            simulation=simulation,
            number=number,
            sex=case.sex,
            age_band=case.age_band,
            region=case.region,
            before_state=case.before_state,
            after_state=case.after_state,
            before=case.before,
            after=case.after,
            change=case.change,
            traces=dict(case.traces),
        )
        for number, case in enumerate(cases, start=1)
    )
    record(
        kind="rules.simulated",
        access=access,
        subject_kind="simulation",
        subject_id=simulation.id,
        details={
            "draft": question.draft_id,
            "revision": question.revision,
            "content_hash": revision.content_hash,
            "base": base.id,
            "on": question.on,
            "population": dict(question.population),
            "cases": simulation.cases,
        },
    )
