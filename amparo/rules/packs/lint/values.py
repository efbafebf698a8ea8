"""What values a name can have: whole numbers only, nothing below zero.

Known from how a name is computed, so that no gap is claimed between 3 and 4 children.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from amparo.rules.dmn.model import BusinessKnowledge, Decision, LiteralExpression
from amparo.rules.feel import ast
from amparo.rules.feel.evaluate import children
from amparo.rules.packs.lint.reading import ReadElement

_WHOLE_CALLS: Final = frozenset({"count", "string length", "floor", "ceiling", "index of"})
_KEEP_SIGN: Final = frozenset(
    {"floor", "ceiling", "decimal", "round up", "round down", "round half up", "round half down"}
)
_WHOLE_PARTS: Final = frozenset(
    {"year", "month", "day", "years", "months", "days", "hours", "minutes", "weekday"}
)


@dataclass(frozen=True, slots=True)
class Known:
    """Names that only give whole numbers, and names that never give less than nothing.

    A parameter of a knowledge model is written ``model: parameter``.
    """

    whole: frozenset[str]
    not_negative: frozenset[str]


def known_values(read: Sequence[ReadElement]) -> Known:
    calls = list(_calls(read))
    return Known(_closed(read, calls, is_whole), _closed(read, calls, is_not_negative))


def _closed(
    read: Sequence[ReadElement],
    calls: Sequence[tuple[str, ast.Node, str]],
    holds: Callable[[ast.Node, frozenset[str], str], bool],
) -> frozenset[str]:
    """Collect the names of which something holds, until no more come to it."""
    found: frozenset[str] = frozenset()
    while True:
        more = {
            element.compiled.element.name
            for element in read
            if len(element.expressions) == 1
            and _is_one_expression(element)
            and holds(element.expressions[0].expression.tree, found, element.compiled.element.name)
        }
        parameters = {name for name, _, _ in calls}
        more |= {
            name
            for name in parameters
            if all(holds(argument, found, by) for known, argument, by in calls if known == name)
        }
        if more <= found:
            return found
        found |= more


def _calls(read: Sequence[ReadElement]) -> Iterator[tuple[str, ast.Node, str]]:
    """Give each argument of each call of a knowledge model: its parameter, its tree, the caller."""
    parameters = {
        element.compiled.element.name: [name for name, _ in element.compiled.parameters]
        for element in read
    }
    for element in read:
        for one in element.expressions:
            for node in nodes_of(one.expression.tree):
                if not isinstance(node, ast.Invocation) or not isinstance(node.function, ast.Name):
                    continue
                called = node.function.name
                names: Sequence[str] = parameters.get(called, ())
                if node.names is not None:
                    names = node.names
                for name, argument in zip(names, node.arguments, strict=False):
                    yield f"{called}: {name}", argument, element.compiled.element.name


def is_whole(  # noqa: PLR0911 - one line per kind of node
    tree: ast.Node, known: frozenset[str], owner: str
) -> bool:
    match tree:
        case ast.Name(name=name):
            return name in known or f"{owner}: {name}" in known
        case ast.Path(member=member):
            return member in _WHOLE_PARTS
        case ast.Invocation(function=ast.Name(name=("min" | "max" | "sum" | "abs"))):
            return all(is_whole(argument, known, owner) for argument in tree.arguments)
        case ast.Invocation(function=ast.Name(name=name)):
            return name in known or (name in _WHOLE_CALLS and len(tree.arguments) == 1)
        case ast.Arithmetic(operator=("+" | "-" | "*")):
            return is_whole(tree.left, known, owner) and is_whole(tree.right, known, owner)
        case ast.If():
            return is_whole(tree.then, known, owner) and is_whole(tree.otherwise, known, owner)
        case ast.Constant(value=Decimal() as value):
            return value == int(value)
        case _:
            return False


def is_not_negative(  # noqa: PLR0911 - one line per kind of node
    tree: ast.Node, known: frozenset[str], owner: str
) -> bool:
    match tree:
        case ast.Name(name=name):
            return name in known or f"{owner}: {name}" in known
        case ast.Invocation(function=ast.Name(name="max")):
            return any(is_not_negative(argument, known, owner) for argument in tree.arguments)
        case ast.Invocation(function=ast.Name(name=("count" | "string length" | "abs"))):
            return True
        case ast.Invocation(function=ast.Name(name=name)) if name in _KEEP_SIGN and tree.arguments:
            return is_not_negative(tree.arguments[0], known, owner)
        case ast.Invocation(function=ast.Name(name=("min" | "sum"))):
            return all(is_not_negative(argument, known, owner) for argument in tree.arguments)
        case ast.Invocation(function=ast.Name(name=name)):
            return name in known
        case ast.Arithmetic(operator=("+" | "*" | "/")):
            sides = (tree.left, tree.right)
            return all(is_not_negative(side, known, owner) for side in sides)
        case ast.If():
            parts = (tree.then, tree.otherwise)
            return all(is_not_negative(part, known, owner) for part in parts)
        case ast.Constant(value=Decimal() as value):
            return value >= 0
        case _:
            return False


def _is_one_expression(element: ReadElement) -> bool:
    owner = element.compiled.element
    if isinstance(owner, BusinessKnowledge):
        return owner.logic is not None and isinstance(owner.logic.body, LiteralExpression)
    return isinstance(owner, Decision) and isinstance(owner.logic, LiteralExpression)


def nodes_of(tree: ast.Node) -> Iterator[ast.Node]:
    """Give a tree's nodes, itself first."""
    yield tree
    for child in children(tree):
        yield from nodes_of(child)
