"""The algebra of two times, in one place.

A history is a set of rows, each true from `starts_on` to before `ends_before` and known from
`recorded_at` to before `superseded_at`. Three moves exist and no other:

- *state*: from now on it is known that the value held during a period. Rows that said otherwise
  are superseded; what they said about the days outside the period is said again.
- *retract*: the same without a new value.
- *read as of*: the rows true on a day, as known at an instant.

So nothing that was ever known is lost, and a view as of a day and an instant never changes.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from amparo.register.models import Fact
from amparo.register.records import UNKNOWN_START, FactTimes, Origin

F = TypeVar("F", bound=Fact)


class FactChangedMeanwhile(Exception):
    """Somebody else changed the fact after it was read."""


class NotAPeriod(Exception):
    """A period ends on or before the day it starts."""


def as_of(facts: QuerySet[F], *, on: date, known_at: datetime) -> QuerySet[F]:
    """Keep the facts true on the day, as known at the instant."""
    return known(facts, at=known_at).filter(
        Q(ends_before=None) | Q(ends_before__gt=on), starts_on__lte=on
    )


def known(facts: QuerySet[F], *, at: datetime) -> QuerySet[F]:
    """Keep the facts known at the instant, whenever they were true."""
    return facts.filter(Q(superseded_at=None) | Q(superseded_at__gt=at), recorded_at__lte=at)


def state(
    *,
    model: type[F],
    of: Mapping[str, object],
    values: Mapping[str, object],
    starts_on: date,
    ends_before: date | None,
    origin: Origin,
) -> UUID:
    """State that `values` held during the period; return the new fact's id.

    of: the keys under which only one row can be true at once, e.g. {"person_id": …}, or with the
    code that tells several apart.
    Call it inside `reading`, with the anchor row locked.
    """
    retract(model=model, of=of, starts_on=starts_on, ends_before=ends_before, origin=origin)
    fact = model(
        **of,
        **values,
        starts_on=starts_on,
        ends_before=ends_before,
        recorded_at=origin.at,
        source=origin.source,
        source_id=origin.source_id,
        recorded_by=origin.recorded_by,
        confidence=origin.confidence,
    )
    fact.save(force_insert=True)
    return fact.pk


def retract(
    *,
    model: type[F],
    of: Mapping[str, object],
    starts_on: date,
    ends_before: date | None,
    origin: Origin,
) -> int:
    """Stop knowing anything about the period; return how many rows said something about it."""
    if ends_before is not None and ends_before <= starts_on:
        raise NotAPeriod(_("A period must end after the day it starts. Check both dates."))
    rows: QuerySet[F] = QuerySet(model).filter(
        Q(ends_before=None) | Q(ends_before__gt=starts_on), superseded_at=None, **of
    )
    if ends_before is not None:
        rows = rows.filter(starts_on__lt=ends_before)
    found = list(rows)
    supersede(model=model, of=of, fact_ids=[row.pk for row in found], at=origin.at)
    remainders = [
        _again(row, from_day, to_day, origin)
        for row in found
        for from_day, to_day in _outside(row, starts_on, ends_before)
    ]
    every: QuerySet[F] = QuerySet(model)
    every.bulk_create(remainders)
    return len(found)


def supersede(
    *, model: type[F], of: Mapping[str, object], fact_ids: list[UUID], at: datetime
) -> None:
    """Close the record time of exactly these rows; raise when one was closed already.

    of: whose they are; a row of anybody else is not touched, whatever its id, and counts as closed.
    """
    current: QuerySet[F] = QuerySet(model).filter(pk__in=fact_ids, superseded_at=None, **of)
    if current.filter(recorded_at__lte=at).update(superseded_at=at) != len(fact_ids):
        raise _changed_meanwhile()


def require_unchanged(
    *, model: type[F], of: Mapping[str, UUID], based_on: Collection[UUID] | None
) -> None:
    """Raise FactChangedMeanwhile where other facts are known now than those a change rests on.

    based_on: the ids of all facts of this kind that were known when they were read, none of them
    where nothing was known; None: the change rests on nothing that was read (a file brings it).
    Call it inside `reading`, with the anchor row locked: what it found then holds until the end.
    """
    if based_on is None:
        return
    current: QuerySet[F] = QuerySet(model).filter(superseded_at=None, **of)
    if set(current.values_list("pk", flat=True)) != set(based_on):
        raise _changed_meanwhile()


def _changed_meanwhile() -> FactChangedMeanwhile:
    return FactChangedMeanwhile(
        _("Somebody else changed this fact meanwhile. Read it again, then repeat your change.")
    )


def times_of(fact: Fact) -> FactTimes:
    return FactTimes(
        fact_id=fact.id,
        starts_on=None if fact.starts_on == UNKNOWN_START else fact.starts_on,
        ends_before=fact.ends_before,
        recorded_at=fact.recorded_at,
        superseded_at=fact.superseded_at,
        source=fact.source,
        source_id=fact.source_id,
        recorded_by=fact.recorded_by,
        confidence=fact.confidence,
    )


_TIMES = frozenset(field.name for field in Fact._meta.get_fields())  # noqa: SLF001 — Django's public API


def stated_values(fact: Fact) -> dict[str, Any]:
    """Return the columns of a fact without its id, times and source."""
    return {name: getattr(fact, name) for name in stated_names(type(fact))}


def stated_names(model: type[Fact]) -> tuple[str, ...]:
    """Return the names of a fact's columns without its id, times and source."""
    return tuple(
        field.attname
        for field in model._meta.concrete_fields  # noqa: SLF001 — as above
        if field.name not in _TIMES
    )


def _outside(
    row: Fact, starts_on: date, ends_before: date | None
) -> list[tuple[date, date | None]]:
    """Return the parts of the row's period before and after the given one."""
    parts: list[tuple[date, date | None]] = []
    if row.starts_on < starts_on:
        parts.append((row.starts_on, starts_on))
    if ends_before is not None and (row.ends_before is None or ends_before < row.ends_before):
        parts.append((ends_before, row.ends_before))
    return parts


def _again(row: F, starts_on: date, ends_before: date | None, origin: Origin) -> F:
    """Repeat what a row says for another period: its source stays, the writer is the new one."""
    return type(row)(
        **stated_values(row),
        starts_on=starts_on,
        ends_before=ends_before,
        recorded_at=origin.at,
        source=row.source,
        source_id=row.source_id,
        recorded_by=origin.recorded_by,
        confidence=row.confidence,
    )
