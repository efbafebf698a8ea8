"""One decision table of a draft: read, changed cell by cell, carried to a file and back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final, cast
from uuid import UUID, uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.interfaces.web.actions import Done, fill_in
from amparo.interfaces.web.checks import Checked, changes_table, checked, not_checked
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Crumb
from amparo.interfaces.web.sheets import (
    SheetForm,
    fields_of,
    is_too_large,
    merged,
    stepped,
    typed_sheet,
)
from amparo.interfaces.web.tables import Table
from amparo.interfaces.web.views.drafts import READERS, drafted_or_404, frame_of
from amparo.rules.authoring import (
    Fault,
    FaultyTable,
    NoSuchTable,
    Sheet,
    table_of,
    with_table,
)
from amparo.rules.authoring.excel import MAX_BYTES, from_excel, to_excel
from amparo.rules.authoring.grids import GridReader
from amparo.rules.authoring.markdown import from_markdown, to_markdown
from amparo.rules.book.operations import UnableToDraft, save_draft
from amparo.rules.book.queries import DraftedPack
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.packs import load_pack_files
from amparo.values import Right

_EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SeenForm(forms.Form):
    """The revision that the writer started from."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """The page of a table: its form, what it comes to, and what somebody else changed meanwhile.

    notice: what stands above the form: nothing is saved yet, or why it was not saved.
    """

    sheet: Sheet
    form: SheetForm
    checked: Checked
    seen: int
    changes: Table
    is_too_large: bool
    notice: str = ""
    problems: Sequence[str] = ()
    theirs: Table | None = None
    is_merged: bool = False
    key: str = field(default_factory=lambda: str(uuid4()))


def _stored(drafted: DraftedPack, decision: str) -> Sheet:
    try:
        return table_of(drafted.pack.files, decision)
    except NoSuchTable:
        raise Http404 from None


def _before(drafted: DraftedPack, decision: str) -> Sheet | None:
    """Return the table of the version that the draft starts from; None where it had none."""
    try:
        return table_of(drafted.base.pack.files, decision)
    except NoSuchTable:
        return None


@page(Right.PACK_PROPOSE)
def draft_table(request: StaffRequest, draft_id: UUID, decision: str) -> HttpResponse:
    """Edit a decision table: each save is a revision, and what is faulty is not saved."""
    drafted = drafted_or_404(request, draft_id)
    stored = _stored(drafted, decision)
    if request.method != "POST":
        return _shown(request, drafted, stored, seen=drafted.number)
    sheet = typed_sheet(request.POST, stored)
    step = request.POST.get("do", "check")
    form = SeenForm(request.POST)
    if step == "check":
        return _checked(request, drafted, sheet)
    if step != "save":
        after = stepped(sheet, step)
        return _shown(
            request,
            drafted,
            after.sheet,
            seen=_seen(request.POST, drafted),
            focus=after.focus,
            notice=_("Nothing is saved yet."),
        )

    def act() -> Done:
        number = save_draft(
            draft_id=draft_id,
            seen=form.cleaned_data["seen"],
            files=with_table(drafted.pack.files, sheet),
            act="table",
            subject=sheet.name,
            access=request.visit.access,
            at=request.visit.at,
        )
        return Done(
            message=_("Saved as revision %(number)s.") % {"number": number},
            onward=reverse("web:draft-table", args=[draft_id, decision]),
        )

    if done := fill_in(request, form=form, act=act, refusals=(UnableToDraft, RuleError)):
        return done
    problems = [str(error) for error in form.non_field_errors()]
    return _refused(request, drafted, sheet, problems)


def _seen(sent: QueryDict, drafted: DraftedPack) -> int:
    """Return the revision that the form was made from."""
    form = SeenForm(sent)
    return form.cleaned_data["seen"] if form.is_valid() else drafted.number


def _refused(
    request: StaffRequest, drafted: DraftedPack, sheet: Sheet, problems: Sequence[str]
) -> HttpResponse:
    """Show what was typed again with what is wrong with it, or with what somebody else saved."""
    seen = _seen(request.POST, drafted)
    if 1 <= seen < drafted.number:
        return _moved(request, drafted, sheet, seen, problems)
    _files, faults, _why = _tried(drafted, sheet)
    return _shown(
        request,
        drafted,
        sheet,
        seen=seen,
        notice=_("Nothing was saved."),
        problems=() if faults else problems,  # each fault stands at its cell
    )


def _moved(
    request: StaffRequest,
    drafted: DraftedPack,
    sheet: Sheet,
    seen: int,
    problems: Sequence[str],
) -> HttpResponse:
    """Show what somebody else saved, and what was typed put together with it where that is clear.

    Whoever has seen it may save after it, as a revision of its own.
    """
    earlier = drafted_or_404(request, drafted.draft.draft_id, seen)
    base = _stored(earlier, sheet.decision)
    together = merged(typed_sheet(request.POST, base), base, _stored(drafted, sheet.decision))
    theirs = changes_table(
        earlier.pack, drafted.pack, query=QueryDict(), caption=_("What was saved meanwhile")
    )
    return _shown(
        request,
        drafted,
        together or sheet,
        seen=drafted.number,
        notice=_("Nothing was saved."),
        problems=problems,
        theirs=theirs,
        is_merged=together is not None,
    )


def _tried(
    drafted: DraftedPack, sheet: Sheet
) -> tuple[dict[str, str] | None, Sequence[Fault], str]:
    """Return the pack's files with the sheet; else its faults, or why the pack does not load."""
    try:
        return with_table(drafted.pack.files, sheet), (), ""
    except FaultyTable as error:
        return None, error.faults, ""
    except RuleError as error:
        return None, (), str(error)


