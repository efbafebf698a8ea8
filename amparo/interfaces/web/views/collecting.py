"""Money that employers owe and pay: what waits in suspense, accounts, what takes two people."""

from decimal import Decimal
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from amparo.accounts.queries import display_names
from amparo.delivery.contributions.collection_queries import (
    AccountLine,
    DebtRecord,
    EmployerAccount,
    NoSuchDebt,
    ProposalRecord,
    ReceiptRecord,
    ReceiptSummary,
    arrears_page,
    debt_record,
    employer_account,
    open_dispute_of,
    proposal_record,
    proposals_page,
    receipt_record,
    receipts_page,
)
from amparo.delivery.contributions.operations import (
    NoSuchProposal,
    NoSuchReceipt,
    UnableToDecide,
    UnableToDispute,
    UnableToEstimate,
    UnableToMatch,
    UnableToPropose,
    allocate_again,
    approve_proposal,
    charge_interest,
    close_dispute,
    estimate_missing,
    match_receipt,
    open_dispute,
    propose_refund,
    propose_relief,
    refuse_proposal,
    withdraw_proposal,
)
from amparo.interfaces.web import formats
from amparo.interfaces.web.actions import Action, CheckedForm, Done, carry_out, fill_in
from amparo.interfaces.web.addresses import page_number
from amparo.interfaces.web.explanations import language_asked
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Crumb, Fact, Figure, Strip
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.views.employers import employer_frame
from amparo.interfaces.web.vocabulary import state_cell, state_word, tone, word
from amparo.register.queries import employer_summaries, employers_by_number
from amparo.rules.book.queries import Titles, titles
from amparo.values import Month, NotPermitted, Page, Right

_MOST: Decimal = Decimal("9999999999999999.99")


class AmountField(forms.DecimalField):
    """An amount above zero, to the cent."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Amount"),
            min_value=Decimal("0.01"),
            max_value=_MOST,
            decimal_places=2,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        )


class ReasonField(forms.CharField):
    def __init__(self, *, required: bool = True) -> None:
        super().__init__(
            label=gettext_lazy("Reason"),
            widget=forms.Textarea(attrs={"rows": 2}),
            max_length=500,
            required=required,
        )


class MatchForm(CheckedForm):
    """Whose money it is; who that is, is shown before it is laid on their debts."""

    compared = ("employer",)
    employer = forms.CharField(label=gettext_lazy("The employer's number"), max_length=20)
    reason = ReasonField()

    def clean_employer(self) -> str:
        typed = str(self.cleaned_data["employer"])
        known = employer_summaries(employer_ids=employers_by_number(values=[typed]).values())
        if not known:
            raise forms.ValidationError(
                _("No employer has this number. Find the employer first and copy the number.")
            )
        (self.cleaned_data["known"],) = known.values()
        return typed


class RefundForm(forms.Form):
    amount = AmountField()
    reason = ReasonField()


class ReliefForm(forms.Form):
    """What is forgiven of a debt: it cannot be collected, or should not have been charged."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What to do"),
        choices=[
            ("write-off", gettext_lazy("write it off: it cannot be collected")),
            ("reversal", gettext_lazy("reverse it: it should not have been charged")),
        ],
        widget=forms.RadioSelect,
        initial="write-off",
    )
    amount = AmountField()
    reason = ReasonField()


class DecisionForm(forms.Form):
    reason = ReasonField(required=False)


# --- money in suspense --------------------------------------------------------------------------


@page(Right.DECLARATION_READ)
def receipts(request: StaffRequest) -> HttpResponse:
    """List the money that waits: nobody's yet, or paid before anything was due."""
    only_unknown = request.GET.get("unknown") == "1"
    found = receipts_page(
        access=request.visit.access,
        on=request.visit.on,
        only_unknown=only_unknown,
        page=page_number(request),
    )
    table = receipts_table(request, found, is_paged=True)
    context = {"table": table, "only_unknown": only_unknown}
    return exported(request, table) or render(request, "web/receipts.html", context)


def receipts_table(request: StaffRequest, found: Page[ReceiptSummary], *, is_paged: bool) -> Table:
    return Table(
        name="receipts",
        caption=_("Money received"),
        columns=(
            Column(title=_("Booked"), kind="day"),
            Column(title=_("Days"), kind="number"),
            Column(title=_("Received"), kind="money"),
            Column(title=_("In suspense"), kind="money"),
            Column(title=_("Employer")),
            Column(title=_("Payer")),
            Column(title=_("What the payer wrote")),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.booked_on, href=reverse("web:receipt", args=[one.receipt_id])),
                    Cell(value=one.days),
                    Cell(value=one.amount),
                    Cell(value=one.suspended),
                    Cell(
                        value=one.employer.name if one.employer else _("nobody known"),
                        note=one.employer.number if one.employer else "",
                    ),
                    Cell(value=one.payer_name, note=one.payer_account),
                    Cell(value=one.text),
                )
            )
            for one in found.rows
        ],
        empty=_("No money waits."),
        empty_remedy=_("Money appears here when a bank statement is read in."),
        paging=found if is_paged else None,
        query=request.GET,
    )


