"""Rules: which packs are in force, their parameters with dates and law, their decision tables."""

import re
from collections.abc import Callable, Iterator
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from amparo.governance.kernel import queries
from amparo.governance.kernel.operations import UnableToDecide, approve, refuse
from amparo.governance.kernel.queries import ResolutionRow, resolutions_page
from amparo.interfaces.web.actions import Action, carry_out
from amparo.interfaces.web.addresses import page_number
from amparo.interfaces.web.checks import changes_table, checked
from amparo.interfaces.web.explanations import language_asked
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Crumb, Fact, Strip
from amparo.interfaces.web.requirements import requirements_of
from amparo.interfaces.web.simulated import of_this_content
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.views.diagrams import viewer_size
from amparo.interfaces.web.views.drafts import READERS as DRAFT_READERS
from amparo.interfaces.web.vocabulary import state_cell, word
from amparo.rules.book.queries import (
    BookedPack,
    DraftedPack,
    NoSuchVersion,
    draft_of_resolution,
    packs_listed,
    titles,
    version,
)
from amparo.rules.dmn.model import BoxedContext, DecisionTable, Expression
from amparo.rules.trace.record import encode
from amparo.values import Page, Right


@page(Right.PACK_READ)
def packs(request: StaffRequest) -> HttpResponse:
    """List every version that was ever put in force, and the proposals to decide on."""
    resolutions = resolutions_page(access=request.visit.access, page=page_number(request))
    tables = [_packs_table(request), _resolutions_table(request, resolutions)]
    access = request.visit.access
    context = {
        "tables": tables,
        "reads_drafts": any(access.allows(right) for right in DRAFT_READERS),
    }
    return exported(request, *tables) or render(request, "web/packs.html", context)


def _packs_table(request: StaffRequest) -> Table:
    called = titles(known_at=request.visit.at, language=language_asked())
    return Table(
        name="packs",
        caption=_("Rule packs"),
        columns=(
            Column(title=_("Scheme"), key="scheme"),
            Column(title=_("Version"), key="version"),
            Column(title=_("Applies from"), kind="day", key="from"),
            Column(title=_("Activated"), kind="instant", key="activated"),
            Column(title=_("Content"), kind="identifier"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=called.scheme(one.scheme),
                        href=reverse("web:pack", args=[one.version_id]),
                        note=one.scheme,
                    ),
                    Cell(value=one.version),
                    Cell(value=one.applies_from),
                    Cell(value=one.activated_at),
                    Cell(value=one.content_hash[:12]),
                )
            )
            for one in packs_listed()
        ],
        empty=_("No pack is in force."),
        empty_remedy=_("A pack is proposed, approved by the board, and activated from a day on."),
        query=request.GET,
    )


