"""The inbox: what waits for the role in use, the most urgent first."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from amparo.interfaces.web.addresses import page_number
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.vocabulary import word
from amparo.office.queries import TaskRow, inbox
from amparo.values import Page, Right

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
    return Table(
        name="inbox",
        caption=_("Tasks"),
        columns=(
            Column(title=_("Due"), kind="day"),
            Column(title=_("What")),
            Column(title=_("About")),
            Column(title=_("Details")),
            Column(title=_("Opened"), kind="instant"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=one.due_on,
                        note=_("overdue") if one.due_on and one.due_on < request.visit.on else "",
                    ),
                    Cell(value=word(one.kind), href=_address(one)),
                    Cell(value=word(one.subject_kind)),
                    Cell(value=_details(one)),
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


def _details(task: TaskRow) -> str:
    parts = []
    for name, value in task.details.items():
        if f"{name}_in_words" in task.details:
            continue
        shown = ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)
        if name == "benefit":
            shown = word(shown)
        parts.append(f"{word(name.removesuffix('_in_words'))}: {shown}")
    return " · ".join(parts)
