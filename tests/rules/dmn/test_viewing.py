"""A model as the viewer reads it: DMN 1.3, with a place for everything that has one."""

from lxml import etree

from amparo.rules.dmn.diagram import requirements_diagram
from amparo.rules.dmn.viewing import to_view
from amparo.rules.dmn.xml import read_model
from amparo.rules.packs import load_pack
from tests.architecture.source import PROJECT

_DI = "{https://www.omg.org/spec/DMN/20191111/DMNDI/}"


def test_every_model_of_the_schemes_is_drawn_whole() -> None:
    for folder in sorted(path.parent for path in (PROJECT / "schemes").glob("*/*/*/scheme.toml")):
        pack = load_pack(folder)
        main, file = pack.library.main, pack.manifest.model
        laid_out = requirements_diagram([main])

        root = etree.fromstring(to_view(pack.files[file], main).text.encode())

        shapes = [one.get("dmnElementRef") for one in root.iter(f"{_DI}DMNShape")]
        lines = [one.get("dmnElementRef") for one in root.iter(f"{_DI}DMNEdge")]
        assert sorted(map(str, shapes)) == sorted(node.key[1] for node in laid_out.nodes), folder
        assert len(lines) == len(set(lines)) == len(laid_out.edges), folder
        named = {one.get("id") for one in root.iter("*")}
        assert set(shapes) | set(lines) <= named


def test_what_the_author_drew_stays() -> None:
    drawn = """<?xml version="1.0"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="m" name="m" namespace="urn:m"
  xmlns:dmndi="https://www.omg.org/spec/DMN/20230324/DMNDI/">
  <inputData id="i" name="i"><variable name="i" typeRef="number"/></inputData>
  <dmndi:DMNDI><dmndi:DMNDiagram id="own"/></dmndi:DMNDI>
</definitions>"""

    shown = to_view(drawn, read_model(drawn, where="m.dmn")).text

    assert shown.count("DMNDiagram") == 1
    assert 'id="own"' in shown
    assert "20230324" not in shown
