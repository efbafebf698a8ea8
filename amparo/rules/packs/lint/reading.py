"""Every expression of a pack with its place: which element, which box, which role it plays."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from amparo.rules.dmn.boxed import BoxedCompiler
from amparo.rules.dmn.graph import Compiled, Key
from amparo.rules.dmn.model import (
    BusinessKnowledge,
    Decision,
    DecisionTable,
    FunctionDefinition,
    LiteralExpression,
)
from amparo.rules.dmn.types import TypeBook
from amparo.rules.feel.evaluate import Evaluator, Expression
from amparo.rules.feel.parser import Parsed
from amparo.rules.feel.scope import Scope
from amparo.rules.packs.pack import Pack

Role: TypeAlias = Literal["result", "heading", "test"]


@dataclass(frozen=True, slots=True)
class Read:
    """An expression. role: heading: of a table's column; test: a cell that asks; else result."""

    id: str
    role: Role
    expression: Expression


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A table with its expressions compiled: headings, and per rule its tests and outputs."""

    table: DecisionTable
    headings: tuple[Expression, ...]
    tests: tuple[tuple[Expression, ...], ...]
    outputs: tuple[tuple[Expression, ...], ...]
    types: TypeBook
    scope: Scope


@dataclass(frozen=True, slots=True)
class ReadElement:
    """A decision or knowledge model with all its expressions. logic: its own, if it is one."""

    key: Key
    compiled: Compiled
    model: str
    element: str
    expressions: tuple[Read, ...]
    tables: tuple[ReadTable, ...]


class _Recorder(BoxedCompiler):
    """A compiler that notes what it reads."""

    def __init__(self, types: TypeBook, where: str) -> None:
        super().__init__(types, where)
        self.read: list[Read] = []
        self.tables: list[ReadTable] = []
        self.role: Role = "result"

    def parsed(self, expression: LiteralExpression, parse: Callable[[], Parsed]) -> Expression:
        compiled = super().parsed(expression, parse)
        self.read.append(Read(expression.id, self.role, compiled))
        return compiled

    def cell(self, test: LiteralExpression, scope: Scope) -> Expression:
        before, self.role = self.role, "test"
        compiled = super().cell(test, scope)
        self.role = before
        return compiled

    def table(self, boxed: DecisionTable, scope: Scope) -> Evaluator:
        self.role = "heading"
        headings = tuple(self.expression(clause.expression, scope) for clause in boxed.inputs)
        self.role = "result"
        self.tables.append(
            ReadTable(
                table=boxed,
                headings=headings,
                tests=tuple(
                    tuple(self.cell(test, scope) for test in rule.tests) for rule in boxed.rules
                ),
                outputs=tuple(
                    tuple(self.output(cell, scope) for cell in rule.outputs) for rule in boxed.rules
                ),
                types=self.types,
                scope=scope,
            )
        )
        for clause in boxed.outputs:
            if clause.default is not None:
                self.output(clause.default, scope)
        return lambda _: None


def read_expressions(pack: Pack) -> Iterator[ReadElement]:
    for key, compiled in pack.library.elements.items():
        element = compiled.element
        if not isinstance(element, (Decision, BusinessKnowledge)) or element.logic is None:
            continue
        scope, types = pack.library.reach_of(key)
        recorder = _Recorder(types, compiled.where)
        logic = element.logic
        if isinstance(element, BusinessKnowledge) and isinstance(logic, FunctionDefinition):
            recorder.body(logic, scope)
        else:
            recorder.compile(logic, scope)
        kind = "decision" if isinstance(element, Decision) else "knowledge model"
        yield ReadElement(
            key=key,
            compiled=compiled,
            model=pack.library.models[key[0]].where,
            element=f"{kind} {element.name}",
            expressions=tuple(recorder.read),
            tables=tuple(recorder.tables),
        )
