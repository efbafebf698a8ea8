"""What the lowering hands to an emitter: columns in relations, each resting on earlier ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from amparo.rules.feel.diagnostics import Span
from amparo.rules.ir.nodes import Expr, Relation
from amparo.rules.ir.types import ColumnType


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a decision runs in the interpreter. span: place in the text ``source``."""

    decision: str
    where: str
    source: str
    span: Span | None
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Step:
    """A computed column. It may use inputs and steps that stand before it."""

    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class ItemRelation:
    """The items of a list column, one row an item, joined to the claim it belongs to.

    fields: the columns an item brings, by the name of its field; "" for a list of plain values.
    captured: columns of the claim that its steps use.
    """

    number: Relation
    list_column: str
    fields: Mapping[str, tuple[str, ColumnType]]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """All columns to compute. inputs: those of the source, typed.

    results: the columns that are asked for, in order.
    """

    inputs: Mapping[str, ColumnType]
    steps: tuple[Step, ...]
    items: Mapping[Relation, ItemRelation] = field(default_factory=dict)
    results: tuple[str, ...] = ()
