"""Registering one person: who resembles them is looked for and shown before anything is saved."""

from typing import Any, Final

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.interfaces.web.actions import CheckedForm, Done, fill_in
from amparo.interfaces.web.forms import (
    BirthField,
    DayField,
    NameField,
    NationalIdField,
    WordsField,
)
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Crumb, Fact
from amparo.interfaces.web.tables import Cell, Column, Row, Table
from amparo.interfaces.web.views.facts import SEXES
from amparo.interfaces.web.views.writing import REFUSALS
from amparo.interfaces.web.vocabulary import state_cell, word
from amparo.register.likeness import PeopleAlike, people_alike
from amparo.register.matching.candidates import Alike
from amparo.register.operations import register_person
from amparo.register.records import NewIdentifier, NewPerson, NewResidence
from amparo.values import Right

_MOST_SHOWN = 10


class PersonForm(CheckedForm):
    """A person as they stand at the counter."""

    compared = ("given_names", "family_name", "birth", "national_id")
    given_names = NameField(
        label=gettext_lazy("Given names"),
        help_text=gettext_lazy("As the person writes them, in any script."),
    )
    family_name = NameField(
        label=gettext_lazy("Family name"),
        help_text=gettext_lazy("Empty where the person uses one name only."),
    )
    sex = forms.ChoiceField(label=gettext_lazy("Sex"), choices=SEXES, widget=forms.RadioSelect)
    birth = BirthField()
    national_id = NationalIdField(
        label=gettext_lazy("National identity number"),
        help_text=gettext_lazy(
            "Empty where the person has none: they are registered all the same."
        ),
        required=False,
    )
    district = WordsField(label=gettext_lazy("District"), max_length=60)
    address = WordsField(label=gettext_lazy("Address"), max_length=200, required=False)
    lives_there_since = DayField(
        label=gettext_lazy("Lives there since"),
        help_text=gettext_lazy("Empty if nobody knows."),
        required=False,
    )
    is_new = forms.BooleanField(
        label=gettext_lazy("I have compared: none of the people shown is this person."),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("given_names") and not cleaned.get("family_name"):
            self.add_error(
                "given_names",
                _("A person needs a name. If only one name is used, write it as the given name."),
            )
        return cleaned

    def is_checked(self) -> bool:
        """Forget the tick where other people are shown than those it was set for."""
        if super().is_checked():
            return True
        self.data = {name: value for name, value in self.data.items() if name != "is_new"}
        return False

    def person(self) -> NewPerson:
        given = self.cleaned_data
        birth_date, precision = given["birth"] or (None, "day")
        number = given["national_id"]
        return NewPerson(
            given_names=given["given_names"],
            family_name=given["family_name"],
            sex=given["sex"],
            birth_date=birth_date,
            birth_precision=precision,
            identifiers=(NewIdentifier(value=number),) if number else (),
            residence=NewResidence(
                country=settings.COUNTRY,
                district=given["district"],
                address=given["address"],
                starts_on=given["lives_there_since"],
            ),
        )


@page(Right.PERSON_REGISTER)
def register(request: StaffRequest) -> HttpResponse:
    """Register one person, after showing who in the register resembles them."""
    form = PersonForm(request.POST or None)
    found: PeopleAlike | None = None
    is_sound = form.is_bound and form.is_valid()
    if is_sound:
        found = people_alike(person=form.person(), access=request.visit.access, at=request.visit.at)
        if found.lookalikes and not form.cleaned_data["is_new"] and form.cleaned_data["checked"]:
            form.add_error("is_new", _("Look at the people shown, and say whether it is one."))

    def act() -> Done:
        person_id = register_person(
            person=form.person(), access=request.visit.access, at=request.visit.at
        )
        return Done(message=_("Registered."), onward=reverse("web:person", args=[person_id]))

    done = fill_in(request, form=form, act=act, refusals=REFUSALS)
    if done is not None:
        return done
    if found is None or not found.lookalikes:
        del form.fields["is_new"]
    context = {
        "heading": _("Register a person"),
        "crumbs": [Crumb(title=_("People"), href=reverse("web:find"))],
        "act": Act(
            title=_("The person"),
            button=_("Register this person") if is_sound else _("Look for people alike"),
            form=form,
            consequence=_("The person gets a number, under which everything about them is kept.")
            if is_sound
            else _("First the register is searched for people alike. Nothing is saved yet."),
            undo=_(
                "Names, birth, sex, identifiers and home are corrected from the person's record; "
                "what was written first stays in the history."
            ),
            facts_title=_("Where nobody looked"),
            facts=_not_looked_at(found) if found is not None else (),
            tables=[_alike_table(found)] if found is not None else (),
        ),
    }
    return render(request, "web/act_alone.html", context)


# What is compared, as `register.matching.comparisons` names it, and how its agreement is said.
_COMPARED: Final = {
    "number": gettext_lazy("identity number"),
    "given": gettext_lazy("given names"),
    "kin": gettext_lazy("family name, home or mother"),
    "birth": gettext_lazy("birth"),
    "sex": gettext_lazy("sex"),
    "mother": gettext_lazy("mother"),
}


def _alike_table(found: PeopleAlike) -> Table:
    shown = found.lookalikes[:_MOST_SHOWN]
    return Table(
        name="alike",
        caption=_("People in the register who resemble this person"),
        columns=(
            Column(title=_("Name")),
            Column(title=_("Likeness"), kind="state"),
            Column(title=_("Agrees")),
            Column(title=_("Resembles")),
            Column(title=_("Differs")),
            Column(title=_("Number"), kind="identifier"),
            Column(title=_("Born"), kind="day"),
            Column(title=_("Sex")),
            Column(title=_("Identity number"), kind="identifier"),
            Column(title=_("District")),
            Column(title=_("Status"), kind="state"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=one.person.name,
                        href=reverse("web:person", args=[one.person.person_id]),
                    ),
                    state_cell(f"alike {one.alike.verdict}"),
                    *(Cell(value=_said(one.alike, says)) for says in _SAID),
                    Cell(value=one.person.number),
                    Cell(value=one.person.birth_date),
                    Cell(value=word(one.person.sex)),
                    Cell(value=one.person.national_id),
                    Cell(value=one.person.district),
                    state_cell("dead" if one.person.death_date else "alive"),
                )
            )
            for one in shown
        ],
        empty=_("Nobody in the register resembles this person."),
        empty_remedy=_("Names were compared without regard to spelling, order and script."),
        is_exportable=False,
    )


_SAID: Final = ("agrees", "resembles", "differs")


def _said(alike: Alike, says: str) -> str:
    """Say in words in what somebody in the register agrees with the person at the counter."""
    return ", ".join(str(_COMPARED[one.comparison]) for one in alike.evidence if one.says == says)


def _not_looked_at(found: PeopleAlike) -> list[Fact]:
    """Say what was not looked at: silence would be taken for "nobody"."""
    said = []
    if len(found.lookalikes) > _MOST_SHOWN:
        said.append(
            Fact(
                label=_("Not shown"),
                value=_("%(count)s people who resemble this person less")
                % {"count": len(found.lookalikes) - _MOST_SHOWN},
            )
        )
    if found.checked.not_checked:
        said.append(
            Fact(
                label=_("Not compared"),
                value=_(
                    "Too many people share a name with a birth or a place of this person: those "
                    "who agree in nothing else were not compared. Search for the person as well."
                ),
            )
        )
    return said
