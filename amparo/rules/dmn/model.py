"""A DMN model as its author wrote it: frozen, nothing compiled, nothing resolved but names.

Every element carries in ``kept`` what its file says beyond the fields the engine reads, so that
writing a model loses nothing. To edit, use ``dataclasses.replace``: what is kept stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Kept:
    """What an element's file says beyond the model's fields.

    attributes: sorted; names carry their namespace in braces. elements: children as XML text.
    comments: with their place among the children. parts: the same of children held as a
    text or a reference only, by their name and, of a reference, its target.
    """

    attributes: tuple[tuple[str, str], ...] = ()
    elements: tuple[str, ...] = ()
    comments: tuple[tuple[int, str], ...] = ()
    parts: tuple[tuple[str, "Kept"], ...] = ()

    def part(self, name: str) -> "Kept | None":
        return next((kept for known, kept in self.parts if known == name), None)


NOTHING: Final = Kept()
DEFAULT_LABEL: Final = "output"


@dataclass(frozen=True, slots=True)
class LiteralExpression:
    id: str
    text: str
    type_ref: str = ""
    kept: Kept = NOTHING


@dataclass(frozen=True, slots=True)
class InputClause:
    """own_label: as written; empty where the expression serves."""

    id: str
    own_label: str
    expression: LiteralExpression
    values: str = ""
    kept: Kept = NOTHING

    @property
    def label(self) -> str:
        return self.own_label or self.expression.text


@dataclass(frozen=True, slots=True)
class OutputClause:
    """own_label: as written; empty where the name serves."""

    id: str
    name: str
    own_label: str
    type_ref: str
    values: str = ""
    default: LiteralExpression | None = None
    kept: Kept = NOTHING

    @property
    def label(self) -> str:
        return self.own_label or self.name or DEFAULT_LABEL


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: cells in the order of the clauses, annotations in the order of their columns."""

    id: str
    description: str
    tests: tuple[LiteralExpression, ...]
    outputs: tuple[LiteralExpression, ...]
    annotations: tuple[str, ...] = ()
    kept: Kept = NOTHING


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
    kept: Kept = NOTHING


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """name: empty for the entry that gives the result of the whole context."""

    name: str
    type_ref: str
    expression: "Expression"
    kept: Kept = NOTHING


@dataclass(frozen=True, slots=True)
class BoxedContext:
    id: str
    type_ref: str
    entries: tuple[ContextEntry, ...]
    kept: Kept = NOTHING


@dataclass(frozen=True, slots=True)
class BoxedInvocation:
    id: str
    type_ref: str
    function: LiteralExpression
    bindings: tuple[tuple[str, "Expression"], ...]
    kept: Kept = NOTHING


@dataclass(frozen=True, slots=True)
class BoxedList:
    id: str
    type_ref: str
    items: tuple["Expression", ...]
    kept: Kept = NOTHING


@dataclass(frozen=True, slots=True)
class Relation:
    id: str
    type_ref: str
    columns: tuple[str, ...]
    rows: tuple[tuple["Expression", ...], ...]
    kept: Kept = NOTHING


@dataclass(frozen=True, slots=True)
class FormalParameter:
    name: str
    type_ref: str
    kept: Kept = NOTHING


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    id: str
    type_ref: str
    parameters: tuple[FormalParameter, ...]
    body: "Expression | None"
    # FEEL, or what this engine refuses to call: Java, PMML.
    kind: str = "FEEL"
    kept: Kept = NOTHING


@dataclass(frozen=True, slots=True)
class Conditional:
    id: str
    type_ref: str
    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"
    kept: Kept = NOTHING


@dataclass(frozen=True, slots=True)
class Iteration:
    """kind: for, some or every. body: what is returned, or what must be satisfied."""

    id: str
    type_ref: str
    kind: str
    variable: str
    source: "Expression"
    body: "Expression"
    kept: Kept = NOTHING


@dataclass(frozen=True, slots=True)
class BoxedFilter:
    id: str
    type_ref: str
    source: "Expression"
    match: "Expression"
    kept: Kept = NOTHING


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
class KnowledgeSource:
    """Where a rule has its authority from: an act, an article, a notice."""

    id: str
    name: str
    kept: Kept = NOTHING


@dataclass(frozen=True, slots=True)
class InputData:
    id: str
    name: str
    type_ref: str
    kept: Kept = NOTHING


@dataclass(frozen=True, slots=True)
class Decision:
    """information and knowledge: what it requires, as references (namespace, id).

    law: the names of the knowledge sources it cites. authority: the references to them.
    """

    id: str
    name: str
    type_ref: str
    information: tuple[tuple[str, str], ...]
    knowledge: tuple[tuple[str, str], ...]
    law: tuple[str, ...]
    description: str
    logic: Expression | None
    authority: tuple[tuple[str, str], ...] = ()
    kept: Kept = NOTHING


@dataclass(frozen=True, slots=True)
class BusinessKnowledge:
    id: str
    name: str
    type_ref: str
    knowledge: tuple[tuple[str, str], ...]
    law: tuple[str, ...]
    logic: FunctionDefinition | None
    authority: tuple[tuple[str, str], ...] = ()
    kept: Kept = NOTHING


@dataclass(frozen=True, slots=True)
class DecisionService:
    id: str
    name: str
    type_ref: str
    outputs: tuple[tuple[str, str], ...]
    encapsulated: tuple[tuple[str, str], ...]
    input_decisions: tuple[tuple[str, str], ...]
    input_data: tuple[tuple[str, str], ...]
    kept: Kept = NOTHING


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
    kept: Kept = NOTHING


@dataclass(frozen=True, slots=True)
class Import:
    """An import without a name brings the other model's elements in by their own names."""

    name: str
    namespace: str
    kept: Kept = NOTHING


@dataclass(frozen=True, slots=True)
class Model:
    """A file. order: the ids of all elements as the file has them.

    prefixes: the namespaces its root declares. preamble: comments before the root.
    """

    namespace: str
    name: str
    where: str
    imports: tuple[Import, ...]
    types: tuple[ItemDefinition, ...]
    inputs: Mapping[str, InputData] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    knowledge: Mapping[str, BusinessKnowledge] = field(default_factory=dict)
    services: Mapping[str, DecisionService] = field(default_factory=dict)
    sources: Mapping[str, KnowledgeSource] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    prefixes: tuple[tuple[str, str], ...] = ()
    preamble: tuple[str, ...] = ()
    kept: Kept = NOTHING
