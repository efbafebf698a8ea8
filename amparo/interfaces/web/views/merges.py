"""Merging two records of one person, and undoing it: one person proposes, another decides."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from amparo.accounts.queries import display_names
from amparo.delivery.claims.operations.joining import approve_merge, approve_unmerge
from amparo.interfaces.web.actions import Action, Done, carry_out, fill_in
from amparo.interfaces.web.addresses import page_number
from amparo.interfaces.web.forms import GroundsForm
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Act, Crumb, Fact, Strip
from amparo.interfaces.web.tables import Cell, Column, Row, Table, exported
from amparo.interfaces.web.views.duplicates import (
    REFUSALS,
    awards_table,
    pair_asked,
    pair_frame,
    said_table,
    side_cell,
)
from amparo.interfaces.web.vocabulary import state_word, tone, word
from amparo.register import duplicate_queries as queries
from amparo.register.duplicates import Difference, LaterFact, LinkRecord, ProposalRecord
from amparo.register.operations.merging import (
    NoSuchProposal,
    propose_merge,
    propose_unmerge,
    refuse_proposal,
)
from amparo.register.records import PersonSummary
from amparo.values import Page, Right


class MergeForm(GroundsForm):
    """Which record survives, and whose word holds where the two differ."""

    def __init__(
        self, *args: Any, sides: Sequence[PersonSummary], differing: Sequence[Difference], **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        records = [(str(one.person_id), f"{one.number} · {one.name}") for one in sides]
        self.fields["survivor"] = forms.ChoiceField(
            label=_("The record that everybody is led to"),
            help_text=_("The other one stays, with its number, and leads here."),
            choices=records,
            widget=forms.RadioSelect,
        )
        self._kinds = [one.kind for one in differing]
        for one in differing:
            said = (_summed_up(one.survivor), _summed_up(one.merged))
            self.fields[f"choice-{one.kind}"] = forms.ChoiceField(
                label=_("Differs: %(what)s. Whose word holds?") % {"what": word(one.kind)},
                choices=[
                    (record, f"{side.number}: {text}")
                    for (record, _title), side, text in zip(records, sides, said, strict=True)
                ],
                widget=forms.RadioSelect,
            )
        first = ["survivor", *(f"choice-{kind}" for kind in self._kinds)]
        self.order_fields([*first, "evidence", "reference", "reason"])

    def choices(self) -> dict[str, str]:
        """Return whose word holds, by kind of fact, as the merge wants it."""
        survivor = self.cleaned_data["survivor"]
        return {
            kind: "survivor" if self.cleaned_data[f"choice-{kind}"] == survivor else "merged"
            for kind in self._kinds
        }


def _summed_up(values: Mapping[str, str]) -> str:
    return " · ".join(
        word(value) if name in {"sex", "birth_precision", "kind"} else value
        for name, value in values.items()
        if value and not name.endswith("_id")
    )


@page(Right.MERGE_PROPOSE, hides=True)
def duplicate_merge(request: StaffRequest, review_id: UUID) -> HttpResponse:
    """Propose to merge the two records of a pair."""
    visit = request.visit
    found = pair_asked(request, review_id)
    sides = (found.summary.first, found.summary.second)
    form = MergeForm(request.POST or None, sides=sides, differing=found.differing)

    def act() -> Done:
        proposal_id = propose_merge(
            review_id=review_id,
            survivor_id=UUID(form.cleaned_data["survivor"]),
            choices=form.choices(),
            grounds=form.grounds(),
            access=visit.access,
            at=visit.at,
        )
        return Done(
            message=_("Proposed. A supervisor of the register decides."),
            onward=reverse("web:merge-proposal", args=[proposal_id]),
        )

    done = fill_in(request, form=form, act=act, refusals=REFUSALS)
    if done is not None:
        return done
    context = {
        **pair_frame(request, found, tab=""),
        "act": Act(
            title=_("Propose a merge"),
            button=_("Propose the merge"),
            form=form,
            consequence=_(
                "Nothing is merged yet: somebody else approves. Then whoever opens either number "
                "sees one person, with the facts, awards and payments of both records."
            ),
            undo=_("A merge is undone by two people: both records are then as they were."),
            tables=[said_table(found)],
        ),
    }
    return render(request, "web/act.html", context)


@page(Right.DUPLICATE_READ, hides=True)
def merge_proposal(request: StaffRequest, proposal_id: UUID) -> HttpResponse:
    """Show a proposal to merge or to undo, what it touches, and let a supervisor decide."""
    visit = request.visit
    found = _proposal(request, proposal_id)
    names = display_names(user_ids={found.proposed_by, *filter(None, [found.decided_by])})
    state = "awaiting" if found.state == "open" else f"proposal {found.state}"
    may_decide = found.state == "open" and visit.access.allows(Right.MERGE_APPROVE)
    table = awards_table(request, (found.survivor, found.merged))
    context = {
        "crumbs": [
            Crumb(title=_("Duplicates"), href=reverse("web:duplicates")),
            Crumb(
                title=_("The two records"), href=reverse("web:duplicate", args=[found.review_id])
            ),
        ],
        "strip": Strip(
            title=_("%(proposal)s: %(merged)s and %(survivor)s")
            % {
                "proposal": word(found.kind).capitalize(),
                "merged": found.merged.number,
                "survivor": found.survivor.number,
            },
            facts=[
                Fact(label=_("Proposed by"), value=names.get(found.proposed_by, "")),
                Fact(label=_("Proposed"), value=found.proposed_at, kind="instant"),
                Fact(label=_("State"), value=state_word(state), kind="state", tone=tone(state)),
            ],
        ),
        "facts": _proposal_facts(found, names),
        "awards": table,
        "actions": _proposal_actions(found) if may_decide else [],
    }
    return exported(request, table) or render(request, "web/merge_proposal.html", context)


def _proposal(request: StaffRequest, proposal_id: UUID) -> ProposalRecord:
    try:
        return queries.proposal_record(proposal_id=proposal_id, access=request.visit.access)
    except NoSuchProposal:
        raise Http404 from None


def _proposal_facts(found: ProposalRecord, names: Mapping[UUID, str]) -> list[Fact]:
    number = {"survivor": found.survivor.number, "merged": found.merged.number}
    facts = [
        Fact(label=_("Surviving record"), value=f"{found.survivor.number} · {found.survivor.name}"),
        Fact(label=_("Other record"), value=f"{found.merged.number} · {found.merged.name}"),
    ]
    if found.kind == "merge":
        facts += [
            Fact(label=_("Word that holds: %(what)s") % {"what": word(kind)}, value=number[side])
            for kind, side in sorted(found.choices.items())
        ]
    else:
        moved = sum(side == "merged" for side in found.choices.values())
        facts.append(Fact(label=_("Later facts that go to the other record"), value=moved))
    facts += [
        Fact(label=_("Evidence seen"), value=word(found.evidence)),
        Fact(label=_("Number of the document"), value=found.reference),
        Fact(label=_("Reason"), value=found.reason),
    ]
    if found.decided_by is not None:
        facts += [
            Fact(label=_("Decided"), value=found.decided_at, kind="instant"),
            Fact(label=_("By"), value=names.get(found.decided_by, "")),
            Fact(label=_("Reason of the decision"), value=found.decided_reason),
        ]
    return facts


class RefusalForm(forms.Form):
    """Why a proposal is sent back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), widget=forms.Textarea(attrs={"rows": 2}), max_length=1000
    )


