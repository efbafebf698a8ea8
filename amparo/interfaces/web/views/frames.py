"""What stands around the content of a record: header strip and tabs, on each of its pages."""

from uuid import UUID

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.interfaces.web import formats
from amparo.interfaces.web.addresses import moment_asked
from amparo.interfaces.web.pages import StaffRequest
from amparo.interfaces.web.parts import Crumb, Fact, Strip, Tab
from amparo.interfaces.web.vocabulary import state_word, tone, word
from amparo.journal.reading import reading
from amparo.register.identities import MergedIntoAnother, survivor_of
from amparo.register.queries import records_as_they_stand, summaries_of
from amparo.register.records import PersonSummary
from amparo.values import Right, age_on

_PERSON_TABS = (
    ("web:person", gettext_lazy("Record"), Right.PERSON_READ),
    ("web:person-history", gettext_lazy("History"), Right.PERSON_READ),
    ("web:person-contributions", gettext_lazy("Contributions"), Right.DECLARATION_READ),
    ("web:person-claims", gettext_lazy("Claims and awards"), Right.CLAIM_READ),
    ("web:person-payments", gettext_lazy("Payments"), Right.PAYRUN_READ),
    ("web:person-letters", gettext_lazy("Letters"), Right.PERSON_READ),
    ("web:person-readers", gettext_lazy("Who looked"), Right.PERSON_READ),
)


def person_frame(request: StaffRequest, person_id: UUID, *, tab: str) -> dict[str, object]:
    """Return strip, tabs and crumbs of a person's pages; 404 where there is no such person.

    Raises MergedIntoAnother where the record was merged: whoever asks is led to the surviving one
    (`refusals`). As known before the merge, the record still stands for itself.
    """
    access, visit = request.visit.access, request.visit
    asked = moment_asked(request, on=visit.on, at=visit.at)
    with reading(
        access=access,
        right=Right.PERSON_READ,
        subject_kind="person",
        subject_id=person_id,
        details={"looked_for": "head"},
    ):
        summary = summaries_of(person_ids=[person_id]).get(person_id)
        if summary is not None and summary.person_id != person_id:
            if survivor_of(person_id=person_id, known_at=asked.known_at) != person_id:
                raise MergedIntoAnother(summary.person_id)
            summary = records_as_they_stand(person_ids=[person_id])[person_id]
    if summary is None:
        raise Http404
    return {
        "person": summary,
        "strip": person_strip(request, summary),
        "tabs": [
            Tab(
                title=str(title),
                href=reverse(name, args=[person_id]),
                is_current=name == tab,
            )
            for name, title, right in _PERSON_TABS
            if access.allows(right)
        ],
        "crumbs": [Crumb(title=_("People"), href=reverse("web:find"))],
        "may_claim": access.allows(Right.CLAIM_RECEIVE),
    }


def person_strip(request: StaffRequest, summary: PersonSummary) -> Strip:
    state = "dead" if summary.death_date else "alive"
    return Strip(
        title=summary.name,
        facts=[
            Fact(label=_("Number"), value=summary.number, kind="identifier"),
            Fact(label=_("Born"), value=_birth(summary)),
            Fact(label=_("Age"), value=_age(request, summary)),
            Fact(label=_("Sex"), value=word(summary.sex)),
            Fact(label=_("Identity number"), value=summary.national_id, kind="identifier"),
            Fact(label=_("District"), value=summary.district),
            *(
                Fact(label=_("Also registered as"), value=number, kind="identifier")
                for _record, number in summary.other_records
            ),
            Fact(
                label=_("Status"),
                value=state_word(state),
                kind="state",
                tone=tone(state),
                note=formats.day(summary.death_date),
            ),
        ],
    )


def _birth(summary: PersonSummary) -> str:
    """Write only the part of the date that is known."""
    if summary.birth_date is None:
        return ""
    if summary.birth_precision == "year":
        return str(summary.birth_date.year)
    if summary.birth_precision == "month":
        return formats.month(summary.birth_date)
    return formats.day(summary.birth_date)


def _age(request: StaffRequest, summary: PersonSummary) -> str:
    if summary.birth_date is None:
        return ""
    until = summary.death_date or request.visit.on
    years = age_on(birth_date=summary.birth_date, on=until)
    return (
        str(years) if summary.birth_precision == "day" else _("about %(years)s") % {"years": years}
    )
