"""Claims: taken, assessed by the rules, approved by another person, explained, paid as awards."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from amparo.accounts.queries import display_names
from amparo.delivery.claims.benefits import (
    AnswerNotUnderstood,
    Benefit,
    BenefitNotOffered,
    benefit_in_force,
)
from amparo.delivery.claims.operations import (
    AlreadyClaimed,
    ClaimantDead,
    ContingencyToCome,
    MakerIsNotChecker,
    RightEndedBefore,
    StepNotOpen,
    UnusableAmount,
    add_answers,
    approve_claim,
    assess_claim,
    send_back,
    submit_claim,
    withdraw_claim,
)
from amparo.delivery.claims.operations import NoSuchClaim as NoClaimToActOn
from amparo.delivery.claims.queries import (
    AwardRecord,
    AwardSummary,
    ClaimRecord,
    ClaimSummary,
    NoSuchAward,
    NoSuchClaim,
    award_record,
    awards_of_person,
    claim_record,
    claims_page,
)
from amparo.delivery.decisions.queries import (
    Difference,
    NoSuchDecision,
    decision_record,
    reproduce,
)
from amparo.interfaces.web import formats
from amparo.interfaces.web.actions import Action, carry_out
from amparo.interfaces.web.addresses import page_number
from amparo.interfaces.web.explanations import (
    Explained,
    explained,
    held_back_in_words,
    language_asked,
)
from amparo.interfaces.web.forms import DayField
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Crumb, Fact, Step, Strip
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.views.frames import person_frame
from amparo.interfaces.web.vocabulary import (
    language_name,
    state_cell,
    state_word,
    tone,
    word,
)
from amparo.rules.book.queries import NoPackInForce, Titles, benefits_offered, titles
from amparo.rules.packs import Input, NoParameterValue, UnclearLaw
from amparo.values import Page, Right

_CHANNELS = {"officer": gettext_lazy("at the counter"), "paper": gettext_lazy("on paper")}
_STATES = ("submitted", "evidence pending", "proposed", "granted", "refused", "withdrawn")
_REFUSALS = (
    AlreadyClaimed,
    AnswerNotUnderstood,
    BenefitNotOffered,
    ClaimantDead,
    ContingencyToCome,
    MakerIsNotChecker,
    NoPackInForce,
    NoParameterValue,
    RightEndedBefore,
    StepNotOpen,
    UnclearLaw,
    UnusableAmount,
)


# --- lists ------------------------------------------------------------------------------------


@page(Right.CLAIM_READ)
def claims(request: StaffRequest) -> HttpResponse:
    """List claims, the one due first on top, by state; or those not decided, or late."""
    state = request.GET.get("state", "")
    found = claims_page(
        access=request.visit.access,
        state=state if state in _STATES else None,
        is_waiting=state in {"waiting", "late"},
        due_before=request.visit.on if state == "late" else None,
        page=page_number(request),
    )
    table = _claims_table(request, found, called=_titles(request))
    states = [
        ("waiting", _("not decided yet")),
        ("late", _("past the law's day")),
        *((code, state_word(code)) for code in _STATES),
    ]
    return exported(request, table) or render(
        request, "web/claims.html", {"table": table, "states": states, "state": state}
    )


def _titles(request: StaffRequest) -> Titles:
    return titles(known_at=request.visit.at, language=language_asked())


def _claims_table(request: StaffRequest, found: Page[ClaimSummary], *, called: Titles) -> Table:
    return Table(
        name="claims",
        caption=_("Claims"),
        columns=(
            Column(title=_("Number"), kind="identifier"),
            Column(title=_("Person")),
            Column(title=_("Benefit")),
            Column(title=_("Contingency"), kind="day"),
            Column(title=_("State"), kind="state"),
            Column(title=_("Submitted"), kind="instant"),
            Column(title=_("Answer due"), kind="day"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.number, href=reverse("web:claim", args=[one.id])),
                    Cell(
                        value=one.person_name,
                        href=reverse("web:person", args=[one.person_id]),
                        note=one.person_number,
                    ),
                    Cell(
                        value=called.benefit(one.benefit, scheme=one.scheme),
                        hint=f"{one.scheme} {one.benefit}",
                    ),
                    Cell(value=one.contingency_on),
                    state_cell(one.state),
                    Cell(value=one.submitted_at),
                    Cell(value=one.due_on),
                )
            )
            for one in found.rows
        ],
        empty=_("No claim matches."),
        empty_remedy=_("A claim is taken from the page of the person who claims."),
        paging=found,
        query=request.GET,
    )


@page(Right.CLAIM_READ, hides=True)
def claims_of(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Show a person's claims and awards."""
    access = request.visit.access
    context = person_frame(request, person_id, tab="web:person-claims")
    called = _titles(request)
    found = claims_page(access=access, person_id=person_id, page=page_number(request))
    awards = awards_of_person(person_id=person_id, access=access, on=request.visit.on)
    tables = [
        _claims_table(request, found, called=called),
        _awards_table(request, awards, called=called),
    ]
    return exported(request, *tables) or render(
        request, "web/person_tables.html", {**context, "tables": tables}
    )


