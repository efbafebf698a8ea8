"""Simulations of a draft: asked for, under way, found; the cases changed most, without a name."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.interfaces.web import formats
from amparo.interfaces.web.actions import Done, fill_in
from amparo.interfaces.web.explanations import Told, language_asked, told
from amparo.interfaces.web.forms import DayField
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Crumb, Fact, Strip
from amparo.interfaces.web.simulated import people_in_words, simulations_table
from amparo.interfaces.web.tables import Cell, Column, Kind, Row, Table, exported
from amparo.interfaces.web.views.draft_parts import own_rows
from amparo.interfaces.web.views.drafts import READERS, drafted_or_404, frame_of
from amparo.office.operations import ask_for_work
from amparo.office.queries import WorkRow, latest_work
from amparo.rules.book.queries import (
    CaseListed,
    DraftedPack,
    NoSuchSimulation,
    SimulationListed,
    SimulationRecord,
    drafted_pack,
    packs_listed,
    simulated_case,
    simulated_cases,
    simulation,
    simulations_of_draft,
    version,
)
from amparo.rules.packs import Pack
from amparo.rules.simulation.results import Simulation
from amparo.values import Access, Right

SIMULATION: Final = "rules.simulate"
MOST_MADE_UP: Final = 100_000
_USUAL_COUNT, _USUAL_SEED = 10_000, 1


# --- of a draft -----------------------------------------------------------------------------------


@page(*READERS)
def draft_simulations(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """List the simulations of a draft, and say which are of the content it has now."""
    drafted = drafted_or_404(request, draft_id)
    access = request.visit.access
    table = simulations_table(
        simulations_of_draft(draft_id=draft_id, access=access),
        current=drafted.pack.hash,
        query=request.GET,
    )
    under_way = _under_way(request, draft_id)
    context = {
        **frame_of(request, drafted, "web:draft-simulations"),
        "table": table,
        "work": under_way,
        "work_address": reverse("web:simulation-work", args=[under_way.work_id])
        if under_way
        else "",
        "can_start": _can_start(access, drafted) and under_way is None,
    }
    return exported(request, table) or render(request, "web/draft_simulations.html", context)


def _can_start(access: Access, drafted: DraftedPack) -> bool:
    return access.allows(Right.PACK_SIMULATE) and bool(drafted.pack.manifest.benefits)


def _under_way(request: StaffRequest, draft_id: UUID) -> WorkRow | None:
    """Return the simulation of a draft that runs, or the last that stopped."""
    access, at = request.visit.access, request.visit.at
    if not access.allows(Right.PACK_SIMULATE):
        return None
    found = latest_work(subject_id=draft_id, right=Right.PACK_SIMULATE, access=access, at=at)
    return found if found is not None and found.is_open else None


# --- the start ------------------------------------------------------------------------------------


class SimulationForm(forms.Form):
    """Which version to compare with, for which benefit, on which day, over whom."""

    base = forms.ChoiceField(label=gettext_lazy("Compare with"))
    benefit = forms.ChoiceField(label=gettext_lazy("Benefit"))
    on = DayField(
        label=gettext_lazy("On the day"),
        help_text=gettext_lazy("The amounts and rates of that day apply, before and after."),
    )
    population = forms.ChoiceField(
        label=gettext_lazy("People"),
        widget=forms.RadioSelect,
        choices=(
            ("caseload", gettext_lazy("Everybody with an award or a decided claim")),
            ("everybody", gettext_lazy("Everybody registered, as if they claimed that day")),
            ("made up", gettext_lazy("People made up: nobody real is asked about")),
        ),
        initial="caseload",
    )
    count = forms.IntegerField(
        label=gettext_lazy("How many people are made up"),
        help_text=gettext_lazy("Only where people are made up: at most 100,000."),
        min_value=1,
        max_value=MOST_MADE_UP,
        required=False,
        initial=_USUAL_COUNT,
    )
    seed = forms.IntegerField(
        label=gettext_lazy("Seed"),
        help_text=gettext_lazy("The same number makes up the same people."),
        min_value=0,
        max_value=2**31,
        required=False,
        initial=_USUAL_SEED,
    )
    as_new = forms.BooleanField(
        label=gettext_lazy("Ask every case as if it were claimed on that day"), required=False
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        versions: list[tuple[str, str]],
        benefits: list[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("base", versions), ("benefit", benefits)):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = choices

    def clean_count(self) -> int | None:
        count: int | None = self.cleaned_data["count"]
        if count is None and self.cleaned_data.get("population") == "made up":
            raise forms.ValidationError(_("Say how many people are to be made up."))
        return count

    def asked(self) -> dict[str, Any]:
        """Return what the job is told."""
        said = self.cleaned_data
        population: dict[str, Any] = {"kind": said["population"]}
        if said["population"] == "made up":
            population |= {"count": said["count"], "seed": said["seed"] or 0}
        return {
            "base": said["base"],
            "benefit": said["benefit"],
            "on": said["on"].isoformat(),
            "as_new": said["as_new"],
            "population": population,
            "revision": said["seen"],
        }


@page(Right.PACK_SIMULATE)
def simulation_new(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Ask for a simulation of a draft's latest revision."""
    drafted = drafted_or_404(request, draft_id)
    if not _can_start(request.visit.access, drafted):
        raise Http404
    language = language_asked()
    versions = [
        (
            str(one.version_id),
            _("version %(version)s from %(day)s")
            % {"version": one.version, "day": formats.day(one.applies_from)},
        )
        for one in packs_listed()
        if one.scheme == drafted.draft.scheme
    ]
    benefits = [
        (one.code, one.titles.get(language) or one.title) for one in drafted.pack.manifest.benefits
    ]
    initial = {
        "base": str(drafted.base.version_id),
        "on": drafted.draft.applies_from or _first_day_of_all(drafted, request.visit.on),
        "seen": drafted.number,
    }
    form = SimulationForm(
        request.POST or None, versions=versions, benefits=benefits, initial=initial
    )

    def act() -> Done:
        work_id = ask_for_work(
            kind=SIMULATION,
            subject_kind="pack-draft",
            subject_id=draft_id,
            details=form.asked(),
            right=Right.PACK_SIMULATE,
            access=request.visit.access,
            at=request.visit.at,
        )
        return Done(
            message=_("The simulation is asked for. You may leave this page."),
            onward=reverse("web:simulation-work", args=[work_id]),
        )

    if done := fill_in(request, form=form, act=act, refusals=()):
        return done
    context = {
        **frame_of(request, drafted, ""),
        "act": Act(
            title=_("Simulate the draft"),
            button=_("Start the simulation"),
            form=form,
            consequence=_(
                "Nothing is decided and nobody is paid by it. What it finds is kept for exactly "
                "this content of the draft."
            ),
            undo=_("A simulation stays on record. Start another with what you meant."),
            facts_title=_("What is simulated"),
            facts=[
                Fact(label=_("Revision"), value=drafted.number),
                Fact(label=_("Content"), value=drafted.pack.hash, kind="identifier"),
            ],
        ),
    }
    return render(request, "web/act.html", context)


