"""Write a model as DMN 1.5, valid against the schema of the standard, with all that was kept."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from lxml import etree

from amparo.rules.dmn.model import (
    NOTHING,
    BoxedContext,
    BoxedFilter,
    BoxedInvocation,
    BoxedList,
    BusinessKnowledge,
    Conditional,
    ContextEntry,
    Decision,
    DecisionService,
    DecisionTable,
    Expression,
    FunctionDefinition,
    InputClause,
    InputData,
    ItemDefinition,
    Iteration,
    Kept,
    KnowledgeSource,
    LiteralExpression,
    Model,
    OutputClause,
    Relation,
    Rule,
)
from amparo.rules.dmn.versions import DMN_15

Reference = tuple[str, str]

# The schema wants children in its own order; this is the order of every type in one line.
_ORDER: Final = (
    "description",
    "extensionElements",
    "import",
    "itemDefinition",
    "question",
    "allowedAnswers",
    "formalParameter",
    "parameter",
    "variable",
    "outputDecision",
    "encapsulatedDecision",
    "inputDecision",
    "decision",
    "inputData",
    "businessKnowledgeModel",
    "decisionService",
    "knowledgeSource",
    "group",
    "textAnnotation",
    "association",
    "elementCollection",
    "performanceIndicator",
    "organizationUnit",
    "DMNDI",
    "encapsulatedLogic",
    "informationRequirement",
    "knowledgeRequirement",
    "authorityRequirement",
    "supportedObjective",
    "impactedPerformanceIndicator",
    "decisionMaker",
    "decisionOwner",
    "usingProcess",
    "usingTask",
    "inputExpression",
    "inputValues",
    "outputValues",
    "defaultOutputEntry",
    "inputEntry",
    "outputEntry",
    "annotationEntry",
    "literalExpression",
    "decisionTable",
    "context",
    "invocation",
    "list",
    "relation",
    "functionDefinition",
    "conditional",
    "for",
    "some",
    "every",
    "filter",
    "binding",
    "contextEntry",
    "type",
    "owner",
    "typeRef",
    "allowedValues",
    "typeConstraint",
    "itemComponent",
    "functionItem",
    "parameters",
    "input",
    "output",
    "annotation",
    "rule",
    "in",
    "return",
    "satisfies",
    "match",
    "if",
    "then",
    "else",
    "column",
    "row",
    "text",
)
# Among these the file's own order stays: the schema lets them alternate.
_ALTERNATING: Final = {
    **dict.fromkeys(
        ("decision", "inputData", "businessKnowledgeModel", "decisionService", "knowledgeSource"),
        "decision",
    ),
    **dict.fromkeys(
        (
            "decisionTable",
            "context",
            "invocation",
            "list",
            "relation",
            "functionDefinition",
            "conditional",
            "for",
            "some",
            "every",
            "filter",
        ),
        "literalExpression",
    ),
    **dict.fromkeys(("textAnnotation", "association"), "group"),
    "organizationUnit": "performanceIndicator",
}
_PLACE: Final = {name: place for place, name in enumerate(_ORDER)}
_IDENTIFIER: Final = re.compile(r"[^\W\d][\w.-]*")
_INDENT: Final = "  "
_ROOT: Final = re.compile(r"(<(?:[\w.-]+:)?definitions)((?:\s+[\w:.-]+=\"[^\"]*\")*)\s*(/?>)")
_ATTRIBUTE: Final = re.compile(r'\s+[\w:.-]+="[^"]*"')
_PREFIXES: Final[Mapping[str | None, str]] = {None: DMN_15}


def write_model(model: Model) -> str:
    """Give the file of a model: DMN 1.5, UTF-8, indented, with its declaration."""
    root = _Writer(model).definitions()
    for comment in model.preamble:
        root.addprevious(etree.Comment(comment))
    text = etree.tostring(root.getroottree(), encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_root_in_lines(text)}\n'


def _root_in_lines(text: str) -> str:
    """Break the root's long tag: namespaces, then id and name, then each attribute on its line."""
    found = _ROOT.search(text)
    if found is None:
        return text
    said = [attribute.strip() for attribute in _ATTRIBUTE.findall(found[2])]
    spaces = [one for one in said if one.startswith("xmlns")]
    named = [one for one in said if one.startswith(("id=", "name="))]
    others = [one for one in said if one not in spaces and one not in named]
    lines = [*spaces, *([" ".join(named)] if named else []), *others]
    separator = "\n" + " " * (len(found[1]) + 1)
    tag = f"{found[1]} {separator.join(lines)}"
    return text[: found.start()] + tag + text[found.start(3) :]


def is_identifier(text: str) -> bool:
    """Tell whether a text may be an xsd:ID. The reader numbers rules that have none."""
    return _IDENTIFIER.fullmatch(text) is not None