def _awards_table(
    request: StaffRequest, awards: tuple[AwardSummary, ...], *, called: Titles
) -> Table:
    return Table(
        name="awards",
        caption=_("Awards"),
        columns=(
            Column(title=_("Number"), kind="identifier"),
            Column(title=_("Benefit"), key="benefit"),
            Column(title=_("State"), kind="state"),
            Column(title=_("From"), kind="day", key="from"),
            Column(title=_("Last day"), kind="day", key="until"),
            Column(title=_("A month"), kind="money", key="monthly"),
            Column(title=_("Paid to")),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.number, href=reverse("web:award", args=[one.id])),
                    Cell(
                        value=called.benefit(one.benefit, scheme=one.scheme),
                        hint=f"{one.scheme} {one.benefit}",
                    ),
                    state_cell(one.state),
                    Cell(value=one.starts_on),
                    Cell(value=formats.last_day(one.ends_before)),
                    Cell(value=one.monthly, note=one.currency),
                    Cell(value=one.payee_name),
                )
            )
            for one in awards
        ],
        empty=_("This person has no award."),
        query=request.GET,
    )


# --- one claim --------------------------------------------------------------------------------


@page(Right.CLAIM_READ, hides=True)
def claim(request: StaffRequest, claim_id: UUID) -> HttpResponse:
    """Show a claim: what was stated, what the rules say and why, and what may be done next."""
    record = _record(request, claim_id)
    called = _titles(request)
    context = {
        "claim": record,
        "crumbs": [Crumb(title=_("Claims"), href=reverse("web:claims"))],
        "strip": _strip(record, called),
        "steps": _steps(record),
        "facts": _stated(record, called),
        "people": _people(record),
        "decisions": _decisions(record),
        "schedule": _schedule_table(record) if record.schedule else None,
        "held_back": held_back_in_words(record.held_back),
        "actions": _actions(request, record),
        "may_answer": record.summary.state in {"submitted", "evidence pending"}
        and request.visit.access.allows(Right.CLAIM_RECEIVE),
        "waits_for_another": _waits_for_another(request, record),
    }
    return render(request, "web/claim.html", context)


def _record(request: StaffRequest, claim_id: UUID) -> ClaimRecord:
    try:
        return claim_record(
            claim_id=claim_id, access=request.visit.access, language=language_asked()
        )
    except NoSuchClaim:
        raise Http404 from None


def _strip(record: ClaimRecord, called: Titles) -> Strip:
    summary = record.summary
    person = reverse("web:person", args=[summary.person_id])
    return Strip(
        title=_("Claim: %(benefit)s")
        % {"benefit": called.benefit(summary.benefit, scheme=summary.scheme)},
        facts=[
            Fact(label=_("Number"), value=summary.number, kind="identifier"),
            Fact(label=_("Person"), value=summary.person_name, href=person),
            Fact(label=_("Scheme"), value=called.scheme(summary.scheme)),
            Fact(label=_("Contingency"), value=summary.contingency_on, kind="day"),
            Fact(label=_("Answer due"), value=summary.due_on, kind="day"),
            Fact(
                label=_("State"),
                value=state_word(summary.state),
                kind="state",
                tone=tone(summary.state),
            ),
        ],
    )


