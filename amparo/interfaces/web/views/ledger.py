"""The books: trial balance on a day, the entries of an account, one entry with its lines."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from amparo.accounts.queries import display_names
from amparo.delivery.ledger.queries import (
    EntryRecord,
    EntrySummary,
    NoSuchEntry,
    TrialBalance,
    entries_page,
    entry_record,
    trial_balance,
)
from amparo.interfaces.web import formats
from amparo.interfaces.web.addresses import day_asked, page_number
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Crumb, Fact, Figure, Strip
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.vocabulary import word
from amparo.values import Page, Right


@page(Right.LEDGER_READ)
def balance(request: StaffRequest) -> HttpResponse:
    """Show every account up to a day; both sides are equal, and the page proves it."""
    on = day_asked(request, "on") or request.visit.on
    access = request.visit.access
    found = trial_balance(access=access, on=on)
    account = request.GET.get("account", "").strip()[:10]
    entries = entries_page(access=access, account=account or None, page=page_number(request))
    tables = [_balance_table(request, found), _entries_table(request, entries, account=account)]
    context = {"on": on, "account": account, "figures": _figures(found), "tables": tables}
    return exported(request, *tables) or render(request, "web/ledger.html", context)


def _figures(found: TrialBalance) -> list[Figure]:
    return [
        Figure(name=_("Debit"), value=formats.money(found.total_debit, currency=found.currency)),
        Figure(name=_("Credit"), value=formats.money(found.total_credit, currency=found.currency)),
        Figure(
            name=_("Difference"),
            value=formats.money(found.difference, currency=found.currency),
            note=_("must be zero"),
        ),
    ]


def _balance_table(request: StaffRequest, found: TrialBalance) -> Table:
    day = found.on.isoformat()
    return Table(
        name="trial-balance",
        caption=_("Trial balance on %(day)s") % {"day": formats.day(found.on)},
        columns=(
            Column(title=_("Account"), kind="identifier", key="account"),
            Column(title=_("Title"), key="title"),
            Column(title=_("Kind"), key="kind"),
            Column(title=_("Debit"), kind="money", key="debit"),
            Column(title=_("Credit"), kind="money", key="credit"),
            Column(title=_("Balance"), kind="money", key="balance"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=one.code,
                        href=f"?{urlencode({'on': day, 'account': one.code})}#entries",
                    ),
                    Cell(value=_(one.title)),
                    Cell(value=word(one.kind)),
                    Cell(value=one.debit),
                    Cell(value=one.credit),
                    Cell(value=one.balance),
                )
            )
            for one in found.accounts
        ],
        totals=(
            Cell(value=_("Total")),
            Cell(value=None),
            Cell(value=None),
            Cell(value=found.total_debit),
            Cell(value=found.total_credit),
            Cell(value=found.difference),
        ),
        empty=_("The chart of accounts is empty."),
        query=request.GET,
    )


def _entries_table(request: StaffRequest, entries: Page[EntrySummary], *, account: str) -> Table:
    title = (
        _("Entries that touch account %(code)s") % {"code": account} if account else _("Entries")
    )
    return Table(
        name="entries",
        caption=title,
        columns=(
            Column(title=_("Date"), kind="day"),
            Column(title=_("Narrative")),
            Column(title=_("Source")),
            Column(title=_("Lines"), kind="number"),
            Column(title=_("Amount"), kind="money"),
            Column(title=_("Posted"), kind="instant"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.entry_date),
                    Cell(value=one.narrative, href=reverse("web:entry", args=[one.entry_id])),
                    Cell(value=word(one.source_kind)),
                    Cell(value=one.line_count),
                    Cell(value=one.total),
                    Cell(value=one.posted_at),
                )
            )
            for one in entries.rows
        ],
        empty=_("Nothing is posted yet."),
        empty_remedy=_("Entries appear when declarations are assessed and pay runs are sent."),
        paging=entries,
        query=request.GET,
    )


@page(Right.LEDGER_READ)
def entry(request: StaffRequest, entry_id: UUID) -> HttpResponse:
    """Show one entry: each line moves an amount from one account to another."""
    try:
        record = entry_record(
            entry_id=entry_id, access=request.visit.access, page=page_number(request)
        )
    except NoSuchEntry:
        raise Http404 from None
    table = _lines_table(request, record)
    summary = record.summary
    posted_by = display_names(user_ids=[summary.posted_by]).get(summary.posted_by, "")
    context = {
        "crumbs": [Crumb(title=_("Ledger"), href=reverse("web:ledger"))],
        "strip": Strip(
            title=summary.narrative,
            facts=[
                Fact(label=_("Date"), value=summary.entry_date, kind="day"),
                Fact(label=_("Amount"), value=summary.total, kind="money"),
                Fact(label=_("Lines"), value=summary.line_count, kind="number"),
                Fact(label=_("Source"), value=word(summary.source_kind)),
                Fact(label=_("Posted"), value=summary.posted_at, kind="instant", note=posted_by),
            ],
        ),
        "table": table,
    }
    return exported(request, table) or render(request, "web/entry.html", context)


def _lines_table(request: StaffRequest, record: EntryRecord) -> Table:
    may_open = request.visit.access.allows(Right.PERSON_READ)
    return Table(
        name="lines",
        caption=_("Lines"),
        columns=(
            Column(title=_("Debit")),
            Column(title=_("Credit")),
            Column(title=_("Amount"), kind="money"),
            Column(title=_("Party")),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=f"{one.debit} {_(one.debit_title)}"),
                    Cell(value=f"{one.credit} {_(one.credit_title)}"),
                    Cell(value=one.amount),
                    Cell(
                        value=word(one.party_kind) if one.party_kind else "",
                        href=reverse("web:person", args=[one.party_id])
                        if may_open and one.party_kind == "person" and one.party_id
                        else "",
                    ),
                )
            )
            for one in record.lines.rows
        ],
        empty=_("This entry has no lines."),
        paging=record.lines,
        query=request.GET,
    )