def _first_day_of_all(drafted: DraftedPack, today: date) -> date:
    """Return the first day from today on which everything holds that the draft brings."""
    starts = [row.valid_from for row in own_rows(drafted)]
    return max(today, drafted.pack.valid_from, *starts)


# --- what was found -------------------------------------------------------------------------------


@page(*READERS)
def simulation_found(request: StaffRequest, simulation_id: UUID) -> HttpResponse:
    """Show what a simulation found: costs, winners and losers, amounts, the cases changed most."""
    # Loaded with DuckDB and Arrow, which no other page needs.
    from amparo.rules.simulation import report  # noqa: PLC0415

    record = _found(request, simulation_id)
    access, language = request.visit.access, language_asked()
    drafted = drafted_pack(draft_id=record.listed.draft_id, access=access)
    found = report.read_data(record.result, title=record.listed.benefit)
    tables = [_table(one, query=request.GET) for one in report.tables(found, language=language)]
    affected = _affected_table(request, record.listed, found)
    context = {
        "crumbs": _crumbs(drafted),
        "strip": _strip(record.listed, drafted),
        "notes": list(_notes(record.listed, drafted, found)),
        "row_by_row": report.row_by_row(found, language=language),
        "facts": _facts(record.listed),
        "charts": list(report.charts(found, language=language)),
        "tables": tables,
        "affected": affected,
    }
    shown = [*tables, affected] if affected else tables
    return exported(request, *shown) or render(request, "web/simulation.html", context)


def _found(request: StaffRequest, simulation_id: UUID) -> SimulationRecord:
    try:
        return simulation(simulation_id=simulation_id, access=request.visit.access)
    except NoSuchSimulation:
        raise Http404 from None


def _crumbs(drafted: DraftedPack) -> list[Crumb]:
    draft = drafted.draft
    return [
        Crumb(title=_("Rules"), href=reverse("web:rules")),
        Crumb(title=_("Drafts"), href=reverse("web:drafts")),
        Crumb(title=draft.title, href=reverse("web:draft", args=[draft.draft_id])),
        Crumb(title=_("Simulations"), href=reverse("web:draft-simulations", args=[draft.draft_id])),
    ]


def _strip(listed: SimulationListed, drafted: DraftedPack) -> Strip:
    language = language_asked()
    titles = {one.code: one.titles.get(language) or one.title for one in _benefits(drafted)}
    return Strip(
        title=_("Simulation: %(benefit)s")
        % {"benefit": titles.get(listed.benefit, listed.benefit)},
        facts=[
            Fact(label=_("Scheme"), value=drafted.draft.scheme, kind="identifier"),
            Fact(label=_("On the day"), value=listed.on, kind="day"),
            Fact(label=_("Cases"), value=listed.cases),
            Fact(label=_("By"), value=listed.made_by),
            Fact(label=_("Made"), value=listed.made_at, kind="instant"),
        ],
    )


def _benefits(drafted: DraftedPack) -> Sequence[Any]:
    return drafted.pack.manifest.benefits


