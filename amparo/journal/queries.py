"""What the journal answers: who did what, and who read about whom."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from amparo.journal.models import Event
from amparo.journal.reading import reading
from amparo.values import Access, Page, Right

PAGE_SIZE = 50

_SEALED_IN = """
SELECT e.id, b.number
FROM unnest(%s::bigint[]) AS e(id) JOIN journal_block b ON b.event_ids @> e.id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """An event as it stands in the journal; `sealed_in`: its block, None until sealed."""

    id: int
    happened_at: datetime
    kind: str
    actor_id: UUID | None
    role: str
    purpose: str
    mandate_id: UUID | None
    subject_kind: str
    subject_id: UUID | None
    details: Mapping[str, Any]
    sealed_in: int | None


def events_page(
    *,
    access: Access,
    subject_id: UUID | None = None,
    actor_id: UUID | None = None,
    kind: str | None = None,
    since: datetime | None = None,
    before: datetime | None = None,
    page: int = 1,
    page_size: int = PAGE_SIZE,
) -> Page[EventRow]:
    """Return events, the newest first. kind: a whole kind ("read") or a room's ("claims.")."""
    events = Event.objects.order_by("-id")
    if subject_id is not None:
        events = events.filter(subject_id=subject_id)
    if actor_id is not None:
        events = events.filter(actor_id=actor_id)
    if since is not None:
        events = events.filter(happened_at__gte=since)
    if before is not None:
        events = events.filter(happened_at__lt=before)
    if kind:
        events = (
            events.filter(kind__startswith=kind) if kind.endswith(".") else events.filter(kind=kind)
        )
    looked_for = {"looked_for": "journal", "kind": kind or "", "actor": actor_id}
    with reading(
        access=access, right=Right.JOURNAL_READ, subject_id=subject_id, details=looked_for
    ):
        return _page(events, page, page_size)


def reads_of_person(
    *,
    person_id: UUID,
    access: Access,
    records: Collection[UUID] = (),
    page: int = 1,
    page_size: int = PAGE_SIZE,
) -> Page[EventRow]:
    """Return who looked at a person's record, the newest first: for staff and for the person.

    records: all records of the person, where they have several.
    """
    with reading(
        access=access,
        right=Right.PERSON_READ,
        subject_kind="person",
        subject_id=person_id,
        details={"looked_for": "reads"},
    ):
        reads = Event.objects.filter(subject_id__in={person_id, *records}, kind="read")
        reads = reads.order_by("-id")
        return _page(reads, page, page_size)


def events_since(*, kind: str, actor_id: UUID, since: datetime) -> int:
    """Return how often somebody did one kind of thing since an instant; a count, so no access."""
    # By actor and descending id, the index finds the few latest without reading a career.
    return Event.objects.filter(actor_id=actor_id, kind=kind, happened_at__gte=since).count()


def _page(events: QuerySet[Event], number: int, size: int) -> Page[EventRow]:
    total = events.count()
    found = list(events[(number - 1) * size : number * size])
    sealed = _blocks_of([event.id for event in found])
    rows = tuple(
        EventRow(
            id=event.id,
            happened_at=event.happened_at,
            kind=event.kind,
            actor_id=event.actor_id,
            role=event.role,
            purpose=event.purpose,
            mandate_id=event.mandate_id,
            subject_kind=event.subject_kind,
            subject_id=event.subject_id,
            details=event.details,
            sealed_in=sealed.get(event.id),
        )
        for event in found
    )
    return Page(rows=rows, number=number, size=size, total=total)


def _blocks_of(event_ids: list[int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_SEALED_IN, [event_ids])
        return dict(cursor.fetchall())
