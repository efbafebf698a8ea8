"""The journal: who did or read what, in which role, for which purpose."""

from datetime import timedelta
from typing import Final

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.accounts.queries import account_named, display_names
from amparo.interfaces.web.addresses import page_number, start_of
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.journal.queries import EventRow, events_page
from amparo.values import Page, Right

_ROOMS = ("read", "accounts.", "register.", "contributions.", "claims.", "payments.", "ledger.")


class JournalSearch(forms.Form):
    """What an auditor looks for; every field may stay empty."""

    actor = forms.CharField(label=gettext_lazy("Sign-in name"), required=False, max_length=80)
    subject = forms.UUIDField(label=gettext_lazy("Record id"), required=False)
    kind = forms.CharField(
        label=gettext_lazy("Kind"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("a kind such as “read”, or a room such as “claims.”"),
    )
    since = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = forms.DateField(
        label=gettext_lazy("Up to and including"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )


@page(Right.JOURNAL_READ)
def journal(request: StaffRequest) -> HttpResponse:
    """Search the journal by who acted, about whom, and what was done. The search is journaled."""
    form = JournalSearch(request.GET)
    context: dict[str, object] = {"form": form, "rooms": _ROOMS}
    if not form.is_valid():
        return render(request, "web/journal.html", context)
    wanted = form.cleaned_data
    account = account_named(username=wanted["actor"]) if wanted["actor"] else None
    if wanted["actor"] and account is None:
        form.add_error("actor", _("Nobody signs in with this name."))
        return render(request, "web/journal.html", context)
    events = events_page(
        access=request.visit.access,
        actor_id=account.user_id if account else None,
        subject_id=wanted["subject"],
        kind=wanted["kind"] or None,
        since=start_of(wanted["since"]) if wanted["since"] else None,
        before=start_of(wanted["until"] + timedelta(days=1)) if wanted["until"] else None,
        page=page_number(request),
    )
    table = _table(request, events)
    return exported(request, table) or render(
        request, "web/journal.html", {**context, "table": table}
    )


_LONGEST_VALUE: Final = 40


def _details(event: EventRow) -> str:
    """Write what the event noted, without what it left open; hashes are cut, not hidden."""
    parts = []
    for name, value in event.details.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        if value in (None, "", []):
            continue
        shown = text if len(text) <= _LONGEST_VALUE else f"{text[:12]}…"
        parts.append(f"{name.replace('_', ' ')}: {shown}")
    return " · ".join(parts)


def _table(request: StaffRequest, events: Page[EventRow]) -> Table:
    names = display_names(user_ids={one.actor_id for one in events.rows if one.actor_id})
    return Table(
        name="journal",
        caption=_("Events"),
        columns=(
            Column(title=_("When"), kind="instant"),
            Column(title=_("Kind"), kind="identifier"),
            Column(title=_("Who")),
            Column(title=_("Role")),
            Column(title=_("Purpose")),
            Column(title=_("About")),
            Column(title=_("Details")),
            Column(title=_("Sealed in block"), kind="number"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.happened_at),
                    Cell(value=one.kind),
                    Cell(value=names.get(one.actor_id, "") if one.actor_id else ""),
                    Cell(value=one.role),
                    Cell(value=one.purpose),
                    Cell(value=one.subject_kind, note=str(one.subject_id or "")),
                    Cell(value=_details(one)),
                    Cell(value=one.sealed_in),
                )
            )
            for one in events.rows
        ],
        empty=_("No event matches."),
        empty_remedy=_("Leave a field empty to look wider."),
        paging=events,
        query=request.GET,
    )