def _proposal_actions(found: ProposalRecord) -> list[Action]:
    is_merge = found.kind == "merge"
    return [
        Action(
            title=_("Approve the merge") if is_merge else _("Approve the undoing"),
            href=reverse("web:merge-approve", args=[found.proposal_id]),
            consequence=_(
                "Whoever opens either number sees one person from now on. Awards go on as they "
                "are; where one person may hold one only, a task asks for a decision."
            )
            if is_merge
            else _(
                "The two records are two people's again, as they were; later facts go to whom "
                "the proposal says."
            ),
            confirm=_("I have compared the two records and seen what this touches."),
        ),
        Action(
            title=_("Refuse the proposal"),
            href=reverse("web:merge-refuse", args=[found.proposal_id]),
            consequence=_("Nothing changes. The reason stays with the pair."),
            look="warning",
            form=RefusalForm(),
        ),
    ]


@require_POST
@page(Right.MERGE_APPROVE, hides=True)
def merge_approve(request: StaffRequest, proposal_id: UUID) -> HttpResponse:
    """Approve a merge or its undoing."""
    visit = request.visit

    def act() -> str:
        kind = queries.proposal_record(proposal_id=proposal_id, access=visit.access).kind
        if kind == "merge":
            approve_merge(proposal_id=proposal_id, access=visit.access, at=visit.at)
            return _("Merged. Both numbers lead to one person now.")
        approve_unmerge(proposal_id=proposal_id, access=visit.access, at=visit.at)
        return _("Undone. The two records are two people's again.")

    return carry_out(
        request,
        act=act,
        refusals=REFUSALS,
        absent=(NoSuchProposal,),
        back=reverse("web:merge-proposal", args=[proposal_id]),
        must_confirm=True,
    )


@require_POST
@page(Right.MERGE_APPROVE, hides=True)
def merge_refuse(request: StaffRequest, proposal_id: UUID) -> HttpResponse:
    """Send a proposal back, with a reason."""
    visit = request.visit

    def act() -> str:
        refuse_proposal(
            proposal_id=proposal_id,
            reason=request.POST.get("reason", ""),
            access=visit.access,
            at=visit.at,
        )
        return _("Refused. The reason stays with the pair.")

    return carry_out(
        request,
        act=act,
        refusals=REFUSALS,
        absent=(NoSuchProposal,),
        back=reverse("web:merge-proposal", args=[proposal_id]),
    )


# --- merges, and their undoing ------------------------------------------------------------------


