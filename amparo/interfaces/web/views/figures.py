"""The dashboard: few figures, each with target, trend, state, and two clicks to its rows.

A target is taken from what is in force: the law's days in the packs, the due days of tasks. Where
none is set, the page says so; what nobody knows is unknown, and never met.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.delivery.claims.queries import (
    ClaimFigures,
    MonthOfDecisions,
    WaitingClaims,
    claim_figures,
)
from amparo.delivery.contributions.queries import MonthOfDeclarations, declarations_by_month
from amparo.delivery.payments.queries import RunOutcome, payment_figures
from amparo.interfaces.web import charts, formats
from amparo.interfaces.web.addresses import start_of
from amparo.interfaces.web.explanations import language_asked
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Chart, Measure
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.vocabulary import role_word
from amparo.office.queries import OpenWork, open_work, task_flow
from amparo.rules.book.queries import Titles, titles
from amparo.values import Month, Right

_MONTHS: Final = 6
_RUNS: Final = 6
_FLOW_DAYS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A subject of the dashboard: its figures, perhaps a chart with its table, perhaps tables."""

    name: str
    title: str
    measures: Sequence[Measure]
    chart: Chart | None = None
    tables: Sequence[Table] = ()

    def all_tables(self) -> list[Table]:
        return [*([self.chart.table] if self.chart else []), *self.tables]


@page(Right.FIGURES_READ)
def figures(request: StaffRequest) -> HttpResponse:
    """Show how the institution stands today."""
    visit, months = request.visit, _last_months(request.visit.on)
    claims = claim_figures(
        access=visit.access,
        on=visit.on,
        lately=_lately(visit.on),
        months=months,
        since=start_of(months[0].starts_on),
    )
    parts = [
        _claims(request, claims),
        _decisions(request, claims.months),
        _payments(request),
        _contributions(request),
        _work(request),
    ]
    tables = [table for part in parts for table in part.all_tables()]
    return exported(request, *tables) or render(
        request, "web/figures.html", {"parts": parts, "at": visit.at}
    )


def _lately(on: date) -> datetime:
    """Return the instant from which the flow of work is counted."""
    return start_of(on - timedelta(days=_FLOW_DAYS))


def _last_months(on: date) -> tuple[Month, ...]:
    """Return the month of a day and those before it, the earliest first."""
    months = [Month.of(on)]
    while len(months) < _MONTHS:
        months.insert(0, months[0].previous())
    return tuple(months)


# --- claims that wait ---------------------------------------------------------------------------


def _claims(request: StaffRequest, claims: ClaimFigures) -> _Part:
    visit, found = request.visit, claims.waiting
    waiting, late = sum(one.count for one in found), sum(one.late for one in found)
    oldest = max(((visit.on - one.oldest_on).days for one in found), default=None)
    address = reverse("web:claims")
    flow = _("in the last %(days)s days %(taken)s were taken and %(decided)s decided") % {
        "days": _FLOW_DAYS,
        "taken": formats.figure(claims.taken),
        "decided": formats.figure(claims.decided),
    }
    return _Part(
        name="claims",
        title=_("Claims that wait for a decision"),
        measures=[
            Measure(
                name=_("Past the law's day"),
                value=formats.figure(late),
                target=_("none: each benefit's statutory days, as its pack says"),
                trend=flow,
                state="met" if late == 0 else "missed",
                href=f"{address}?state=late",
            ),
            Measure(
                name=_("Waiting"),
                value=formats.figure(waiting),
                target="",
                trend=flow,
                state="untargeted",
                href=f"{address}?state=waiting",
            ),
            Measure(
                name=_("Oldest that waits"),
                value=_days(oldest) if oldest is not None else _("none waits"),
                target="",
                trend="",
                state="untargeted",
                href=f"{address}?state=waiting",
            ),
        ],
        tables=[_waiting_table(request, found)],
    )


def _days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": formats.figure(count)}


def _statutory(shortest: int, longest: int) -> str:
    if shortest == longest:
        return formats.figure(shortest)
    said = {"shortest": formats.figure(shortest), "longest": formats.figure(longest)}
    return _("%(shortest)s to %(longest)s") % said


def _waiting_table(request: StaffRequest, found: Sequence[WaitingClaims]) -> Table:
    called: Titles = titles(known_at=request.visit.at, language=language_asked())
    return Table(
        name="waiting",
        caption=_("Waiting, by benefit"),
        columns=(
            Column(title=_("Benefit"), key="benefit"),
            Column(title=_("Waiting"), kind="number", key="waiting"),
            Column(title=_("Past the law's day"), kind="number", key="late"),
            Column(title=_("Statutory days")),
            Column(title=_("Oldest, in days"), kind="number", key="oldest"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=called.benefit(one.benefit, scheme=one.scheme),
                        note=called.scheme(one.scheme),
                    ),
                    Cell(value=one.count),
                    Cell(value=one.late),
                    Cell(value=_statutory(*one.days)),
                    Cell(value=(request.visit.on - one.oldest_on).days),
                )
            )
            for one in found
        ],
        empty=_("No claim waits."),
        query=request.GET,
    )


