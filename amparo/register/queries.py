"""What the register answers.

Functions that take `access` open their own reading. The others say "inside `reading`": they serve
rooms that already read for a purpose of their own. Each takes the day and the instant it is asked
for; the number of SQL statements never depends on the number of rows.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Final, Protocol
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from amparo.journal.operations import salted_hash
from amparo.journal.reading import reading
from amparo.register.facts import F, as_of, known, stated_values, times_of
from amparo.register.models import (
    EmployerProfile,
    Employment,
    Fact,
    FactGrounds,
    HouseholdMember,
    Identifier,
    Kinship,
    PaymentAccount,
    Person,
    PersonName,
    Representation,
    Residence,
    Vitals,
)
from amparo.register.naming import identifier_form, search_form
from amparo.register.records import (
    AccountFact,
    DecisionFacts,
    EmployerRecord,
    EmployerSummary,
    EmploymentFact,
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
    VitalsFact,
)
from amparo.values import Access, Page, Right, age_on

PAGE_SIZE: Final = 20

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


def summaries_of(*, person_ids: Collection[UUID]) -> dict[UUID, PersonSummary]:
    """Return how persons appear in lists, on what is known now. Call it inside `reading`."""
    if not person_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_SUMMARIES, [list(person_ids)])
        return {
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
            for row in cursor.fetchall()
        }


# The latest of what is known now: a former name or home is not the one to show.
_SUMMARIES: Final = """
SELECT p.id, p.number, coalesce(n.full_name, ''), coalesce(v.sex, 'unknown'), v.birth_date,
       coalesce(v.birth_precision, 'day'), v.death_date, coalesce(i.value, ''),
       coalesce(r.district, '')
