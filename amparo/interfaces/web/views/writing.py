"""Writing down one fact: the shape that all such pages have.

A page shows what is known now, asks for the new fact on evidence and with a reason, says what
follows from it and how it is put right if it was a mistake. Its form carries the facts it was
opened on. Where somebody else has changed them since, the operation refuses: then the page shows
what was known when it was opened, what is known now and what was typed, and keeps what was typed.
Pressed again, the form rests on what its writer has now seen.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from http import HTTPStatus
from typing import Any, ClassVar, Final, cast
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.accounts.queries import display_names
from amparo.interfaces.web import formats
from amparo.interfaces.web.actions import Done, fill_in
from amparo.interfaces.web.forms import GroundsForm
from amparo.interfaces.web.pages import StaffRequest
from amparo.interfaces.web.parts import Act
from amparo.interfaces.web.tables import Cell, Column, Row, Table
from amparo.interfaces.web.views.frames import person_frame
from amparo.interfaces.web.vocabulary import word
from amparo.journal.reading import reading
from amparo.register.days import ImpossibleDay
from amparo.register.entry import EntryRefused, NoEntryFilters
from amparo.register.facts import FactChangedMeanwhile, NotAPeriod
from amparo.register.households import household_numbers
from amparo.register.identities import MergedIntoAnother
from amparo.register.likeness import NoMatchModel
from amparo.register.operations import (
    AlreadyEmployedThere,
    IdentifierBelongsToSomebody,
    ImpossibleLife,
    NobodyThere,
    NotAnOccupation,
    NotEmployedThere,
    NotInAHousehold,
    UnableToGround,
    UnableToJoin,
    UnableToRegister,
)
from amparo.register.queries import (
    NoSuchPerson,
    fact_history,
    known_fact_ids,
    person_record,
    summaries_of,
)
from amparo.register.records import HistoryLine, PersonRecord
from amparo.register.reference import NotInTheList
from amparo.values import Right

REFUSALS = (
    AlreadyEmployedThere,
    EntryRefused,
    FactChangedMeanwhile,
    IdentifierBelongsToSomebody,
    ImpossibleDay,
    ImpossibleLife,
    MergedIntoAnother,
    NoEntryFilters,
    NoMatchModel,
    NobodyThere,
    NotAnOccupation,
    NotAPeriod,
    NotEmployedThere,
    NotInAHousehold,
    NotInTheList,
    UnableToGround,
    UnableToJoin,
    UnableToRegister,
)
_NOTHING_KNOWN: Final = "none"
_ANEW: Final = gettext_lazy("It does not say which facts it shows. Open the page again.")


def record_now(request: StaffRequest, person_id: UUID, *parts: str) -> PersonRecord:
    """Return what is known of a person today; 404 where there is nobody.

    parts: what of the record is read, of `queries.PARTS`.
    """
    visit = request.visit
    try:
        return person_record(
            person_id=person_id,
            access=visit.access,
            as_of=visit.on,
            known_at=visit.at,
            parts=parts,
        )
    except NoSuchPerson:
        raise Http404 from None


# --- forms that rest on what was read -----------------------------------------------------------


class SeenField(forms.CharField):
    """The facts that somebody had before them: the ids of all of one kind that were known."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("This page"),
            error_messages={"required": _ANEW},
            max_length=20_000,
        )

    def clean(self, value: Any) -> frozenset[UUID]:
        text = super().clean(value)
        try:
            return frozenset(UUID(part) for part in text.split() if part != _NOTHING_KNOWN)
        except ValueError:
            raise forms.ValidationError(_ANEW) from None


def written_ids(fact_ids: Collection[UUID]) -> str:
    """Write the ids of facts as `SeenField` reads them."""
    return " ".join(sorted(str(one) for one in fact_ids)) or _NOTHING_KNOWN


