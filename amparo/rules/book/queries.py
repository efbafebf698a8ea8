"""Which rules, on which day, as known when."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from threading import Lock
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from amparo.accounts.queries import display_names
from amparo.journal.reading import reading
from amparo.rules.book.models import (
    Draft,
    DraftRevision,
    PackVersion,
    SimulatedCase,
    Simulation,
)
from amparo.rules.packs import Benefit, Case, Manifest, Pack, load_pack_files, version_for
from amparo.values import Access, Right

# Parsed packs by content hash. Bounded: an institution has tens of versions in use, not hundreds.
_CACHE_SIZE: Final = 64
_cache: OrderedDict[str, Pack] = OrderedDict()
_cache_lock: Final = Lock()


class NoPackInForce(Exception):
    """No pack of the scheme applies on that day, as known then. Unknown never means “pay”."""


class NoSuchVersion(Exception):
    """There is no pack version with this id."""


class NoSuchDraft(Exception):
    """There is no draft of this id, or no revision of this number."""


class NoSuchSimulation(Exception):
    """There is no simulation of this id, or no case of this number in it."""


class PackAltered(Exception):
    """The stored files of a pack are not the ones that were activated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedPack:
    """A pack as it was activated: the rules themselves and the row that put them in force."""

    version_id: UUID
    scheme: str
    version: str
    content_hash: str
    applies_from: date
    activated_at: datetime
    pack: Pack


@dataclass(frozen=True, slots=True, kw_only=True)
class PackListed:
    """A pack version in a list, its rules not loaded."""

    version_id: UUID
    scheme: str
    version: str
    content_hash: str
    applies_from: date
    activated_at: datetime
    gate_pass_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftListed:
    """A draft in a list. state: open, proposed, activated or discarded."""

    draft_id: UUID
    scheme: str
    title: str
    base_version: str
    state: str
    revision: int
    started_by: str
    started_at: datetime
    applies_from: date | None
    resolution_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionListed:
    """A revision in a list. act: started, table, parameter, reason, case, imported, restored."""

    number: int
    act: str
    subject: str
    content_hash: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedPack:
    """A revision of a draft with its rules, and the version it started from."""

    draft: DraftListed
    number: int
    pack: Pack
    base: BookedPack


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationListed:
    """A simulation: of which content, against which version, of whom, on which day.

    difference: as the report writes it, of a month, or of all where paid once.
    """

    simulation_id: UUID
    draft_id: UUID
    revision: int
    content_hash: str
    base_id: UUID
    base_version: str
    benefit: str
    on: date
    as_new: bool
    population: Mapping[str, Any]
    population_hash: str
    cases: int
    currency: str
    difference: Decimal
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationRecord:
    """A simulation with its result, as the report of simulations tells it."""

    listed: SimulationListed
    result: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseListed:
    """A case most affected, without a name. before, after: 0 where refused."""

    number: int
    sex: str
    age_band: str
    region: str
    before_state: str
    after_state: str
    before: Decimal
    after: Decimal
    change: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """A case with its traces under the rules before and after; eligibility, then the amount."""

    listed: CaseListed
    before_traces: tuple[Mapping[str, Any], ...]
    after_traces: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitOffered:
    """A benefit that the scheme's pack in force grants."""

    scheme: str
    version_id: UUID
    benefit: Benefit


def pack_in_force(
    *, scheme: str, on: date, known_at: datetime, claimed_on: date | None = None
) -> BookedPack:
    """Return the pack that applies to a day, among those activated by an instant.

    on: the day the right or duty depends on. claimed_on: the day of the claim, for transitional
    clauses. Of several, the latest `applies_from` decides; of those, the latest activated.
    Raises NoPackInForce; UnclearLaw where a clause asks for a day that is not given.
    """
    known = PackVersion.objects.filter(
        scheme=scheme, applies_from__lte=on, activated_at__lte=known_at
    )
    row = version_for(
        Case(contingency_on=on, claimed_on=claimed_on),
        versions=_without_files(known),
        known_at=known_at,
        rules_of=_parsed,
    )
    if row is None:
        raise NoPackInForce(
            _(
                "No rule pack of “%(scheme)s” is in force on %(day)s as known at %(instant)s. "
                "Nothing can be decided. Have a pack for that time approved and activated."
            )
            % {"scheme": scheme, "day": on, "instant": known_at.isoformat()}
        )
    return _booked(row)


