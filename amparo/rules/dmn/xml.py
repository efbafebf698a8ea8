"""Read a DMN 1.3, 1.4 or 1.5 file into a model of 1.5, and lose nothing of it.

What the engine does not use is kept beside what it does (``Kept``), so that ``writing`` can give
the file back. The file is data from outside: entities, document types and network references are
refused, and so is every element that would change a decision and is not supported.
"""

from collections.abc import Iterable, Iterator, Sequence
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
    Kept,
    KnowledgeSource,
    LiteralExpression,
    Model,
    OutputClause,
    Relation,
    Rule,
)
from amparo.rules.dmn.versions import DMN_15, FEEL_LANGUAGES, NAMESPACES, namespaces_of_15
from amparo.rules.feel.diagnostics import NotSupported, RuleError
from amparo.rules.feel.limits import MAX_MODEL_BYTES


class UnreadableModel(RuleError):
    """The file is not a DMN model this reader accepts."""


def read_model(content: bytes | str, *, where: str) -> Model:
    """Read a model. where: the name of the file, for messages.

    Raises UnreadableModel or NotSupported.
    """
    root = parse_xml(content, where=where, comments=True)
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in NAMESPACES:
        known = ", ".join(NAMESPACES.values())
        raise UnreadableModel(
            code="dmn.namespace",
            message=f"The file's root is {name.localname} in namespace {name.namespace}",
            remedy=f"Save the model as DMN {known}.",
            where=where,
        )
    if name.namespace != DMN_15:
        text = etree.tostring(root.getroottree(), encoding="unicode")
        root = parse_xml(namespaces_of_15(text), where=where, comments=True)
    try:
        return _Reader(root, where).model()
    except RecursionError as error:
        raise UnreadableModel(
            code="xml.too-deep",
            message="The boxes or types of the model stand too deep within each other",
            remedy="Take them apart.",
            where=where,
        ) from error