@page(Right.DUPLICATE_READ)
def merges(request: StaffRequest) -> HttpResponse:
    """List the merges, the latest first, those undone too."""
    found = queries.links_page(access=request.visit.access, page=page_number(request))
    table = _merges_table(request, found)
    context = {
        "heading": _("Merges"),
        "crumbs": [Crumb(title=_("Duplicates"), href=reverse("web:duplicates"))],
        "table": table,
    }
    return exported(request, table) or render(request, "web/merges.html", context)


def _merges_table(request: StaffRequest, found: Page[LinkRecord]) -> Table:
    may_undo = request.visit.access.allows(Right.MERGE_PROPOSE)
    actors = {actor for one in found.rows for actor in (one.recorded_by, one.proposed_by)}
    names = display_names(user_ids=actors)
    return Table(
        name="merges",
        caption=_("Merges of records"),
        columns=(
            Column(title=_("Surviving record")),
            Column(title=_("Other record")),
            Column(title=_("Proposed by")),
            Column(title=_("Approved by")),
            Column(title=_("Merged"), kind="instant"),
            Column(title=_("Undone"), kind="instant"),
            Column(title=_("Reason")),
            *([Column(title=_("Change"))] if may_undo else []),
        ),
        rows=[
            Row(
                cells=(
                    side_cell(
                        one.survivor, href=reverse("web:person", args=[one.survivor.person_id])
                    ),
                    side_cell(one.merged, href=reverse("web:duplicate", args=[one.review_id])),
                    Cell(value=names.get(one.proposed_by, "")),
                    Cell(value=names.get(one.recorded_by, "")),
                    Cell(value=one.recorded_at),
                    Cell(value=one.undone_at),
                    Cell(value=one.reason),
                    *([_undoing(one)] if may_undo else []),
                ),
                emphasis="am-former" if one.undone_at else "",
            )
            for one in found.rows
        ],
        empty=_("No two records were merged yet."),
        paging=found,
        query=request.GET,
    )


def _undoing(one: LinkRecord) -> Cell:
    if one.undone_at is not None:
        return Cell(value="")
    return Cell(value=_("Undo"), href=reverse("web:merge-undo", args=[one.link_id]))


class UndoForm(GroundsForm):
    """Whose each fact is that was written since a merge."""

    def __init__(
        self, *args: Any, link: LinkRecord, later: Sequence[LaterFact], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._facts = [str(one.fact_id) for one in later]
        for one in later:
            self.fields[f"fact-{one.fact_id}"] = forms.ChoiceField(
                label=_("Written since: %(what)s, %(said)s. Whose is it?")
                % {"what": word(one.kind), "said": _summed_up(one.values) or word(one.kind)},
                choices=[
                    ("survivor", f"{link.survivor.number} · {link.survivor.name}"),
                    ("merged", f"{link.merged.number} · {link.merged.name}"),
                ],
                widget=forms.RadioSelect,
            )
        facts = [f"fact-{fact_id}" for fact_id in self._facts]
        self.order_fields([*facts, "evidence", "reference", "reason"])

    def choices(self) -> dict[str, str]:
        return {fact_id: self.cleaned_data[f"fact-{fact_id}"] for fact_id in self._facts}


@page(Right.MERGE_PROPOSE, hides=True)
def merge_undo(request: StaffRequest, link_id: UUID) -> HttpResponse:
    """Propose to undo a merge, and say whose each later fact is."""
    visit = request.visit
    try:
        link = queries.link_record(link_id=link_id, access=visit.access)
    except queries.NoSuchLink:
        raise Http404 from None
    later = queries.later_facts_of(link_id=link_id, access=visit.access)
    form = UndoForm(request.POST or None, link=link, later=later)

    def act() -> Done:
        proposal_id = propose_unmerge(
            link_id=link_id,
            choices=form.choices(),
            grounds=form.grounds(),
            access=visit.access,
            at=visit.at,
        )
        return Done(
            message=_("Proposed. A supervisor of the register decides."),
            onward=reverse("web:merge-proposal", args=[proposal_id]),
        )

    done = fill_in(request, form=form, act=act, refusals=REFUSALS)
    if done is not None:
        return done
    context = {
        "heading": _("Undo a merge"),
        "crumbs": [Crumb(title=_("Merges"), href=reverse("web:merges"))],
        "act": Act(
            title=_("Propose the undoing"),
            button=_("Propose to undo the merge"),
            form=form,
            consequence=_(
                "Nothing changes yet: somebody else approves. Then both records are as they were "
                "before the merge, and what was written since is where you say."
            ),
            undo=_("The pair can be decided on and merged again."),
            facts_title=_("The merge"),
            facts=[
                Fact(label=_("Surviving record"), value=_titled(link.survivor)),
                Fact(label=_("Other record"), value=_titled(link.merged)),
                Fact(label=_("Merged"), value=link.recorded_at, kind="instant"),
                Fact(label=_("Reason"), value=link.reason),
            ],
        ),
    }
    return render(request, "web/act_alone.html", context)


def _titled(one: PersonSummary) -> str:
    return f"{one.number} · {one.name}"
