"""Pairs of records that may be one person's, as plain values: what comes in, what is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

from amparo.register.records import FactTimes, PersonSummary

REVIEW_SOURCES: Final = ("online", "sweep", "officer")
REVIEW_DECISIONS: Final = ("same", "different", "unsure")

# Whose word holds where two records of one person differ, or whose a later fact is.
Side = Literal["survivor", "merged"]
SIDES: Final[tuple[Side, ...]] = ("survivor", "merged")


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelyPair:
    """Two persons who may be one, as found. Their order does not matter.

    score: the probability that they are one, from 0 to 1; None where a person saw the likeness.
    evidence: by field what agrees or differs, with its weight; no name, number or date, for those
    stand in the register. model_hash: the model that weighed it, empty without one.
    """

    pair: tuple[UUID, UUID]
    score: Decimal | None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    model_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewSummary:
    """A pair as a line of the queue, each side as it is known now.

    are_linked: whether the two are known to be one person by now.
    """

    review_id: UUID
    first: PersonSummary
    second: PersonSummary
    score: Decimal | None
    source: str
    money_at_stake: Decimal
    priority: Decimal
    opened_at: datetime
    state: str
    are_linked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Facts of one kind of two records that cannot both be true.

    kind: the kind of fact; survivor, merged: what each says, its values by field.
    """

    kind: str
    survivor: Mapping[str, str]
    merged: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidOfPair:
    """What two records say in one respect: none, one or several values each."""

    kind: str
    field: str
    first: tuple[str, ...]
    second: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRecord:
    """A review whole: what was found, what was decided, and what was decided of the pair before.

    said: what the two records say now, each for itself. relatives and households are named.
    differing: the kinds of fact of which both cannot be right.
    """

    summary: ReviewSummary
    said: tuple[SaidOfPair, ...]
    differing: tuple[Difference, ...]
    evidence: Mapping[str, Any]
    model_hash: str
    opened_by: UUID
    decided_at: datetime | None
    decided_by: UUID | None
    reason: str
    earlier: Sequence["EarlierReview"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierReview:
    review_id: UUID
    state: str
    source: str
    opened_at: datetime
    decided_at: datetime | None
    decided_by: UUID | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterFact:
    """A fact written on the surviving record after a merge: whose it is must be said to undo it."""

    kind: str
    fact_id: UUID
    values: Mapping[str, str]
    times: FactTimes


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRecord:
    """A merge, or its undoing, as proposed and as decided."""

    proposal_id: UUID
    kind: str
    review_id: UUID
    undoes: UUID | None
    merged: PersonSummary
    survivor: PersonSummary
    choices: Mapping[str, str]
    evidence: str
    reference: str
    reason: str
    proposed_at: datetime
    proposed_by: UUID
    state: str
    decided_at: datetime | None
    decided_by: UUID | None
    decided_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRecord:
    """A merge that was approved. undone_at: None while the two records are one person's.

    merged, survivor: the two records, each as it stands for itself.
    """

    link_id: UUID
    review_id: UUID
    merged: PersonSummary
    survivor: PersonSummary
    proposed_by: UUID
    reason: str
    recorded_at: datetime
    recorded_by: UUID
    undone_at: datetime | None
    undone_by: UUID | None
