"""Pay runs: planned, prepared and compared by one person, approved by another, sent, reconciled."""

from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from amparo.delivery.payments.operations import (
    NobodyToPay,
    NoSuchRun,
    NothingToState,
    NotInState,
    TotalsDiffer,
    UnableToApprove,
    UnableToPlan,
    abandon_run,
    approve_run,
    plan_run,
    state_difference,
)
from amparo.delivery.payments.queries import (
    AwardDifference,
    ControlTotal,
    PaymentRecord,
    RunItem,
    RunRecord,
    RunSummary,
    differences_page,
    payments_of_person,
    run_items_page,
    run_record,
    runs_page,
)
from amparo.interfaces.web import formats
from amparo.interfaces.web.actions import Action, carry_out
from amparo.interfaces.web.addresses import page_number
from amparo.interfaces.web.explanations import language_asked
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Crumb, Fact, Figure, Step, Strip, Tab
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.views.frames import person_frame
from amparo.interfaces.web.vocabulary import state_word, tone, word
from amparo.office.operations import ask_for_work
from amparo.office.queries import latest_work
from amparo.rules.book.queries import titles
from amparo.values import Month, NotPermitted, Page, Right

_WAY = ("planned", "snapshot", "calculated", "compared", "approved", "locked", "transmitted")
_DISPOSITIONS = ("pay", "held", "excluded")
_REFUSALS = (
    NobodyToPay,
    NotInState,
    NotPermitted,
    NothingToState,
    TotalsDiffer,
    UnableToApprove,
    UnableToPlan,
)


class PlanForm(forms.Form):
    """The month to pay."""

    month = forms.CharField(
        label=gettext_lazy("Month"),
        help_text=gettext_lazy("year-month, such as 2026-11"),
        max_length=7,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[
            ("regular", gettext_lazy("regular run")),
            ("supplementary", gettext_lazy("supplementary run: what became due afterwards")),
        ],
        widget=forms.RadioSelect,
        initial="regular",
    )

    def clean_month(self) -> Month:
        try:
            return Month.parse(self.cleaned_data["month"].strip())
        except ValueError:
            raise forms.ValidationError(
                _("Write the month as year-month, such as 2026-11.")
            ) from None


