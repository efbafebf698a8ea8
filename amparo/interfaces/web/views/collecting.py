"""Money that came in: what waits in suspense, whose it is, what it paid."""

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
    ReceiptRecord,
    ReceiptSummary,
    receipt_record,
    receipts_page,
)
from amparo.delivery.contributions.operations import (
    NoSuchReceipt,
    UnableToMatch,
    UnableToPropose,
    allocate_again,
    match_receipt,
    propose_refund,
)
from amparo.interfaces.web import formats
from amparo.interfaces.web.actions import Action, CheckedForm, Done, carry_out, fill_in
from amparo.interfaces.web.addresses import page_number
from amparo.interfaces.web.explanations import language_asked
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Crumb, Fact, Figure, Strip
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.vocabulary import word
from amparo.register.queries import employer_summaries, employers_by_number
from amparo.rules.book.queries import Titles, titles
from amparo.values import Page, Right

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
    return act_page(
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
        return was_proposed(proposed.id, proposed.number)

    done = fill_in(request, form=form, act=act, refusals=(UnableToPropose,))
    return done or act_page(
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


def was_proposed(money_proposal_id: UUID, number: str) -> Done:
    return Done(
        message=_("Proposed as %(number)s. Somebody else decides.") % {"number": number},
        onward=reverse("web:proposal", args=[money_proposal_id]),
    )


def act_page(request: StaffRequest, act: Act, *, crumbs: list[Crumb]) -> HttpResponse:
    context = {"act": act, "heading": act.title, "crumbs": crumbs}
    return render(request, "web/act_alone.html", context)


PATHS = (
    path("money/", receipts, name="receipts"),
    path("money/<uuid:receipt_id>/", receipt, name="receipt"),
    path("money/<uuid:receipt_id>/match/", receipt_match, name="receipt-match"),
    path("money/<uuid:receipt_id>/allocate/", receipt_allocate, name="receipt-allocate"),
    path("money/<uuid:receipt_id>/refund/", receipt_refund, name="receipt-refund"),
)
