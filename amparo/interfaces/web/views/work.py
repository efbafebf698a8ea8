"""Long work: what a background job does for somebody, how far it is, what came of it.

The page may be left and come back to. It asks for itself again every two seconds while something is
to come: by htmx the part that changes, without JavaScript the whole page.
"""

from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from amparo.delivery.payments.operations import NoSuchRun
from amparo.delivery.payments.queries import RunRecord, run_record
from amparo.interfaces.files.imports import ImportOutcome
from amparo.interfaces.web import formats
from amparo.interfaces.web.actions import Action, carry_out
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Crumb, Figure
from amparo.interfaces.web.simulated import people_in_words
from amparo.interfaces.web.views.files import IMPORT, errors_table
from amparo.interfaces.web.views.simulations import SIMULATION
from amparo.office.operations import ask_for_work
from amparo.office.queries import NotFound, WorkRow, latest_work, work
from amparo.values import Right
from amparo.values.rows import RowError

# A job that waits longer than this waits for a worker that is not there.
_WAITS_SECONDS = 30
_KILOBYTE = 1024


@page(Right.PAYRUN_READ)
def run_work(request: StaffRequest, run_id: UUID) -> HttpResponse:
    """Show how far the preparation or the sending of a run is."""
    access, at = request.visit.access, request.visit.at
    try:
        record = run_record(run_id=run_id, access=access)
    except NoSuchRun:
        raise Http404 from None
    found = latest_work(subject_id=run_id, right=Right.PAYRUN_READ, access=access, at=at)
    address = reverse("web:run", args=[run_id])
    context = {
        "title": _("Pay run %(number)s") % {"number": record.summary.number},
        "crumbs": [
            Crumb(title=_("Pay runs"), href=reverse("web:runs")),
            Crumb(title=record.summary.number, href=address),
        ],
        "onward": address,
        "onward_title": _("Go to the run"),
        "sentence": _run_sentence(found, record) if found else "",
        "figures": _run_figures(record),
        **_progress(found, at),
    }
    return _answered(request, context)


def _run_sentence(found: WorkRow, record: RunRecord) -> str:
    """Say where the work is, or what came of it."""
    if found.state == "failed":
        return _("Stopped: the run stays as its last finished step left it.")
    if found.state == "done":
        if found.kind == "payments.prepare":
            return _("Prepared and compared. Somebody else approves it now.")
        return ngettext(
            "Sent. %(count)s file is ready for the bank.",
            "Sent. %(count)s files are ready for the bank.",
            len(record.files),
        ) % {"count": formats.figure(len(record.files))}
    steps = {
        "planned": _("What is due is being fixed, as it stands now."),
        "snapshot": _("What is due is fixed; the payments are being calculated."),
        "calculated": _("The payments are calculated; they are being compared with before."),
        "approved": _("The approved run is being checked once more and entered in the books."),
        "locked": _("The run is in the books; the files for the bank are being written."),
    }
    return steps.get(record.summary.state, "")


def _run_figures(record: RunRecord) -> list[Figure]:
    summary = record.summary
    return [
        Figure(name=_("Items looked at"), value=formats.figure(record.item_count)),
        Figure(name=_("Payments"), value=formats.figure(summary.instruction_count)),
        Figure(name=_("Total"), value=formats.money(summary.total, currency=summary.currency)),
        Figure(name=_("Files"), value=formats.figure(len(record.files))),
    ]


@page(Right.DECLARATION_RECEIVE)
def file_work(request: StaffRequest, work_id: UUID) -> HttpResponse:
    """Show how far the posting of a declaration file is, and what came of it."""
    found = _file_work(request, work_id)
    outcome = _outcome(found)
    context = {
        "title": found.details["file_name"],
        "crumbs": [
            Crumb(title=_("Declarations"), href=reverse("web:declarations")),
            Crumb(title=_("Upload a declaration"), href=reverse("web:upload")),
        ],
        "onward": reverse("web:declarations"),
        "onward_title": _("Go to the declarations"),
        "sentence": _file_sentence(found),
        "figures": _file_figures(found),
        "outcome": outcome,
        "errors": errors_table(outcome) if outcome else None,
        "actions": [_again(found)] if found.state == "failed" else [],
        **_progress(found, request.visit.at),
    }
    return _answered(request, context)


def _file_work(request: StaffRequest, work_id: UUID) -> WorkRow:
    try:
        found = work(
            work_id=work_id,
            right=Right.DECLARATION_RECEIVE,
            access=request.visit.access,
            at=request.visit.at,
        )
    except NotFound:
        raise Http404 from None
    if found.kind != IMPORT:
        raise Http404
    return found


def _file_sentence(found: WorkRow) -> str:
    if found.state == "failed":
        return _("Stopped: nothing of the file was posted; the original is kept.")
    if found.state == "done":
        return ""
    if found.total and found.done >= found.total:
        return _("All rows are read; they are being checked and posted.")
    return _("The file is being read. All of it counts, or none of it.")


