"""Drafts of rules: started from a version, changed revision by revision, proposed, put in force."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from amparo.governance.kernel import queries as governance
from amparo.governance.kernel.operations import (
    NoPass,
    UnableToPropose,
    activate_draft,
    propose_draft,
    take_up_draft_again,
)
from amparo.interfaces.web import formats
from amparo.interfaces.web.actions import Action, Done, carry_out, fill_in
from amparo.interfaces.web.checks import changes_table, checked, sheet_table
from amparo.interfaces.web.explanations import language_asked
from amparo.interfaces.web.forms import DayField
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Crumb, Fact, Step, Strip, Tab
from amparo.interfaces.web.simulated import of_this_content
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.vocabulary import state_cell
from amparo.rules.authoring import table_names, table_of
from amparo.rules.book.operations import (
    UnableToActivate,
    UnableToDraft,
    discard_draft,
    restore_draft,
    start_draft,
)
from amparo.rules.book.queries import (
    DraftedPack,
    DraftListed,
    NoSuchDraft,
    RevisionListed,
    drafted_pack,
    drafts_listed,
    packs_listed,
    revisions_of,
    titles,
    version,
)
from amparo.rules.feel.diagnostics import RuleError
from amparo.values import Right

READERS = (Right.PACK_PROPOSE, Right.PACK_APPROVE, Right.JOURNAL_READ)


# --- the list, and the start ----------------------------------------------------------------------


@page(*READERS)
def drafts(request: StaffRequest) -> HttpResponse:
    """List the drafts, the latest first."""
    called = titles(known_at=request.visit.at, language=language_asked())
    table = Table(
        name="drafts",
        caption=_("Drafts"),
        columns=(
            Column(title=_("Draft"), key="draft"),
            Column(title=_("Scheme"), key="scheme"),
            Column(title=_("Starts from version")),
            Column(title=_("State"), kind="state"),
            Column(title=_("Revision"), kind="number"),
            Column(title=_("Started by")),
            Column(title=_("Started"), kind="instant", key="started"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.title, href=reverse("web:draft", args=[one.draft_id])),
                    Cell(value=called.scheme(one.scheme), note=one.scheme),
                    Cell(value=one.base_version),
                    state_cell(f"draft {one.state}"),
                    Cell(value=one.revision),
                    Cell(value=one.started_by),
                    Cell(value=one.started_at),
                )
            )
            for one in drafts_listed(access=request.visit.access)
        ],
        empty=_("No draft has been started."),
        empty_remedy=_("A policy officer starts one from a version of the rules."),
        query=request.GET,
    )
    context = {
        "crumbs": [Crumb(title=_("Rules"), href=reverse("web:rules"))],
        "table": table,
        "can_start": request.visit.access.allows(Right.PACK_PROPOSE),
    }
    return exported(request, table) or render(request, "web/drafts.html", context)


class StartForm(forms.Form):
    """From which version, under which number, and what for."""

    base = forms.ChoiceField(label=gettext_lazy("Start from"))
    version = forms.CharField(
        label=gettext_lazy("Number of the new version"),
        help_text=gettext_lazy("A number that no version of the scheme has, such as 2027.1."),
        max_length=20,
    )
    title = forms.CharField(
        label=gettext_lazy("What the draft is for"),
        help_text=gettext_lazy("Such as the amending law and what it changes."),
        max_length=200,
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["base"]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices


@page(Right.PACK_PROPOSE)
def draft_new(request: StaffRequest) -> HttpResponse:
    """Start a draft from a version that was put in force."""
    called = titles(known_at=request.visit.at, language=language_asked())
    choices = [
        (
            str(one.version_id),
            _("%(scheme)s, version %(version)s from %(day)s")
            % {
                "scheme": called.scheme(one.scheme),
                "version": one.version,
                "day": formats.day(one.applies_from),
            },
        )
        for one in packs_listed()
    ]
    initial = {"base": request.GET.get("from", "")}
    form = StartForm(request.POST or None, choices=choices, initial=initial)

    def act() -> Done:
        draft_id = start_draft(
            base_id=UUID(form.cleaned_data["base"]),
            title=form.cleaned_data["title"],
            version=form.cleaned_data["version"].strip(),
            access=request.visit.access,
            at=request.visit.at,
        )
        return Done(
            message=_("The draft is started. The rules in force stay as they are."),
            onward=reverse("web:draft", args=[draft_id]),
        )

    refusals = (UnableToDraft, RuleError)
    if done := fill_in(request, form=form, act=act, refusals=refusals):
        return done
    context = {
        "crumbs": [Crumb(title=_("Drafts"), href=reverse("web:drafts"))],
        "heading": _("Start a draft"),
        "act": Act(
            title=_("New draft"),
            button=_("Start the draft"),
            form=form,
            consequence=_(
                "Nobody is paid by a draft: it applies only once approved and activated."
            ),
            undo=_("A draft can be discarded. What was written in it stays on record."),
        ),
    }
    return render(request, "web/act_alone.html", context)


# --- one draft ------------------------------------------------------------------------------------


def drafted_or_404(request: StaffRequest, draft_id: UUID, number: int | None = None) -> DraftedPack:
    """Return a revision of a draft; a page of its own says where there is none."""
    try:
        return drafted_pack(draft_id=draft_id, access=request.visit.access, number=number)
    except NoSuchDraft:
        raise Http404 from None


def is_writer(request: StaffRequest, drafted: DraftedPack) -> bool:
    """Say whether this person may change this draft now."""
    return drafted.draft.state == "open" and request.visit.access.allows(Right.PACK_PROPOSE)


def state_of(request: StaffRequest, draft: DraftListed) -> str:
    """Return the state of a draft; of a proposed one, what became of its proposal."""
    if draft.state != "proposed" or draft.resolution_id is None:
        return f"draft {draft.state}"
    found = governance.resolution(resolution_id=draft.resolution_id, access=request.visit.access)
    if found.expires_at is not None and request.visit.at >= found.expires_at:
        return "draft expired"
    return f"draft {found.state}"


def frame_of(request: StaffRequest, drafted: DraftedPack, current: str) -> dict[str, object]:
    """Return what every page of a draft shows around its content: head, stages, tabs."""
    draft = drafted.draft
    state = state_cell(state_of(request, draft))
    tabs = (
        ("web:draft", _("Draft")),
        ("web:draft-parameters", _("Amounts and rates")),
        ("web:draft-reasons", _("Reasons")),
        ("web:draft-law", _("Law and questions")),
        ("web:draft-cases", _("Worked cases")),
        ("web:draft-simulations", _("Simulations")),
    )
    return {
        "crumbs": [
            Crumb(title=_("Rules"), href=reverse("web:rules")),
            Crumb(title=_("Drafts"), href=reverse("web:drafts")),
        ],
        "strip": Strip(
            title=draft.title,
            facts=[
                Fact(label=_("Scheme"), value=draft.scheme, kind="identifier"),
                Fact(
                    label=_("Version"),
                    value=_("%(new)s, from %(old)s")
                    % {"new": drafted.pack.version, "old": draft.base_version},
                ),
                Fact(label=_("Revision"), value=drafted.number),
                Fact(label=_("Started by"), value=draft.started_by),
                Fact(label=_("State"), value=str(state.value), kind="state", tone=state.tone),
            ],
        ),
        "tabs": [
            Tab(title=title, href=reverse(name, args=[draft.draft_id]), is_current=name == current)
            for name, title in tabs
        ],
        "drafted": drafted,
        "is_open": is_writer(request, drafted),
    }


@page(*READERS)
def draft(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Show a draft: its tables, what it changes, how its cases stand, its revisions, the way on."""
    drafted = drafted_or_404(request, draft_id)
    frame = frame_of(request, drafted, "web:draft")
    changes = changes_table(drafted.base.pack, drafted.pack, query=request.GET)
    revisions = revisions_of(draft_id=draft_id, access=request.visit.access)
    state = state_of(request, drafted.draft)
    context = {
        **frame,
        "steps": list(_steps(state)),
        "tables_listed": _tables_table(drafted, is_open=bool(frame["is_open"])),
        "tables_read": [] if frame["is_open"] else _tables_read(drafted),
        "changes": changes,
        "newer": _newer(request, drafted),
        "revisions": _revisions_table(revisions),
        "simulations": _simulations(request, drafted),
        "checked": checked(drafted.pack),
        "facts": _proposal(request, drafted),
        "actions": _draft_actions(request, drafted, state, revisions),
    }
    newer = context["newer"]
    shown = [changes, newer] if isinstance(newer, Table) else [changes]
    return exported(request, *shown) or render(request, "web/draft.html", context)


