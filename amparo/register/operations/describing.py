"""Writing down what is said of a person beside name, birth and home: and taking it back.

Of each kind there may be several at once, except of civil status. What a fact says is stated for a
period; `end_fact` says that it stopped being true, `withdraw_fact` that it never was.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from amparo.register import days, facts
from amparo.register.models import (
    CivilStatus,
    Contact,
    Fact,
    HouseholdMember,
    Identifier,
    Nationality,
    OtherName,
    Representation,
    SpokenLanguage,
)
from amparo.register.operations._common import (
    NobodyThere,
    UnableToGround,
    by_officer,
    explained,
)
from amparo.register.operations._parts import UnableToRegister, name_values
from amparo.register.operations._stating import During, Writing, changing, conclude, state
from amparo.register.records import (
    CIVIL_STATUSES,
    NAME_KINDS,
    NATIONALITY_KINDS,
    UNKNOWN_START,
    VERIFICATIONS,
    NameParts,
)
from amparo.register.reference import COUNTRIES, LANGUAGES, check_code

_LANGUAGE: Final = re.compile("[a-z]{2,3}")
_COUNTRY: Final = re.compile("[A-Z]{2}")
# E.164: at most fifteen digits after the plus sign.
_PHONE: Final = re.compile(r"\+[1-9][0-9]{5,14}")
_BETWEEN_DIGITS: Final = str.maketrans("", "", " -.()/\u00a0\u202f")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

# What may end or be withdrawn, by what the person's page calls it.
_STATED: Final[Mapping[str, type[Fact]]] = {
    "other-name": OtherName,
    "civil-status": CivilStatus,
    "nationality": Nationality,
    "language": SpokenLanguage,
    "contact": Contact,
    "household": HouseholdMember,
    "representative": Representation,
}


@transaction.atomic
def state_other_name(
    *,
    writing: Writing,
    kind: str,
    given_names: str,
    family_name: str,
    parts: NameParts | None = None,
    during: During,
) -> UUID:
    """Write down another name of a person: kind is one of NAME_KINDS. Raises UnableToRegister."""
    if kind not in NAME_KINDS:
        raise UnableToRegister(_("There is no such kind of name. Choose one of the list."))
    values = name_values(
        given_names=given_names, family_name=family_name, parts=parts or NameParts()
    )
    keys = {key: values.pop(key) for key in ("given_names", "family_name", "patronymic", "clan")}
    with changing(writing):
        fact_id = state(
            writing,
            model=OtherName,
            keys={"kind": kind, **keys},
            values=values,
            during=during,
        )
        conclude(
            writing,
            kind="register.other_name_stated",
            fact_id=fact_id,
            on_date=_first_day(writing, during),
        )
    return fact_id


@transaction.atomic
def state_civil_status(*, writing: Writing, status: str, during: During) -> UUID:
    """Write down a civil status, as recorded: one of CIVIL_STATUSES. Raises UnableToRegister."""
    if status not in CIVIL_STATUSES:
        raise UnableToRegister(_("There is no such civil status. Choose one of the list."))
    with changing(writing):
        fact_id = state(writing, model=CivilStatus, values={"status": status}, during=during)
        conclude(
            writing,
            kind="register.civil_status_stated",
            fact_id=fact_id,
            on_date=_first_day(writing, during),
            event="civil-status",
        )
    return fact_id


@transaction.atomic
def state_nationality(*, writing: Writing, kind: str, country: str = "", during: During) -> UUID:
    """Write down a citizenship, statelessness or protection: kind is one of NATIONALITY_KINDS.

    country: of the citizenship, or the state that protects; none for the stateless. Raises
    UnableToRegister, NotInTheList.
    """
    if kind not in NATIONALITY_KINDS:
        raise UnableToRegister(_("There is no such kind of nationality. Choose one of the list."))
    if (kind == "stateless") != (country == "") or (country and not _COUNTRY.fullmatch(country)):
        raise UnableToRegister(
            _("A nationality names its country in two capital letters; the stateless have none.")
        )
    check_code(list_code=COUNTRIES, code=country, on=during.starts_on, at=writing.at)
    contradicted = UnableToRegister(
        _("Nobody is stateless and a citizen on the same days. End the other fact first.")
    )
    with changing(writing), explained({"nobody_is_stateless_and_a_citizen": contradicted}):
        fact_id = state(
            writing,
            model=Nationality,
            keys={"kind": kind, "country": country},
            values={},
            during=during,
        )
        conclude(
            writing,
            kind="register.nationality_stated",
            fact_id=fact_id,
            on_date=_first_day(writing, during),
            event="nationality",
        )
    return fact_id


@transaction.atomic
def state_language(*, writing: Writing, language: str, is_preferred: bool, during: During) -> UUID:
    """Write down a language somebody speaks; preferred, letters are written in it from then on.

    The one preferred until then is spoken still. Raises UnableToRegister, NotInTheList.
    """
    if not _LANGUAGE.fullmatch(language):
        raise UnableToRegister(_("A language has a code of two or three small letters (ISO 639)."))
    check_code(list_code=LANGUAGES, code=language, on=during.starts_on, at=writing.at)
    with changing(writing):
        if is_preferred:
            _prefer_no_other(writing, during, language)
        fact_id = state(
            writing,
            model=SpokenLanguage,
            keys={"language": language},
            values={"is_preferred": is_preferred},
            during=during,
        )
        conclude(
            writing,
            kind="register.language_stated",
            fact_id=fact_id,
            on_date=_first_day(writing, during),
            event="language" if is_preferred else "",
        )
    return fact_id


@transaction.atomic
def state_contact(*, writing: Writing, kind: str, value: str, during: During) -> UUID:
    """Write down a telephone number ("phone", with its country's +…) or an address ("email").

    Raises UnableToRegister.
    """
    plain = _contact_form(kind, value)
    with changing(writing):
        fact_id = state(
            writing,
            model=Contact,
            keys={"kind": kind, "value": plain},
            values={"verified_on": None, "verified_how": ""},
            during=during,
        )
        conclude(
            writing,
            kind="register.contact_stated",
            fact_id=fact_id,
            on_date=_first_day(writing, during),
        )
    return fact_id


@transaction.atomic
def confirm_contact(*, writing: Writing, fact_id: UUID, on: date, how: str) -> UUID:
    """Write down that a number or address is the person's own: how is one of VERIFICATIONS.

    Raises NobodyThere, UnableToRegister, FactChangedMeanwhile.
    """
    _check_verification(on, how, writing)
    with changing(writing):
        new_id = _restate_verified(writing, Contact, fact_id, on=on, how=how)
        conclude(writing, kind="register.contact_confirmed", fact_id=new_id, on_date=on)
    return new_id


@transaction.atomic
def confirm_identifier(*, writing: Writing, fact_id: UUID, on: date, how: str) -> UUID:
    """Write down that an identifier is the person's own: how is one of VERIFICATIONS.

    Raises NobodyThere, UnableToRegister, FactChangedMeanwhile.
    """
    _check_verification(on, how, writing)
    with changing(writing):
        new_id = _restate_verified(writing, Identifier, fact_id, on=on, how=how)
        conclude(writing, kind="register.identifier_confirmed", fact_id=new_id, on_date=on)
    return new_id


@transaction.atomic
def end_fact(*, writing: Writing, kind: str, fact_id: UUID, ends_before: date) -> None:
    """Write down that a fact stopped being true; `ends_before` is the first day without it.

    kind: "other-name", "civil-status", "nationality", "language", "contact", "household" or
    "representative". Raises NobodyThere, ImpossibleDay, FactChangedMeanwhile.
    """
    days.check_possible(ends_before)
    with changing(writing):
        fact = _current(writing, _model_of(kind), fact_id)
        if fact.starts_on >= ends_before or _is_over(fact, ends_before):
            raise UnableToRegister(
                _("The fact does not hold on the day before. Check the day it ended.")
            )
        facts.retract(
            model=type(fact),
            of={"person_id": writing.person_id, "id": fact_id},
            starts_on=ends_before,
            ends_before=None,
            origin=by_officer(access=writing.access, at=writing.at, grounds=writing.grounds),
        )
        conclude(
            writing,
            kind="register.fact_ended",
            fact_id=fact_id,
            on_date=ends_before,
            event=f"{kind}-end",
            details={"of": kind},
        )


@transaction.atomic
def withdraw_fact(*, writing: Writing, kind: str, fact_id: UUID) -> None:
    """Write down that a fact was never true: it was known until now, and says nothing any more.

    kind: as `end_fact` takes it. The grounds are demanded. Raises NobodyThere, UnableToGround,
    FactChangedMeanwhile.
    """
    if writing.grounds is None:
        raise UnableToGround(_("Say why the fact was never true, and on which evidence."))
    with changing(writing):
        fact = _current(writing, _model_of(kind), fact_id)
        facts.supersede(
            model=type(fact),
            of={"person_id": writing.person_id},
            fact_ids=[fact_id],
            at=writing.at,
        )
        conclude(
            writing,
            kind="register.fact_withdrawn",
            fact_id=fact_id,
            on_date=localdate(writing.at),
            event="correction",
            details={"of": kind},
        )


# --- steps ------------------------------------------------------------------------------------


def _first_day(writing: Writing, during: During) -> date:
    return during.starts_on or localdate(writing.at)


def _contact_form(kind: str, value: str) -> str:
    """Return a number without what is written between its digits, an address without blanks."""
    if kind == "phone":
        plain = value.translate(_BETWEEN_DIGITS)
        if _PHONE.fullmatch(plain) and plain.isascii():
            return plain
        raise UnableToRegister(
            _("A telephone number begins with + and the country, and has 6 to 15 digits.")
        )
    plain = value.strip()
    if kind == "email" and _EMAIL.fullmatch(plain) and len(plain) <= 254 and plain.isprintable():
        return plain
    raise UnableToRegister(_("An e-mail address has a name, an @ and a domain. Type it again."))


def _check_verification(on: date, how: str, writing: Writing) -> None:
    days.check_possible(on)
    if how not in VERIFICATIONS or on > localdate(writing.at):
        raise UnableToRegister(
            _("Say how it was verified, by a word of the list, and on which day until today.")
        )


def _restate_verified(
    writing: Writing, model: type[facts.F], fact_id: UUID, *, on: date, how: str
) -> UUID:
    """Say a fact again for the same period, now verified."""
    old = _current(writing, model, fact_id)
    facts.supersede(
        model=model, of={"person_id": writing.person_id}, fact_ids=[fact_id], at=writing.at
    )
    new = model(
        **{**facts.stated_values(old), "verified_on": on, "verified_how": how},
        starts_on=old.starts_on,
        ends_before=old.ends_before,
        recorded_at=writing.at,
        source=old.source,
        source_id=old.source_id,
        recorded_by=writing.access.actor_id,
        confidence="verified",
    )
    new.save(force_insert=True)
    return new.pk


def _prefer_no_other(writing: Writing, during: During, language: str) -> None:
    """Let the languages preferred during a period be spoken without being preferred."""
    preferred = (
        SpokenLanguage.objects.filter(
            Q(ends_before=None) | Q(ends_before__gt=during.first_day),
            person_id=writing.person_id,
            is_preferred=True,
            superseded_at=None,
        )
        .exclude(language=language)
        .order_by("starts_on")
    )
    for row in preferred:
        ends = [day for day in (row.ends_before, during.ends_before) if day is not None]
        overlap = During(
            starts_on=_known_day(max(row.starts_on, during.first_day)),
            ends_before=min(ends, default=None),
        )
        if overlap.ends_before is None or overlap.first_day < overlap.ends_before:
            state(
                writing,
                model=SpokenLanguage,
                keys={"language": row.language},
                values={"is_preferred": False},
                during=overlap,
            )


def _known_day(day: date) -> date | None:
    return None if day == UNKNOWN_START else day


def _model_of(kind: str) -> type[Fact]:
    model = _STATED.get(kind)
    if model is None:
        raise NobodyThere(_("There is no such kind of fact. Read the person's page again."))
    return model


def _current(writing: Writing, model: type[facts.F], fact_id: UUID) -> facts.F:
    """Return a fact of the person that is known now."""
    rows: QuerySet[facts.F] = QuerySet(model)
    fact = rows.filter(person_id=writing.person_id, pk=fact_id).first()
    if fact is None:
        raise NobodyThere(_("The person has no such fact. Read the person's page again."))
    if fact.superseded_at is not None:
        raise facts.FactChangedMeanwhile(
            _("Somebody else changed this fact meanwhile. Read it again, then repeat your change.")
        )
    return fact


def _is_over(fact: Fact, day: date) -> bool:
    return fact.ends_before is not None and fact.ends_before <= day
