"""Boxed expressions to functions, each with the names in its reach."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from amparo.rules.dmn.model import (
    BoxedContext,
    BoxedFilter,
    BoxedInvocation,
    BoxedList,
    Conditional,
    DecisionTable,
    FunctionDefinition,
    Iteration,
    LiteralExpression,
    OutputClause,
    Relation,
)
from amparo.rules.dmn.model import Expression as Boxed
from amparo.rules.dmn.tables import CompiledTable
from amparo.rules.dmn.types import TypeBook
from amparo.rules.feel import ast
from amparo.rules.feel.builtins import BUILTINS
from amparo.rules.feel.diagnostics import NotSupported, NullCause, RuleError, SyntaxRefused
from amparo.rules.feel.evaluate import (
    Evaluator,
    Expression,
    choose,
    fit_or_null,
    invoke,
    make_bindings,
    make_conditional,
    make_function,
    make_iteration,
    make_quantified,
    note_null_list,
)
from amparo.rules.feel.parser import Parsed, parse_expression, parse_unary_tests
from amparo.rules.feel.run import Frame
from amparo.rules.feel.scope import NameTable, Scope
from amparo.rules.feel.types import ANY, AllowedType, FeelType
from amparo.rules.feel.values import Function, Value

BUILTIN_NAMES: Final = NameTable(BUILTINS)


class BoxedCompiler:
    """Compiles the logic of one element.

    unknown: names found in no scope. trees: every expression read. Both for the linter.
    """

    def __init__(self, types: TypeBook, where: str) -> None:
        self.types = types
        self.where = where
        self.unknown: list[str] = []
        self.trees: list[ast.Node] = []

    def compile(self, boxed: Boxed, scope: Scope) -> Evaluator:  # noqa: C901, PLR0911 - one per box
        match boxed:
            case LiteralExpression():
                return self.literal(boxed, scope)
            case DecisionTable():
                return self.table(boxed, scope)
            case BoxedContext():
                return self.context(boxed, scope)
            case BoxedInvocation():
                return self.invocation(boxed, scope)
            case BoxedList():
                items = [self.compile(item, scope) for item in boxed.items]
                return lambda frame: [item(frame) for item in items]
            case Relation():
                return self.relation(boxed, scope)
            case FunctionDefinition():
                return self.function(boxed, scope)
            case Conditional():
                return self.conditional(boxed, scope)
            case Iteration():
                return self.iteration(boxed, scope)
            case BoxedFilter():
                return self.filter(boxed, scope)

    def typed(self, evaluator: Evaluator, type_ref: str, name: str) -> Evaluator:
        """Fit every result into the declared type."""
        if not type_ref:
            return evaluator
        kind = self.types.find(type_ref)
        return lambda frame: fit_or_null(evaluator(frame), kind, frame.run, name)

    def parsed(self, expression: LiteralExpression, parse: Callable[[], Parsed]) -> Expression:
        try:
            read = parse()
            compiled = Expression(read)
        except RuleError as error:
            raise placed(error, self.where, expression.id) from error
        self.unknown.extend(compiled.unknown_names)
        self.trees.append(read.tree)
        return compiled

    def expression(self, literal: LiteralExpression, scope: Scope) -> Expression:
        return self.parsed(
            literal, lambda: parse_expression(literal.text, scope, builtins=BUILTIN_NAMES)
        )

    def literal(self, literal: LiteralExpression, scope: Scope) -> Evaluator:
        if not literal.text:
            return lambda _: None
        expression = self.expression(literal, scope)
        return self.typed(expression.evaluator, literal.type_ref, literal.text)

    def context(self, boxed: BoxedContext, scope: Scope) -> Evaluator:
        self.refuse_twice([entry.name for entry in boxed.entries if entry.name], boxed.id)
        entries: list[tuple[str, Evaluator]] = []
        inner = scope.inner(())
        for entry in boxed.entries:
            if isinstance(entry.expression, FunctionDefinition):
                # A function may call itself by the name of its entry.
                inner.variables.add(entry.name)
            evaluator = self.compile(entry.expression, inner)
            entries.append((entry.name, self.typed(evaluator, entry.type_ref, entry.name)))
            if entry.name:
                inner.variables.add(entry.name)

        def evaluate(frame: Frame) -> Value:
            within = frame.inner({})
            for name, evaluator in entries:
                value = evaluator(within)
                if not name:
                    return value
                within[name] = value
            return dict(within)

        return evaluate

    def invocation(self, boxed: BoxedInvocation, scope: Scope) -> Evaluator:
        called = self.expression(boxed.function, scope)
        bindings = [(name, self.compile(value, scope)) for name, value in boxed.bindings]
        text = boxed.function.text

        def evaluate(frame: Frame) -> Value:
            function = called(frame)
            given = {name: value(frame) for name, value in bindings}
            if isinstance(function, Function):
                for parameter in function.parameters:
                    given.setdefault(parameter, None)
            try:
                return invoke(function, list(given.values()), tuple(given))
            except NullCause as cause:
                frame.run.null(cause.code, cause.message, text)
                return None

        return self.typed(evaluate, boxed.type_ref, text)

    def relation(self, boxed: Relation, scope: Scope) -> Evaluator:
        self.refuse_twice(boxed.columns, boxed.id)
        rows = [[self.compile(cell, scope) for cell in row] for row in boxed.rows]
        columns = boxed.columns

        def evaluate(frame: Frame) -> Value:
            return [dict(zip(columns, (cell(frame) for cell in row), strict=True)) for row in rows]

        return evaluate

    def refuse_twice(self, names: Sequence[str], identifier: str) -> None:
        """Refuse a name that stands for two entries, columns, outputs or parameters."""
        for place, name in enumerate(names):
            if name in names[:place]:
                raise SyntaxRefused(
                    code="name.twice",
                    message=f"The name {name} stands twice",
                    remedy="Give each entry, column, output and parameter a name of its own.",
                    where=self.where + (f", expression {identifier}" if identifier else ""),
                )

    def parameters(self, boxed: FunctionDefinition) -> tuple[tuple[str, FeelType], ...]:
        self.refuse_twice([parameter.name for parameter in boxed.parameters], boxed.id)
        return tuple(
            (parameter.name, self.types.find(parameter.type_ref)) for parameter in boxed.parameters
        )

    def function(self, boxed: FunctionDefinition, scope: Scope) -> Evaluator:
        parameters = self.parameters(boxed)
        inner = scope.inner([name for name, _ in parameters])
        body = self.body(boxed, inner)
        name = boxed.id or "function"
        return lambda frame: make_function(name, parameters, body, frame, ANY)

    def body(self, boxed: FunctionDefinition, scope: Scope) -> Evaluator:
        if boxed.kind != "FEEL":
            raise NotSupported(
                code="function.external",
                message=f"A function of kind {boxed.kind} is not supported",
                remedy="Write it in FEEL; a rule may call nothing outside the pack.",
                where=self.where + (f", function {boxed.id}" if boxed.id else ""),
            )
        if boxed.body is None:
            return lambda _: None
        return self.compile(boxed.body, scope)

    def conditional(self, boxed: Conditional, scope: Scope) -> Evaluator:
        parts = [
            self.compile(part, scope) for part in (boxed.condition, boxed.then, boxed.otherwise)
        ]
        tree, text = self.tree(boxed.condition, scope)
        return make_conditional(parts[0], parts[1], parts[2], tree, text, strict=True)

    def tree(self, boxed: Boxed, scope: Scope) -> tuple[ast.Node | None, str]:
        """Give the tree and text of a boxed condition where it is a plain expression."""
        if isinstance(boxed, LiteralExpression) and boxed.text:
            return self.expression(boxed, scope).tree, boxed.text
        return None, boxed.id

    def iteration(self, boxed: Iteration, scope: Scope) -> Evaluator:
        source = self.compile(boxed.source, scope)
        bind = make_bindings([(boxed.variable, source, None)], boxed.id)
        if boxed.kind == "for":
            body = self.compile(boxed.body, scope.inner([boxed.variable, "partial"]))
            return make_iteration(bind, body, sees_partial=True)
        body = self.compile(boxed.body, scope.inner([boxed.variable]))
        return make_quantified(boxed.kind, bind, body, boxed.id)

    def filter(self, boxed: BoxedFilter, scope: Scope) -> Evaluator:
        source = self.compile(boxed.source, scope)
        inner = scope.inner(["item"], open_names=True)
        match = self.compile(boxed.match, inner)
        tree, text = self.tree(boxed.match, inner)
        listed, _ = self.tree(boxed.source, scope)

        def evaluate(frame: Frame) -> Value:
            value = source(frame)
            items = value if isinstance(value, list) else [] if value is None else [value]
            if value is None:
                note_null_list(listed, frame, text)
            return choose(items, match, tree, frame, text, strict=True)

        return evaluate

    # Tables -------------------------------------------------------------------------------

    def table(self, boxed: DecisionTable, scope: Scope) -> Evaluator:
        if len(boxed.outputs) > 1:
            self.refuse_twice([output.name for output in boxed.outputs], boxed.id)
        inputs = [self.expression(clause.expression, scope) for clause in boxed.inputs]
        rows = [
            (
                [self.cell(test, scope) for test in rule.tests],
                [self.output(cell, scope) for cell in rule.outputs],
            )
            for rule in boxed.rules
        ]
        return CompiledTable(
            boxed,
            inputs=inputs,
            rows=rows,
            defaults=[
                None if clause.default is None else self.output(clause.default, scope)
                for clause in boxed.outputs
            ],
            priorities=[self.priorities(clause, boxed, scope) for clause in boxed.outputs],
            where=self.where,
        )

    def cell(self, test: LiteralExpression, scope: Scope) -> Expression:
        literal = test if test.text else replace(test, text="-")
        return self.parsed(
            literal, lambda: parse_unary_tests(literal.text, scope, builtins=BUILTIN_NAMES)
        )

    def output(self, cell: LiteralExpression, scope: Scope) -> Expression:
        return self.expression(cell if cell.text else replace(cell, text="null"), scope)

    def priorities(
        self, clause: OutputClause, table: DecisionTable, scope: Scope
    ) -> Callable[[Frame], Sequence[Value]]:
        """Give the allowed values of an output in the order the author wrote them."""
        text = clause.values
        if not text:
            type_ref = clause.type_ref or (table.type_ref if len(table.outputs) == 1 else "")
            kind = self.types.find(type_ref)
            text = kind.text if isinstance(kind, AllowedType) else ""
        if not text:
            return lambda _: ()
        literal = LiteralExpression(clause.id, f"[{text}]")
        values = self.expression(literal, scope)

        def ordered(frame: Frame) -> Sequence[Value]:
            listed = values(frame)
            return listed if isinstance(listed, list) else ()

        return ordered


def placed(error: RuleError, where: str, identifier: str) -> RuleError:
    """Give the same refusal with the model element it stands in."""
    place = error.where or where + (f", expression {identifier}" if identifier else "")
    return type(error)(
        code=error.code,
        message=error.message,
        remedy=error.remedy,
        where=place,
        span=error.span,
        source=error.source,
    )


def names_declared(boxed: Boxed | None) -> Iterator[str]:  # noqa: C901, PLR0912 - one per box
    """Give the entry names a box brings into the world: they may follow a dot elsewhere."""
    match boxed:
        case BoxedContext():
            for entry in boxed.entries:
                if entry.name:
                    yield entry.name
                yield from names_declared(entry.expression)
        case DecisionTable() if len(boxed.outputs) > 1:
            for output in boxed.outputs:
                yield output.name
        case Relation():
            yield from boxed.columns
        case FunctionDefinition():
            yield from names_declared(boxed.body)
        case BoxedList():
            for item in boxed.items:
                yield from names_declared(item)
        case Conditional():
            for part in (boxed.condition, boxed.then, boxed.otherwise):
                yield from names_declared(part)
        case Iteration():
            yield from names_declared(boxed.body)
        case _:
            return