def _steps(record: ClaimRecord) -> list[Step]:
    state = record.summary.state
    order = ["submitted", "proposed", "granted"]
    if state in {"refused", "withdrawn"}:
        order = ["submitted", "proposed", state]
    if state == "evidence pending":
        order = ["submitted", "evidence pending", "proposed", "granted"]
    titles = {"granted": _("Decided"), "refused": _("Decided")}
    here = order.index(state)
    return [
        Step(
            title=titles.get(code, state_word(code)) if code != state else state_word(code),
            is_past=position < here,
            is_current=position == here,
        )
        for position, code in enumerate(order)
    ]


def _stated(record: ClaimRecord, called: Titles) -> list[Fact]:
    summary = record.summary
    facts = [
        Fact(label=_("Submitted"), value=record.summary.submitted_at, kind="instant"),
        Fact(label=_("Arrived"), value=str(_CHANNELS.get(record.channel, word(record.channel)))),
        Fact(label=_("Language of letters"), value=language_name(record.language)),
    ]
    facts.extend(
        Fact(
            label=called.fact(name, benefit=summary.benefit, scheme=summary.scheme),
            value=_answer(answer),
        )
        for name, answer in record.answers.items()
    )
    return facts


def _answer(answer: Any) -> str:
    if answer is None:
        return _("not known")
    if isinstance(answer, bool):
        return _("yes") if answer else _("no")
    if isinstance(answer, date):
        return formats.day(answer)
    return formats.figure(answer) if isinstance(answer, Decimal) else str(answer)


def _people(record: ClaimRecord) -> list[Fact]:
    ids = {record.submitted_by, record.proposed_by, record.approved_by} - {None}
    names = display_names(user_ids=[one for one in ids if one])
    facts = [Fact(label=_("Taken by"), value=names.get(record.submitted_by, ""))]
    if record.proposed_by:
        facts.append(
            Fact(
                label=_("Proposed by"),
                value=names.get(record.proposed_by, ""),
                note=formats.instant(record.proposed_at),
            )
        )
    if record.approved_by:
        facts.append(
            Fact(
                label=_("Approved by"),
                value=names.get(record.approved_by, ""),
                note=formats.instant(record.approved_at),
            )
        )
    if record.award_id:
        facts.append(
            Fact(
                label=_("Award"),
                value=record.award_number,
                kind="identifier",
                href=reverse("web:award", args=[record.award_id]),
            )
        )
    return facts


def _decisions(record: ClaimRecord) -> list[Explained]:
    decisions = []
    if record.eligibility:
        # How to appeal is said once, after the last decision of the claim.
        is_last = record.amount is None
        right = explained(record.eligibility, title=_("Right to the benefit"), shows_appeal=is_last)
        decisions.append(right)
    if record.amount:
        decisions.append(explained(record.amount, title=_("Amount")))
    return decisions


def _schedule_table(record: ClaimRecord) -> Table:
    return Table(
        name="schedule",
        caption=_("What is paid, from when and until when"),
        columns=(
            Column(title=_("From"), kind="day"),
            Column(title=_("Last day"), kind="day"),
            Column(title=_("A month"), kind="money"),
            Column(title=_("Decision")),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=one.starts_on),
                    Cell(value=formats.last_day(one.ends_before)),
                    Cell(value=one.amount, note=one.currency),
                    Cell(
                        value=_("why this amount"),
                        href=reverse("web:decision", args=[one.decision_id]),
                    ),
                )
            )
            for one in record.schedule
        ],
        empty=_("Nothing is paid."),
        is_exportable=False,
    )


# --- what may be done next ----------------------------------------------------------------------


