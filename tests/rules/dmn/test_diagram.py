"""Decision-requirements diagrams: every element once, nothing on top of another, arrows one way."""

from itertools import combinations
from pathlib import Path

import pytest

from amparo.rules.dmn.diagram import HEIGHT, WIDTH, Diagram, requirements_diagram
from amparo.rules.dmn.model import Model
from amparo.rules.dmn.xml import read_model
from tests.rules.dmn.models import decision, literal, source

SCHEMES = Path(__file__).resolve().parents[3] / "schemes"


def drawn(path: Path) -> tuple[Model, Diagram]:
    model = read_model(path.read_bytes(), where=path.name)
    return model, requirements_diagram([model])


@pytest.mark.parametrize("path", sorted(SCHEMES.rglob("*.dmn")), ids=lambda path: path.stem)
def test_every_element_is_drawn_once_and_none_covers_another(path: Path) -> None:
    model, diagram = drawn(path)

    elements = {*model.inputs, *model.decisions, *model.knowledge, *model.services, *model.sources}
    assert sorted(node.key[1] for node in diagram.nodes) == sorted(elements)
    for one, other in combinations(diagram.nodes, 2):
        apart = abs(one.x - other.x) >= WIDTH or abs(one.y - other.y) >= HEIGHT
        assert apart, (one.name, other.name)
    assert all(0 <= node.x <= diagram.width - WIDTH for node in diagram.nodes)
    assert all(0 <= node.y <= diagram.height - HEIGHT for node in diagram.nodes)


@pytest.mark.parametrize("path", sorted(SCHEMES.rglob("*.dmn")), ids=lambda path: path.stem)
def test_every_requirement_leads_from_right_to_left(path: Path) -> None:
    model, diagram = drawn(path)

    required = {
        (identifier, item.id)
        for item in model.decisions.values()
        for _, identifier in (*item.information, *item.knowledge, *item.authority)
    }
    assert required <= {(edge.source[1], edge.target[1]) for edge in diagram.edges}
    for edge in diagram.edges:
        assert [x for x, _ in edge.points] == sorted((x for x, _ in edge.points), reverse=True)


def test_what_a_decision_asks_for_stands_behind_it() -> None:
    text = source(
        '<knowledgeSource id="art" name="Act, Art. 1"/>',
        decision("first", literal("second"), ["d:second"]),
        decision("second", literal("x"), ["i:x"]),
        decision("third", literal("x + second"), ["i:x", "d:second"]),
        inputs={"x": "number"},
    )

    diagram = requirements_diagram([read_model(text, where="m.dmn")], called=str.upper)

    places = {node.name: node.x for node in diagram.nodes}
    assert places["FIRST"] == places["THIRD"] < places["SECOND"] < places["X"]
    long = next(
        edge for edge in diagram.edges if (edge.source[1], edge.target[1]) == ("x", "third")
    )
    assert len(long.points) == 4


def test_functions_that_call_each_other_are_drawn() -> None:
    def function(name: str, other: str) -> str:
        return (
            f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/>'
            f"<encapsulatedLogic>{literal(f'{other}(1)')}</encapsulatedLogic>"
            f'<knowledgeRequirement><requiredKnowledge href="#{other}"/></knowledgeRequirement>'
            "</businessKnowledgeModel>"
        )

    model = read_model(source(function("f", "g"), function("g", "f")), where="m.dmn")

    diagram = requirements_diagram([model])

    assert len(diagram.nodes) == 2
    assert len(diagram.edges) == 1


def test_a_long_name_is_cut_to_two_lines() -> None:
    name = "The share of the earnings of the year before that counts for the benefit of this year"
    model = read_model(source(decision(name, literal("1"))), where="m.dmn")

    (node,) = requirements_diagram([model]).nodes

    assert len(node.lines) == 2
    assert node.lines[1].endswith("…")
    assert node.name == name
