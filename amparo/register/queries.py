"""What the register answers.

Functions that take `access` open their own reading. The others say "inside `reading`": they serve
rooms that already read for a purpose of their own. Each takes the day and the instant it is asked
for; the number of SQL statements never depends on the number of rows.

A person may have several records, of which one survived (`identities`): who asks for any of them is
answered about the person, from the facts of all, under the surviving record's id and number.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Protocol
from uuid import UUID

from django.conf import settings
from django.db import connection, models
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import JSONObject, Replace
from django.utils.translation import gettext as _

from amparo.journal.operations import salted_hash
from amparo.journal.reading import reading
from amparo.register.facts import F, as_of, known, stated_names, stated_values, times_of
from amparo.register.identities import leading, records_of, records_of_each, survivors_of
from amparo.register.models import (
    CivilStatus,
    Contact,
    EmployerProfile,
    Employment,
    Establishment,
    Fact,
    FactGrounds,
    Household,
    HouseholdMember,
    Identifier,
    Kinship,
    Nationality,
    OtherName,
    PaymentAccount,
    Person,
    PersonName,
    Representation,
    Residence,
    SpecialFact,
    SpokenLanguage,
    Vitals,
)
from amparo.register.naming import identifier_form, search_form
from amparo.register.records import (
    UNKNOWN_START,
    AccountFact,
    DecisionFacts,
    EmployerRecord,
    EmployerSummary,
    EmploymentFact,
    EstablishmentFact,
    FactTimes,
    Grounds,
    HistoryLine,
    HouseholdMemberFact,
    HouseholdRecord,
    IdentifierFact,
    KinFact,
    NameFact,
    PayeeFact,
    PersonRecord,
    PersonSummary,
    ResidenceFact,
    StatedFact,
    VitalsFact,
)
from amparo.register.special import reading_special
from amparo.values import Access, Page, Right, age_on

PAGE_SIZE: Final = 20
# What a person's record is made of: each costs statements of its own.
PARTS: Final = (
    "name",
    "vitals",
    "identifiers",
    "kin",
    "household",
    "residence",
    "employments",
    "account",
    "payees",
    "further",
)

# The facts of which a person may have several, by what they are called.
SEVERAL: Final[Mapping[str, type[Fact]]] = {
    "other-name": OtherName,
    "civil-status": CivilStatus,
    "nationality": Nationality,
    "language": SpokenLanguage,
    "contact": Contact,
}

# What somebody is to a person, seen from the other end of the tie.
_OTHER_END: Final = {"parent": "child", "guardian": "ward", "spouse": "spouse"}


class _TimedFact(Protocol):
    """Any fact of a record: it carries its times and its id."""

    @property
    def times(self) -> FactTimes: ...


class NoSuchPerson(Exception):
    """The register holds no person with this id."""


class NoSuchEmployer(Exception):
    """The register holds no employer with this id."""


# --- finding persons --------------------------------------------------------------------------


def find_persons(
    *, text: str, access: Access, page: int = 1, page_size: int = PAGE_SIZE
) -> Page[PersonSummary]:
    """Find persons by name (tolerant of spelling and order), identifier or person number."""
    words, number = search_form(text), identifier_form(text)
    with reading(
        access=access,
        right=Right.PERSON_READ,
        details={"looked_for": "persons", "text": salted_hash(text=words)},
    ):
        if not words and not number:
            return Page(rows=(), number=page, size=page_size, total=0)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT person_id, total FROM register_search_persons(%s, %s, %s, %s)",
                [words, number, (page - 1) * page_size, page_size],
            )
            found = cursor.fetchall()
        summaries = summaries_of(person_ids=[person_id for person_id, _total in found])
    return Page(
        rows=tuple(summaries[person_id] for person_id, _total in found),
        number=page,
        size=page_size,
        total=found[0][1] if found else 0,
    )


def persons_by_identifier(*, values: Collection[str]) -> dict[str, UUID]:
    """Map identifiers or person numbers, as typed, to persons. Call it inside `reading`.

    A value that names nobody, or more than one person (two issuers, one number), is left out.
    """
    typed: dict[str, list[str]] = {}
    for value in values:
        typed.setdefault(identifier_form(value), []).append(value)
    typed.pop("", None)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT value, (array_agg(person_id))[1] FROM (
                SELECT i.value, i.person_id FROM register_identifier i
                WHERE i.superseded_at IS NULL AND i.value = ANY(%(values)s)
                UNION
                SELECT replace(p.number, '-', ''), p.id FROM register_person p
                WHERE replace(p.number, '-', '') = ANY(%(values)s)
            ) AS named GROUP BY value HAVING count(*) = 1
            """,
            {"values": list(typed)},
        )
        return {
            value: person_id for plain, person_id in cursor.fetchall() for value in typed[plain]
        }