def _notes(listed: SimulationListed, drafted: DraftedPack, found: Simulation) -> list[str]:
    """Say what a reader must know before the figures."""
    notes = []
    if listed.content_hash != drafted.pack.hash:
        notes.append(
            _("The draft has been changed since: these figures are of revision %(number)s.")
            % {"number": listed.revision}
        )
    if taken_on := listed.population.get("taken_on", 0):
        notes.append(
            ngettext(
                "%(count)s award was taken on from an older system without the facts it rests on. "
                "Its answers are unknown, and in no sum.",
                "%(count)s awards were taken on from an older system without the facts they rest "
                "on. Their answers are unknown, and in no sum.",
                taken_on,
            )
            % {"count": formats.figure(taken_on)}
        )
    if not found.cases:
        notes.append(_("There was no case to ask about, so every figure is zero."))
    if found.as_new:
        notes.append(_("Every case was asked as if it were claimed on that day."))
    return notes


def _facts(listed: SimulationListed) -> list[Fact]:
    return [
        Fact(label=_("People"), value=people_in_words(listed.population)),
        Fact(label=_("Facts of the people"), value=listed.population_hash, kind="identifier"),
        Fact(label=_("Content"), value=listed.content_hash, kind="identifier"),
        Fact(label=_("Revision"), value=listed.revision),
        Fact(
            label=_("Against version"),
            value=listed.base_version,
            href=reverse("web:pack", args=[listed.base_id]),
        ),
    ]


def _table(one: Any, *, query: QueryDict) -> Table:
    """Show a table of the report; what it writes is written already."""
    return Table(
        name=one.key,
        caption=one.title,
        columns=tuple(_column(number, title) for number, title in enumerate(one.head)),
        rows=[Row(cells=tuple(Cell(value=text) for text in row)) for row in one.rows],
        empty=_("Nobody."),
        query=query,
    )


def _column(number: int, title: str) -> Column:
    kind: Kind = "number" if number else "text"
    return Column(title=title, kind=kind)


def _affected_table(
    request: StaffRequest, listed: SimulationListed, found: Simulation
) -> Table | None:
    """List the cases changed most, to who may see single cases."""
    from amparo.rules.simulation import report  # noqa: PLC0415 - see above

    access = request.visit.access
    if not access.allows(Right.PACK_SIMULATE):
        return None
    words = report.words_of(language_asked())
    cases = simulated_cases(simulation_id=listed.simulation_id, access=access)

    def row(case: CaseListed) -> Row:
        address = reverse("web:simulation-case", args=[listed.simulation_id, case.number])
        return Row(
            cells=(
                Cell(value=_("case %(number)s") % {"number": case.number}, href=address),
                Cell(value=report.named(case.sex, words)),
                Cell(value=report.named(case.age_band, words)),
                Cell(value=report.named(case.region, words)),
                Cell(value=report.paid(case.before_state, case.before, words)),
                Cell(value=report.paid(case.after_state, case.after, words)),
                Cell(value=report.signed(case.change, words)),
            )
        )

    return Table(
        name="affected",
        caption=_("Cases changed most, without names"),
        columns=(
            Column(title=_("Case")),
            Column(title=_("Sex")),
            Column(title=_("Age")),
            Column(title=_("District")),
            Column(title=_("Before"), kind="number"),
            Column(title=_("After"), kind="number"),
            Column(title=_("Difference"), kind="number"),
        ),
        rows=[row(case) for case in cases],
        empty=_("No case changes."),
        query=request.GET,
        is_exportable=False,
    )


@page(Right.PACK_SIMULATE)
def simulation_case(request: StaffRequest, simulation_id: UUID, number: int) -> HttpResponse:
    """Explain one of the cases changed most: under the rules before, and under those after."""
    record = _found(request, simulation_id)
    access, listed = request.visit.access, record.listed
    try:
        case = simulated_case(simulation_id=simulation_id, number=number, access=access)
    except NoSuchSimulation:
        raise Http404 from None
    drafted = drafted_pack(draft_id=listed.draft_id, access=access, number=listed.revision)
    base = version(version_id=listed.base_id)
    context = {
        "crumbs": [
            *_crumbs(drafted),
            Crumb(
                title=_("Simulation on %(day)s") % {"day": formats.day(listed.on)},
                href=reverse("web:simulation", args=[simulation_id]),
            ),
        ],
        "strip": Strip(
            title=_("Case %(number)s") % {"number": number},
            facts=[
                Fact(label=_("Before"), value=case.listed.before, kind="money"),
                Fact(label=_("After"), value=case.listed.after, kind="money"),
                Fact(label=_("Difference"), value=case.listed.change, kind="money"),
            ],
        ),
        "before": _explained(base.pack, case.before_traces, "before"),
        "after": _explained(drafted.pack, case.after_traces, "after"),
    }
    return render(request, "web/simulation_case.html", context)


def _explained(pack: Pack, traces: Sequence[Mapping[str, Any]], side: str) -> list[Told]:
    language = language_asked()
    return [
        told(pack.explain(trace, language=language), name=f"{side}-{number}")
        for number, trace in enumerate(traces, start=1)
    ]
