"""Read a DMN 1.3, 1.4 or 1.5 file into a model.

The file is data from outside: entities, document types and network references are refused, and so
is every element that would change a decision and is not supported.
"""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from amparo.rules.dmn.model import (
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
    FormalParameter,
    FunctionDefinition,
    Import,
    InputClause,
    InputData,
    ItemDefinition,
    Iteration,
    LiteralExpression,
    Model,
    OutputClause,
    Relation,
    Rule,
)
from amparo.rules.feel.diagnostics import NotSupported, RuleError

NAMESPACES: Final = {
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
FEEL_LANGUAGES: Final = frozenset(
    {
        "feel",
        "https://www.omg.org/spec/DMN/20191111/FEEL/",
        "https://www.omg.org/spec/DMN/20211108/FEEL/",
        "https://www.omg.org/spec/DMN/20230324/FEEL/",
    }
)
MAX_BYTES: Final = 20_000_000
DEFAULT_LABEL: Final = "output"


class UnreadableModel(RuleError):
    """The file is not a DMN model this reader accepts."""


def read_model(content: bytes | str, *, where: str) -> Model:
    """Read a model. where: the name of the file, for messages.

    Raises UnreadableModel or NotSupported.
    """
    root = parse_xml(content, where=where)
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in NAMESPACES:
        known = ", ".join(NAMESPACES.values())
        raise UnreadableModel(
            code="dmn.namespace",
            message=f"The file's root is {name.localname} in namespace {name.namespace}",
            remedy=f"Save the model as DMN {known}.",
            where=where,
        )
    return _Reader(root, where).model()


def parse_xml(content: bytes | str, *, where: str) -> etree._Element:
    """Parse XML without entities, document types or network. Raises UnreadableModel."""
    raw = content.encode() if isinstance(content, str) else content
    if len(raw) > MAX_BYTES:
        raise UnreadableModel(
            code="xml.too-large",
            message=f"The file has {len(raw)} bytes; the limit is {MAX_BYTES}",
            remedy="Split the model with imports.",
            where=where,
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableModel(
            code="xml.malformed",
            message=f"The file is not well-formed XML ({error.msg})",
            remedy="Export it again from the modelling tool.",
            where=where,
        ) from error
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # the stubs lack it
        raise UnreadableModel(
            code="xml.doctype",
            message="The file declares a document type or entities",
            remedy="Remove the DOCTYPE declaration; a model needs none.",
            where=where,
        )
    return root


class _Reader:
    def __init__(self, root: etree._Element, where: str) -> None:
        self.root = root
        self.where = where
        self.namespace = root.get("namespace", "")
        self.model_namespace = etree.QName(root).namespace or ""
        self._language(root)

    # Finding ------------------------------------------------------------------------------

    def children(self, element: etree._Element, *names: str) -> Iterator[etree._Element]:
        for child in element:
            tag = etree.QName(child)
            if tag.namespace == self.model_namespace and (not names or tag.localname in names):
                yield child

    def child(self, element: etree._Element, name: str) -> etree._Element | None:
        return next(self.children(element, name), None)

    def text(self, element: etree._Element | None, name: str = "text") -> str:
        found = None if element is None else self.child(element, name)
        return "" if found is None else (found.text or "").strip()

    def required(self, element: etree._Element, name: str) -> etree._Element:
        found = self.child(element, name)
        if found is None:
            raise self.unreadable(element, f"has no {name}")
        return found

    def place(self, element: etree._Element) -> str:
        label = element.get("name") or element.get("id") or ""
        kind = etree.QName(element).localname
        return f"{self.where}, {kind} {label}".rstrip() + f" (line {element.sourceline})"

    def unreadable(self, element: etree._Element, problem: str) -> UnreadableModel:
        return UnreadableModel(
            code="dmn.structure",
            message=f"The element {etree.QName(element).localname} {problem}",
            remedy="Correct the model in its modelling tool.",
            where=self.place(element),
        )

    def not_supported(self, element: etree._Element, what: str, remedy: str) -> NotSupported:
        return NotSupported(
            code="dmn.not-supported",
            message=f"{what} is not supported",
            remedy=remedy,
            where=self.place(element),
        )

    def _language(self, element: etree._Element) -> None:
        language = element.get("expressionLanguage")
        if language is not None and language.lower() not in {
            known.lower() for known in FEEL_LANGUAGES
        }:
            raise self.not_supported(
                element, f"The expression language {language}", "Write the expression in FEEL."
            )

    def reference(self, element: etree._Element, name: str) -> tuple[str, str]:
        target = self.required(element, name)
        return self.href(target)

    def href(self, element: etree._Element) -> tuple[str, str]:
        namespace, _, identifier = element.get("href", "").rpartition("#")
        return namespace or self.namespace, identifier

    # Elements -----------------------------------------------------------------------------

    def model(self) -> Model:
        sources = {
            source.get("id", ""): source.get("name", "")
            for source in self.children(self.root, "knowledgeSource")
        }
        return Model(
            namespace=self.namespace,
            name=self.root.get("name", ""),
            where=self.where,
            imports=tuple(
                Import(element.get("name", ""), element.get("namespace", ""))
                for element in self.children(self.root, "import")
                if element.get("importType", "") in NAMESPACES
            ),
            types=tuple(
                self.item_definition(element)
                for element in self.children(self.root, "itemDefinition")
            ),
            inputs={
                element.get("id", ""): InputData(
                    element.get("id", ""), self.name(element), self.variable_type(element)
                )
                for element in self.children(self.root, "inputData")
            },
            decisions={
                element.get("id", ""): self.decision(element, sources)
                for element in self.children(self.root, "decision")
            },
            knowledge={
                element.get("id", ""): self.business_knowledge(element, sources)
                for element in self.children(self.root, "businessKnowledgeModel")
            },
            services={
                element.get("id", ""): self.service(element)
                for element in self.children(self.root, "decisionService")
            },
        )

    def name(self, element: etree._Element) -> str:
        name = " ".join(element.get("name", "").split())
        if not name:
            raise self.unreadable(element, "has no name")
        return name

    def variable_type(self, element: etree._Element) -> str:
        variable = self.child(element, "variable")
        return "" if variable is None else variable.get("typeRef", "")

    def law(self, element: etree._Element, sources: dict[str, str]) -> tuple[str, ...]:
        found: list[str] = []
        for requirement in self.children(element, "authorityRequirement"):
            for authority in self.children(requirement, "requiredAuthority"):
                name = sources.get(self.href(authority)[1])
                if name:
                    found.append(name)
        return tuple(found)

    def knowledge_of(self, element: etree._Element) -> tuple[tuple[str, str], ...]:
        return tuple(
            self.reference(requirement, "requiredKnowledge")
            for requirement in self.children(element, "knowledgeRequirement")
        )

    def decision(self, element: etree._Element, sources: dict[str, str]) -> Decision:
        information = tuple(
            self.href(target)
            for requirement in self.children(element, "informationRequirement")
            for target in self.children(requirement, "requiredInput", "requiredDecision")
        )
        return Decision(
            id=element.get("id", ""),
            name=self.name(element),
            type_ref=self.variable_type(element),
            information=information,
            knowledge=self.knowledge_of(element),
            law=self.law(element, sources),
            description=self.text(element, "description"),
            logic=self.only_expression(element),
        )

    def business_knowledge(
        self, element: etree._Element, sources: dict[str, str]
    ) -> BusinessKnowledge:
        logic = self.child(element, "encapsulatedLogic")
        return BusinessKnowledge(
            id=element.get("id", ""),
            name=self.name(element),
            type_ref=self.variable_type(element),
            knowledge=self.knowledge_of(element),
            law=self.law(element, sources),
            logic=None if logic is None else self.function(logic),
        )

    def service(self, element: etree._Element) -> DecisionService:
        def references(name: str) -> tuple[tuple[str, str], ...]:
            return tuple(self.href(target) for target in self.children(element, name))

        return DecisionService(
            id=element.get("id", ""),
            name=self.name(element),
            type_ref=self.variable_type(element),
            outputs=references("outputDecision"),
            encapsulated=references("encapsulatedDecision"),
            input_decisions=references("inputDecision"),
            input_data=references("inputData"),
        )

    def item_definition(self, element: etree._Element) -> ItemDefinition:
        function = self.child(element, "functionItem")
        signature = None
        if function is not None:
            parameters = tuple(
                parameter.get("typeRef", "") for parameter in self.children(function, "parameters")
            )
            signature = parameters, function.get("outputTypeRef", "")
        return ItemDefinition(
            name=self.name(element),
            type_ref=self.text(element, "typeRef"),
            is_collection=element.get("isCollection") == "true",
            components=tuple(
                self.item_definition(component)
                for component in self.children(element, "itemComponent")
            ),
            allowed=self.text(self.child(element, "allowedValues")),
            constraint=self.text(self.child(element, "typeConstraint")),
            function=signature,
        )

    # Boxed expressions --------------------------------------------------------------------

    def only_expression(self, element: etree._Element) -> Expression | None:
        for child in self.children(element):
            if etree.QName(child).localname not in _NOT_LOGIC:
                return self.expression(child)
        return None

    def inner(self, element: etree._Element, name: str) -> Expression:
        holder = self.required(element, name)
        found = self.only_expression(holder)
        if found is None:
            raise self.unreadable(holder, "holds no expression")
        return found

    def expression(self, element: etree._Element) -> Expression:  # noqa: C901, PLR0911 - a table
        self._language(element)
        kind = etree.QName(element).localname
        identifier, type_ref = element.get("id", ""), element.get("typeRef", "")
        match kind:
            case "literalExpression":
                return self.literal(element)
            case "decisionTable":
                return self.table(element)
            case "context":
                entries = tuple(
                    self.context_entry(entry) for entry in self.children(element, "contextEntry")
                )
                return BoxedContext(identifier, type_ref, entries)
            case "invocation":
                return self.invocation(element)
            case "list":
                items = tuple(
                    self.expression(child)
                    for child in self.children(element)
                    if etree.QName(child).localname not in _NOT_LOGIC
                )
                return BoxedList(identifier, type_ref, items)
            case "relation":
                return self.relation(element)
            case "functionDefinition":
                return self.function(element)
            case "conditional":
                parts = (self.inner(element, part) for part in ("if", "then", "else"))
                return Conditional(identifier, type_ref, *parts)
            case "for" | "some" | "every":
                body = self.inner(element, "return" if kind == "for" else "satisfies")
                variable = element.get("iteratorVariable", "")
                source = self.inner(element, "in")
                return Iteration(identifier, type_ref, kind, variable, source, body)
            case "filter":
                parts = (self.inner(element, part) for part in ("in", "match"))
                return BoxedFilter(identifier, type_ref, *parts)
            case _:
                raise self.not_supported(
                    element, f"The boxed expression {kind}", "Use one of the boxes of DMN 1.5."
                )

    def literal(self, element: etree._Element) -> LiteralExpression:
        self._language(element)
        if self.child(element, "importedValues") is not None:
            raise self.not_supported(
                element, "An imported value", "Write the expression in the model."
            )
        return LiteralExpression(
            element.get("id", ""), self.text(element), element.get("typeRef", "")
        )

    def context_entry(self, element: etree._Element) -> ContextEntry:
        variable = self.child(element, "variable")
        found = self.only_expression(element)
        if found is None:
            raise self.unreadable(element, "holds no expression")
        if variable is None:
            return ContextEntry("", "", found)
        return ContextEntry(self.name(variable), variable.get("typeRef", ""), found)

    def invocation(self, element: etree._Element) -> BoxedInvocation:
        function = self.child(element, "literalExpression")
        if function is None:
            raise self.unreadable(element, "names no function")
        bindings: list[tuple[str, Expression]] = []
        for binding in self.children(element, "binding"):
            value = self.only_expression(binding)
            if value is not None:
                bindings.append((self.name(self.required(binding, "parameter")), value))
        return BoxedInvocation(
            element.get("id", ""),
            element.get("typeRef", ""),
            self.literal(function),
            tuple(bindings),
        )

    def relation(self, element: etree._Element) -> Relation:
        columns = tuple(self.name(column) for column in self.children(element, "column"))
        rows: list[tuple[Expression, ...]] = []
        for row in self.children(element, "row"):
            cells = tuple(self.expression(cell) for cell in self.children(row))
            if len(cells) != len(columns):
                raise self.unreadable(row, f"has {len(cells)} cells for {len(columns)} columns")
            rows.append(cells)
        return Relation(element.get("id", ""), element.get("typeRef", ""), columns, tuple(rows))

    def function(self, element: etree._Element) -> FunctionDefinition:
        return FunctionDefinition(
            kind=element.get("kind", "FEEL"),
            id=element.get("id", ""),
            type_ref=element.get("typeRef", ""),
            parameters=tuple(
                FormalParameter(self.name(parameter), parameter.get("typeRef", ""))
                for parameter in self.children(element, "formalParameter")
            ),
            body=self.only_expression(element),
        )

    def table(self, element: etree._Element) -> DecisionTable:
        inputs = tuple(self.input_clause(clause) for clause in self.children(element, "input"))
        outputs = tuple(self.output_clause(clause) for clause in self.children(element, "output"))
        if not outputs:
            raise self.unreadable(element, "has no output")
        rules = tuple(
            self.rule(rule, number, len(inputs), len(outputs))
            for number, rule in enumerate(self.children(element, "rule"), start=1)
        )
        return DecisionTable(
            id=element.get("id", ""),
            type_ref=element.get("typeRef", ""),
            hit_policy=element.get("hitPolicy", "UNIQUE"),
            aggregation=element.get("aggregation", ""),
            inputs=inputs,
            outputs=outputs,
            rules=rules,
            annotations=tuple(
                column.get("name", "") for column in self.children(element, "annotation")
            ),
        )

    def input_clause(self, element: etree._Element) -> InputClause:
        expression = self.literal(self.required(element, "inputExpression"))
        label = element.get("label") or expression.text
        values = self.text(self.child(element, "inputValues"))
        return InputClause(element.get("id", ""), label, expression, values)

    def output_clause(self, element: etree._Element) -> OutputClause:
        default = self.child(element, "defaultOutputEntry")
        name = " ".join(element.get("name", "").split())
        return OutputClause(
            id=element.get("id", ""),
            name=name,
            label=element.get("label") or name or DEFAULT_LABEL,
            type_ref=element.get("typeRef", ""),
            values=self.text(self.child(element, "outputValues")),
            default=None if default is None else self.literal(default),
        )

    def rule(self, element: etree._Element, number: int, inputs: int, outputs: int) -> Rule:
        tests = tuple(self.literal(cell) for cell in self.children(element, "inputEntry"))
        results = tuple(self.literal(cell) for cell in self.children(element, "outputEntry"))
        if len(tests) != inputs or len(results) != outputs:
            raise self.unreadable(
                element,
                f"has {len(tests)} input and {len(results)} output cells"
                f" for {inputs} inputs and {outputs} outputs",
            )
        return Rule(
            id=element.get("id") or f"rule {number}",
            description=self.text(element, "description"),
            tests=tests,
            outputs=results,
            annotations=tuple(
                self.text(entry) for entry in self.children(element, "annotationEntry")
            ),
        )


# Elements beside the logic of a decision that do not change what it decides.
_NOT_LOGIC: Final = frozenset(
    {
        "description",
        "extensionElements",
        "question",
        "allowedAnswers",
        "variable",
        "informationRequirement",
        "knowledgeRequirement",
        "authorityRequirement",
        "supportedObjective",
        "impactedPerformanceIndicator",
        "decisionMaker",
        "decisionOwner",
        "usingProcess",
        "usingTask",
        "parameter",
        "formalParameter",
    }
)
