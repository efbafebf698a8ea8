"""A task: what it is about, and how it ends: with its step, or by saying what came of it."""

from typing import Final
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.accounts.queries import display_names
from amparo.accounts.roles import ROLES
from amparo.delivery.claims.operations.claiming import EVIDENCE_PENDING, TO_APPROVE, TO_ASSESS
from amparo.delivery.payments.operations import TO_APPROVE as RUN_TO_APPROVE
from amparo.interfaces.web.actions import Done, fill_in
from amparo.interfaces.web.addresses import page_number
from amparo.interfaces.web.explanations import language_asked
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Crumb, Fact
from amparo.interfaces.web.tables import exported
from amparo.interfaces.web.tasks import task_about, task_address, task_details
from amparo.interfaces.web.views.home import tasks_table
from amparo.interfaces.web.vocabulary import role_word, task_word
from amparo.office.operations import UnableToClose, close_task
from amparo.office.queries import NotFound, TaskRow, inbox
from amparo.office.queries import task as task_row
from amparo.rules.book.queries import titles
from amparo.values import Right

# These close when their step is taken; closed by hand, what they ask for would be forgotten.
_ENDS_WITH_ITS_STEP: Final = {TO_ASSESS, EVIDENCE_PENDING, TO_APPROVE, RUN_TO_APPROVE}


class OutcomeForm(forms.Form):
    """What came of a task."""

    outcome = forms.CharField(
        label=gettext_lazy("What came of it"),
        help_text=gettext_lazy("Others read it: what you found, and what you did."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=200,
    )


@page(Right.FIGURES_READ)
def tasks(request: StaffRequest) -> HttpResponse:
    """Show the open tasks of a role, to those who look over all of them."""
    codes = [role.code for role in ROLES if Right.TASK_CLOSE in role.rights]
    role = request.GET.get("role", "")
    if role not in codes:
        role = codes[0]
    found = inbox(access=request.visit.access, role=role, page=page_number(request))
    table = tasks_table(request, found)
    context = {"table": table, "roles": [(code, role_word(code)) for code in codes], "role": role}
    return exported(request, table) or render(request, "web/tasks.html", context)


@page(Right.TASK_READ)
def task(request: StaffRequest, task_id: UUID) -> HttpResponse:
    """Show a task; whoever holds its role closes it, unless a step of its own does."""
    visit = request.visit
    try:
        found = task_row(task_id=task_id, access=visit.access)
    except NotFound:
        raise Http404 from None
    may_close = (
        found.closed_at is None
        and found.role == visit.role.code
        and visit.access.allows(Right.TASK_CLOSE)
        and found.kind not in _ENDS_WITH_ITS_STEP
    )
    form = OutcomeForm(request.POST or None) if may_close else OutcomeForm()

    def act() -> Done:
        close_task(
            task_id=task_id,
            outcome=form.cleaned_data["outcome"],
            access=visit.access,
            at=visit.at,
        )
        return Done(message=_("The task is closed."), onward=reverse("web:home"))

    done = fill_in(request, form=form, act=act, refusals=(UnableToClose,))
    if done is not None:
        return done
    facts = _facts(request, found)
    context = {
        "heading": task_word(found.kind),
        "crumbs": [Crumb(title=_("Inbox"), href=reverse("web:home"))],
        "facts": facts,
        "how": _how_it_ends(found),
        "act": Act(
            title=_("Close the task"),
            button=_("Close the task"),
            form=form,
            consequence=_("It leaves the inbox of everybody in this role, and stays on record."),
            undo="",
            facts_title=_("Task"),
            facts=facts,
        )
        if may_close
        else None,
    }
    return render(request, "web/task.html", context)


def _facts(request: StaffRequest, found: TaskRow) -> list[Fact]:
    called = titles(known_at=request.visit.at, language=language_asked())
    facts = [
        Fact(label=_("About"), value=task_about(found), href=task_address(found)),
        Fact(label=_("Details"), value=task_details(found, called)),
        Fact(label=_("For"), value=role_word(found.role)),
        Fact(label=_("Due"), value=found.due_on, kind="day"),
        Fact(label=_("Opened"), value=found.opened_at, kind="instant"),
    ]
    if found.closed_at is not None:
        names = display_names(user_ids={found.closed_by} if found.closed_by else set())
        facts += [
            Fact(label=_("Closed"), value=found.closed_at, kind="instant"),
            Fact(label=_("By"), value=names.get(found.closed_by, "") if found.closed_by else ""),
            Fact(label=_("What came of it"), value=found.outcome),
        ]
    return facts


def _how_it_ends(found: TaskRow) -> str:
    if found.closed_at is not None:
        return _("This task is closed.")
    if found.kind in _ENDS_WITH_ITS_STEP:
        return _("It closes by itself when its step is taken: open what it is about.")
    return ""
