"""Make decisions: evaluate the pack in force, freeze what it saw, keep the answer for good."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, LiteralString
from uuid import UUID, uuid4

from django.db import connection, transaction

from amparo.delivery.decisions.freezing import DecisionInput, freeze, freeze_inputs
from amparo.delivery.decisions.models import Decision
from amparo.delivery.decisions.tracing import trace_text
from amparo.journal.operations import record
from amparo.register.operations import record_fact_use
from amparo.rules.book.queries import BookedPack
from amparo.values import Access, Right

# The right to make a decision of a kind is the right to do the step it belongs to.
_RIGHT_TO_DECIDE: Final = {
    "eligibility": Right.CLAIM_PROPOSE,
    "amount": Right.CLAIM_PROPOSE,
    "assessment": Right.DECLARATION_RECEIVE,
}


class UnableToDecide(Exception):
    """The kind of decision is not one that a pack makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a decision is about: "claim" or "declaration" and its id, and whose it is."""

    kind: str
    id: UUID
    person_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMade:
    """What was decided. reasons: their codes; missing: the inputs without which nobody can say."""

    id: UUID
    outcome: str
    value: Any
    reasons: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOnFile:
    """The file that decisions are taken on from: its control totals, and who signed for them."""

    received_file_id: UUID
    control_count: int
    control_total: Decimal
    signatory: str

    def as_inputs(self) -> dict[str, DecisionInput]:
        stated = {
            "received_file": str(self.received_file_id),
            "control_count": Decimal(self.control_count),
            "control_total": self.control_total,
            "signatory": self.signatory,
        }
        return {name: DecisionInput(value=value, source="file") for name, value in stated.items()}


@transaction.atomic
def decide(
    *,
    kind: str,
    about: Subject,
    booked: BookedPack,
    decision_name: str,
    inputs: Mapping[str, DecisionInput],
    on: date,
    known_at: datetime,
    supersedes: UUID | None = None,
    access: Access,
    at: datetime,
) -> DecisionMade:
    """Evaluate one decision of a booked pack and keep it with everything it rested on.

    on: the day whose law applies; known_at: as known then. The facts that `inputs` name are noted
    as used, so that their correction can list this decision (invariant 11).
    """
    if kind not in _RIGHT_TO_DECIDE:
        raise UnableToDecide(
            f"“{kind}” is not a kind of decision that a pack makes. "
            f"Choose one of: {', '.join(_RIGHT_TO_DECIDE)}."
        )
    access.require(_RIGHT_TO_DECIDE[kind])
    # The trace says when; in UTC it says the same when it is made again from the database.
    known_at = known_at.astimezone(UTC)

    result = booked.pack.evaluate(
        decision_name,
        {name: inputs[name].value for name in sorted(inputs)},
        on=on,
        known_at=known_at,
        trace=True,
    )
    made = DecisionMade(
        id=uuid4(),
        outcome=result.outcome,
        value=result.value,
        reasons=tuple(reason.code for reason in result.reasons),
        missing=tuple(result.missing),
    )

    Decision.objects.create(
        id=made.id,
        kind=kind,
        subject_kind=about.kind,
        subject_id=about.id,
        person_id=about.person_id,
        pack_version_id=booked.version_id,
        decision_name=decision_name,
        on_date=on,
        known_at=known_at,
        inputs=freeze_inputs(inputs),
        outcome=made.outcome,
        value=freeze(made.value),
        reasons=list(made.reasons),
        missing=list(made.missing),
        trace=trace_text(result.trace),
        decided_at=at,
        decided_by=access.actor_id,
        supersedes_id=supersedes,
    )
    fact_ids = {fact_id for given in inputs.values() for fact_id in given.fact_ids}
    record_fact_use(fact_ids=fact_ids, used_in="decision", used_id=made.id)
    record(
        kind="decisions.made",
        access=access,
        subject_kind=about.kind,
        subject_id=about.id,
        details={
            "decision": str(made.id),
            "kind": kind,
            "outcome": made.outcome,
            "pack_version": str(booked.version_id),
        },
    )
    return made


@transaction.atomic
def take_on(
    *,
    rows_sql: LiteralString,
    parameters: Sequence[str | int | UUID | date],
    file: TakeOnFile,
    access: Access,
    at: datetime,
) -> int:
    """Take on an older system's decisions that a query yields, in one statement; return how many.

    rows_sql: a SELECT of (decision_id, award_id, person_id, on_date, reference, amount), in this
    order; `reference` is the row's mark in the file. Each decision keeps the file, its control
    totals and who signed for it (invariant 2). The caller has compared the totals.
    """
    access.require(Right.CLAIM_APPROVE)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO decisions_decision
              (id, kind, subject_kind, subject_id, person_id, decision_name, on_date, known_at,
               inputs, outcome, value, reasons, missing, trace, decided_at, decided_by)
            SELECT old.decision_id, 'take-on', 'award', old.award_id, old.person_id, 'take-on',
                   old.on_date, %s,
                   jsonb_build_object(
                     'amount', jsonb_build_object(
                       'value', jsonb_build_object('number', old.amount::text),
                       'source', 'file', 'facts', '[]'::jsonb),
                     'reference', jsonb_build_object(
                       'value', old.reference, 'source', 'file', 'facts', '[]'::jsonb)
                   ) || %s::jsonb,
                   'granted', jsonb_build_object('number', old.amount::text),
                   '[]'::jsonb, '[]'::jsonb, '', %s, %s
              FROM ({rows_sql}) AS old
                   (decision_id, award_id, person_id, on_date, reference, amount)
            """,  # noqa: S608 - our own SQL: LiteralString admits no outside text
            [at, json.dumps(freeze_inputs(file.as_inputs())), at, access.actor_id, *parameters],
        )
        count = int(cursor.rowcount)
    record(
        kind="decisions.taken_on",
        access=access,
        subject_kind="received-file",
        subject_id=file.received_file_id,
        details={"decisions": count},
    )
    return count
