"""Files from outside: what is no model, or hides something, is refused."""

import pytest

from amparo.rules.dmn.xml import UnreadableModel, read_model
from amparo.rules.feel.diagnostics import NotSupported
from tests.rules.dmn.models import DMN, decision, literal, source, table

BOMB = """<?xml version="1.0"?>
<!DOCTYPE bomb [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<definitions xmlns="%s" name="m" namespace="urn:m"><description>&b;</description></definitions>"""


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "xml.malformed"),
        ("<definitions", "xml.malformed"),
        ("<definitions xmlns='urn:other'/>", "dmn.namespace"),
        ("<definitions xmlns='http://www.omg.org/spec/DMN/20151101/dmn.xsd'/>", "dmn.namespace"),
        (BOMB % DMN, "xml.doctype"),
        (
            f"<!DOCTYPE definitions SYSTEM 'file:///etc/passwd'><definitions xmlns='{DMN}'/>",
            "xml.doctype",
        ),
        (source("<decision id='a'><variable/></decision>"), "dmn.structure"),
        (source(decision("d", "<invocation/>")), "dmn.structure"),
        (source(decision("d", "<decisionTable/>")), "dmn.structure"),
        (source(decision("d", table(["1"], ["a"], [(["-", "-"], ["1"])]))), "dmn.structure"),
        (source(decision("d", "<conditional/>")), "dmn.structure"),
        (source(decision("d", "<filter><in/></filter>")), "dmn.structure"),
        (source(decision("d", "<context><contextEntry/></context>")), "dmn.structure"),
        (source(decision("d", "<relation><column name='a'/><row/></relation>")), "dmn.structure"),
        (" " * 20_000_001, "xml.too-large"),
    ],
)
def test_what_is_no_model_is_refused(content: str, code: str) -> None:
    with pytest.raises(UnreadableModel) as refused:
        read_model(content, where="m.dmn")

    assert refused.value.code == code
    assert "m.dmn" in str(refused.value)


@pytest.mark.parametrize(
    ("logic", "message"),
    [
        ("<pythonExpression/>", "The boxed expression pythonExpression"),
        (literal("1", expressionLanguage="http://www.w3.org/XPath"), "The expression language"),
        ("<literalExpression><importedValues/></literalExpression>", "An imported value"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(logic: str, message: str) -> None:
    with pytest.raises(NotSupported, match=message) as refused:
        read_model(source(decision("d", logic)), where="m.dmn")

    assert "line" in refused.value.where


@pytest.mark.parametrize(
    "namespace",
    [
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        DMN,
    ],
)
def test_three_versions_of_dmn_are_read(namespace: str) -> None:
    text = source(decision("d", literal("1")), inputs={"x": "number"}).replace(DMN, namespace)

    model = read_model(text, where="m.dmn")

    assert [item.name for item in model.decisions.values()] == ["d"]


def test_law_descriptions_and_annotations_are_kept() -> None:
    text = source(
        '<knowledgeSource id="art" name="Act, Art. 1"/>',
        '<decision id="d" name="d"><description>Why.</description><variable name="d"/>'
        '<authorityRequirement><requiredAuthority href="#art"/></authorityRequirement>'
        '<decisionTable><output/><annotation name="Law"/><rule id="r"><outputEntry><text>1</text>'
        "</outputEntry><annotationEntry><text>Art. 1</text></annotationEntry></rule>"
        "</decisionTable></decision>",
    )

    found = read_model(text, where="m.dmn").decisions["d"]

    assert found.law == ("Act, Art. 1",)
    assert found.description == "Why."
    assert found.logic is not None
    assert getattr(found.logic, "rules")[0].annotations == ("Art. 1",)  # noqa: B009 - a union
