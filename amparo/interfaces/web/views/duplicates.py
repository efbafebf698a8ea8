"""Records that may be one person's: the stewards' queue, the two side by side, a pair reported."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from amparo.accounts.queries import display_names
from amparo.delivery.claims.operations.joining import (
    weigh_open_reviews,
)
from amparo.delivery.claims.queries import AwardSummary, awards_of_records
from amparo.delivery.payments.queries import paid_by_award
from amparo.interfaces.web import formats
from amparo.interfaces.web.actions import Action, Done, carry_out, fill_in
from amparo.interfaces.web.addresses import page_number
from amparo.interfaces.web.explanations import language_asked
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Crumb, Fact, Strip, Tab
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.views.frames import person_frame
from amparo.interfaces.web.vocabulary import state_cell, state_word, tone, word
from amparo.register import duplicate_queries as queries
from amparo.register.duplicates import (
    REVIEW_SOURCES,
    ProposalRecord,
    ReviewRecord,
    ReviewSummary,
    SaidOfPair,
)
from amparo.register.operations import UnableToGround
from amparo.register.operations.merging import (
    ChangedSinceProposed,
    MakerIsNotChecker,
    ProposalClosed,
    UnableToMerge,
    UnableToUndo,
)
from amparo.register.operations.own import OwnRecord
from amparo.register.operations.reviews import (
    AlreadyDecided,
    NoSuchReview,
    NotAPair,
    UnableToDecide,
    decide_review,
    open_duplicate_review,
)
from amparo.register.queries import record_numbered
from amparo.register.records import PersonSummary
from amparo.rules.book.queries import Titles, titles
from amparo.values import Page, Right

REFUSALS: Final = (
    AlreadyDecided,
    ChangedSinceProposed,
    MakerIsNotChecker,
    NotAPair,
    OwnRecord,
    ProposalClosed,
    UnableToDecide,
    UnableToGround,
    UnableToMerge,
    UnableToUndo,
)
_STATES: Final = ("open", "same", "different", "unsure")
_ORDERS: Final[Mapping[str, Promise]] = {
    "risk": gettext_lazy("risk: probability times money"),
    "score": gettext_lazy("probability"),
    "oldest": gettext_lazy("oldest first"),
    "newest": gettext_lazy("newest first"),
}
_SOURCES: Final[Mapping[str, Promise]] = {
    "online": gettext_lazy("at registration"),
    "sweep": gettext_lazy("the nightly search"),
    "officer": gettext_lazy("an officer"),
}
_FIELDS: Final[Mapping[str, Promise]] = {
    "given_names": gettext_lazy("Given names"),
    "family_name": gettext_lazy("Family name"),
    "sex": gettext_lazy("Sex"),
    "birth_date": gettext_lazy("Born"),
    "death_date": gettext_lazy("Died on"),
    "identifier": gettext_lazy("Identifiers"),
    "district": gettext_lazy("District"),
    "address": gettext_lazy("Address"),
    "contact": gettext_lazy("Telephone or e-mail"),
    "country": gettext_lazy("Nationality"),
    "account_number": gettext_lazy("Payment account"),
    "household_id": gettext_lazy("Household, and who lives in it"),
    "relative_id": gettext_lazy("Parents, spouses, guardians"),
}
_COMPARISONS: Final[Mapping[str, Promise]] = {
    "given": gettext_lazy("Given names"),
    "birth": gettext_lazy("Birth"),
    "number": gettext_lazy("Identifiers"),
    "sex": gettext_lazy("Sex"),
    "mother": gettext_lazy("Mother's name"),
    "kin": gettext_lazy("Family name, home or mother"),
}


# --- the queue ----------------------------------------------------------------------------------


@page(Right.DUPLICATE_READ)
def duplicates(request: StaffRequest) -> HttpResponse:
    """List the pairs that wait, the greatest risk first, and the proposals to be decided."""
    state = _one_of(request, "state", _STATES, "open")
    source = _one_of(request, "source", REVIEW_SOURCES, "")
    order = _one_of(request, "order", tuple(_ORDERS), "risk")
    access = request.visit.access
    found = queries.reviews_page(
        access=access, state=state, source=source, order=order, page=page_number(request)
    )
    pairs = _pairs_table(request, found)
    waiting = queries.proposals_page(access=access, page=page_number(request, "proposals"))
    proposals = _proposals_table(request, waiting)
    context = {
        "table": pairs,
        "proposals": proposals,
        "state": state,
        "source": source,
        "order": order,
        "states": [(code, state_word(f"pair {code}")) for code in _STATES],
        "sources": list(_SOURCES.items()),
        "orders": list(_ORDERS.items()),
        "actions": [_weighing()] if access.allows(Right.DUPLICATE_REVIEW) else [],
    }
    return exported(request, pairs, proposals) or render(request, "web/duplicates.html", context)


def _one_of(request: StaffRequest, name: str, codes: Sequence[str], otherwise: str) -> str:
    given = request.GET.get(name, otherwise)
    return given if given in codes else otherwise


def _weighing() -> Action:
    return Action(
        title=_("Weigh by the money at stake"),
        href=reverse("web:duplicates-weigh"),
        consequence=_("What is paid a month on the two records moves a pair up the list."),
        look="secondary",
    )


@require_POST
@page(Right.DUPLICATE_REVIEW)
def duplicates_weigh(request: StaffRequest) -> HttpResponse:
    """Bring the money at stake of each open pair up to date."""
    visit = request.visit

    def act() -> str:
        changed = weigh_open_reviews(access=visit.access, at=visit.at)
        return _("The list is in order again. Pairs that moved: %(count)s.") % {"count": changed}

    return carry_out(request, act=act, refusals=REFUSALS, back=reverse("web:duplicates"))


def _pairs_table(request: StaffRequest, found: Page[ReviewSummary]) -> Table:
    return Table(
        name="pairs",
        caption=_("Pairs of records"),
        columns=(
            Column(title=_("First record")),
            Column(title=_("Second record")),
            Column(title=_("Probability"), kind="number"),
            Column(title=_("Paid a month"), kind="money"),
            Column(title=_("Found by")),
            Column(title=_("Found"), kind="instant"),
            Column(title=_("State"), kind="state"),
        ),
        rows=[
            Row(
                cells=(
                    side_cell(one.first, href=reverse("web:duplicate", args=[one.review_id])),
                    side_cell(one.second),
                    Cell(value=_per_cent(one.score)),
                    Cell(value=one.money_at_stake),
                    Cell(value=str(_SOURCES[one.source])),
                    Cell(value=one.opened_at),
                    _pair_state(one),
                )
            )
            for one in found.rows
        ],
        empty=_("No pair of records waits here."),
        empty_remedy=_(
            "Pairs come from registration, from the nightly search, and from whoever reports one "
            "on a person's page."
        ),
        paging=found,
        query=request.GET,
    )


def side_cell(one: PersonSummary, href: str = "") -> Cell:
    return Cell(value=one.name, href=href, note=one.number)


def _pair_state(one: ReviewSummary) -> Cell:
    return state_cell("pair linked" if one.are_linked else f"pair {one.state}")


def _per_cent(score: Decimal | None) -> str:
    """Write a probability; a likeness that a person saw has none."""
    if score is None:
        return _("seen by a person")
    return f"{score * 100:.1f} %"


def _proposals_table(request: StaffRequest, found: Page[ProposalRecord]) -> Table:
    names = display_names(user_ids={one.proposed_by for one in found.rows})
    return Table(
        name="proposals",
        caption=_("Proposals that wait for a decision"),
        columns=(
            Column(title=_("Proposal")),
            Column(title=_("Record")),
            Column(title=_("Surviving record")),
            Column(title=_("Proposed by")),
            Column(title=_("Proposed"), kind="instant"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=word(one.kind),
                        href=reverse("web:merge-proposal", args=[one.proposal_id]),
                    ),
                    side_cell(one.merged),
                    side_cell(one.survivor),
                    Cell(value=names.get(one.proposed_by, "")),
                    Cell(value=one.proposed_at),
                )
            )
            for one in found.rows
        ],
        empty=_("No proposal waits."),
        paging=found,
        page_key="proposals",
        query=request.GET,
    )


# --- a pair side by side ------------------------------------------------------------------------


class DecisionForm(forms.Form):
    """What a pair is, and why."""

    decision = forms.ChoiceField(
        label=gettext_lazy("The two records are"),
        choices=[
            ("same", gettext_lazy("one person's")),
            ("different", gettext_lazy("two people's")),
            ("unsure", gettext_lazy("not clear yet")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("What you saw: whoever meets the pair again reads it."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
    )


@page(Right.DUPLICATE_READ, hides=True)
def duplicate(request: StaffRequest, review_id: UUID) -> HttpResponse:
    """Show two records side by side, with what differs marked; a steward decides."""
    visit = request.visit
    found = pair_asked(request, review_id)
    may_decide = found.summary.state == "open" and visit.access.allows(Right.DUPLICATE_REVIEW)
    form = DecisionForm(request.POST or None) if may_decide else DecisionForm()

    def act() -> Done:
        decide_review(
            review_id=review_id,
            decision=form.cleaned_data["decision"],
            reason=form.cleaned_data["reason"],
            access=visit.access,
            at=visit.at,
        )
        if form.cleaned_data["decision"] == "same" and visit.access.allows(Right.MERGE_PROPOSE):
            onward = reverse("web:duplicate-merge", args=[review_id])
            return Done(message=_("Decided. Now propose how to merge them."), onward=onward)
        here = reverse("web:duplicate", args=[review_id])
        return Done(message=_("Decided. The pair leaves the list."), onward=here)

    done = fill_in(request, form=form, act=act, refusals=REFUSALS)
    if done is not None:
        return done
    said = said_table(found)
    proposals = queries.proposals_of_review(review_id=review_id, access=visit.access)
    context = {
        **pair_frame(request, found, tab="web:duplicate"),
        "said": said,
        "evidence": _evidence_table(found),
        "facts": _decided(found),
        "earlier": _earlier_table(found),
        "form_act": _decision_act(form) if may_decide else None,
        "proposals": _proposed_table(proposals) if proposals else None,
        "merge_href": _merge_href(request, found, proposals),
    }
    return exported(request, said) or render(request, "web/duplicate.html", context)


def _decision_act(form: DecisionForm) -> Act:
    return Act(
        title=_("Decide"),
        button=_("Decide on the pair"),
        form=form,
        consequence=_(
            "“One person's” changes nothing yet: a merge is proposed next, and somebody else "
            "approves it. “Two people's” is remembered: the pair comes back only with new facts."
        ),
        undo="",
    )


def pair_asked(request: StaffRequest, review_id: UUID) -> ReviewRecord:
    try:
        return queries.review_record(review_id=review_id, access=request.visit.access)
    except NoSuchReview:
        raise Http404 from None


def pair_frame(request: StaffRequest, found: ReviewRecord, *, tab: str) -> dict[str, object]:
    """Return strip, tabs and crumbs of the pages of a pair."""
    summary = found.summary
    state = "pair linked" if summary.are_linked else f"pair {summary.state}"
    tabs = (
        ("web:duplicate", _("Comparison")),
        ("web:duplicate-awards", _("Awards and payments")),
    )
    return {
        "crumbs": [Crumb(title=_("Duplicates"), href=reverse("web:duplicates"))],
        "strip": Strip(
            title=f"{summary.first.name} · {summary.second.name}",
            facts=[
                Fact(label=_("Probability"), value=_per_cent(summary.score)),
                Fact(label=_("Paid a month"), value=summary.money_at_stake, kind="money"),
                Fact(label=_("Found by"), value=str(_SOURCES[summary.source])),
                Fact(label=_("Found"), value=summary.opened_at, kind="instant"),
                Fact(label=_("State"), value=state_word(state), kind="state", tone=tone(state)),
            ],
        ),
        "tabs": [
            Tab(
                title=title,
                href=reverse(name, args=[summary.review_id]),
                is_current=name == tab,
            )
            for name, title in tabs
        ],
    }


def said_table(found: ReviewRecord) -> Table:
    summary = found.summary
    differing = {one.kind for one in found.differing}
    return Table(
        name="said",
        caption=_("What the two records say"),
        columns=(
            Column(title=_("What")),
            Column(title=summary.first.number),
            Column(title=summary.second.number),
            Column(title=_("The two"), kind="state"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=_("Record")),
                    _record_link(summary.first),
                    _record_link(summary.second),
                    Cell(value=""),
                )
            ),
            *(_said_row(one, differing) for one in found.said if one.first or one.second),
        ],
        empty="",
    )


def _record_link(one: PersonSummary) -> Cell:
    return Cell(value=one.name, href=reverse("web:person", args=[one.person_id]))


def _said_row(one: SaidOfPair, differing: set[str]) -> Row:
    if one.first == one.second:
        state = "said agrees"
    elif not one.first or not one.second:
        state = "said once"
    else:
        state = "said differs"
    label = _FIELDS.get(one.kind if one.field == "value" else one.field, one.field)
    return Row(
        cells=(
            Cell(value=str(label)),
            Cell(value=_written(one.first)),
            Cell(value=_written(one.second)),
            state_cell(state),
        ),
        emphasis="am-matched" if state == "said differs" and one.kind in differing else "",
    )


def _written(values: tuple[str, ...]) -> str:
    return "; ".join(_in_words(value) for value in values)


def _in_words(value: str) -> str:
    """Write a sex as a word and a day as people write it; a name or number stays as it is."""
    if value in {"female", "male", "other", "unknown"}:
        return word(value)
    try:
        return formats.day(date.fromisoformat(value))
    except ValueError:
        return value


def _evidence_table(found: ReviewRecord) -> Table:
    rows = [
        Row(
            cells=(
                Cell(value=str(_COMPARISONS.get(name, word(name))), hint=name),
                state_cell(f"said {one.get('says', '')}"),
                Cell(value=Decimal(str(one.get("weight", "0")))),
            )
        )
        for name, one in found.evidence.items()
        if isinstance(one, dict)
    ]
    return Table(
        name="evidence",
        caption=_("How the probability comes about"),
        columns=(
            Column(title=_("Compared")),
            Column(title=_("Found to"), kind="state"),
            Column(title=_("Weight"), kind="number"),
        ),
        rows=rows,
        empty=_("A person reported this pair: no model weighed it."),
        is_exportable=False,
    )


def _decided(found: ReviewRecord) -> list[Fact]:
    names = display_names(user_ids={found.decided_by} if found.decided_by else set())
    if found.decided_by is None:
        return []
    return [
        Fact(label=_("Decided"), value=found.decided_at, kind="instant"),
        Fact(label=_("By"), value=names.get(found.decided_by, "")),
        Fact(label=_("Reason"), value=found.reason),
    ]


def _earlier_table(found: ReviewRecord) -> Table | None:
    if not found.earlier:
        return None
    return Table(
        name="earlier",
        caption=_("Earlier decisions on the same two"),
        columns=(
            Column(title=_("State"), kind="state"),
            Column(title=_("Decided"), kind="instant"),
            Column(title=_("Reason")),
        ),
        rows=[
            Row(
                cells=(
                    state_cell(
                        f"pair {one.state}", href=reverse("web:duplicate", args=[one.review_id])
                    ),
                    Cell(value=one.decided_at),
                    Cell(value=one.reason),
                )
            )
            for one in found.earlier
        ],
        empty="",
        is_exportable=False,
    )


def _proposed_table(proposals: Sequence[ProposalRecord]) -> Table:
    return Table(
        name="proposed",
        caption=_("Merges and undoings of the two"),
        columns=(
            Column(title=_("Proposal")),
            Column(title=_("Proposed"), kind="instant"),
            Column(title=_("State"), kind="state"),
            Column(title=_("Decided"), kind="instant"),
        ),
        rows=[
            Row(
                cells=(
                    Cell(
                        value=word(one.kind),
                        href=reverse("web:merge-proposal", args=[one.proposal_id]),
                    ),
                    Cell(value=one.proposed_at),
                    state_cell("awaiting" if one.state == "open" else f"proposal {one.state}"),
                    Cell(value=one.decided_at),
                )
            )
            for one in proposals
        ],
        empty="",
        is_exportable=False,
    )


def _merge_href(
    request: StaffRequest, found: ReviewRecord, proposals: Sequence[ProposalRecord]
) -> str:
    """Lead to the proposal of a merge, where this person may make one now."""
    summary = found.summary
    may = request.visit.access.allows(Right.MERGE_PROPOSE)
    may = may and all(one.state != "open" for one in proposals)
    if not may or summary.state != "same" or summary.are_linked:
        return ""
    return reverse("web:duplicate-merge", args=[summary.review_id])


@page(Right.DUPLICATE_READ, hides=True)
def duplicate_awards(request: StaffRequest, review_id: UUID) -> HttpResponse:
    """Show what is granted and paid on each of the two records: what a merge would touch."""
    found = pair_asked(request, review_id)
    table = awards_table(request, (found.summary.first, found.summary.second))
    context = {**pair_frame(request, found, tab="web:duplicate-awards"), "tables": [table]}
    return exported(request, table) or render(request, "web/record.html", context)


def awards_table(request: StaffRequest, sides: Sequence[PersonSummary]) -> Table:
    visit = request.visit
    numbers = {one.person_id: one.number for one in sides}
    awards = awards_of_records(person_ids=list(numbers), access=visit.access, on=visit.on)
    paid = paid_by_award(award_ids=[one.id for _record, one in awards], access=visit.access)
    called = titles(known_at=visit.at, language=language_asked())
    return Table(
        name="awards",
        caption=_("Awards and payments on the two records"),
        columns=(
            Column(title=_("Award"), kind="identifier"),
            Column(title=_("On record"), kind="identifier"),
            Column(title=_("Benefit")),
            Column(title=_("State"), kind="state"),
            Column(title=_("A month"), kind="money"),
            Column(title=_("Paid so far"), kind="money"),
        ),
        rows=[_award_row(one, numbers[person_id], called, paid) for person_id, one in awards],
        empty=_("Nothing is granted on either record."),
    )


def _award_row(one: AwardSummary, number: str, called: Titles, paid: Mapping[UUID, Decimal]) -> Row:
    return Row(
        cells=(
            Cell(value=one.number, href=reverse("web:award", args=[one.id])),
            Cell(value=number),
            Cell(value=called.benefit(one.benefit, scheme=one.scheme)),
            state_cell(one.state),
            Cell(value=one.monthly),
            Cell(value=paid.get(one.id, Decimal("0.00"))),
        )
    )


# --- reporting a pair ---------------------------------------------------------------------------


class PairForm(forms.Form):
    """The other record that may be the same person's."""

    other = forms.CharField(label=gettext_lazy("Number of the other record"), max_length=40)
    other_id: UUID

    def clean_other(self) -> str:
        typed = str(self.cleaned_data["other"])
        found = record_numbered(number=typed)
        if found is None:
            raise forms.ValidationError(
                _("No record of a person has this number. Copy it from the person's page.")
            )
        self.other_id = found
        return typed


@page(Right.PERSON_REGISTER, Right.DUPLICATE_REVIEW, hides=True)
def person_duplicate(request: StaffRequest, person_id: UUID) -> HttpResponse:
    """Report that another record may be the same person's."""
    visit = request.visit
    frame = person_frame(request, person_id, tab="web:person")  # 404 where there is nobody
    form = PairForm(request.POST or None)

    def act() -> str:
        is_new = open_duplicate_review(
            pair=(person_id, form.other_id),
            score=None,
            evidence={},
            model_hash="",
            source="officer",
            access=visit.access,
            at=visit.at,
        )
        if is_new:
            return _("Reported. A data steward compares the two records.")
        return _("The pair waits already, or one of the two was merged. Nothing was added.")

    onward = reverse("web:person", args=[person_id])
    done = fill_in(
        request,
        form=form,
        act=lambda: Done(message=act(), onward=onward),
        refusals=(NotAPair,),
    )
    if done is not None:
        return done
    context = {
        **frame,
        "act": Act(
            title=_("Report a second record"),
            button=_("Report the pair"),
            form=form,
            consequence=_("Nothing changes. The pair goes to the data stewards."),
            undo=_("A steward decides that the two are two people's."),
        ),
    }
    return render(request, "web/act.html", context)
