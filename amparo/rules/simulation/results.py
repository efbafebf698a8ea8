"""What a simulation found, as values; every amount is exact."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

# "not computed": a row outside the ranges a plan may assume, an error of a rule, an amount that
# cannot be paid. Like "undetermined" it is neither a yes nor a no, and is shown as unknown.
State: TypeAlias = Literal["granted", "refused", "undetermined", "not computed"]
STATES: Final[tuple[State, ...]] = ("granted", "refused", "undetermined", "not computed")
KNOWN: Final = frozenset({"granted", "refused"})

PER_YEAR: Final[Mapping[str, int]] = {"monthly": 12, "quarterly": 4, "yearly": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """Amounts of those who are granted one. quantiles: by percent, the nearest rank.

    gini: 0 where all amounts are equal; None where nobody is granted anything.
    """

    count: int
    total: Decimal
    quantiles: Mapping[int, Decimal]
    gini: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two packs and what it answers.

    cost_month: of what is granted, in the average month; None for a benefit paid once.
    missing: for each fact, how many undetermined cases want it. set_aside, failed: why cases were
    not computed, by column or by code of the error. by_interpreter: per decision, the cases that
    the columns left to the interpreter. refusals: why whole decisions were.
    """

    scheme: str
    version: str
    pack_hash: str
    frequency: str
    states: Mapping[State, int]
    cost_month: Decimal | None
    paid: Distribution
    missing: Mapping[str, int]
    set_aside: Mapping[str, int]
    failed: Mapping[str, int]
    by_interpreter: Mapping[str, int]
    refusals: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What the change does to people of one kind. won, lost: sums of a period, neither negative.

    unknown: cases whose answer is not known on one side or both; they are in no other count.
    """

    name: str
    cases: int
    winners: int
    won: Decimal
    losers: int
    lost: Decimal
    same: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """A case that gains or loses much. before, after: 0 where refused.

    traces: those of eligibility and of the amount, of each side.
    """

    reference: str
    sex: str
    age_band: str
    region: str
    before_state: str
    after_state: str
    before: Decimal
    after: Decimal
    change: Decimal
    before_traces: tuple[Mapping[str, Any], ...]
    after_traces: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """Two packs on one day over one population.

    period: what amounts are for: "monthly", "yearly" … or "once". difference_month: over cases
    known on both sides only; it is cost after less cost before where all are. moves: how many
    cases go from a state to another. groups: by "all", "sex", "age" and "region".
    affected: empty where traces of single cases may not be shown.
    """

    benefit: str
    title: str
    currency: str
    on: date
    as_new: bool
    origin: str
    cases: int
    period: str
    before: Side
    after: Side
    difference_month: Decimal | None
    difference: Decimal
    moves: Mapping[tuple[str, str], int]
    groups: Mapping[str, tuple[Group, ...]]
    affected: tuple[Affected, ...]