class ReasonForm(forms.Form):
    """Why a run is given up, or what is behind a difference."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 2}), max_length=1000
    )


# --- the list -----------------------------------------------------------------------------------


@page(Right.PAYRUN_READ)
def runs(request: StaffRequest) -> HttpResponse:
    """List the runs, and let those who prepare plan the next one."""
    access = request.visit.access
    may_plan = access.allows(Right.PAYRUN_PREPARE)
    form = PlanForm(request.POST or None, initial={"month": str(Month.of(request.visit.on))})
    if request.method == "POST" and may_plan and form.is_valid():
        try:
            run_id = plan_run(
                month=form.cleaned_data["month"],
                kind=form.cleaned_data["kind"],
                access=access,
                at=request.visit.at,
            )
        except UnableToPlan as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The run is planned. Prepare it next."))
            return redirect("web:run", run_id)
    table = _runs_table(request, runs_page(access=access, page=page_number(request)))
    context = {"table": table, "form": form, "may_plan": may_plan}
    return exported(request, table) or render(request, "web/runs.html", context)


def _runs_table(request: StaffRequest, found: Page[RunSummary]) -> Table:
    return Table(
        name="runs",
        caption=_("Pay runs"),
        columns=(
            Column(title=_("Number"), kind="identifier"),
            Column(title=_("Month"), kind="month"),
            Column(title=_("Kind")),
            Column(title=_("State"), kind="state"),
            Column(title=_("Payments"), kind="number"),
            Column(title=_("Total"), kind="money"),
            Column(title=_("Planned"), kind="instant"),
            Column(title=_("Sent"), kind="instant"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.number, href=reverse("web:run", args=[one.run_id])),
                    Cell(value=one.month.starts_on),
                    Cell(value=word(one.kind)),
                    Cell(value=one.state_words.capitalize(), tone=tone(one.state)),
                    Cell(value=one.instruction_count),
                    Cell(value=one.total, note=one.currency),
                    Cell(value=one.planned_at),
                    Cell(value=one.transmitted_at),
                )
            )
            for one in found.rows
        ],
        empty=_("No run is planned yet."),
        empty_remedy=_("Those who prepare runs plan the next month here."),
        paging=found,
        query=request.GET,
    )


# --- one run ------------------------------------------------------------------------------------


@page(Right.PAYRUN_READ)
def run(request: StaffRequest, run_id: UUID) -> HttpResponse:
    """Show a run: totals, what differs from the run before and why, files, and the next step."""
    record = _record(request, run_id)
    tables = [
        _totals_table(
            request, "schemes", _("By scheme and benefit"), record.by_scheme, _by_benefit(request)
        ),
        _totals_table(request, "channels", _("By channel"), record.by_provider, _by_channel),
    ]
    unpaid = [
        _totals_table(request, "held", _("Held for repair"), record.held),
        _totals_table(request, "excluded", _("Not paid, and why"), record.excluded),
    ]
    comparison = _comparison_table(request, record)
    outcomes = _totals_table(request, "outcomes", _("At the bank"), record.outcomes)
    work = latest_work(
        subject_id=run_id,
        right=Right.PAYRUN_READ,
        access=request.visit.access,
        at=request.visit.at,
    )
    context = {
        **_frame(request, record, tab="web:run"),
        "figures": _figures(record),
        "steps": _steps(record),
        "facts": _people(record),
        "comparison": comparison,
        "tables": tables,
        "unpaid": [table for table in unpaid if table.rows],
        "outcomes": outcomes,
        "files": _files_table(request, record),
        "actions": [] if work and work.is_open else _actions(request, record),
        "work": work if work and work.state != "done" else None,
    }
    return exported(request, comparison, outcomes, *tables, *unpaid) or render(
        request, "web/run.html", context
    )


def _record(request: StaffRequest, run_id: UUID) -> RunRecord:
    try:
        return run_record(run_id=run_id, access=request.visit.access)
    except NoSuchRun:
        raise Http404 from None


def _frame(request: StaffRequest, record: RunRecord, *, tab: str) -> dict[str, object]:
    summary = record.summary
    tabs = (
        ("web:run", _("Summary")),
        ("web:run-differences", _("Differences")),
        ("web:run-items", _("Items")),
    )
    return {
        "run": summary,
        "crumbs": [Crumb(title=_("Pay runs"), href=reverse("web:runs"))],
        "strip": Strip(
            title=_("Pay run %(month)s") % {"month": formats.month(summary.month.starts_on)},
            facts=[
                Fact(label=_("Number"), value=summary.number, kind="identifier"),
                Fact(label=_("Kind"), value=word(summary.kind)),
                Fact(label=_("Payments"), value=summary.instruction_count, kind="number"),
                Fact(label=_("Total"), value=summary.total, kind="money", note=summary.currency),
                Fact(
                    label=_("State"),
                    value=summary.state_words.capitalize(),
                    kind="state",
                    tone=tone(summary.state),
                ),
            ],
        ),
        "tabs": [
            Tab(title=title, href=reverse(name, args=[summary.run_id]), is_current=name == tab)
            for name, title in tabs
        ],
    }


def _figures(record: RunRecord) -> list[Figure]:
    summary = record.summary
    items = reverse("web:run-items", args=[summary.run_id])
    held = sum(one.count for one in record.held)
    excluded = sum(one.count for one in record.excluded)
    return [
        Figure(
            name=_("To pay"),
            value=formats.money(summary.total, currency=summary.currency),
            note=ngettext("%(count)s payment", "%(count)s payments", summary.instruction_count)
            % {"count": formats.figure(summary.instruction_count)},
        ),
        Figure(name=_("Items looked at"), value=formats.figure(record.item_count), href=items),
        Figure(
            name=_("Held for repair"),
            value=formats.figure(held),
            href=f"{items}?disposition=held",
        ),
        Figure(
            name=_("Not paid"),
            value=formats.figure(excluded),
            href=f"{items}?disposition=excluded",
        ),
        Figure(
            name=_("Differences unexplained"),
            value=formats.figure(record.unexplained),
            note=_("must be zero before approval"),
            href=reverse("web:run-differences", args=[summary.run_id]),
        ),
    ]


def _steps(record: RunRecord) -> list[Step]:
    state = record.summary.state
    way: Sequence[str] = (*_WAY, "reconciling") if state == "reconciling" else _WAY
    if state == "abandoned":
        return [Step(title=state_word(state), is_past=False, is_current=True)]
    here = way.index(state)
    return [
        Step(title=state_word(code), is_past=position < here, is_current=position == here)
        for position, code in enumerate(way)
    ]


def _people(record: RunRecord) -> list[Fact]:
    summary = record.summary
    return [
        Fact(
            label=_("Planned by"),
            value=record.planned_by,
            note=formats.instant(summary.planned_at),
        ),
        Fact(
            label=_("Prepared by"),
            value=record.prepared_by if record.snapshot_at else "",
            note=formats.instant(record.snapshot_at),
        ),
        Fact(
            label=_("Approved by"),
            value=record.approved_by,
            note=formats.instant(record.approved_at),
        ),
        Fact(
            label=_("Sent by"),
            value=record.transmitted_by,
            note=formats.instant(summary.transmitted_at),
        ),
        Fact(label=_("Content"), value=record.content_hash[:16], kind="identifier"),
    ]


def _by_words(total: ControlTotal) -> Cell:
    return Cell(value=total.words)


def _by_benefit(request: StaffRequest) -> Callable[[ControlTotal], Cell]:
    """Return how a group named by the codes of scheme and benefit is written."""
    called = titles(known_at=request.visit.at, language=language_asked())

    def write(total: ControlTotal) -> Cell:
        scheme, _space, benefit = total.name.partition(" ")
        return Cell(
            value=called.benefit(benefit, scheme=scheme),
            note=called.scheme(scheme),
            hint=total.name,
        )

    return write


def _by_channel(total: ControlTotal) -> Cell:
    kind, _space, provider = total.name.partition(" ")
    return Cell(value=word(kind).capitalize(), note=provider)


def _totals_table(
    request: StaffRequest,
    name: str,
    caption: str,
    totals: Sequence[ControlTotal],
    group: Callable[[ControlTotal], Cell] = _by_words,
) -> Table:
    return Table(
        name=name,
        caption=caption,
        columns=(
            Column(title=_("Group"), key="group"),
            Column(title=_("Count"), kind="number", key="count"),
            Column(title=_("Amount"), kind="money", key="amount"),
        ),
        rows=[
            Row(cells=(group(one), Cell(value=one.count), Cell(value=one.amount))) for one in totals
        ],
        totals=(
            Cell(value=_("Together")),
            Cell(value=sum(one.count for one in totals)),
            Cell(value=sum((one.amount for one in totals), start=formats.NOTHING)),
        ),
        empty=_("Nothing to show before the run is prepared."),
        query=request.GET,
    )


def _comparison_table(request: StaffRequest, record: RunRecord) -> Table:
    """Before, after, difference: by why awards are paid otherwise than in the run before."""
    groups = record.differences
    before = sum((one.before for one in groups), start=formats.NOTHING)
    after = sum((one.after for one in groups), start=formats.NOTHING)
    against = record.previous_number
    caption = (
        _("Compared with %(number)s") % {"number": against} if against else _("First run: all new")
    )
    address = reverse("web:run-differences", args=[record.summary.run_id])
    return Table(
        name="comparison",
        caption=caption,
        columns=(
            Column(title=_("What is behind it")),
            Column(title=_("Change")),
            Column(title=_("Awards"), kind="number", key="count"),
            Column(title=_("Before"), kind="money", key="before"),
            Column(title=_("After"), kind="money", key="after"),
            Column(title=_("Difference"), kind="money", key="difference"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.words, href=f"{address}?explanation={one.explanation}"),
                    Cell(value=word(one.kind)),
                    Cell(value=one.count),
                    Cell(value=one.before),
                    Cell(value=one.after),
                    Cell(value=one.after - one.before),
                )
            )
            for one in groups
        ],
        totals=(
            Cell(value=_("Together")),
            Cell(value=None),
            Cell(value=sum(one.count for one in groups)),
            Cell(value=before),
            Cell(value=after),
            Cell(value=after - before),
        ),
        empty=_("Nothing differs from the run before."),
        query=request.GET,
    )


def _files_table(request: StaffRequest, record: RunRecord) -> Table:
    may_fetch = request.visit.access.allows(Right.PAYRUN_TRANSMIT)
    return Table(
        name="files",
        caption=_("Files for the bank"),
        columns=(
            Column(title=_("Part"), kind="number"),
            Column(title=_("File")),
            Column(title=_("Payments"), kind="number"),
            Column(title=_("Control sum"), kind="money"),
            Column(title=_("Content"), kind="identifier"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.part),
                    Cell(
                        value=one.file_name,
                        href=reverse("web:run-file", args=[record.summary.run_id, one.part])
                        if may_fetch
                        else "",
                    ),
                    Cell(value=one.instruction_count),
                    Cell(value=one.control_sum),
                    Cell(value=one.sha256[:16]),
                )
            )
            for one in record.files
        ],
        empty=_("No file is made yet."),
        empty_remedy=_("Files are written when the approved run is sent."),
        is_exportable=False,
    )


@page(Right.PAYRUN_READ)
def differences(request: StaffRequest, run_id: UUID) -> HttpResponse:
    """Show each award that is paid otherwise than in the run before, with its reason."""
    record = _record(request, run_id)
    found = differences_page(
        run_id=run_id,
        access=request.visit.access,
        explanation=request.GET.get("explanation") or None,
        page=page_number(request),
    )
    table = _differences_table(request, found)
    may_state = record.summary.state == "compared" and request.visit.access.allows(
        Right.PAYRUN_PREPARE
    )
    context = {
        **_frame(request, record, tab="web:run-differences"),
        "table": table,
        "actions": [_statement(record, one) for one in found.rows if _is_open(one)]
        if may_state
        else [],
    }
    return exported(request, table) or render(request, "web/run_rows.html", context)


def _is_open(difference: AwardDifference) -> bool:
    return difference.explanation == "unexplained" and not difference.statement


def _statement(record: RunRecord, difference: AwardDifference) -> Action:
    return Action(
        title=_("State what is behind %(award)s") % {"award": difference.award_number},
        href=reverse("web:run-statement", args=[record.summary.run_id, difference.difference_id]),
        consequence="",
        look="secondary",
        form=ReasonForm(auto_id=f"difference-{difference.difference_id}-%s"),
    )


def _differences_table(request: StaffRequest, found: Page[AwardDifference]) -> Table:
    may_open = request.visit.access.allows(Right.CLAIM_READ)
    return Table(
        name="differences",
        caption=_("Awards paid otherwise than before"),
        columns=(
            Column(title=_("Award"), kind="identifier"),
            Column(title=_("Change")),
            Column(title=_("What is behind it")),
            Column(title=_("Before"), kind="money"),
            Column(title=_("After"), kind="money"),
            Column(title=_("Difference"), kind="money"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=one.award_number,
                        href=reverse("web:award", args=[one.award_id]) if may_open else "",
                    ),
                    Cell(value=word(one.kind)),
                    Cell(value=one.words, note=one.statement),
                    Cell(value=one.before),
                    Cell(value=one.after),
                    Cell(value=one.after - one.before),
                )
            )
            for one in found.rows
        ],
        empty=_("No award is paid otherwise than before."),
        paging=found,
        query=request.GET,
    )


@page(Right.PAYRUN_READ)
def items(request: StaffRequest, run_id: UUID) -> HttpResponse:
    """Show the snapshot item by item: paid, held or excluded, and why."""
    record = _record(request, run_id)
    disposition = request.GET.get("disposition", "")
    found = run_items_page(
        run_id=run_id,
        access=request.visit.access,
        disposition=disposition if disposition in _DISPOSITIONS else None,
        page=page_number(request),
    )
    table = _items_table(request, found)
    context = {
        **_frame(request, record, tab="web:run-items"),
        "table": table,
        "dispositions": [(code, word(code)) for code in _DISPOSITIONS],
        "disposition": disposition,
    }
    return exported(request, table) or render(request, "web/run_rows.html", context)


def _items_table(request: StaffRequest, found: Page[RunItem]) -> Table:
    access = request.visit.access
    called = titles(known_at=request.visit.at, language=language_asked())
    return Table(
        name="items",
        caption=_("Items"),
        columns=(
            Column(title=_("Award"), kind="identifier"),
            Column(title=_("Paid to")),
            Column(title=_("Benefit")),
            Column(title=_("Month"), kind="month"),
            Column(title=_("Amount"), kind="money"),
            Column(title=_("Disposition")),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=one.award_number,
                        href=reverse("web:award", args=[one.award_id])
                        if access.allows(Right.CLAIM_READ)
                        else "",
                    ),
                    Cell(
                        value=one.payee_name,
                        href=reverse("web:person", args=[one.payee_id])
                        if access.allows(Right.PERSON_READ)
                        else "",
                    ),
                    Cell(
                        value=called.component(one.component, scheme=one.scheme),
                        hint=f"{one.scheme} {one.component}",
                    ),
                    Cell(value=one.month),
                    Cell(value=one.amount),
                    Cell(value=word(one.disposition), note=one.reason_words),
                )
            )
            for one in found.rows
        ],
        empty=_("No item matches."),
        empty_remedy=_("Items appear when the run is prepared."),
        paging=found,
        query=request.GET,
    )


# --- what may be done next ------------------------------------------------------------------------


def _actions(request: StaffRequest, record: RunRecord) -> list[Action]:
    access, state, run_id = request.visit.access, record.summary.state, record.summary.run_id
    amount = formats.money(record.summary.total, currency=record.summary.currency)
    count = formats.figure(record.summary.instruction_count)
    words = {"amount": amount, "count": count, "run": record.summary.number}
    actions = []
    if state in {"planned", "snapshot", "calculated"} and access.allows(Right.PAYRUN_PREPARE):
        actions.append(
            Action(
                title=_("Prepare run %(run)s") % words,
                href=reverse("web:run-prepare", args=[run_id]),
                consequence=_(
                    "What is due is fixed as it stands now, calculated, and compared with the run "
                    "before. It can be interrupted and goes on where it stopped."
                ),
            )
        )
    if state == "compared" and access.allows(Right.PAYRUN_APPROVE):
        actions.append(
            Action(
                title=_("Approve run %(run)s") % words,
                href=reverse("web:run-approve", args=[run_id]),
                consequence=ngettext(
                    "You approve exactly %(count)s payment of %(amount)s in all.",
                    "You approve exactly %(count)s payments of %(amount)s in all.",
                    record.summary.instruction_count,
                )
                % words,
                confirm=_("I have read the comparison and the totals."),
                form=_ContentForm(initial={"content_hash": record.content_hash}),
            )
        )
    if state in {"approved", "locked"} and access.allows(Right.PAYRUN_TRANSMIT):
        actions.append(
            Action(
                title=_("Send run %(run)s") % words,
                href=reverse("web:run-transmit", args=[run_id]),
                consequence=_(
                    "The files for the bank are written, %(amount)s leave the books, and the run "
                    "cannot be changed or abandoned any more."
                )
                % words,
                confirm=_("I have the approved totals before me, and the run is to be sent now."),
            )
        )
    if state in {"planned", "snapshot", "calculated", "compared", "approved"} and access.allows(
        Right.PAYRUN_PREPARE
    ):
        actions.append(
            Action(
                title=_("Abandon run %(run)s") % words,
                href=reverse("web:run-abandon", args=[run_id]),
                consequence="",
                confirm=_("Nothing of it is sent; what is due goes into the next run."),
                look="warning",
                form=ReasonForm(auto_id="abandon-%s"),
            )
        )
    return actions


class _ContentForm(forms.Form):
    """The hash of what the approver saw."""

    content_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)


@require_POST
@page(Right.PAYRUN_PREPARE)
def prepare(request: StaffRequest, run_id: UUID) -> HttpResponse:
    """Take the snapshot, calculate, compare."""

    def act() -> str:
        _ask(request, run_id, "payments.prepare", Right.PAYRUN_PREPARE)
        return _("The run is being prepared. You may leave this page.")

    return _step(request, run_id, act, onward=reverse("web:run-work", args=[run_id]))


@require_POST
@page(Right.PAYRUN_APPROVE)
def approve(request: StaffRequest, run_id: UUID) -> HttpResponse:
    """Approve exactly the content that was shown."""

    def act() -> str:
        approve_run(
            run_id=run_id,
            content_hash=request.POST.get("content_hash", ""),
            access=request.visit.access,
            at=request.visit.at,
        )
        return _("Approved. The run can be sent now.")

    return _step(request, run_id, act, must_confirm=True)


@require_POST
@page(Right.PAYRUN_TRANSMIT)
def transmit(request: StaffRequest, run_id: UUID) -> HttpResponse:
    """Write the files and owe the money to nobody any more."""

    def act() -> str:
        _ask(request, run_id, "payments.transmit", Right.PAYRUN_TRANSMIT)
        return _("The run is being sent. You may leave this page.")

    onward = reverse("web:run-work", args=[run_id])
    return _step(request, run_id, act, onward=onward, must_confirm=True)


_STATES_BEFORE = {
    "payments.prepare": ("planned", "snapshot", "calculated"),
    "payments.transmit": ("approved", "locked"),
}


def _ask(request: StaffRequest, run_id: UUID, kind: str, right: Right) -> None:
    """Have a background job do the step: with a nation's awards it takes longer than a page may."""
    summary = run_record(run_id=run_id, access=request.visit.access).summary
    if summary.state not in _STATES_BEFORE[kind]:
        raise NotInState(
            _("Not done: the run %(number)s is “%(state)s” by now. Nothing was changed.")
            % {"number": summary.number, "state": summary.state_words}
        )
    ask_for_work(
        kind=kind,
        subject_kind="payrun",
        subject_id=run_id,
        right=right,
        access=request.visit.access,
        at=request.visit.at,
    )


