"""Wage lines put right: the wage by a difference, a line in suspense by finding its person."""

from decimal import Decimal
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.delivery.contributions.assessing import UnableToAssess
from amparo.delivery.contributions.line_queries import LineStanding, line_standing, worker_named
from amparo.delivery.contributions.operations import (
    CorrectedLine,
    UnableToCorrect,
    UnableToMatchLine,
    UnusableWage,
    WorkerDeclaredTwice,
    correct_declaration,
    match_wage_line,
)
from amparo.delivery.contributions.queries import NoSuchWageLine
from amparo.interfaces.web.actions import CheckedForm, Done, fill_in
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Crumb, Fact
from amparo.interfaces.web.tables import Cell, Column, Row, Table
from amparo.register.records import PersonSummary
from amparo.values import Right

_HIGHEST = Decimal("9999999999999999.99")


def _reason() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Who reads the declaration later sees it."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=500,
    )


class WageForm(forms.Form):
    """What the wage of a line should be, or that the worker should not stand there."""

    wage = forms.DecimalField(
        label=gettext_lazy("Right wage of the month"),
        help_text=gettext_lazy("The whole wage, not the difference."),
        min_value=Decimal(0),
        max_value=_HIGHEST,
        decimal_places=2,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    is_taken_out = forms.BooleanField(
        label=gettext_lazy("The worker should not stand in this declaration at all"),
        required=False,
    )
    reason = _reason()

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        if "wage" in cleaned and (cleaned["wage"] is None) != bool(cleaned.get("is_taken_out")):
            self.add_error("wage", _("Type the right wage, or say that the worker is taken out."))
        return cleaned


class WorkerForm(CheckedForm):
    """Whose a line is, by person number or identifier; who that is, is shown before it is saved."""

    compared = ("person",)
    person = forms.CharField(
        label=gettext_lazy("The person's number"),
        help_text=gettext_lazy("Or an identifier, such as a national identity number."),
        max_length=60,
    )
    reason = _reason()


@page(Right.DECLARATION_RECEIVE)
def line_correct(request: StaffRequest, wage_line_id: UUID) -> HttpResponse:
    """Put the wage of a line right by a difference."""
    visit = request.visit
    standing = _standing(request, wage_line_id)
    form = WageForm(request.POST or None)

    def act() -> Done:
        posted = correct_declaration(
            declaration_id=standing.original_id,
            lines=[CorrectedLine(wage_line_id=wage_line_id, wage=form.cleaned_data["wage"])],
            reason=form.cleaned_data["reason"],
            access=visit.access,
            at=visit.at,
        )
        return Done(
            message=_("The difference is posted as %(number)s.") % {"number": posted.number},
            onward=reverse("web:declaration", args=[posted.id]),
        )

    refusals = (UnableToCorrect, UnusableWage, UnableToAssess)
    return fill_in(request, form=form, act=act, refusals=refusals) or _shown(
        request,
        standing,
        Act(
            title=_("Correct a wage"),
            button=_("Post the difference"),
            form=form,
            consequence=_(
                "The original stays. The difference is posted in its own month; what is then paid "
                "too much waits on the employer's account."
            ),
            undo=_("Correct the wage again: another difference is posted."),
            facts_title=_("The line"),
            facts=_facts(standing),
        ),
    )


@page(Right.DECLARATION_RECEIVE)
def line_match(request: StaffRequest, wage_line_id: UUID) -> HttpResponse:
    """Say whose a line in suspense is."""
    visit = request.visit
    standing = _standing(request, wage_line_id)
    form = WorkerForm(request.POST or None, initial={"person": request.GET.get("person", "")[:60]})
    found = None
    if form.is_bound and form.is_valid():
        found = worker_named(typed=form.cleaned_data["person"], access=visit.access)

    def act() -> Done:
        if found is None:
            raise UnableToMatchLine(
                _("Nobody has this number. Find the person first and copy the number.")
            )
        match_wage_line(
            wage_line_id=wage_line_id,
            person_id=found.person_id,
            reason=form.cleaned_data["reason"],
            access=visit.access,
            at=visit.at,
        )
        return Done(
            message=_("The line has its person, and the month is theirs."),
            onward=reverse("web:declaration", args=[standing.declaration_id]),
        )

    done = fill_in(request, form=form, act=act, refusals=(UnableToMatchLine, WorkerDeclaredTwice))
    if done is not None:
        return done
    facts = _facts(standing)
    if found is not None:
        facts += _person_facts(found)
    return _shown(
        request,
        standing,
        Act(
            title=_("Find whose wage this is"),
            button=_("Match the line") if found else _("Look who that is"),
            form=form,
            consequence=_(
                "The month and its earnings are this person's from now on. What was decided "
                "without them can be decided anew."
            ),
            undo=_("A match stays: correct the wage to nothing, and declare it for the right one."),
            facts_title=_("Is this the right person?") if found else _("The line"),
            facts=facts,
            tables=(_candidates_table(standing),),
        ),
    )


def _standing(request: StaffRequest, wage_line_id: UUID) -> LineStanding:
    try:
        return line_standing(wage_line_id=wage_line_id, access=request.visit.access)
    except NoSuchWageLine:
        raise Http404 from None


def _person_facts(person: PersonSummary) -> list[Fact]:
    return [
        Fact(label=_("Person"), value=person.name),
        Fact(label=_("Number"), value=person.number, kind="identifier"),
        Fact(label=_("Born"), value=person.birth_date, kind="day"),
        Fact(label=_("National identity number"), value=person.national_id, kind="identifier"),
    ]


def _facts(standing: LineStanding) -> list[Fact]:
    return [
        Fact(label=_("Month"), value=standing.month.starts_on, kind="month"),
        Fact(label=_("Line"), value=standing.line_number, kind="number"),
        Fact(label=_("Name as declared"), value=standing.declared_name),
        Fact(
            label=_("Identifier as declared"),
            value=standing.declared_identifier,
            kind="identifier",
        ),
        Fact(label=_("Wage declared"), value=standing.declared_wage, kind="money"),
        Fact(label=_("Wage that stands now"), value=standing.wage, kind="money"),
    ]


def _candidates_table(standing: LineStanding) -> Table:
    address = reverse("web:line-match", args=[standing.wage_line_id])
    return Table(
        name="candidates",
        caption=_("Who worked there and has no line"),
        columns=(
            Column(title=_("Name")),
            Column(title=_("Number"), kind="identifier"),
            Column(title=_("National identity number"), kind="identifier"),
            Column(title=_("Likeness in percent"), kind="number"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.person.name, href=f"{address}?person={one.person.number}"),
                    Cell(value=one.person.number),
                    Cell(value=one.person.national_id),
                    Cell(value=one.likeness),
                )
            )
            for one in standing.candidates
        ],
        empty=_("Everybody known to work there has a line."),
        empty_remedy=_("Ask the employer whom the line means."),
        is_exportable=False,
    )


def _shown(request: StaffRequest, standing: LineStanding, act: Act) -> HttpResponse:
    crumbs = [
        Crumb(title=_("Declarations"), href=reverse("web:declarations")),
        Crumb(
            title=standing.declaration_number,
            href=reverse("web:declaration", args=[standing.declaration_id]),
        ),
    ]
    context = {"act": act, "heading": act.title, "crumbs": crumbs}
    return render(request, "web/act_alone.html", context)


PATHS = (
    path("lines/<uuid:wage_line_id>/correct/", line_correct, name="line-correct"),
    path("lines/<uuid:wage_line_id>/match/", line_match, name="line-match"),
)
