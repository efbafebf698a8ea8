"""The inbox: what waits for the role in use, the most urgent first."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amparo.interfaces.web.addresses import page_number
from amparo.interfaces.web.explanations import language_asked
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.tasks import task_about, task_address, task_details
from amparo.interfaces.web.vocabulary import task_word
from amparo.office.queries import TaskRow, inbox
from amparo.rules.book.queries import titles
from amparo.values import Page, Right


@page()
def home(request: StaffRequest) -> HttpResponse:
    """Show the tasks of the role in use, by due date."""
    access = request.visit.access
    if not access.allows(Right.TASK_READ):
        return render(request, "web/home.html", {"table": None})
    tasks = inbox(access=access, page=page_number(request))
    table = tasks_table(request, tasks)
    return exported(request, table) or render(request, "web/home.html", {"table": table})


def tasks_table(request: StaffRequest, tasks: Page[TaskRow]) -> Table:
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
                    Cell(value=task_word(one.kind), href=reverse("web:task", args=[one.task_id])),
                    Cell(value=task_about(one), href=task_address(one)),
                    Cell(value=task_details(one, called)),
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


def _due(task: TaskRow, *, on: date) -> Cell:
    """Say until when, and mark what is late in words and by its shape."""
    if task.due_on is None or task.due_on >= on:
        return Cell(value=task.due_on)
    late = (on - task.due_on).days
    note = ngettext("overdue by %(count)s day", "overdue by %(count)s days", late)
    return Cell(value=task.due_on, note=note % {"count": late}, note_tone="stop")
