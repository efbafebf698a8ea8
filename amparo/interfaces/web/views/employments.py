"""For whom a person works: begun and ended, one employment at a time."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.interfaces.web import formats
from amparo.interfaces.web.actions import CheckedForm
from amparo.interfaces.web.forms import DayField, EndForm, GroundsForm
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Fact
from amparo.interfaces.web.views.writing import (
    SeenForm,
    fact_page,
    first_day,
    last_day,
    record_now,
    written_ids,
)
from amparo.register.identifiers import is_occupation
from amparo.register.operations import end_employment, start_employment
from amparo.register.queries import employer_summaries, employers_by_number
from amparo.register.records import EmploymentFact, HistoryLine
from amparo.values import Right


class EmploymentForm(CheckedForm, GroundsForm):
    """For whom a person begins to work; who that is, is shown before it is recorded."""

    compared = ("employer",)
    employer = forms.CharField(label=gettext_lazy("The employer's number"), max_length=20)
    starts_on = DayField(label=gettext_lazy("First day"))
    occupation = forms.CharField(
        label=gettext_lazy("Occupation"),
        help_text=gettext_lazy("Code of ISCO-08, such as 7531; empty if not known."),
        max_length=10,
        required=False,
    )

    def clean_occupation(self) -> str:
        code = str(self.cleaned_data["occupation"])
        if code and not is_occupation(code):
            raise forms.ValidationError(
                _("An occupation is a code of ISCO-08: one to four digits.")
            )
        return code

    def clean_employer(self) -> str:
        typed = str(self.cleaned_data["employer"])
        known = employer_summaries(employer_ids=employers_by_number(values=[typed]).values())
        if not known:
            raise forms.ValidationError(
                _("No employer has this number. Find the employer first and copy the number.")
            )
        (self.cleaned_data["known"],) = known.values()
        return typed


@page(Right.EMPLOYER_REGISTER, hides=True)
def employment_new(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Record that a person begins to work for an employer."""
    form = EmploymentForm(request.POST or None, initial={"evidence": "employer-letter"})

    def write(**told: Any) -> None:
        start_employment(
            employer_id=form.cleaned_data["known"].employer_id,
            starts_on=form.cleaned_data["starts_on"],
            occupation=form.cleaned_data["occupation"],
            **told,
        )

    def show() -> Act:
        known = record_now(request, person_id, "employments").employments
        facts = [_employed_at(one) for one in known if one.times.ends_before is None]
        found = form.cleaned_data["known"] if form.is_valid() else None
        if found is not None:
            facts = [
                Fact(
                    label=_("Employer"),
                    value=found.name,
                    href=reverse("web:employer", args=[found.employer_id]),
                ),
                Fact(label=_("Number"), value=found.number, kind="identifier"),
                Fact(label=_("District"), value=found.district),
            ]
        return Act(
            title=_("Start an employment"),
            button=_("Record the employment") if found else _("Look who that is"),
            form=form,
            consequence=_(
                "The employer is expected to declare this person's wages from that month on."
            ),
            undo=_("End the employment on the day before its first day: it then never began."),
            facts_title=_("Is this the right employer?") if found else _("Works now for"),
            facts=facts,
        )

    return fact_page(
        request,
        person_id,
        form=form,
        write=write,
        done=_("The employment is recorded."),
        show=show,
    )


def _employed_at(one: EmploymentFact) -> Fact:
    since = formats.day(one.times.starts_on)
    return Fact(
        label=one.employer_name,
        value=one.employer_number,
        kind="identifier",
        note=_("from %(day)s") % {"day": since} if since else "",
    )


class EmploymentEnd(SeenForm, EndForm):
    """The last day of a person's work for one employer."""

    of_kind = "employment"
    compared_with = (first_day(title=gettext_lazy("First day")), last_day())

    def __init__(self, *args: Any, employer_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._employer_id = str(employer_id)

    def concerns(self, line: HistoryLine) -> bool:
        return super().concerns(line) and line.values["employer_id"] == self._employer_id


@page(Right.EMPLOYER_REGISTER, hides=True)
def employment_end(request: StaffRequest, person_id: UUID, employer_id: UUID) -> HttpResponse:
    """Record that a person's work for an employer ended."""
    known = [
        one
        for one in record_now(request, person_id, "employments").employments
        if one.employer_id == employer_id
    ]
    if not known:
        raise Http404
    form = EmploymentEnd(
        request.POST or None,
        initial={
            "seen": written_ids([one.times.fact_id for one in known]),
            "evidence": "employer-letter",
        },
        employer_id=employer_id,
    )
    return fact_page(
        request,
        person_id,
        form=form,
        write=lambda **told: end_employment(
            employer_id=employer_id, ends_before=form.ends_before(), **told
        ),
        done=_("The end of the employment is recorded."),
        show=lambda: Act(
            title=_("End an employment"),
            button=_("Record the end"),
            form=form,
            consequence=_("No wages are expected from this employer after that month."),
            undo=_("Start the employment again from the day after."),
            facts_title=_("Recorded now"),
            facts=[_employed_at(one) for one in known],
        ),
    )
