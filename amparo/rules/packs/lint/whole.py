"""What a careful reader would object to in a pack that loads: findings, each with its place."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Literal

from amparo.rules.dmn.model import Decision, InputData
from amparo.rules.feel.ast import Arithmetic, Node
from amparo.rules.packs.pack import Pack
from amparo.rules.packs.parameters import Parameter


@dataclass(frozen=True, slots=True)
class Finding:
    severity: Literal["error", "warning"]
    code: str
    message: str
    where: str


def lint(pack: Pack) -> tuple[Finding, ...]:
    """Look for laws not cited, lossy arithmetic, unused parameters, dates with no or two values."""
    return (
        *_uncited_decisions(pack),
        *_divided_first(pack),
        *_parameters(pack),
        *(
            Finding("error", "case.none", "no worked case", "cases/")
            for _ in range(not any(name.startswith("cases/") for name in pack.files))
        ),
        *(
            Finding("error", "reason.no-law", "cites no law", f"reason {reason.code}")
            for reason in pack.reasons
            if not reason.law
        ),
    )


def _uncited_decisions(pack: Pack) -> Iterator[Finding]:
    for compiled in pack.library.elements.values():
        if isinstance(compiled.element, Decision) and not compiled.element.law:
            yield Finding("warning", "decision.no-law", "cites no law", compiled.where)


def _divided_first(pack: Pack) -> Iterator[Finding]:
    """A quotient that does not end is cut at 34 digits; a product of it may miss a whole unit.

    Sees one expression at a time: a quotient that comes in by a name stays unseen.
    """
    for compiled in pack.library.elements.values():
        if any(_multiplies_a_quotient(node) for tree in compiled.trees for node in _nodes(tree)):
            message = "divides before it multiplies; divide last, or rounding may lose a unit"
            yield Finding("warning", "arithmetic.divided-first", message, compiled.where)


def _multiplies_a_quotient(node: Node) -> bool:
    return (
        isinstance(node, Arithmetic)
        and node.operator == "*"
        and any(_is_quotient(side) for side in (node.left, node.right))
    )


def _is_quotient(node: Node) -> bool:
    return isinstance(node, Arithmetic) and node.operator == "/"


def _nodes(value: object) -> Iterator[Node]:
    """Give a tree's nodes, wherever a node holds them."""
    if isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)
    elif is_dataclass(value):
        if isinstance(value, Node):
            yield value
        for field in fields(value):
            yield from _nodes(getattr(value, field.name))


def _parameters(pack: Pack) -> Iterator[Finding]:
    used = {
        compiled.element.name
        for compiled in pack.library.elements.values()
        if isinstance(compiled.element, InputData)
    }
    for parameter in pack.parameters:
        where = f"parameter {parameter.name}"
        if parameter.name not in used:
            yield Finding("warning", "parameter.unused", "no decision uses it", where)
        if any(not row.law for row in parameter.rows):
            yield Finding("error", "parameter.no-law", "a row has no legal source", where)
        if not parameter.is_series:
            yield from _dates(parameter, where)


def _dates(parameter: Parameter, where: str) -> Iterator[Finding]:
    """Look at neighbouring adopted rows for gaps and for a later row that buries an earlier."""
    rows = [row for row in parameter.rows if row.is_adopted]
    for index, later in enumerate(rows[1:], start=1):
        ends = [row.valid_to for row in rows[:index]]
        if None not in ends and not parameter.gaps_allowed:
            last = max(end for end in ends if end is not None)
            if last < later.valid_from:
                message = f"no value from {last} until {later.valid_from}"
                yield Finding("warning", "parameter.gap", message, where)
        earlier = rows[index - 1]
        if earlier.known_from > later.known_from and earlier.covers(later.valid_from):
            message = f"the row from {earlier.valid_from}, known later, buries {later.valid_from}"
            yield Finding("warning", "parameter.buried", message, where)