def _simulations(request: StaffRequest, drafted: DraftedPack) -> Table:
    access = request.visit.access
    return of_this_content(drafted.pack, access=access, query=request.GET, links=True)


def _steps(state: str) -> list[Step]:
    way = ("draft open", "draft proposed", "draft approved", "draft activated")
    reached = way.index(state) if state in way else 0
    return [
        Step(title=str(state_cell(one).value), is_past=place < reached, is_current=place == reached)
        for place, one in enumerate(way)
    ]


def _proposal(request: StaffRequest, drafted: DraftedPack) -> list[Fact]:
    draft = drafted.draft
    if draft.resolution_id is None:
        return []
    found = governance.resolution(resolution_id=draft.resolution_id, access=request.visit.access)
    return [
        Fact(
            label=_("Proposal"),
            value=found.title,
            href=reverse("web:resolution", args=[found.resolution_id]),
        ),
        Fact(label=_("Applies from"), value=draft.applies_from, kind="day"),
        Fact(label=_("Reason"), value=found.reason),
        Fact(label=_("Proposed by"), value=found.proposed_by),
        Fact(label=_("Decided by"), value=found.decided_by),
        Fact(label=_("Reason of the decision"), value=found.decision_reason),
        Fact(label=_("Valid until"), value=found.expires_at, kind="instant"),
    ]


