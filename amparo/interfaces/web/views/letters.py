"""Letters: what was sent to a person, in the person's language, as page and as print."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from amparo.delivery.claims.terms import HeldBack
from amparo.interfaces.web import formats
from amparo.interfaces.web.explanations import held_back_in_words
from amparo.interfaces.web.pages import StaffRequest, page
from amparo.interfaces.web.parts import Crumb, Fact
from amparo.journal.reading import reading
from amparo.office.queries import NotFound, NoticeRow, notice
from amparo.register.queries import summaries_of
from amparo.values import Right


@page(Right.PERSON_READ, hides=True)
def letter(request: StaffRequest, notice_id: UUID) -> HttpResponse:
    """Show a letter as its reader got it: in the reader's language, not in the officer's."""
    access = request.visit.access
    try:
        found = notice(notice_id=notice_id, access=access)
    except NotFound:
        raise Http404 from None
    with reading(
        access=access,
        right=Right.PERSON_READ,
        subject_kind="person",
        subject_id=found.recipient_id,
        details={"looked_for": "recipient"},
    ):
        recipient = summaries_of(person_ids=[found.recipient_id])[found.recipient_id]
    context: dict[str, object] = {
        "notice": found,
        "recipient": recipient,
        "crumbs": [
            Crumb(
                title=recipient.name,
                href=reverse("web:person-letters", args=[found.recipient_id]),
            )
        ],
    }
    with translation.override(found.language):
        context |= _content(found)
    return render(request, "web/letter.html", context)


def _content(found: NoticeRow) -> dict[str, object]:
    """Write the letter's texts in the language in force; its data stands for ever as issued."""
    content = found.content
    award = content.get("award", {})
    return {
        "heading": _heading(found.kind, content),
        "lines": _lines(content),
        "held_back": _held_back(award) if award.get("backdated") else "",
        **_why(content.get("why", [])),
        "appeal": _appeal(content.get("appeal")),
        "closing": _("Keep this letter. If something in it is wrong, tell us."),
        "labels": {
            "reference": _("Reference"),
            "date": _("Date"),
            "why": _("Why"),
            "facts": _("Facts we used"),
            "sums": _("Calculation"),
            "law": _("Law"),
            "appeal": _("If you do not agree"),
        },
        "dated": formats.day(timezone.localdate(found.issued_at)),
    }


def _why(decisions: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """Say each thing once: the decisions of a claim share facts and law, the last one the sums."""
    facts = {fact["title"]: fact["value"] for one in decisions for fact in one["facts"]}
    return {
        "sentences": [one["sentence"] for one in decisions if one["reasons"]],
        "reasons": [reason for one in decisions for reason in one["reasons"]],
        "facts_used": [Fact(label=title, value=value) for title, value in facts.items()],
        "arithmetic": decisions[-1]["arithmetic"] if decisions else [],
        "laws": list(dict.fromkeys(law for one in decisions for law in one["law"])),
    }


def _heading(kind: str, content: Mapping[str, Any]) -> str:
    benefit = content.get("benefit", "")
    headings = {
        "claim received": _("We have received your claim: %(benefit)s"),
        "claim granted": _("Your claim is granted: %(benefit)s"),
        "claim refused": _("Your claim is refused: %(benefit)s"),
    }
    return headings.get(kind, "%(benefit)s") % {"benefit": benefit}


def _lines(content: Mapping[str, Any]) -> list[Fact]:
    lines = [Fact(label=_("Claim"), value=str(content.get("claim", "")), kind="identifier")]
    days = (
        ("received_on", _("Received")),
        ("answer_due_on", _("We answer by")),
        ("decided_on", _("Decided")),
        ("contingency_on", _("Day the right depends on")),
    )
    lines.extend(
        Fact(label=label, value=date.fromisoformat(content[name]), kind="day")
        for name, label in days
        if content.get(name)
    )
    if award := content.get("award"):
        lines.append(Fact(label=_("Award"), value=award["number"], kind="identifier"))
        lines.extend(_amounts(award))
    return lines


def _amounts(award: Mapping[str, Any]) -> list[Fact]:
    """Say what is paid from which day, step by step, and the last day where one is known."""
    lines = [
        Fact(
            label=_("From %(day)s") % {"day": formats.day(date.fromisoformat(step["starts_on"]))},
            value=formats.money(Decimal(step["amount"]), currency=award["currency"]),
        )
        for step in (award, *award.get("later", ()))
    ]
    if award.get("ends_before"):
        ends = date.fromisoformat(award["ends_before"])
        lines.append(Fact(label=_("Last day"), value=formats.last_day(ends), kind="day"))
    return lines


def _held_back(award: Mapping[str, Any]) -> str:
    limit = award["backdated"]
    return held_back_in_words(
        HeldBack(
            right_from=date.fromisoformat(limit["right_from"]),
            starts_on=date.fromisoformat(award["starts_on"]),
            months=limit["months"],
            law=limit["law"],
        )
    )


def _appeal(appeal: Mapping[str, Any] | None) -> str:
    if not appeal:
        return ""
    return _(
        "You may appeal to %(authority)s until %(day)s, without charge (%(law)s). "
        "Say why you do not agree and give the reference of this letter."
    ) % {
        "authority": appeal["to"],
        "day": formats.day(date.fromisoformat(appeal["until"])),
        "law": appeal["law"],
    }
