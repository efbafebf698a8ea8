"""What employers owe: their accounts, what is forgiven, who is late, what is disputed."""

from uuid import UUID

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from amparo.delivery.contributions.collection_queries import (
    AccountLine,
    DebtRecord,
    EmployerAccount,
    NoSuchDebt,
    arrears_page,
    debt_record,
    employer_account,
    open_dispute_of,
)
from amparo.delivery.contributions.operations import (
    UnableToDispute,
    UnableToEstimate,
    UnableToPropose,
    charge_interest,
    close_dispute,
    estimate_missing,
    open_dispute,
    propose_relief,
)
from amparo.interfaces.web import formats
from amparo.interfaces.web.actions import Action, Done, carry_out, fill_in
from amparo.interfaces.web.addresses import page_number
from amparo.interfaces.web.explanations import language_asked
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Crumb, Fact, Figure
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.views.collecting import (
    AmountField,
    ReasonField,
    act_page,
    receipts_table,
    was_proposed,
)
from amparo.interfaces.web.views.employers import employer_frame
from amparo.interfaces.web.vocabulary import word
from amparo.rules.book.queries import Titles, titles
from amparo.values import Month, Right


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
        return was_proposed(proposed.id, proposed.number)

    done = fill_in(request, form=form, act=act, refusals=(UnableToPropose,))
    address = reverse("web:employer-account", args=[employer.employer_id])
    return done or act_page(
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
    return act_page(
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
    path("employers/<uuid:employer_id>/account/", account, name="employer-account"),
    path("debts/<uuid:debt_id>/relief/", relief, name="debt-relief"),
)
