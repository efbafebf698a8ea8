"""The other parts of a draft: rows of parameters, reasons, worked cases."""

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from amparo.interfaces.web import formats
from amparo.interfaces.web.actions import Action, Done, carry_out, fill_in
from amparo.interfaces.web.checks import checked
from amparo.interfaces.web.explanations import language_asked
from amparo.interfaces.web.forms import DayField
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Fact
from amparo.interfaces.web.tables import Cell, Column, Row, Table
from amparo.interfaces.web.views.drafts import READERS, drafted_or_404, frame_of
from amparo.interfaces.web.vocabulary import language_name
from amparo.rules.authoring import (
    FaultyParameter,
    FaultyTable,
    NewRow,
    with_parameter_row,
    without_parameter_row,
)
from amparo.rules.authoring.caseforms import shape_of, shapes_of_cases
from amparo.rules.authoring.reasons import with_reason
from amparo.rules.authoring.workedcases import case_texts, with_case, without_case
from amparo.rules.book.operations import UnableToDraft, save_draft
from amparo.rules.book.queries import DraftedPack
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.feel.values import text_of
from amparo.rules.packs import Pack, Reason
from amparo.rules.packs import Row as ParameterRow
from amparo.rules.packs.texts import LANGUAGES
from amparo.values import Right

SIMPLE: Final = frozenset({"number", "string", "boolean", "date"})


def save_revision(
    request: StaffRequest,
    drafted: DraftedPack,
    *,
    seen: int,
    files: Mapping[str, str],
    act: str,
    subject: str,
) -> str:
    """Save a revision; return the message that says so."""
    number = save_draft(
        draft_id=drafted.draft.draft_id,
        seen=seen,
        files=files,
        act=act,
        subject=subject,
        access=request.visit.access,
        at=request.visit.at,
    )
    return _("Saved as revision %(number)s.") % {"number": number}


def at_fields(form: forms.Form, error: FaultyParameter | FaultyTable) -> None:
    """Put each fault at the field it is about, the others above the form."""
    for fault in error.faults:
        form.add_error(fault.part if fault.part in form.fields else None, str(fault))


# --- parameters -----------------------------------------------------------------------------------


class RowForm(forms.Form):
    """A new dated row of a parameter. Rows in force are never changed: a later one supersedes."""

    parameter = forms.ChoiceField(label=gettext_lazy("Amount or rate"))
    value = forms.CharField(
        label=gettext_lazy("Value"),
        help_text=gettext_lazy("Digits with a point, such as 1250.50; a date as 2026-11-30."),
        max_length=200,
    )
    valid_from = DayField(label=gettext_lazy("Valid from"))
    valid_to = DayField(
        label=gettext_lazy("First day it no longer holds"),
        help_text=gettext_lazy("Empty while none is known."),
        required=False,
    )
    known_from = DayField(
        label=gettext_lazy("Known from"),
        help_text=gettext_lazy("The day on which the law was published."),
    )
    law = forms.CharField(
        label=gettext_lazy("Law"),
        help_text=gettext_lazy("The act, article or notice that sets it."),
        max_length=300,
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=1000)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, pack: Pack, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field, language = self.fields["parameter"], language_asked()
        if isinstance(field, forms.ChoiceField):
            field.choices = [
                (one.name, f"{one.titles.get(language) or one.title} ({one.unit or one.type})")
                for one in pack.parameters
                if one.type in SIMPLE
            ]

    def row(self) -> NewRow:
        said = self.cleaned_data
        ends = said["valid_to"]
        return NewRow(
            value=said["value"].strip(),
            valid_from=said["valid_from"].isoformat(),
            valid_to=ends.isoformat() if ends else "",
            known_from=said["known_from"].isoformat(),
            law=said["law"],
            note=said["note"],
        )