def record_numbered(*, number: str) -> UUID | None:
    """Return the record that bears exactly this number, merged or not; None where none does."""
    wanted = identifier_form(number)
    plain = Replace("number", Value("-"), Value(""))
    found = Person.objects.annotate(plain=plain).filter(plain=wanted)
    return found.values_list("id", flat=True).first() if wanted else None


def summaries_of(*, person_ids: Collection[UUID]) -> dict[UUID, PersonSummary]:
    """Return how persons appear in lists, on what is known now. Call it inside `reading`.

    By the id asked for; of a merged record, how the person appears whose record it is.
    """
    found, linked = _summaries(person_ids)
    records = records_of_each(person_ids=linked)
    others = {each for ids in records.values() for each in ids} - set(found)
    alone = found | _summaries(others)[0]
    return {
        asked: _completed([alone[each] for each in records.get(asked, (asked,))]) for asked in found
    }


def _completed(records: Sequence[PersonSummary]) -> PersonSummary:
    """Add to the surviving record, the first, what only the others say."""
    if len(records) == 1:
        return records[0]
    return replace(
        records[0],
        national_id=next((one.national_id for one in records if one.national_id), ""),
        district=next((one.district for one in records if one.district), ""),
        other_records=tuple((one.person_id, one.number) for one in records[1:]),
    )


def records_as_they_stand(*, person_ids: Collection[UUID]) -> dict[UUID, PersonSummary]:
    """Return how records appear each for itself, merged or not. Call it inside `reading`."""
    return _summaries(person_ids)[0]


def _summaries(person_ids: Collection[UUID]) -> tuple[dict[UUID, PersonSummary], set[UUID]]:
    """Return how records appear each for itself, and which of them are linked to others."""
    if not person_ids:
        return {}, set()
    with connection.cursor() as cursor:
        cursor.execute(_SUMMARIES, [list(person_ids)])
        rows = cursor.fetchall()
    summaries = {
        row[0]: PersonSummary(
            person_id=row[0],
            number=row[1],
            name=row[2],
            sex=row[3],
            birth_date=row[4],
            birth_precision=row[5],
            death_date=row[6],
            national_id=row[7],
            district=row[8],
        )
        for row in rows
    }
    return summaries, {row[0] for row in rows if row[9]}


# The latest of what is known now: a former name or home is not the one to show.
_SUMMARIES: Final = """
SELECT p.id, p.number, coalesce(n.full_name, ''), coalesce(v.sex, 'unknown'), v.birth_date,
       coalesce(v.birth_precision, 'day'), v.death_date, coalesce(i.value, ''),
       coalesce(r.district, ''),
       EXISTS (SELECT FROM register_identitylink l
               WHERE l.person_id = p.id AND l.superseded_at IS NULL)
       OR EXISTS (SELECT FROM register_identitylink l
                  WHERE l.survivor_id = p.id AND l.superseded_at IS NULL)
FROM register_person p
LEFT JOIN LATERAL (
    SELECT trim(CASE WHEN is_family_first
               THEN concat_ws(' ', family_name, given_names, patronymic)
               ELSE concat_ws(' ', given_names, nullif(patronymic, ''), family_name) END)
           AS full_name FROM register_personname
    WHERE person_id = p.id AND superseded_at IS NULL ORDER BY starts_on DESC LIMIT 1
) n ON true
LEFT JOIN register_vitals v ON v.person_id = p.id AND v.superseded_at IS NULL
LEFT JOIN LATERAL (
    SELECT value FROM register_identifier
    WHERE person_id = p.id AND superseded_at IS NULL AND kind = 'national-id'
    ORDER BY starts_on DESC, value LIMIT 1
) i ON true
LEFT JOIN LATERAL (
    SELECT district FROM register_residence
    WHERE person_id = p.id AND superseded_at IS NULL ORDER BY starts_on DESC LIMIT 1
) r ON true
WHERE p.id = ANY(%s)
"""


# --- one person -------------------------------------------------------------------------------