def _tables_table(drafted: DraftedPack, *, is_open: bool) -> Table:
    language = language_asked()
    rows = []
    old = {name for _file, name in table_names(drafted.base.pack.files)}
    for _file, name in table_names(drafted.pack.files):
        sheet = table_of(drafted.pack.files, name)
        same = name in old and sheet == table_of(drafted.base.pack.files, name)
        address = reverse("web:draft-table", args=[drafted.draft.draft_id, sheet.decision])
        rows.append(
            Row(
                cells=(
                    Cell(
                        value=drafted.pack.label(name, language=language),
                        href=address if is_open else "",
                        note=sheet.description,
                    ),
                    Cell(value=len(sheet.rows)),
                    Cell(value="" if same else _("changed")),
                )
            )
        )
    return Table(
        name="tables",
        caption=_("Decision tables"),
        columns=(
            Column(title=_("Table")),
            Column(title=_("Rules"), kind="number"),
            Column(title=_("Against the version in force")),
        ),
        rows=rows,
        empty=_("These rules have no decision table."),
        is_exportable=False,
    )


def _newer(request: StaffRequest, drafted: DraftedPack) -> Table | None:
    """Show what differs from a version put in force after the one that the draft starts from."""
    if drafted.draft.state in {"activated", "discarded"}:
        return None
    base = drafted.base
    later = [
        one
        for one in packs_listed()
        if one.scheme == base.scheme and one.activated_at > base.activated_at
    ]
    if not later:
        return None
    latest = version(version_id=max(later, key=lambda one: one.activated_at).version_id)
    caption = _("Changes against version %(version)s, put in force since") % {
        "version": latest.version
    }
    return changes_table(
        latest.pack, drafted.pack, query=request.GET, caption=caption, name="newer"
    )


