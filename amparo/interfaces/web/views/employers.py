"""Employers: found by name or number, with their workers, declarations and history."""

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.delivery.contributions.queries import (
    declarations_page,
    employers_without_declaration,
    suspense_lines_page,
)
from amparo.interfaces.web import formats
from amparo.interfaces.web.addresses import moment_asked, month_asked, page_number
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Crumb, Fact, Strip, Tab
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.views.declarations import declarations_table, suspense_table
from amparo.interfaces.web.views.moments import moments
from amparo.interfaces.web.vocabulary import word
from amparo.register.queries import (
    NoSuchEmployer,
    employer_history,
    employer_record,
    employments_of_employer,
    find_employers,
)
from amparo.register.records import EmployerRecord, EmployerSummary, EmploymentFact
from amparo.values import Month, Page, Right


@page(Right.EMPLOYER_READ)
def employers(request: StaffRequest) -> HttpResponse:
    """List employers, or those that a name or number finds."""
    text = request.GET.get("name", "").strip()[:200]
    found = find_employers(text=text, access=request.visit.access, page=page_number(request))
    table = employers_table(request, found, is_paged=True)
    return exported(request, table) or render(
        request,
        "web/employers.html",
        {
            "table": table,
            "name_searched": text,
            "may_register": request.visit.access.allows(Right.EMPLOYER_REGISTER),
        },
    )


@page(Right.DECLARATION_READ)
def without_declaration(request: StaffRequest) -> HttpResponse:
    """List who employed somebody in a month and has not declared it; the month just over."""
    month = month_asked(request, "month") or Month.of(request.visit.on).previous()
    found = employers_without_declaration(
        month=month, access=request.visit.access, page=page_number(request)
    )
    table = employers_table(request, found, is_paged=True)
    heading = _("Declarations missing for %(month)s") % {"month": formats.month(month.starts_on)}
    context = {"table": table, "heading": heading, "month": str(month)}
    return exported(request, table) or render(request, "web/employers_missing.html", context)


def employers_table(
    request: StaffRequest, found: Page[EmployerSummary], *, is_paged: bool
) -> Table:
    return Table(
        name="employers",
        caption=_("Employers"),
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
            for one in found.rows
        ],
        empty=_("No employer matches."),
        empty_remedy=_("Try fewer letters, or the number as it stands on a receipt."),
        paging=found if is_paged else None,
        query=request.GET,
    )


@page(Right.EMPLOYER_READ)
def employer(request: StaffRequest, employer_id: UUID) -> HttpResponse:
    """Show an employer with the people who work there on a day."""
    visit = request.visit
    asked = moment_asked(request, on=visit.on, at=visit.at)
    frame = employer_frame(request, employer_id, tab="web:employer")
    workers = employments_of_employer(
        employer_id=employer_id,
        access=visit.access,
        as_of=asked.as_of,
        known_at=asked.known_at,
        page=page_number(request),
    )
    table = _workers_table(request, workers)
    context = {
        **frame.context,
        **asked.shown(),
        "tables": [table],
        "has_times": True,
    }
    return exported(request, table) or render(request, "web/employer.html", context)


@page(Right.DECLARATION_READ)
def declarations(request: StaffRequest, employer_id: UUID) -> HttpResponse:
    """Show an employer's declarations and the wage lines still in suspense."""
    access = request.visit.access
    frame = employer_frame(request, employer_id, tab="web:employer-declarations")
    found = declarations_page(access=access, employer_id=employer_id, page=page_number(request))
    waiting = suspense_lines_page(access=access, employer_id=employer_id)
    tables = [declarations_table(request, found), suspense_table(request, waiting)]
    return exported(request, *tables) or render(
        request, "web/employer.html", {**frame.context, "tables": tables}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EmployerFrame:
    """What stands around each page of an employer, and the employer as known today."""

    record: EmployerRecord
    context: dict[str, object]


def employer_frame(request: StaffRequest, employer_id: UUID, *, tab: str) -> EmployerFrame:
    """Return strip, tabs and crumbs of an employer's pages; 404 where there is none."""
    visit = request.visit
    try:
        record = employer_record(
            employer_id=employer_id, access=visit.access, as_of=visit.on, known_at=visit.at
        )
    except NoSuchEmployer:
        raise Http404 from None
    tabs = (
        ("web:employer", _("Workers"), Right.EMPLOYER_READ),
        ("web:employer-declarations", _("Declarations"), Right.DECLARATION_READ),
        ("web:employer-account", _("Account"), Right.DECLARATION_READ),
        ("web:employer-history", _("History"), Right.EMPLOYER_READ),
    )
    context = {
        "employer": record,
        "strip": Strip(
            title=record.name,
            facts=[
                Fact(label=_("Number"), value=record.number, kind="identifier"),
                Fact(label=_("Activity"), value=record.activity, kind="identifier"),
                Fact(label=_("District"), value=record.district),
                Fact(label=_("Workers today"), value=record.worker_count, kind="number"),
                Fact(label=_("Registered"), value=record.registered_at, kind="instant"),
            ],
        ),
        "tabs": [
            Tab(title=title, href=reverse(name, args=[employer_id]), is_current=name == tab)
            for name, title, right in tabs
            if visit.access.allows(right)
        ],
        "crumbs": [Crumb(title=_("Employers"), href=reverse("web:employers"))],
        "may_correct": visit.access.allows(Right.EMPLOYER_REGISTER),
    }
    return EmployerFrame(record=record, context=context)


@page(Right.EMPLOYER_READ)
def history(request: StaffRequest, employer_id: UUID) -> HttpResponse:
    """Show every name, activity and place ever known, by when it became known."""
    frame = employer_frame(request, employer_id, tab="web:employer-history")
    lines = employer_history(employer_id=employer_id, access=request.visit.access)
    return render(request, "web/record_history.html", {**frame.context, "moments": moments(lines)})


def _workers_table(request: StaffRequest, workers: Page[EmploymentFact]) -> Table:
    may_open = request.visit.access.allows(Right.PERSON_READ)
    return Table(
        name="workers",
        caption=_("Workers"),
        columns=(
            Column(title=_("Name")),
            Column(title=_("Number"), kind="identifier"),
            Column(title=_("From"), kind="day"),
            Column(title=_("Until"), kind="day"),
            Column(title=_("Occupation"), kind="identifier"),
            Column(title=_("Recorded"), kind="instant"),
            Column(title=_("Source")),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=one.person_name,
                        href=reverse("web:person", args=[one.person_id]) if may_open else "",
                    ),
                    Cell(value=one.person_number),
                    Cell(value=one.times.starts_on),
                    Cell(value=one.times.ends_before),
                    Cell(value=one.occupation),
                    Cell(value=one.times.recorded_at),
                    Cell(value=word(one.times.source)),
                )
            )
            for one in workers.rows
        ],
        empty=_("Nobody is known to work here on this day."),
        empty_remedy=_(
            "Workers appear when the employer files who was hired, or by a file of employments."
        ),
        paging=workers,
        query=request.GET,
    )
