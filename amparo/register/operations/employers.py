"""Registering employers, and who works for them.

based_on: the facts that an officer had read, as `facts.require_unchanged` wants them; what somebody
else has written since is not overwritten, FactChangedMeanwhile is raised instead.
"""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.office.operations import next_number
from amparo.register import days, facts
from amparo.register.identifiers import is_activity, is_occupation
from amparo.register.identities import records_of
from amparo.register.models import Employer, EmployerProfile, Employment, Establishment
from amparo.register.naming import NotAName, clean_words, number_form, search_form
from amparo.register.operations._common import (
    by_officer,
    check_start,
    explained,
    ground,
    life_events,
    lock_employer,
    lock_person,
    possible_lives,
)
from amparo.register.operations._parts import UnableToRegister
from amparo.register.records import (
    CONTRACTS,
    UNKNOWN_START,
    Grounds,
    NewEmployer,
    NewEstablishment,
)
from amparo.register.reference import ACTIVITIES, OCCUPATIONS, UNITS, check_code
from amparo.values import Access, Right


class EmployerNumberTaken(Exception):
    """Another employer bears the number."""


class AlreadyEmployedThere(Exception):
    """An employment with the same employer covers some of the same days."""


class NotEmployedThere(Exception):
    """No employment with this employer covers the day."""


class NotAnActivity(Exception):
    """The code of an activity is not one of ISIC Rev. 4."""


class NotAnOccupation(Exception):
    """The code of an occupation is not one of ISCO-08."""


@transaction.atomic
def register_employer(*, employer: NewEmployer, access: Access, at: datetime) -> UUID:
    """Register an employer; return their id.

    Raises EmployerNumberTaken, NotAName, NotAnActivity.
    """
    access.require(Right.EMPLOYER_REGISTER)
    number = number_form(employer.number) or next_number(series="E", on=localdate(at))
    anchor = Employer(number=number, registered_at=at)
    taken = EmployerNumberTaken(
        _("An employer with this number is registered. Search for the number first.")
    )
    with explained({"employer_number_plain": taken, "register_employer_number_key": taken}):
        anchor.save(force_insert=True)
    fact_id = _state_profile(anchor.id, employer, UNKNOWN_START, None, access, at)
    life_events(kind="registered", on_date=localdate(at), facts=[(None, anchor.id, fact_id)], at=at)
    record(
        kind="register.employer_registered",
        access=access,
        subject_kind="employer",
        subject_id=anchor.id,
    )
    return anchor.id


@transaction.atomic
def correct_employer(
    *,
    employer_id: UUID,
    profile: NewEmployer,
    starts_on: date | None,
    access: Access,
    at: datetime,
    ends_before: date | None = None,
    based_on: Collection[UUID] | None = None,
) -> UUID:
    """Write down another name, activity or place of an employer, true from a day on.

    starts_on: None where it holds from the beginning; ends_before: where another profile follows.
    The number stays. Raises NotAName, NotAnActivity, ImpossibleDay, NotAPeriod.
    """
    access.require(Right.EMPLOYER_REGISTER)
    days.check_start(starts_on, birth_date=None, on=localdate(at))
    days.check_end(ends_before)
    lock_employer(employer_id)
    facts.require_unchanged(
        model=EmployerProfile, of={"employer_id": employer_id}, based_on=based_on
    )
    fact_id = _state_profile(
        employer_id, profile, starts_on or UNKNOWN_START, ends_before, access, at
    )
    record(
        kind="register.employer_changed",
        access=access,
        subject_kind="employer",
        subject_id=employer_id,
        details={"fact": str(fact_id)},
    )
    return fact_id


@transaction.atomic
def start_employment(
    *,
    person_id: UUID,
    employer_id: UUID,
    starts_on: date,
    occupation: str = "",
    contract: str = "",
    establishment: str = "",
    access: Access,
    at: datetime,
    grounds: Grounds | None = None,
) -> UUID:
    """Write down that a person works for an employer from a day on.

    contract: one of CONTRACTS; establishment: the employer's own code for the place of work. Empty
    where nobody said. Raises AlreadyEmployedThere, ImpossibleDay, NotAnOccupation, NotInTheList,
    UnableToRegister, ImpossibleLife.
    """
    access.require(Right.EMPLOYER_REGISTER)
    if occupation and not is_occupation(occupation):
        raise NotAnOccupation(_("An occupation is a code of ISCO-08: one to four digits."))
    if contract and contract not in CONTRACTS:
        raise UnableToRegister(_("There is no such kind of contract. Choose one of the list."))
    check_code(list_code=OCCUPATIONS, code=occupation, on=starts_on, at=at)
    _check_establishment(employer_id, establishment, starts_on, at)
    lock_person(person_id)
    lock_employer(employer_id)
    with reading(
        access=access, right=Right.EMPLOYER_REGISTER, subject_kind="person", subject_id=person_id
    ):
        check_start(person_id=person_id, starts_on=starts_on, at=at)
    fact = Employment(
        person_id=person_id,
        employer_id=employer_id,
        occupation=occupation,
        contract=contract,
        establishment=establishment,
        starts_on=starts_on,
        recorded_at=at,
        source="officer",
        recorded_by=access.actor_id,
    )
    overlapping = AlreadyEmployedThere(
        _("The person works for this employer already on some of these days. End that one first.")
    )
    with (
        explained({"one_employment_with_an_employer_at_a_time": overlapping}),
        possible_lives(),
    ):
        fact.save(force_insert=True)
    ground(person_id=person_id, fact_id=fact.id, grounds=grounds, access=access, at=at)
    _journal_work("hire", person_id, employer_id, fact.id, starts_on, access, at)
    return fact.id