FROM register_person p
LEFT JOIN LATERAL (
    SELECT trim(given_names || ' ' || family_name) AS full_name FROM register_personname
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
    *, person_id: UUID, access: Access, as_of: date, known_at: datetime
) -> PersonRecord:
    """Return a person as true on `as_of` and known at `known_at`. Raises NoSuchPerson."""
    with reading(
        access=access, right=Right.PERSON_READ, subject_kind="person", subject_id=person_id
    ):
        anchor = _person(person_id)
        moment = _Moment(as_of, known_at)
        return PersonRecord(
            person_id=person_id,
            number=anchor.number,
            registered_at=anchor.registered_at,
            as_of=as_of,
            known_at=known_at,
            name=_name(moment, person_id),
            vitals=_vitals(moment, person_id),
            identifiers=_identifiers(moment, person_id),
            kin=_kin(moment, person_id),
            household=_household(moment, person_id),
            residence=_residence(moment, person_id),
            employments=_employments(
                known(Employment.objects.filter(person_id=person_id), at=known_at).order_by(
                    "-starts_on", "id"
                )
            ),
            account=_account(moment, person_id),
            payee=next(iter(_payees(moment, Q(person_id=person_id), "representative_id")), None),
            receives_for=_payees(moment, Q(representative_id=person_id), "person_id"),
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


def fact_history(*, person_id: UUID, access: Access) -> tuple[HistoryLine, ...]:
    """Return every fact ever known about a person, the last recorded first."""
    with reading(
        access=access,
        right=Right.PERSON_READ,
        subject_kind="person",
        subject_id=person_id,
        details={"looked_for": "history"},
    ):
        _person(person_id)
        grounds = _grounds(person_id)
        lines = [
            _line(kind, fact, grounds.get(fact.id, ()))
            for kind, model in _FACTS.items()
            for fact in _rows(model, _concerning(person_id, kind))
        ]
    return _last_recorded_first(lines)


def _concerning(person_id: UUID, kind: str) -> Q:
    condition = Q(person_id=person_id)
    other = _OTHER_SIDE.get(kind)
    return condition | Q(**{other: person_id}) if other else condition


def _line(kind: str, fact: Fact, grounds: tuple[Grounds, ...] = ()) -> HistoryLine:
    return HistoryLine(
        kind=kind,
        values={
            name: "" if value is None else str(value)
            for name, value in stated_values(fact).items()
            if name != "search_name"
        },
        times=times_of(fact),
        grounds=grounds,
    )


def _last_recorded_first(lines: Collection[HistoryLine]) -> tuple[HistoryLine, ...]:
    return tuple(sorted(lines, key=lambda line: line.times.recorded_at, reverse=True))


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
    - `is_citizen`: always None, for nationality is not recorded yet
    - `household_size`: None outside any household
    - `children`: a list of {person_id, date_of_birth, date_of_death, is_alive} of those born by
      `as_of` or on a day nobody knows
    - `parents`: the number of parents known; `has_payment_account`
    Raises NoSuchPerson.
    """
    _person(person_id)
    moment = _Moment(as_of, known_at)
    vitals, residence = _vitals(moment, person_id), _residence(moment, person_id)
    household, account = _household(moment, person_id), _account(moment, person_id)
    kin = _kin(moment, person_id)
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
        "is_citizen": None,
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
        "is_citizen": (),
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
    """The day and the instant a question is asked for."""

    def __init__(self, on: date, known_at: datetime) -> None:
        self.on, self.known_at = on, known_at

    def of(self, rows: QuerySet[F]) -> QuerySet[F]:
        return as_of(rows, on=self.on, known_at=self.known_at)


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


def _name(moment: _Moment, person_id: UUID) -> NameFact | None:
    name = moment.of(PersonName.objects.filter(person_id=person_id)).first()
    if name is None:
        return None
    return NameFact(
        times=times_of(name), given_names=name.given_names, family_name=name.family_name
    )


def _vitals(moment: _Moment, person_id: UUID) -> VitalsFact | None:
    vitals = moment.of(Vitals.objects.filter(person_id=person_id)).first()
    if vitals is None:
        return None
    return VitalsFact(
        times=times_of(vitals),
        sex=vitals.sex,
        birth_date=vitals.birth_date,
        birth_precision=vitals.birth_precision,
        death_date=vitals.death_date,
    )


def _identifiers(moment: _Moment, person_id: UUID) -> tuple[IdentifierFact, ...]:
    found = moment.of(Identifier.objects.filter(person_id=person_id)).order_by("kind", "value")
    return tuple(
        IdentifierFact(
            times=times_of(identifier),
            kind=identifier.kind,
            issuer=identifier.issuer,
            value=identifier.value,
        )
        for identifier in found
    )


def _kin(moment: _Moment, person_id: UUID) -> tuple[KinFact, ...]:
    ties = list(
        moment.of(Kinship.objects.filter(Q(person_id=person_id) | Q(relative_id=person_id)))
    )
    others = {tie.relative_id if tie.person_id == person_id else tie.person_id for tie in ties}
    numbers = dict(Person.objects.filter(pk__in=others).values_list("id", "number"))
    names = {
        name.person_id: f"{name.given_names} {name.family_name}".strip()
        for name in moment.of(PersonName.objects.filter(person_id__in=others))
    }
    vitals = {
        fact.person_id: fact for fact in moment.of(Vitals.objects.filter(person_id__in=others))
    }
    kin = [
        KinFact(
            times=times_of(tie),
            kind=tie.kind if tie.person_id == person_id else _OTHER_END[tie.kind],
            person_id=other_id,
            number=numbers[other_id],
            name=names.get(other_id, ""),
            birth_date=vitals[other_id].birth_date if other_id in vitals else None,
            death_date=vitals[other_id].death_date if other_id in vitals else None,
            vitals_fact_id=vitals[other_id].id if other_id in vitals else None,
        )
        for tie in ties
        for other_id in [tie.relative_id if tie.person_id == person_id else tie.person_id]
    ]
    return tuple(sorted(kin, key=lambda relative: (relative.kind, relative.number)))


def _household(moment: _Moment, person_id: UUID) -> HouseholdRecord | None:
    own = (
        moment.of(HouseholdMember.objects.filter(person_id=person_id))
        .select_related("household")
        .first()
    )
    if own is None:
        return None
    members = list(moment.of(HouseholdMember.objects.filter(household_id=own.household_id)))
    people = summaries_of(person_ids=[member.person_id for member in members])
    facts = [
        HouseholdMemberFact(
            times=times_of(member),
            person_id=member.person_id,
            number=people[member.person_id].number,
            name=people[member.person_id].name,
            role=member.role,
        )
        for member in members
    ]
    return HouseholdRecord(
        household_id=own.household_id,
        number=own.household.number,
        members=tuple(sorted(facts, key=lambda f: (f.role != "reference-person", f.number))),
    )


def _residence(moment: _Moment, person_id: UUID) -> ResidenceFact | None:
    residence = moment.of(Residence.objects.filter(person_id=person_id)).first()
    if residence is None:
        return None
    return ResidenceFact(
        times=times_of(residence),
        country=residence.country,
        district=residence.district,
        address=residence.address,
    )


def _account(moment: _Moment, person_id: UUID) -> AccountFact | None:
    account = moment.of(PaymentAccount.objects.filter(person_id=person_id)).first()
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


def _payees(moment: _Moment, condition: Q, other: str) -> tuple[PayeeFact, ...]:
    """Return the payees of a person, or those a person receives for. other: the other side."""
    found = list(moment.of(Representation.objects.filter(condition, kind="payee")))
    people = summaries_of(person_ids=[getattr(one, other) for one in found])
    return tuple(
        PayeeFact(
            times=times_of(one), person_id=person.person_id, number=person.number, name=person.name
        )
        for one in found
        for person in [people[getattr(one, other)]]
    )


def _grounds(person_id: UUID) -> dict[UUID, tuple[Grounds, ...]]:
    """Return why facts of a person were written, by fact, in the order in which it was said."""
    said: dict[UUID, tuple[Grounds, ...]] = {}
    for one in FactGrounds.objects.filter(person_id=person_id).order_by("recorded_at", "id"):
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
        )
        for work in works
    )


def _birth_bounds(vitals: VitalsFact | None) -> tuple[date | None, date | None]:
    """Return the first and the last day the birth may have been on."""
    if vitals is None or vitals.birth_date is None:
        return None, None
    first = vitals.birth_date
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