@page(*READERS)
def draft_parameters(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Show the dated amounts and rates of a draft, and add a row to one."""
    drafted = drafted_or_404(request, draft_id)
    own = own_rows(drafted)
    frame = frame_of(request, drafted, "web:draft-parameters")
    context = {**frame, "parameters": _parameters_table(request, drafted, own)}
    if frame["is_open"]:
        form = RowForm(request.POST or None, pack=drafted.pack, initial={"seen": drafted.number})
        if done := _add_row(request, drafted, form):
            return done
        context |= {
            "checked": checked(drafted.pack),
            "act": Act(
                title=_("Add a row"),
                button=_("Save the row"),
                form=form,
                consequence="",
                undo="",
            ),
            "actions": [_take_back(drafted, row) for row in own],
        }
    return render(request, "web/draft_parameters.html", context)


def _add_row(request: StaffRequest, drafted: DraftedPack, form: RowForm) -> HttpResponse | None:
    def act() -> Done:
        name = form.cleaned_data["parameter"]
        files = with_parameter_row(drafted.pack.files, name, form.row())
        message = save_revision(
            request,
            drafted,
            seen=form.cleaned_data["seen"],
            files=files,
            act="parameter",
            subject=name,
        )
        return Done(
            message=message, onward=reverse("web:draft-parameters", args=[drafted.draft.draft_id])
        )

    try:
        return fill_in(request, form=form, act=act, refusals=(UnableToDraft,))
    except (FaultyParameter, FaultyTable) as error:
        at_fields(form, error)
    except RuleError as error:
        form.add_error(None, str(error))
    return None


def own_rows(drafted: DraftedPack) -> list[ParameterRow]:
    """Return the rows that only the draft has."""
    known = {
        (row.name, row.valid_from, row.known_from, row.is_adopted)
        for parameter in drafted.base.pack.parameters
        for row in parameter.rows
    }
    return [
        row
        for parameter in drafted.pack.parameters
        for row in parameter.rows
        if (row.name, row.valid_from, row.known_from, row.is_adopted) not in known
    ]


def _key(row: ParameterRow) -> str:
    return f"{row.name}|{row.valid_from.isoformat()}|{row.known_from.isoformat()}|{row.is_adopted}"


class TakeBackForm(forms.Form):
    """Which row of the draft's own is taken back."""

    row = forms.CharField(widget=forms.HiddenInput)
    seen = forms.IntegerField(widget=forms.HiddenInput)


def _take_back(drafted: DraftedPack, row: ParameterRow) -> Action:
    called = drafted.pack.label(row.name, language=language_asked())
    return Action(
        title=_("Take back: %(parameter)s from %(day)s")
        % {"parameter": called, "day": formats.day(row.valid_from)},
        href=reverse("web:draft-row-back", args=[drafted.draft.draft_id]),
        consequence="",
        look="secondary",
        form=TakeBackForm(initial={"row": _key(row), "seen": drafted.number}, auto_id=False),
    )


@require_POST
@page(Right.PACK_PROPOSE)
def draft_row_back(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Take back a row that only the draft has."""
    drafted = drafted_or_404(request, draft_id)
    form = TakeBackForm(request.POST)
    form.full_clean()
    asked = form.cleaned_data.get("row")
    row = next((one for one in own_rows(drafted) if _key(one) == asked), None)

    def act() -> str:
        if row is None:
            raise UnableToDraft(_("The draft has no such row of its own. Load the page again."))
        return save_revision(
            request,
            drafted,
            seen=form.cleaned_data.get("seen", 0),
            files=without_parameter_row(drafted.pack.files, row),
            act="parameter-back",
            subject=row.name,
        )

    return carry_out(
        request,
        act=act,
        refusals=(UnableToDraft, RuleError),
        back=reverse("web:draft-parameters", args=[draft_id]),
    )


def _parameters_table(
    request: StaffRequest, drafted: DraftedPack, own: list[ParameterRow]
) -> Table:
    language = language_asked()
    rows = []
    for parameter in drafted.pack.parameters:
        for row in parameter.rows:
            note = _("of this draft") if row in own else row.note
            rows.append(
                Row(
                    cells=(
                        Cell(
                            value=parameter.titles.get(language) or parameter.title,
                            note=parameter.name,
                        ),
                        Cell(value=text_of(row.value, inside=True)),
                        Cell(value=parameter.unit),
                        Cell(value=row.valid_from),
                        Cell(value=row.valid_to),
                        Cell(value=row.known_from),
                        Cell(value=row.law, note=note),
                    ),
                    emphasis="am-matched" if row in own else "",
                )
            )
    return Table(
        name="parameters",
        caption=_("Amounts and rates set by law"),
        columns=(
            Column(title=_("Name"), key="name"),
            Column(title=_("Value"), kind="number"),
            Column(title=_("Unit")),
            Column(title=_("From"), kind="day", key="from"),
            Column(title=_("Until"), kind="day"),
            Column(title=_("Known from"), kind="instant"),
            Column(title=_("Law")),
        ),
        rows=rows,
        empty=_("This pack has no parameter."),
        query=request.GET,
        is_exportable=False,
    )


# --- reasons --------------------------------------------------------------------------------------


@page(*READERS)
def draft_reasons(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """List the reasons that decisions of these rules give."""
    drafted = drafted_or_404(request, draft_id)
    frame = frame_of(request, drafted, "web:draft-reasons")
    language = language_asked()
    table = Table(
        name="reasons",
        caption=_("Reasons"),
        columns=(
            Column(title=_("Code"), key="code"),
            Column(title=_("Words")),
            Column(title=_("Law")),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=one.code,
                        href=reverse("web:draft-reason", args=[draft_id, one.code])
                        if frame["is_open"]
                        else "",
                    ),
                    Cell(value=one.texts.get(language) or one.text),
                    Cell(value=one.law),
                )
            )
            for one in drafted.pack.reasons
        ],
        empty=_("These rules give no reason."),
        query=request.GET,
        is_exportable=False,
    )
    return render(request, "web/record.html", {**frame, "tables": [table]})


class ReasonForm(forms.Form):
    """The law and the words of a reason, in each language it has."""

    law = forms.CharField(label=gettext_lazy("Law"), required=False, max_length=300)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, reason: Reason, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.languages = tuple(dict.fromkeys((*LANGUAGES, *reason.texts)))
        for language in self.languages:
            self.fields[language] = forms.CharField(
                label=_("In words, %(language)s") % {"language": language_name(language)},
                widget=forms.Textarea(attrs={"rows": 2, "lang": language}),
                required=False,
                max_length=1000,
            )


@page(Right.PACK_PROPOSE)
def draft_reason(request: StaffRequest, draft_id: UUID, code: str) -> HttpResponse:
    """Change the law or the words of a reason. Its code stays: decisions name it."""
    drafted = drafted_or_404(request, draft_id)
    reason = next((one for one in drafted.pack.reasons if one.code == code), None)
    if reason is None:
        raise Http404
    initial = {**reason.texts, "law": reason.law, "seen": drafted.number}
    form = ReasonForm(request.POST or None, reason=reason, initial=initial)

    def act() -> Done:
        texts = {one: form.cleaned_data[one].strip() for one in form.languages}
        changed = Reason(code, texts["en"], form.cleaned_data["law"].strip(), texts)
        message = save_revision(
            request,
            drafted,
            seen=form.cleaned_data["seen"],
            files=with_reason(drafted.pack.files, changed),
            act="reason",
            subject=code,
        )
        return Done(message=message, onward=reverse("web:draft-reasons", args=[draft_id]))

    try:
        if done := fill_in(request, form=form, act=act, refusals=(UnableToDraft,)):
            return done
    except FaultyTable as error:
        at_fields(form, error)
    context = {
        **frame_of(request, drafted, ""),
        "act": Act(
            title=_("Reason %(code)s") % {"code": code},
            button=_("Save the reason"),
            form=form,
            consequence=_("Letters and explanations use these words once the rules are in force."),
            undo=_("Each save is a revision; an earlier one can be restored."),
        ),
    }
    return render(request, "web/act.html", context)


# --- worked cases ---------------------------------------------------------------------------------


@page(*READERS)
def draft_cases(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Show the worked cases and what each comes to under the draft."""
    drafted = drafted_or_404(request, draft_id)
    frame = frame_of(request, drafted, "web:draft-cases")
    result = checked(drafted.pack)
    language = language_asked()
    context = {
        **frame,
        "checked": result,
        "links": [
            (
                identifier,
                reverse(
                    "web:draft-case-form" if has_form else "web:draft-case",
                    args=[draft_id, identifier],
                ),
            )
            for identifier, has_form in shapes_of_cases(drafted.pack).items()
            if "/" not in identifier
        ]
        if frame["is_open"]
        else [],
        "by_form": [
            (
                one.titles.get(language) or one.title,
                reverse("web:draft-case-write", args=[draft_id, one.name]),
            )
            for one in drafted.pack.manifest.decisions
            if shape_of(drafted.pack, one.name) is not None
        ],
    }
    return render(request, "web/draft_cases.html", context)


class CaseForm(forms.Form):
    """A worked case, as its JSON."""

    text = forms.CharField(
        label=gettext_lazy("Case"),
        help_text=gettext_lazy(
            "Its id, the decision asked, the day, the facts, and what the law says must come out."
        ),
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "class": "am-code"}),
        max_length=20_000,
    )
    remove = forms.BooleanField(
        label=gettext_lazy("Remove this case: the law no longer knows it"), required=False
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)


