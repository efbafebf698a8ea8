"""Whose record is this? The one place that follows the links between records of one person.

Two records that prove to be one person's are linked, never joined: both rows, both numbers and all
facts stay where they are. Whoever reads asks here which records belong together, as known at an
instant, and reads the facts of all of them; the surviving record comes first, and its word holds
where only one can be true. So what was known before a merge is known for ever, and a merge that is
undone leaves nothing behind.

Other rooms' statements in SQL ask `register_survivor` (migration 0013), which says the same.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

T = TypeVar("T")

# Few people have several records: both ways are found by index, from the persons asked for.
_SURVIVORS: Final = """
WITH RECURSIVE up (asked, id, depth) AS (
    SELECT l.person_id, l.survivor_id, 1
    FROM register_identitylink l
    WHERE l.person_id = ANY(%(persons)s) AND l.recorded_at <= %(at)s
      AND (l.superseded_at IS NULL OR l.superseded_at > %(at)s)
    UNION ALL
    SELECT up.asked, l.survivor_id, up.depth + 1
    FROM up JOIN register_identitylink l ON l.person_id = up.id
    WHERE l.recorded_at <= %(at)s AND (l.superseded_at IS NULL OR l.superseded_at > %(at)s)
)
SELECT DISTINCT ON (asked) asked, id FROM up ORDER BY asked, depth DESC
"""

_RECORDS: Final = """
WITH RECURSIVE up (asked, id, depth) AS (
    SELECT person, person, 0 FROM unnest(%(persons)s::uuid[]) AS person
    UNION ALL
    SELECT up.asked, l.survivor_id, up.depth + 1
    FROM up JOIN register_identitylink l ON l.person_id = up.id
    WHERE l.recorded_at <= %(at)s AND (l.superseded_at IS NULL OR l.superseded_at > %(at)s)
), survivor AS (
    SELECT DISTINCT ON (asked) asked, id FROM up ORDER BY asked, depth DESC
), down (asked, id, depth, linked_at) AS (
    SELECT asked, id, 0, NULL::timestamptz FROM survivor
    UNION ALL
    SELECT down.asked, l.person_id, down.depth + 1, l.recorded_at
    FROM down JOIN register_identitylink l ON l.survivor_id = down.id
    WHERE l.recorded_at <= %(at)s AND (l.superseded_at IS NULL OR l.superseded_at > %(at)s)
)
SELECT asked, id FROM down ORDER BY asked, depth, linked_at, id
"""

# What is asked for later than everything is what is known now.
_EVER: Final = "infinity"


class MergedIntoAnother(Exception):
    """The record is another one of a person whose surviving record is the one to work on."""

    def __init__(self, survivor_id: UUID) -> None:
        self.survivor_id = survivor_id
        super().__init__(
            _(
                "This record was merged into another one of the same person. Nothing was written. "
                "Open the surviving record, and write there."
            )
        )


def survivors_of(
    *, person_ids: Collection[UUID], known_at: datetime | None = None
) -> dict[UUID, UUID]:
    """Map each person whose record was merged to the surviving one; others are left out.

    known_at: None means now. Call it inside `reading`.
    """
    return dict(_asked(_SURVIVORS, person_ids, known_at)) if person_ids else {}


def survivor_of(*, person_id: UUID, known_at: datetime | None = None) -> UUID:
    """Return the surviving record of a person: their own where nobody merged it."""
    return survivors_of(person_ids=[person_id], known_at=known_at).get(person_id, person_id)


def records_of(*, person_id: UUID, known_at: datetime | None = None) -> tuple[UUID, ...]:
    """Return all records of the person whose record this is, the surviving one first.

    known_at: None means now. Call it inside `reading`.
    """
    return records_of_each(person_ids=[person_id], known_at=known_at)[person_id]


def records_of_each(
    *, person_ids: Collection[UUID], known_at: datetime | None = None
) -> dict[UUID, tuple[UUID, ...]]:
    """Map each person asked for to all their records, the surviving one first.

    One statement for any number of persons; known_at: None means now. Call it inside `reading`.
    """
    records: dict[UUID, tuple[UUID, ...]] = {}
    for asked, record in _asked(_RECORDS, set(person_ids), known_at) if person_ids else ():
        records[asked] = (*records.get(asked, ()), record)
    return records


def refuse_merged(*, person_id: UUID) -> None:
    """Raise MergedIntoAnother where something new was to be written on a merged record."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT register_survivor(%s)", [person_id])
        (survivor,) = cursor.fetchone()
    if survivor != person_id:
        raise MergedIntoAnother(survivor)


def leading(found: Iterable[T], *, whose: Sequence[UUID], key: str = "person_id") -> T | None:
    """Return the row of the first record that has one: where only one can be true, it is this."""
    rank = {person_id: place for place, person_id in enumerate(whose)}
    return min(found, key=lambda row: rank[getattr(row, key)], default=None)


def _asked(
    statement: str, person_ids: Collection[UUID], known_at: datetime | None
) -> list[tuple[UUID, UUID]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"persons": list(person_ids), "at": known_at or _EVER})
        rows: list[tuple[UUID, UUID]] = cursor.fetchall()
    return rows
