"""On what two records of one person differ, and what became known of one since a merge.

Everything here reads; call it inside `reading`. Which facts exist, and of which only one can be
true at a time, is what `verification.ONE_AT_A_TIME` says of the tables: a new kind of fact joins by
itself. Facts with a right of their own are left alone: they stay on their record.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db import connection
from django.db.models import Q, QuerySet

from amparo.register.duplicates import Difference, LaterFact
from amparo.register.facts import stated_values, times_of
from amparo.register.models import Fact, IdentityLink
from amparo.register.verification import ONE_AT_A_TIME

# What the pages call the kinds of facts whose tables are named otherwise.
_NAMES: Final = {
    "personname": "name",
    "householdmember": "household",
    "representation": "payee",
    "paymentaccount": "payment-account",
    "othername": "other-name",
    "civilstatus": "civil-status",
    "spokenlanguage": "language",
}
_WITH_A_RIGHT_OF_THEIR_OWN: Final = {"specialfact"}
# How a fact is known says nothing else than the fact does.
_NOT_COMPARED: Final = {
    "search_name",
    "script",
    "verified_on",
    "verified_by",
    "verified_how",
    "confidence",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of fact, seen from one of the persons it names.

    keys: under which values only one can be true at a time; column: where the person stands.
    """

    name: str
    model: type[Fact]
    keys: tuple[str, ...]
    column: str

    @property
    def table(self) -> str:
        return self.model._meta.db_table  # noqa: SLF001 — Django's public API

    @property
    def compared(self) -> tuple[str, ...]:
        """Return the columns in which two facts of the kind can differ."""
        named = [field.attname for field in self.model._meta.concrete_fields]  # noqa: SLF001 — as above
        times = {field.attname for field in Fact._meta.concrete_fields}  # noqa: SLF001 — as above
        return tuple(name for name in named if name not in times | _NOT_COMPARED | {self.column})

    def rows(self, condition: Q) -> QuerySet[Any]:
        return QuerySet(self.model).filter(condition)

    def of(self, *person_ids: UUID) -> QuerySet[Any]:
        return self.rows(Q(**{f"{self.column}__in": person_ids}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A fact, with the kind it is of."""

    kind: Kind
    row: Fact

    def on(self, person_id: UUID) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return keys and values that say the same of another record of the person."""
        values = {**stated_values(self.row), self.kind.column: person_id}
        of = {name: values.pop(name) for name in {"person_id", *self.kind.keys}}
        return of, values

    def history(self) -> QuerySet[Any]:
        """Return all rows, known once or now, of which this one excludes the others."""
        keys = {"person_id", *self.kind.keys}
        return self.kind.rows(Q(**{name: getattr(self.row, name) for name in keys}))


def kinds() -> Iterator[Kind]:
    """Yield each kind of fact of a person, and those that name a second person from their side."""
    for table, keys in ONE_AT_A_TIME.items():
        name = table.removeprefix("register_")
        if name in _WITH_A_RIGHT_OF_THEIR_OWN:
            continue
        model = apps.get_model("register", name)
        columns = {field.attname for field in model._meta.concrete_fields}  # noqa: SLF001 — Django's public API
        for column in ("person_id", "relative_id", "representative_id"):
            if column in columns:
                yield Kind(
                    name=_NAMES.get(name, name),
                    model=model,
                    keys=tuple(key for key in keys if key in columns),
                    column=column,
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a record says now: a fact as plain values, for comparing and for reading."""

    kind: Kind
    values: Mapping[str, Any]
    starts_on: date
    ends_before: date | None

    @property
    def person_id(self) -> UUID:
        return UUID(self.values[self.kind.column])


def told_of(*person_ids: UUID) -> tuple[Told, ...]:
    """Return all that is known now of persons, from their side of each fact. One statement."""
    own = [kind for kind in kinds() if kind.column == "person_id"]
    statement = " UNION ALL ".join(
        f"SELECT {number}, to_jsonb(f), f.starts_on, f.ends_before FROM {kind.table} f"  # noqa: S608 — our own tables
        " WHERE f.person_id = ANY(%(persons)s) AND f.superseded_at IS NULL"
        for number, kind in enumerate(own)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} ORDER BY 1, 3", {"persons": list(person_ids)})
        return tuple(
            Told(
                kind=own[number],
                values=json.loads(fact, parse_float=Decimal),
                starts_on=start,
                ends_before=end,
            )
            for number, fact, start, end in cursor.fetchall()
        )


def differences(*, merged_id: UUID, survivor_id: UUID) -> tuple[Difference, ...]:
    """Return, by kind, the first facts of the two that cannot both be true of one person."""
    told = told_of(merged_id, survivor_id)
    return differences_between(told, merged_id=merged_id, survivor_id=survivor_id)


def differences_between(
    told: Collection[Told], *, merged_id: UUID, survivor_id: UUID
) -> tuple[Difference, ...]:
    """Return the same from what is told of the two."""
    found: dict[str, Difference] = {}
    for ours in (one for one in told if one.person_id == survivor_id):
        for theirs in (one for one in told if one.person_id == merged_id):
            if ours.kind.name not in found and _exclude_each_other(ours, theirs):
                found[ours.kind.name] = Difference(
                    kind=ours.kind.name, survivor=_shown(ours), merged=_shown(theirs)
                )
    return tuple(found.values())


def owned(*, person_id: UUID, kinds_of: Collection[str]) -> tuple[Stated, ...]:
    """Return what is known now of a person's own, of these kinds, the earliest first."""
    return tuple(
        Stated(kind=kind, row=row)
        for kind in kinds()
        if kind.column == "person_id" and kind.name in kinds_of
        for row in kind.of(person_id).filter(superseded_at=None).order_by("starts_on", "id")
    )


def learnt_since(*, person_id: UUID, since: datetime) -> bool:
    """Say whether a fact of the person became known, or is known no longer, since an instant."""
    changed = "f.recorded_at > %(since)s OR f.superseded_at > %(since)s"
    return bool(_kinds_with(changed, person_id=person_id, since=since))


def facts_since(link: IdentityLink) -> tuple[Stated, ...]:
    """Return the facts written on the surviving record since a merge that are known now.

    Without what the merge itself stated, and without pieces of what was known before.
    """
    return tuple(
        stated
        for stated in _written_since(link)
        if stated.row.source_id != link.approval_id and not _is_piece(stated, link)
    )


def stated_by_merge(link: IdentityLink) -> tuple[Stated, ...]:
    """Return what is known now of what a merge stated on the surviving record."""
    return tuple(
        stated for stated in _written_since(link) if stated.row.source_id == link.approval_id
    )


def later_facts(link: IdentityLink) -> tuple[LaterFact, ...]:
    """Return the facts since a merge as plain values, the latest first."""
    found = [
        LaterFact(
            kind=stated.kind.name,
            fact_id=stated.row.pk,
            values=shown_values(stated.row),
            times=times_of(stated.row),
        )
        for stated in facts_since(link)
    ]
    return tuple(sorted(found, key=lambda one: (one.times.recorded_at, one.fact_id), reverse=True))


def known_before(history: QuerySet[Any], link: IdentityLink) -> list[Fact]:
    """Return what was known of a history just before a merge, the earliest first."""
    rows = history.filter(recorded_at__lt=link.recorded_at).filter(
        Q(superseded_at=None) | Q(superseded_at__gte=link.recorded_at)
    )
    return list(rows.order_by("starts_on", "id"))


def touched_by_merge_alone(history: QuerySet[Any], link: IdentityLink) -> bool:
    """Say whether nobody but the merge itself changed a history since."""
    later = Q(recorded_at__gt=link.recorded_at) | Q(superseded_at__gt=link.recorded_at)
    return not history.filter(later).exists()


def shown_values(fact: Fact) -> Mapping[str, str]:
    """Return what a fact says, by field, for reading: without the person, empty where unknown."""
    return {
        name: "" if value is None else str(value)
        for name, value in stated_values(fact).items()
        if name not in {"person_id", "search_name"}
    }


# --- helpers ------------------------------------------------------------------------------------


def _written_since(link: IdentityLink) -> Iterator[Stated]:
    known_since = "f.superseded_at IS NULL AND f.recorded_at >= %(since)s"
    for kind in _kinds_with(known_since, person_id=link.survivor_id, since=link.recorded_at):
        rows = kind.of(link.survivor_id).filter(
            superseded_at=None, recorded_at__gte=link.recorded_at
        )
        for row in rows.order_by("recorded_at", "starts_on", "id"):
            yield Stated(kind=kind, row=row)


def _kinds_with(condition: str, *, person_id: UUID, since: datetime) -> list[Kind]:
    """Return the kinds of which the person has a fact like this. One statement for all kinds."""
    every = list(kinds())
    statement = " UNION ALL ".join(
        f"SELECT {number} WHERE EXISTS (SELECT FROM {kind.table} f"  # noqa: S608 — our own tables
        f" WHERE f.{kind.column} = %(person)s AND ({condition}))"
        for number, kind in enumerate(every)
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"person": person_id, "since": since})
        return [every[number] for (number,) in cursor.fetchall()]


def _is_piece(stated: Stated, link: IdentityLink) -> bool:
    """Say whether a row only repeats, for a part of its period, what was known before the merge."""
    row = stated.row
    return any(
        stated_values(before) == stated_values(row)
        and (before.source, before.source_id) == (row.source, row.source_id)
        and before.starts_on <= row.starts_on
        and (before.ends_before is None or _before(row.ends_before, before.ends_before))
        for before in known_before(stated.history(), link)
    )


def _before(day: date | None, end: date) -> bool:
    return day is not None and day <= end


def _exclude_each_other(ours: Told, theirs: Told) -> bool:
    """Say whether two facts could not both be true of one person."""
    if ours.kind.name != theirs.kind.name or "person_id" not in ours.kind.keys:
        return False
    rest = set(ours.kind.keys) - {"person_id"}
    compared = ours.kind.compared
    return (
        all(ours.values[name] == theirs.values[name] for name in rest)
        and any(ours.values[name] != theirs.values[name] for name in compared)
        and (ours.ends_before is None or theirs.starts_on < ours.ends_before)
        and (theirs.ends_before is None or ours.starts_on < theirs.ends_before)
    )


def _shown(told: Told) -> Mapping[str, str]:
    return {name: str(told.values[name] or "") for name in told.kind.compared}
