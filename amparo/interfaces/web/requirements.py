"""The decision requirements of a pack: a diagram drawn by the server, and the same as a table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.interfaces.web.tables import Cell, Column, Row, Table
from amparo.rules.dmn.diagram import HEIGHT, WIDTH, Diagram, Edge, Node, requirements_diagram
from amparo.rules.packs import Pack

_KINDS: Final[Mapping[str, Promise]] = {
    "decision": gettext_lazy("Decision"),
    "input": gettext_lazy("Fact or parameter"),
    "knowledge": gettext_lazy("Formula"),
    "law": gettext_lazy("Law"),
    "service": gettext_lazy("Decision service"),
}
_LINE: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnText:
    x: int
    y: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnNode:
    """An element: the outline of its shape, its name in lines, and where its link leads."""

    kind: str
    outline: str
    lines: Sequence[DrawnText]
    said: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnEdge:
    kind: str
    way: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """legend: outline and meaning of each shape that occurs."""

    width: int
    height: int
    nodes: Sequence[DrawnNode]
    edges: Sequence[DrawnEdge]
    legend: Sequence[tuple[str, str, str]]
    table: Table


def requirements_of(pack: Pack, *, language: str, with_tables: Mapping[str, str]) -> Requirements:
    """Draw the requirements of a pack. with_tables: the anchor of each decision that has one."""
    diagram = requirements_diagram(
        list(pack.library.models.values()),
        called=lambda name: pack.label(name, language=language),
    )
    parameters = {parameter.name for parameter in pack.parameters}
    inputs = {
        (model.namespace, item.id): item.name
        for model in pack.library.models.values()
        for item in model.inputs.values()
    }

    def href(node: Node) -> str:
        if node.key[1] in with_tables:
            return f"#{with_tables[node.key[1]]}"
        if node.kind == "law":
            return "#law"
        if node.kind == "input":
            return "#rows-parameters" if inputs[node.key] in parameters else "#rows-decisions"
        return "#rows-requirements"

    kinds = [kind for kind in _KINDS if any(node.kind == kind for node in diagram.nodes)]
    return Requirements(
        width=diagram.width,
        height=diagram.height,
        nodes=[_drawn(node, href(node)) for node in diagram.nodes],
        edges=[DrawnEdge(kind=edge.kind, way=_way(edge)) for edge in diagram.edges],
        legend=[(kind, _outline(kind, 1, 1, 30, 16), str(_KINDS[kind])) for kind in kinds],
        table=_table(diagram),
    )


def _drawn(node: Node, href: str) -> DrawnNode:
    raised = 5 if node.kind == "law" else 0  # its lower edge is a wave
    first = node.middle + 5 - raised - (len(node.lines) - 1) * _LINE // 2
    return DrawnNode(
        kind=node.kind,
        outline=_outline(node.kind, node.x, node.y, WIDTH, HEIGHT),
        lines=[
            DrawnText(x=node.x + WIDTH // 2, y=first + number * _LINE, text=line)
            for number, line in enumerate(node.lines)
        ],
        said=f"{_KINDS[node.kind]}: {node.name}",
        href=href,
    )


def _outline(kind: str, x: int, y: int, width: int, height: int) -> str:
    """Give the shape that DMN draws an element with, as a path."""
    right, low, half = x + width, y + height, height // 2
    match kind:
        case "input":
            return (
                f"M{x + half} {y}H{right - half}A{half} {half} 0 0 1 {right - half} {low}"
                f"H{x + half}A{half} {half} 0 0 1 {x + half} {y}Z"
            )
        case "knowledge":
            cut = height // 4
            return f"M{x + cut} {y}H{right}V{low - cut}L{right - cut} {low}H{x}V{y + cut}Z"
        case "law":
            wave, quarter = height // 8, width // 4
            return (
                f"M{x} {y}H{right}V{low - wave}Q{right - quarter} {low - 3 * wave} "
                f"{x + width // 2} {low - wave}T{x} {low - wave}Z"
            )
        case "service":
            return f"M{x + 8} {y}H{right - 8}L{right} {y + 8}V{low}H{x}V{y + 8}Z"
        case _:
            return f"M{x} {y}H{right}V{low}H{x}Z"


def _way(edge: Edge) -> str:
    """Give a requirement as a path: curves between layers, straight along its lanes."""
    start = edge.points[0]
    parts = [f"M{start[0]} {start[1]}"]
    for (x, y), (next_x, next_y) in pairwise(edge.points):
        if y == next_y:
            parts.append(f"H{next_x}")
        else:
            middle = (x + next_x) // 2
            parts.append(f"C{middle} {y} {middle} {next_y} {next_x} {next_y}")
    return "".join(parts)


def _table(diagram: Diagram) -> Table:
    names = {node.key: node for node in diagram.nodes}

    def required(node: Node, *kinds: str) -> Iterator[str]:
        for edge in diagram.edges:
            if edge.target == node.key and edge.kind in kinds:
                yield names[edge.source].name

    return Table(
        name="requirements",
        caption=_("What each decision rests on"),
        columns=(
            Column(title=_("Element")),
            Column(title=_("Kind")),
            Column(title=_("Requires")),
            Column(title=_("Law")),
        ),
        rows=[
            Row(
                cells=(
                    Cell(value=node.name),
                    Cell(value=str(_KINDS[node.kind])),
                    Cell(value="; ".join(required(node, "information", "knowledge"))),
                    Cell(value="; ".join(required(node, "authority"))),
                )
            )
            for node in diagram.nodes
            if node.kind not in {"input", "law"}
        ],
        empty=_("This pack decides nothing."),
        is_exportable=False,
    )