def version(*, version_id: UUID) -> BookedPack:
    """Return the very pack that decided something. Raises NoSuchVersion."""
    row = _without_files(PackVersion.objects.filter(id=version_id)).first()
    if row is None:
        raise NoSuchVersion(_("There is no pack version with this id."))
    return _booked(row)


def packs_listed() -> tuple[PackListed, ...]:
    """Return every version that was ever activated, by scheme, the latest first."""
    rows = _without_files(PackVersion.objects.all())
    return tuple(
        PackListed(
            version_id=row.id,
            scheme=row.scheme,
            version=row.version,
            content_hash=row.content_hash,
            applies_from=row.applies_from,
            activated_at=row.activated_at,
            gate_pass_id=row.gate_pass_id,
        )
        for row in rows.order_by("scheme", "-applies_from", "-activated_at")
    )


_DRAFT_READERS: Final = (Right.PACK_PROPOSE, Right.PACK_APPROVE, Right.JOURNAL_READ)


def drafts_listed(*, access: Access) -> tuple[DraftListed, ...]:
    """Return every draft, the latest started first: to who proposes, decides or audits."""
    access.require_any(*_DRAFT_READERS)
    drafts = Draft.objects.select_related("base").defer("base__files").order_by("-started_at", "id")
    names = display_names(user_ids={draft.started_by for draft in drafts})
    return tuple(_draft_listed(draft, names) for draft in drafts)


def drafted_pack(*, draft_id: UUID, access: Access, number: int | None = None) -> DraftedPack:
    """Return a revision of a draft with its rules; the latest where none is named.

    Raises NoSuchDraft.
    """
    access.require_any(*_DRAFT_READERS)
    return _drafted(Draft.objects.filter(id=draft_id), number)


def draft_of_resolution(*, resolution_id: UUID, access: Access) -> DraftedPack | None:
    """Return the draft that a resolution proposes; None where it was proposed otherwise."""
    access.require_any(*_DRAFT_READERS, Right.PACK_READ)
    try:
        return _drafted(Draft.objects.filter(resolution_id=resolution_id), None)
    except NoSuchDraft:
        return None


def revisions_of(*, draft_id: UUID, access: Access) -> tuple[RevisionListed, ...]:
    """Return a draft's revisions, the latest first."""
    access.require_any(*_DRAFT_READERS)
    revisions = DraftRevision.objects.filter(draft_id=draft_id).defer("changed").order_by("-number")
    names = display_names(user_ids={one.made_by for one in revisions})
    return tuple(
        RevisionListed(
            number=one.number,
            act=one.act,
            subject=one.subject,
            content_hash=one.content_hash,
            made_by=names[one.made_by],
            made_at=one.made_at,
        )
        for one in revisions
    )


_SIMULATION_READERS: Final = (*_DRAFT_READERS, Right.PACK_SIMULATE)


def simulations_of_draft(*, draft_id: UUID, access: Access) -> tuple[SimulationListed, ...]:
    """Return the simulations of a draft, of whichever revision, the latest first."""
    access.require_any(*_SIMULATION_READERS)
    return _simulations(Simulation.objects.filter(revision__draft_id=draft_id))


def simulations_of_content(*, content_hash: str, access: Access) -> tuple[SimulationListed, ...]:
    """Return the simulations of exactly this content, the latest first."""
    access.require_any(*_SIMULATION_READERS, Right.PACK_READ)
    return _simulations(Simulation.objects.filter(content_hash=content_hash))


def simulation(*, simulation_id: UUID, access: Access) -> SimulationRecord:
    """Return what a simulation found. Raises NoSuchSimulation."""
    access.require_any(*_SIMULATION_READERS)
    found = _with_versions(Simulation.objects.filter(id=simulation_id)).first()
    if found is None:
        raise NoSuchSimulation(_("There is no such simulation."))
    names = display_names(user_ids={found.made_by})
    return SimulationRecord(listed=_simulation_listed(found, names), result=found.result)


