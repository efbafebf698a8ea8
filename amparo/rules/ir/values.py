"""What an expression comes to while it is lowered: a column, or a shape made of columns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from amparo.rules.feel.types import FeelType
from amparo.rules.ir.nodes import FALSE, TRUE, Expr, Relation


@dataclass(frozen=True, slots=True)
class Context:
    """A context as columns. absent: where the whole is null; then every entry is null, too."""

    entries: Mapping[str, "Value"]
    absent: Expr = FALSE


@dataclass(frozen=True, slots=True)
class Listed:
    """A list written out: the same places on every row.

    present: whether an item is there; where not, what stands in its place is never read.
    absent: where the list itself is null; no item is there. last: the last item that is there,
    null for none, where that is at hand.
    """

    items: tuple["Value", ...]
    present: tuple[Expr, ...]
    absent: Expr = FALSE
    last: "Value | None" = None

    @classmethod
    def of(cls, items: "Sequence[Value]") -> "Listed":
        return cls(tuple(items), (TRUE,) * len(items))


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a list column, or some of them.

    absent: where the list itself is null (a column of the claim). where: which items there are
    (a column of the item; TRUE for all), none where the list is null. item: what stands for each.
    rank: their order, from 1, where they were sorted; else that of the list. has_order: False
    where it differs from row to row, and nothing may ask for it.
    """

    relation: Relation
    absent: Expr
    where: Expr
    item: "Value"
    max_items: int
    rank: Expr | None = None
    has_order: bool = True


@dataclass(frozen=True, slots=True)
class Joined:
    """Lists one after the other. absent: where one of them is null, and so the whole."""

    parts: "tuple[Items | Listed, ...]"
    absent: Expr


@dataclass(frozen=True, slots=True)
class Interval:
    """A FEEL range. absent: where it is null, because an end is.

    test: "=" or "!=" for a test of one point.
    """

    low: Expr | None
    high: Expr | None
    low_included: bool
    high_included: bool
    absent: Expr = FALSE
    test: str = ""


@dataclass(frozen=True, slots=True)
class Closure:
    """A function of the model; calling it lowers its body with the arguments in place."""

    name: str
    parameters: tuple[tuple[str, FeelType], ...]
    body: "Callable[[Env], Lowered]"
    env: "Env"
    kind: FeelType


Value: TypeAlias = Expr | Context | Listed | Items | Joined | Interval | Closure


@dataclass(frozen=True, slots=True)
class Lowered:
    """A value and its doubt: where evaluating it rested on missing data. Never null."""

    value: Value
    doubt: Expr = FALSE


class Env:
    """Names and their values, inside out."""

    __slots__ = ("names", "outer")

    def __init__(self, names: Mapping[str, Value], outer: "Env | None" = None) -> None:
        self.names = names
        self.outer = outer

    def inner(self, names: Mapping[str, Value]) -> "Env":
        return Env(names, self)

    def find(self, name: str) -> Value | None:
        env: Env | None = self
        while env is not None:
            if name in env.names:
                return env.names[name]
            env = env.outer
        return None