@page(Right.PACK_READ)
def pack(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """Show a pack as it was activated: parameters with their law, decisions, decision tables."""
    try:
        booked = version(version_id=version_id)
    except NoSuchVersion:
        raise Http404 from None
    manifest = booked.pack.manifest
    language = language_asked()
    parameters = _parameters_table(request, booked)
    tables = dict(_decision_tables(booked))
    context = {
        "crumbs": [Crumb(title=_("Rules"), href=reverse("web:rules"))],
        "strip": Strip(
            title=manifest.titles.get(language) or manifest.titles["en"],
            facts=[
                Fact(label=_("Scheme"), value=booked.scheme, kind="identifier"),
                Fact(label=_("Version"), value=booked.version),
                Fact(label=_("Applies from"), value=booked.applies_from, kind="day"),
                Fact(label=_("Activated"), value=booked.activated_at, kind="instant"),
                Fact(label=_("Currency"), value=manifest.currency),
                Fact(label=_("Appeals go to"), value=manifest.authority),
            ],
        ),
        "facts": _process(booked),
        "parameters": parameters,
        "decisions": _decisions_table(request, booked),
        "tables": [one for several in tables.values() for one in several],
        "requirements": requirements_of(
            booked.pack,
            language=language,
            with_tables={
                decision: f"rows-{several[0].name}" for decision, several in tables.items()
            },
        ),
        "draft_from": version_id if request.visit.access.allows(Right.PACK_PROPOSE) else "",
        "viewer": reverse("web:diagram", args=[version_id]),
        "viewer_size": viewer_size(),
        "law_text": paragraphs(booked.pack.files["law.md"]),
    }
    return exported(request, parameters) or render(request, "web/pack.html", context)


def _process(booked: BookedPack) -> list[Fact]:
    content = Fact(label=_("Content"), value=booked.content_hash, kind="identifier")
    process = booked.pack.manifest.process
    if process is None:  # a pack that only computes grants nothing and has no process
        return [content]
    return [
        Fact(label=_("Decision within"), value=_days(process.decision_days)),
        Fact(label=_("Appeal within"), value=_days(process.appeal_days)),
        Fact(label=_("Approval"), value=word(process.approval)),
        Fact(label=_("Law"), value=process.law),
        content,
    ]


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a law text without its marks of emphasis and headings."""
    plain = re.sub(r"\*\*|^#+ *", "", text, flags=re.MULTILINE)
    return [paragraph for paragraph in plain.split("\n\n") if paragraph.strip()]


def _days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}


def _parameters_table(request: StaffRequest, booked: BookedPack) -> Table:
    language = language_asked()
    return Table(
        name="parameters",
        caption=_("Amounts and rates set by law"),
        columns=(
            Column(title=_("Name"), key="name"),
            Column(title=_("Value"), kind="number"),
            Column(title=_("Unit")),
            Column(title=_("From"), kind="day", key="from"),
            Column(title=_("Until"), kind="day"),
            Column(title=_("Known from"), kind="instant"),
            Column(title=_("Law")),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.titles.get(language) or one.title, note=one.name),
                    Cell(value=_shown(encode(row.value))),
                    Cell(value=one.unit),
                    Cell(value=row.valid_from),
                    Cell(value=row.valid_to),
                    Cell(value=row.known_from),
                    Cell(value=row.law, note=row.note),
                ),
                emphasis="" if row.is_adopted else "am-former",
            )
            for one in booked.pack.parameters
            for row in one.rows
        ],
        empty=_("This pack has no parameter."),
        query=request.GET,
    )


def _shown(encoded: object) -> str:
    """Write a value of a parameter; a table of values stands entry by entry."""
    if isinstance(encoded, list):
        return "; ".join(_shown(one) for one in encoded)
    if isinstance(encoded, dict):
        return ", ".join(f"{name} {_shown(value)}" for name, value in encoded.items())
    return str(encoded)


def _decisions_table(request: StaffRequest, booked: BookedPack) -> Table:
    language = language_asked()
    return Table(
        name="decisions",
        caption=_("What it decides"),
        columns=(
            Column(title=_("Decision")),
            Column(title=_("Kind")),
            Column(title=_("Facts it asks for")),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.titles.get(language) or one.title, note=one.name),
                    Cell(value=word(one.kind)),
                    Cell(
                        value=", ".join(
                            asked.titles.get(language) or asked.title for asked in one.inputs
                        )
                    ),
                )
            )
            for one in booked.pack.manifest.decisions
        ],
        empty=_("This pack decides nothing."),
        is_exportable=False,
    )


def _decision_tables(booked: BookedPack) -> Iterator[tuple[str, list[Table]]]:
    """Yield the id of each decision that has tables, with them."""

    def called(name: str) -> str:
        return booked.pack.label(name, language=language_asked())

    for decision in booked.pack.library.main.decisions.values():
        tables = []
        for number, (entry, table) in enumerate(_tables_in("", decision.logic), start=1):
            name = f"{called(decision.name)}: {called(entry)}" if entry else called(decision.name)
            tables.append(_decision_table(f"{decision.id}-{number}", name, table, called))
        if tables:
            yield decision.id, tables


def _tables_in(name: str, logic: Expression | None) -> Iterator[tuple[str, DecisionTable]]:
    """Yield the tables of a decision; those inside its contexts with the name of their entry."""
    if isinstance(logic, DecisionTable):
        yield name, logic
    elif isinstance(logic, BoxedContext):
        for entry in logic.entries:
            yield from _tables_in(entry.name or name, entry.expression)


def _decision_table(
    anchor: str, caption: str, table: DecisionTable, called: Callable[[str], str]
) -> Table:
    columns = [Column(title=_("Rule"))]
    columns += [Column(title=called(clause.label)) for clause in table.inputs]
    columns += [Column(title=f"→ {called(clause.label)}") for clause in table.outputs]
    columns += [Column(title=called(title)) for title in table.annotations]
    return Table(
        name=anchor,
        caption=caption,
        columns=tuple(columns),
        rows=[
            Row(
                cells=(
                    Cell(value=rule.id, note=rule.description),
                    *(Cell(value=test.text or "-") for test in rule.tests),
                    *(Cell(value=output.text) for output in rule.outputs),
                    *(Cell(value=text) for text in rule.annotations),
                )
            )
            for rule in table.rules
        ],
        empty=_("This table has no rules."),
        is_exportable=False,
    )


# --- proposals ------------------------------------------------------------------------------------


class DecisionForm(forms.Form):
    """Why a proposal is approved or refused."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )
    content_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)