@page(Right.DECLARATION_READ)
def receipt(request: StaffRequest, receipt_id: UUID) -> HttpResponse:
    """Show a receipt: where all of it is, how it came there, whose it may be."""
    found = _receipt(request, receipt_id)
    called = titles(known_at=request.visit.at, language=language_asked())
    tables = [_matches_table(request, found), _allocations_table(request, found, called)]
    if found.summary.suspended > 0:
        tables.insert(0, _suggestions_table(request, found))
    context = {
        "strip": _receipt_strip(found),
        "crumbs": [Crumb(title=_("Money received"), href=reverse("web:receipts"))],
        "figures": [
            Figure(name=name, value=formats.money(amount, currency=settings.CURRENCY))
            for name, amount in (
                (_("Received"), found.summary.amount),
                (_("Laid on debts"), found.allocated),
                (_("Refunded"), found.refunded),
                (_("In suspense"), found.summary.suspended),
            )
        ],
        "tables": tables,
        "actions": _receipt_actions(request, found),
        "links": _receipt_links(request, found),
    }
    return exported(request, *tables) or render(request, "web/receipt.html", context)


def _receipt(request: StaffRequest, receipt_id: UUID) -> ReceiptRecord:
    try:
        return receipt_record(
            receipt_id=receipt_id, access=request.visit.access, on=request.visit.on
        )
    except NoSuchReceipt:
        raise Http404 from None


def _receipt_strip(found: ReceiptRecord) -> Strip:
    summary = found.summary
    return Strip(
        title=_("Money received on %(day)s") % {"day": formats.day(summary.booked_on)},
        facts=[
            Fact(label=_("Bank's reference"), value=found.bank_reference, kind="identifier"),
            Fact(label=_("Payer"), value=summary.payer_name),
            Fact(label=_("Payer's account"), value=summary.payer_account, kind="identifier"),
            Fact(label=_("What the payer wrote"), value=summary.text),
            Fact(
                label=_("Employer"),
                value=summary.employer.name if summary.employer else _("nobody known"),
                href=reverse("web:employer-account", args=[summary.employer.employer_id])
                if summary.employer
                else "",
            ),
        ],
    )


def _receipt_actions(request: StaffRequest, found: ReceiptRecord) -> list[Action]:
    if not request.visit.access.allows(Right.RECEIPT_MATCH) or found.summary.employer is None:
        return []
    return [
        Action(
            title=_("Allocate again"),
            href=reverse("web:receipt-allocate", args=[found.summary.receipt_id]),
            consequence=_(
                "The money is taken back from its debts, each by a row of its own, and laid on the "
                "employer's debts anew: the oldest month first."
            ),
            look="secondary",
        )
    ]


def _receipt_links(request: StaffRequest, found: ReceiptRecord) -> list[tuple[str, str]]:
    access, receipt_id = request.visit.access, found.summary.receipt_id
    links = []
    if access.allows(Right.RECEIPT_MATCH) and not found.refunded:
        links.append((_("Match to an employer"), reverse("web:receipt-match", args=[receipt_id])))
    may_refund = found.summary.employer and found.summary.suspended > 0 and not found.is_asked_back
    if access.allows(Right.DEBT_PROPOSE) and may_refund:
        links.append((_("Propose a refund"), reverse("web:receipt-refund", args=[receipt_id])))
    return links


def _suggestions_table(request: StaffRequest, found: ReceiptRecord) -> Table:
    may_match = request.visit.access.allows(Right.RECEIPT_MATCH)
    address = reverse("web:receipt-match", args=[found.summary.receipt_id])
    return Table(
        name="suggestions",
        caption=_("Whose it may be"),
        columns=(
            Column(title=_("Employer")),
            Column(title=_("Number"), kind="identifier"),
            Column(title=_("Why")),
            Column(title=_("Owes"), kind="money"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=one.employer.name,
                        href=f"{address}?employer={one.employer.number}" if may_match else "",
                    ),
                    Cell(value=one.employer.number),
                    Cell(value=str(_REASONS[one.reason])),
                    Cell(value=one.open),
                )
            )
            for one in found.suggestions
        ],
        empty=_("Nothing known points to an employer."),
        empty_remedy=_("Ask the bank for the payer's name, or the payer for the declaration."),
        is_exportable=False,
    )