class Reason(forms.Form):
    """Why something goes back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The officer who assessed the claim reads it."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
    )


def _waits_for_another(request: StaffRequest, record: ClaimRecord) -> bool:
    access = request.visit.access
    return (
        record.summary.state == "proposed"
        and access.allows(Right.CLAIM_APPROVE)
        and record.proposed_by == access.actor_id
    )


def _actions(request: StaffRequest, record: ClaimRecord) -> list[Action]:
    """Return the steps open to this role in this state, the most likely first."""
    access, state, claim_id = request.visit.access, record.summary.state, record.summary.id
    actions = []
    if state in {"submitted", "evidence pending"} and access.allows(Right.CLAIM_PROPOSE):
        actions.append(
            Action(
                title=_("Assess the claim"),
                href=reverse("web:claim-assess", args=[claim_id]),
                consequence=_(
                    "The rules in force answer. Where a fact is missing, the claim waits for "
                    "evidence; otherwise the answer is proposed to somebody else for approval."
                ),
            )
        )
    may_approve = access.allows(Right.CLAIM_APPROVE) and record.proposed_by != access.actor_id
    if state == "proposed" and may_approve:
        actions.extend(_approving(record))
    if state in {"submitted", "evidence pending", "proposed"} and access.allows(
        Right.CLAIM_RECEIVE
    ):
        actions.append(
            Action(
                title=_("Withdraw the claim"),
                href=reverse("web:claim-withdraw", args=[claim_id]),
                consequence="",
                confirm=_("The claimant wishes to withdraw. They may claim again later."),
                look="secondary",
            )
        )
    return actions


def _approving(record: ClaimRecord) -> list[Action]:
    claim_id = record.summary.id
    # The amount is decided only where the rules found a right.
    if record.amount is not None and record.amount.outcome != "refused":
        consequence = _(
            "An award of %(amount)s a month starts, the next pay run pays it, and a letter goes "
            "to %(person)s."
        ) % {"amount": _monthly(record.amount.value), "person": record.summary.person_name}
        title = _("Approve: grant the claim")
    else:
        consequence = _(
            "The claim is refused, and a letter with the reasons, the law and the way to appeal "
            "goes to %(person)s."
        ) % {"person": record.summary.person_name}
        title = _("Approve: refuse the claim")
    return [
        Action(
            title=title,
            href=reverse("web:claim-approve", args=[claim_id]),
            consequence=consequence,
            confirm=_(
                "I have read the explanation. A decision cannot be changed, only superseded."
            ),
        ),
        Action(
            title=_("Send back"),
            href=reverse("web:claim-send-back", args=[claim_id]),
            consequence="",
            look="secondary",
            form=Reason(auto_id="send-back-%s"),
        ),
    ]


def _monthly(value: Any) -> str:
    """Return the amount that a pack gave, as a number or within a context."""
    amount = value.get("amount") if isinstance(value, Mapping) else value
    if not isinstance(amount, Decimal):
        return str(amount)
    return formats.money(amount, currency=settings.CURRENCY)


@require_POST
@page(Right.CLAIM_PROPOSE, hides=True)
def assess(request: StaffRequest, claim_id: UUID) -> HttpResponse:
    """Have the rules answer."""

    def act() -> str:
        assessed = assess_claim(claim_id=claim_id, access=request.visit.access, at=request.visit.at)
        return {
            "granted": _("Assessed: the right exists. Somebody else approves it now."),
            "refused": _("Assessed: there is no right. Somebody else approves the refusal now."),
        }.get(assessed.outcome, _("Facts are missing. The claim waits for evidence."))

    return _step(request, claim_id, act)


@require_POST
@page(Right.CLAIM_APPROVE, hides=True)
def approve(request: StaffRequest, claim_id: UUID) -> HttpResponse:
    """Approve what somebody else proposed."""

    def act() -> str:
        decided = approve_claim(claim_id=claim_id, access=request.visit.access, at=request.visit.at)
        if decided.state == "granted":
            return _("Granted. The award is in payment and the letter is issued.")
        return _("Refused. The letter with reasons and the way to appeal is issued.")

    return _step(request, claim_id, act, must_confirm=True)


@require_POST
@page(Right.CLAIM_APPROVE, hides=True)
def send_it_back(request: StaffRequest, claim_id: UUID) -> HttpResponse:
    """Send a proposal back, with a reason."""
    form = Reason(request.POST, auto_id="send-back-%s")
    if not form.is_valid():
        messages.error(request, _("Nothing was changed. Give a reason: the officer reads it."))
        return redirect("web:claim", claim_id)

    def act() -> str:
        send_back(
            claim_id=claim_id,
            reason=form.cleaned_data["reason"],
            access=request.visit.access,
            at=request.visit.at,
        )
        return _("Sent back. The claim is in the inbox of those who assess.")

    return _step(request, claim_id, act)


@require_POST
@page(Right.CLAIM_RECEIVE, hides=True)
def withdraw(request: StaffRequest, claim_id: UUID) -> HttpResponse:
    """Withdraw a claim at the claimant's wish."""

    def act() -> str:
        withdraw_claim(claim_id=claim_id, access=request.visit.access, at=request.visit.at)
        return _("Withdrawn, as the claimant wished.")

    return _step(request, claim_id, act, must_confirm=True)


