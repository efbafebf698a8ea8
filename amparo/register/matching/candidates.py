"""Who in the register shares a key with somebody, and what of them is compared.

Call these inside `reading`. The number of statements does not depend on the number of people.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection

from amparo.register.matching.keys import MOST_IN_A_BLOCK, keys_of, kinds_of
from amparo.register.matching.model import Evidence, MatchModel
from amparo.register.matching.traits import Described, Traits, traits_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Somebody in the register who may be the person asked for. verdict: "review" or "same"."""

    person_id: UUID
    verdict: str
    weight: float
    probability: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check found. verdict: "new", "review" or "same", that of the likeliest.

    alike: the likeliest first. compared: how many records were weighed. not_checked: the kinds of
    keys that too many share to be looked at; "new" says nothing of who agrees in those alone.
    """

    verdict: str
    alike: tuple[Alike, ...]
    compared: int
    not_checked: tuple[str, ...]
    model_hash: str


def people_like(*, traits: Traits, model: MatchModel, besides: Collection[UUID] = ()) -> Checked:
    """Weigh everybody who shares a key with a person.

    besides: those who are not asked for, such as the person themselves.
    """
    person_ids, crowded = _sharing(keys_of(traits))
    wanted = person_ids - set(besides)
    scores = [
        (person_id, model.score(traits, theirs))
        for person_id, theirs in traits_by_person(person_ids=wanted)
    ]
    alike = [
        Alike(
            person_id=person_id,
            verdict=verdict,
            weight=score.weight,
            probability=score.probability,
            evidence=score.evidence,
        )
        for person_id, score in scores
        for verdict in [model.thresholds.verdict(score.probability, score.evidence)]
        if verdict != "new"
    ]
    alike.sort(key=lambda one: (-one.weight, str(one.person_id)))
    kinds = kinds_of(traits)
    return Checked(
        verdict=alike[0].verdict if alike else "new",
        alike=tuple(alike),
        compared=len(scores),
        not_checked=tuple(sorted({kinds[key] for key in crowded})),
        model_hash=model.content_hash,
    )


_SHARING: Final = """
SELECT asked.key_hash, held.person_id
FROM unnest(%(keys)s::bigint[]) AS asked (key_hash)
CROSS JOIN LATERAL (
    SELECT person_id FROM register_matchkey k
    WHERE k.key_hash = asked.key_hash LIMIT %(most)s + 1
) AS held
"""


def _sharing(keys: Sequence[int]) -> tuple[set[UUID], list[int]]:
    """Return who shares one of the keys, and the keys that too many share."""
    by_key: dict[int, list[UUID]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_SHARING, {"keys": list(keys), "most": MOST_IN_A_BLOCK})
        for key, person_id in cursor.fetchall():
            by_key.setdefault(key, []).append(person_id)
    crowded = [key for key, persons in by_key.items() if len(persons) > MOST_IN_A_BLOCK]
    found = {
        person_id
        for key, persons in by_key.items()
        if len(persons) <= MOST_IN_A_BLOCK
        for person_id in persons
    }
    return found, crowded


# What is known now; a former name is known now, a corrected one is not. A mobile wallet is a
# telephone number.
_DESCRIBED: Final = """
WITH named AS (
    SELECT person_id, array_agg(given_names ORDER BY starts_on DESC, id) AS given,
           array_agg(family_name ORDER BY starts_on DESC, id) AS family
    FROM register_personname
    WHERE superseded_at IS NULL AND (%(everybody)s OR person_id = ANY(%(persons)s::uuid[]))
    GROUP BY person_id
), numbered AS (
    SELECT person_id, array_agg(ARRAY[kind, issuer, value]::text[]
                                ORDER BY kind <> 'national-id', starts_on DESC, value) AS numbers
    FROM register_identifier
    WHERE superseded_at IS NULL AND (%(everybody)s OR person_id = ANY(%(persons)s::uuid[]))
    GROUP BY person_id
), called AS (
    SELECT person_id, array_agg(DISTINCT phone) AS phones
    FROM (
        SELECT person_id, account_number AS phone FROM register_paymentaccount
        WHERE superseded_at IS NULL AND kind = 'wallet'
          AND (%(everybody)s OR person_id = ANY(%(persons)s::uuid[]))
        UNION ALL
        SELECT person_id, value FROM register_contact
        WHERE superseded_at IS NULL AND kind = 'phone'
          AND (%(everybody)s OR person_id = ANY(%(persons)s::uuid[]))
    ) AS reached
    GROUP BY person_id
), borne AS (
    SELECT person_id, array_agg(mother ORDER BY mother) AS mothers
    FROM (
        SELECT DISTINCT ON (k.person_id, k.relative_id)
               k.person_id, trim(n.given_names || ' ' || n.family_name) AS mother
        FROM register_kinship k
        JOIN register_vitals v ON v.person_id = k.relative_id AND v.superseded_at IS NULL
        JOIN register_personname n ON n.person_id = k.relative_id AND n.superseded_at IS NULL
        WHERE k.superseded_at IS NULL AND k.kind = 'parent' AND v.sex = 'female'
          AND (%(everybody)s OR k.person_id = ANY(%(persons)s::uuid[]))
        ORDER BY k.person_id, k.relative_id, n.starts_on DESC, n.id
    ) AS now_called
    GROUP BY person_id
), housed AS (
    SELECT DISTINCT ON (person_id) person_id, district, address
    FROM register_residence
    WHERE superseded_at IS NULL AND (%(everybody)s OR person_id = ANY(%(persons)s::uuid[]))
    ORDER BY person_id, starts_on DESC
)
SELECT p.id, named.given, named.family, v.sex, v.birth_date, v.birth_precision,
       numbered.numbers, called.phones, borne.mothers, housed.district, housed.address
