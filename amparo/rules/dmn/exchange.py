"""A model of DMN 1.5 for tools that read 1.3 only (dmn-js), and back without loss.

What 1.3 has no element for goes along by name: a text stands in its place, and the box itself is
in the extension elements, which such a tool keeps. Whoever changes that text is told on the way
back: the box cannot be both.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from amparo.rules.dmn.versions import DIAGRAM_15, DMN_15, namespaces_of_13, namespaces_of_15
from amparo.rules.dmn.xml import UnreadableModel, parse_xml

AMPARO: Final = "https://amparo.example/dmn/kept"
_BOXES: Final = ("conditional", "for", "some", "every", "filter")
_SHAPE: Final = "useAlternativeInputDataShape"


@dataclass(frozen=True, slots=True)
class Exchanged:
    """text: the file in DMN 1.3. kept: what 1.3 has no element for, named with its holder."""

    text: str
    kept: tuple[str, ...]


def to_13(text: str, *, where: str) -> Exchanged:
    """Give a file of DMN 1.5 as 1.3. Raises UnreadableModel."""
    root = parse_xml(text, where=where, comments=True)
    if etree.QName(root).namespace != DMN_15:
        raise UnreadableModel(
            code="dmn.namespace",
            message="The file is not a model of DMN 1.5",
            remedy="Write the model with Amparo first.",
            where=where,
        )
    kept = (*_set_aside_boxes(root), *_set_aside_constraints(root), *_set_aside_shapes(root))
    return Exchanged(namespaces_of_13(_text_of(root)), kept)


def to_15(text: str, *, where: str) -> str:
    """Give a file of DMN 1.3 as 1.5, with all that ``to_13`` set aside in its place again.

    Raises UnreadableModel where the text that stands for a box was changed.
    """
    root = parse_xml(namespaces_of_15(text), where=where, comments=True)
    for holder in list(root.iter(f"{{{AMPARO}}}kept")):
        _put_back(holder, where)
    for diagram in root.iter(f"{{{DIAGRAM_15}}}DMNDiagram"):
        value = diagram.attrib.pop(f"{{{AMPARO}}}{_SHAPE}", "")
        if value:
            diagram.set(_SHAPE, str(value))
    return _text_of(root)


def _text_of(root: etree._Element) -> str:
    text = etree.tostring(root.getroottree(), encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _tag(name: str) -> str:
    return f"{{{DMN_15}}}{name}"


def _raw(element: etree._Element) -> str:
    return etree.tostring(element, method="c14n", exclusive=True, with_tail=False).decode()


def _holder(element: etree._Element, kind: str) -> etree._Element:
    """Give an element for what is set aside: in the extension elements, made where needed."""
    extensions = element.find(_tag("extensionElements"))
    if extensions is None:
        extensions = etree.Element(_tag("extensionElements"))
        described = element.find(_tag("description"))
        element.insert(0 if described is None else element.index(described) + 1, extensions)
    return etree.SubElement(
        extensions, f"{{{AMPARO}}}kept", {"kind": kind}, nsmap={"amparo": AMPARO}
    )


def _name_of(element: etree._Element) -> str:
    named = next((one for one in element.iterancestors() if one.get("name")), None)
    return "" if named is None else named.get("name", "")


def _placeholder(kind: str) -> str:
    return f'"The box “{kind}” is kept. Edit it in Amparo."'


def _set_aside_boxes(root: etree._Element) -> Iterator[str]:
    for box in list(root.iter(*(_tag(kind) for kind in _BOXES))):
        parent = box.getparent()
        if parent is None or any(one.tag in _BOX_TAGS for one in box.iterancestors()):
            continue  # it goes along within the box around it
        kind = etree.QName(box).localname
        yield f"{kind} in {_name_of(box)}"
        literal = etree.Element(_tag("literalExpression"))
        for attribute in ("id", "typeRef", "label"):
            if box.get(attribute):
                literal.set(attribute, box.get(attribute, ""))
        _holder(literal, kind).text = _raw(box)
        etree.SubElement(literal, _tag("text")).text = _placeholder(kind)
        literal.tail = box.tail
        parent.replace(box, literal)


_BOX_TAGS: Final = frozenset(_tag(kind) for kind in _BOXES)


def _set_aside_constraints(root: etree._Element) -> Iterator[str]:
    for constraint in list(root.iter(_tag("typeConstraint"))):
        definition = constraint.getparent()
        if definition is None:
            continue
        yield f"typeConstraint of {definition.get('name', '')}"
        _holder(definition, "typeConstraint").text = _raw(constraint)
        definition.remove(constraint)


def _set_aside_shapes(root: etree._Element) -> Iterator[str]:
    for diagram in root.iter(f"{{{DIAGRAM_15}}}DMNDiagram"):
        value = diagram.attrib.pop(_SHAPE, "")
        if value:
            diagram.set(f"{{{AMPARO}}}{_SHAPE}", str(value))
            yield f"{_SHAPE} of the diagram {diagram.get('name', '')}".rstrip()


def _put_back(holder: etree._Element, where: str) -> None:
    """Put one kept element in its place, and clear away what held it."""
    extensions = holder.getparent()
    element = None if extensions is None else extensions.getparent()
    if extensions is None or element is None:
        return
    kind = holder.get("kind", "")
    restored = parse_xml(holder.text or "", where=where, comments=True)
    if kind == "typeConstraint":
        _drop(holder, extensions, element)
        _insert_constraint(element, restored)
        return
    parent = element.getparent()
    if element.findtext(_tag("text")) != _placeholder(kind) or parent is None:
        raise UnreadableModel(
            code="dmn.kept-changed",
            message=f"The text that stood for the box {kind} in {_name_of(element)} was changed",
            remedy="Put the text back as it was, or edit the box in Amparo.",
            where=where,
        )
    # Where the tool gave it another id or type, that is the later word.
    for attribute in ("id", "typeRef", "label"):
        if element.get(attribute):
            restored.set(attribute, element.get(attribute, ""))
    restored.tail = element.tail
    parent.replace(element, restored)


def _drop(holder: etree._Element, extensions: etree._Element, element: etree._Element) -> None:
    extensions.remove(holder)
    if not len(extensions):
        element.remove(extensions)


def _insert_constraint(definition: etree._Element, constraint: etree._Element) -> None:
    """Insert it after the type and its allowed values, as the schema wants."""
    before = [
        child for child in definition if child.tag in {_tag("itemComponent"), _tag("functionItem")}
    ]
    place = definition.index(before[0]) if before else len(definition)
    definition.insert(place, constraint)
