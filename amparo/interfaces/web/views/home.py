"""The inbox: what waits for the role in use, the most urgent first."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amparo.interfaces.web.addresses import page_number
from amparo.interfaces.web.explanations import language_asked
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.vocabulary import state_word, task_word, word
from amparo.office.queries import TaskRow, inbox
from amparo.rules.book.queries import Titles, titles
from amparo.values import Page, Right

_PROPOSED = {
    "granted": gettext_lazy("proposed: grant"),
    "refused": gettext_lazy("proposed: refuse"),
}
_PAGE_OF = {
    "claim": "web:claim",
    "declaration": "web:declaration",
    "person": "web:person",
    "payrun": "web:run",
}


@page()
def home(request: StaffRequest) -> HttpResponse:
    """Show the tasks of the role in use, by due date."""
    access = request.visit.access
    if not access.allows(Right.TASK_READ):
        return render(request, "web/home.html", {"table": None})
    tasks = inbox(access=access, page=page_number(request))
    table = _table(request, tasks)
    return exported(request, table) or render(request, "web/home.html", {"table": table})


def _table(request: StaffRequest, tasks: Page[TaskRow]) -> Table:
    called = titles(known_at=request.visit.at, language=language_asked())
    return Table(
        name="inbox",
        caption=_("Tasks"),
        columns=(
            Column(title=_("Due"), kind="day"),
            Column(title=_("What to do")),
            Column(title=_("About")),
            Column(title=_("Details")),
            Column(title=_("Opened"), kind="instant"),
        ),
        rows=[
            Row(
                cells=(
                    _due(one, on=request.visit.on),
                    Cell(value=task_word(one.kind)),
                    Cell(value=_about(one), href=_address(one)),
                    Cell(value=_details(one, called)),
                    Cell(value=one.opened_at),
                )
            )
            for one in tasks.rows
        ],
        empty=_("Nothing waits for you."),
        empty_remedy=_(
            "Tasks appear here when somebody must look: missing evidence, lines in suspense, "
            "a payment that came back."
        ),
        paging=tasks,
        query=request.GET,
    )


def _address(task: TaskRow) -> str:
    name = _PAGE_OF.get(task.subject_kind)
    return reverse(name, args=[task.subject_id]) if name else ""


def _due(task: TaskRow, *, on: date) -> Cell:
    """Say until when, and mark what is late in words and by its shape."""
    if task.due_on is None or task.due_on >= on:
        return Cell(value=task.due_on)
    late = (on - task.due_on).days
    note = ngettext("overdue by %(count)s day", "overdue by %(count)s days", late)
    return Cell(value=task.due_on, note=note % {"count": late}, note_tone="stop")


def _about(task: TaskRow) -> str:
    """Name what a task is about by its number, or by what it is where it has none."""
    number = str(task.details.get(task.subject_kind) or "")
    what = word(task.subject_kind).capitalize()
    return f"{what} {number}" if number else what


def _details(task: TaskRow, called: Titles) -> str:
    """Write what the task notes, each thing in words: benefit, missing facts, why it came back."""
    noted = task.details
    benefit = str(noted.get("benefit", ""))
    parts = [called.benefit(benefit)] if benefit else []
    if missing := noted.get("missing"):
        facts = ", ".join(called.fact(name, benefit=benefit) for name in missing)
        parts.append(_("missing: %(facts)s") % {"facts": facts})
    if outcome := noted.get("outcome"):
        parts.append(str(_PROPOSED.get(outcome, state_word(outcome))))
    if reason := noted.get("sent_back_because"):
        parts.append(_("sent back: %(reason)s") % {"reason": reason})
    told = {"benefit", "missing", "missing_in_words", "outcome", "sent_back_because"}
    parts.extend(
        f"{word(name)}: {value}"
        for name, value in noted.items()
        if name not in {*told, task.subject_kind}
    )
    return " · ".join(parts)
