"""The journal: who did or read what, in which role, for which purpose."""

import re
from datetime import timedelta
from typing import Final

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.accounts.queries import account_named, display_names
from amparo.interfaces.web.addresses import page_number, start_of
from amparo.interfaces.web.forms import DayField
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.vocabulary import (
    event_word,
    known_word,
    purpose_word,
    right_word,
    role_word,
    word,
)
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
    since = DayField(label=gettext_lazy("From"), required=False)
    until = DayField(label=gettext_lazy("Up to and including"), required=False)


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


# Long runs of hexadecimal digits: ids and hashes, of which the beginning is enough to recognise.
_LONG_ID: Final = re.compile(r"\b([0-9a-f]{8})[0-9a-f-]{20,}\b")


def _about(event: EventRow) -> Cell:
    """Name the kind of record and the beginning of its id; the whole id where one points."""
    return Cell(
        value=word(event.subject_kind),
        note=str(event.subject_id)[:8] if event.subject_id else "",
        hint=str(event.subject_id or ""),
    )


def _details(event: EventRow) -> Cell:
    """Write what the event noted, without what it left open; ids and hashes are cut, not hidden."""
    noted = {name: value for name, value in event.details.items() if value not in (None, "", [])}
    whole = " · ".join(f"{word(name)}: {_noted(name, value)}" for name, value in noted.items())
    return Cell(value=_LONG_ID.sub(r"\1…", whole), hint=whole if _LONG_ID.search(whole) else "")


def _noted(name: str, value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_noted(name, one) for one in value)
    return right_word(str(value)) if name == "right" else known_word(str(value))


def _table(request: StaffRequest, events: Page[EventRow]) -> Table:
    names = display_names(user_ids={one.actor_id for one in events.rows if one.actor_id})
    return Table(
        name="journal",
        caption=_("Events"),
        columns=(
            Column(title=_("When"), kind="instant"),
            Column(title=_("What")),
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
                    Cell(value=event_word(one.kind), note=one.kind),
                    Cell(value=names.get(one.actor_id, "") if one.actor_id else ""),
                    Cell(value=role_word(one.role), hint=one.role),
                    Cell(value=purpose_word(one.purpose), hint=one.purpose),
                    _about(one),
                    _details(one),
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
