"""A model for a viewer that reads DMN 1.3 and draws only what has a place: laid out here.

What the author drew stays. Where there is no drawing, elements and requirements get the places of
our own diagram; a requirement without an id gets one, in this copy alone.
"""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from amparo.rules.dmn.diagram import HEIGHT, WIDTH, Diagram, Edge, Key, requirements_diagram
from amparo.rules.dmn.exchange import Exchanged, to_13
from amparo.rules.dmn.model import Model
from amparo.rules.dmn.versions import DIAGRAM_13, DMN_13
from amparo.rules.dmn.xml import parse_xml

_BOUNDS: Final = "http://www.omg.org/spec/DMN/20180521/DC/"
_WAY: Final = "http://www.omg.org/spec/DMN/20180521/DI/"
_NAMES: Final = {"dmndi": DIAGRAM_13, "dc": _BOUNDS, "di": _WAY}
_REQUIREMENTS: Final = ("informationRequirement", "knowledgeRequirement", "authorityRequirement")


def to_view(text: str, model: Model) -> Exchanged:
    """Give a file of DMN 1.5 as 1.3 with a drawing. model: the same file, read.

    Raises UnreadableModel.
    """
    exchanged = to_13(text, where=model.where)
    root = parse_xml(exchanged.text, where=model.where, comments=True)
    if root.find(f"{{{DIAGRAM_13}}}DMNDI") is None:
        _draw(root, model.namespace, requirements_diagram([model]))
    drawn = etree.tostring(root, encoding="unicode", xml_declaration=False)
    return Exchanged(f'<?xml version="1.0" encoding="UTF-8"?>\n{drawn}', exchanged.kept)


def _draw(root: etree._Element, namespace: str, diagram: Diagram) -> None:
    drawing = etree.SubElement(root, f"{{{DIAGRAM_13}}}DMNDI", nsmap=_NAMES)
    page = etree.SubElement(drawing, f"{{{DIAGRAM_13}}}DMNDiagram", id="diagram_laid_out")
    for node in diagram.nodes:
        shape = etree.SubElement(page, f"{{{DIAGRAM_13}}}DMNShape", dmnElementRef=node.key[1])
        place = {"x": node.x, "y": node.y, "width": WIDTH, "height": HEIGHT}
        etree.SubElement(shape, f"{{{_BOUNDS}}}Bounds", {key: str(n) for key, n in place.items()})
    ways = {(edge.source, edge.target): edge for edge in diagram.edges}
    for number, (identifier, edge) in enumerate(_requirements(root, namespace, ways), start=1):
        line = etree.SubElement(
            page, f"{{{DIAGRAM_13}}}DMNEdge", id=f"way_{number}", dmnElementRef=identifier
        )
        for x, y in edge.points:
            etree.SubElement(line, f"{{{_WAY}}}waypoint", x=str(x), y=str(y))


def _requirements(
    root: etree._Element, namespace: str, ways: dict[tuple[Key, Key], Edge]
) -> Iterator[tuple[str, Edge]]:
    """Give each requirement that the diagram draws, by its id."""
    tags = [f"{{{DMN_13}}}{name}" for name in _REQUIREMENTS]
    for number, requirement in enumerate(root.iter(*tags), start=1):
        holder, target = requirement.getparent(), next(iter(requirement), None)
        if holder is None or target is None:
            continue
        place, _, identifier = target.get("href", "").rpartition("#")
        source = (place or namespace, identifier)
        edge = ways.get((source, (namespace, holder.get("id", ""))))
        if edge is None:
            continue
        if not requirement.get("id"):
            requirement.set("id", f"requirement_{number}")
        yield str(requirement.get("id")), edge