_REASONS = {
    "payer-account": gettext_lazy("this account paid for the employer before"),
    "amount": gettext_lazy("the employer owes this very amount"),
    "payer-name": gettext_lazy("the payer bears the employer's name"),
}
_RULES = {
    "reference": gettext_lazy("the payment's reference"),
    "employer-number": gettext_lazy("the employer's number in the payer's text"),
    "payer-account": gettext_lazy("an account that paid for this employer only"),
    "officer": gettext_lazy("an officer's word"),
}


def _matches_table(request: StaffRequest, found: ReceiptRecord) -> Table:
    names = display_names(user_ids={one.matched_by for one in found.matches})
    return Table(
        name="matches",
        caption=_("Whose money it was found to be"),
        columns=(
            Column(title=_("When"), kind="instant"),
            Column(title=_("Employer")),
            Column(title=_("By")),
            Column(title=_("Reason")),
            Column(title=_("Who")),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.matched_at),
                    Cell(value=one.employer.name, note=one.employer.number),
                    Cell(value=str(_RULES[one.rule])),
                    Cell(value=one.reason),
                    Cell(value=names.get(one.matched_by, "")),
                )
            )
            for one in found.matches
        ],
        empty=_("Nobody knows yet whose money this is."),
        query=request.GET,
    )


def _allocations_table(request: StaffRequest, found: ReceiptRecord, called: Titles) -> Table:
    names = display_names(user_ids={one.made_by for one in found.allocations})
    return Table(
        name="allocations",
        caption=_("What it paid, and what was taken back"),
        columns=(
            Column(title=_("When"), kind="instant"),
            Column(title=_("Month"), kind="month"),
            Column(title=_("Scheme")),
            Column(title=_("Debt")),
            Column(title=_("Amount"), kind="money"),
            Column(title=_("Who")),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.made_at),
                    Cell(value=one.month.starts_on),
                    Cell(value=called.scheme(one.scheme), hint=one.scheme),
                    Cell(value=word(one.kind)),
                    Cell(value=one.amount),
                    Cell(value=names.get(one.made_by, "")),
                )
            )
            for one in found.allocations
        ],
        empty=_("Nothing of it is laid on a debt."),
        query=request.GET,
    )


@page(Right.RECEIPT_MATCH)
def receipt_match(request: StaffRequest, receipt_id: UUID) -> HttpResponse:
    """Say whose money a receipt is."""
    found = _receipt(request, receipt_id)
    visit = request.visit
    form = MatchForm(
        request.POST or None, initial={"employer": request.GET.get("employer", "")[:20]}
    )

    def act() -> Done:
        match_receipt(
            receipt_id=receipt_id,
            employer_id=form.cleaned_data["known"].employer_id,
            reason=form.cleaned_data["reason"],
            access=visit.access,
            at=visit.at,
        )
        return Done(
            message=_("The money is matched and laid on the employer's debts."),
            onward=reverse("web:receipt", args=[receipt_id]),
        )

    done = fill_in(request, form=form, act=act, refusals=(UnableToMatch,))
    if done is not None:
        return done
    employer = form.cleaned_data.get("known") if form.is_bound and form.is_valid() else None
    facts = _money_facts(found)
    if employer is not None:
        facts += [
            Fact(label=_("Employer"), value=employer.name),
            Fact(label=_("Number"), value=employer.number, kind="identifier"),
            Fact(label=_("District"), value=employer.district),
        ]
    return _act_page(
        request,
        Act(
            title=_("Match to an employer"),
            button=_("Match the money") if employer else _("Look who that is"),
            form=form,
            consequence=_(
                "The money pays the employer's debts at once, the oldest month first. What it paid "
                "for another employer is owed again."
            ),
            undo=_("Match it to the right employer: everything is taken back by rows of its own."),
            facts_title=_("Is this the right employer?") if employer else _("The money"),
            facts=facts,
        ),
        crumbs=_receipt_crumbs(receipt_id),
    )


@require_POST
@page(Right.RECEIPT_MATCH)
def receipt_allocate(request: StaffRequest, receipt_id: UUID) -> HttpResponse:
    """Lay a receipt's money on its employer's debts anew."""

    def act() -> str:
        allocate_again(receipt_id=receipt_id, access=request.visit.access, at=request.visit.at)
        return _("The money is allocated again.")

    return carry_out(
        request,
        act=act,
        refusals=(UnableToMatch,),
        absent=(NoSuchReceipt,),
        back=reverse("web:receipt", args=[receipt_id]),
    )


