"""A DMN model as its author wrote it: frozen, nothing compiled, nothing resolved but names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class LiteralExpression:
    id: str
    text: str
    type_ref: str = ""


@dataclass(frozen=True, slots=True)
class InputClause:
    id: str
    label: str
    expression: LiteralExpression
    values: str = ""


@dataclass(frozen=True, slots=True)
class OutputClause:
    id: str
    name: str
    label: str
    type_ref: str
    values: str = ""
    default: LiteralExpression | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: cells in the order of the clauses, annotations in the order of their columns."""

    id: str
    description: str
    tests: tuple[LiteralExpression, ...]
    outputs: tuple[LiteralExpression, ...]
    annotations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionTable:
    id: str
    type_ref: str
    hit_policy: str
    aggregation: str
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]
    annotations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """name: empty for the entry that gives the result of the whole context."""

    name: str
    type_ref: str
    expression: "Expression"


@dataclass(frozen=True, slots=True)
class BoxedContext:
    id: str
    type_ref: str
    entries: tuple[ContextEntry, ...]


@dataclass(frozen=True, slots=True)
class BoxedInvocation:
    id: str
    type_ref: str
    function: LiteralExpression
    bindings: tuple[tuple[str, "Expression"], ...]


@dataclass(frozen=True, slots=True)
class BoxedList:
    id: str
    type_ref: str
    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Relation:
    id: str
    type_ref: str
    columns: tuple[str, ...]
    rows: tuple[tuple["Expression", ...], ...]


@dataclass(frozen=True, slots=True)
class FormalParameter:
    name: str
    type_ref: str


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    id: str
    type_ref: str
    parameters: tuple[FormalParameter, ...]
    body: "Expression | None"
    # FEEL, or what this engine refuses to call: Java, PMML.
    kind: str = "FEEL"


@dataclass(frozen=True, slots=True)
class Conditional:
    id: str
    type_ref: str
    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"


@dataclass(frozen=True, slots=True)
class Iteration:
    """kind: for, some or every. body: what is returned, or what must be satisfied."""

    id: str
    type_ref: str
    kind: str
    variable: str
    source: "Expression"
    body: "Expression"


@dataclass(frozen=True, slots=True)
class BoxedFilter:
    id: str
    type_ref: str
    source: "Expression"
    match: "Expression"


Expression: TypeAlias = (
    LiteralExpression
    | DecisionTable
    | BoxedContext
    | BoxedInvocation
    | BoxedList
    | Relation
    | FunctionDefinition
    | Conditional
    | Iteration
    | BoxedFilter
)


@dataclass(frozen=True, slots=True)
class InputData:
    id: str
    name: str
    type_ref: str


@dataclass(frozen=True, slots=True)
class Decision:
    """information and knowledge: what it requires, as references (namespace, id).

    law: the names of the knowledge sources it cites.
    """

    id: str
    name: str
    type_ref: str
    information: tuple[tuple[str, str], ...]
    knowledge: tuple[tuple[str, str], ...]
    law: tuple[str, ...]
    description: str
    logic: Expression | None


@dataclass(frozen=True, slots=True)
class BusinessKnowledge:
    id: str
    name: str
    type_ref: str
    knowledge: tuple[tuple[str, str], ...]
    law: tuple[str, ...]
    logic: FunctionDefinition | None


@dataclass(frozen=True, slots=True)
class DecisionService:
    id: str
    name: str
    type_ref: str
    outputs: tuple[tuple[str, str], ...]
    encapsulated: tuple[tuple[str, str], ...]
    input_decisions: tuple[tuple[str, str], ...]
    input_data: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """function: parameter and result type references, for a function type."""

    name: str
    type_ref: str
    is_collection: bool
    components: tuple["ItemDefinition", ...] = ()
    allowed: str = ""
    constraint: str = ""
    function: tuple[tuple[str, ...], str] | None = None


@dataclass(frozen=True, slots=True)
class Import:
    name: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Model:
    namespace: str
    name: str
    where: str
    imports: tuple[Import, ...]
    types: tuple[ItemDefinition, ...]
    inputs: Mapping[str, InputData] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    knowledge: Mapping[str, BusinessKnowledge] = field(default_factory=dict)
    services: Mapping[str, DecisionService] = field(default_factory=dict)