def person_record(
    *,
    person_id: UUID,
    access: Access,
    as_of: date,
    known_at: datetime,
    is_alone: bool = False,
    parts: Collection[str] = PARTS,
) -> PersonRecord:
    """Return a person as true on `as_of` and known at `known_at`. Raises NoSuchPerson.

    is_alone: only what this one record says, whoever's record it proved to be. parts: what of
    PARTS is read; the others come back empty, as where nothing is known.
    """
    with reading(
        access=access, right=Right.PERSON_READ, subject_kind="person", subject_id=person_id
    ):
        records = records_of(person_id=person_id, known_at=known_at)
        moment = _Moment(as_of, known_at, (person_id,) if is_alone else records)
        anchor = _person(moment.records[0])
        wanted = frozenset(parts)
        acting, receives_for = _representations(moment) if "payees" in wanted else ((), ())
        return PersonRecord(
            person_id=anchor.id,
            records=moment.records,
            number=anchor.number,
            registered_at=anchor.registered_at,
            as_of=as_of,
            known_at=known_at,
            name=_name(moment) if "name" in wanted else None,
            vitals=_vitals(moment) if "vitals" in wanted else None,
            identifiers=_identifiers(moment) if "identifiers" in wanted else (),
            kin=_kin(moment) if "kin" in wanted else (),
            household=_household(moment) if "household" in wanted else None,
            residence=_residence(moment) if "residence" in wanted else None,
            employments=_employments(
                known(_rows(Employment, moment.own), at=known_at).order_by("-starts_on", "id")
            )
            if "employments" in wanted
            else (),
            account=_account(moment) if "account" in wanted else None,
            payee=next((one for one in acting if one.kind == "payee"), None),
            receives_for=receives_for,
            representatives=tuple(one for one in acting if one.kind != "payee"),
            further=_further(moment) if "further" in wanted else (),
        )


# What the history calls a person's own facts. A tie or a payee concerns two people: `_OTHER_SIDE`
# names the column of the second.
_FACTS: Final[Mapping[str, type[Fact]]] = {
    "name": PersonName,
    "vitals": Vitals,
    "identifier": Identifier,
    "kinship": Kinship,
    "household": HouseholdMember,
    "residence": Residence,
    "employment": Employment,
    "payee": Representation,
    "payment-account": PaymentAccount,
    **SEVERAL,
}
_OTHER_SIDE: Final = {"kinship": "relative_id", "payee": "representative_id"}


def known_fact_ids(*, person_id: UUID, kind: str, access: Access) -> tuple[UUID, ...]:
    """Return the ids of all facts of a kind now known of a person, whenever they are true.

    kind: as `fact_history` calls it. A change rests on these facts: its operation refuses it once
    others are known. Of what concerns two people, those written at this person.
    """
    with reading(
        access=access, right=Right.PERSON_READ, subject_kind="person", subject_id=person_id
    ):
        known_now = _rows(_FACTS[kind], Q(person_id=person_id, superseded_at=None))
        return tuple(known_now.order_by("id").values_list("pk", flat=True))


def fact_history(
    *, person_id: UUID, access: Access, kinds: Collection[str] = tuple(_FACTS)
) -> tuple[HistoryLine, ...]:
    """Return every fact ever known about a person, the last recorded first.

    Of all the person's records as known now; where there are several, each line names its own.
    kinds: those asked for, of those that lines can have.
    """
    with reading(
        access=access,
        right=Right.PERSON_READ,
        subject_kind="person",
        subject_id=person_id,
        details={"looked_for": "history"},
    ):
        records = records_of(person_id=person_id)
        numbers = dict(Person.objects.filter(pk__in=records).values_list("id", "number"))
        if not numbers:
            _person(person_id)
        grounds = _grounds(*records)
        lines = [
            replace(
                _line(kind, fact, grounds.get(fact.id, ())),
                record=_stands_on(fact, kind, numbers) if len(records) > 1 else "",
            )
            for kind, fact in _facts_of(records, kinds)
        ]
    return _last_recorded_first(lines)