def _come_to(drafted: DraftedPack, sheet: Sheet) -> tuple[Sequence[Fault], Checked]:
    files, faults, why = _tried(drafted, sheet)
    if files is None:
        return faults, not_checked(why)
    return (), checked(load_pack_files(files))


def _checked(request: StaffRequest, drafted: DraftedPack, sheet: Sheet) -> HttpResponse:
    """Answer a check: the page as typed, or, as one types, only what the check says."""
    if request.headers.get("HX-Request") != "true":
        return _shown(
            request,
            drafted,
            sheet,
            seen=_seen(request.POST, drafted),
            notice=_("Checked. Nothing is saved yet."),
        )
    faults, result = _come_to(drafted, sheet)
    form = fields_of(sheet, faults, before=_before(drafted, sheet.decision))
    context = {"form": form, "checked": result, "exchanged": True}
    return render(request, "web/parts/draft_checked.html", context)


def _shown(
    request: StaffRequest,
    drafted: DraftedPack,
    sheet: Sheet,
    *,
    seen: int,
    focus: str = "",
    notice: str = "",
    problems: Sequence[str] = (),
    theirs: Table | None = None,
    is_merged: bool = False,
) -> HttpResponse:
    faults, result = _come_to(drafted, sheet)
    editor = Editor(
        sheet=sheet,
        form=fields_of(sheet, faults, before=_before(drafted, sheet.decision), focus=focus),
        checked=result,
        seen=seen,
        changes=changes_table(drafted.base.pack, drafted.pack, query=QueryDict()),
        is_too_large=is_too_large(sheet),
        notice=notice,
        problems=problems,
        theirs=theirs,
        is_merged=is_merged,
    )
    return render(request, "web/draft_table.html", _page_of(request, drafted, sheet, editor))


def _page_of(
    request: StaffRequest, drafted: DraftedPack, sheet: Sheet, editor: Editor
) -> dict[str, object]:
    frame = frame_of(request, drafted, "")
    home = Crumb(
        title=drafted.draft.title, href=reverse("web:draft", args=[drafted.draft.draft_id])
    )
    return {
        **frame,
        "crumbs": [*cast("list[Crumb]", frame["crumbs"]), home],
        "editor": editor,
        "form": editor.form,
        "checked": editor.checked,
        "address": _address("draft-table", drafted, sheet),
        "excel": _address("draft-table-file", drafted, sheet, "xlsx"),
        "markdown": _address("draft-table-file", drafted, sheet, "md"),
        "upload": _address("draft-table-import", drafted, sheet),
    }


def _address(name: str, drafted: DraftedPack, sheet: Sheet, *more: str) -> str:
    return reverse(f"web:{name}", args=[drafted.draft.draft_id, sheet.decision, *more])