def _file_figures(found: WorkRow) -> list[Figure]:
    """Return how much of the file is read."""
    if not found.total:
        return []
    read, size = (formats.figure(-(-count // _KILOBYTE)) for count in (found.done, found.total))
    return [
        Figure(
            name=_("Read"),
            value=_("%(read)s of %(size)s kB") % {"read": read, "size": size},
        )
    ]


def _outcome(found: WorkRow) -> ImportOutcome | None:
    if found.state != "done":
        return None
    kept = cast("dict[str, Any]", found.result)
    return ImportOutcome(
        kind="declarations",
        status=kept["status"],
        received_file_id=UUID(kept["received_file_id"]),
        rows=kept["rows"],
        errors=kept["errors"],
        notices=tuple(kept["notices"]),
        earlier=datetime.fromisoformat(kept["earlier"]) if kept["earlier"] else None,
        listed=tuple(
            RowError(row=row, column=column, reason=reason, remedy=remedy)
            for row, column, reason, remedy in kept["listed"]
        ),
    )


def _again(found: WorkRow) -> Action:
    return Action(
        title=_("Post the file again"),
        href=reverse("web:file-work-again", args=[found.work_id]),
        consequence=_("The kept original is read once more; all of it counts, or none of it."),
    )


@require_POST
@page(Right.DECLARATION_RECEIVE)
def file_work_again(request: StaffRequest, work_id: UUID) -> HttpResponse:
    """Start a posting again that had stopped."""
    found = _file_work(request, work_id)

    def act() -> str:
        ask_for_work(
            kind=found.kind,
            subject_kind="original",
            subject_id=found.subject_id,
            details=found.details,
            right=Right.DECLARATION_RECEIVE,
            access=request.visit.access,
            at=request.visit.at,
        )
        return _("The file is being posted. You may leave this page.")

    return carry_out(
        request, act=act, refusals=(), back=reverse("web:file-work", args=[found.work_id])
    )


# --- simulations ----------------------------------------------------------------------------------


@page(Right.PACK_SIMULATE)
def simulation_work(request: StaffRequest, work_id: UUID) -> HttpResponse:
    """Show how far a simulation of a draft is, and where its result is read."""
    access, at = request.visit.access, request.visit.at
    try:
        found = work(work_id=work_id, right=Right.PACK_SIMULATE, access=access, at=at)
    except NotFound:
        raise Http404 from None
    if found.kind != SIMULATION:
        raise Http404
    listed = reverse("web:draft-simulations", args=[found.subject_id])
    is_done = found.state == "done"
    context = {
        "title": _("Simulation on %(day)s")
        % {"day": formats.day(date.fromisoformat(found.details["on"]))},
        "crumbs": [
            Crumb(title=_("Drafts"), href=reverse("web:drafts")),
            Crumb(title=_("Simulations"), href=listed),
        ],
        "onward": reverse("web:simulation", args=[work_id]) if is_done else listed,
        "onward_title": _("Read what was found") if is_done else _("Go to the simulations"),
        "sentence": _simulation_sentence(found),
        "figures": [
            Figure(name=_("Revision"), value=formats.figure(found.details["revision"])),
            Figure(name=_("People"), value=people_in_words(found.details["population"])),
        ],
        **_progress(found, at),
    }
    return _answered(request, context)


def _simulation_sentence(found: WorkRow) -> str:
    """Say where a simulation is, or what came of it."""
    if found.state == "failed":
        return _("Stopped: nothing was kept of it.")
    if found.state == "done":
        return _("Simulated. The result is kept with the draft.")
    steps = (
        _("The people and their facts are being gathered."),
        _("The rules before are being asked about everybody."),
        _("The rules after are being asked about everybody."),
        _("The answers are being compared."),
        _("The cases changed most are being explained."),
    )
    return steps[min(found.done, len(steps) - 1)]


# --- what all show -------------------------------------------------------------------------------


def _answered(request: StaffRequest, context: dict[str, object]) -> HttpResponse:
    """Answer with the page, or to htmx with the part of it that changes."""
    is_part = bool(getattr(request, "htmx", False))
    template = "web/parts/work.html" if is_part else "web/work.html"
    return render(request, template, {**context, "address": request.path})


def _progress(found: WorkRow | None, at: datetime) -> dict[str, object]:
    if found is None:
        return {"work": None}
    until = found.ended_at or at
    seconds = int((until - (found.started_at or found.asked_at)).total_seconds())
    left = 0
    if found.is_open and 0 < found.done < found.total:
        left = seconds * (found.total - found.done) // found.done
    waited = int((at - found.asked_at).total_seconds())
    return {
        "work": found,
        "elapsed": _duration(seconds),
        "left": _duration(left) if left else "",
        "nobody_works": found.is_open
        and not found.has_worker
        and (found.state == "running" or waited > _WAITS_SECONDS),
    }


def _duration(seconds: int) -> str:
    minutes, rest = divmod(max(0, seconds), 60)
    if minutes:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": rest}
    return _("%(seconds)s s") % {"seconds": rest}