def simulated_cases(*, simulation_id: UUID, access: Access) -> tuple[CaseListed, ...]:
    """Return the cases that a simulation changes most, without names, in the order of how much."""
    with _reading_cases(simulation_id, access):
        rows = list(SimulatedCase.objects.filter(simulation_id=simulation_id).defer("traces"))
    return tuple(_case_listed(row) for row in sorted(rows, key=lambda row: row.number))


def simulated_case(*, simulation_id: UUID, number: int, access: Access) -> CaseRecord:
    """Return one of those cases with its traces. Raises NoSuchSimulation."""
    with _reading_cases(simulation_id, access):
        row = SimulatedCase.objects.filter(simulation_id=simulation_id, number=number).first()
    if row is None:
        raise NoSuchSimulation(_("The simulation has no such case."))
    return CaseRecord(
        listed=_case_listed(row),
        before_traces=tuple(row.traces["before"]),
        after_traces=tuple(row.traces["after"]),
    )


def _reading_cases(simulation_id: UUID, access: Access) -> AbstractContextManager[None]:
    return reading(
        access=access,
        right=Right.PACK_SIMULATE,
        subject_kind="simulation",
        subject_id=simulation_id,
        details={"read": "cases simulated"},
    )


def _case_listed(row: SimulatedCase) -> CaseListed:
    return CaseListed(
        number=row.number,
        sex=row.sex,
        age_band=row.age_band,
        region=row.region,
        before_state=row.before_state,
        after_state=row.after_state,
        before=row.before,
        after=row.after,
        change=row.change,
    )


def _with_versions(simulations: QuerySet[Simulation]) -> QuerySet[Simulation]:
    return simulations.select_related("revision", "base").defer("revision__changed", "base__files")


def _simulations(chosen: QuerySet[Simulation]) -> tuple[SimulationListed, ...]:
    rows = list(_with_versions(chosen).order_by("-made_at", "id"))
    names = display_names(user_ids={row.made_by for row in rows})
    return tuple(_simulation_listed(row, names) for row in rows)


def _simulation_listed(row: Simulation, names: Mapping[UUID, str]) -> SimulationListed:
    told = row.result
    return SimulationListed(
        simulation_id=row.id,
        draft_id=row.revision.draft_id,
        revision=row.revision.number,
        content_hash=row.content_hash,
        base_id=row.base_id,
        base_version=row.base.version,
        benefit=row.benefit,
        on=row.on_date,
        as_new=row.as_new,
        population=row.population,
        population_hash=row.population_hash,
        cases=row.cases,
        currency=told["currency"],
        difference=Decimal(told["difference_month"] or told["difference"]),
        made_by=names[row.made_by],
        made_at=row.made_at,
    )


def _drafted(drafts: QuerySet[Draft], number: int | None) -> DraftedPack:
    draft = drafts.select_related("base").first()
    if draft is None:
        raise NoSuchDraft(_("There is no such draft."))
    revision = DraftRevision.objects.filter(
        draft=draft, number=draft.revision if number is None else number
    ).first()
    if revision is None:
        raise NoSuchDraft(_("The draft has no such revision."))
    files = {**draft.base.files, **revision.changed}
    return DraftedPack(
        draft=_draft_listed(draft, display_names(user_ids={draft.started_by})),
        number=revision.number,
        pack=_cached(revision.content_hash) or _kept(load_pack_files(files)),
        base=_booked(draft.base),
    )


def _draft_listed(draft: Draft, names: Mapping[UUID, str]) -> DraftListed:
    return DraftListed(
        draft_id=draft.id,
        scheme=draft.scheme,
        title=draft.title,
        base_version=draft.base.version,
        state=draft.state,
        revision=draft.revision,
        started_by=names[draft.started_by],
        started_at=draft.started_at,
        applies_from=draft.applies_from,
        resolution_id=draft.resolution_id,
    )


