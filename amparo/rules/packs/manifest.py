"""scheme.toml: what a pack is, what it decides, and what the process around it must know.

Sources of inputs are declared words, ``room.fact``: ``register.date_of_birth``,
``register.is_resident``, ``register.age``, ``claim.date``, ``claim.<what the claimant states>``,
``declaration.month``, ``declaration.wage``, ``account.contributed_months``,
``account.total_insurable_earnings``, ``awards.other_pension_amount``, ``officer.<what an officer
finds>``. The engine does not act on them; the process that asks does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal, TypeAlias, cast

from amparo.rules.packs.applicability import Applicability
from amparo.rules.packs.texts import Table, read_toml

MANIFEST: Final = "scheme.toml"
DecisionKind: TypeAlias = Literal["eligibility", "amount", "assessment", "lookup"]
KINDS: Final = ("eligibility", "amount", "assessment", "lookup")
FREQUENCIES: Final = ("monthly", "quarterly", "yearly", "once")
APPROVALS: Final = ("officer", "officer+approver", "straight-through")


@dataclass(frozen=True, slots=True)
class Input:
    """A fact a decision needs. type: its FEEL type, from the model.

    source: where the process gets it, such as "register.date_of_birth" or "claim".
    is_required: whether the process must ask for it; a fact that stays unknown may still be null.
    left_out: what an entry of a context means that is not in it, such as false for a circumstance
    nobody claims. Every other entry left out is not known.
    is_result: the model computes it; where the process has found it already, that is taken.
    """

    name: str
    type: str
    is_required: bool
    titles: Mapping[str, str]
    source: str
    left_out: Mapping[str, bool | str | Decimal]
    is_result: bool

    @property
    def title(self) -> str:
        return self.titles["en"]


@dataclass(frozen=True, slots=True)
class DeclaredDecision:
    """A decision the pack answers for.

    parameters_on: the input whose date (a date, text YYYY-MM or YYYY-Www, or a year as a number)
    chooses the parameters; empty when the date asked does. year_begins: month and day on which a
    year given as a number begins, such as 6 April. granted_by: the entry of an eligibility result
    that says yes or no.
    """

    name: str
    kind: DecisionKind
    titles: Mapping[str, str]
    inputs: tuple[Input, ...]
    parameters_on: str
    year_begins: tuple[int, int]
    granted_by: str

    @property
    def title(self) -> str:
        return self.titles["en"]

    def input(self, name: str) -> Input:
        return next(known for known in self.inputs if known.name == name)


@dataclass(frozen=True, slots=True)
class Benefit:
    """A benefit a person can claim. component: the code of what an award of it pays.

    repeats: whether a person may hold it several times at once, such as a survivor's pension for
    each of two deceased. Where it does not repeat, one live award per person is the law.
    follows_rates: whether an award in payment follows the parameters of each day; otherwise those
    of the day the right arose hold for it.
    """

    code: str
    titles: Mapping[str, str]
    eligibility: str
    amount: str
    component: str
    frequency: str
    repeats: bool
    follows_rates: bool

    @property
    def title(self) -> str:
        return self.titles["en"]


@dataclass(frozen=True, slots=True)
class Process:
    """What the law says of the way to a decision.

    decision_days, appeal_days: statutory periods in days. approval: who must agree.
    backdating_months: how many months before the month of the claim a benefit may start at the
    earliest; 0: not before the month of the claim. law: the articles of all of these.
    """

    decision_days: int
    appeal_days: int
    approval: str
    backdating_months: int
    law: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """applicability: the transitional clause; None where the version is for every case."""

    scheme: str
    version: str
    titles: Mapping[str, str]
    country: str
    currency: str
    valid_from: date
    applicability: Applicability | None
    authority: str
    model: str
    inputs: tuple[Input, ...]
    decisions: tuple[DeclaredDecision, ...]
    benefits: tuple[Benefit, ...]
    process: Process | None

    def decision(self, name: str) -> DeclaredDecision | None:
        return next((known for known in self.decisions if known.name == name), None)


def read_manifest(text: str) -> Manifest:
    """Read the manifest; what only the model knows (types, whose inputs) is not filled in yet."""
    table = Table(read_toml(text, where=MANIFEST), MANIFEST)
    starts = table.day("valid_from")
    if starts is None:  # pragma: no cover - TOML has no null
        raise table.refuse("valid_from is empty", "Give a date.")
    manifest = Manifest(
        scheme=table.string("scheme"),
        version=table.string("version"),
        titles=table.texts("title"),
        country=table.string("country"),
        currency=table.string("currency"),
        valid_from=starts,
        applicability=_applicability(table),
        authority=table.string("authority"),
        model=table.string("model"),
        inputs=tuple(_input(item) for item in table.tables("input")),
        decisions=tuple(_decision(item) for item in table.tables("decision")),
        benefits=tuple(_benefit(item) for item in table.tables("benefit")),
        process=_process(table),
    )
    table.finish()
    _check_references(manifest, table)
    return manifest


def _input(table: Table) -> Input:
    item = Input(
        name=table.string("name"),
        type="",
        is_required=table.boolean("required", default=True),
        titles=table.texts("title"),
        source=table.string("from"),
        left_out=_left_out(table),
        is_result=False,
    )
    table.finish()
    return item


def _left_out(table: Table) -> dict[str, bool | str | Decimal]:
    meanings = table.anything("left_out", {})
    if not isinstance(meanings, dict):
        raise table.refuse("left_out is no table", "Write { entry = value }.")
    for name, value in meanings.items():
        if not isinstance(value, bool | str | int | Decimal):
            message = f"left_out gives {name} a {type(value).__name__}"
            raise table.refuse(message, "Give a boolean, a number or a text.")
    return {
        name: Decimal(value) if type(value) is int else value for name, value in meanings.items()
    }


def _year_begins(table: Table) -> tuple[int, int]:
    text = table.string("year_begins", "01-01")
    try:
        # A year without a 29 February: the day must be there in every year.
        first = date.fromisoformat(f"2001-{text}")
    except ValueError as error:
        raise table.refuse(f"year_begins is {text}", "Write MM-DD, such as 04-06.") from error
    return first.month, first.day


def _one_of(table: Table, key: str, allowed: tuple[str, ...]) -> str:
    value = table.string(key)
    if value not in allowed:
        raise table.refuse(f"{key} is {value}", f"Use one of: {', '.join(allowed)}.")
    return value


def _decision(table: Table) -> DeclaredDecision:
    item = DeclaredDecision(
        name=table.string("name"),
        kind=cast("DecisionKind", _one_of(table, "kind", KINDS)),
        titles=table.texts("title"),
        inputs=(),
        parameters_on=table.string("parameters_on", ""),
        year_begins=_year_begins(table),
        granted_by=table.string("granted_by", "eligible"),
    )
    table.finish()
    return item


def _benefit(table: Table) -> Benefit:
    item = Benefit(
        code=table.string("code"),
        titles=table.texts("title"),
        eligibility=table.string("eligibility"),
        amount=table.string("amount"),
        component=table.string("component"),
        frequency=_one_of(table, "frequency", FREQUENCIES),
        repeats=table.boolean("repeats", default=False),
        follows_rates=table.boolean("follows_rates", default=False),
    )
    table.finish()
    return item


def _applicability(manifest: Table) -> Applicability | None:
    content = manifest.anything("applicability", None)
    if content is None:
        return None
    return Applicability.read(Table(content, f"{manifest.where}, applicability"))


def _process(manifest: Table) -> Process | None:
    """Read the process; a pack without benefits (contributions alone) may leave it out."""
    content = manifest.anything("process", None)
    if content is None:
        return None
    table = Table(content, f"{manifest.where}, process")
    item = Process(
        decision_days=table.whole("decision_days"),
        appeal_days=table.whole("appeal_days"),
        approval=_one_of(table, "approval", APPROVALS),
        backdating_months=table.whole("backdating_months", 0),
        law=table.string("law"),
    )
    table.finish()
    if item.backdating_months < 0:
        message = f"backdating_months is {item.backdating_months}"
        raise table.refuse(message, "Write 0, or the months the law allows.")
    return item


def _check_references(manifest: Manifest, table: Table) -> None:
    if manifest.benefits and manifest.process is None:
        raise table.refuse("A pack with benefits needs a process", "Add the table process.")
    for benefit in manifest.benefits:
        for name, kind in ((benefit.eligibility, "eligibility"), (benefit.amount, "amount")):
            decision = manifest.decision(name)
            if decision is None or decision.kind != kind:
                message = f"Benefit {benefit.code} names {name}, which is no {kind} decision"
                raise table.refuse(message, "Declare the decision, or correct the benefit.")
