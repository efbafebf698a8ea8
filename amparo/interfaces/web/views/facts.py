"""Facts about one person, written down one at a time: on evidence, with a reason, undoable.

Each page shows what is known now, asks for the new fact, says what follows from it and how it is
put right if it was a mistake. What was known before stays in the history.
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.interfaces.web.actions import Done, fill_in
from amparo.interfaces.web.forms import (
    BirthField,
    DayField,
    GroundsForm,
    IssuerField,
    NameField,
    WordsField,
    checked_national_id,
    written_birth,
)
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Fact
from amparo.interfaces.web.views.frames import person_frame
from amparo.interfaces.web.vocabulary import word
from amparo.register.days import ImpossibleDay
from amparo.register.facts import FactChangedMeanwhile, NotAPeriod
from amparo.register.identifiers import is_country
from amparo.register.naming import identifier_form
from amparo.register.operations import (
    AlreadyEmployedThere,
    IdentifierBelongsToSomebody,
    NobodyThere,
    NotAnOccupation,
    NotEmployedThere,
    UnableToGround,
    UnableToRegister,
    add_identifier,
    change_name,
    correct_identifier,
    correct_name,
    correct_vitals,
    move,
    record_death,
)
from amparo.register.queries import (
    NoSuchPerson,
    person_record,
)
from amparo.register.records import (
    IDENTIFIER_KINDS,
    IdentifierFact,
    NewIdentifier,
    NewResidence,
    PersonRecord,
)
from amparo.values import Right

REFUSALS = (
    AlreadyEmployedThere,
    FactChangedMeanwhile,
    IdentifierBelongsToSomebody,
    ImpossibleDay,
    NobodyThere,
    NotAnOccupation,
    NotAPeriod,
    NotEmployedThere,
    UnableToGround,
    UnableToRegister,
)
SEXES = (
    ("female", gettext_lazy("female")),
    ("male", gettext_lazy("male")),
    ("other", gettext_lazy("other")),
    ("unknown", gettext_lazy("unknown")),
)


def record_now(request: StaffRequest, person_id: UUID) -> PersonRecord:
    """Return what is known of a person today; 404 where there is nobody."""
    visit = request.visit
    try:
        return person_record(
            person_id=person_id, access=visit.access, as_of=visit.on, known_at=visit.at
        )
    except NoSuchPerson:
        raise Http404 from None


def act_page(
    request: StaffRequest,
    person_id: UUID,
    *,
    form: forms.Form,
    act: Callable[[], str],
    show: Callable[[], Act],
) -> HttpResponse:
    """Do what the form asks and go back to the person, or show the page with the form."""
    onward = reverse("web:person", args=[person_id])
    done = fill_in(
        request, form=form, act=lambda: Done(message=act(), onward=onward), refusals=REFUSALS
    )
    if done is not None:
        return done
    return render(
        request,
        "web/act.html",
        {**person_frame(request, person_id, tab="web:person"), "act": show()},
    )


# --- the name -----------------------------------------------------------------------------------


class NameForm(GroundsForm):
    """Another name, or the right spelling of the one that was written down."""

    fact_id = forms.UUIDField(widget=forms.HiddenInput)
    given_names = NameField(label=gettext_lazy("Given names"))
    family_name = NameField(label=gettext_lazy("Family name"))
    what = forms.ChoiceField(
        label=gettext_lazy("What happened"),
        choices=[
            ("correct", gettext_lazy("it was written down wrongly")),
            ("change", gettext_lazy("the person bears another name from a day on")),
        ],
        widget=forms.RadioSelect,
        initial="correct",
    )
    starts_on = DayField(
        label=gettext_lazy("From"),
        help_text=gettext_lazy("Only where another name is borne from a day on."),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("what") == "change" and not cleaned.get("starts_on"):
            self.add_error("starts_on", _("Say from which day the person bears the name."))
        return cleaned


@page(Right.PERSON_REGISTER, hides=True)
def name(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Correct or change a person's name."""
    visit, known = request.visit, record_now(request, person_id).name
    if known is None:
        raise Http404
    form = NameForm(
        request.POST or None,
        initial={
            "fact_id": known.times.fact_id,
            "given_names": known.given_names,
            "family_name": known.family_name,
        },
    )

    def act() -> str:
        given = form.cleaned_data
        said = {
            "person_id": person_id,
            "given_names": given["given_names"],
            "family_name": given["family_name"],
            "grounds": form.grounds(),
            "access": visit.access,
            "at": visit.at,
        }
        if given["what"] == "change":
            change_name(starts_on=given["starts_on"], **said)
            return _("The new name is recorded. The former one stays in the history.")
        correct_name(fact_id=given["fact_id"], **said)
        return _("The name is corrected. What was written before stays in the history.")

    return act_page(
        request,
        person_id,
        form=form,
        act=act,
        show=lambda: Act(
            title=_("Correct or change the name"),
            button=_("Record the name"),
            form=form,
            consequence=_("Letters and payments carry the new name from now on."),
            undo=_("Correct the name once more: each version stays in the history."),
            facts_title=_("Recorded now"),
            facts=[Fact(label=_("Name"), value=known.full)],
        ),
    )