@page(Right.DEBT_PROPOSE)
def receipt_refund(request: StaffRequest, receipt_id: UUID) -> HttpResponse:
    """Propose to give money back."""
    found = _receipt(request, receipt_id)
    visit = request.visit
    form = RefundForm(request.POST or None, initial={"amount": found.summary.suspended})

    def act() -> Done:
        proposed = propose_refund(
            receipt_id=receipt_id,
            amount=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            access=visit.access,
            at=visit.at,
        )
        return _proposed(proposed.id, proposed.number)

    done = fill_in(request, form=form, act=act, refusals=(UnableToPropose,))
    return done or _act_page(
        request,
        Act(
            title=_("Propose a refund"),
            button=_("Propose the refund"),
            form=form,
            consequence=_(
                "Somebody else decides. Until then nothing of this money is laid on a debt."
            ),
            undo=_("Withdraw the proposal before it is decided."),
            facts_title=_("The money"),
            facts=_money_facts(found),
        ),
        crumbs=_receipt_crumbs(receipt_id),
    )


def _money_facts(found: ReceiptRecord) -> list[Fact]:
    summary = found.summary
    return [
        Fact(label=_("Booked"), value=summary.booked_on, kind="day"),
        Fact(label=_("Received"), value=summary.amount, kind="money"),
        Fact(label=_("In suspense"), value=summary.suspended, kind="money"),
        Fact(label=_("Payer"), value=summary.payer_name),
        Fact(label=_("What the payer wrote"), value=summary.text),
    ]


def _receipt_crumbs(receipt_id: UUID) -> list[Crumb]:
    return [
        Crumb(title=_("Money received"), href=reverse("web:receipts")),
        Crumb(title=_("Receipt"), href=reverse("web:receipt", args=[receipt_id])),
    ]


def _proposed(money_proposal_id: UUID, number: str) -> Done:
    return Done(
        message=_("Proposed as %(number)s. Somebody else decides.") % {"number": number},
        onward=reverse("web:proposal", args=[money_proposal_id]),
    )


def _act_page(request: StaffRequest, act: Act, *, crumbs: list[Crumb]) -> HttpResponse:
    context = {"act": act, "heading": act.title, "crumbs": crumbs}
    return render(request, "web/act_alone.html", context)


# --- an employer's account ----------------------------------------------------------------------


@page(Right.DECLARATION_READ)
def account(request: StaffRequest, employer_id: UUID) -> HttpResponse:
    """Show what an employer owes, since when, what was paid, and every line that led there."""
    visit = request.visit
    frame = employer_frame(request, employer_id, tab="web:employer-account")
    found = employer_account(
        employer_id=employer_id, access=visit.access, on=visit.on, page=page_number(request)
    )
    called = titles(known_at=visit.at, language=language_asked())
    tables = [
        _debts_table(request, found, called),
        receipts_table(request, found.paid_in, is_paged=False),
        _lines_table(request, found, called),
    ]
    context = {**frame.context, "figures": _account_figures(found), "tables": tables}
    return exported(request, *tables) or render(request, "web/employer_account.html", context)


def _account_figures(found: EmployerAccount) -> list[Figure]:
    month, quarter, year, longer = found.late
    shown = (
        (_("Owed"), found.open, ""),
        (_("Waiting on the account"), found.credit, _("paid before anything was due, or too much")),
        (_("Late up to 30 days"), month, ""),
        (_("31 to 90 days"), quarter, ""),
        (_("91 days to a year"), year, ""),
        (_("Longer"), longer, ""),
    )
    return [
        Figure(name=name, value=formats.money(amount, currency=settings.CURRENCY), note=note)
        for name, amount, note in shown
    ]


def _debts_table(request: StaffRequest, found: EmployerAccount, called: Titles) -> Table:
    may_propose = request.visit.access.allows(Right.DEBT_PROPOSE)
    may_charge = request.visit.access.allows(Right.DEBT_CHARGE)
    return Table(
        name="debts",
        caption=_("Debts by month"),
        columns=(
            Column(title=_("Month"), kind="month", key="month"),
            Column(title=_("Scheme")),
            Column(title=_("Debt")),
            Column(title=_("Due on"), kind="day", key="due_on"),
            Column(title=_("Charged"), kind="money", key="due"),
            Column(title=_("Paid"), kind="money", key="paid"),
            Column(title=_("Open"), kind="money", key="open"),
            Column(title=_("Write with the payment"), kind="identifier"),
        ),
        rows=[
            _debt_row(debt, found, called, may_propose=may_propose, may_charge=may_charge)
            for debt in found.debts
        ],
        totals=(
            Cell(value=_("Together")),
            Cell(value=None),
            Cell(value=None),
            Cell(value=None),
            Cell(value=sum((debt.due for debt in found.debts), formats.NOTHING)),
            Cell(value=sum((debt.paid for debt in found.debts), formats.NOTHING)),
            Cell(value=found.open),
            Cell(value=None),
        ),
        empty=_("Nothing was ever due."),
        empty_remedy=_("Debts appear here when a declaration is posted."),
        query=request.GET,
    )


