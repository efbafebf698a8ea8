"""Files that arrive: declarations of employers, statements of banks. All of a file counts, or none.

The pages use the same readers as the command line; the original is kept before anything is read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.delivery.payments.queries import ProblemLine, problem_lines_page
from amparo.interfaces.files.imports import ImportOutcome, import_declarations
from amparo.interfaces.files.statements import FILE_KIND, StatementRead, read_statement
from amparo.interfaces.web import formats
from amparo.interfaces.web.addresses import page_number
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Crumb, Figure
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.vocabulary import state_cell, word
from amparo.office.operations import ask_for_work, receive_original
from amparo.office.originals import UnableToReceive
from amparo.office.queries import NotFound, ReceivedFileRow, received_file, received_files_page
from amparo.values import Page, Right
from amparo.values.rows import RowError

IMPORT = "declarations.import"
_LONGEST_NAME = 200
_PAGE_OF_PROBLEMS = "problems-page"
# A file of this size, about 3,000 workers, is posted within a second or two; a larger one is posted
# by a background job.
_POSTED_AT_ONCE = 256 * 1024


class UploadForm(forms.Form):
    """One file."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        max_length=_LONGEST_NAME,
        allow_empty_file=True,  # the reader says better than the form what an empty file lacks
    )


@page(Right.DECLARATION_RECEIVE)
def upload(request: StaffRequest) -> HttpResponse:
    """Take in a declaration file; show what was posted, or each fault with its remedy."""
    form = UploadForm(request.POST or None, request.FILES or None)
    outcome = None
    if request.method == "POST" and form.is_valid():
        try:
            with _on_disk(form) as path:
                if path.stat().st_size > _POSTED_AT_ONCE:
                    return redirect("web:file-work", _ask(request, path))
                outcome = import_declarations(
                    path=path, access=request.visit.access, at=request.visit.at
                )
        except UnableToReceive as refusal:
            form.add_error("file", str(refusal))
    files = received_files_page(
        access=request.visit.access, kind="declarations", page=page_number(request)
    )
    context: dict[str, object] = {
        "form": form,
        "outcome": outcome,
        "crumbs": [Crumb(title=_("Declarations"), href=reverse("web:declarations"))],
        "received": _received_table(request, files),
    }
    if outcome is not None:
        context["errors"] = errors_table(outcome)
    return render(request, "web/upload.html", context)


def _ask(request: StaffRequest, path: Path) -> UUID:
    """Keep the original, and have a background job post it; return the work."""
    access, at = request.visit.access, request.visit.at
    original = receive_original(
        path=path, kind="declarations", file_name=path.name, access=access, at=at
    )
    return ask_for_work(
        kind=IMPORT,
        subject_kind="original",
        # The same content twice is the same work.
        subject_id=UUID(original.sha256[:32]),
        details={"sha256": original.sha256, "file_name": path.name},
        right=Right.DECLARATION_RECEIVE,
        access=access,
        at=at,
    )


@page(Right.STATEMENT_READ_IN)
def statements(request: StaffRequest) -> HttpResponse:
    """Take in what a bank reports about our payments."""
    form = UploadForm(request.POST or None, request.FILES or None)
    outcome: StatementRead | None = None
    if request.method == "POST" and form.is_valid():
        try:
            with _on_disk(form) as path:
                outcome = read_statement(
                    path=path, access=request.visit.access, at=request.visit.at
                )
        except UnableToReceive as refusal:
            form.add_error("file", str(refusal))
    files = received_files_page(
        access=request.visit.access, kind=FILE_KIND, page=page_number(request)
    )
    table = _received_table(request, files)
    problems = _problems_table(
        request,
        problem_lines_page(
            access=request.visit.access, page=page_number(request, _PAGE_OF_PROBLEMS)
        ),
    )
    context = {
        "form": form,
        "outcome": outcome,
        "received": table,
        "problems": problems,
        "figures": _statement_figures(outcome),
    }
    return exported(request, table, problems) or render(request, "web/statements.html", context)


def _statement_figures(read: StatementRead | None) -> list[Figure]:
    if read is None or read.outcome is None:
        return []
    counted = read.outcome
    counts = (
        (_("Lines"), counted.lines),
        (_("Known before"), counted.known),
        (_("Settled"), counted.settled),
        (_("Rejected"), counted.rejected),
        (_("Returned"), counted.returned),
        (_("Not ours"), counted.unmatched),
    )
    figures = [Figure(name=name, value=formats.figure(count)) for name, count in counts]
    total = formats.money(counted.returned_total, currency=settings.CURRENCY)
    return [*figures, Figure(name=_("Came back"), value=total)]


