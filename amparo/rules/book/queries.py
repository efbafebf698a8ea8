"""Which rules, on which day, as known when."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from amparo.rules.book.models import PackVersion
from amparo.rules.packs import Benefit, Case, Manifest, Pack, load_pack_files, version_for

# Parsed packs by content hash. Bounded: an institution has tens of versions in use, not hundreds.
_CACHE_SIZE: Final = 64
_cache: OrderedDict[str, Pack] = OrderedDict()
_cache_lock: Final = Lock()


class NoPackInForce(Exception):
    """No pack of the scheme applies on that day, as known then. Unknown never means “pay”."""


class NoSuchVersion(Exception):
    """There is no pack version with this id."""


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
    with _cache_lock:
        pack = _cache.get(row.content_hash)
        if pack is not None:
            _cache.move_to_end(row.content_hash)
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
    with _cache_lock:
        _cache[row.content_hash] = pack
        while len(_cache) > _CACHE_SIZE:
            _cache.popitem(last=False)
    return pack