def _debt_row(
    debt: DebtRecord,
    found: EmployerAccount,
    called: Titles,
    *,
    may_propose: bool,
    may_charge: bool,
) -> Row:
    late = _("%(days)s days late") % {"days": debt.days_late} if debt.days_late else ""
    return Row(
        cells=(
            Cell(value=debt.month.starts_on),
            Cell(value=called.scheme(debt.scheme), hint=debt.scheme),
            Cell(
                value=word(debt.kind),
                href=reverse("web:debt-relief", args=[debt.debt_id])
                if may_propose and debt.due
                else "",
            ),
            Cell(
                value=debt.due_on,
                note=late,
                note_tone="stop" if late else "",
                href=reverse("web:debt-dispute", args=[debt.debt_id])
                if may_charge and debt.kind == "contribution"
                else "",
            ),
            Cell(value=debt.due),
            Cell(value=debt.paid),
            Cell(value=debt.open),
            Cell(value=found.references.get(debt.month, "") if debt.open else ""),
        )
    )


_LINE_WORDS = {
    "declared": gettext_lazy("declared"),
    "corrected": gettext_lazy("corrected"),
    "estimated": gettext_lazy("estimated"),
    "replaced": gettext_lazy("estimate replaced"),
    "interest": gettext_lazy("interest"),
    "penalty": gettext_lazy("penalty"),
    "reversed": gettext_lazy("reversed"),
    "written-off": gettext_lazy("written off"),
    "received": gettext_lazy("received"),
    "refunded": gettext_lazy("refunded"),
}


def _lines_table(request: StaffRequest, found: EmployerAccount, called: Titles) -> Table:
    return Table(
        name="statement",
        caption=_("Statement of account"),
        columns=(
            Column(title=_("Day"), kind="day"),
            Column(title=_("What")),
            Column(title=_("Month"), kind="month"),
            Column(title=_("Scheme")),
            Column(title=_("Amount"), kind="money"),
            Column(title=_("Balance"), kind="money"),
            Column(title=_("Law")),
        ),
        rows=[_line_row(line, called) for line in found.lines.rows],
        empty=_("Nothing has moved on this account."),
        paging=found.lines,
        query=request.GET,
    )


def _line_row(line: AccountLine, called: Titles) -> Row:
    return Row(
        cells=(
            Cell(value=line.on),
            Cell(value=str(_LINE_WORDS[line.kind]), hint=line.debt_kind),
            Cell(value=line.month.starts_on if line.month else None),
            Cell(value=called.scheme(line.scheme) if line.scheme else "", hint=line.scheme),
            Cell(value=line.amount),
            Cell(value=line.balance),
            Cell(value=line.law),
        )
    )


@page(Right.DEBT_PROPOSE)
def relief(request: StaffRequest, debt_id: UUID) -> HttpResponse:
    """Propose to write a debt off, or to reverse interest or a penalty."""
    visit = request.visit
    try:
        employer, debt = debt_record(debt_id=debt_id, access=visit.access, on=visit.on)
    except NoSuchDebt:
        raise Http404 from None
    form = ReliefForm(request.POST or None, initial={"amount": debt.open or None})

    def act() -> Done:
        proposed = propose_relief(
            kind=form.cleaned_data["kind"],
            debt_id=debt_id,
            amount=form.cleaned_data["amount"],
            reason=form.cleaned_data["reason"],
            access=visit.access,
            at=visit.at,
        )
        return _proposed(proposed.id, proposed.number)

    done = fill_in(request, form=form, act=act, refusals=(UnableToPropose,))
    address = reverse("web:employer-account", args=[employer.employer_id])
    return done or _act_page(
        request,
        Act(
            title=_("Propose to forgive a debt"),
            button=_("Propose it"),
            form=form,
            consequence=_(
                "Somebody else decides. The months of the workers stay insured in any case."
            ),
            undo=_("Withdraw the proposal before it is decided."),
            facts_title=_("The debt"),
            facts=[
                Fact(label=_("Employer"), value=employer.name, href=address),
                Fact(label=_("Month"), value=debt.month.starts_on, kind="month"),
                Fact(label=_("Debt"), value=word(debt.kind)),
                Fact(label=_("Charged"), value=debt.due, kind="money"),
                Fact(label=_("Paid"), value=debt.paid, kind="money"),
                Fact(label=_("Open"), value=debt.open, kind="money"),
            ],
        ),
        crumbs=[
            Crumb(title=_("Employers"), href=reverse("web:employers")),
            Crumb(title=employer.name, href=address),
        ],
    )


