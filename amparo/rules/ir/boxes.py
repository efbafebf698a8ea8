"""Boxed expressions to columns: what ``dmn.boxed`` makes functions of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from amparo.rules.dmn.boxed import BUILTIN_NAMES
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
from amparo.rules.dmn.types import TypeBook
from amparo.rules.feel import ast
from amparo.rules.feel.evaluate import Expression, mentions_null
from amparo.rules.feel.parser import Parsed, parse_expression, parse_unary_tests
from amparo.rules.feel.run import Frame, Run
from amparo.rules.feel.scope import Scope
from amparo.rules.feel.types import ANY, AllowedType, FeelType
from amparo.rules.feel.values import Value as FeelValue
from amparo.rules.ir import listing, shapes
from amparo.rules.ir.builder import Builder
from amparo.rules.ir.expressions import Lowering
from amparo.rules.ir.fitting import fitted
from amparo.rules.ir.nodes import FALSE, NULL, Expr, any_of
from amparo.rules.ir.refused import Refused
from amparo.rules.ir.tables import TableResult, TableRow, lower_table
from amparo.rules.ir.values import Closure, Context, Env, Listed, Lowered, Value

IN_THE_INTERPRETER: Final = "It runs in the interpreter; nothing need be done."


class BoxedLowering:
    """Lowers the logic of one element. tables: what its tables matched, by table."""

    def __init__(self, builder: Builder, uncertain: Mapping[str, Expr], types: TypeBook) -> None:
        self.builder = builder
        self.types = types
        self.feel = Lowering(builder, uncertain)
        self.tables: list[tuple[str, TableResult]] = []

    def lower(self, boxed: Boxed, scope: Scope, env: Env) -> Lowered:
        return _LOWER[type(boxed)](self, boxed, scope, env)

    # Texts --------------------------------------------------------------------------------

    def literal(self, boxed: LiteralExpression, scope: Scope, env: Env) -> Lowered:
        if not boxed.text:
            return Lowered(NULL)
        found = self.expression(boxed.text, scope, env)
        return self.typed(found, boxed.type_ref, boxed.text)

    def expression(self, text: str, scope: Scope, env: Env) -> Lowered:
        return self.read(parse_expression(text, scope, builtins=BUILTIN_NAMES), env)

    def read(self, parsed: Parsed, env: Env) -> Lowered:
        try:
            return self.feel.lower(parsed.tree, env)
        except Refused as refused:
            refused.source = refused.source or parsed.source
            raise

    def typed(self, found: Lowered, type_ref: str, hint: str) -> Lowered:
        if not type_ref:
            return found
        return replace(found, value=self.fit(found.value, self.types.find(type_ref), hint))

    def fit(self, value: Value, kind: FeelType, hint: str) -> Value:
        """Fit into a declared type; what its allowed values exclude becomes null."""
        if kind == ANY:
            return value
        bound = shapes.bound(self.builder, fitted(value, kind), hint)
        excluded = self.feel.not_allowed(bound, kind)
        return bound if excluded == FALSE else shapes.nulled(shapes.column(bound), excluded)

    # Boxes --------------------------------------------------------------------------------

    def context(self, boxed: BoxedContext, scope: Scope, env: Env) -> Lowered:
        entries: dict[str, Value] = {}
        inner, within = scope.inner(()), env.inner(entries)
        doubts: list[Expr] = []
        for entry in boxed.entries:
            if isinstance(entry.expression, FunctionDefinition):
                inner.variables.add(entry.name)
            found = self.lower(entry.expression, inner, within)
            found = self.typed(found, entry.type_ref, entry.name)
            doubts.append(found.doubt)
            if not entry.name:
                return Lowered(found.value, any_of(*doubts))
            inner.variables.add(entry.name)
            entries[entry.name] = shapes.bound(self.builder, found.value, entry.name)
        return Lowered(Context(entries), any_of(*doubts))

    def invocation(self, boxed: BoxedInvocation, scope: Scope, env: Env) -> Lowered:
        function = self.expression(boxed.function.text, scope, env)
        given = {name: self.lower(value, scope, env) for name, value in boxed.bindings}
        doubt = any_of(function.doubt, *(value.doubt for value in given.values()))
        values = {name: value.value for name, value in given.items()}
        if isinstance(function.value, Closure):
            for name, _ in function.value.parameters:
                values.setdefault(name, NULL)
        called = self.feel.call(function.value, list(values.values()), tuple(values))
        found = Lowered(called.value, any_of(doubt, called.doubt))
        return self.typed(found, boxed.type_ref, boxed.function.text)

    def listed(self, boxed: BoxedList, scope: Scope, env: Env) -> Lowered:
        return self._list([self.lower(item, scope, env) for item in boxed.items])

    def _list(self, items: Sequence[Lowered]) -> Lowered:
        values = Listed.of([item.value for item in items])
        return Lowered(values, any_of(*(item.doubt for item in items)))

    def relation(self, boxed: Relation, scope: Scope, env: Env) -> Lowered:
        rows: list[Lowered] = []
        for cells in boxed.rows:
            found = [self.lower(cell, scope, env) for cell in cells]
            values = dict(zip(boxed.columns, (cell.value for cell in found), strict=True))
            rows.append(Lowered(Context(values), any_of(*(cell.doubt for cell in found))))
        return self._list(rows)

    def function(self, boxed: FunctionDefinition, scope: Scope, env: Env) -> Lowered:
        return Lowered(self.closure(boxed, scope, env, boxed.id or "function", ANY))

    def closure(
        self, boxed: FunctionDefinition, scope: Scope, env: Env, name: str, kind: FeelType
    ) -> Closure:
        parameters = tuple(
            (parameter.name, self.types.find(parameter.type_ref)) for parameter in boxed.parameters
        )
        inner = scope.inner([parameter for parameter, _ in parameters])
        logic = boxed.body

        def body(within: Env) -> Lowered:
            return Lowered(NULL) if logic is None else self.lower(logic, inner, within)

        return Closure(name, parameters, body, env, kind)

    def conditional(self, boxed: Conditional, scope: Scope, env: Env) -> Lowered:
        return self.feel.choose(
            self.lower(boxed.condition, scope, env),
            lambda: self.lower(boxed.then, scope, env),
            lambda: self.lower(boxed.otherwise, scope, env),
        )

    def iteration(self, boxed: Iteration, scope: Scope, env: Env) -> Lowered:
        source = self.lower(boxed.source, scope, env)
        names = [boxed.variable, "partial"] if boxed.kind == "for" else [boxed.variable]
        inner = scope.inner(names)

        def body(item: Value) -> Lowered:
            return self.lower(boxed.body, inner, env.inner({boxed.variable: item}))

        if boxed.kind == "for":
            if _mentions_partial(boxed.body):
                raise Refused("A fold over its own results (partial)", IN_THE_INTERPRETER)
            found = listing.each(self.builder, source.value, body)
        else:

            def condition(item: Value) -> Lowered:
                answer = body(item)
                return Lowered(self.feel.truth(answer.value), answer.doubt)

            found = listing.quantify(
                self.builder, source.value, condition, decisive=boxed.kind == "some"
            )
        return Lowered(found.value, any_of(source.doubt, found.doubt))

    def filter(self, boxed: BoxedFilter, scope: Scope, env: Env) -> Lowered:
        if not isinstance(boxed.match, LiteralExpression):
            raise Refused("A boxed filter by a box", IN_THE_INTERPRETER)
        text = boxed.match.text
        source = self.lower(boxed.source, scope, env)
        inner = scope.inner(["item"], open_names=True)
        parsed = parse_expression(text, inner, builtins=BUILTIN_NAMES)
        if isinstance(parsed.tree, ast.Constant):
            raise Refused("A boxed filter by a constant", IN_THE_INTERPRETER)
        found = listing.choose(
            self.builder,
            source.value,
            lambda item: self.feel.filter_condition(parsed.tree, item, env),
        )
        is_literal = isinstance(boxed.source, LiteralExpression) and boxed.source.text == "null"
        unknown = FALSE if is_literal else shapes.absent(source.value)
        return Lowered(found.value, any_of(source.doubt, unknown, found.doubt))

    # Tables -------------------------------------------------------------------------------

    def table(self, boxed: DecisionTable, scope: Scope, env: Env) -> Lowered:
        inputs = [self.expression(clause.expression.text, scope, env) for clause in boxed.inputs]
        inputs = [
            replace(found, value=shapes.bound(self.builder, found.value, clause.label or "input"))
            for found, clause in zip(inputs, boxed.inputs, strict=True)
        ]
        rows: list[TableRow] = []
        constants: list[list[FeelValue | None]] = []
        for rule in boxed.rules:
            read = [self._cell(test.text or "-", scope) for test in rule.tests]
            cells = tuple(
                None
                if isinstance(parsed.tree, ast.Dash)
                else self._lower_cell(parsed, found.value, env)
                for parsed, found in zip(read, inputs, strict=True)
            )
            outputs = [self.expression(cell.text or "null", scope, env) for cell in rule.outputs]
            rows.append(
                TableRow(
                    rule.id,
                    cells,
                    tuple(mentions_null(parsed.tree) for parsed in read),
                    self._shaped(boxed, outputs),
                )
            )
            if boxed.hit_policy == "PRIORITY":
                constants.append([self._known(cell.text, scope) for cell in rule.outputs])
        found = lower_table(
            self.builder,
            boxed,
            inputs=inputs,
            rows=rows,
            default=self._default(boxed, scope, env),
            priorities=[self._priorities(clause, boxed, scope) for clause in boxed.outputs]
            if boxed.hit_policy == "PRIORITY"
            else (),
            outputs=constants,
        )
        self.tables.append((boxed.id, found))
        return found.result

    def _cell(self, text: str, scope: Scope) -> Parsed:
        return parse_unary_tests(text, scope, builtins=BUILTIN_NAMES)

    def _lower_cell(self, parsed: Parsed, tested: Value, env: Env) -> Lowered:
        try:
            return self.feel.cell(parsed.tree, tested, env)
        except Refused as refused:
            refused.source = refused.source or parsed.source
            raise

    def _shaped(self, table: DecisionTable, outputs: Sequence[Lowered]) -> Lowered:
        doubt = any_of(*(output.doubt for output in outputs))
        values = [
            shapes.bound(self.builder, output.value, clause.name or table.id)
            for output, clause in zip(outputs, table.outputs, strict=True)
        ]
        if len(values) == 1:
            return Lowered(values[0], doubt)
        names = (clause.name for clause in table.outputs)
        return Lowered(Context(dict(zip(names, values, strict=True))), doubt)

    def _default(self, table: DecisionTable, scope: Scope, env: Env) -> Lowered | None:
        defaults = [clause.default for clause in table.outputs]
        if all(default is None for default in defaults):
            return None
        found = [
            Lowered(NULL)
            if default is None
            else self.expression(default.text or "null", scope, env)
            for default in defaults
        ]
        return self._shaped(table, found)

    def _known(self, text: str, scope: Scope) -> FeelValue:
        """Evaluate an output whose priority is asked: it must be a constant."""
        parsed = parse_expression(text or "null", scope, builtins=BUILTIN_NAMES)
        if not isinstance(parsed.tree, ast.Constant):
            raise Refused("The outputs of a PRIORITY table are no constants", IN_THE_INTERPRETER)
        return parsed.tree.value

    def _priorities(
        self, clause: OutputClause, table: DecisionTable, scope: Scope
    ) -> Sequence[FeelValue]:
        text = clause.values
        if not text:
            type_ref = clause.type_ref or (table.type_ref if len(table.outputs) == 1 else "")
            kind = self.types.find(type_ref)
            text = kind.text if isinstance(kind, AllowedType) else ""
        if not text:
            return ()
        parsed = parse_expression(f"[{text}]", scope, builtins=BUILTIN_NAMES)
        if not isinstance(parsed.tree, ast.ListLiteral) or not all(
            isinstance(item, ast.Constant) for item in parsed.tree.items
        ):
            raise Refused("The priorities of a table are no constants", IN_THE_INTERPRETER)
        listed = Expression(parsed)(Frame(Run(), {}))
        return listed if isinstance(listed, list) else ()


def _mentions_partial(boxed: Boxed) -> bool:
    return isinstance(boxed, LiteralExpression) and "partial" in boxed.text


_LOWER: Final[Mapping[type, Callable[..., Lowered]]] = {
    LiteralExpression: BoxedLowering.literal,
    DecisionTable: BoxedLowering.table,
    BoxedContext: BoxedLowering.context,
    BoxedInvocation: BoxedLowering.invocation,
    BoxedList: BoxedLowering.listed,
    Relation: BoxedLowering.relation,
    FunctionDefinition: BoxedLowering.function,
    Conditional: BoxedLowering.conditional,
    Iteration: BoxedLowering.iteration,
    BoxedFilter: BoxedLowering.filter,
}