_NEW_CASE: Final = {
    "id": "",
    "decision": "",
    "origin": "signed",
    "effective": "",
    "inputs": {},
    "expected": {},
    "outcome": "granted",
}


@page(Right.PACK_PROPOSE)
def draft_case_new(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Write one more worked case."""
    entries = (f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in _NEW_CASE.items())
    template = "{\n" + ",\n".join(entries) + "\n}"
    return _case_page(request, drafted_or_404(request, draft_id), "", template)


@page(Right.PACK_PROPOSE)
def draft_case(request: StaffRequest, draft_id: UUID, case: str) -> HttpResponse:
    """Change a worked case where the law has changed, or remove it."""
    drafted = drafted_or_404(request, draft_id)
    known = case_texts(drafted.pack.files)
    if case not in known:
        raise Http404
    return _case_page(request, drafted, case, known[case])


def _case_page(request: StaffRequest, drafted: DraftedPack, case: str, text: str) -> HttpResponse:
    form = CaseForm(request.POST or None, initial={"text": text, "seen": drafted.number})
    if not case:
        del form.fields["remove"]

    def act() -> Done:
        said, files = form.cleaned_data, drafted.pack.files
        removes = said.get("remove", False)
        changed = without_case(files, case) if removes else with_case(files, case, said["text"])
        message = save_revision(
            request,
            drafted,
            seen=said["seen"],
            files=changed,
            act="case-removed" if removes else "case",
            subject=case,
        )
        return Done(
            message=message, onward=reverse("web:draft-cases", args=[drafted.draft.draft_id])
        )

    try:
        if done := fill_in(request, form=form, act=act, refusals=(UnableToDraft,)):
            return done
    except FaultyTable as error:
        at_fields(form, error)
    context = {
        **frame_of(request, drafted, ""),
        "act": Act(
            title=case or _("New case"),
            button=_("Save the case"),
            form=form,
            consequence=_(
                "A case is what somebody signs: change what it expects only where the law changed."
            ),
            undo=_("Each save is a revision; an earlier one can be restored."),
            facts_title=_("What a case says"),
            facts=_case_help(drafted.pack),
        ),
    }
    return render(request, "web/act.html", context)


def _case_help(pack: Pack) -> list[Fact]:
    """Name the decisions that a case can ask, with the facts of each."""
    return [
        Fact(label=one.name, value=", ".join(asked.name for asked in one.inputs) or "-")
        for one in pack.manifest.decisions
    ]
