"""The parts of which facts about a person are made: what they say, checked before it is written."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from amparo.register import days
from amparo.register.naming import clean_name, script_of, search_form
from amparo.register.records import NameParts
from amparo.register.reference import EVENTS, NotInTheList, entry


class UnableToRegister(Exception):
    """What is said about a person cannot be true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Birth:
    """The columns of a birth."""

    birth_date: date | None
    birth_precision: str
    birth_event: str = ""
    birth_latest: date | None = None


def name_values(*, given_names: str, family_name: str, parts: NameParts) -> dict[str, object]:
    """Return the columns of a name. Raises UnableToRegister, NotAName."""
    given, family = clean_name(given_names), clean_name(family_name)
    fathers, group = clean_name(parts.patronymic), clean_name(parts.clan)
    if not given and not family:
        raise UnableToRegister(
            _("A person needs a name. If only one name is used, write it as the given name.")
        )
    whole = " ".join(part for part in (given, fathers, family, group) if part)
    return {
        "given_names": given,
        "family_name": family,
        "patronymic": fathers,
        "clan": group,
        "is_family_first": parts.is_family_first,
        "script": script_of(whole),
        "search_name": search_form(whole),
    }


def birth_values(
    *, birth_date: date | None, birth_precision: str, birth_event: str, at: datetime
) -> Birth:
    """Return the columns of a birth; dated by an event, its days are the event's.

    Raises UnableToRegister, ImpossibleDay, NotInTheList.
    """
    if birth_event:
        first, last = _days_of(birth_event, at)
        if first > localdate(at):
            raise UnableToRegister(_("The birth lies in the future. Check the date."))
        return Birth(
            birth_date=first,
            birth_precision="event",
            birth_event=birth_event,
            birth_latest=min(last, localdate(at)),
        )
    check_birth(birth_date, birth_precision, on=localdate(at))
    return Birth(birth_date=birth_date, birth_precision=birth_precision)


def check_birth(birth_date: date | None, birth_precision: str, *, on: date) -> None:
    """Raise UnableToRegister or ImpossibleDay for a birth that cannot be."""
    if birth_precision not in {"day", "month", "year"}:
        raise UnableToRegister(
            _("A birth is known to the day, the month or the year, or by an event.")
        )
    if birth_date is None:
        return
    days.check_possible(birth_date)
    if birth_date > on:
        raise UnableToRegister(_("The birth lies in the future. Check the date."))
    if birth_precision != "day" and birth_date.day != 1:
        raise UnableToRegister(
            _("Where the day of birth is not known, write the first of the month.")
        )
    if birth_precision == "year" and birth_date.month != 1:
        raise UnableToRegister(
            _("Where only the year of birth is known, write the first of January.")
        )


def _days_of(event: str, at: datetime) -> tuple[date, date]:
    """Return the first and the last day of an event that people remember."""
    found = entry(list_code=EVENTS, code=event, on=localdate(at), at=at)
    if found is None:
        raise NotInTheList(
            _("The event is not in the list of events that people remember. Choose one of it.")
        )
    first = date.fromisoformat(found.details["first_day"])
    last = date.fromisoformat(found.details["last_day"])
    days.check_possible(first)
    days.check_possible(last)
    return first, last