# --- to a file and back ---------------------------------------------------------------------------


@page(*READERS)
def draft_table_file(
    request: StaffRequest, draft_id: UUID, decision: str, form: str
) -> HttpResponse:
    """Give a table as an Excel workbook or as Markdown."""
    drafted = drafted_or_404(request, draft_id)
    sheet = _stored(drafted, decision)
    if form == "xlsx":
        response = HttpResponse(to_excel(sheet), content_type=_EXCEL)
    elif form == "md":
        response = HttpResponse(to_markdown(sheet), content_type="text/markdown; charset=utf-8")
    else:
        raise Http404
    response["Content-Disposition"] = f'attachment; filename="{sheet.decision}.{form}"'
    return response


class TableFileForm(SeenForm):
    """A table as it was exported, changed in a spreadsheet or an editor."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("The table as exported here: Excel (.xlsx) or Markdown (.md)."),
        max_length=100,
    )


_Reader = Callable[[bytes, str], tuple[Sheet, GridReader]]


def _excel(content: bytes, name: str) -> tuple[Sheet, GridReader]:
    return from_excel(content, where=name)


def _markdown(content: bytes, name: str) -> tuple[Sheet, GridReader]:
    try:
        return from_markdown(content.decode("utf-8"), where=name)
    except UnicodeDecodeError as error:
        fault = Fault("file.text", _("The file is not UTF-8 text"), _("Save it as UTF-8."))
        raise FaultyTable([fault], where=name) from error


_READERS_OF: Final[dict[str, _Reader]] = {".xlsx": _excel, ".md": _markdown}


@page(Right.PACK_PROPOSE)
def draft_table_import(request: StaffRequest, draft_id: UUID, decision: str) -> HttpResponse:
    """Take a table from a file: all of it becomes the next revision, or none of it."""
    drafted = drafted_or_404(request, draft_id)
    stored = _stored(drafted, decision)
    form = TableFileForm(
        request.POST or None, request.FILES or None, initial={"seen": drafted.number}
    )
    faults: list[Fault] = []

    def act() -> Done:
        sheet = _read(cast("UploadedFile[bytes]", form.cleaned_data["file"]), stored)
        number = save_draft(
            draft_id=draft_id,
            seen=form.cleaned_data["seen"],
            files=with_table(drafted.pack.files, sheet),
            act="imported",
            subject=sheet.name,
            access=request.visit.access,
            at=request.visit.at,
        )
        return Done(
            message=_("Taken over, as revision %(number)s.") % {"number": number},
            onward=reverse("web:draft-table", args=[draft_id, decision]),
        )

    def noted() -> Done:
        try:
            return act()
        except FaultyTable as error:
            faults.extend(error.faults)
            raise

    if done := fill_in(request, form=form, act=noted, refusals=(UnableToDraft, RuleError)):
        return done
    frame = frame_of(request, drafted, "")
    context = {
        **frame,
        "sheet": stored,
        "form": form,
        "faults": faults,
        "key": str(uuid4()),
        "excel": _address("draft-table-file", drafted, stored, "xlsx"),
        "markdown": _address("draft-table-file", drafted, stored, "md"),
        "table_address": _address("draft-table", drafted, stored),
    }
    return render(request, "web/draft_import.html", context)


def _read(sent: "UploadedFile[bytes]", stored: Sheet) -> Sheet:
    """Read a file of this very table. Raises FaultyTable."""
    name = PurePath(sent.name or "").name
    reader = _READERS_OF.get(PurePath(name).suffix.lower())
    if reader is None:
        fault = Fault(
            "file.kind",
            _("The file is neither Excel nor Markdown"),
            _("Send the table as .xlsx or .md."),
        )
        raise FaultyTable([fault], where=name)
    if (sent.size or 0) > MAX_BYTES:
        fault = Fault("file.size", _("The file is too large"), _("A table needs less than 5 MB."))
        raise FaultyTable([fault], where=name)
    sheet, _reader = reader(sent.read(), name)
    if sheet.decision != stored.decision:
        fault = Fault(
            "file.other",
            _("The file holds the table “%(name)s”") % {"name": sheet.name},
            _("Open that table and send the file there."),
        )
        raise FaultyTable([fault], where=name)
    return sheet
