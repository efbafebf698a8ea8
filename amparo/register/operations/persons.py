"""Registering a person and writing down what happens to them.

based_on: the facts that an officer had read, as `facts.require_unchanged` wants them; what somebody
else has written since is not overwritten, FactChangedMeanwhile is raised instead.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date, datetime
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.office.operations import next_number
from amparo.register import days, facts
from amparo.register.entry import person_findings, refuse_blocked
from amparo.register.identifiers import (
    is_account_number,
    is_bic,
    is_country,
)
from amparo.register.identities import records_of
from amparo.register.models import (
    Household,
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
from amparo.register.naming import (
    NotAName,
    clean_words,
    identifier_form,
    issuer_form,
)
from amparo.register.operations._common import (
    NobodyThere,
    by_officer,
    check_start,
    explained,
    ground,
    life_events,
    lock_person,
    possible_lives,
)
from amparo.register.operations._match_keys import insert_keys, refresh_keys_about
from amparo.register.operations._parts import UnableToRegister, birth_values, name_values
from amparo.register.operations.matching import meet_people_alike, open_reviews
from amparo.register.records import (
    IDENTIFIER_KINDS,
    UNKNOWN_START,
    Grounds,
    NameParts,
    NewAccount,
    NewIdentifier,
    NewPerson,
    NewResidence,
    Origin,
)
from amparo.register.reference import COUNTRIES, UNITS, check_code
from amparo.values import Access, Right


class IdentifierBelongsToSomebody(Exception):
    """The identifier is already in the register."""


@transaction.atomic
def register_person(
    *, person: NewPerson, access: Access, at: datetime, source_id: UUID | None = None
) -> UUID:
    """Register a person; return their id.

    Whoever in the register may be the same person is put into the queue of pairs to look at; that
    turns nobody away. source_id: the document or claim that brought them here. Raises
    UnableToRegister, IdentifierBelongsToSomebody, ImpossibleDay, NotAName; EntryRefused where an
    entry filter blocks, NoEntryFilters.
    """
    access.require(Right.PERSON_REGISTER)
    birth = birth_values(
        birth_date=person.birth_date,
        birth_precision=person.birth_precision,
        birth_event=person.birth_event,
        at=at,
    )
    findings = person_findings(person=replace(person, birth_date=birth.birth_date), at=at)
    refuse_blocked(findings)
    if person.residence is not None:
        days.check_start(person.residence.starts_on, birth_date=person.birth_date, on=localdate(at))
    origin = by_officer(access=access, at=at, source_id=source_id)
    arrival = meet_people_alike(person=person, access=access, at=at)
    anchor = Person(number=next_number(series="P", on=localdate(at)), registered_at=at)
    anchor.save(force_insert=True)
    _insert(
        PersonName,
        anchor.id,
        origin,
        **name_values(
            given_names=person.given_names, family_name=person.family_name, parts=person.parts
        ),
    )
    vitals_id = _insert(Vitals, anchor.id, origin, sex=person.sex, **asdict(birth))
    for identifier in person.identifiers:
        _insert_identifier(anchor.id, identifier, origin)
    with possible_lives():
        for parent_id in person.parent_ids:
            _insert(Kinship, anchor.id, origin, relative_id=parent_id, kind="parent")
    if person.residence is not None:
        _insert_residence(anchor.id, person.residence, origin)
    if person.account is not None:
        _insert(PaymentAccount, anchor.id, origin, **_account_values(person.account))
    if person.household_id is not None:
        _insert(
            HouseholdMember,
            anchor.id,
            origin,
            household_id=person.household_id,
            role=person.household_role,
        )
    life_events(
        kind="registered", on_date=localdate(at), facts=[(anchor.id, None, vitals_id)], at=at
    )
    insert_keys(person_id=anchor.id, keys=arrival.keys)
    warned = [finding.rule for finding in findings]
    _journal("register.person_registered", access, anchor.id, vitals_id, warned=warned)
    open_reviews(person_id=anchor.id, checked=arrival.checked, access=access, at=at)
    return anchor.id


@transaction.atomic
def open_household(*, access: Access, at: datetime) -> UUID:
    """Open a household without members; return its id."""
    access.require(Right.PERSON_REGISTER)
    household = Household(number=next_number(series="H", on=localdate(at)), registered_at=at)
    household.save(force_insert=True)
    record(
        kind="register.household_opened",
        access=access,
        subject_kind="household",
        subject_id=household.id,
    )
    return household.id


@transaction.atomic
def add_identifier(
    *,
    person_id: UUID,
    identifier: NewIdentifier,
    access: Access,
    at: datetime,
    grounds: Grounds | None = None,
) -> UUID:
    """Write down one more identifier of a person. Raises IdentifierBelongsToSomebody."""
    with _changing(person_id, access):
        fact_id = _insert_identifier(person_id, identifier, by_officer(access=access, at=at))
    ground(person_id=person_id, fact_id=fact_id, grounds=grounds, access=access, at=at)
    _journal("register.identifier_added", access, person_id, fact_id)
    return fact_id


@transaction.atomic
def correct_identifier(
    *,
    person_id: UUID,
    fact_id: UUID,
    identifier: NewIdentifier | None,
    grounds: Grounds,
    access: Access,
    at: datetime,
) -> UUID:
    """Correct an identifier that was written down wrongly; None: it is not this person's at all.

    Return the corrected fact's id, or the withdrawn one's. Raises IdentifierBelongsToSomebody,
    FactChangedMeanwhile when it is no longer current.
    """
    with _changing(person_id, access):
        # It may stand on a merged record of the person, and is then put right there.
        held = Identifier.objects.filter(person_id__in=records_of(person_id=person_id))
        old = held.filter(pk=fact_id).first()
        if old is None:
            raise NobodyThere(_("The person has no such identifier. Read the person's page again."))
        of, origin = {"person_id": old.person_id}, by_officer(access=access, at=at)
        facts.supersede(model=Identifier, of=of, fact_ids=[fact_id], at=at)
        new_id = fact_id
        if identifier is not None:
            new_id = _insert_identifier(
                old.person_id,
                identifier,
                origin,
                starts_on=old.starts_on,
                ends_before=old.ends_before,
            )
        _publish_correction(person_id, new_id, at)
        ground(person_id=person_id, fact_id=new_id, grounds=grounds, access=access, at=at)
        _journal("register.identifier_corrected", access, person_id, new_id, corrected=fact_id)
    return new_id


@transaction.atomic
def change_name(
    *,
    person_id: UUID,
    given_names: str,
    family_name: str,
    parts: NameParts | None = None,
    starts_on: date,
    access: Access,
    at: datetime,
    grounds: Grounds | None = None,
    based_on: Collection[UUID] | None = None,
) -> UUID:
    """Write down that a person bears another name from a day on (marriage, choice).

    parts: what else the name has; None: as in the name borne on that day.
    """
    with _changing(person_id, access):
        _require_unchanged(PersonName, person_id, based_on)
        check_start(person_id=person_id, starts_on=starts_on, at=at)
        names = PersonName.objects.filter(person_id=person_id)
        old = facts.as_of(names, on=starts_on, known_at=at).first()
        fact_id = facts.state(
            model=PersonName,
            of={"person_id": person_id},
            values=_renamed(old, given_names, family_name, parts),
            starts_on=starts_on,
            ends_before=None,
            origin=by_officer(access=access, at=at, grounds=grounds),
        )
        ground(person_id=person_id, fact_id=fact_id, grounds=grounds, access=access, at=at)
        _journal("register.name_changed", access, person_id, fact_id)
    return fact_id


@transaction.atomic
def correct_name(
    *,
    person_id: UUID,
    fact_id: UUID,
    given_names: str,
    family_name: str,
    parts: NameParts | None = None,
    grounds: Grounds,
    access: Access,
    at: datetime,
    based_on: Collection[UUID] | None = None,
) -> UUID:
    """Correct a name that was written down wrongly, for the whole period it was said to hold.

    fact_id: the fact as it was read; raises FactChangedMeanwhile when it is no longer current.
    parts: what else the name has; None: as it was.
    """
    with _changing(person_id, access):
        _require_unchanged(PersonName, person_id, based_on)
        old = PersonName.objects.filter(person_id=person_id, pk=fact_id).first()
        if old is None:
            raise NobodyThere(_("The person has no such name. Read the person's page again."))
        origin = by_officer(access=access, at=at, grounds=grounds)
        facts.supersede(model=PersonName, of={"person_id": person_id}, fact_ids=[fact_id], at=at)
        new_id = facts.state(
            model=PersonName,
            of={"person_id": person_id},
            values=_renamed(old, given_names, family_name, parts),
            starts_on=old.starts_on,
            ends_before=old.ends_before,
            origin=origin,
        )
        _publish_correction(person_id, new_id, at)
        ground(person_id=person_id, fact_id=new_id, grounds=grounds, access=access, at=at)
        _journal("register.name_corrected", access, person_id, new_id, corrected=fact_id)
    return new_id


@transaction.atomic
def correct_vitals(
    *,
    person_id: UUID,
    fact_id: UUID | None,
    sex: str,
    birth_date: date | None,
    birth_precision: str,
    birth_event: str = "",
    death_date: date | None,
    grounds: Grounds,
    access: Access,
    at: datetime,
) -> UUID:
    """Correct sex, birth or death. All are given: what stays is repeated.

    birth_event: where the birth is dated by what people remember; birth_date then plays no part.
    fact_id: the fact as it was read, None where nothing was known; raises FactChangedMeanwhile
    when it is no longer what is known.
    """
    birth = birth_values(
        birth_date=birth_date, birth_precision=birth_precision, birth_event=birth_event, at=at
    )
    _check_death(birth.birth_date, death_date, on=localdate(at))
    with _changing(person_id, access):
        _refuse_other_vitals(person_id, fact_id)
        new_id = facts.state(
            model=Vitals,
            of={"person_id": person_id},
            values={"sex": sex, **asdict(birth), "death_date": death_date},
            starts_on=UNKNOWN_START,
            ends_before=None,
            origin=by_officer(access=access, at=at),
        )
        _publish_correction(person_id, new_id, at)
        ground(person_id=person_id, fact_id=new_id, grounds=grounds, access=access, at=at)
        _journal("register.vitals_corrected", access, person_id, new_id, corrected=fact_id)
    return new_id


@transaction.atomic
def record_death(
    *,
    person_id: UUID,
    death_date: date,
    access: Access,
    at: datetime,
    grounds: Grounds | None = None,
    based_on: Collection[UUID] | None = None,
) -> UUID:
    """Write down that a person died. Raises UnableToRegister where a death is recorded already."""
    with _changing(person_id, access):
        _require_unchanged(Vitals, person_id, based_on)
        old = Vitals.objects.filter(person_id=person_id, superseded_at=None).first()
        if old is None:
            raise UnableToRegister(
                _("Neither sex nor birth is known. Write down birth, sex and death together.")
            )
        if old.death_date is not None:
            raise UnableToRegister(
                _("A death is already recorded. If its date is wrong, correct the vital facts.")
            )
        _check_death(old.birth_date, death_date, on=localdate(at))
        fact_id = facts.state(
            model=Vitals,
            of={"person_id": person_id},
            values={
                "sex": old.sex,
                "birth_date": old.birth_date,
                "birth_precision": old.birth_precision,
                "birth_event": old.birth_event,
                "birth_latest": old.birth_latest,
                "death_date": death_date,
            },
            starts_on=UNKNOWN_START,
            ends_before=None,
            origin=by_officer(access=access, at=at, grounds=grounds),
        )
        life_events(kind="death", on_date=death_date, facts=[(person_id, None, fact_id)], at=at)
        ground(person_id=person_id, fact_id=fact_id, grounds=grounds, access=access, at=at)
        _journal("register.death_recorded", access, person_id, fact_id)
    return fact_id


@transaction.atomic
def move(
    *,
    person_id: UUID,
    residence: NewResidence,
    starts_on: date,
    access: Access,
    at: datetime,
    grounds: Grounds | None = None,
    based_on: Collection[UUID] | None = None,
) -> UUID:
    """Write down that a person lives somewhere else from a day on."""
    with _changing(person_id, access):
        _require_unchanged(Residence, person_id, based_on)
        check_start(person_id=person_id, starts_on=starts_on, at=at)
        fact_id = facts.state(
            model=Residence,
            of={"person_id": person_id},
            values=_residence_values(residence, at),
            starts_on=starts_on,
            ends_before=None,
            origin=by_officer(access=access, at=at),
        )
        life_events(kind="move", on_date=starts_on, facts=[(person_id, None, fact_id)], at=at)
        ground(person_id=person_id, fact_id=fact_id, grounds=grounds, access=access, at=at)
        _journal("register.moved", access, person_id, fact_id)
    return fact_id


@transaction.atomic
def set_payment_account(
    *,
    person_id: UUID,
    account: NewAccount,
    starts_on: date,
    access: Access,
    at: datetime,
    grounds: Grounds | None = None,
    based_on: Collection[UUID] | None = None,
) -> UUID:
    """Write down where a person receives money from a day on."""
    with _changing(person_id, access):
        _require_unchanged(PaymentAccount, person_id, based_on)
        check_start(person_id=person_id, starts_on=starts_on, at=at)
        fact_id = facts.state(
            model=PaymentAccount,
            of={"person_id": person_id},
            values=_account_values(account),
            starts_on=starts_on,
            ends_before=None,
            origin=by_officer(access=access, at=at),
        )
        ground(person_id=person_id, fact_id=fact_id, grounds=grounds, access=access, at=at)
        _journal("register.payment_account_set", access, person_id, fact_id)
    return fact_id


@transaction.atomic
def set_payee(
    *,
    person_id: UUID,
    representative_id: UUID,
    starts_on: date,
    ends_before: date | None,
    access: Access,
    at: datetime,
    grounds: Grounds | None = None,
    based_on: Collection[UUID] | None = None,
) -> UUID:
    """Write down who receives money for a person. Nobody is their own payee."""
    if person_id == representative_id:
        raise UnableToRegister(_("A person receives their own money without a payee."))
    days.check_end(ends_before)
    with _changing(person_id, access):
        _require_unchanged(Representation, person_id, based_on)
        check_start(person_id=person_id, starts_on=starts_on, at=at)
        fact_id = facts.state(
            model=Representation,
            of={"person_id": person_id, "kind": "payee", "rank": 1},
            values={"representative_id": representative_id},
            starts_on=starts_on,
            ends_before=ends_before,
            origin=by_officer(access=access, at=at),
        )
        ground(person_id=person_id, fact_id=fact_id, grounds=grounds, access=access, at=at)
        _journal("register.payee_set", access, person_id, fact_id)
    return fact_id


@transaction.atomic
def end_payee(
    *,
    person_id: UUID,
    ends_before: date,
    access: Access,
    at: datetime,
    grounds: Grounds | None = None,
    based_on: Collection[UUID] | None = None,
) -> None:
    """Write down that nobody receives for a person any more; `ends_before` is the first such day.

    Named wrongly, a payee ends on the day they began. Raises NobodyThere.
    """
    days.check_end(ends_before)
    with _changing(person_id, access):
        _require_unchanged(Representation, person_id, based_on)
        keys = {"kind": "payee", "rank": 1}
        # On a merged record of the person, a payee still runs, and is ended there.
        running = (
            Representation.objects.filter(
                superseded_at=None, person_id__in=records_of(person_id=person_id), **keys
            )
            .filter(Q(ends_before=None) | Q(ends_before__gt=ends_before))
            .order_by("starts_on")
            .first()
        )
        if running is None:
            raise NobodyThere(_("Nobody receives for this person beyond that day. Check the date."))
        facts.retract(
            model=Representation,
            of={**keys, "person_id": running.person_id},
            starts_on=ends_before,
            ends_before=None,
            origin=by_officer(access=access, at=at),
        )
        ground(person_id=person_id, fact_id=running.id, grounds=grounds, access=access, at=at)
        _journal("register.payee_ended", access, person_id, running.id)


# --- one fact of a person who is new here: nothing can contradict it, so nothing is read -------


def _insert(model: type[facts.F], person_id: UUID, origin: Origin, **values: object) -> UUID:
    starts_on = values.pop("starts_on", None) or UNKNOWN_START
    fact = model(
        id=uuid4(),
        person_id=person_id,
        starts_on=starts_on,
        recorded_at=origin.at,
        source=origin.source,
        source_id=origin.source_id,
        recorded_by=origin.recorded_by,
        **values,
    )
    fact.save(force_insert=True)
    return fact.pk


def _insert_residence(person_id: UUID, residence: NewResidence, origin: Origin) -> None:
    _insert(
        Residence,
        person_id,
        origin,
        starts_on=residence.starts_on,
        **_residence_values(residence, origin.at),
    )


def _insert_identifier(
    person_id: UUID,
    identifier: NewIdentifier,
    origin: Origin,
    *,
    starts_on: date | None = None,
    ends_before: date | None = None,
) -> UUID:
    values = _identifier_values(identifier)
    taken = IdentifierBelongsToSomebody(
        _("The identifier is in the register already. Search for it, and look who bears it.")
    )
    with explained({"an_identifier_names_one_person": taken}):
        return _insert(
            Identifier,
            person_id,
            origin,
            starts_on=starts_on,
            ends_before=ends_before,
            **values,
        )


def _renamed(
    old: PersonName | None, given_names: str, family_name: str, parts: NameParts | None
) -> dict[str, object]:
    """Return a name whose other parts, where nothing is said of them, are those of the old one."""
    if parts is None and old is not None:
        parts = NameParts(
            patronymic=old.patronymic, clan=old.clan, is_family_first=old.is_family_first
        )
    return name_values(given_names=given_names, family_name=family_name, parts=parts or NameParts())


def _identifier_values(identifier: NewIdentifier) -> dict[str, object]:
    if identifier.kind not in IDENTIFIER_KINDS:
        raise UnableToRegister(_("There is no such kind of identifier. Choose one of the list."))
    value = identifier_form(identifier.value)
    if not any(character.isalnum() for character in value) or len(value) > 60:
        raise UnableToRegister(
            _("An identifier has 1 to 60 letters or digits. Copy it from the document again.")
        )
    try:
        issuer = issuer_form(identifier.issuer)
    except NotAName:
        raise UnableToRegister(
            _("The issuer is a country in two letters, or a name of at most 20 characters.")
        ) from None
    return {"kind": identifier.kind, "issuer": issuer or settings.COUNTRY, "value": value}


def _residence_values(residence: NewResidence, at: datetime) -> dict[str, object]:
    try:
        district = clean_words(residence.district, at_most=60)
        address = clean_words(residence.address, at_most=200)
    except NotAName:
        district = address = ""
    if not district or not is_country(residence.country):
        raise UnableToRegister(
            _(
                "A home has a country in two capital letters and a district that can be read. "
                "Type them again."
            )
        )
    point = (residence.latitude, residence.longitude)
    if (None in point and point != (None, None)) or not all(
        value is None or abs(value) <= most for value, most in zip(point, (90, 180), strict=True)
    ):
        raise UnableToRegister(
            _("A point has a latitude of at most 90 and a longitude of at most 180 degrees.")
        )
    for list_code, code in ((UNITS, residence.unit), (COUNTRIES, residence.country)):
        check_code(list_code=list_code, code=code, on=residence.starts_on, at=at)
    return {
        "country": residence.country,
        "district": district,
        "address": address,
        "unit": residence.unit,
        "latitude": residence.latitude,
        "longitude": residence.longitude,
    }


def _account_values(account: NewAccount) -> dict[str, object]:
    number = identifier_form(account.account_number)
    if not is_bic(account.provider) or not is_account_number(number):
        raise UnableToRegister(
            _(
                "An account has the BIC of who keeps it and a number of at most 34 Latin letters "
                "and digits. Copy both again."
            )
        )
    return {"kind": account.kind, "provider": account.provider, "account_number": number}


# --- checks -----------------------------------------------------------------------------------


def _check_death(birth_date: date | None, death_date: date | None, *, on: date) -> None:
    if death_date is None:
        return
    days.check_possible(death_date)
    if death_date > on:
        raise UnableToRegister(_("The death lies in the future. Check the date."))
    if birth_date is not None and death_date < birth_date:
        raise UnableToRegister(_("The death lies before the birth. Check both dates."))


# --- change of one person -----------------------------------------------------------------------


@contextmanager
def _changing(person_id: UUID, access: Access) -> Iterator[None]:
    """Read the person's facts for changing them, one officer at a time."""
    access.require(Right.PERSON_REGISTER)
    lock_person(person_id)
    with (
        reading(
            access=access, right=Right.PERSON_REGISTER, subject_kind="person", subject_id=person_id
        ),
        possible_lives(),
    ):
        yield
        refresh_keys_about(person_id=person_id)