# --- decisions by month -------------------------------------------------------------------------


def _decisions(request: StaffRequest, found: Sequence[MonthOfDecisions]) -> _Part:
    now, before = found[-1], found[-2]
    legend = (_("granted"), _("refused"), _("undetermined"))
    kinds = (
        (_("Granted this month"), now.granted, before.granted, "granted"),
        (_("Refused this month"), now.refused, before.refused, "refused"),
        (
            _("Found undetermined this month"),
            now.undetermined,
            before.undetermined,
            "evidence pending",
        ),
    )
    return _Part(
        name="decisions",
        title=_("Decisions on claims"),
        measures=[
            Measure(
                name=name,
                value=formats.figure(count),
                target="",
                trend=_("%(count)s in the whole month before") % {"count": formats.figure(earlier)},
                state="untargeted",
                href=f"{reverse('web:claims')}?state={state.replace(' ', '+')}",
            )
            for name, count, earlier, state in kinds
        ],
        chart=charts.stacked(
            name="decisions",
            title=_("Decisions by month"),
            legend=legend,
            columns=[
                charts.Column(
                    name=str(one.month), pieces=(one.granted, one.refused, one.undetermined)
                )
                for one in found
            ],
            table=_decisions_table(request, found),
        ),
    )


def _decisions_table(request: StaffRequest, found: Sequence[MonthOfDecisions]) -> Table:
    return Table(
        name="decisions",
        caption=_("Decisions by month"),
        columns=(
            Column(title=_("Month"), kind="month"),
            Column(title=_("Granted"), kind="number"),
            Column(title=_("Refused"), kind="number"),
            Column(title=_("Undetermined"), kind="number"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.month.starts_on),
                    Cell(value=one.granted),
                    Cell(value=one.refused),
                    Cell(value=one.undetermined),
                )
            )
            for one in reversed(found)
        ],
        empty=_("No month to show."),
        query=request.GET,
    )


# --- payments -----------------------------------------------------------------------------------


def _payments(request: StaffRequest) -> _Part:
    access = request.visit.access
    figures = payment_figures(access=access, runs=_RUNS)
    found = figures.runs
    may_see_lines = access.allows(Right.STATEMENT_READ_IN)
    last, before = (*found, None, None)[:2]
    return _Part(
        name="payments",
        title=_("Pay runs"),
        measures=[
            _money_of_run(_("Paid by the last run"), last, before, "settled"),
            _money_of_run(_("Came back from the last run"), last, before, "came_back"),
            _money_of_run(_("Not answered by the bank yet"), last, before, "unanswered"),
            Measure(
                name=_("Bank lines that fit no payment"),
                value=formats.figure(figures.suspense_count),
                target="",
                trend="",
                state="untargeted",
                note=_("%(amount)s in all") % {"amount": _money(figures.suspense_amount)},
                href=reverse("web:statements") if may_see_lines else "",
            ),
        ],
        chart=charts.stacked(
            name="runs",
            title=_("What became of the last runs"),
            legend=(_("settled"), _("came back"), _("not answered yet")),
            columns=[
                charts.Column(
                    name=str(one.month), pieces=(one.settled, one.came_back, one.unanswered)
                )
                for one in reversed(found)
            ],
            table=_runs_table(request, found),
        ),
    )


def _money_of_run(
    name: str, last: RunOutcome | None, before: RunOutcome | None, part: str
) -> Measure:
    """Show a part of the last run's money; unknown where no run was sent."""
    if last is None:
        return Measure(name=name, value="", target="", trend="", state="unknown")
    amount: Decimal = getattr(last, part)
    trend = ""
    if before is not None:
        trend = _("%(amount)s in the run before") % {"amount": _money(getattr(before, part))}
    return Measure(
        name=name,
        value=_money(amount),
        target="",
        trend=trend,
        state="untargeted",
        href=reverse("web:run", args=[last.run_id]),
    )


def _money(amount: Decimal) -> str:
    return formats.money(amount, currency=settings.CURRENCY)


def _runs_table(request: StaffRequest, found: Sequence[RunOutcome]) -> Table:
    return Table(
        name="runs",
        caption=_("The last runs"),
        columns=(
            Column(title=_("Run"), kind="identifier"),
            Column(title=_("Month"), kind="month"),
            Column(title=_("Sent"), kind="money"),
            Column(title=_("Settled"), kind="money"),
            Column(title=_("Came back"), kind="money"),
            Column(title=_("Not answered yet"), kind="money"),
            Column(title=_("Held back before"), kind="money"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.number, href=reverse("web:run", args=[one.run_id])),
                    Cell(value=one.month.starts_on),
                    Cell(value=one.total),
                    Cell(value=one.settled),
                    Cell(value=one.came_back),
                    Cell(value=one.unanswered),
                    Cell(value=one.held),
                )
            )
            for one in found
        ],
        empty=_("No run was sent yet."),
        query=request.GET,
    )