def _facts_of(records: Collection[UUID], kinds: Collection[str]) -> list[tuple[str, Fact]]:
    """Return all facts of a person, kind by kind, in one statement for all their tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(_rows_as_json(kind) for kind in kinds), {"records": list(records)}
        )
        rows = [
            (kind, _fact_from(_FACTS[kind], json.loads(row, parse_float=Decimal)))
            for kind, row in cursor.fetchall()
        ]
    order = list(kinds)
    return sorted(rows, key=lambda one: order.index(one[0]))


def _rows_as_json(kind: str) -> str:
    table = _FACTS[kind]._meta.db_table  # noqa: SLF001 — Django's public API
    either = f" OR f.{_OTHER_SIDE[kind]} = ANY(%(records)s)" if kind in _OTHER_SIDE else ""
    return (
        f"SELECT '{kind}', to_jsonb(f)::text FROM {table} f"  # noqa: S608 — our own names
        f" WHERE f.person_id = ANY(%(records)s){either}"
    )


def _fact_from(model: type[Fact], columns: Mapping[str, object]) -> Fact:
    """Make a fact of its row as JSON, each value in the type of its column."""
    fields = model._meta.concrete_fields  # noqa: SLF001 — Django's public API
    return model(**{field.attname: field.to_python(columns[field.attname]) for field in fields})


def _stands_on(fact: Fact, kind: str, numbers: Mapping[UUID, str]) -> str:
    """Return the number of that record of the person on which a fact stands."""
    sides = ("person_id", _OTHER_SIDE.get(kind, "person_id"))
    return next(numbers[who] for side in sides if (who := getattr(fact, side)) in numbers)


def _line(kind: str, fact: Fact, grounds: tuple[Grounds, ...] = ()) -> HistoryLine:
    return HistoryLine(
        kind=kind,
        values=_written(fact),
        times=times_of(fact),
        grounds=grounds,
    )


def _last_recorded_first(lines: Collection[HistoryLine]) -> tuple[HistoryLine, ...]:
    return tuple(sorted(lines, key=lambda line: line.times.recorded_at, reverse=True))


def special_facts(
    *, person_id: UUID, access: Access, as_of: date, known_at: datetime
) -> tuple[StatedFact, ...]:
    """Return what is protected more than other facts, with the right to it. Raises NoSuchPerson."""
    with reading_special(access=access, right=Right.SPECIAL_READ, person_id=person_id):
        _person(person_id)
        found = _Moment(as_of, known_at).of(SpecialFact.objects.filter(person_id=person_id))
        return tuple(_stated("special", fact) for fact in found.order_by("category", "code"))


def special_history(*, person_id: UUID, access: Access) -> tuple[HistoryLine, ...]:
    """Return every such fact ever known about a person, the last recorded first."""
    with reading_special(access=access, right=Right.SPECIAL_READ, person_id=person_id):
        _person(person_id)
        grounds = _grounds(person_id)
        return _last_recorded_first(
            [
                _line("special", fact, grounds.get(fact.id, ()))
                for fact in SpecialFact.objects.filter(person_id=person_id)
            ]
        )


# --- for deciding -----------------------------------------------------------------------------


def facts_for_decision(*, person_id: UUID, as_of: date, known_at: datetime) -> DecisionFacts:
    """Return what the register states about a person. Call it inside `reading`.

    values, a None being unknown and never "no":
    - `date_of_birth`: the day, None unless the day is known; `earliest_date_of_birth` and
      `latest_date_of_birth` bound it where only month or year are known
    - `year_of_birth`; `age`: completed years on `as_of`, where what is known of the birth suffices
    - `sex`: "female", "male", "other"; `date_of_death`: also of a death after `as_of`
    - `is_alive`: whether they lived on `as_of`
    - `country_of_residence`, `district`; `is_resident`: whether they live in the institution's
      country; `resident_since`: None where nobody knows since when
    - `is_citizen`: whether a citizenship recorded is that of the institution's country; None where
      no nationality is recorded
    - `civil_status`: as recorded
    - `household_size`: None outside any household
    - `children`: a list of {person_id, date_of_birth, date_of_death, is_alive} of those born by
      `as_of` or on a day nobody knows
    - `parents`: the number of parents known; `has_payment_account`
    Raises NoSuchPerson.
    """
    moment = _Moment(as_of, known_at, records_of(person_id=person_id, known_at=known_at))
    _person(moment.records[0])
    vitals, residence = _vitals(moment), _residence(moment)
    household, account = _household(moment), _account(moment)
    nationalities = list(moment.of(_rows(Nationality, moment.own)))
    status = moment.leading(CivilStatus)
    kin = _kin(moment)
    children = [
        relative
        for relative in kin
        if relative.kind == "child"
        and (relative.birth_date is None or relative.birth_date <= as_of)
    ]
    parents = [relative for relative in kin if relative.kind == "parent"]
    earliest, latest = _birth_bounds(vitals)
    values: dict[str, object] = {
        "date_of_birth": earliest if earliest == latest else None,
        "earliest_date_of_birth": earliest,
        "latest_date_of_birth": latest,
        "year_of_birth": earliest.year if earliest else None,
        "age": _age(earliest, latest, as_of),
        "sex": vitals.sex if vitals and vitals.sex != "unknown" else None,
        "date_of_death": vitals.death_date if vitals else None,
        "is_alive": _is_alive(vitals.death_date, as_of) if vitals else None,
        "country_of_residence": residence.country if residence else None,
        "is_resident": residence.country == settings.COUNTRY if residence else None,
        "is_citizen": any(map(_is_ours, nationalities)) if nationalities else None,
        "civil_status": status.status if status else None,
        "district": residence.district if residence else None,
        "resident_since": residence.times.starts_on if residence else None,
        "household_size": len(household.members) if household else None,
        "children": [
            {
                "person_id": str(child.person_id),
                "date_of_birth": child.birth_date,
                "date_of_death": child.death_date,
                "is_alive": _is_alive(child.death_date, as_of),
            }
            for child in children
        ],
        "parents": len(parents),
        "has_payment_account": account is not None,
    }
    own_vitals = _fact_ids(vitals)
    home = _fact_ids(residence)
    sources = {
        "country_of_residence": home,
        "is_resident": home,
        "district": home,
        "resident_since": home,
        "is_citizen": tuple(one.id for one in nationalities),
        "civil_status": (status.id,) if status else (),
        "household_size": _fact_ids(*household.members) if household else (),
        "children": _fact_ids(*children)
        + tuple(child.vitals_fact_id for child in children if child.vitals_fact_id is not None),
        "parents": _fact_ids(*parents),
        "has_payment_account": _fact_ids(account),
    }
    facts_of = {name: sources.get(name, own_vitals) for name in values}
    return DecisionFacts(
        person_id=person_id,
        as_of=as_of,
        known_at=known_at,
        values=values,
        fact_ids=tuple(dict.fromkeys(fact_id for ids in facts_of.values() for fact_id in ids)),
        facts_of=facts_of,
    )


def _is_ours(nationality: Nationality) -> bool:
    return nationality.kind == "citizenship" and nationality.country == settings.COUNTRY


def _fact_ids(*known: _TimedFact | None) -> tuple[UUID, ...]:
    """Return the ids of the facts that are known, in order."""
    return tuple(fact.times.fact_id for fact in known if fact is not None)


# --- employers --------------------------------------------------------------------------------


def find_employers(
    *, text: str, access: Access, page: int = 1, page_size: int = PAGE_SIZE
) -> Page[EmployerSummary]:
    """Find employers by name (tolerant of spelling) or number; an empty text lists all."""
    access.require(Right.EMPLOYER_READ)
    with connection.cursor() as cursor:
        cursor.execute(
            _FIND_EMPLOYERS,
            {
                "words": search_form(text),
                "number": identifier_form(text),
                "first": (page - 1) * page_size,
                "count": page_size,
            },
        )
        found = cursor.fetchall()
    rows = tuple(
        EmployerSummary(
            employer_id=row[0], number=row[1], name=row[2], activity=row[3], district=row[4]
        )
        for row in found
    )
    return Page(rows=rows, number=page, size=page_size, total=found[0][5] if found else 0)


_FIND_EMPLOYERS: Final = """
SELECT e.id, e.number, f.name, f.activity, f.district, count(*) OVER ()
FROM register_employer e
JOIN LATERAL (
    SELECT * FROM register_employerprofile
    WHERE employer_id = e.id AND superseded_at IS NULL ORDER BY starts_on DESC LIMIT 1
) f ON true
WHERE %(words)s = '' OR replace(e.number, '-', '') = %(number)s
   OR word_similarity(%(words)s, f.search_name) >= 0.4
