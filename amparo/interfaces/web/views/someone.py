"""Somebody else whom a form names by number: found, and shown before anything is recorded."""

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.interfaces.web.forms import written_birth
from amparo.interfaces.web.pages import StaffRequest
from amparo.interfaces.web.parts import Fact
from amparo.journal.reading import reading
from amparo.register.queries import persons_by_identifier, summaries_of
from amparo.register.records import PersonSummary
from amparo.values import Right


def person_named(request: StaffRequest, typed: str, *, looked_for: str) -> PersonSummary:
    """Return whom a number names. Raises ValidationError, as a form's field does."""
    with reading(
        access=request.visit.access, right=Right.PERSON_READ, details={"looked_for": looked_for}
    ):
        found = persons_by_identifier(values=[typed])
        people = summaries_of(person_ids=found.values())
    if not people:
        raise forms.ValidationError(
            _("Nobody in the register has this number. Find or register the person first.")
        )
    (person,) = people.values()
    return person


def who(found: PersonSummary, *, label: str) -> list[Fact]:
    """Say who somebody is: enough to see whether it is the right one."""
    return [
        Fact(label=label, value=found.name, href=reverse("web:person", args=[found.person_id])),
        Fact(label=_("Number"), value=found.number, kind="identifier"),
        Fact(label=_("Born"), value=written_birth(found.birth_date, found.birth_precision)),
        Fact(label=_("District"), value=found.district),
    ]
