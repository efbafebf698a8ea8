"""Keys under which records meet: written with the record, in its transaction.

They are derived and no facts: keys that no longer fit are removed.
"""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from django.db import connection

from amparo.register.matching.candidates import traits_by_person
from amparo.register.matching.keys import keys_of

_INSERT: Final = """
INSERT INTO register_matchkey (key_hash, person_id)
SELECT key_hash, person_id
FROM unnest(%(keys)s::bigint[], %(persons)s::uuid[]) AS key (key_hash, person_id)
"""
_REFRESH: Final = """
WITH wanted AS (
    SELECT key_hash, person_id
    FROM unnest(%(keys)s::bigint[], %(persons)s::uuid[]) AS key (key_hash, person_id)
), outdated AS (
    DELETE FROM register_matchkey k
    WHERE k.person_id = ANY(%(refreshed)s::uuid[])
      AND NOT EXISTS (SELECT FROM wanted w
                      WHERE w.key_hash = k.key_hash AND w.person_id = k.person_id)
)
INSERT INTO register_matchkey (key_hash, person_id)
SELECT w.key_hash, w.person_id FROM wanted w
WHERE NOT EXISTS (SELECT FROM register_matchkey k
                  WHERE k.key_hash = w.key_hash AND k.person_id = w.person_id)
"""
_LOCK: Final = """
SELECT pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT key FROM unnest(%(keys)s::bigint[]) AS key ORDER BY key
) AS ordered
"""
_CHILDREN: Final = """
SELECT DISTINCT person_id FROM register_kinship
WHERE relative_id = %(parent)s AND kind = 'parent' AND superseded_at IS NULL
"""
_WITHOUT: Final = """
SELECT p.id FROM register_person p
WHERE NOT EXISTS (SELECT FROM register_matchkey k WHERE k.person_id = p.id)
ORDER BY p.id LIMIT %(most)s
"""


def insert_keys(*, person_id: UUID, keys: Sequence[int]) -> None:
    """Write the keys of somebody new."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, {"keys": list(keys), "persons": [person_id] * len(keys)})


def wait_for_others(*, keys: Sequence[int]) -> None:
    """Let those who register somebody under one of these keys finish first.

    Of two clerks who write down one person at once, the second then finds the first's record. The
    locks are taken in order, so two never wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"keys": list(keys)})


def refresh_keys(*, person_ids: Collection[UUID]) -> None:
    """Write the keys that people have by now, and remove those they had. Inside `reading`."""
    keyed = [
        (key, person_id)
        for person_id, traits in traits_by_person(person_ids=person_ids)
        for key in keys_of(traits)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _REFRESH,
            {
                "keys": [key for key, _person_id in keyed],
                "persons": [person_id for _key, person_id in keyed],
                "refreshed": list(person_ids),
            },
        )


def refresh_keys_about(*, person_id: UUID) -> None:
    """Refresh the keys of somebody whose facts changed, and of their children. Inside `reading`.

    A child is found by its mother's name.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHILDREN, {"parent": person_id})
        children = [child for (child,) in cursor.fetchall()]
    refresh_keys(person_ids=[person_id, *children])


def without_keys(*, at_most: int) -> Sequence[UUID]:
    """Return people nobody could find by a key, such as those registered by an older release."""
    with connection.cursor() as cursor:
        cursor.execute(_WITHOUT, {"most": at_most})
        return [person_id for (person_id,) in cursor.fetchall()]