# --- contributions ------------------------------------------------------------------------------


def _contributions(request: StaffRequest) -> _Part:
    """Show the months that are over: the running one is not to be declared yet."""
    visit = request.visit
    months = tuple(month.previous() for month in _last_months(visit.on))
    found = declarations_by_month(access=visit.access, months=months)
    if not found:  # no employer is registered
        found = tuple(
            MonthOfDeclarations(
                month=month, wages=formats.NOTHING, received=0, employing=0, missing=0
            )
            for month in months
        )
    last, before = found[-1], found[-2]
    missing = f"{reverse('web:declarations-missing')}?month={last.month}"
    return _Part(
        name="contributions",
        title=_("Contributions"),
        measures=[
            Measure(
                name=_("Wages declared for %(month)s")
                % {"month": formats.month(last.month.starts_on)},
                value=_money(last.wages),
                target="",
                trend=_("%(amount)s for the month before") % {"amount": _money(before.wages)},
                state="untargeted",
                href=f"{reverse('web:declarations')}?month={last.month}",
            ),
            Measure(
                name=_("Declarations missing for %(month)s")
                % {"month": formats.month(last.month.starts_on)},
                value=_("%(missing)s of %(employing)s")
                % {
                    "missing": formats.figure(last.missing),
                    "employing": formats.figure(last.employing),
                },
                target="",
                trend=_("%(count)s for the month before")
                % {"count": formats.figure(before.missing)},
                state="untargeted",
                href=missing,
            ),
            Measure(
                name=_("Collected"),
                value="",
                target="",
                trend="",
                state="unknown",
                note=_("receipts of contributions are not recorded here yet"),
            ),
        ],
        tables=[_declarations_table(request, found)],
    )


def _declarations_table(request: StaffRequest, found: Sequence[MonthOfDeclarations]) -> Table:
    return Table(
        name="declared",
        caption=_("Declared, by month"),
        columns=(
            Column(title=_("Month"), kind="month"),
            Column(title=_("Wages declared"), kind="money"),
            Column(title=_("Declarations"), kind="number"),
            Column(title=_("Employers who employed somebody"), kind="number"),
            Column(title=_("Missing"), kind="number"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=one.month.starts_on,
                        href=f"{reverse('web:declarations')}?month={one.month}",
                    ),
                    Cell(value=one.wages),
                    Cell(value=one.received),
                    Cell(value=one.employing),
                    Cell(
                        value=one.missing,
                        href=f"{reverse('web:declarations-missing')}?month={one.month}",
                    ),
                )
            )
            for one in reversed(found)
        ],
        empty=_("No month to show."),
        query=request.GET,
    )


# --- open work ----------------------------------------------------------------------------------


def _work(request: StaffRequest) -> _Part:
    visit = request.visit
    found = open_work(access=visit.access, on=visit.on, at=visit.at)
    opened, closed = task_flow(access=visit.access, since=_lately(visit.on))
    late, count = sum(one.late for one in found), sum(one.count for one in found)
    flow = _("in the last %(days)s days %(opened)s were opened and %(closed)s closed") % {
        "days": _FLOW_DAYS,
        "opened": formats.figure(opened),
        "closed": formats.figure(closed),
    }
    return _Part(
        name="work",
        title=_("Open work"),
        measures=[
            Measure(
                name=_("Tasks past their due day"),
                value=formats.figure(late),
                target=_("none: each task's due day"),
                trend=flow,
                state="met" if late == 0 else "missed",
                href=reverse("web:tasks"),
            ),
            Measure(
                name=_("Open tasks"),
                value=formats.figure(count),
                target="",
                trend=flow,
                state="untargeted",
                href=reverse("web:tasks"),
            ),
        ],
        tables=[_work_table(request, found)],
    )


def _work_table(request: StaffRequest, found: Sequence[OpenWork]) -> Table:
    return Table(
        name="work",
        caption=_("Open tasks by role and age"),
        columns=(
            Column(title=_("Role"), key="role"),
            Column(title=_("Up to 7 days"), kind="number", key="week"),
            Column(title=_("8 to 30 days"), kind="number", key="month"),
            Column(title=_("Older"), kind="number", key="older"),
            Column(title=_("Past the due day"), kind="number", key="late"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=role_word(one.role),
                        href=f"{reverse('web:tasks')}?role={one.role}",
                    ),
                    Cell(value=one.within_week),
                    Cell(value=one.within_month),
                    Cell(value=one.older),
                    Cell(value=one.late),
                )
            )
            for one in found
        ],
        empty=_("No task is open."),
        query=request.GET,
    )