@require_POST
@page(Right.PAYRUN_PREPARE)
def abandon(request: StaffRequest, run_id: UUID) -> HttpResponse:
    """Give up a run that was not sent."""

    def act() -> str:
        abandon_run(
            run_id=run_id,
            reason=request.POST.get("reason", "").strip(),
            access=request.visit.access,
            at=request.visit.at,
        )
        return _("Abandoned. Nothing of it is sent.")

    return _step(request, run_id, act, must_confirm=True)


@require_POST
@page(Right.PAYRUN_PREPARE)
def statement(request: StaffRequest, run_id: UUID, difference_id: int) -> HttpResponse:
    """State what is behind a difference that the records do not explain."""

    def act() -> str:
        state_difference(
            difference_id=difference_id,
            text=request.POST.get("reason", ""),
            access=request.visit.access,
            at=request.visit.at,
        )
        return _("The statement is kept with the difference.")

    return carry_out(
        request,
        act=act,
        refusals=_REFUSALS,
        back=reverse("web:run-differences", args=[run_id]),
    )


@page(Right.PAYRUN_TRANSMIT)
def file(request: StaffRequest, run_id: UUID, part: int) -> HttpResponse:
    """Give a file for the bank, as it was written."""
    record = _record(request, run_id)
    made = next((one for one in record.files if one.part == part), None)
    path = Path(settings.PAYMENT_FILES_DIR) / made.file_name if made else None
    if made is None or path is None or not path.exists():
        raise Http404
    return HttpResponse(
        path.read_bytes(),
        content_type="application/xml",
        headers={"Content-Disposition": f'attachment; filename="{made.file_name}"'},
    )


