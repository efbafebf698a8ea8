"""Who lives together: a household on its page, founded, joined and left one person at a time."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.interfaces.web.actions import CheckedForm
from amparo.interfaces.web.addresses import moment_asked
from amparo.interfaces.web.forms import DayField, EndForm
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Crumb, Fact, Strip
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.views.someone import person_named, who
from amparo.interfaces.web.views.writing import (
    REFUSALS,
    UNTIL,
    FactForm,
    SeenForm,
    answered,
    coded,
    fact_page,
    first_day,
    last_day,
    record_now,
    seen_of,
    somebody,
    written_ids,
)
from amparo.interfaces.web.vocabulary import word
from amparo.register.households import NoSuchHousehold, household_meant, household_record
from amparo.register.operations import found_household, join_household, leave_household
from amparo.register.queries import fact_history, known_fact_ids
from amparo.register.records import HouseholdMemberFact, HouseholdRecord
from amparo.values import Right

_PARTS = (
    ("member", gettext_lazy("member")),
    ("reference-person", gettext_lazy("reference person")),
)


_LIVES_THERE = gettext_lazy(
    "Rights that depend on who lives together are assessed on it from that day on. Whoever lived "
    "in another household leaves it on that day."
)
_BESIDE = (
    somebody("household_id", title=gettext_lazy("Household")),
    coded("role"),
    first_day(),
    UNTIL,
)


def _household_now(request: StaffRequest, household_id: UUID) -> HouseholdRecord:
    visit = request.visit
    try:
        return household_record(
            household_id=household_id, access=visit.access, as_of=visit.on, known_at=visit.at
        )
    except NoSuchHousehold:
        raise Http404 from None


def _frame(household: HouseholdRecord) -> dict[str, object]:
    reference = [one.name for one in household.members if one.role == "reference-person"]
    return {
        "household": household,
        "strip": Strip(
            title=_("Household %(number)s") % {"number": household.number},
            facts=[
                Fact(label=_("Reference person"), value=", ".join(reference)),
                Fact(label=_("People"), value=len(household.members), kind="number"),
            ],
        ),
        "crumbs": [Crumb(title=_("People"), href=reverse("web:find"))],
    }


# --- the household ------------------------------------------------------------------------------


@page(Right.PERSON_READ, hides=True)
def household(request: StaffRequest, household_id: UUID) -> HttpResponse:
    """Show who lives in a household on a day, as known on a day; today, unless asked otherwise."""
    visit = request.visit
    asked = moment_asked(request, on=visit.on, at=visit.at)
    frame = _frame(_household_now(request, household_id))
    then = household_record(
        household_id=household_id,
        access=visit.access,
        as_of=asked.as_of,
        known_at=asked.known_at,
    )
    may_change = visit.access.allows(Right.PERSON_REGISTER)
    table = _members_table(request, then, may_change=may_change)
    context = {**frame, **asked.shown(), "table": table, "may_change": may_change}
    return exported(request, table) or render(request, "web/household.html", context)


def _members_table(request: StaffRequest, then: HouseholdRecord, *, may_change: bool) -> Table:
    return Table(
        name="members",
        caption=_("Who lives here"),
        columns=(
            Column(title=_("Name"), key="name"),
            Column(title=_("Number"), kind="identifier"),
            Column(title=_("Part"), key="part"),
            Column(title=_("From"), kind="day", key="from"),
            Column(title=_("Recorded"), kind="instant"),
            *([Column(title=_("Change part")), Column(title=_("Leave"))] if may_change else []),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.name, href=reverse("web:person", args=[one.person_id])),
                    Cell(value=one.number),
                    Cell(value=word(one.role)),
                    Cell(value=one.times.starts_on),
                    Cell(value=one.times.recorded_at),
                    *(_changes(one) if may_change else ()),
                )
            )
            for one in then.members
        ],
        empty=_("Nobody lives in this household on this day."),
        empty_remedy=_("Whoever left is shown on an earlier day."),
        query=request.GET,
    )


def _changes(one: HouseholdMemberFact) -> tuple[Cell, Cell]:
    return (
        Cell(value=_("Change"), href=reverse("web:person-household", args=[one.person_id])),
        Cell(value=_("End"), href=reverse("web:person-household-end", args=[one.person_id])),
    )


class MemberForm(CheckedForm, FactForm):
    """Who comes to live in a household; who that is, is shown before it is recorded."""

    of_kind = "household"
    compared = ("member",)
    compared_with = _BESIDE
    member = forms.CharField(
        label=gettext_lazy("Number or identity number of who lives here"), max_length=60
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Part"), choices=_PARTS, widget=forms.RadioSelect, initial="member"
    )
    starts_on = DayField(label=gettext_lazy("From"))

    def __init__(self, *args: Any, request: StaffRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean_member(self) -> str:
        typed = str(self.cleaned_data["member"])
        self.cleaned_data["person"] = person_named(self._request, typed, looked_for="member")
        return typed

    def is_checked(self) -> bool:
        """Rest, once it is shown who that is, on what is known of where they live."""
        if super().is_checked():
            return True
        person_id = self.cleaned_data["person"].person_id
        known = known_fact_ids(
            person_id=person_id, kind=self.of_kind, access=self._request.visit.access
        )
        self.rest_on(known, newest=None)
        return False


@page(Right.PERSON_REGISTER, hides=True)
def member_new(request: StaffRequest, household_id: UUID) -> HttpResponse:
    """Record that somebody comes to live in a household."""
    visit, known = request.visit, _household_now(request, household_id)
    form = MemberForm(
        request.POST or None,
        request=request,
        initial={"seen": written_ids(()), "starts_on": visit.on},
    )

    def act() -> str:
        member = form.cleaned_data["person"]
        join_household(
            person_id=member.person_id,
            household_id=household_id,
            role=form.cleaned_data["role"],
            starts_on=form.cleaned_data["starts_on"],
            grounds=form.grounds(),
            access=visit.access,
            at=visit.at,
            based_on=form.based_on(),
        )
        return _("%(name)s lives in this household.") % {"name": member.name}

    def show() -> Act:
        found = form.cleaned_data["person"] if form.is_valid() else None
        return Act(
            title=_("Add somebody to the household"),
            button=_("Record who lives here") if found else _("Look who that is"),
            form=form,
            consequence=str(_LIVES_THERE),
            undo=_("End it on the day before its first day: they then never lived here."),
            facts_title=_("Is this the right person?") if found else _("Lives here today"),
            facts=who(found, label=_("Lives here"))
            if found
            else [
                Fact(label=one.name, value=one.number, kind="identifier", note=word(one.role))
                for one in known.members
            ],
        )

    return answered(
        request,
        form=form,
        act=act,
        show=show,
        onward=reverse("web:household", args=[household_id]),
        frame=lambda: _frame(known),
        history=lambda: fact_history(
            person_id=form.cleaned_data["person"].person_id,
            access=visit.access,
            kinds=[form.of_kind],
        ),
        refusals=REFUSALS,
    )


# --- where one person belongs -------------------------------------------------------------------


class LivingForm(CheckedForm, FactForm):
    """In which household a person lives from a day on, and which part they have in it."""

    of_kind = "household"
    compared = ("what", "household")
    compared_with = (somebody("household_id", field="household"), coded("role"), first_day(), UNTIL)
    what = forms.ChoiceField(
        label=gettext_lazy("Where they live"),
        choices=[
            ("join", gettext_lazy("in a household that is known")),
            ("found", gettext_lazy("in a household of their own, which begins with them")),
        ],
        widget=forms.RadioSelect,
        initial="join",
    )
    household = forms.CharField(
        label=gettext_lazy("The household's number"),
        help_text=gettext_lazy("Or the number of somebody who lives in it."),
        max_length=60,
        required=False,
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Part"), choices=_PARTS, widget=forms.RadioSelect, initial="member"
    )
    starts_on = DayField(label=gettext_lazy("From"))

    def __init__(self, *args: Any, request: StaffRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._visit = request.visit

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("what") == "join":
            typed = cleaned.get("household", "")
            found = household_meant(
                text=typed,
                access=self._visit.access,
                as_of=self._visit.on,
                known_at=self._visit.at,
            )
            if found is None:
                self.add_error(
                    "household",
                    _("No household has this number, and nobody who lives in one today."),
                )
            cleaned["meant"] = found
        else:
            cleaned["meant"] = None
        return cleaned


@page(Right.PERSON_REGISTER, hides=True)
def living(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Record in which household a person lives from a day on."""
    seen, lived = (
        seen_of(request, person_id, "household"),
        record_now(request, person_id, "household").household,
    )
    own = [one.role for one in lived.members if one.person_id == person_id] if lived else []
    form = LivingForm(
        request.POST or None,
        request=request,
        initial={
            "seen": seen,
            "household": lived.number if lived else "",
            "role": own[0] if own else "member",
            "starts_on": request.visit.on,
        },
    )

    def write(**told: Any) -> None:
        starts_on, meant = form.cleaned_data["starts_on"], form.cleaned_data["meant"]
        if meant is None:
            found_household(starts_on=starts_on, **told)
        else:
            join_household(
                household_id=meant.household_id,
                role=form.cleaned_data["role"],
                starts_on=starts_on,
                **told,
            )

    def show() -> Act:
        is_shown = form.is_bound and form.is_valid()
        meant = form.cleaned_data["meant"] if is_shown else lived
        return Act(
            title=_("Record the household"),
            button=_("Record where they live") if is_shown else _("Look which household that is"),
            form=form,
            consequence=str(_LIVES_THERE),
            undo=_("Record the right household from the same day on: it takes the place of this."),
            facts_title=_("Is this the right household?") if is_shown else _("Recorded now"),
            facts=_who_lives_there(meant)
            or [Fact(label=_("Household"), value=_("a new one") if is_shown else _("none known"))],
        )

    return fact_page(
        request,
        person_id,
        form=form,
        write=write,
        done=_("Where they live is recorded."),
        show=show,
    )