def _problems_table(request: StaffRequest, lines: Page[ProblemLine]) -> Table:
    return Table(
        name="problems",
        caption=_("Reported lines that fit no payment"),
        columns=(
            Column(title=_("Booked"), kind="day"),
            Column(title=_("Why nothing was posted")),
            Column(title=_("Amount"), kind="money"),
            Column(title=_("Currency")),
            Column(title=_("Payment as the bank names it"), kind="identifier"),
            Column(title=_("Bank's reference"), kind="identifier"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=line.booked_on),
                    Cell(value=line.problem_words, hint=line.problem),
                    Cell(value=line.amount),
                    Cell(value=line.currency),
                    Cell(value=line.reported_id),
                    Cell(value=line.bank_reference),
                )
            )
            for line in lines.rows
        ],
        empty=_("Every line that banks reported fits a payment of ours."),
        paging=lines,
        page_key=_PAGE_OF_PROBLEMS,
        query=request.GET,
    )


@page(Right.DECLARATION_RECEIVE, Right.REGISTER_IMPORT, Right.JOURNAL_READ)
def error_file(request: StaffRequest, received_file_id: UUID) -> HttpResponse:
    """Give the error file of a rejected file: row, column, reason, remedy, and no cell of it."""
    try:
        received = received_file(received_file_id=received_file_id, access=request.visit.access)
    except NotFound:
        raise Http404 from None
    path = Path(settings.AMPARO_HOME) / "error-files" / f"{received.received_file_id}.csv"
    if not path.exists():
        raise Http404
    return HttpResponse(
        path.read_bytes(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="errors-{path.name}"'},
    )


@contextmanager
def _on_disk(form: UploadForm) -> Iterator[Path]:
    """Put the upload where the readers find it, under its own name, for as long as they read."""
    upload = cast("UploadedFile[bytes]", form.cleaned_data["file"])
    with TemporaryDirectory(prefix="amparo-upload-") as folder:
        path = Path(folder) / Path(upload.name or "file").name
        with path.open("wb") as target:
            for chunk in upload.chunks():
                target.write(chunk)
        yield path


def errors_table(outcome: ImportOutcome) -> Table:
    return Table(
        caption=_("What is wrong, and what to do"),
        columns=(
            Column(title=_("Row"), kind="number"),
            Column(title=_("Column"), kind="identifier"),
            Column(title=_("Reason")),
            Column(title=_("Remedy")),
        ),
        rows=[Row(cells=_error_cells(one)) for one in outcome.listed],
        empty=_("Nothing is wrong."),
        is_exportable=False,
    )


def _error_cells(error: RowError) -> tuple[Cell, ...]:
    return (
        Cell(value=error.row or _("whole file")),
        Cell(value=error.column),
        Cell(value=error.reason),
        Cell(value=error.remedy),
    )


def _received_table(request: StaffRequest, files: Page[ReceivedFileRow]) -> Table:
    return Table(
        name="received",
        caption=_("Files received"),
        columns=(
            Column(title=_("File")),
            Column(title=_("Kind")),
            Column(title=_("State"), kind="state"),
            Column(title=_("Rows taken in"), kind="number"),
            Column(title=_("Rows refused"), kind="number"),
            Column(title=_("Received"), kind="instant"),
            Column(title=_("By")),
            Column(title=_("Content"), kind="identifier"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.file_name),
                    Cell(value=word(one.kind)),
                    state_cell(one.outcome, href=_faults_address(one)),
                    Cell(value=one.accepted_rows),
                    Cell(value=one.rejected_rows),
                    Cell(value=one.received_at),
                    Cell(value=one.received_by),
                    Cell(value=one.sha256[:12]),
                )
            )
            for one in files.rows
        ],
        empty=_("No file has arrived yet."),
        paging=files,
        query=request.GET,
    )


def _faults_address(received: ReceivedFileRow) -> str:
    if received.outcome != "rejected" or received.kind == FILE_KIND:
        return ""
    return reverse("web:error-file", args=[received.received_file_id])