def _step(
    request: StaffRequest,
    run_id: UUID,
    act: Callable[[], str],
    *,
    onward: str = "",
    must_confirm: bool = False,
) -> HttpResponse:
    return carry_out(
        request,
        act=act,
        refusals=_REFUSALS,
        back=reverse("web:run", args=[run_id]),
        onward=onward,
        must_confirm=must_confirm,
        absent=(NoSuchRun,),
    )


# --- a person: payments ---


@page(Right.PAYRUN_READ, hides=True)
def payments_of(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show the payments made to a person."""
    context = person_frame(request, person_id, tab="web:person-payments")
    payments = payments_of_person(person_id=person_id, access=request.visit.access)
    table = _payments_table(request, payments)
    return exported(request, table) or render(
        request, "web/person_tables.html", {**context, "tables": [table]}
    )


def _payments_table(request: StaffRequest, payments: tuple[PaymentRecord, ...]) -> Table:
    return Table(
        name="payments",
        caption=_("Payments"),
        columns=(
            Column(title=_("Month"), kind="month", key="month"),
            Column(title=_("Run"), kind="identifier"),
            Column(title=_("Sent"), kind="instant", key="sent"),
            Column(title=_("Amount"), kind="money", key="amount"),
            Column(title=_("To")),
            Column(title=_("State"), kind="state"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.month),
                    Cell(value=one.run_number, href=reverse("web:run", args=[one.run_id])),
                    Cell(value=one.sent_at),
                    Cell(value=one.amount, note=one.currency),
                    Cell(value=f"{word(one.account_kind)} …{one.account_end}", note=one.provider),
                    Cell(value=one.outcome_words.capitalize(), tone=tone(one.outcome)),
                )
            )
            for one in payments
        ],
        empty=_("Nothing was paid to this person yet."),
        query=request.GET,
    )