def _who_lives_there(meant: HouseholdRecord | None) -> list[Fact]:
    if meant is None:
        return []
    return [
        Fact(label=_("Household"), value=meant.number, kind="identifier"),
        *(
            Fact(
                label=word(one.role).capitalize(),
                value=one.name,
                href=reverse("web:person", args=[one.person_id]),
                note=one.number,
            )
            for one in meant.members
        ),
    ]


class LeavingForm(SeenForm, EndForm):
    """The last day on which a person lives in their household."""

    of_kind = "household"
    compared_with = (
        somebody("household_id", title=gettext_lazy("Household")),
        coded("role", title=gettext_lazy("Part")),
        last_day(),
    )


@page(Right.PERSON_REGISTER, hides=True)
def leaving(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Record that a person lives in no household from a day on."""
    form = LeavingForm(
        request.POST or None, initial={"seen": seen_of(request, person_id, "household")}
    )
    return fact_page(
        request,
        person_id,
        form=form,
        write=lambda **told: leave_household(ends_before=form.ends_before(), **told),
        done=_("They live in no household after that day."),
        show=lambda: Act(
            title=_("Leave the household"),
            button=_("Record the end"),
            form=form,
            consequence=_(
                "Rights that depend on who lives together are assessed without them from then on, "
                "and theirs without the others. The household stays, even if nobody is left in it."
            ),
            undo=_("Record the household again from the day after."),
            facts_title=_("Recorded now"),
            facts=_who_lives_there(record_now(request, person_id, "household").household)
            or [Fact(label=_("Household"), value=_("none known"))],
        ),
    )
