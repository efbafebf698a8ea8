"""Answers about decisions: what was decided and why, and whether it can be decided again.

A decision's explanation is read from its kept trace alone, so it can be given decades later. To
reproduce a decision, the very pack version is asked again with the frozen facts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from amparo.delivery.decisions.freezing import DecisionInput, freeze, thaw, thaw_inputs
from amparo.delivery.decisions.models import Decision
from amparo.delivery.decisions.tracing import read_trace, trace_text
from amparo.journal.reading import reading
from amparo.rules.book.queries import BookedPack, version
from amparo.rules.trace import Explanation
from amparo.values import Access, Right


class NoSuchDecision(Exception):
    """There is no decision with this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealRoute:
    """Where and until when a decision can be appealed. law: where the law says so."""

    authority: str
    days: int
    law: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """A decision with its frozen facts, its explanation, and how to appeal it.

    version_id, scheme, version, explanation, appeal: None or "" for a take-on decision, which
    rests on the file named in `inputs` and on nobody's rules. inputs: value and source by name.
    """

    id: UUID
    kind: str
    subject_kind: str
    subject_id: UUID
    person_id: UUID | None
    decision_name: str
    outcome: str
    value: Any
    on_date: date
    known_at: datetime
    decided_at: datetime
    decided_by: UUID
    supersedes_id: UUID | None
    version_id: UUID | None
    scheme: str
    version: str
    inputs: Mapping[str, DecisionInput]
    missing: tuple[str, ...]
    explanation: Explanation | None
    appeal: AppealRoute | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A part of a decision that came out otherwise; as JSON."""

    part: str
    kept: Any
    again: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """What came of deciding again on the frozen facts. is_equal: to the byte of the trace."""

    decision_id: UUID
    is_equal: bool
    differences: tuple[Difference, ...]


def decision_record(*, decision_id: UUID, access: Access, language: str = "en") -> DecisionRecord:
    """Return one decision explained in the asked language. Raises NoSuchDecision."""
    with _reading_about(decision_id, access=access):
        return explained(Decision.objects.get(id=decision_id), language=language)


def reproduce(*, decision_id: UUID, access: Access) -> Reproduction:
    """Decide again with the kept pack, dates and frozen facts, and compare.

    A take-on decision was made by an older system and cannot be made again: it is never equal.
    Raises NoSuchDecision, PackAltered.
    """
    with _reading_about(decision_id, access=access):
        kept = Decision.objects.get(id=decision_id)
    if kept.pack_version_id is None:
        part = Difference(part="pack_version", kept=None, again=None)
        return Reproduction(decision_id=kept.id, is_equal=False, differences=(part,))
    result = version(version_id=kept.pack_version_id).pack.evaluate(
        kept.decision_name,
        {name: given.value for name, given in thaw_inputs(kept.inputs).items()},
        on=kept.on_date,
        known_at=kept.known_at,
        trace=True,
    )
    parts = (
        ("outcome", kept.outcome, result.outcome),
        ("value", kept.value, freeze(result.value)),
        ("missing", kept.missing, list(result.missing)),
        ("trace", kept.trace, trace_text(result.trace)),
    )
    differences = tuple(
        Difference(part=part, kept=before, again=after)
        for part, before, after in parts
        if before != after
    )
    return Reproduction(decision_id=kept.id, is_equal=not differences, differences=differences)


def explained(decision: Decision, *, language: str) -> DecisionRecord:
    """Return a decision that the caller has read already, inside its own `reading`."""
    booked = version(version_id=decision.pack_version_id) if decision.pack_version_id else None
    return DecisionRecord(
        id=decision.id,
        kind=decision.kind,
        subject_kind=decision.subject_kind,
        subject_id=decision.subject_id,
        person_id=decision.person_id,
        decision_name=decision.decision_name,
        outcome=decision.outcome,
        value=thaw(decision.value),
        on_date=decision.on_date,
        known_at=decision.known_at,
        decided_at=decision.decided_at,
        decided_by=decision.decided_by,
        supersedes_id=decision.supersedes_id,
        version_id=decision.pack_version_id,
        scheme=booked.scheme if booked else "",
        version=booked.version if booked else "",
        inputs=thaw_inputs(decision.inputs),
        missing=tuple(decision.missing),
        explanation=(
            booked.pack.explain(read_trace(decision.trace), language=language) if booked else None
        ),
        appeal=_appeal(booked) if booked else None,
    )


def pack_of(decision: Decision) -> BookedPack:
    """Return the very pack that decided. Raises NoSuchDecision for a take-on decision."""
    if decision.pack_version_id is None:
        raise NoSuchDecision(_("An older system made this decision; no pack here did."))
    return version(version_id=decision.pack_version_id)


def _appeal(booked: BookedPack) -> AppealRoute | None:
    """Return the route the pack states; a pack without benefits may state none."""
    manifest = booked.pack.manifest
    if manifest.process is None:
        return None
    return AppealRoute(
        authority=manifest.authority,
        days=manifest.process.appeal_days,
        law=manifest.process.law,
    )


def _reading_about(decision_id: UUID, *, access: Access) -> Any:
    """Open the rows of the person whom a decision is about. Raises NoSuchDecision."""
    access.require(Right.CLAIM_READ)
    with connection.cursor() as cursor:
        cursor.execute("SELECT decisions_person_of(%s)", [decision_id])
        person_id = cursor.fetchone()[0]
    if person_id is None:
        raise NoSuchDecision(
            _("There is no decision at this address. Open it from its claim or award.")
        )
    return reading(
        access=access,
        right=Right.CLAIM_READ,
        subject_kind="person",
        subject_id=person_id,
        details={"decision": str(decision_id)},
    )