class _Writer:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.verbatim: set[etree._Element] = set()

    # Building -----------------------------------------------------------------------------

    def element(
        self,
        tag: str,
        attributes: Mapping[str, str],
        kept: Kept = NOTHING,
        children: Iterable[etree._Element] = (),
        nsmap: Mapping[str | None, str] = _PREFIXES,
    ) -> etree._Element:
        """Build an element; attributes that are empty are left out."""
        name = f"{{{DMN_15}}}{tag}"
        element = etree.Element(name, nsmap=nsmap)  # type: ignore[arg-type] # None: no prefix
        said = {key: value for key, value in attributes.items() if value} | dict(kept.attributes)
        for key in sorted(said, key=lambda one: (one != "id", one != "name")):
            element.set(key, said[key])
        inside = [*children, *self.kept_elements(kept)]
        element.extend(sorted(inside, key=_place))
        for place, comment in kept.comments:
            element.insert(place, etree.Comment(comment))
        return element

    def kept_elements(self, kept: Kept) -> Iterator[etree._Element]:
        for text in kept.elements:
            # The text was read by the guarded parser before it was kept.
            element = etree.fromstring(text)
            self.verbatim.add(element)
            yield element

    def text(
        self, tag: str, text: str, attributes: Mapping[str, str] | None = None
    ) -> etree._Element:
        element = self.element(tag, attributes or {})
        element.text = text
        return element

    def texts(self, tag: str, text: str, kept: Kept | None = None) -> Iterator[etree._Element]:
        """Build an element that holds a text element, if there is a text."""
        if text:
            yield self.element(tag, {}, kept or NOTHING, [self.text("text", text)])

    def href(self, reference: Reference) -> str:
        namespace, identifier = reference
        return (
            f"#{identifier}" if namespace == self.model.namespace else f"{namespace}#{identifier}"
        )

    def definitions(self) -> etree._Element:
        model = self.model
        prefixes = {prefix or None: uri for prefix, uri in model.prefixes}
        if DMN_15 not in prefixes.values():
            prefixes[None] = DMN_15
        root = self.element(
            "definitions",
            {"name": model.name, "namespace": model.namespace},
            model.kept,
            (
                *(
                    self.element(
                        "import", {"name": item.name, "namespace": item.namespace}, item.kept
                    )
                    for item in model.imports
                ),
                *(self.item_definition(item, "itemDefinition") for item in model.types),
                *self.elements(),
            ),
            prefixes,
        )
        self.indent(root, 0)
        return root

    def indent(self, element: etree._Element, depth: int) -> None:
        """Lay out all but texts and what is kept as it was."""
        if element in self.verbatim or not len(element):
            return
        element.text = "\n" + _INDENT * (depth + 1)
        for child in element:
            child.tail = element.text
            self.indent(child, depth + 1)
        element[-1].tail = "\n" + _INDENT * depth

    def elements(self) -> Iterator[etree._Element]:
        """Give the elements of the graph in the file's order, new ones at the end."""
        model = self.model
        built = {
            **{item.id: self.source(item) for item in model.sources.values()},
            **{item.id: self.input_data(item) for item in model.inputs.values()},
            **{item.id: self.knowledge(item) for item in model.knowledge.values()},
            **{item.id: self.decision(item) for item in model.decisions.values()},
            **{item.id: self.service(item) for item in model.services.values()},
        }
        known = [identifier for identifier in model.order if identifier in built]
        return (built[identifier] for identifier in dict.fromkeys((*known, *built)))

    # Elements of the graph ----------------------------------------------------------------

    def variable(self, name: str, type_ref: str, kept: Kept) -> Iterator[etree._Element]:
        own = kept.part("variable")
        if own is not None or type_ref:
            attributes = {"name": name, "typeRef": type_ref}
            if own is not None and "name" in dict(own.attributes):
                del attributes["name"]
            yield self.element("variable", attributes, own or NOTHING)

    def source(self, item: KnowledgeSource) -> etree._Element:
        return self.element("knowledgeSource", {"id": item.id, "name": item.name}, item.kept)

    def input_data(self, item: InputData) -> etree._Element:
        return self.element(
            "inputData",
            {"id": item.id, "name": item.name},
            item.kept,
            self.variable(item.name, item.type_ref, item.kept),
        )

    def requirement(
        self, tag: str, target: str, reference: Reference, kept: Kept
    ) -> etree._Element:
        own = kept.part(f"{target} {'#'.join(reference)}") or NOTHING
        return self.element(tag, {}, own, [self.element(target, {"href": self.href(reference)})])

    def information(self, item: Decision) -> Iterator[etree._Element]:
        for reference in item.information:
            target = self.target(reference, item.kept)
            yield self.requirement("informationRequirement", target, reference, item.kept)

    def target(self, reference: Reference, kept: Kept, other: str = "requiredDecision") -> str:
        """Tell what a requirement points to: as the file said, else as the model has it."""
        if reference[0] == self.model.namespace and reference[1] in self.model.inputs:
            return "requiredInput"
        if kept.part(f"requiredInput {'#'.join(reference)}") is not None:
            return "requiredInput"
        return other

    def authorities(self, item: Decision | BusinessKnowledge) -> Iterator[etree._Element]:
        for reference in item.authority:
            is_decision = (
                reference[0] == self.model.namespace and reference[1] in self.model.decisions
            )
            other = "requiredDecision" if is_decision else "requiredAuthority"
            target = self.target(reference, item.kept, other)
            yield self.requirement("authorityRequirement", target, reference, item.kept)

    def known_from(self, item: Decision | BusinessKnowledge) -> Iterator[etree._Element]:
        for reference in item.knowledge:
            yield self.requirement(
                "knowledgeRequirement", "requiredKnowledge", reference, item.kept
            )

    def decision(self, item: Decision) -> etree._Element:
        return self.element(
            "decision",
            {"id": item.id, "name": item.name},
            item.kept,
            (
                *self.described(item.description),
                *self.variable(item.name, item.type_ref, item.kept),
                *self.information(item),
                *self.known_from(item),
                *self.authorities(item),
                *self.maybe(item.logic),
            ),
        )

    def described(self, text: str) -> Iterator[etree._Element]:
        if text:
            yield self.text("description", text)

    def knowledge(self, item: BusinessKnowledge) -> etree._Element:
        logic = () if item.logic is None else (self.function(item.logic, "encapsulatedLogic"),)
        return self.element(
            "businessKnowledgeModel",
            {"id": item.id, "name": item.name},
            item.kept,
            (
                *self.variable(item.name, item.type_ref, item.kept),
                *logic,
                *self.known_from(item),
                *self.authorities(item),
            ),
        )

    def service(self, item: DecisionService) -> etree._Element:
        references: tuple[tuple[str, Sequence[Reference]], ...] = (
            ("outputDecision", item.outputs),
            ("encapsulatedDecision", item.encapsulated),
            ("inputDecision", item.input_decisions),
            ("inputData", item.input_data),
        )
        return self.element(
            "decisionService",
            {"id": item.id, "name": item.name},
            item.kept,
            (
                *self.variable(item.name, item.type_ref, item.kept),
                *(
                    self.element(tag, {"href": self.href(reference)})
                    for tag, targets in references
                    for reference in targets
                ),
            ),
        )

    def item_definition(self, item: ItemDefinition, tag: str) -> etree._Element:
        collection = {"isCollection": "true"} if item.is_collection else {}
        return self.element(
            tag,
            {"name": item.name, **collection},
            item.kept,
            (
                *([self.text("typeRef", item.type_ref)] if item.type_ref else []),
                *self.texts("allowedValues", item.allowed, item.kept.part("allowedValues")),
                *self.texts("typeConstraint", item.constraint, item.kept.part("typeConstraint")),
                *(self.item_definition(part, "itemComponent") for part in item.components),
                *self.function_item(item),
            ),
        )

    def function_item(self, item: ItemDefinition) -> Iterator[etree._Element]:
        if item.function is None:
            return
        parameters, result = item.function
        kept = item.kept.part("functionItem") or NOTHING
        named = [part for name, part in kept.parts if name == "parameters"]
        yield self.element(
            "functionItem",
            {"outputTypeRef": result},
            kept,
            (
                self.element(
                    "parameters",
                    {"typeRef": type_ref},
                    named[place] if place < len(named) else NOTHING,
                )
                for place, type_ref in enumerate(parameters)
            ),
        )

    # Boxed expressions --------------------------------------------------------------------

    def maybe(self, logic: Expression | None) -> Iterator[etree._Element]:
        if logic is not None:
            yield self.expression(logic)

    def expression(self, boxed: Expression) -> etree._Element:  # noqa: C901, PLR0911 - one per box
        match boxed:
            case LiteralExpression():
                return self.literal(boxed, "literalExpression")
            case DecisionTable():
                return self.table(boxed)
            case BoxedContext():
                return self.box("context", boxed, map(self.context_entry, boxed.entries))
            case BoxedInvocation():
                return self.invocation(boxed)
            case BoxedList():
                return self.box("list", boxed, map(self.expression, boxed.items))
            case Relation():
                return self.relation(boxed)
            case FunctionDefinition():
                return self.function(boxed, "functionDefinition")
            case Conditional():
                parts = {"if": boxed.condition, "then": boxed.then, "else": boxed.otherwise}
                return self.box("conditional", boxed, self.holders(boxed.kept, parts))
            case Iteration():
                told = "return" if boxed.kind == "for" else "satisfies"
                parts = {"in": boxed.source, told: boxed.body}
                return self.box(
                    boxed.kind,
                    boxed,
                    self.holders(boxed.kept, parts),
                    {"iteratorVariable": boxed.variable},
                )
            case BoxedFilter():
                parts = {"in": boxed.source, "match": boxed.match}
                return self.box("filter", boxed, self.holders(boxed.kept, parts))

    def box(
        self,
        tag: str,
        boxed: Expression,
        children: Iterable[etree._Element],
        attributes: Mapping[str, str] | None = None,
    ) -> etree._Element:
        named = {"id": boxed.id, "typeRef": boxed.type_ref, **(attributes or {})}
        return self.element(tag, named, boxed.kept, children)

    def holders(self, kept: Kept, inner: Mapping[str, Expression]) -> Iterator[etree._Element]:
        for tag, boxed in inner.items():
            yield self.element(tag, {}, kept.part(tag) or NOTHING, [self.expression(boxed)])

    def literal(self, boxed: LiteralExpression, tag: str) -> etree._Element:
        return self.box(tag, boxed, [self.text("text", boxed.text)])

    def context_entry(self, entry: ContextEntry) -> etree._Element:
        variable = []
        if entry.name:
            own = entry.kept.part("variable") or NOTHING
            named = {"name": entry.name, "typeRef": entry.type_ref}
            variable = [self.element("variable", named, own)]
        return self.element(
            "contextEntry", {}, entry.kept, [*variable, self.expression(entry.expression)]
        )

    def invocation(self, boxed: BoxedInvocation) -> etree._Element:
        bindings = []
        for name, value in boxed.bindings:
            own = boxed.kept.part(f"binding {name}") or NOTHING
            parameter = self.element("parameter", {"name": name}, own.part("parameter") or NOTHING)
            bindings.append(self.element("binding", {}, own, [parameter, self.expression(value)]))
        return self.box(
            "invocation", boxed, [self.literal(boxed.function, "literalExpression"), *bindings]
        )

    def relation(self, boxed: Relation) -> etree._Element:
        columns = [
            self.element("column", {"name": name}, boxed.kept.part(f"column {name}") or NOTHING)
            for name in boxed.columns
        ]
        rows = [
            self.element(
                "row", {}, boxed.kept.part(f"row {number}") or NOTHING, map(self.expression, row)
            )
            for number, row in enumerate(boxed.rows, start=1)
        ]
        return self.box("relation", boxed, [*columns, *rows])

    def function(self, boxed: FunctionDefinition, tag: str) -> etree._Element:
        parameters = [
            self.element(
                "formalParameter", {"name": item.name, "typeRef": item.type_ref}, item.kept
            )
            for item in boxed.parameters
        ]
        kind = {} if boxed.kind == "FEEL" else {"kind": boxed.kind}
        return self.box(tag, boxed, [*parameters, *self.maybe(boxed.body)], kind)

    def table(self, table: DecisionTable) -> etree._Element:
        return self.box(
            "decisionTable",
            table,
            (
                *map(self.input_clause, table.inputs),
                *map(self.output_clause, table.outputs),
                *(self.element("annotation", {"name": name}) for name in table.annotations),
                *map(self.rule, table.rules),
            ),
            {"hitPolicy": table.hit_policy, "aggregation": table.aggregation},
        )

    def input_clause(self, clause: InputClause) -> etree._Element:
        return self.element(
            "input",
            {"id": clause.id, "label": clause.own_label},
            clause.kept,
            (
                self.literal(clause.expression, "inputExpression"),
                *self.texts("inputValues", clause.values, clause.kept.part("inputValues")),
            ),
        )

    def output_clause(self, clause: OutputClause) -> etree._Element:
        default = clause.default
        return self.element(
            "output",
            {
                "id": clause.id,
                "name": clause.name,
                "label": clause.own_label,
                "typeRef": clause.type_ref,
            },
            clause.kept,
            (
                *self.texts("outputValues", clause.values, clause.kept.part("outputValues")),
                *([] if default is None else [self.literal(default, "defaultOutputEntry")]),
            ),
        )

    def rule(self, rule: Rule) -> etree._Element:
        identifier = {"id": rule.id} if is_identifier(rule.id) else {}
        return self.element(
            "rule",
            identifier,
            rule.kept,
            (
                *self.described(rule.description),
                *(self.literal(cell, "inputEntry") for cell in rule.tests),
                *(self.literal(cell, "outputEntry") for cell in rule.outputs),
                *(
                    self.element("annotationEntry", {}, children=[self.text("text", text)])
                    for text in rule.annotations
                ),
            ),
        )


def _place(element: etree._Element) -> int:
    name = etree.QName(element).localname
    return _PLACE.get(_ALTERNATING.get(name, name), len(_PLACE))