FROM register_person p
JOIN named ON named.person_id = p.id
LEFT JOIN register_vitals v ON v.person_id = p.id AND v.superseded_at IS NULL
LEFT JOIN numbered ON numbered.person_id = p.id
LEFT JOIN called ON called.person_id = p.id
LEFT JOIN borne ON borne.person_id = p.id
LEFT JOIN housed ON housed.person_id = p.id
WHERE %(everybody)s OR p.id = ANY(%(persons)s::uuid[])
"""


def traits_by_person(*, person_ids: Collection[UUID] | None) -> Iterator[tuple[UUID, Traits]]:
    """Yield what is compared of people; of everybody registered where no ids are given."""
    if person_ids is not None and not person_ids:
        return
    asked: Mapping[str, Any] = {
        "everybody": person_ids is None,
        "persons": sorted(person_ids or ()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_DESCRIBED, asked)
        while rows := cursor.fetchmany(20_000):
            for row in rows:
                yield row[0], traits_of(_described(row))


def _described(row: Sequence[Any]) -> Described:
    given, family = row[1], row[2]
    return Described(
        given_names=given[0],
        family_name=family[0],
        former_families=tuple(family[1:]),
        sex=row[3] or "unknown",
        birth_date=row[4],
        birth_precision=row[5] or "day",
        identifiers=tuple((kind, issuer, value) for kind, issuer, value in row[6] or ()),
        phones=tuple(row[7] or ()),
        mothers=tuple(row[8] or ()),
        district=row[9] or "",
        address=row[10] or "",
    )


_WOMEN: Final = """
SELECT trim(n.given_names || ' ' || n.family_name)
FROM register_personname n
JOIN register_vitals v ON v.person_id = n.person_id AND v.superseded_at IS NULL
WHERE n.person_id = ANY(%(persons)s::uuid[]) AND n.superseded_at IS NULL AND v.sex = 'female'
ORDER BY n.starts_on DESC, n.id
"""


def mothers_among(*, parent_ids: Collection[UUID]) -> tuple[str, ...]:
    """Return the names of those parents who are women."""
    if not parent_ids:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(_WOMEN, {"persons": list(parent_ids)})
        return tuple(name for (name,) in cursor.fetchall())