def benefits_offered(*, on: date, known_at: datetime) -> tuple[BenefitOffered, ...]:
    """Return what packs in force offer who claims on a day, by scheme, in each manifest's order."""
    schemes = (
        PackVersion.objects.filter(applies_from__lte=on, activated_at__lte=known_at)
        .order_by("scheme")
        .values_list("scheme", flat=True)
        .distinct()
    )
    in_force = [
        pack_in_force(scheme=scheme, on=on, known_at=known_at, claimed_on=on) for scheme in schemes
    ]
    return tuple(
        BenefitOffered(scheme=booked.scheme, version_id=booked.version_id, benefit=benefit)
        for booked in in_force
        for benefit in booked.pack.manifest.benefits
    )


@dataclass(frozen=True, slots=True)
class Titles:
    """What schemes and benefits are called, in one language; a code without a title stays."""

    _manifests: Mapping[str, Manifest]
    _language: str

    def scheme(self, scheme: str) -> str:
        manifest = self._manifests.get(scheme)
        return self._text(manifest.titles, scheme) if manifest else scheme

    def benefit(self, code: str, *, scheme: str = "") -> str:
        """Return a benefit's title. scheme: "" where what names the benefit names no scheme."""
        for benefit in self._benefits(scheme):
            if benefit.code == code:
                return self._text(benefit.titles, code)
        return _spaced(code)

    def component(self, code: str, *, scheme: str = "") -> str:
        """Return the title of the benefit whose awards pay a component."""
        for benefit in self._benefits(scheme):
            if benefit.component == code:
                return self._text(benefit.titles, code)
        return _spaced(code)

    def fact(self, name: str, *, benefit: str = "", scheme: str = "") -> str:
        """Return what a fact is called by the pack that offers a benefit."""
        for code, manifest in self._manifests.items():
            offers = not benefit or any(one.code == benefit for one in manifest.benefits)
            if offers and scheme in {"", code}:
                for asked in manifest.inputs:
                    if asked.name == name:
                        return self._text(asked.titles, name)
        return _spaced(name)

    def _benefits(self, scheme: str) -> Iterator[Benefit]:
        for code, manifest in self._manifests.items():
            if scheme in {"", code}:
                yield from manifest.benefits

    def _text(self, texts: Mapping[str, str], code: str) -> str:
        return texts.get(self._language) or texts.get("en") or code


def titles(*, known_at: datetime, language: str) -> Titles:
    """Return the titles of every scheme, each as its latest version says. One statement."""
    latest = (
        _without_files(PackVersion.objects.filter(activated_at__lte=known_at))
        .order_by("scheme", "-applies_from", "-activated_at")
        .distinct("scheme")
    )
    return Titles({row.scheme: _parsed(row).manifest for row in latest}, language)


def _spaced(code: str) -> str:
    return code.replace("_", " ").lower().capitalize()


def _without_files(versions: QuerySet[PackVersion]) -> QuerySet[PackVersion]:
    return versions.defer("files")


def _booked(row: PackVersion) -> BookedPack:
    return BookedPack(
        version_id=row.id,
        scheme=row.scheme,
        version=row.version,
        content_hash=row.content_hash,
        applies_from=row.applies_from,
        activated_at=row.activated_at,
        pack=_parsed(row),
    )


def _parsed(row: PackVersion) -> Pack:
    """Return the parsed pack, from the cache or from the row's files. Raises PackAltered."""
    pack = _cached(row.content_hash)
    if pack is not None:
        return pack
    pack = load_pack_files(row.files)
    if pack.hash != row.content_hash:
        raise PackAltered(
            _(
                "The stored files of %(scheme)s %(version)s are not the approved ones. "
                "Nothing is decided by them. Restore the row from a backup; find who changed it."
            )
            % {"scheme": row.scheme, "version": row.version}
        )
    return _kept(pack)


def _cached(content_hash: str) -> Pack | None:
    with _cache_lock:
        pack = _cache.get(content_hash)
        if pack is not None:
            _cache.move_to_end(content_hash)
        return pack


def _kept(pack: Pack) -> Pack:
    """Keep a parsed pack under its content hash, and return it."""
    with _cache_lock:
        _cache[pack.hash] = pack
        while len(_cache) > _CACHE_SIZE:
            _cache.popitem(last=False)
    return pack