def _tables_read(drafted: DraftedPack) -> list[Table]:
    """Return the draft's tables for who reads and does not write, what differs marked."""
    old = {name for _file, name in table_names(drafted.base.pack.files)}
    return [
        sheet_table(
            table_of(drafted.pack.files, name),
            table_of(drafted.base.pack.files, name) if name in old else None,
        )
        for _file, name in table_names(drafted.pack.files)
    ]


_ACTS = {
    "started": gettext_lazy("Draft started"),
    "table": gettext_lazy("Table edited"),
    "imported": gettext_lazy("Table taken from a file"),
    "parameter": gettext_lazy("Row of a parameter added"),
    "parameter-back": gettext_lazy("Row of a parameter taken back"),
    "reason": gettext_lazy("Reason edited"),
    "law": gettext_lazy("Text of the law edited"),
    "version": gettext_lazy("First day or clause edited"),
    "question": gettext_lazy("Words of a fact edited"),
    "parameter-new": gettext_lazy("Parameter added"),
    "case": gettext_lazy("Worked case written"),
    "case-removed": gettext_lazy("Worked case removed"),
    "restored": gettext_lazy("Revision restored"),
}


def _revisions_table(revisions: tuple[RevisionListed, ...]) -> Table:
    return Table(
        name="revisions",
        caption=_("Revisions"),
        columns=(
            Column(title=_("Revision"), kind="number"),
            Column(title=_("What was done")),
            Column(title=_("By")),
            Column(title=_("Saved"), kind="instant"),
            Column(title=_("Content"), kind="identifier"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.number),
                    Cell(value=str(_ACTS.get(one.act, one.act)), note=one.subject),
                    Cell(value=one.made_by),
                    Cell(value=one.made_at),
                    Cell(value=one.content_hash[:12]),
                )
            )
            for one in revisions
        ],
        empty=_("Nothing is saved."),
        is_exportable=False,
    )


# --- steps of a draft -----------------------------------------------------------------------------