# --- what takes two people ----------------------------------------------------------------------


@page(Right.DECLARATION_READ)
def proposals(request: StaffRequest) -> HttpResponse:
    """List what was proposed about money."""
    with_decided = request.GET.get("decided") == "1"
    found = proposals_page(
        access=request.visit.access, only_open=not with_decided, page=page_number(request)
    )
    table = Table(
        name="proposals",
        caption=_("Proposals about money"),
        columns=(
            Column(title=_("Number"), kind="identifier"),
            Column(title=_("What")),
            Column(title=_("Employer")),
            Column(title=_("Amount"), kind="money"),
            Column(title=_("State"), kind="state"),
            Column(title=_("Proposed"), kind="instant"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.number, href=reverse("web:proposal", args=[one.id])),
                    Cell(value=word(one.kind)),
                    Cell(value=one.employer.name, note=one.employer.number),
                    Cell(value=one.amount),
                    state_cell(_state(one)),
                    Cell(value=one.proposed_at),
                )
            )
            for one in found.rows
        ],
        empty=_("Nothing waits for a decision."),
        paging=found,
        query=request.GET,
    )
    context = {"table": table, "with_decided": with_decided}
    return exported(request, table) or render(request, "web/proposals.html", context)


def _state(found: ProposalRecord) -> str:
    return f"money {found.state}"


@page(Right.DECLARATION_READ)
def proposal(request: StaffRequest, money_proposal_id: UUID) -> HttpResponse:
    """Show a proposal with what it leads to; whoever may decide it does so here."""
    try:
        found = proposal_record(
            proposal_id=money_proposal_id, access=request.visit.access, on=request.visit.on
        )
    except NoSuchProposal:
        raise Http404 from None
    names = display_names(
        user_ids=[one for one in (found.proposed_by, found.decided_by) if one is not None]
    )
    about = _about(found)
    decided = [
        Fact(label=_("Decided"), value=found.decided_at, kind="instant"),
        Fact(label=_("By"), value=names.get(found.decided_by, "") if found.decided_by else ""),
        Fact(label=_("Because"), value=found.decided_because),
    ]
    context = {
        "strip": Strip(
            title=f"{word(found.kind).capitalize()} {found.number}",
            facts=[
                Fact(
                    label=_("Employer"),
                    value=found.employer.name,
                    href=reverse("web:employer-account", args=[found.employer.employer_id]),
                ),
                Fact(label=_("Amount"), value=found.amount, kind="money"),
                Fact(
                    label=_("State"),
                    value=state_word(_state(found)),
                    kind="state",
                    tone=tone(_state(found)),
                ),
            ],
        ),
        "crumbs": [Crumb(title=_("Proposals about money"), href=reverse("web:proposals"))],
        "facts": [
            Fact(label=_("Proposed"), value=found.proposed_at, kind="instant"),
            Fact(label=_("By"), value=names.get(found.proposed_by, "")),
            Fact(label=_("Reason"), value=found.reason),
            *about,
            *(decided if found.decided_at else []),
        ],
        "actions": _proposal_actions(request, found),
    }
    return render(request, "web/proposal.html", context)


def _about(found: ProposalRecord) -> list[Fact]:
    if found.receipt_id is not None:
        address = reverse("web:receipt", args=[found.receipt_id])
        return [Fact(label=_("Money received"), value=_("see the receipt"), href=address)]
    if found.debt is None:
        return []
    return [
        Fact(label=_("Debt"), value=word(found.debt.kind)),
        Fact(label=_("Month"), value=found.debt.month.starts_on, kind="month"),
        Fact(label=_("Open now"), value=found.debt.open, kind="money"),
    ]


def _proposal_actions(request: StaffRequest, found: ProposalRecord) -> list[Action]:
    access = request.visit.access
    is_own = found.proposed_by == access.actor_id
    if found.state != "proposed":
        return []
    if is_own and access.allows(Right.DEBT_PROPOSE):
        return [
            Action(
                title=_("Withdraw the proposal"),
                href=reverse("web:proposal-withdraw", args=[found.id]),
                consequence=_("Nothing changes; the money or the debt is as before."),
                look="secondary",
            )
        ]
    if is_own or not access.allows(Right.DEBT_APPROVE):
        return []
    return [
        Action(
            title=_("Approve the proposal"),
            href=reverse("web:proposal-approve", args=[found.id]),
            consequence=_("It takes effect at once and is posted to the books."),
            confirm=_("I have looked at what it rests on"),
            form=DecisionForm(prefix="approve"),
        ),
        Action(
            title=_("Refuse the proposal"),
            href=reverse("web:proposal-refuse", args=[found.id]),
            consequence=_("Nothing changes. Say why: who proposed it reads that."),
            look="warning",
            form=DecisionForm(prefix="refuse"),
        ),
    ]


