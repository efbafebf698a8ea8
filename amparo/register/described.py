"""How many people at once are described: sex, birth, death and home, in one statement."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db import connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What is known now of a person on a day. None and "" are unknown.

    birth_date: None unless the day is known. country, district: of the home on that day.
    """

    person_id: UUID
    number: str
    sex: str
    birth_date: date | None
    death_date: date | None
    country: str
    district: str


_DESCRIBED: Final = """
SELECT p.id, p.number, CASE v.sex WHEN 'unknown' THEN '' ELSE coalesce(v.sex, '') END,
       CASE v.birth_precision WHEN 'day' THEN v.birth_date END, v.death_date,
       coalesce(r.country, ''), coalesce(r.district, '')
FROM register_person p
LEFT JOIN register_vitals v ON v.person_id = p.id AND v.superseded_at IS NULL
LEFT JOIN register_residence r ON r.person_id = p.id AND r.superseded_at IS NULL
     AND r.starts_on <= %(on)s AND (r.ends_before IS NULL OR r.ends_before > %(on)s)
WHERE %(everybody)s OR p.id = ANY(%(persons)s)
ORDER BY p.number
"""


def described(*, person_ids: Collection[UUID] | None, on: date) -> tuple[Described, ...]:
    """Describe people by number; everybody registered where no ids are given.

    Call it inside `reading`.
    """
    everybody, persons = person_ids is None, list(person_ids or ())
    with connection.cursor() as cursor:
        cursor.execute(_DESCRIBED, {"on": on, "everybody": everybody, "persons": persons})
        return tuple(
            Described(
                person_id=row[0],
                number=row[1],
                sex=row[2],
                birth_date=row[3],
                death_date=row[4],
                country=row[5],
                district=row[6],
            )
            for row in cursor.fetchall()
        )
