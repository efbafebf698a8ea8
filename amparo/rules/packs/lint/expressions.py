"""Expressions: quotients that lose a unit, facts that may be missing, types that cannot fit."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from amparo.rules.feel import ast
from amparo.rules.feel.evaluate import mentions_null, names_in
from amparo.rules.feel.types import FeelType, base_of
from amparo.rules.feel.values import kind_of
from amparo.rules.packs.lint.findings import Finding
from amparo.rules.packs.lint.reading import Read, ReadElement
from amparo.rules.packs.lint.values import nodes_of
from amparo.rules.packs.pack import Pack

_ROUNDING: Final = frozenset(
    {
        "floor",
        "ceiling",
        "decimal",
        "round up",
        "round down",
        "round half up",
        "round half down",
        "modulo",
    }
)
_PLAIN: Final = frozenset(
    {
        "number",
        "string",
        "boolean",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
    }
)


def expression_findings(pack: Pack, read: Sequence[ReadElement]) -> Iterator[Finding]:
    open_quotients = _open_quotients(read)
    optional = _may_be_missing(pack)
    deciding = _deciding(pack)
    for element in read:
        kinds = _kinds(pack, element)
        for one in element.expressions:
            yield from _divided_first(element, one)
            yield from _unrounded(element, one)
            yield from _through_a_name(element, one, open_quotients)
            yield from _clashes(element, one, kinds)
            if element.key in deciding:
                yield from _nullable(element, one, optional)
        yield from _nullable_columns(element, optional if element.key in deciding else {})
        yield from _table_clashes(element, kinds)


def _found(element: ReadElement, one: Read, code: str, message: str, remedy: str) -> Finding:
    return Finding(
        "warning",
        code,
        message,
        remedy,
        model=element.model,
        element=element.element,
        position=f"expression {one.id}" if one.id else f"“{shortened(one.expression.source)}”",
    )


def shortened(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else f"{flat[:57]}…"


# Quotients --------------------------------------------------------------------------------


def _divided_first(element: ReadElement, one: Read) -> Iterator[Finding]:
    """A quotient that does not end is cut at 34 digits; a product of it may miss a whole unit."""
    if any(
        isinstance(node, ast.Arithmetic)
        and node.operator == "*"
        and any(_is_quotient(side) for side in (node.left, node.right))
        for node in nodes_of(one.expression.tree)
    ):
        message = "divides before it multiplies, and rounding may lose a unit"
        yield _found(element, one, "arithmetic.divided-first", message, "Multiply first.")


def _is_quotient(node: ast.Node) -> bool:
    return isinstance(node, ast.Arithmetic) and node.operator == "/"


def _ends(divisor: ast.Node) -> bool:
    """Say whether a quotient by this always ends: the divisor has no factor but 2 and 5."""
    if not isinstance(divisor, ast.Constant) or not isinstance(divisor.value, Decimal):
        return False
    whole = abs(int(divisor.value)) if divisor.value == int(divisor.value) else 0
    for factor in (2, 5):
        while whole and whole % factor == 0:
            whole //= factor
    return whole == 1


def _open(node: ast.Node) -> bool:  # noqa: PLR0911 - one line per kind of node
    """Say whether the value of a tree may be a quotient that nothing has rounded."""
    match node:
        case ast.Arithmetic(operator="/"):
            return not _ends(node.right) or _open(node.left)
        case ast.Arithmetic():
            return _open(node.left) or _open(node.right)
        case ast.Negation():
            return _open(node.operand)
        case ast.If():
            return _open(node.then) or _open(node.otherwise)
        case ast.Invocation(function=ast.Name(name=("min" | "max" | "sum" | "abs"))):
            return any(_open(argument) for argument in node.arguments)
        case ast.Invocation(function=ast.Name(name=("mean" | "median"))):
            return True
        case _:
            return False


def _unrounded(element: ReadElement, one: Read) -> Iterator[Finding]:
    if one.role == "result" and _open(one.expression.tree):
        message = "gives a quotient that nothing rounds"
        remedy = "Round it as the law says, or keep dividend and divisor apart until it is."
        yield _found(element, one, "arithmetic.unrounded", message, remedy)


def _open_quotients(read: Sequence[ReadElement]) -> frozenset[str]:
    """Name the decisions whose whole result is a quotient that nothing rounded."""
    return frozenset(
        element.compiled.element.name
        for element in read
        if len(element.expressions) == 1 and _open(element.expressions[0].expression.tree)
    )


def _through_a_name(
    element: ReadElement, one: Read, open_quotients: frozenset[str]
) -> Iterator[Finding]:
    for node in nodes_of(one.expression.tree):
        if not isinstance(node, ast.Arithmetic) or node.operator != "*":
            continue
        for side in (node.left, node.right):
            if isinstance(side, ast.Name) and side.name in open_quotients:
                message = f"multiplies {side.name}, a quotient that nothing rounded"
                remedy = "Multiply first and divide last, in one expression."
                yield _found(element, one, "arithmetic.divided-earlier", message, remedy)


# Missing facts ----------------------------------------------------------------------------


def _may_be_missing(pack: Pack) -> dict[str, str]:
    """Give the names that may be null by declaration, and why."""
    inputs = {
        item.name: "is not required"
        for item in pack.manifest.inputs
        # A result that is not given is computed.
        if not item.is_required and not item.is_result
    }
    gaps = {item.name: "may have no value" for item in pack.parameters if item.gaps_allowed}
    return inputs | gaps


def _deciding(pack: Pack) -> frozenset[tuple[str, str]]:
    """Give all that an eligibility decision rests on."""
    found: set[tuple[str, str]] = set()
    for decision in pack.manifest.decisions:
        if decision.kind == "eligibility":
            found.update(pack.library.needed_by(pack.library.key_of(decision.name)))
    return frozenset(found)


def _conditions(tree: ast.Node) -> Iterator[ast.Node]:
    for node in nodes_of(tree):
        if isinstance(node, (ast.If, ast.Filter)):
            yield node.condition


_NULLABLE_REMEDY: Final = (
    "Say what holds when it is not known (a test of null), or require it; else an officer decides."
)


def _nullable(element: ReadElement, one: Read, optional: Mapping[str, str]) -> Iterator[Finding]:
    handled = set(_tested_for_null(one.expression.tree))
    for condition in _conditions(one.expression.tree):
        if mentions_null(condition):
            continue
        for node in names_in(condition):
            if isinstance(node, ast.Name) and node.name in optional and node.name not in handled:
                message = f"a condition rests on {node.name}, which {optional[node.name]}"
                yield _found(element, one, "condition.nullable", message, _NULLABLE_REMEDY)


def _tested_for_null(tree: ast.Node) -> Iterator[str]:
    """Give the names that a tree compares with null somewhere: their author thought of it."""
    for node in nodes_of(tree):
        if isinstance(node, ast.Comparison) and mentions_null(node):
            for side in (node.left, node.right):
                if isinstance(side, ast.Name):
                    yield side.name


def _nullable_columns(element: ReadElement, optional: Mapping[str, str]) -> Iterator[Finding]:
    for table in element.tables:
        for column, heading in enumerate(table.headings):
            tree = heading.tree
            if not isinstance(tree, ast.Name) or tree.name not in optional:
                continue
            tests = [row[column].tree for row in table.tests]
            if not any(mentions_null(test) for test in tests):
                clause = table.table.inputs[column]
                yield Finding(
                    "warning",
                    "condition.nullable",
                    f"a column looks at {tree.name}, which {optional[tree.name]}",
                    _NULLABLE_REMEDY,
                    model=element.model,
                    element=element.element,
                    position=f"column {clause.label}",
                    column=column,
                )


# Types ------------------------------------------------------------------------------------


def _kinds(pack: Pack, element: ReadElement) -> Mapping[str, str]:
    """Give the plain types of the names an element requires."""
    found: dict[str, str] = {}
    for alias, name, key in element.compiled.requires:
        kind = _plain(pack.library.elements[key].kind)
        if not alias and kind:
            found[name] = kind
    return found


def _plain(kind: FeelType) -> str:
    name = base_of(kind).name
    return name if name in _PLAIN else ""


def _static(node: ast.Node, kinds: Mapping[str, str]) -> str:
    """Give the plain type a tree always has; empty where that cannot be said."""
    match node:
        case ast.Constant():
            return "" if node.value is None else kind_of(node.value)
        case ast.Name():
            return kinds.get(node.name, "")
        case ast.Comparison() | ast.Logical() | ast.Between() | ast.Quantified():
            return "boolean"
        case ast.Arithmetic():
            sides = {_static(node.left, kinds), _static(node.right, kinds)}
            return sides.pop() if len(sides) == 1 and sides <= {"number", "string"} else ""
        case _:
            return ""


def _clashes(element: ReadElement, one: Read, kinds: Mapping[str, str]) -> Iterator[Finding]:
    for node in nodes_of(one.expression.tree):
        if isinstance(node, ast.Comparison):
            left, right = _static(node.left, kinds), _static(node.right, kinds)
            if left and right and left != right:
                message = f"compares a {left} with a {right}, which is never true"
                yield _found(element, one, "type.clash", message, "Compare values of one type.")
        elif isinstance(node, ast.Arithmetic) and node.operator != "+":
            for side in (node.left, node.right):
                if _static(side, kinds) in {"string", "boolean"}:
                    message = f"calculates with a {_static(side, kinds)}"
                    yield _found(element, one, "type.clash", message, "Calculate with numbers.")


def _table_clashes(element: ReadElement, kinds: Mapping[str, str]) -> Iterator[Finding]:
    for table in element.tables:
        columns = [
            _static(heading.tree, kinds) or _plain(table.types.find(clause.expression.type_ref))
            for heading, clause in zip(table.headings, table.table.inputs, strict=True)
        ]
        for rule, tests, outputs in zip(table.table.rules, table.tests, table.outputs, strict=True):
            for column, (wanted, test) in enumerate(zip(columns, tests, strict=True)):
                for found in _tested(test.tree, kinds):
                    if wanted and found != wanted:
                        label = table.table.inputs[column].label
                        message = f"tests a {wanted} against a {found}"
                        yield _in_cell(element, rule.id, label, column, message)
            for place, (clause, output) in enumerate(
                zip(table.table.outputs, outputs, strict=True), start=len(columns)
            ):
                wanted = _plain(table.types.find(clause.type_ref))
                found = _static(output.tree, kinds)
                if wanted and found and wanted != found:
                    message = f"gives a {found} where the column declares a {wanted}"
                    yield _in_cell(element, rule.id, clause.label, place, message)


def _in_cell(element: ReadElement, rule: str, label: str, column: int, message: str) -> Finding:
    return Finding(
        "error",
        "type.clash",
        message,
        "Correct the cell, or the type of the column.",
        model=element.model,
        element=element.element,
        position=f"rule {rule}, column {label}",
        row=rule,
        column=column,
    )


def _tested(tree: ast.Node, kinds: Mapping[str, str]) -> Iterator[str]:
    """Give the plain types of what a cell compares the value with."""
    match tree:
        case ast.UnaryTests():
            for test in tree.tests:
                yield from _tested(test, kinds)
        case ast.UnaryTest():
            yield from filter(None, [_static(tree.operand, kinds)])
        case ast.RangeLiteral():
            yield from filter(None, [_static(tree.low, kinds), _static(tree.high, kinds)])
        case ast.Constant():
            yield from filter(None, [_static(tree, kinds)])
        case _:
            return
