"""The lists that others keep and facts refer to: countries, languages, occupations, places, events.

Every entry has two times, as facts have: what a code meant on a day, as known at an instant. A
list that nobody has loaded checks nothing but the form of its codes; once it is loaded, a fact
names only codes that are in it on the fact's first day, or today where that day is not known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from amparo.register.facts import as_of
from amparo.register.models import ReferenceEntry

COUNTRIES: Final = "iso-3166-1"
LANGUAGES: Final = "iso-639"
OCCUPATIONS: Final = "isco-08"
ACTIVITIES: Final = "isic-4"
UNITS: Final = "administrative-units"
EVENTS: Final = "remembered-events"
# What facts refer to. Other lists may be loaded and read; disabilities and such have the name of
# their category.
LISTS: Final = (COUNTRIES, LANGUAGES, OCCUPATIONS, ACTIVITIES, UNITS, EVENTS)


class NotInTheList(Exception):
    """A fact names a code that its list does not hold on that day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCode:
    """A code of a list. labels: by language; details: what else the list says of the code."""

    code: str
    parent: str
    labels: Mapping[str, str]
    details: Mapping[str, str]
    publisher: str
    starts_on: date
    ends_before: date | None

    def label(self, language: str) -> str:
        """Return the label in a language; else in English, else in any, else the code."""
        base = language.partition("-")[0]
        others = next(iter(self.labels.values()), self.code)
        return self.labels.get(language) or self.labels.get(base) or self.labels.get("en", others)


def entry(*, list_code: str, code: str, on: date, at: datetime) -> ListedCode | None:
    """Return what a code means on a day, as known at an instant."""
    rows = ReferenceEntry.objects.filter(list_code=list_code, code=code)
    found = as_of(rows, on=on, known_at=at).first()
    return None if found is None else _listed(found)


def entries(
    *, list_code: str, on: date, at: datetime, parent: str | None = None
) -> tuple[ListedCode, ...]:
    """Return a list as it stood on a day, by code; with a parent, the codes below it alone."""
    rows = ReferenceEntry.objects.filter(list_code=list_code)
    if parent is not None:
        rows = rows.filter(parent=parent)
    return tuple(_listed(row) for row in as_of(rows, on=on, known_at=at).order_by("code"))


def check_code(*, list_code: str, code: str, on: date | None, at: datetime) -> None:
    """Raise NotInTheList where a loaded list does not hold the code on the day; "" says nothing."""
    if not code or entry(list_code=list_code, code=code, on=on or localdate(at), at=at):
        return
    known = ReferenceEntry.objects.filter(list_code=list_code, superseded_at=None)
    if known.exists():
        raise NotInTheList(
            _(
                "The code “%(code)s” is not in the list “%(list)s” on that day. "
                "Choose one of the list, or have the list brought up to date."
            )
            % {"code": code[:40], "list": list_code}
        )


def _listed(row: ReferenceEntry) -> ListedCode:
    return ListedCode(
        code=row.code,
        parent=row.parent,
        labels=row.labels,
        details=row.details,
        publisher=row.publisher,
        starts_on=row.starts_on,
        ends_before=row.ends_before,
    )