ORDER BY (replace(e.number, '-', '') = %(number)s) DESC,
         word_similarity(%(words)s, f.search_name) DESC, e.number
OFFSET %(first)s LIMIT %(count)s
"""


def employers_by_number(*, values: Collection[str]) -> dict[str, UUID]:
    """Map employer numbers, as typed, to employers; unknown ones are left out."""
    typed: dict[str, list[str]] = {}
    for value in values:
        typed.setdefault(identifier_form(value), []).append(value)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT replace(number, '-', ''), id FROM register_employer"
            " WHERE replace(number, '-', '') = ANY(%s)",
            [list(typed)],
        )
        return {
            value: employer_id for plain, employer_id in cursor.fetchall() for value in typed[plain]
        }


def employer_summaries(*, employer_ids: Collection[UUID]) -> dict[UUID, EmployerSummary]:
    """Return how employers appear in lists, on what is known now."""
    profiles = (
        EmployerProfile.objects.filter(employer_id__in=employer_ids, superseded_at=None)
        .select_related("employer")
        .order_by("starts_on")
    )
    return {
        profile.employer_id: EmployerSummary(
            employer_id=profile.employer_id,
            number=profile.employer.number,
            name=profile.name,
            activity=profile.activity,
            district=profile.district,
        )
        for profile in profiles
    }


def employer_record(
    *, employer_id: UUID, access: Access, as_of: date, known_at: datetime
) -> EmployerRecord:
    """Return an employer as true on `as_of` and known at `known_at`. Raises NoSuchEmployer."""
    moment = _Moment(as_of, known_at)
    with reading(
        access=access, right=Right.EMPLOYER_READ, subject_kind="employer", subject_id=employer_id
    ):
        profile = (
            moment.of(EmployerProfile.objects.filter(employer_id=employer_id))
            .select_related("employer")
            .first()
        )
        if profile is None:
            raise NoSuchEmployer(
                _("No employer with this id was known then. Search for the employer again.")
            )
        workers = moment.of(Employment.objects.filter(employer_id=employer_id)).count()
    return EmployerRecord(
        employer_id=employer_id,
        number=profile.employer.number,
        registered_at=profile.employer.registered_at,
        as_of=as_of,
        known_at=known_at,
        name=profile.name,
        activity=profile.activity,
        district=profile.district,
        times=times_of(profile),
        worker_count=workers,
    )


def employer_history(*, employer_id: UUID, access: Access) -> tuple[HistoryLine, ...]:
    """Return every name, activity and place ever known of an employer, the last recorded first."""
    with reading(
        access=access, right=Right.EMPLOYER_READ, subject_kind="employer", subject_id=employer_id
    ):
        found = EmployerProfile.objects.filter(employer_id=employer_id)
        return _last_recorded_first([_line("employer", fact) for fact in found])


def establishments_of(
    *, employer_id: UUID, access: Access, as_of: date, known_at: datetime
) -> tuple[EstablishmentFact, ...]:
    """Return where an employer's people work on a day, by code."""
    access.require(Right.EMPLOYER_READ)
    places = _Moment(as_of, known_at).of(Establishment.objects.filter(employer_id=employer_id))
    return tuple(
        EstablishmentFact(
            times=times_of(place),
            code=place.code,
            name=place.name,
            district=place.district,
            activity=place.activity,
            unit=place.unit,
        )
        for place in places.order_by("code")
    )


