"""What takes two people about money: proposed by one, decided by another."""

from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amparo.accounts.queries import display_names
from amparo.delivery.contributions.collection_queries import (
    ProposalRecord,
    proposal_record,
    proposals_page,
)
from amparo.delivery.contributions.operations import (
    NoSuchProposal,
    UnableToDecide,
    approve_proposal,
    refuse_proposal,
    withdraw_proposal,
)
from amparo.interfaces.web.actions import Action, carry_out
from amparo.interfaces.web.addresses import page_number
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Crumb, Fact, Strip
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.views.collecting import (
    ReasonField,
)
from amparo.interfaces.web.vocabulary import state_cell, state_word, tone, word
from amparo.values import NotPermitted, Right


class DecisionForm(forms.Form):
    reason = ReasonField(required=False)


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


PATHS = (
    path("proposals/", proposals, name="proposals"),
    path("proposals/<uuid:money_proposal_id>/", proposal, name="proposal"),
    path("proposals/<uuid:money_proposal_id>/approve/", proposal_approve, name="proposal-approve"),
    path("proposals/<uuid:money_proposal_id>/refuse/", proposal_refuse, name="proposal-refuse"),
    path(
        "proposals/<uuid:money_proposal_id>/withdraw/", proposal_withdraw, name="proposal-withdraw"
    ),
)