def seen_of(request: StaffRequest, person_id: UUID, kind: str) -> str:
    """Return what a form of this kind of fact rests on. Read it before what the page shows.

    A change between the two readings is then told of, never overwritten. A form that was sent
    brings its own.
    """
    if request.method == "POST":
        return ""
    return written_ids(known_fact_ids(person_id=person_id, kind=kind, access=request.visit.access))


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A field of a form beside what a recorded fact says of the same.

    title: for what a fact says and the form does not ask; its field is then empty.
    """

    recorded: Callable[[HistoryLine, Mapping[UUID, str]], str]
    field: str = ""
    title: Promise | str = ""

    def heading(self, form: forms.Form) -> str:
        return str(form.fields[self.field].label if self.field else self.title)


def stated(name: str, *, field: str = "") -> Compared:
    """Compare a field with the value of a fact as it stands; field: its name, where it differs."""
    return Compared(field=field or name, recorded=lambda line, _names: line.values[name])


def coded(name: str, *, title: Promise | str = "") -> Compared:
    """Compare a field with a code of a fact, in words."""
    return Compared(
        field="" if title else name,
        title=title,
        recorded=lambda line, _names: word(line.values[name]),
    )


def somebody(name: str, *, field: str = "", title: Promise | str = "") -> Compared:
    """Compare a field that names somebody by number with whom a fact names."""
    return Compared(
        field=field,
        title=title,
        recorded=lambda line, names: names.get(UUID(line.values[name]), ""),
    )


def first_day(field: str = "starts_on", *, title: Promise | str = "") -> Compared:
    return Compared(
        field="" if title else field,
        title=title,
        recorded=lambda line, _names: formats.day(line.times.starts_on),
    )


def last_day(field: str = "ends_on", *, title: Promise | str = "") -> Compared:
    return Compared(
        field="" if title else field,
        title=title,
        recorded=lambda line, _names: formats.day(formats.last_day(line.times.ends_before)),
    )


# For forms that ask from when something holds: that it ended shows beside, and is not asked.
UNTIL: Final = last_day(title=gettext_lazy("Last day"))


class SeenForm(forms.Form):
    """A form about facts of one kind that were known when it was opened.

    of_kind: as the history calls them; compared_with: what is set beside the others' records.
    """

    of_kind: ClassVar[str] = ""
    compared_with: ClassVar[tuple[Compared, ...]] = ()
    seen = SeenField()
    is_outrun = False

    def based_on(self) -> frozenset[UUID]:
        """Return the facts that an operation is to find unchanged."""
        seen: frozenset[UUID] = self.cleaned_data["seen"]
        return seen

    def concerns(self, line: HistoryLine) -> bool:
        """Say whether a fact is one of those that this form changes."""
        return line.kind == self.of_kind

    def rest_on(self, known: Collection[UUID], *, newest: UUID | None) -> None:
        """Let the form, sent again, rest on what its writer is shown now.

        newest: what now stands in the place of the one fact that is corrected, where it is one.
        """
        sent = {name: self.data[name] for name in self.data}
        self.data = {**sent, "seen": written_ids(known)}
        if newest is not None and "fact_id" in self.fields:
            self.data["fact_id"] = str(newest)


class FactForm(SeenForm, GroundsForm):
    """A fact about a person, on evidence, resting on what was known of its kind."""


# --- the page -----------------------------------------------------------------------------------


def answered(
    request: StaffRequest,
    *,
    form: forms.Form,
    act: Callable[[], str],
    show: Callable[[], Act],
    onward: str,
    frame: Callable[[], dict[str, object]],
    history: Callable[[], Sequence[HistoryLine]],
    refusals: tuple[type[Exception], ...] = REFUSALS,
) -> HttpResponse:
    """Do what the form asks and go onward, or show the page with the form.

    frame: what stands around it; history: every fact ever known of whom the form is about.
    """
    done = fill_in(
        request, form=form, act=_noting_who_was_faster(form, act, onward), refusals=refusals
    )
    if done is not None:
        return done
    if not isinstance(form, SeenForm) or not form.is_outrun:
        return render(request, "web/act.html", {**frame(), "act": show()})
    outrun = _outrun(request, show(), form, history())
    return render(request, "web/act.html", {**frame(), "act": outrun}, status=HTTPStatus.CONFLICT)


def act_page(
    request: StaffRequest,
    person_id: UUID,
    *,
    form: forms.Form,
    act: Callable[[], str],
    show: Callable[[], Act],
) -> HttpResponse:
    """Do what a form about a person asks and go back to them, or show the page with the form."""
    return answered(
        request,
        form=form,
        act=act,
        show=show,
        onward=reverse("web:person", args=[person_id]),
        frame=lambda: person_frame(request, person_id, tab="web:person"),
        history=lambda: (
            fact_history(person_id=person_id, access=request.visit.access, kinds=[form.of_kind])
            if isinstance(form, SeenForm)
            else ()
        ),
    )


def fact_page(
    request: StaffRequest,
    person_id: UUID,
    *,
    form: GroundsForm,
    write: Callable[..., object],
    done: str | Callable[[], str],
    show: Callable[[], Act],
) -> HttpResponse:
    """Write one fact about a person down, and go back to the person.

    write: the operation; it is told who, on which grounds, with which permission and when, and
    what the form rests on. done: the message of success.
    """

    def act() -> str:
        told: dict[str, Any] = {
            "person_id": person_id,
            "grounds": form.grounds(),
            "access": request.visit.access,
            "at": request.visit.at,
        }
        if isinstance(form, SeenForm):
            told["based_on"] = form.based_on()
        write(**told)
        return done if isinstance(done, str) else done()

    return act_page(request, person_id, form=form, act=act, show=show)


def _noting_who_was_faster(
    form: forms.Form, act: Callable[[], str], onward: str
) -> Callable[[], Done]:
    """Remember at the form that somebody else was faster."""

    def doing() -> Done:
        try:
            return Done(message=act(), onward=onward)
        except FactChangedMeanwhile:
            if isinstance(form, SeenForm):
                form.is_outrun = True
            raise

    return doing


def _outrun(
    request: StaffRequest, shown: Act, form: SeenForm, history: Sequence[HistoryLine]
) -> Act:
    """Return the page with what was known, what is known now, and what was typed."""
    lines = [line for line in history if form.concerns(line)]
    known = [line for line in lines if line.times.superseded_at is None]
    seen = form.based_on()
    gone = [
        line
        for line in lines
        if line.times.fact_id in seen and line.times.superseded_at is not None
    ]
    new = [line for line in known if line.times.fact_id not in seen]
    table = _beside(request, form, gone, new)
    newest = max(new, key=lambda line: line.times.starts_on or date.min, default=None)
    form.rest_on(
        [line.times.fact_id for line in known], newest=newest.times.fact_id if newest else None
    )
    return replace(
        shown,
        button=_("Record mine all the same"),
        facts=(),
        tables=[table],
        consequence=_(
            "Nothing of yours is recorded yet. Compare first: pressed again, the button puts what "
            "you typed in the place of what is known now. %(consequence)s"
        )
        % {"consequence": shown.consequence},
    )


def _beside(
    request: StaffRequest, form: SeenForm, gone: Sequence[HistoryLine], new: Sequence[HistoryLine]
) -> Table:
    names = _names(request, [*gone, *new])
    writers = display_names(user_ids={line.times.recorded_by for line in (*gone, *new)})
    fields = form.compared_with

    def row(said: str, line: HistoryLine, *, is_new: bool) -> Row:
        return Row(
            cells=(
                Cell(value=said),
                *(Cell(value=one.recorded(line, names)) for one in fields),
                Cell(value=writers.get(line.times.recorded_by, "")),
                Cell(value=line.times.recorded_at),
            ),
            emphasis="am-matched" if is_new else "am-former",
        )

    return Table(
        name="meanwhile",
        caption=_("Changed by somebody else while you were writing"),
        columns=(
            Column(title=_("What")),
            *(Column(title=one.heading(form)) for one in fields),
            Column(title=_("Recorded by")),
            Column(title=_("Recorded"), kind="instant"),
        ),
        rows=[
            *(row(_("when you opened this page"), line, is_new=False) for line in gone),
            *(row(_("now"), line, is_new=True) for line in new),
            Row(
                cells=(
                    Cell(value=_("what you typed, not recorded")),
                    *(Cell(value=_typed(form, one.field)) for one in fields),
                    Cell(value=""),
                    Cell(value=None),
                )
            ),
        ],
        empty="",
        is_exportable=False,
    )


def _names(request: StaffRequest, lines: Sequence[HistoryLine]) -> dict[UUID, str]:
    """Return what the people and households are called whom facts name."""

    def named(*columns: str) -> set[UUID]:
        return {
            UUID(value) for line in lines for name, value in line.values.items() if name in columns
        }

    people, households = (
        named("person_id", "representative_id", "relative_id"),
        named("household_id"),
    )
    if not people | households:
        return {}
    with reading(
        access=request.visit.access,
        right=Right.PERSON_READ,
        details={"looked_for": "changed meanwhile"},
    ):
        found = summaries_of(person_ids=people)
    return household_numbers(household_ids=households) | {
        person_id: f"{one.name} ({one.number})" for person_id, one in found.items()
    }


def _typed(form: SeenForm, name: str) -> str:
    """Write what was typed into a field as the page writes it elsewhere."""
    if not name:
        return ""
    value, field = form.cleaned_data.get(name), form.fields[name]
    if isinstance(field, forms.ChoiceField):
        choices = cast("Iterable[tuple[str, str]]", field.choices)
        return str(dict(choices).get(str(value), value))
    if isinstance(value, date):
        return formats.day(value)
    return str(form.data.get(name, ""))