def employments_of_employer(
    *,
    employer_id: UUID,
    access: Access,
    as_of: date,
    known_at: datetime,
    page: int = 1,
    page_size: int = PAGE_SIZE,
) -> Page[EmploymentFact]:
    """Return who works for an employer on a day, by person number."""
    with reading(
        access=access, right=Right.EMPLOYER_READ, subject_kind="employer", subject_id=employer_id
    ):
        working = _Moment(as_of, known_at).of(Employment.objects.filter(employer_id=employer_id))
        total = working.count()
        first = (page - 1) * page_size
        rows = _employments(working.order_by("person__number")[first : first + page_size])
    return Page(rows=rows, number=page, size=page_size, total=total)


# --- facts of one person, each as true on a day and known at an instant ------------------------


class _Moment:
    """The day and the instant a question is asked for, and the records of whom it is asked."""

    def __init__(self, on: date, known_at: datetime, records: Sequence[UUID] = ()) -> None:
        self.on, self.known_at, self.records = on, known_at, tuple(records)

    @property
    def own(self) -> Q:
        return Q(person_id__in=self.records)

    def of(self, rows: QuerySet[F]) -> QuerySet[F]:
        return as_of(rows, on=self.on, known_at=self.known_at)

    def leading(self, model: type[F]) -> F | None:
        """Return the fact that holds where only one can be true: of the first record with one."""
        return leading(self.of(_rows(model, self.own)), whose=self.records)


def _rows(model: type[F], condition: Q) -> QuerySet[F]:
    rows: QuerySet[F] = QuerySet(model)
    return rows.filter(condition)


def _person(person_id: UUID) -> Person:
    anchor = Person.objects.filter(pk=person_id).first()
    if anchor is None:
        raise NoSuchPerson(
            _("There is no person with the id %(id)s. Search for the person again.")
            % {"id": person_id}
        )
    return anchor


def _name(moment: _Moment) -> NameFact | None:
    name = moment.leading(PersonName)
    return None if name is None else _name_fact(name)


def _name_fact(name: PersonName) -> NameFact:
    return NameFact(
        times=times_of(name),
        given_names=name.given_names,
        family_name=name.family_name,
        patronymic=name.patronymic,
        clan=name.clan,
        is_family_first=name.is_family_first,
        script=name.script,
    )


def _vitals(moment: _Moment) -> VitalsFact | None:
    vitals = moment.leading(Vitals)
    if vitals is None:
        return None
    return VitalsFact(
        times=times_of(vitals),
        sex=vitals.sex,
        birth_date=vitals.birth_date,
        birth_precision=vitals.birth_precision,
        death_date=vitals.death_date,
        birth_event=vitals.birth_event,
        birth_latest=vitals.birth_latest,
    )


def _identifiers(moment: _Moment) -> tuple[IdentifierFact, ...]:
    found = moment.of(_rows(Identifier, moment.own)).order_by("kind", "value")
    return tuple(
        IdentifierFact(
            times=times_of(identifier),
            kind=identifier.kind,
            issuer=identifier.issuer,
            value=identifier.value,
            verified_on=identifier.verified_on,
            verified_how=identifier.verified_how,
        )
        for identifier in found
    )