# --- birth, sex and death -----------------------------------------------------------------------


class VitalsForm(GroundsForm):
    """Sex, birth and death: all three are given, what stays is repeated."""

    fact_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    sex = forms.ChoiceField(label=gettext_lazy("Sex"), choices=SEXES, widget=forms.RadioSelect)
    birth = BirthField()
    death_date = DayField(
        label=gettext_lazy("Died on"),
        help_text=gettext_lazy("Empty where the person lives."),
        required=False,
    )


@page(Right.PERSON_REGISTER, hides=True)
def vitals(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Correct a person's sex, birth or death."""
    visit, record = request.visit, record_now(request, person_id)
    known = record.vitals
    form = VitalsForm(
        request.POST or None,
        initial={
            "fact_id": known.times.fact_id,
            "sex": known.sex,
            "birth": written_birth(known.birth_date, known.birth_precision),
            "death_date": known.death_date,
        }
        if known
        else {},
    )

    def act() -> str:
        birth_date, precision = form.cleaned_data["birth"] or (None, "day")
        correct_vitals(
            person_id=person_id,
            fact_id=form.cleaned_data["fact_id"],
            sex=form.cleaned_data["sex"],
            birth_date=birth_date,
            birth_precision=precision,
            death_date=form.cleaned_data["death_date"],
            grounds=form.grounds(),
            access=visit.access,
            at=visit.at,
        )
        return _("Corrected. What was written before stays in the history.")

    return act_page(
        request,
        person_id,
        form=form,
        act=act,
        show=lambda: Act(
            title=_("Correct birth, sex or death"),
            button=_("Record the correction"),
            form=form,
            consequence=_(
                "Decisions made on the old facts stay as they are. The correction is published, "
                "and the next assessment and pay run use it."
            ),
            undo=_("Correct it once more: each version stays in the history."),
            facts_title=_("Recorded now"),
            facts=[
                *_vital_facts(record),
                Fact(label=_("Sex"), value=word(known.sex) if known else ""),
            ],
        ),
    )


class DeathForm(GroundsForm):
    """The day somebody died."""

    death_date = DayField(label=gettext_lazy("Died on"))


@page(Right.PERSON_REGISTER, hides=True)
def death(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Record that a person died."""
    visit = request.visit
    form = DeathForm(request.POST or None, initial={"evidence": "death-certificate"})

    def act() -> str:
        record_death(
            person_id=person_id,
            death_date=form.cleaned_data["death_date"],
            grounds=form.grounds(),
            access=visit.access,
            at=visit.at,
        )
        return _("The death is recorded.")

    return act_page(
        request,
        person_id,
        form=form,
        act=act,
        show=lambda: Act(
            title=_("Record a death"),
            button=_("Record the death"),
            form=form,
            consequence=_(
                "No pay run pays for a month after the death, neither to this person nor "
                "to them for somebody else; officers get a task for what is held back."
            ),
            undo=_(
                "Correct birth, sex or death: empty the day of death there, and say why. "
                "Payment goes on with the next run."
            ),
            facts_title=_("Recorded now"),
            facts=_vital_facts(record_now(request, person_id)),
        ),
    )


def _vital_facts(record: PersonRecord) -> Sequence[Fact]:
    known = record.vitals
    born = written_birth(known.birth_date, known.birth_precision) if known else ""
    return [
        Fact(label=_("Name"), value=record.name.full if record.name else ""),
        Fact(label=_("Born"), value=born),
        Fact(label=_("Died on"), value=known.death_date if known else None, kind="day"),
    ]


# --- identifiers ----------------------------------------------------------------------------------


class IdentifierForm(GroundsForm):
    """A number somebody else gave to the person."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=lambda: [(code, word(code).capitalize()) for code in IDENTIFIER_KINDS],
    )
    value = forms.CharField(
        label=gettext_lazy("Number"),
        help_text=gettext_lazy("Blanks and dashes do not matter."),
        max_length=60,
        required=False,
    )
    issuer = IssuerField(
        label=gettext_lazy("Issued by"),
        help_text=gettext_lazy(
            "A country in two letters, or an organisation. Empty: this country."
        ),
        max_length=20,
        required=False,
    )
    is_required = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        value, issuer = cleaned.get("value", ""), cleaned.get("issuer", "")
        number = identifier_form(value)
        if not any(character.isalnum() for character in number):
            if self.is_required:
                self.add_error("value", _("Write the number."))
        elif cleaned.get("kind") == "national-id" and issuer in {"", settings.COUNTRY}:
            try:
                cleaned["value"] = checked_national_id(value)
            except forms.ValidationError as error:
                self.add_error("value", error)
        return cleaned

    def identifier(self) -> NewIdentifier:
        given = self.cleaned_data
        return NewIdentifier(value=given["value"], kind=given["kind"], issuer=given["issuer"])


@page(Right.PERSON_REGISTER, hides=True)
def identifier_new(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Add a number by which others know the person."""
    visit, form = request.visit, IdentifierForm(request.POST or None)

    def act() -> str:
        add_identifier(
            person_id=person_id,
            identifier=form.identifier(),
            grounds=form.grounds(),
            access=visit.access,
            at=visit.at,
        )
        return _("The identifier is recorded.")

    return act_page(
        request,
        person_id,
        form=form,
        act=act,
        show=lambda: Act(
            title=_("Add an identifier"),
            button=_("Record the identifier"),
            form=form,
            consequence=_("Files, declarations and searches find the person by it from now on."),
            undo=_("Correct the identifier, or withdraw it, from the person's record."),
            facts_title=_("Recorded now"),
            facts=_identifier_facts(record_now(request, person_id).identifiers),
        ),
    )


class IdentifierCorrection(IdentifierForm):
    """The right number, or that the number is not this person's at all."""

    is_required = False
    what = forms.ChoiceField(
        label=gettext_lazy("What is wrong"),
        choices=[
            ("correct", gettext_lazy("it was written down wrongly")),
            ("withdraw", gettext_lazy("it is not this person's number at all")),
        ],
        widget=forms.RadioSelect,
        initial="correct",
    )

    def clean(self) -> dict[str, Any]:
        self.is_required = self.cleaned_data.get("what") == "correct"
        return super().clean()


@page(Right.PERSON_REGISTER, hides=True)
def identifier(request: StaffRequest, person_id: UUID, fact_id: UUID) -> HttpResponse:
    """Correct or withdraw an identifier."""
    visit = request.visit
    known = [
        one for one in record_now(request, person_id).identifiers if one.times.fact_id == fact_id
    ]
    if not known and request.method != "POST":
        raise Http404
    initial = {"kind": known[0].kind, "issuer": known[0].issuer} if known else {}
    form = IdentifierCorrection(request.POST or None, initial=initial)

    def act() -> str:
        withdrawn = form.cleaned_data["what"] == "withdraw"
        correct_identifier(
            person_id=person_id,
            fact_id=fact_id,
            identifier=None if withdrawn else form.identifier(),
            grounds=form.grounds(),
            access=visit.access,
            at=visit.at,
        )
        if withdrawn:
            return _("The identifier is withdrawn. It stays in the history.")
        return _("The identifier is corrected. What was written before stays in the history.")

    return act_page(
        request,
        person_id,
        form=form,
        act=act,
        show=lambda: Act(
            title=_("Correct or withdraw an identifier"),
            button=_("Record the correction"),
            form=form,
            consequence=_(
                "What was matched by the wrong number is not matched anew by itself: look at the "
                "person's contributions afterwards."
            ),
            undo=_("Correct it once more, or add the identifier again."),
            facts_title=_("Recorded now"),
            facts=_identifier_facts(known),
        ),
    )


def _identifier_facts(known: Sequence[IdentifierFact]) -> Sequence[Fact]:
    return [
        Fact(label=word(one.kind).capitalize(), value=one.value, kind="identifier", note=one.issuer)
        for one in known
    ]


# --- where somebody lives --------------------------------------------------------------------


class MoveForm(GroundsForm):
    """Where a person lives, from a day on."""

    district = WordsField(label=gettext_lazy("District"), max_length=60)
    address = WordsField(label=gettext_lazy("Address"), max_length=200, required=False)
    country = forms.CharField(
        label=gettext_lazy("Country"),
        help_text=gettext_lazy("In two letters."),
        min_length=2,
        max_length=2,
    )
    starts_on = DayField(label=gettext_lazy("From"))

    def clean_country(self) -> str:
        code = str(self.cleaned_data["country"]).upper()
        if not is_country(code):
            raise forms.ValidationError(_("Write the country in two letters, such as XA."))
        return code


@page(Right.PERSON_REGISTER, hides=True)
def residence(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Record that a person lives somewhere else from a day on."""
    visit, form = (
        request.visit,
        MoveForm(
            request.POST or None,
            initial={"country": settings.COUNTRY, "starts_on": request.visit.on},
        ),
    )

    def act() -> str:
        given = form.cleaned_data
        move(
            person_id=person_id,
            residence=NewResidence(
                country=given["country"],
                district=given["district"],
                address=given["address"],
            ),
            starts_on=given["starts_on"],
            grounds=form.grounds(),
            access=visit.access,
            at=visit.at,
        )
        return _("The new home is recorded.")

    def show() -> Act:
        home = record_now(request, person_id).residence
        place = [home.address, home.district, home.country] if home else []
        return Act(
            title=_("Record a move"),
            button=_("Record the move"),
            form=form,
            consequence=_("Letters go to the new address, and rights tied to residence follow it."),
            undo=_(
                "Record the right home from the same day on: it takes the place of this one, "
                "which stays in the history."
            ),
            facts_title=_("Recorded now"),
            facts=[
                Fact(label=_("Lives in"), value=", ".join(part for part in place if part)),
                Fact(label=_("From"), value=home.times.starts_on if home else None, kind="day"),
            ],
        )

    return act_page(request, person_id, form=form, act=act, show=show)
