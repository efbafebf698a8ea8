"""Declarations: what employers declared, what is due on it, and which lines wait for a person."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.accounts.queries import display_names
from amparo.delivery.contributions.queries import (
    DeclarationRecord,
    DeclarationSummary,
    NoSuchDeclaration,
    SchemeDue,
    WageLineRecord,
    declaration_record,
    declarations_page,
)
from amparo.interfaces.web import formats
from amparo.interfaces.web.addresses import month_asked, page_number
from amparo.interfaces.web.explanations import language_asked
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Crumb, Fact, Figure, Strip
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.vocabulary import state_cell, state_word, tone
from amparo.rules.book.queries import titles
from amparo.values import Page, Right


@page(Right.DECLARATION_READ)
def declarations(request: StaffRequest) -> HttpResponse:
    """List declarations, by month or only those with lines in suspense."""
    month = month_asked(request, "month")
    with_suspense = request.GET.get("suspense") == "1"
    found = declarations_page(
        access=request.visit.access,
        month=month,
        with_suspense=with_suspense,
        page=page_number(request),
    )
    table = declarations_table(request, found)
    context = {
        "table": table,
        "month": str(month or ""),
        "with_suspense": with_suspense,
        "may_upload": request.visit.access.allows(Right.DECLARATION_RECEIVE),
    }
    return exported(request, table) or render(request, "web/declarations.html", context)


def declarations_table(request: StaffRequest, found: Page[DeclarationSummary]) -> Table:
    return Table(
        name="declarations",
        caption=_("Declarations"),
        columns=(
            Column(title=_("Number"), kind="identifier"),
            Column(title=_("Employer")),
            Column(title=_("Month"), kind="month"),
            Column(title=_("Lines"), kind="number"),
            Column(title=_("In suspense"), kind="number"),
            Column(title=_("Wages"), kind="money"),
            Column(title=_("Due"), kind="money"),
            Column(title=_("State"), kind="state"),
            Column(title=_("Received"), kind="instant"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.number, href=reverse("web:declaration", args=[one.id])),
                    Cell(value=one.employer_name, note=one.employer_number),
                    Cell(value=one.month.starts_on),
                    Cell(value=one.line_count),
                    Cell(value=one.suspense_count or None),
                    Cell(value=one.total_wages),
                    Cell(value=one.total_due),
                    state_cell(one.state),
                    Cell(value=one.received_at),
                )
            )
            for one in found.rows
        ],
        empty=_("No declaration matches."),
        empty_remedy=_("Choose another month, or upload the file that the employer sent."),
        paging=found,
        query=request.GET,
    )


def suspense_table(request: StaffRequest, lines: Page[WageLineRecord]) -> Table:
    return Table(
        name="suspense",
        caption=_("Lines in suspense"),
        columns=(
            Column(title=_("Month"), kind="month"),
            Column(title=_("Declaration"), kind="identifier"),
            Column(title=_("Line"), kind="number"),
            Column(title=_("Identifier as declared"), kind="identifier"),
            Column(title=_("Name as declared")),
            Column(title=_("Wage"), kind="money"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=line.month.starts_on),
                    Cell(
                        value=line.declaration_number,
                        href=reverse("web:declaration", args=[line.declaration_id]),
                    ),
                    Cell(value=line.line_number),
                    Cell(value=line.declared_identifier),
                    Cell(value=line.declared_name),
                    Cell(value=line.wage),
                )
            )
            for line in lines.rows
        ],
        empty=_("Every line names somebody we know."),
        query=request.GET,
    )


# --- one declaration ------------------------------------------------------------------------------


@page(Right.DECLARATION_READ)
def declaration(request: StaffRequest, declaration_id: UUID) -> HttpResponse:
    """Show a declaration: totals, what is due by scheme, each line, matched or in suspense."""
    try:
        record = declaration_record(
            declaration_id=declaration_id, access=request.visit.access, page=page_number(request)
        )
    except NoSuchDeclaration:
        raise Http404 from None
    lines = _lines_table(request, record.lines)
    due = _due_table(request, record)
    context = {
        "strip": _strip(request, record.summary),
        "crumbs": [Crumb(title=_("Declarations"), href=reverse("web:declarations"))],
        "figures": _figures(record),
        "due": due,
        "lines": lines,
        "receipt": _receipt(record),
    }
    return exported(request, due, lines) or render(request, "web/declaration.html", context)


def _strip(request: StaffRequest, summary: DeclarationSummary) -> Strip:
    may_open = request.visit.access.allows(Right.EMPLOYER_READ)
    address = reverse("web:employer", args=[summary.employer_id]) if may_open else ""
    return Strip(
        title=_("Declaration for %(month)s") % {"month": formats.month(summary.month.starts_on)},
        facts=[
            Fact(label=_("Number"), value=summary.number, kind="identifier"),
            Fact(label=_("Employer"), value=summary.employer_name, href=address),
            Fact(label=_("Employer number"), value=summary.employer_number, kind="identifier"),
            Fact(
                label=_("State"),
                value=state_word(summary.state),
                kind="state",
                tone=tone(summary.state),
            ),
        ],
    )


def _figures(record: DeclarationRecord) -> list[Figure]:
    summary = record.summary
    return [
        Figure(name=_("Lines"), value=formats.figure(summary.line_count)),
        Figure(
            name=_("Lines in suspense"),
            value=formats.figure(summary.suspense_count),
            note=_("credited to nobody until they name somebody we know"),
        ),
        Figure(
            name=_("Wages declared"),
            value=formats.money(summary.total_wages, currency=summary.currency),
            note=_("equal to the sum of the lines"),
        ),
        Figure(name=_("Due"), value=formats.money(summary.total_due, currency=summary.currency)),
    ]


def _receipt(record: DeclarationRecord) -> list[Fact]:
    names = display_names(user_ids=[record.received_by])
    return [
        Fact(label=_("Receipt number"), value=record.summary.number, kind="identifier"),
        Fact(label=_("Received"), value=record.summary.received_at, kind="instant"),
        Fact(label=_("Received by"), value=names.get(record.received_by, "")),
        Fact(label=_("Original file"), value=str(record.received_file_id or ""), kind="identifier"),
        *_correction(record),
    ]


def _correction(record: DeclarationRecord) -> list[Fact]:
    """Say what a correction corrects, and why; or that an original was corrected."""
    if record.corrects is not None:
        address = reverse("web:declaration", args=[record.corrects])
        return [
            Fact(label=_("Corrects"), value=_("see the original"), href=address),
            Fact(label=_("Reason"), value=record.reason),
        ]
    return [
        Fact(
            label=_("Corrected by"),
            value=one.number,
            kind="identifier",
            href=reverse("web:declaration", args=[one.id]),
        )
        for one in record.corrections
    ]


def _due_table(request: StaffRequest, record: DeclarationRecord) -> Table:
    due = record.due
    called = titles(known_at=request.visit.at, language=language_asked())
    return Table(
        name="due",
        caption=_("Due by scheme"),
        columns=(
            Column(title=_("Scheme"), key="scheme"),
            Column(title=_("Insurable wages"), kind="money", key="insurable"),
            Column(title=_("Worker share"), kind="money", key="worker"),
            Column(title=_("Employer share"), kind="money", key="employer"),
            Column(title=_("Together"), kind="money", key="total"),
        ),
        rows=[
            Row(
                cells=(Cell(value=called.scheme(one.scheme), hint=one.scheme), *_amounts(one)),
            )
            for one in due
        ],
        totals=(
            Cell(value=_("All schemes")),
            Cell(value=None),
            Cell(value=sum((one.worker_share for one in due), formats.NOTHING)),
            Cell(value=sum((one.employer_share for one in due), formats.NOTHING)),
            Cell(value=sum((one.total for one in due), formats.NOTHING)),
        ),
        empty=_("Nothing is due on this declaration."),
        query=request.GET,
    )


def _amounts(due: SchemeDue) -> tuple[Cell, ...]:
    return (
        Cell(value=due.insurable),
        Cell(value=due.worker_share),
        Cell(value=due.employer_share),
        Cell(value=due.total),
    )


def _lines_table(request: StaffRequest, lines: Page[WageLineRecord]) -> Table:
    may_open = request.visit.access.allows(Right.PERSON_READ)
    may_correct = request.visit.access.allows(Right.DECLARATION_RECEIVE)
    return Table(
        name="lines",
        caption=_("Lines"),
        columns=(
            Column(title=_("Line"), kind="number"),
            Column(title=_("Name as declared")),
            Column(title=_("Identifier as declared"), kind="identifier"),
            Column(title=_("Person"), kind="identifier"),
            Column(title=_("Wage"), kind="money"),
            Column(title=_("Worker share"), kind="money"),
            Column(title=_("Employer share"), kind="money"),
            Column(title=_("State"), kind="state"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=line.line_number),
                    Cell(value=line.declared_name),
                    Cell(value=line.declared_identifier),
                    Cell(
                        value=line.person_number,
                        href=reverse("web:person", args=[line.person_id])
                        if may_open and line.person_id
                        else "",
                    ),
                    Cell(
                        value=line.wage,
                        href=reverse("web:line-correct", args=[line.id])
                        if may_correct and not line.is_difference
                        else "",
                    ),
                    Cell(value=sum((due.worker_share for due in line.due), formats.NOTHING)),
                    Cell(value=sum((due.employer_share for due in line.due), formats.NOTHING)),
                    state_cell(
                        line.state,
                        href=reverse("web:line-match", args=[line.id])
                        if may_correct and line.state == "suspense" and not line.is_difference
                        else "",
                    ),
                )
            )
            for line in lines.rows
        ],
        empty=_("This declaration has no lines."),
        paging=lines,
        query=request.GET,
    )
