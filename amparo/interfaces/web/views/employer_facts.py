"""Registering an employer, and correcting or changing what is known of one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.interfaces.web.actions import CheckedForm, Done, fill_in
from amparo.interfaces.web.forms import DayField, WordsField
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Crumb, Fact
from amparo.interfaces.web.tables import Cell, Column, Row, Table
from amparo.interfaces.web.views.employers import employer_frame
from amparo.interfaces.web.views.writing import (
    UNTIL,
    SeenForm,
    answered,
    first_day,
    stated,
    written_ids,
)
from amparo.register.days import ImpossibleDay
from amparo.register.facts import FactChangedMeanwhile, NotAPeriod
from amparo.register.identifiers import is_activity
from amparo.register.naming import NotAName, number_form
from amparo.register.operations import (
    EmployerNumberTaken,
    NobodyThere,
    NotAnActivity,
    correct_employer,
    register_employer,
)
from amparo.register.queries import employer_history, find_employers
from amparo.register.records import EmployerSummary, NewEmployer
from amparo.values import Right

_MOST_SHOWN = 10
_REFUSALS = (
    EmployerNumberTaken,
    FactChangedMeanwhile,
    ImpossibleDay,
    NobodyThere,
    NotAName,
    NotAnActivity,
    NotAPeriod,
)


class ProfileForm(forms.Form):
    """What an employer is called, does, and where."""

    name = WordsField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("The one it trades under."),
        max_length=160,
    )
    activity = forms.CharField(
        label=gettext_lazy("Activity"),
        help_text=gettext_lazy("Code of ISIC Rev. 4, such as 1392; empty if not known."),
        max_length=10,
        required=False,
    )
    district = WordsField(label=gettext_lazy("District"), max_length=60)

    def clean_activity(self) -> str:
        code = str(self.cleaned_data["activity"])
        if not is_activity(code):
            raise forms.ValidationError(
                _("An activity is a code of ISIC Rev. 4: two to four digits.")
            )
        return code

    def profile(self) -> NewEmployer:
        given = self.cleaned_data
        return NewEmployer(
            name=given["name"],
            activity=given["activity"],
            district=given["district"],
            number=given.get("number", ""),
        )


# --- a new employer -----------------------------------------------------------------------------


class EmployerForm(CheckedForm, ProfileForm):
    """An employer as it comes to register; who resembles it is shown before anything is saved."""

    compared = ("name", "number")
    number = forms.CharField(
        label=gettext_lazy("Number"),
        help_text=gettext_lazy(
            "The one it bears already, on a receipt or in the older system. Empty: it gets one."
        ),
        max_length=20,
        required=False,
    )
    is_new = forms.BooleanField(
        label=gettext_lazy("I have compared: none of the employers shown is this one."),
        required=False,
    )

    def clean_number(self) -> str:
        typed = str(self.cleaned_data["number"])
        number = number_form(typed)
        if typed and not any(character.isalnum() for character in number):
            raise forms.ValidationError(_("Nothing in it can be read. Copy the number again."))
        return number

    def is_checked(self) -> bool:
        """Forget the tick where other employers are shown than those it was set for."""
        if super().is_checked():
            return True
        self.data = {name: value for name, value in self.data.items() if name != "is_new"}
        return False


@page(Right.EMPLOYER_REGISTER)
def employer_new(request: StaffRequest) -> HttpResponse:
    """Register one employer, after showing who in the register resembles it."""
    form = EmployerForm(request.POST or None)
    alike: Sequence[EmployerSummary] = ()
    is_sound = form.is_bound and form.is_valid()
    if is_sound:
        alike = find_employers(
            text=form.cleaned_data["name"], access=request.visit.access, page_size=_MOST_SHOWN
        ).rows
        if alike and not form.cleaned_data["is_new"] and form.cleaned_data["checked"]:
            form.add_error("is_new", _("Look at the employers shown, and say whether it is one."))

    def act() -> Done:
        employer_id = register_employer(
            employer=form.profile(), access=request.visit.access, at=request.visit.at
        )
        return Done(message=_("Registered."), onward=reverse("web:employer", args=[employer_id]))

    done = fill_in(request, form=form, act=act, refusals=_REFUSALS)
    if done is not None:
        return done
    if not alike:
        del form.fields["is_new"]
    context = {
        "heading": _("Register an employer"),
        "crumbs": [Crumb(title=_("Employers"), href=reverse("web:employers"))],
        "act": Act(
            title=_("The employer"),
            button=_("Register this employer") if is_sound else _("Look for employers alike"),
            form=form,
            consequence=_("The employer gets a number, under which it declares wages from now on.")
            if is_sound
            else _("First the register is searched for employers alike. Nothing is saved yet."),
            undo=_(
                "Name, activity and place are corrected from the employer's page; what was written "
                "first stays in the history."
            ),
            tables=[_alike_table(alike)] if is_sound else (),
        ),
    }
    return render(request, "web/act_alone.html", context)


def _alike_table(alike: Sequence[EmployerSummary]) -> Table:
    return Table(
        name="alike",
        caption=_("Employers in the register that resemble this one"),
        columns=(
            Column(title=_("Name")),
            Column(title=_("Number"), kind="identifier"),
            Column(title=_("Activity"), kind="identifier"),
            Column(title=_("District")),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.name, href=reverse("web:employer", args=[one.employer_id])),
                    Cell(value=one.number),
                    Cell(value=one.activity),
                    Cell(value=one.district),
                )
            )
            for one in alike
        ],
        empty=_("No employer in the register resembles this one."),
        empty_remedy=_("Names were compared without regard to spelling and order."),
        is_exportable=False,
    )


# --- what is known of one -----------------------------------------------------------------------


class CorrectionForm(SeenForm, ProfileForm):
    """Another name, activity or place, or the right one where it was written down wrongly."""

    of_kind = "employer"
    compared_with = (stated("name"), stated("activity"), stated("district"), first_day(), UNTIL)
    what = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        choices=[
            ("correct", gettext_lazy("it was written down wrongly")),
            ("change", gettext_lazy("it is so from a day on")),
        ],
        widget=forms.RadioSelect,
        initial="correct",
    )
    starts_on = DayField(
        label=gettext_lazy("From"),
        help_text=gettext_lazy("Only where it is so from a day on."),
        required=False,
    )
    field_order = ("name", "activity", "district", "what", "starts_on")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("what") == "change" and not cleaned.get("starts_on"):
            self.add_error("starts_on", _("Say from which day it is so."))
        return cleaned


@page(Right.EMPLOYER_REGISTER)
def employer_facts(request: StaffRequest, employer_id: UUID) -> HttpResponse:
    """Correct or change an employer's name, activity or place."""
    visit = request.visit
    # Read first: a change between the two readings is told of, never overwritten.
    history = employer_history(employer_id=employer_id, access=visit.access)
    frame = employer_frame(request, employer_id, tab="web:employer")
    known = frame.record
    form = CorrectionForm(
        request.POST or None,
        initial={
            "seen": written_ids(
                [one.times.fact_id for one in history if one.times.superseded_at is None]
            ),
            "name": known.name,
            "activity": known.activity,
            "district": known.district,
        },
    )

    def act() -> str:
        is_change = form.cleaned_data["what"] == "change"
        correct_employer(
            employer_id=employer_id,
            profile=form.profile(),
            starts_on=form.cleaned_data["starts_on"] if is_change else known.times.starts_on,
            ends_before=known.times.ends_before,
            access=visit.access,
            at=visit.at,
            based_on=form.based_on(),
        )
        if is_change:
            return _("The change is recorded. What was so before stays in the history.")
        return _("Corrected. What was written before stays in the history.")

    return answered(
        request,
        form=form,
        act=act,
        onward=reverse("web:employer", args=[employer_id]),
        frame=lambda: employer_frame(request, employer_id, tab="web:employer").context,
        history=lambda: employer_history(employer_id=employer_id, access=visit.access),
        refusals=_REFUSALS,
        show=lambda: Act(
            title=_("Correct or change the employer"),
            button=_("Record it"),
            form=form,
            consequence=_(
                "Declarations and letters carry it from now on. The number stays as it is."
            ),
            undo=_("Correct it once more: each version stays in the history."),
            facts_title=_("Recorded now"),
            facts=[
                Fact(label=_("Name"), value=known.name),
                Fact(label=_("Activity"), value=known.activity, kind="identifier"),
                Fact(label=_("District"), value=known.district),
                Fact(label=_("From"), value=known.times.starts_on, kind="day"),
            ],
        ),
    )