def _resolutions_table(request: StaffRequest, found: Page[ResolutionRow]) -> Table:
    return Table(
        name="resolutions",
        caption=_("Proposals and resolutions"),
        columns=(
            Column(title=_("Proposal")),
            Column(title=_("Gate")),
            Column(title=_("State"), kind="state"),
            Column(title=_("Proposed by")),
            Column(title=_("Proposed"), kind="instant"),
            Column(title=_("Decided by")),
            Column(title=_("Valid until"), kind="instant"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=one.title,
                        href=reverse("web:resolution", args=[one.resolution_id]),
                        note=one.reason,
                    ),
                    Cell(value=one.gate_title),
                    state_cell("awaiting" if one.state == "proposed" else one.state),
                    Cell(value=one.proposed_by),
                    Cell(value=one.proposed_at),
                    Cell(value=one.decided_by, note=one.decision_reason),
                    Cell(value=one.expires_at),
                )
            )
            for one in found.rows
        ],
        empty=_("Nothing is proposed."),
        paging=found,
        query=request.GET,
    )


@page(Right.PACK_READ)
def resolution(request: StaffRequest, resolution_id: UUID) -> HttpResponse:
    """Show a proposal, and let those who may decide on it approve or refuse it."""
    found = _found(request, resolution_id)
    access = request.visit.access
    drafted = draft_of_resolution(resolution_id=resolution_id, access=access)
    state = "awaiting" if found.state == "proposed" else found.state
    context = {
        "crumbs": [Crumb(title=_("Rules"), href=reverse("web:rules"))],
        "strip": Strip(
            title=found.title,
            facts=[
                Fact(label=_("Gate"), value=found.gate_title),
                Fact(label=_("Proposed by"), value=found.proposed_by),
                Fact(label=_("Proposed"), value=found.proposed_at, kind="instant"),
                Fact(
                    label=_("State"),
                    value=str(state_cell(state).value),
                    kind="state",
                    tone=state_cell(state).tone,
                ),
            ],
        ),
        "facts": [
            Fact(label=_("Reason"), value=found.reason),
            Fact(label=_("Content"), value=found.content_hash, kind="identifier"),
            Fact(label=_("Decided by"), value=found.decided_by),
            Fact(label=_("Reason of the decision"), value=found.decision_reason),
            Fact(label=_("Valid until"), value=found.expires_at, kind="instant"),
        ],
        "draft": drafted.draft if drafted else None,
        "reads_drafts": any(access.allows(right) for right in DRAFT_READERS),
        "changes": changes_table(drafted.base.pack, drafted.pack, query=request.GET)
        if drafted
        else None,
        "simulations": _simulations(request, drafted) if drafted else None,
        "checked": checked(drafted.pack) if drafted else None,
        "actions": _resolution_actions(found)
        if found.state == "proposed" and access.allows(Right.PACK_APPROVE)
        else [],
    }
    return render(request, "web/resolution.html", context)


def _simulations(request: StaffRequest, drafted: DraftedPack) -> Table:
    access = request.visit.access
    links = any(access.allows(right) for right in DRAFT_READERS)
    return of_this_content(drafted.pack, access=access, query=request.GET, links=links)


def _found(request: StaffRequest, resolution_id: UUID) -> ResolutionRow:
    try:
        return queries.resolution(resolution_id=resolution_id, access=request.visit.access)
    except queries.NoSuchResolution:
        raise Http404 from None


def _resolution_actions(found: ResolutionRow) -> list[Action]:
    initial = {"content_hash": found.content_hash}
    return [
        Action(
            title=_("Approve the proposal"),
            href=reverse("web:resolution-approve", args=[found.resolution_id]),
            consequence=_("The effect may then be carried out, once, with exactly this content."),
            confirm=_("I have read what is proposed."),
            form=DecisionForm(initial=initial, auto_id="approve-%s"),
        ),
        Action(
            title=_("Refuse the proposal"),
            href=reverse("web:resolution-refuse", args=[found.resolution_id]),
            consequence="",
            look="secondary",
            form=DecisionForm(initial=initial, auto_id="refuse-%s"),
        ),
    ]


@require_POST
@page(Right.PACK_APPROVE)
def resolution_approve(request: StaffRequest, resolution_id: UUID) -> HttpResponse:
    """Approve exactly the content that was shown."""

    def act() -> str:
        approve(
            resolution_id=resolution_id,
            content_hash=request.POST.get("content_hash", ""),
            reason=request.POST.get("reason", "").strip(),
            access=request.visit.access,
            at=request.visit.at,
        )
        return _("Approved. The proposer can carry it out now.")

    return carry_out(
        request,
        act=act,
        refusals=(UnableToDecide,),
        back=reverse("web:resolution", args=[resolution_id]),
        must_confirm=True,
    )


@require_POST
@page(Right.PACK_APPROVE)
def resolution_refuse(request: StaffRequest, resolution_id: UUID) -> HttpResponse:
    """Refuse, with a reason that the proposer reads."""

    def act() -> str:
        refuse(
            resolution_id=resolution_id,
            reason=request.POST.get("reason", "").strip(),
            access=request.visit.access,
            at=request.visit.at,
        )
        return _("Refused. The proposer reads the reason.")

    return carry_out(
        request,
        act=act,
        refusals=(UnableToDecide,),
        back=reverse("web:resolution", args=[resolution_id]),
    )
