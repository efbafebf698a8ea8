"""Facts about one person, written down one at a time: on evidence, with a reason, undoable."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.interfaces.web import formats
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
from amparo.interfaces.web.views.writing import (
    UNTIL,
    Compared,
    FactForm,
    SeenForm,
    coded,
    fact_page,
    first_day,
    record_now,
    seen_of,
    stated,
)
from amparo.interfaces.web.vocabulary import word
from amparo.register.identifiers import is_country
from amparo.register.naming import identifier_form
from amparo.register.operations import (
    add_identifier,
    change_name,
    correct_identifier,
    correct_name,
    correct_vitals,
    move,
    record_death,
)
from amparo.register.records import (
    IDENTIFIER_KINDS,
    HistoryLine,
    IdentifierFact,
    NewIdentifier,
    NewResidence,
    PersonRecord,
)
from amparo.values import Right

SEXES = (
    ("female", gettext_lazy("female")),
    ("male", gettext_lazy("male")),
    ("other", gettext_lazy("other")),
    ("unknown", gettext_lazy("unknown")),
)


# --- the name -----------------------------------------------------------------------------------


class NameForm(FactForm):
    """Another name, or the right spelling of the one that was written down."""

    of_kind = "name"
    compared_with = (stated("given_names"), stated("family_name"), first_day(), UNTIL)
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
    seen = seen_of(request, person_id, "name")
    known = record_now(request, person_id, "name").name
    if known is None:
        raise Http404
    form = NameForm(
        request.POST or None,
        initial={
            "seen": seen,
            "fact_id": known.times.fact_id,
            "given_names": known.given_names,
            "family_name": known.family_name,
        },
    )

    def write(**told: Any) -> None:
        given = form.cleaned_data
        told |= {"given_names": given["given_names"], "family_name": given["family_name"]}
        if given["what"] == "change":
            change_name(starts_on=given["starts_on"], **told)
        else:
            correct_name(fact_id=given["fact_id"], **told)

    def done() -> str:
        if form.cleaned_data["what"] == "change":
            return _("The new name is recorded. The former one stays in the history.")
        return _("The name is corrected. What was written before stays in the history.")

    return fact_page(
        request,
        person_id,
        form=form,
        write=write,
        done=done,
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


def _day_recorded(written: str) -> str:
    return formats.day(date.fromisoformat(written)) if written else ""


def _birth_recorded(line: HistoryLine) -> str:
    born = line.values["birth_date"]
    first = date.fromisoformat(born) if born else None
    return written_birth(first, line.values["birth_precision"])


_DIED: Final = Compared(
    field="death_date", recorded=lambda line, _names: _day_recorded(line.values["death_date"])
)


class VitalsForm(FactForm):
    """Sex, birth and death: all three are given, what stays is repeated."""

    of_kind = "vitals"
    compared_with = (
        coded("sex"),
        Compared(field="birth", recorded=lambda line, _names: _birth_recorded(line)),
        _DIED,
    )
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
    seen, record = (
        seen_of(request, person_id, "vitals"),
        record_now(request, person_id, "name", "vitals"),
    )
    known = record.vitals
    form = VitalsForm(
        request.POST or None,
        initial={
            "seen": seen,
            "sex": known.sex,
            "birth": written_birth(known.birth_date, known.birth_precision),
            "death_date": known.death_date,
        }
        if known
        else {"seen": seen},
    )

    def write(*, based_on: frozenset[UUID], **told: Any) -> None:
        birth_date, precision = form.cleaned_data["birth"] or (None, "day")
        correct_vitals(
            fact_id=next(iter(based_on), None),
            sex=form.cleaned_data["sex"],
            birth_date=birth_date,
            birth_precision=precision,
            death_date=form.cleaned_data["death_date"],
            **told,
        )

    return fact_page(
        request,
        person_id,
        form=form,
        write=write,
        done=_("Corrected. What was written before stays in the history."),
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


class DeathForm(FactForm):
    """The day somebody died."""

    of_kind = "vitals"
    compared_with = (_DIED,)
    death_date = DayField(label=gettext_lazy("Died on"))


@page(Right.PERSON_REGISTER, hides=True)
def death(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Record that a person died."""
    form = DeathForm(
        request.POST or None,
        initial={
            "seen": seen_of(request, person_id, "vitals"),
            "evidence": "death-certificate",
        },
    )
    return fact_page(
        request,
        person_id,
        form=form,
        write=lambda **told: record_death(death_date=form.cleaned_data["death_date"], **told),
        done=_("The death is recorded."),
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
            facts=_vital_facts(record_now(request, person_id, "name", "vitals")),
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
    form = IdentifierForm(request.POST or None)
    return fact_page(
        request,
        person_id,
        form=form,
        write=lambda **told: add_identifier(identifier=form.identifier(), **told),
        done=_("The identifier is recorded."),
        show=lambda: Act(
            title=_("Add an identifier"),
            button=_("Record the identifier"),
            form=form,
            consequence=_("Files, declarations and searches find the person by it from now on."),
            undo=_("Correct the identifier, or withdraw it, from the person's record."),
            facts_title=_("Recorded now"),
            facts=_identifier_facts(record_now(request, person_id, "identifiers").identifiers),
        ),
    )


class IdentifierCorrection(SeenForm, IdentifierForm):
    """The right number, or that the number is not this person's at all."""

    of_kind = "identifier"
    compared_with = (coded("kind"), stated("value"), stated("issuer"))
    is_required = False
    fact_id = forms.UUIDField(widget=forms.HiddenInput)
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
    seen, record = (
        seen_of(request, person_id, "identifier"),
        record_now(request, person_id, "identifiers"),
    )
    known = [one for one in record.identifiers if one.times.fact_id == fact_id]
    if not known and request.method != "POST":
        raise Http404
    initial = {"kind": known[0].kind, "issuer": known[0].issuer} if known else {}
    form = IdentifierCorrection(
        request.POST or None, initial={"seen": seen, "fact_id": fact_id, **initial}
    )

    def write(*, based_on: frozenset[UUID], **told: Any) -> None:
        withdrawn = form.cleaned_data["what"] == "withdraw"
        correct_identifier(
            fact_id=form.cleaned_data["fact_id"],
            identifier=None if withdrawn else form.identifier(),
            **told,
        )

    def done() -> str:
        if form.cleaned_data["what"] == "withdraw":
            return _("The identifier is withdrawn. It stays in the history.")
        return _("The identifier is corrected. What was written before stays in the history.")

    return fact_page(
        request,
        person_id,
        form=form,
        write=write,
        done=done,
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


class MoveForm(FactForm):
    """Where a person lives, from a day on."""

    of_kind = "residence"
    compared_with = (stated("district"), stated("address"), stated("country"), first_day(), UNTIL)
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
    form = MoveForm(
        request.POST or None,
        initial={
            "seen": seen_of(request, person_id, "residence"),
            "country": settings.COUNTRY,
            "starts_on": request.visit.on,
        },
    )

    def write(**told: Any) -> None:
        given = form.cleaned_data
        move(
            residence=NewResidence(
                country=given["country"],
                district=given["district"],
                address=given["address"],
            ),
            starts_on=given["starts_on"],
            **told,
        )

    def show() -> Act:
        home = record_now(request, person_id, "residence").residence
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

    return fact_page(
        request,
        person_id,
        form=form,
        write=write,
        done=_("The new home is recorded."),
        show=show,
    )
