"""Written models: valid against the schema of DMN 1.5, and nothing of the file read is lost."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from amparo.rules.dmn.exchange import to_13, to_15
from amparo.rules.dmn.versions import DMN_13, DMN_15
from amparo.rules.dmn.writing import write_model
from amparo.rules.dmn.xml import UnreadableModel, is_comment, read_model
from amparo.rules.feel.temporal import parse_datetime
from amparo.rules.tck.runner import run_folder
from tests.rules.dmn.models import DMN, decision, literal, source

SCHEMES = Path(__file__).resolve().parents[3] / "schemes"
# What the schema gives when an attribute is left out.
DEFAULTS = {"hitPolicy": "UNIQUE", "kind": "FEEL", "isCollection": "false"}


def models_of(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.dmn"))


def spelled(element: etree._Element, namespace: str) -> Iterator[str]:
    """Spell a tree in one way: no layout, no defaults, references in full, children in order."""
    attributes = {
        name: value
        for name, value in element.attrib.items()
        if DEFAULTS.get(str(name)) != value and not (name == "label" and value == "")
    }
    if "href" in attributes:
        target = str(attributes["href"])
        attributes["href"] = f"{namespace}{target}" if target.startswith("#") else target
    if "name" in attributes:
        attributes["name"] = " ".join(str(attributes["name"]).split())
    inside = [
        "".join(spelled(child, namespace))
        for child in element
        if not is_comment(child) and not (child.tag.endswith("}text") and not child.text)
    ]
    text = (element.text or "").strip()
    comments = [child.text or "" for child in element if is_comment(child)]
    yield f"<{element.tag} {sorted(attributes.items())}>{text}{sorted(inside)}{comments}"


def canonical(text: str | bytes) -> str:
    root = etree.fromstring(text.encode() if isinstance(text, str) else text)
    return "".join(spelled(root, root.get("namespace", "")))


def assert_lossless(path: Path, schema: etree.XMLSchema) -> None:
    model = read_model(path.read_bytes(), where=path.name)

    written = write_model(model)

    assert read_model(written, where=path.name) == model
    assert canonical(written) == canonical(path.read_bytes())
    schema.assertValid(etree.fromstring(written.encode()))


@pytest.mark.parametrize("path", models_of(SCHEMES), ids=lambda path: path.stem)
def test_a_packs_model_is_written_as_it_was_read(path: Path, schema: etree.XMLSchema) -> None:
    assert_lossless(path, schema)


@pytest.mark.parametrize(
    "path", [path for path in models_of(SCHEMES) if "xa" in path.parts], ids=lambda path: path.stem
)
def test_a_model_in_the_layout_of_the_house_is_written_to_the_byte(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert write_model(read_model(text, where=path.name)) == text


def test_every_model_of_the_kit_is_written_as_it_was_read(
    oracles: Path, schema: etree.XMLSchema
) -> None:
    paths = models_of(oracles / "dmn-tck")

    assert paths
    for path in paths:
        assert_lossless(path, schema)


def test_written_models_decide_as_the_given_ones(oracles: Path, tmp_path: Path) -> None:
    now = parse_datetime("2026-11-23T00:00:00Z")
    assert now is not None
    kit = oracles / "dmn-tck"
    copy = shutil.copytree(kit, tmp_path / "dmn-tck")
    for path in models_of(copy):
        path.write_text(write_model(read_model(path.read_bytes(), where=path.name)))

    given = list(run_folder(kit, now=now))
    written = list(run_folder(copy, now=now))

    assert written == given
    assert len(given) > 2_000


def test_every_model_of_the_kit_comes_back_from_1_3(oracles: Path, schema: etree.XMLSchema) -> None:
    paths = [*models_of(oracles / "dmn-tck"), *models_of(SCHEMES)]

    for path in paths:
        model = read_model(path.read_bytes(), where=path.name)
        exchanged = to_13(write_model(model), where=path.name)

        assert DMN_15 not in exchanged.text
        assert read_model(to_15(exchanged.text, where=path.name), where=path.name) == model


CONDITIONAL = (
    "<conditional id='c'><if><literalExpression><text>x > 1</text></literalExpression></if>"
    "<then><literalExpression><text>1</text></literalExpression></then>"
    "<else><literalExpression><text>2</text></literalExpression></else></conditional>"
)
CONSTRAINED = (
    "<itemDefinition name='tAgeList' isCollection='true'><typeRef>number</typeRef>"
    "<typeConstraint><text>count(?) &lt; 4</text></typeConstraint></itemDefinition>"
)


def test_what_1_3_cannot_hold_goes_along_by_name() -> None:
    text = source(decision("d", CONDITIONAL), head=CONSTRAINED)

    exchanged = to_13(text, where="m.dmn")

    assert exchanged.kept == ("conditional in d", "typeConstraint of tAgeList")
    root = etree.fromstring(exchanged.text.encode())
    assert not root.findall(f".//{{{DMN_13}}}conditional")
    assert not root.findall(f".//{{{DMN_13}}}typeConstraint")
    back = read_model(to_15(exchanged.text, where="m.dmn"), where="m.dmn")
    assert back == read_model(text, where="m.dmn")


def test_a_box_whose_stand_in_was_changed_is_not_guessed() -> None:
    exchanged = to_13(source(decision("d", CONDITIONAL)), where="m.dmn")
    changed = exchanged.text.replace("Edit it in Amparo.", "1 + 1")

    with pytest.raises(UnreadableModel, match="The text that stood for the box conditional in d"):
        to_15(changed, where="m.dmn")


def test_only_a_model_of_1_5_goes_to_1_3() -> None:
    text = source(decision("d", literal("1"))).replace(DMN, DMN_13)

    with pytest.raises(UnreadableModel, match=r"not a model of DMN 1\.5"):
        to_13(text, where="m.dmn")


def test_a_model_of_1_3_is_written_as_1_5() -> None:
    text = source(decision("d", literal("1"))).replace(DMN, DMN_13)

    written = write_model(read_model(text, where="m.dmn"))

    assert DMN_15 in written
    assert DMN_13 not in written


def test_comments_and_foreign_elements_are_kept() -> None:
    text = source(
        "<decision id='d' name='d' xmlns:t='urn:tool' t:colour='red'><!-- why -->"
        "<extensionElements><t:box><t:line>x  y</t:line></t:box></extensionElements>"
        "<question>What?</question><variable name='d'/><usingTask href='#t'/></decision>",
        "<textAnnotation id='note'><text>Note.</text></textAnnotation>",
    )
    text = f"<!-- before -->{text}"

    written = write_model(read_model(text, where="m.dmn"))

    assert canonical(written) == canonical(text)
    assert "<!-- before -->" in written
    assert "x  y</" in written


@pytest.mark.parametrize(
    ("elements", "message"),
    [
        ("<decision name='d'/><inputData name='e'/>", "has no id"),
        ("<decision id='d' name='d'/><inputData id='d' name='e'/>", "has the id d, as another"),
    ],
)
def test_elements_nobody_can_tell_apart_are_refused(elements: str, message: str) -> None:
    with pytest.raises(UnreadableModel, match=message):
        read_model(source(elements), where="m.dmn")