def parse_xml(content: bytes | str, *, where: str, comments: bool = False) -> etree._Element:
    """Parse XML without entities, document types or network. Raises UnreadableModel.

    comments: whether they stay in the tree.
    """
    raw = content.encode(errors="replace") if isinstance(content, str) else content
    if len(raw) > MAX_MODEL_BYTES:
        raise UnreadableModel(
            code="xml.too-large",
            message=f"The file has {len(raw)} bytes; the limit is {MAX_MODEL_BYTES}",
            remedy="Split the model with imports.",
            where=where,
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=not comments,
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


def is_comment(node: etree._Element) -> bool:
    return isinstance(node, etree._Comment)  # noqa: SLF001 - the type of what Comment() makes


class _Reader:
    def __init__(self, root: etree._Element, where: str) -> None:
        self.root = root
        self.where = where
        self.namespace = root.get("namespace", "")
        self.taken: set[etree._Element] = set()
        self._language(root)

    # Finding ------------------------------------------------------------------------------

    def children(self, element: etree._Element, *names: str) -> Iterator[etree._Element]:
        """Give the children of these names (of any), and note that they were read."""
        for child in element:
            if is_comment(child):
                continue
            tag = etree.QName(child)
            if tag.namespace == DMN_15 and (not names or tag.localname in names):
                if names:
                    self.taken.add(child)
                yield child

    def child(self, element: etree._Element, name: str) -> etree._Element | None:
        return next(self.children(element, name), None)

    def text(self, element: etree._Element | None, name: str = "text") -> str:
        found = None if element is None else self.child(element, name)
        if found is None:
            return ""
        inside = (piece.tail or "" for piece in found)
        return "".join((found.text or "", *inside)).strip()

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

    def kept(
        self,
        element: etree._Element,
        *attributes: str,
        parts: Iterable[tuple[str, Kept]] = (),
    ) -> Kept:
        """Give what nobody has read of an element. attributes: those that were read."""
        elements: list[str] = []
        comments: list[tuple[int, str]] = []
        for place, child in enumerate(element):
            if is_comment(child):
                comments.append((place, child.text or ""))
            elif child not in self.taken:
                elements.append(
                    etree.tostring(child, method="c14n", exclusive=True, with_tail=False).decode()
                )
        return Kept(
            attributes=tuple(
                (str(name), str(value))
                for name, value in sorted(element.attrib.items())
                if name not in attributes
            ),
            elements=tuple(elements),
            comments=tuple(comments),
            parts=tuple(parts),
        )

    def parts(
        self, element: etree._Element, names: Sequence[str], *attributes: str
    ) -> Iterator[tuple[str, Kept]]:
        """Give what is kept of children that were read as texts, each by its name."""
        for child in self.children(element, *names):
            self.text(child)
            yield etree.QName(child).localname, self.kept(child, *attributes)

    def variable(self, element: etree._Element) -> Iterator[tuple[str, Kept]]:
        """Give what is kept of an element's variable; a name of its own only if it differs."""
        for child in self.children(element, "variable"):
            same = child.get("name", "") == element.get("name", "")
            yield "variable", self.kept(child, "typeRef", *(["name"] if same else []))

    def requirements(self, element: etree._Element) -> Iterator[tuple[str, Kept]]:
        """Give what is kept of requirements, each by what it requires and the target."""
        for requirement in self.children(element, *_REQUIREMENTS):
            for target in self.children(requirement, *_TARGETS):
                name = f"{etree.QName(target).localname} {'#'.join(self.href(target))}"
                yield name, self.kept(requirement)

    def reference(self, element: etree._Element, name: str) -> tuple[str, str]:
        target = self.required(element, name)
        return self.href(target)

    def href(self, element: etree._Element) -> tuple[str, str]:
        namespace, _, identifier = element.get("href", "").rpartition("#")
        return namespace or self.namespace, identifier

    # Elements -----------------------------------------------------------------------------

    def model(self) -> Model:
        sources = {
            element.get("id", ""): KnowledgeSource(
                element.get("id", ""), element.get("name", ""), self.kept(element, "id", "name")
            )
            for element in self.children(self.root, "knowledgeSource")
        }
        return Model(
            namespace=self.namespace,
            name=self.root.get("name", ""),
            where=self.where,
            imports=tuple(self.imports()),
            types=tuple(
                self.item_definition(element)
                for element in self.children(self.root, "itemDefinition")
            ),
            inputs={
                element.get("id", ""): InputData(
                    element.get("id", ""),
                    self.name(element),
                    self.variable_type(element),
                    self.kept(element, "id", "name", parts=self.variable(element)),
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
            sources=sources,
            order=self.order(),
            prefixes=tuple((prefix or "", uri) for prefix, uri in self.root.nsmap.items()),
            preamble=tuple(
                comment.text or ""
                for comment in reversed(list(self.root.itersiblings(preceding=True)))
                if is_comment(comment)
            ),
            kept=self.kept(self.root, "name", "namespace"),
        )

    def imports(self) -> Iterator[Import]:
        for element in self.children(self.root):
            is_import = etree.QName(element).localname == "import"
            if is_import and element.get("importType", "") in NAMESPACES:
                self.taken.add(element)
                yield Import(
                    element.get("name", ""),
                    element.get("namespace", ""),
                    self.kept(element, "name", "namespace"),
                )

    def order(self) -> tuple[str, ...]:
        """Give the ids of the elements in the file's order. Refuses one that stands twice."""
        found: dict[str, None] = {}
        for element in self.children(self.root, *_ELEMENTS):
            identifier = element.get("id", "")
            if identifier in found:
                problem = f"has the id {identifier}, as another has" if identifier else "has no id"
                raise self.unreadable(element, problem)
            found[identifier] = None
        return tuple(found)

    def name(self, element: etree._Element) -> str:
        name = " ".join(element.get("name", "").split())
        if not name:
            raise self.unreadable(element, "has no name")
        return name

    def variable_type(self, element: etree._Element) -> str:
        variable = self.child(element, "variable")
        return "" if variable is None else variable.get("typeRef", "")

    def authority(self, element: etree._Element) -> tuple[tuple[str, str], ...]:
        found: list[tuple[str, str]] = []
        for requirement in self.children(element, "authorityRequirement"):
            named = [self.href(target) for target in self.children(requirement, *_AUTHORITIES)]
            if not named:
                self.taken.discard(requirement)
            found.extend(named)
        return tuple(found)

    def law(
        self, authority: tuple[tuple[str, str], ...], sources: dict[str, KnowledgeSource]
    ) -> tuple[str, ...]:
        cited = (sources.get(identifier) for _, identifier in authority)
        return tuple(source.name for source in cited if source is not None and source.name)

    def knowledge_of(self, element: etree._Element) -> tuple[tuple[str, str], ...]:
        return tuple(
            self.reference(requirement, "requiredKnowledge")
            for requirement in self.children(element, "knowledgeRequirement")
        )

    def decision(self, element: etree._Element, sources: dict[str, KnowledgeSource]) -> Decision:
        information = tuple(
            self.href(target)
            for requirement in self.children(element, "informationRequirement")
            for target in self.children(requirement, "requiredInput", "requiredDecision")
        )
        authority = self.authority(element)
        return Decision(
            id=element.get("id", ""),
            name=self.name(element),
            type_ref=self.variable_type(element),
            information=information,
            knowledge=self.knowledge_of(element),
            law=self.law(authority, sources),
            description=self.text(element, "description"),
            logic=self.only_expression(element),
            authority=authority,
            kept=self.invocable_kept(element),
        )

    def invocable_kept(self, element: etree._Element) -> Kept:
        parts = (*self.variable(element), *self.requirements(element))
        return self.kept(element, "id", "name", parts=parts)

    def business_knowledge(
        self, element: etree._Element, sources: dict[str, KnowledgeSource]
    ) -> BusinessKnowledge:
        logic = self.child(element, "encapsulatedLogic")
        authority = self.authority(element)
        return BusinessKnowledge(
            id=element.get("id", ""),
            name=self.name(element),
            type_ref=self.variable_type(element),
            knowledge=self.knowledge_of(element),
            law=self.law(authority, sources),
            logic=None if logic is None else self.function(logic),
            authority=authority,
            kept=self.invocable_kept(element),
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
            kept=self.kept(element, "id", "name", parts=self.variable(element)),
        )

    def item_definition(self, element: etree._Element) -> ItemDefinition:
        function = self.child(element, "functionItem")
        signature = None
        parts: list[tuple[str, Kept]] = []
        if function is not None:
            parameters = tuple(
                parameter.get("typeRef", "") for parameter in self.children(function, "parameters")
            )
            signature = parameters, function.get("outputTypeRef", "")
            named = self.parts(function, ["parameters"], "typeRef")
            parts.append(("functionItem", self.kept(function, "outputTypeRef", parts=named)))
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
            kept=self.kept(
                element,
                "name",
                "isCollection",
                parts=(*parts, *self.parts(element, ["allowedValues", "typeConstraint"])),
            ),
        )

    # Boxed expressions --------------------------------------------------------------------

    def only_expression(self, element: etree._Element) -> Expression | None:
        for child in self.children(element):
            if etree.QName(child).localname not in _NOT_LOGIC:
                self.taken.add(child)
                return self.expression(child)
        return None

    def inner(self, element: etree._Element, name: str) -> Expression:
        holder = self.required(element, name)
        found = self.only_expression(holder)
        if found is None:
            raise self.unreadable(holder, "holds no expression")
        return found

    def holders(self, element: etree._Element, *names: str) -> Iterator[tuple[str, Kept]]:
        """Give what is kept of the holders of inner expressions, whose logic was read."""
        for holder in self.children(element, *names):
            self.only_expression(holder)
            yield etree.QName(holder).localname, self.kept(holder)

    def box(self, element: etree._Element, parts: Iterable[tuple[str, Kept]] = ()) -> Kept:
        return self.kept(element, "id", "typeRef", parts=parts)

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
                return BoxedContext(identifier, type_ref, entries, self.box(element))
            case "invocation":
                return self.invocation(element)
            case "list":
                items = tuple(self.expressions(element))
                return BoxedList(identifier, type_ref, items, self.box(element))
            case "relation":
                return self.relation(element)
            case "functionDefinition":
                return self.function(element)
            case "conditional":
                asked, then, other = (self.inner(element, part) for part in ("if", "then", "else"))
                kept = self.box(element, self.holders(element, "if", "then", "else"))
                return Conditional(identifier, type_ref, asked, then, other, kept)
            case "for" | "some" | "every":
                told = "return" if kind == "for" else "satisfies"
                body = self.inner(element, told)
                variable = element.get("iteratorVariable", "")
                source = self.inner(element, "in")
                parts = self.holders(element, "in", told)
                kept = self.kept(element, "id", "typeRef", "iteratorVariable", parts=parts)
                return Iteration(identifier, type_ref, kind, variable, source, body, kept)
            case "filter":
                source, match = (self.inner(element, part) for part in ("in", "match"))
                kept = self.box(element, self.holders(element, "in", "match"))
                return BoxedFilter(identifier, type_ref, source, match, kept)
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
            element.get("id", ""), self.text(element), element.get("typeRef", ""), self.box(element)
        )

    def expressions(self, element: etree._Element) -> Iterator[Expression]:
        for child in self.children(element):
            if etree.QName(child).localname not in _NOT_LOGIC:
                self.taken.add(child)
                yield self.expression(child)

    def context_entry(self, element: etree._Element) -> ContextEntry:
        variable = self.child(element, "variable")
        found = self.only_expression(element)
        if found is None:
            raise self.unreadable(element, "holds no expression")
        if variable is None:
            return ContextEntry("", "", found, self.kept(element))
        parts = self.parts(element, ["variable"], "name", "typeRef")
        kept = self.kept(element, parts=parts)
        return ContextEntry(self.name(variable), variable.get("typeRef", ""), found, kept)

    def invocation(self, element: etree._Element) -> BoxedInvocation:
        function = self.child(element, "literalExpression")
        if function is None:
            raise self.unreadable(element, "names no function")
        bindings: list[tuple[str, Expression]] = []
        parts: list[tuple[str, Kept]] = []
        for binding in self.children(element, "binding"):
            value = self.only_expression(binding)
            if value is None:
                self.taken.discard(binding)  # it binds nothing, and is kept as it stands
                continue
            name = self.name(self.required(binding, "parameter"))
            bindings.append((name, value))
            named = self.parts(binding, ["parameter"], "name")
            parts.append((f"binding {name}", self.kept(binding, parts=named)))
        return BoxedInvocation(
            element.get("id", ""),
            element.get("typeRef", ""),
            self.literal(function),
            tuple(bindings),
            self.box(element, parts),
        )

    def relation(self, element: etree._Element) -> Relation:
        columns = tuple(self.name(column) for column in self.children(element, "column"))
        rows: list[tuple[Expression, ...]] = []
        parts: list[tuple[str, Kept]] = []
        for number, row in enumerate(self.children(element, "row"), start=1):
            cells = tuple(self.expressions(row))
            if len(cells) != len(columns):
                raise self.unreadable(row, f"has {len(cells)} cells for {len(columns)} columns")
            rows.append(cells)
            parts.append((f"row {number}", self.kept(row)))
        parts.extend(
            (f"column {column.get('name')}", self.kept(column, "name"))
            for column in self.children(element, "column")
        )
        kept = self.box(element, parts)
        identifier, type_ref = element.get("id", ""), element.get("typeRef", "")
        return Relation(identifier, type_ref, columns, tuple(rows), kept)

    def function(self, element: etree._Element) -> FunctionDefinition:
        return FunctionDefinition(
            kind=element.get("kind", "FEEL"),
            id=element.get("id", ""),
            type_ref=element.get("typeRef", ""),
            parameters=tuple(
                FormalParameter(
                    self.name(parameter),
                    parameter.get("typeRef", ""),
                    self.kept(parameter, "name", "typeRef"),
                )
                for parameter in self.children(element, "formalParameter")
            ),
            body=self.only_expression(element),
            kept=self.kept(element, "id", "typeRef", "kind"),
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
            kept=self.kept(element, "id", "typeRef", "hitPolicy", "aggregation"),
        )

    def input_clause(self, element: etree._Element) -> InputClause:
        expression = self.literal(self.required(element, "inputExpression"))
        values = self.text(self.child(element, "inputValues"))
        kept = self.kept(element, "id", "label", parts=self.parts(element, ["inputValues"]))
        return InputClause(
            element.get("id", ""), element.get("label", ""), expression, values, kept
        )

    def output_clause(self, element: etree._Element) -> OutputClause:
        default = self.child(element, "defaultOutputEntry")
        name = " ".join(element.get("name", "").split())
        return OutputClause(
            id=element.get("id", ""),
            name=name,
            own_label=element.get("label", ""),
            type_ref=element.get("typeRef", ""),
            values=self.text(self.child(element, "outputValues")),
            default=None if default is None else self.literal(default),
            kept=self.kept(
                element,
                "id",
                "name",
                "label",
                "typeRef",
                parts=self.parts(element, ["outputValues"]),
            ),
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
            kept=self.kept(element, "id"),
        )


_REQUIREMENTS: Final = ("informationRequirement", "knowledgeRequirement", "authorityRequirement")
_AUTHORITIES: Final = ("requiredAuthority", "requiredDecision", "requiredInput")
_TARGETS: Final = ("requiredKnowledge", *_AUTHORITIES)
_ELEMENTS: Final = (
    "inputData",
    "decision",
    "businessKnowledgeModel",
    "decisionService",
    "knowledgeSource",
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