_REFUSALS = (UnableToDecide, NotPermitted)


@require_POST
@page(Right.DEBT_APPROVE)
def proposal_approve(request: StaffRequest, money_proposal_id: UUID) -> HttpResponse:
    """Let a proposal take effect."""

    def act() -> str:
        approve_proposal(
            proposal_id=money_proposal_id,
            reason=request.POST.get("approve-reason", ""),
            access=request.visit.access,
            at=request.visit.at,
        )
        return _("The proposal is approved and posted.")

    return carry_out(
        request,
        act=act,
        refusals=_REFUSALS,
        absent=(NoSuchProposal,),
        back=reverse("web:proposal", args=[money_proposal_id]),
        must_confirm=True,
    )


@require_POST
@page(Right.DEBT_APPROVE)
def proposal_refuse(request: StaffRequest, money_proposal_id: UUID) -> HttpResponse:
    """Refuse a proposal."""

    def act() -> str:
        refuse_proposal(
            proposal_id=money_proposal_id,
            reason=request.POST.get("refuse-reason", ""),
            access=request.visit.access,
            at=request.visit.at,
        )
        return _("The proposal is refused.")

    return carry_out(
        request,
        act=act,
        refusals=_REFUSALS,
        absent=(NoSuchProposal,),
        back=reverse("web:proposal", args=[money_proposal_id]),
    )


@require_POST
@page(Right.DEBT_PROPOSE)
def proposal_withdraw(request: StaffRequest, money_proposal_id: UUID) -> HttpResponse:
    """Take one's own proposal back."""

    def act() -> str:
        withdraw_proposal(
            proposal_id=money_proposal_id, access=request.visit.access, at=request.visit.at
        )
        return _("The proposal is withdrawn.")

    return carry_out(
        request,
        act=act,
        refusals=_REFUSALS,
        absent=(NoSuchProposal,),
        back=reverse("web:proposal", args=[money_proposal_id]),
    )


# --- arrears ------------------------------------------------------------------------------------


class MonthForm(forms.Form):
    month = forms.CharField(
        label=gettext_lazy("Month, such as 2026-11"),
        max_length=7,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )


@page(Right.DECLARATION_READ)
def arrears(request: StaffRequest) -> HttpResponse:
    """List who is late and by how long; charge interest, and estimate what nobody declared."""
    visit = request.visit
    found = arrears_page(access=visit.access, on=visit.on, page=page_number(request))
    table = Table(
        name="arrears",
        caption=_("Employers in arrears"),
        columns=(
            Column(title=_("Employer")),
            Column(title=_("Late since"), kind="day"),
            Column(title=_("Late up to 30 days"), kind="money"),
            Column(title=_("31 to 90 days"), kind="money"),
            Column(title=_("91 days to a year"), kind="money"),
            Column(title=_("Longer"), kind="money"),
            Column(title=_("Together"), kind="money"),
            Column(title=_("Of it interest"), kind="money"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=one.employer.name,
                        note=one.employer.number,
                        href=reverse("web:employer-account", args=[one.employer.employer_id]),
                    ),
                    Cell(value=one.since),
                    *(Cell(value=amount) for amount in one.late),
                    Cell(value=one.total),
                    Cell(value=one.interest),
                )
            )
            for one in found.rows
        ],
        empty=_("Nobody is late."),
        paging=found,
        query=request.GET,
    )
    actions = []
    if visit.access.allows(Right.DEBT_CHARGE):
        actions = [
            Action(
                title=_("Charge interest up to today"),
                href=reverse("web:interest-charge"),
                consequence=_(
                    "Each month of delay is charged once, on what was open as it began. Disputed "
                    "debts are left out."
                ),
                confirm=_("Money that came in up to yesterday is read in"),
            ),
            Action(
                title=_("Estimate a month"),
                href=reverse("web:month-estimate"),
                consequence=_(
                    "Who employed somebody and declared nothing is charged an estimate. It falls "
                    "when the month is declared, and credits no worker."
                ),
                form=MonthForm(initial={"month": str(Month.of(visit.on).previous().previous())}),
                look="secondary",
            ),
        ]
    context = {"table": table, "actions": actions}
    return exported(request, table) or render(request, "web/arrears.html", context)


@require_POST
@page(Right.DEBT_CHARGE)
def interest_charge(request: StaffRequest) -> HttpResponse:
    """Charge interest on everything late, up to today."""

    def act() -> str:
        done = charge_interest(
            on=request.visit.on, access=request.visit.access, at=request.visit.at
        )
        return _("Interest charged: %(total)s on %(debts)s debts.") % {
            "total": formats.money(done.total, currency=settings.CURRENCY),
            "debts": formats.figure(done.debts),
        }

    return carry_out(
        request,
        act=act,
        refusals=(UnableToEstimate,),
        back=reverse("web:arrears"),
        must_confirm=True,
    )