def _step(
    request: StaffRequest, claim_id: UUID, act: Callable[[], str], *, must_confirm: bool = False
) -> HttpResponse:
    return carry_out(
        request,
        act=act,
        refusals=_REFUSALS,
        back=reverse("web:claim", args=[claim_id]),
        must_confirm=must_confirm,
        absent=(NoClaimToActOn,),
    )


# --- taking a claim -------------------------------------------------------------------------------

_KNOWN = (("", gettext_lazy("not known")), ("yes", gettext_lazy("yes")), ("no", gettext_lazy("no")))


def _truth(text: str) -> bool | None:
    return {"yes": True, "no": False}.get(text)


def _field(question: Input) -> forms.Field:
    """Return the field that asks for a fact; every answer may stay open: unknown is an answer."""
    title = question.titles.get(language_asked()) or question.title
    match question.type:
        case "number":
            return forms.DecimalField(label=title, required=False, localize=True)
        case "date":
            return DayField(label=title, required=False)
        case "boolean":
            return forms.TypedChoiceField(
                label=title,
                required=False,
                choices=_KNOWN,
                coerce=_truth,
                empty_value=None,
                widget=forms.RadioSelect,
            )
        case _:
            return forms.CharField(label=title, required=False, max_length=200, empty_value=None)


class AnswersForm(forms.Form):
    """What the benefit asks the claimant, and nothing the register knows already."""

    def __init__(self, *args: Any, questions: Mapping[str, Input], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = tuple(questions)
        for name, question in questions.items():
            self.fields[name] = _field(question)

    def answers(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.questions}


class ClaimForm(AnswersForm):
    """A claim as an officer takes it down."""

    contingency_on = DayField(
        label=gettext_lazy("Day the right depends on"),
        help_text=gettext_lazy("The day the age was reached, the child was born, work ended."),
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("How the claim arrived"),
        choices=list(_CHANNELS.items()),
        widget=forms.RadioSelect,
        initial="officer",
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of letters"),
        choices=[(code, language_name(code)) for code in ("en", "fr")],
        widget=forms.RadioSelect,
        initial="en",
    )


@page(Right.CLAIM_RECEIVE, hides=True)
def new(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Choose the benefit that a person claims."""
    visit = request.visit
    language, called = language_asked(), _titles(request)
    offers = [
        {
            "title": one.benefit.titles.get(language) or one.benefit.title,
            "scheme": called.scheme(one.scheme),
            "href": reverse("web:claim-new-for", args=[person_id, one.scheme, one.benefit.code]),
        }
        for one in benefits_offered(on=visit.on, known_at=visit.at)
    ]
    context = person_frame(request, person_id, tab="web:person-claims")
    return render(request, "web/claim_benefits.html", {**context, "offers": offers})


@page(Right.CLAIM_RECEIVE, hides=True)
def new_for(request: StaffRequest, person_id: UUID, scheme: str, benefit: str) -> HttpResponse:
    """Take a claim for a benefit: what the register knows is not asked again."""
    visit = request.visit
    try:
        offered = benefit_in_force(
            scheme=scheme, benefit=benefit, on=visit.on, claimed_on=visit.on, known_at=visit.at
        )
    except (NoPackInForce, BenefitNotOffered):
        raise Http404 from None
    form = ClaimForm(request.POST or None, questions=offered.questions)
    if request.method == "POST" and form.is_valid():
        taken = _take(request, form, person_id=person_id, scheme=scheme, benefit=benefit)
        if taken is not None:
            return taken
    return render(
        request,
        "web/claim_new.html",
        {
            **person_frame(request, person_id, tab="web:person-claims"),
            "form": form,
            "offered": offered.title(language_asked()),
            "known": _asked_elsewhere(offered),
        },
    )


def _asked_elsewhere(offered: Benefit) -> list[str]:
    """Return what is looked up instead of asked, so that nobody asks for it again."""
    language = language_asked()
    names = [name for name in offered.inputs if name not in offered.questions]
    return offered.in_words(names, language)


def _take(
    request: StaffRequest, form: ClaimForm, *, person_id: UUID, scheme: str, benefit: str
) -> HttpResponse | None:
    """Submit the claim and show its receipt; None where the form must be shown with an error."""
    try:
        receipt = submit_claim(
            person_id=person_id,
            scheme=scheme,
            benefit=benefit,
            contingency_on=form.cleaned_data["contingency_on"],
            answers=form.answers(),
            channel=form.cleaned_data["channel"],
            language=form.cleaned_data["language"],
            access=request.visit.access,
            at=request.visit.at,
        )
    except _REFUSALS as error:
        form.add_error(None, str(error))
        return None
    messages.success(
        request,
        _("Receipt %(number)s. The law wants an answer by %(day)s.")
        % {"number": receipt.number, "day": formats.day(receipt.due_on)},
    )
    return redirect("web:claim", receipt.claim_id)


@page(Right.CLAIM_RECEIVE, hides=True)
def answers(request: StaffRequest, claim_id: UUID) -> HttpResponse:
    """Add or replace what the claimant states; the claim is assessed again afterwards."""
    record = _record(request, claim_id)
    summary = record.summary
    offered = benefit_in_force(
        scheme=summary.scheme,
        benefit=summary.benefit,
        on=summary.contingency_on,
        claimed_on=timezone.localdate(summary.submitted_at),
        known_at=request.visit.at,
    )
    form = AnswersForm(request.POST or None, questions=offered.questions, initial=_initial(record))
    if request.method == "POST" and form.is_valid():

        def act() -> str:
            add_answers(
                claim_id=claim_id,
                answers=form.answers(),
                access=request.visit.access,
                at=request.visit.at,
            )
            return _("The answers are kept. The claim can be assessed again.")

        return _step(request, claim_id, act)
    context = {
        "form": form,
        "strip": _strip(record, _titles(request)),
        "crumbs": [Crumb(title=summary.number, href=reverse("web:claim", args=[claim_id]))],
    }
    return render(request, "web/claim_answers.html", context)


def _initial(record: ClaimRecord) -> dict[str, Any]:
    return {
        name: {True: "yes", False: "no"}[answer] if isinstance(answer, bool) else answer
        for name, answer in record.answers.items()
    }


# --- awards and decisions ---


@page(Right.CLAIM_READ, hides=True)
def award(request: StaffRequest, award_id: UUID) -> HttpResponse:
    """Show an award, its components, and the decision it rests on."""
    try:
        record = award_record(
            award_id=award_id,
            access=request.visit.access,
            language=language_asked(),
            on=request.visit.on,
        )
    except NoSuchAward:
        raise Http404 from None
    called = _titles(request)
    table = _components_table(request, record, called)
    context = {
        "strip": _award_strip(record, called),
        "crumbs": [Crumb(title=_("Claims"), href=reverse("web:claims"))],
        "components": table,
        "held_back": held_back_in_words(record.held_back),
        "explained": explained(record.granted_by, title=_("Decision that granted it")),
    }
    return exported(request, table) or render(request, "web/award.html", context)


def _award_strip(record: AwardRecord, called: Titles) -> Strip:
    summary = record.summary
    facts = [
        Fact(label=_("Number"), value=summary.number, kind="identifier"),
        Fact(
            label=_("Person"),
            value=summary.person_name,
            href=reverse("web:person", args=[summary.person_id]),
        ),
        Fact(label=_("Paid to"), value=summary.payee_name),
        Fact(label=_("A month"), value=summary.monthly, kind="money", note=summary.currency),
        Fact(label=_("From"), value=summary.starts_on, kind="day"),
        *_last_day(summary.ends_before),
        Fact(
            label=_("State"),
            value=state_word(summary.state),
            kind="state",
            tone=tone(summary.state),
        ),
    ]
    if record.claim_id:
        address = reverse("web:claim", args=[record.claim_id])
        facts.append(
            Fact(label=_("Claim"), value=record.claim_number, kind="identifier", href=address)
        )
    title = called.benefit(summary.benefit, scheme=summary.scheme)
    return Strip(title=_("Award: %(benefit)s") % {"benefit": title}, facts=facts)


def _last_day(ends_before: date | None) -> list[Fact]:
    last = formats.last_day(ends_before)
    return [Fact(label=_("Last day"), value=last, kind="day")] if last else []


def _components_table(request: StaffRequest, record: AwardRecord, called: Titles) -> Table:
    return Table(
        name="components",
        caption=_("Amounts"),
        columns=(
            Column(title=_("Component"), key="component"),
            Column(title=_("From"), kind="day", key="from"),
            Column(title=_("Last day"), kind="day", key="until"),
            Column(title=_("A month"), kind="money", key="amount"),
            Column(title=_("Decision")),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=called.component(one.component, scheme=record.summary.scheme),
                        hint=one.component,
                    ),
                    Cell(value=one.starts_on),
                    Cell(value=formats.last_day(one.ends_before)),
                    Cell(value=one.amount, note=one.currency),
                    Cell(
                        value=_("why this amount"),
                        href=reverse("web:decision", args=[one.decision_id]),
                    ),
                )
            )
            for one in record.components
        ],
        empty=_("This award has no amount."),
        query=request.GET,
    )


@page(Right.CLAIM_READ, hides=True)
def decision(request: StaffRequest, decision_id: UUID) -> HttpResponse:
    """Explain one decision, and on request decide it again from its frozen facts."""
    access = request.visit.access
    try:
        record = decision_record(decision_id=decision_id, access=access, language=language_asked())
        again = None
        if request.GET.get("again") == "1":
            again = reproduce(decision_id=decision_id, access=access)
    except NoSuchDecision:
        raise Http404 from None
    made_by = display_names(user_ids=[record.decided_by]).get(record.decided_by, "")
    context = {
        "crumbs": [Crumb(title=_("Claims"), href=reverse("web:claims"))],
        "strip": Strip(
            title=_("Decision: %(kind)s") % {"kind": word(record.kind)},
            facts=[
                Fact(
                    label=_("Outcome"),
                    value=state_word(record.outcome),
                    kind="state",
                    tone=tone(record.outcome),
                ),
                Fact(label=_("Decided"), value=record.decided_at, kind="instant", note=made_by),
                Fact(label=_("Law of"), value=record.on_date, kind="day"),
                Fact(label=_("Facts known"), value=record.known_at, kind="instant"),
            ],
        ),
        "explained": explained(record, title=_("Why")),
        "again": again,
        "differences": _differences(again.differences) if again else None,
        "can_reproduce": record.version_id is not None,
    }
    return render(request, "web/decision.html", context)


def _differences(parts: tuple[Difference, ...]) -> Table:
    return Table(
        caption=_("What came out otherwise"),
        columns=(Column(title=_("Part")), Column(title=_("Kept")), Column(title=_("Again"))),
        rows=[
            Row(
                cells=(
                    Cell(value=word(one.part)),
                    Cell(value=str(one.kept)),
                    Cell(value=str(one.again)),
                )
            )
            for one in parts
        ],
        empty=_("Nothing came out otherwise."),
        is_exportable=False,
    )
