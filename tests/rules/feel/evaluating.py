"""Evaluate one FEEL text, as the tests below it do."""

from collections.abc import Mapping

from amparo.rules.dmn.boxed import BUILTIN_NAMES
from amparo.rules.feel.evaluate import Expression
from amparo.rules.feel.parser import parse_expression, parse_unary_tests
from amparo.rules.feel.run import Frame, Run
from amparo.rules.feel.scope import NameTable, Scope
from amparo.rules.feel.values import Value, text_of


def evaluate(text: str, names: Mapping[str, Value] | None = None, run: Run | None = None) -> Value:
    given = names or {}
    scope = Scope(NameTable(given), NameTable(_members(given)))
    expression = Expression(parse_expression(text, scope, builtins=BUILTIN_NAMES))
    run = run or Run()
    doubted = {name: value for name, value in given.items() if name in run.uncertain}
    sure = {name: value for name, value in given.items() if name not in doubted}
    return expression(Frame(run, sure, None, doubted))


def shown(text: str, names: Mapping[str, Value] | None = None) -> str:
    """Give the result of a text as FEEL would write it."""
    return text_of(evaluate(text, names), inside=True)


def causes(text: str, names: Mapping[str, Value] | None = None) -> list[str]:
    """Give the codes of the diagnostics a text leaves; its result must be null or hold one."""
    run = Run()
    evaluate(text, names, run)
    return [diagnostic.code for diagnostic in run.diagnostics]


def passes(cell: str, value: Value, names: Mapping[str, Value] | None = None) -> Value:
    """Test a value against a table cell."""
    given = names or {}
    parsed = parse_unary_tests(cell, Scope(NameTable(given)), builtins=BUILTIN_NAMES)
    return Expression(parsed)(Frame(Run(), {**given, "?": value}))


def _members(given: Mapping[str, Value]) -> list[str]:
    contexts = [
        item
        for value in given.values()
        for item in (value if isinstance(value, list) else [value])
        if isinstance(item, dict)
    ]
    return [key for context in contexts for key in context]