@require_POST
@page(Right.DEBT_CHARGE)
def month_estimate(request: StaffRequest) -> HttpResponse:
    """Estimate what is due for a month from everybody who did not declare it."""

    def act() -> str:
        try:
            month = Month.parse(request.POST.get("month", "").strip())
        except ValueError:
            raise UnableToEstimate(_("Write the month as 2026-11.")) from None
        made = estimate_missing(month=month, access=request.visit.access, at=request.visit.at)
        return _(
            "Estimated for %(employers)s employers: %(total)s. To be looked at: %(others)s."
        ) % {
            "employers": formats.figure(made.employers),
            "total": formats.money(made.total, currency=settings.CURRENCY),
            "others": formats.figure(made.to_inspect),
        }

    return carry_out(request, act=act, refusals=(UnableToEstimate,), back=reverse("web:arrears"))


class DisputeForm(forms.Form):
    """What the employer objects to; or, where a dispute is open, what came of it."""

    said = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=500,
    )


@page(Right.DEBT_CHARGE)
def dispute(request: StaffRequest, debt_id: UUID) -> HttpResponse:
    """Note that an employer disputes a debt, or what came of it."""
    visit = request.visit
    try:
        employer, debt = debt_record(debt_id=debt_id, access=visit.access, on=visit.on)
    except NoSuchDebt:
        raise Http404 from None
    standing = open_dispute_of(debt_id=debt_id, access=visit.access)
    form = DisputeForm(request.POST or None)
    address = reverse("web:employer-account", args=[employer.employer_id])

    def act() -> Done:
        said = form.cleaned_data["said"]
        if standing is None:
            open_dispute(debt_id=debt_id, reason=said, access=visit.access, at=visit.at)
            return Done(message=_("The dispute is noted; interest stands still."), onward=address)
        close_dispute(debt_id=debt_id, outcome=said, access=visit.access, at=visit.at)
        return Done(message=_("The dispute is closed; interest runs again."), onward=address)

    done = fill_in(request, form=form, act=act, refusals=(UnableToDispute,))
    if done is not None:
        return done
    facts = [
        Fact(label=_("Employer"), value=employer.name, href=address),
        Fact(label=_("Month"), value=debt.month.starts_on, kind="month"),
        Fact(label=_("Debt"), value=word(debt.kind)),
        Fact(label=_("Open"), value=debt.open, kind="money"),
    ]
    if standing is not None:
        facts += [
            Fact(label=_("Disputed since"), value=standing[0], kind="day"),
            Fact(label=_("Because"), value=standing[1]),
        ]
    return _act_page(
        request,
        Act(
            title=_("Note a dispute") if standing is None else _("Close a dispute"),
            button=_("Note the dispute") if standing is None else _("Close the dispute"),
            form=form,
            consequence=_("No month of delay that begins while the debt is disputed is charged."),
            undo=_("Close the dispute, or open another: both stay on record."),
            facts_title=_("The debt"),
            facts=facts,
        ),
        crumbs=[
            Crumb(title=_("Arrears"), href=reverse("web:arrears")),
            Crumb(title=employer.name, href=address),
        ],
    )


PATHS = (
    path("arrears/", arrears, name="arrears"),
    path("arrears/interest/", interest_charge, name="interest-charge"),
    path("arrears/estimate/", month_estimate, name="month-estimate"),
    path("debts/<uuid:debt_id>/dispute/", dispute, name="debt-dispute"),
    path("money/", receipts, name="receipts"),
    path("money/<uuid:receipt_id>/", receipt, name="receipt"),
    path("money/<uuid:receipt_id>/match/", receipt_match, name="receipt-match"),
    path("money/<uuid:receipt_id>/allocate/", receipt_allocate, name="receipt-allocate"),
    path("money/<uuid:receipt_id>/refund/", receipt_refund, name="receipt-refund"),
    path("employers/<uuid:employer_id>/account/", account, name="employer-account"),
    path("debts/<uuid:debt_id>/relief/", relief, name="debt-relief"),
    path("proposals/", proposals, name="proposals"),
    path("proposals/<uuid:money_proposal_id>/", proposal, name="proposal"),
    path("proposals/<uuid:money_proposal_id>/approve/", proposal_approve, name="proposal-approve"),
    path("proposals/<uuid:money_proposal_id>/refuse/", proposal_refuse, name="proposal-refuse"),
    path(
        "proposals/<uuid:money_proposal_id>/withdraw/", proposal_withdraw, name="proposal-withdraw"
    ),
)