@transaction.atomic
def end_employment(
    *,
    person_id: UUID,
    employer_id: UUID,
    ends_before: date,
    access: Access,
    at: datetime,
    grounds: Grounds | None = None,
    based_on: Collection[UUID] | None = None,
) -> None:
    """Write down that an employment ended; `ends_before` is the first day without it.

    Written down by mistake, it ends on the day it began. Raises NotEmployedThere.
    """
    access.require(Right.EMPLOYER_REGISTER)
    days.check_end(ends_before)
    lock_person(person_id)
    with reading(
        access=access, right=Right.EMPLOYER_REGISTER, subject_kind="person", subject_id=person_id
    ):
        keys = {"person_id": person_id, "employer_id": employer_id}
        facts.require_unchanged(model=Employment, of=keys, based_on=based_on)
        # On a merged record of the person, work still runs, and is ended there.
        running = (
            Employment.objects.filter(
                person_id__in=records_of(person_id=person_id),
                employer_id=employer_id,
                superseded_at=None,
            )
            .filter(starts_on__lte=ends_before)
            .exclude(ends_before__lte=ends_before)
            .order_by("starts_on")
            .first()
        )
        if running is None:
            raise NotEmployedThere(
                _("No employment with this employer runs beyond that day. Check the date.")
            )
        facts.retract(
            model=Employment,
            of={**keys, "person_id": running.person_id},
            starts_on=ends_before,
            ends_before=running.ends_before,
            origin=by_officer(access=access, at=at),
        )
    ground(person_id=person_id, fact_id=running.id, grounds=grounds, access=access, at=at)
    _journal_work("leave", person_id, employer_id, running.id, ends_before, access, at)


@transaction.atomic
def state_establishment(
    *,
    employer_id: UUID,
    place: NewEstablishment,
    starts_on: date | None,
    access: Access,
    at: datetime,
) -> UUID:
    """Write down where an employer's people work, from a day on; None: since ever.

    Raises NotAName, UnableToRegister, NotInTheList, NobodyThere.
    """
    access.require(Right.EMPLOYER_REGISTER)
    days.check_start(starts_on, birth_date=None, on=localdate(at))
    code = clean_words(place.code, at_most=20)
    name, district = clean_words(place.name, at_most=160), clean_words(place.district, at_most=60)
    if not (code and name and district):
        raise UnableToRegister(
            _("An establishment has a code, a name and a district. Write all three.")
        )
    for list_code, said in ((ACTIVITIES, place.activity), (UNITS, place.unit)):
        check_code(list_code=list_code, code=said, on=starts_on, at=at)
    lock_employer(employer_id)
    fact_id = facts.state(
        model=Establishment,
        of={"employer_id": employer_id, "code": code},
        values={
            "name": name,
            "activity": place.activity,
            "district": district,
            "unit": place.unit,
        },
        starts_on=starts_on or UNKNOWN_START,
        ends_before=None,
        origin=by_officer(access=access, at=at),
    )
    record(
        kind="register.establishment_stated",
        access=access,
        subject_kind="employer",
        subject_id=employer_id,
        details={"fact": str(fact_id)},
    )
    return fact_id


def _check_establishment(employer_id: UUID, code: str, on: date, at: datetime) -> None:
    places = Establishment.objects.filter(employer_id=employer_id, code=code)
    if code and not facts.as_of(places, on=on, known_at=at).exists():
        raise UnableToRegister(
            _("The employer has no such establishment on that day. Write it down first.")
        )


def _state_profile(
    employer_id: UUID,
    profile: NewEmployer,
    starts_on: date,
    ends_before: date | None,
    access: Access,
    at: datetime,
) -> UUID:
    name = clean_words(profile.name, at_most=160)
    if not name:
        raise NotAName(_("An employer needs a name. Write the one it trades under."))
    if not is_activity(profile.activity):
        raise NotAnActivity(_("An activity is a code of ISIC Rev. 4: two to four digits."))
    return facts.state(
        model=EmployerProfile,
        of={"employer_id": employer_id},
        values={
            "name": name,
            "search_name": search_form(name),
            "activity": profile.activity,
            "district": clean_words(profile.district, at_most=60),
        },
        starts_on=starts_on,
        ends_before=ends_before,
        origin=by_officer(access=access, at=at),
    )


def _journal_work(
    kind: str,
    person_id: UUID,
    employer_id: UUID,
    fact_id: UUID,
    on_date: date,
    access: Access,
    at: datetime,
) -> None:
    life_events(kind=kind, on_date=on_date, facts=[(person_id, employer_id, fact_id)], at=at)
    record(
        kind=f"register.{kind}",
        access=access,
        subject_kind="person",
        subject_id=person_id,
        details={"employer": str(employer_id), "fact": str(fact_id)},
    )