def _kin(moment: _Moment) -> tuple[KinFact, ...]:
    """Return the relatives, each once: somebody with several records is one relative."""
    mine = set(moment.records)
    either = Q(person_id__in=mine) | Q(relative_id__in=mine)
    ties = {
        tie: tie.relative_id if tie.person_id in mine else tie.person_id
        for tie in moment.of(_rows(Kinship, either)).order_by("starts_on", "id")
    }
    merged = survivors_of(person_ids=set(ties.values()), known_at=moment.known_at)
    others = {*ties.values(), *merged.values()} - mine
    called = list(
        moment.of(PersonName.objects.filter(person_id__in=others)).select_related("person")
    )
    names = {name.person_id: _name_fact(name).full for name in called}
    numbers = {name.person_id: name.person.number for name in called}
    if nameless := others - numbers.keys():
        numbers |= dict(Person.objects.filter(pk__in=nameless).values_list("id", "number"))
    vitals = {
        fact.person_id: fact for fact in moment.of(Vitals.objects.filter(person_id__in=others))
    }
    kin: dict[tuple[str, UUID], KinFact] = {}
    for tie, named in ties.items():
        other_id = merged.get(named, named)
        if other_id in mine:
            continue
        kind = tie.kind if tie.person_id in mine else _OTHER_END[tie.kind]
        relative = KinFact(
            times=times_of(tie),
            kind=kind,
            person_id=other_id,
            number=numbers[other_id],
            name=names.get(other_id, ""),
            birth_date=vitals[other_id].birth_date if other_id in vitals else None,
            death_date=vitals[other_id].death_date if other_id in vitals else None,
            vitals_fact_id=vitals[other_id].id if other_id in vitals else None,
            form=tie.form,
        )
        kin.setdefault((kind, other_id), relative)
    return tuple(sorted(kin.values(), key=lambda relative: (relative.kind, relative.number)))


def _household(moment: _Moment) -> HouseholdRecord | None:
    own = moment.of(_rows(HouseholdMember, moment.own))
    members = moment.of(HouseholdMember.objects.filter(household_id__in=own.values("household_id")))
    found = list(members.select_related("household").order_by("starts_on", "id"))
    mine = leading(
        (member for member in found if member.person_id in moment.records), whose=moment.records
    )
    if mine is None:
        return None
    together = [member for member in found if member.household_id == mine.household_id]
    return _household_of(mine.household, together)


def household_then(*, household_id: UUID, on: date, known_at: datetime) -> HouseholdRecord:
    """Return a household with its members, each once, whatever the number of their records.

    Call it inside `reading`, of a household that there is.
    """
    living = HouseholdMember.objects.filter(household_id=household_id)
    members = as_of(living, on=on, known_at=known_at).order_by("starts_on", "id")
    return _household_of(Household.objects.get(pk=household_id), list(members))


def _household_of(household: Household, members: Sequence[HouseholdMember]) -> HouseholdRecord:
    people = summaries_of(person_ids=[member.person_id for member in members])
    facts: dict[UUID, HouseholdMemberFact] = {}
    for member in members:
        person = people[member.person_id]
        fact = HouseholdMemberFact(
            times=times_of(member),
            person_id=person.person_id,
            number=person.number,
            name=person.name,
            role=member.role,
        )
        facts.setdefault(person.person_id, fact)
    return HouseholdRecord(
        household_id=household.id,
        number=household.number,
        members=tuple(
            sorted(facts.values(), key=lambda f: (f.role != "reference-person", f.number))
        ),
    )


def _residence(moment: _Moment) -> ResidenceFact | None:
    residence = moment.leading(Residence)
    if residence is None:
        return None
    return ResidenceFact(
        times=times_of(residence),
        country=residence.country,
        district=residence.district,
        address=residence.address,
        unit=residence.unit,
        latitude=residence.latitude,
        longitude=residence.longitude,
    )


def _account(moment: _Moment) -> AccountFact | None:
    account = moment.leading(PaymentAccount)
    if account is None:
        return None
    return AccountFact(
        times=times_of(account),
        kind=account.kind,
        provider=account.provider,
        account_number=account.account_number,
        verified_on=account.verified_on,
        verified_by=account.verified_by,
    )


def _representations(moment: _Moment) -> tuple[tuple[PayeeFact, ...], tuple[PayeeFact, ...]]:
    """Return who represents a person, and for whom a person receives.

    What the surviving record says comes first.
    """
    either = Q(person_id__in=moment.records) | Q(representative_id__in=moment.records, kind="payee")
    rows = list(moment.of(_rows(Representation, either)))
    people = summaries_of(
        person_ids={side for one in rows for side in (one.person_id, one.representative_id)}
    )
    place = {record: number for number, record in enumerate(moment.records)}

    def seen_from(own: str, other: str) -> tuple[PayeeFact, ...]:
        found = (one for one in rows if getattr(one, own) in place)
        ordered = sorted(found, key=lambda one: (place[getattr(one, own)], one.rank, one.id))
        return tuple(_payee(one, people[getattr(one, other)]) for one in ordered)

    receives_for = seen_from("representative_id", "person_id")
    return (
        seen_from("person_id", "representative_id"),
        tuple(one for one in receives_for if one.kind == "payee"),
    )