def _require_unchanged(
    model: type[facts.F], person_id: UUID, based_on: Collection[UUID] | None
) -> None:
    facts.require_unchanged(model=model, of={"person_id": person_id}, based_on=based_on)


def _refuse_other_vitals(person_id: UUID, fact_id: UUID | None) -> None:
    """Raise where what is known of the person now is not the fact that was read."""
    if fact_id is not None and not Vitals.objects.filter(person_id=person_id, pk=fact_id).exists():
        raise NobodyThere(_("The person has no such fact. Read the person's page again."))
    current = Vitals.objects.filter(person_id=person_id, superseded_at=None)
    if current.values_list("pk", flat=True).first() != fact_id:
        raise facts.FactChangedMeanwhile(
            _("Somebody else changed this fact meanwhile. Read it again, then repeat your change.")
        )


def _publish_correction(person_id: UUID, fact_id: UUID, at: datetime) -> None:
    life_events(kind="correction", on_date=localdate(at), facts=[(person_id, None, fact_id)], at=at)


def _journal(
    kind: str,
    access: Access,
    person_id: UUID,
    fact_id: UUID,
    corrected: UUID | None = None,
    warned: Sequence[str] = (),
) -> None:
    details: dict[str, object] = {"fact": str(fact_id)}
    if warned:
        details["warned"] = list(warned)
    if corrected is not None:
        details["corrected"] = str(corrected)
    record(kind=kind, access=access, subject_kind="person", subject_id=person_id, details=details)