class RestoreForm(forms.Form):
    """Which revision, and which one was seen as the latest."""

    number = forms.ChoiceField(label=gettext_lazy("Go back to"))
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, revisions: tuple[RevisionListed, ...], **kwargs: Any) -> None:
        latest = revisions[0].number
        super().__init__(initial={"seen": latest}, **kwargs)
        field = self.fields["number"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [
                (
                    one.number,
                    _("revision %(number)s: %(what)s")
                    % {"number": one.number, "what": _ACTS.get(one.act, one.act)},
                )
                for one in revisions[1:]
            ]


def _draft_actions(
    request: StaffRequest,
    drafted: DraftedPack,
    state: str,
    revisions: tuple[RevisionListed, ...],
) -> list[Action]:
    access, draft_id = request.visit.access, drafted.draft.draft_id
    may_write = access.allows(Right.PACK_PROPOSE)
    actions = []
    if state == "draft open" and may_write:
        if len(revisions) > 1:
            actions.append(
                Action(
                    title=_("Restore the revision"),
                    href=reverse("web:draft-restore", args=[draft_id]),
                    consequence=_("It becomes the latest. Nothing saved since is lost."),
                    look="secondary",
                    form=RestoreForm(revisions, auto_id="restore-%s"),
                )
            )
        actions.append(
            Action(
                title=_("Discard the draft"),
                href=reverse("web:draft-discard", args=[draft_id]),
                consequence="",
                confirm=_("This draft is not needed any more."),
                look="warning",
            )
        )
    if state == "draft approved" and (may_write or access.allows(Right.PACK_APPROVE)):
        actions.append(
            Action(
                title=_("Put the rules in force"),
                href=reverse("web:draft-activate", args=[draft_id]),
                consequence=_(
                    "From the day proposed, every decision follows these rules. "
                    "What was decided before stays as it was."
                ),
                confirm=_("These rules shall apply from that day on."),
            )
        )
    if state in {"draft refused", "draft expired"} and may_write:
        actions.append(
            Action(
                title=_("Take the draft up again"),
                href=reverse("web:draft-reopen", args=[draft_id]),
                consequence=_("It can be changed and proposed again."),
            )
        )
    return actions


def _step(
    request: StaffRequest,
    draft_id: UUID,
    act: Callable[[], str],
    refusals: tuple[type[Exception], ...] = (UnableToDraft,),
    *,
    must_confirm: bool = False,
) -> HttpResponse:
    drafted_or_404(request, draft_id)
    return carry_out(
        request,
        act=act,
        refusals=refusals,
        back=reverse("web:draft", args=[draft_id]),
        must_confirm=must_confirm,
    )


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


@require_POST
@page(Right.PACK_PROPOSE)
def draft_restore(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Make an earlier revision the latest again."""

    def act() -> str:
        number = restore_draft(
            draft_id=draft_id,
            number=_whole(request.POST.get("number", "")),
            seen=_whole(request.POST.get("seen", "")),
            access=request.visit.access,
            at=request.visit.at,
        )
        return _("Restored, as revision %(number)s.") % {"number": number}

    return _step(request, draft_id, act)


@require_POST
@page(Right.PACK_PROPOSE)
def draft_discard(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Set a draft aside for good."""

    def act() -> str:
        discard_draft(draft_id=draft_id, access=request.visit.access, at=request.visit.at)
        return _("The draft is discarded. Its revisions stay on record.")

    return _step(request, draft_id, act, must_confirm=True)


@require_POST
@page(Right.PACK_PROPOSE)
def draft_reopen(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Open a draft again whose proposal came to nothing."""

    def act() -> str:
        take_up_draft_again(draft_id=draft_id, access=request.visit.access, at=request.visit.at)
        return _("The draft is open again.")

    return _step(request, draft_id, act)


@require_POST
@page(Right.PACK_PROPOSE, Right.PACK_APPROVE)
def draft_activate(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Put an approved draft in force."""

    def act() -> str:
        activate_draft(draft_id=draft_id, access=request.visit.access, at=request.visit.at)
        return _("The rules are in force from the day proposed.")

    return _step(
        request, draft_id, act, (UnableToDraft, UnableToActivate, NoPass), must_confirm=True
    )


class ProposeForm(forms.Form):
    """From which day, and why."""

    applies_from = DayField(label=gettext_lazy("Applies from"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The board reads it: name the law and what changes for people."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)


@page(Right.PACK_PROPOSE)
def draft_propose(request: StaffRequest, draft_id: UUID) -> HttpResponse:
    """Propose a draft to the board, with all that it changes in view."""
    drafted = drafted_or_404(request, draft_id)
    form = ProposeForm(request.POST or None, initial={"seen": drafted.number})

    def act() -> Done:
        propose_draft(
            draft_id=draft_id,
            seen=form.cleaned_data["seen"],
            applies_from=form.cleaned_data["applies_from"],
            reason=form.cleaned_data["reason"],
            access=request.visit.access,
            at=request.visit.at,
        )
        return Done(
            message=_("Proposed. The board decides on exactly this content."),
            onward=reverse("web:draft", args=[draft_id]),
        )

    refusals = (UnableToPropose, UnableToDraft)
    if done := fill_in(request, form=form, act=act, refusals=refusals):
        return done
    result = checked(drafted.pack)
    changes = changes_table(drafted.base.pack, drafted.pack, query=request.GET)
    context = {
        **frame_of(request, drafted, ""),
        "act": Act(
            title=_("Propose to the board"),
            button=_("Propose the draft"),
            form=form,
            consequence=_("The draft is closed to changes until the board has decided."),
            undo=_("The board refuses it, with a reason; then it can be changed again."),
            facts_title=_("How it stands"),
            facts=[Fact(label=_("Check"), value=result.said)],
            tables=[changes, _simulations(request, drafted)],
        ),
    }
    return render(request, "web/act.html", context)