def _payee(one: Representation, person: PersonSummary) -> PayeeFact:
    return PayeeFact(
        times=times_of(one),
        person_id=person.person_id,
        number=person.number,
        name=person.name,
        kind=one.kind,
        rank=one.rank,
    )


def _further(moment: _Moment) -> tuple[StatedFact, ...]:
    """Return the facts of which there may be several, kind by kind, the latest first.

    One statement for all kinds: what a fact says comes as one object, by column.
    """
    first, *others = (
        _as_object(kind, moment.of(_rows(model, moment.own))) for kind, model in SEVERAL.items()
    )
    found = [
        StatedFact(
            kind=kind,
            times=FactTimes(
                starts_on=None if day == UNKNOWN_START else day,
                **dict(zip(_TIMES, times, strict=True)),
            ),
            values=_texts(said),
        )
        for kind, said, day, *times in first.union(*others, all=True)
    ]
    kinds = list(SEVERAL)
    found.sort(key=lambda fact: fact.times.fact_id)
    found.sort(key=lambda fact: fact.times.starts_on or UNKNOWN_START, reverse=True)
    return tuple(sorted(found, key=lambda fact: kinds.index(fact.kind)))


# The columns of a fact's times, in the order of `FactTimes`, but for the first day.
_TIMES: Final = {
    "fact_id": "id",
    "ends_before": "ends_before",
    "recorded_at": "recorded_at",
    "superseded_at": "superseded_at",
    "source": "source",
    "source_id": "source_id",
    "recorded_by": "recorded_by",
    "confidence": "confidence",
}


def _as_object(kind: str, rows: QuerySet[Fact]) -> QuerySet[Any, Any]:
    """Select kind, what is said, first day and the other times: alike for every kind."""
    said = {name: models.F(name) for name in stated_names(rows.model)}
    return rows.annotate(kind_=Value(kind), said=JSONObject(**said)).values_list(
        "kind_", "said", "starts_on", *_TIMES.values()
    )


def _stated(kind: str, fact: Fact) -> StatedFact:
    return StatedFact(kind=kind, times=times_of(fact), values=_written(fact))


def _written(fact: Fact) -> dict[str, str]:
    return _texts(stated_values(fact))


def _texts(said: Mapping[str, object]) -> dict[str, str]:
    """Return what a fact says, as texts; what only serves searching is left out."""
    return {
        name: "" if value is None else str(value)
        for name, value in said.items()
        if name != "search_name"
    }


def _grounds(*person_ids: UUID) -> dict[UUID, tuple[Grounds, ...]]:
    """Return why facts of a person were written, by fact, in the order in which it was said."""
    said: dict[UUID, tuple[Grounds, ...]] = {}
    for one in FactGrounds.objects.filter(person_id__in=person_ids).order_by("recorded_at", "id"):
        grounds = Grounds(evidence=one.evidence, reason=one.reason, reference=one.reference)
        said[one.fact_id] = (*said.get(one.fact_id, ()), grounds)
    return said


def _employments(found: QuerySet[Employment]) -> tuple[EmploymentFact, ...]:
    """Return employments with the names of both sides, as known now."""
    works = list(found)
    people = summaries_of(person_ids={work.person_id for work in works})
    employers = employer_summaries(employer_ids={work.employer_id for work in works})
    return tuple(
        EmploymentFact(
            times=times_of(work),
            person_id=work.person_id,
            person_number=people[work.person_id].number,
            person_name=people[work.person_id].name,
            employer_id=work.employer_id,
            employer_number=employers[work.employer_id].number,
            employer_name=employers[work.employer_id].name,
            occupation=work.occupation,
            contract=work.contract,
            establishment=work.establishment,
        )
        for work in works
    )


def _birth_bounds(vitals: VitalsFact | None) -> tuple[date | None, date | None]:
    """Return the first and the last day the birth may have been on."""
    if vitals is None or vitals.birth_date is None:
        return None, None
    first = vitals.birth_date
    if vitals.birth_precision == "event":
        return first, vitals.birth_latest
    if vitals.birth_precision == "day":
        return first, first
    if vitals.birth_precision == "year":
        return first, first.replace(month=12, day=31)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return first, date.fromordinal(after.toordinal() - 1)


def _age(earliest: date | None, latest: date | None, on: date) -> int | None:
    """Return completed years where every possible day of birth gives the same."""
    if earliest is None or latest is None or latest > on:
        return None
    ages = {age_on(birth_date=day, on=on) for day in (earliest, latest)}
    return ages.pop() if len(ages) == 1 else None


def _is_alive(death_date: date | None, on: date) -> bool:
    return death_date is None or death_date > on
