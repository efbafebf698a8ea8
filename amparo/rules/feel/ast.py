"""The typed tree of a FEEL expression: what the parser promises to everything behind it.

Every node is frozen and knows its span in the source text. Names are already resolved: a name
with spaces is one ``Name`` node, written with single spaces between its parts.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from amparo.rules.feel.diagnostics import Span
from amparo.rules.feel.temporal import Temporal
from amparo.rules.feel.types import FeelType

ArithmeticOperator: TypeAlias = Literal["+", "-", "*", "/", "**"]
ComparisonOperator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Node:
    span: Span


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A number, string, boolean, null or @"…" literal."""

    value: Decimal | str | bool | Temporal | None


@dataclass(frozen=True, slots=True)
class Name(Node):
    """is_builtin: it can stand for nothing but the built-in function of that name."""

    name: str
    is_builtin: bool = False


@dataclass(frozen=True, slots=True)
class Path(Node):
    source: "Node"
    member: str


@dataclass(frozen=True, slots=True)
class Negation(Node):
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    operator: ArithmeticOperator
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    operator: ComparisonOperator
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Logical(Node):
    operator: Literal["and", "or"]
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Between(Node):
    value: "Node"
    low: "Node"
    high: "Node"


@dataclass(frozen=True, slots=True)
class In(Node):
    value: "Node"
    tests: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class UnaryTest(Node):
    """A test such as ``< 5``; the value under test is on its left."""

    operator: ComparisonOperator
    operand: "Node"


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """A table cell: any of its tests must hold, or with ``not(…)`` none."""

    tests: tuple["Node", ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Dash(Node):
    """The cell ``-``: irrelevant, always true."""


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    value: "Node"
    type: FeelType


@dataclass(frozen=True, slots=True)
class If(Node):
    condition: "Node"
    then: "Node"
    otherwise: "Node"


@dataclass(frozen=True, slots=True)
class Iterator:
    """One ``name in list`` or ``name in start..end``."""

    name: str
    source: Node
    end: Node | None = None


@dataclass(frozen=True, slots=True)
class For(Node):
    iterators: tuple[Iterator, ...]
    result: "Node"


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    kind: Literal["some", "every"]
    iterators: tuple[Iterator, ...]
    condition: "Node"


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    entries: tuple[tuple[str, "Node"], ...]


@dataclass(frozen=True, slots=True)
class RangeLiteral(Node):
    low: "Node"
    high: "Node"
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: FeelType


@dataclass(frozen=True, slots=True)
class FunctionLiteral(Node):
    parameters: tuple[Parameter, ...]
    body: "Node"


@dataclass(frozen=True, slots=True)
class Invocation(Node):
    """A call; either every argument is named or none is."""

    function: "Node"
    arguments: tuple["Node", ...]
    names: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Filter(Node):
    source: "Node"
    condition: "Node"
