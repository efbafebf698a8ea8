"""The letter that tells a claimant what was decided, as data (invariant 10).

What, why, on which law, from when, how to appeal and until when, in the claimant's language. Page,
letter and message are made from it, and say the same for ever.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from amparo.delivery.claims.benefits import Benefit, in_language
from amparo.delivery.claims.models import AwardComponent, Claim
from amparo.delivery.claims.terms import held_back
from amparo.delivery.decisions.freezing import thaw
from amparo.delivery.decisions.models import Decision
from amparo.delivery.decisions.queries import pack_of
from amparo.delivery.decisions.tracing import read_trace


def decision_letter(
    *,
    claim: Claim,
    offered: Benefit,
    decisions: list[Decision],
    components: Sequence[AwardComponent],
    at: datetime,
) -> dict[str, Any]:
    """Return the content of the notice about a decided claim.

    decisions: eligibility, then amount where there is one. components: what the award pays, step
    by step; none for a refusal. Amounts are text, dates ISO 8601.
    """
    told_on = timezone.localdate(at)
    manifest = offered.booked.pack.manifest
    content: dict[str, Any] = {
        "claim": claim.number,
        "outcome": claim.state,
        "benefit": offered.title(claim.language),
        "scheme": in_language(manifest.titles, claim.language),
        "decided_on": told_on.isoformat(),
        "contingency_on": claim.contingency_on.isoformat(),
        "why": [_why(decision, claim.language) for decision in decisions],
        "appeal": {
            "to": manifest.authority,
            "days": offered.process.appeal_days,
            "until": offered.appeal_until(told_on=told_on).isoformat(),
            "law": offered.process.law,
        },
    }
    if components:
        content["award"] = _award(components, offered)
        limit = held_back(
            *(thaw(each.value) for each in reversed(decisions)),
            claim=claim,
            starts_on=components[0].starts_on,
            process=offered.process,
        )
        if limit is not None:
            content["award"]["backdated"] = {
                "right_from": limit.right_from.isoformat(),
                "months": limit.months,
                "law": limit.law,
            }
    return content


def receipt(*, claim: Claim, offered: Benefit) -> dict[str, Any]:
    """Return the content of the receipt: the number, and by when the law wants an answer."""
    return {
        "claim": claim.number,
        "benefit": offered.title(claim.language),
        "received_on": timezone.localdate(claim.submitted_at).isoformat(),
        "answer_due_on": claim.due_on.isoformat(),
        "law": offered.process.law,
    }


def _award(components: Sequence[AwardComponent], offered: Benefit) -> dict[str, Any]:
    """Return what is paid from when; later: the amounts known already to follow the first."""
    first, last = components[0], components[-1]
    award = first.award
    return {
        "number": award.number,
        "amount": str(first.amount),
        "currency": first.currency,
        "frequency": offered.declared.frequency,
        "starts_on": first.starts_on.isoformat(),
        "ends_before": last.ends_before.isoformat() if last.ends_before else None,
        "later": [
            {"amount": str(each.amount), "starts_on": each.starts_on.isoformat()}
            for each in components[1:]
        ],
        "payee_id": str(award.payee_id),
        "payee_is_claimant": award.payee_id == award.person_id,
    }


def _why(decision: Decision, language: str) -> dict[str, Any]:
    """Return one decision in words: the outcome, the facts with their source, the sums, the law."""
    said = pack_of(decision).pack.explain(read_trace(decision.trace), language=language)
    return {
        "decision_id": str(decision.id),
        "title": said.title,
        "sentence": said.sentence,
        "reasons": [
            {"code": reason.code, "text": reason.text, "law": reason.law} for reason in said.reasons
        ],
        "facts": [
            {"title": fact.title, "value": fact.value, "source": fact.source} for fact in said.facts
        ],
        "arithmetic": [
            {
                "of": line.decision,
                "rule": line.expression,
                "values": line.values,
                "result": line.result,
            }
            for line in said.arithmetic
        ],
        "parameters": [
            {"title": used.title, "value": used.value, "law": used.law} for used in said.parameters
        ],
        "law": list(said.laws),
    }
