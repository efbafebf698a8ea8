"""The published test kit: every given assertion, per stratum; and the runner itself."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Final

import pytest
from lxml import etree

from amparo.rules.feel.temporal import DateTime, parse_datetime
from amparo.rules.tck.cases import UnreadableTest, read_test_file
from amparo.rules.tck.report import PROPERTIES, read_strata, render, write_results
from amparo.rules.tck.runner import CaseResult, count_strata, run_file, run_folder
from amparo.rules.tck.strata import stratum_of
from tests.rules.dmn.models import DMN, decision, literal, source

# What was reached: assertions passed, and of them those that expect a value. It may only rise.
FLOOR: Final = {
    ("compliance-level-2", "logic"): (18, 12),
    ("compliance-level-2", "numbers"): (45, 36),
    ("compliance-level-2", "strings"): (1, 1),
    ("compliance-level-2", "tables"): (28, 28),
    ("compliance-level-3", "contexts"): (57, 28),
    ("compliance-level-3", "dates"): (309, 203),
    ("compliance-level-3", "lists"): (111, 86),
    ("compliance-level-3", "logic"): (475, 445),
    ("compliance-level-3", "numbers"): (1276, 345),
    ("compliance-level-3", "strings"): (106, 95),
    ("compliance-level-3", "tables"): (69, 68),
}


def moment() -> DateTime:
    found = parse_datetime("2026-01-01T12:00:00Z")
    assert found is not None
    return found


def test_no_stratum_falls_below_what_was_reached(oracles: Path) -> None:
    folder = oracles / "dmn-tck"

    results = tuple(run_folder(folder, now=moment()))

    counts = count_strata(results, read_strata(folder))
    assert {(count.level, count.name) for count in counts} == set(FLOOR)
    for count in counts:
        passed, non_null = FLOOR[count.level, count.name]
        assert count.passed >= passed, count
        assert count.non_null_passed >= non_null, count


def test_the_name_of_a_directory_tells_its_stratum(oracles: Path) -> None:
    strata = read_strata(oracles / "dmn-tck" / "compliance-level-3")

    assert len(strata) > 80
    for directory, stratum in strata.items():
        assert stratum_of(directory) == stratum, directory


OWN: Final = Path(__file__).parent / "own"


def test_models_of_our_own_pass_whole() -> None:
    results = tuple(run_folder(OWN, now=moment()))

    assert len(results) == len({(result.directory, result.case) for result in results}) == 13
    assert [result for result in results if result.status != "SUCCESS"] == []


def test_models_of_our_own_are_valid_files_of_the_standard(oracles: Path) -> None:
    kit = oracles / "dmn-tck"
    models = etree.XMLSchema(etree.parse(kit / "DMN15.xsd"))
    cases = etree.XMLSchema(etree.parse(kit / "testCases.xsd"))

    for path in OWN.rglob("*.dmn"):
        models.assertValid(etree.parse(path))
    for path in OWN.rglob("*.xml"):
        cases.assertValid(etree.parse(path))


def kit_file(model: str, case: str, attributes: str = "") -> str:
    return (
        '<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xmlns:xsd="http://www.w3.org/2001/XMLSchema"><modelName>{model}</modelName>'
        f'<testCase id="1"{attributes}>{case}</testCase></testCases>'
    )


def write_case(
    folder: Path,
    logic: str,
    expected: str,
    *,
    error: bool = False,
    inputs: str = "",
    attributes: str = "",
    elements: str = "",
) -> Path:
    place = folder / "compliance-level-9" / "0001-own"
    place.mkdir(parents=True, exist_ok=True)
    model = source(decision("d", logic, ["i:x"]), elements, inputs={"x": "Any"})
    (place / "own.dmn").write_text(model, encoding="utf-8")
    mark = ' errorResult="true"' if error else ""
    case = f'{inputs}<resultNode name="d"{mark}>{expected}</resultNode>'
    path = place / "own-test.xml"
    path.write_text(kit_file("own.dmn", case, attributes), encoding="utf-8")
    return path


def run_one(path: Path) -> CaseResult:
    (result,) = run_file(read_test_file(path), now=moment())
    return result


def value(kind: str, text: str) -> str:
    return f'<value xsi:type="xsd:{kind}">{text}</value>'


NOTHING: Final = '<item><value xsi:nil="true"/></item>'
NEARLY_ONE: Final = value("decimal", "1.000000001")


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        ("x", f"<expected>{value('double', '0.1')}</expected>"),
        ('"a"', f"<expected>{value('string', 'a')}</expected>"),
        ("true", f"<expected>{value('boolean', 'true')}</expected>"),
        ('@"2024-02-29"', f"<expected>{value('date', '2024-02-29')}</expected>"),
        ('@"10:00:00"', f"<expected>{value('time', '10:00:00')}</expected>"),
        (
            '@"2024-02-29T10:00:00"',
            f"<expected>{value('dateTime', '2024-02-29T10:00:00')}</expected>",
        ),
        ('@"P1Y"', f"<expected>{value('duration', 'P1Y')}</expected>"),
        (
            "[1, null]",
            f"<expected><list><item>{value('decimal', '1')}</item>{NOTHING}</list></expected>",
        ),
        (
            "{a: 1}",
            f"<expected><component name='a'>{NEARLY_ONE}</component></expected>",
        ),
        ("null", '<expected><list xsi:nil="true"/></expected>'),
        ("null", ""),
    ],
)
def test_results_of_every_type_are_compared(tmp_path: Path, logic: str, expected: str) -> None:
    given = f'<inputNode name="x">{value("double", "0.1")}</inputNode>'
    path = write_case(tmp_path, literal(logic), expected, inputs=given)

    result = run_one(path)

    assert result.passed, result


def test_an_expected_error_needs_a_diagnostic(tmp_path: Path) -> None:
    silent = write_case(tmp_path, literal("null"), "", error=True)
    (without,) = run_file(read_test_file(silent), now=moment())
    loud = write_case(tmp_path, literal("1 / 0"), "", error=True)
    (with_cause,) = run_file(read_test_file(loud), now=moment())

    assert without.assertions[0].message == "null without a diagnostic"
    assert with_cause.passed


def test_a_model_that_cannot_be_read_fails_its_cases(tmp_path: Path) -> None:
    path = write_case(tmp_path, "<pythonExpression/>", "")

    (result,) = run_file(read_test_file(path), now=moment())

    assert "not supported" in result.assertions[0].message


def test_an_unknown_type_is_refused(tmp_path: Path) -> None:
    path = write_case(tmp_path, literal("1"), f"<expected>{value('hexBinary', 'ff')}</expected>")

    with pytest.raises(UnreadableTest):
        read_test_file(path)


def test_results_are_counted_and_written_as_the_kit_does(tmp_path: Path) -> None:
    write_case(tmp_path, literal("1"), f"<expected>{value('decimal', '2')}</expected>")
    out = tmp_path / "tck_results.csv"

    results = tuple(run_folder(tmp_path, now=moment()))
    printed = render(results, {})
    write_results(results, {}, out, on=date(2026, 11, 22))

    assert "FAILED compliance-level-9/0001-own 1 d: expected number 2, got number 1" in printed
    assert "compliance-level-9 tables: 0 of 1 assertions (0.0 %), 0 of 1" in printed
    assert printed.endswith("0 passed, 1 failed\n")
    row = out.read_text(encoding="utf-8")
    assert row.startswith('"compliance-level-9/0001-own","own-test","1","ERROR","expected number 2')
    properties = out.with_suffix(".properties").read_text(encoding="utf-8")
    assert "product.name=Amparo" in properties
    assert "last.update=2026-11-22" in properties
    strata = (out.parent / "tck_strata.csv").read_text(encoding="utf-8")
    assert "compliance-level-9,tables,1,1,1,0,0,0,0,1,0" in strata


def test_the_version_published_is_that_of_the_package() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))

    assert PROPERTIES["product.version"] == project["project"]["version"]


def test_a_case_that_asks_for_nothing_there_fails(tmp_path: Path) -> None:
    path = write_case(tmp_path, literal("1"), "")
    text = path.read_text(encoding="utf-8").replace('resultNode name="d"', 'resultNode name="e"')
    path.write_text(text, encoding="utf-8")

    assert "There is no decision e" in run_one(path).assertions[0].message


def test_a_case_that_calls_java_is_ignored_by_name(tmp_path: Path) -> None:
    logic = "<functionDefinition id='f' kind='Java'/>"
    write_case(tmp_path, logic, f"<expected>{value('decimal', '1')}</expected>")

    results = tuple(run_folder(tmp_path, now=moment()))

    assert [result.status for result in results] == ["IGNORED"]
    assert "A function of kind Java is not supported" in results[0].assertions[0].message
    printed = render(results, {})
    assert "1 ignored: they call functions outside FEEL" in printed
    assert printed.endswith("0 passed, 0 failed\n")


def test_a_file_that_cannot_be_read_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "broken.xml").write_text("<testCases>", encoding="utf-8")
    (tmp_path / "other.xml").write_text("<project/>", encoding="utf-8")
    (tmp_path / "nameless.xml").write_text("<testCases/>", encoding="utf-8")
    (tmp_path / "lonely.xml").write_text(
        kit_file("gone.dmn", '<resultNode name="d"/>'), encoding="utf-8"
    )

    results = list(run_folder(tmp_path, now=moment()))

    told = {result.file: result.assertions[0].message for result in results}
    assert set(told) == {"broken", "nameless", "lonely"}
    assert "not well-formed" in told["broken"]
    assert "names no model" in told["nameless"]
    assert "The model gone.dmn is not there" in told["lonely"]


def test_a_knowledge_model_is_called_with_the_inputs(tmp_path: Path) -> None:
    knowledge = (
        '<businessKnowledgeModel id="b" name="double"><variable name="double"/><encapsulatedLogic>'
        f'<formalParameter name="n"/>{literal("n * 2")}</encapsulatedLogic>'
        "</businessKnowledgeModel>"
    )
    path = write_case(
        tmp_path,
        literal("1"),
        f"<expected>{value('decimal', '6')}</expected>",
        inputs=f'<inputNode name="n">{value("decimal", "3")}</inputNode>',
        attributes=' type="bkm" invocableName="double"',
        elements=knowledge,
    )

    assert run_one(path).passed


OUTER: Final = f"""<definitions xmlns="{DMN}" name="outer" namespace="urn:outer">
<import name="mid" namespace="urn:mid" importType="{DMN}"/>
<decision id="d" name="d"><variable name="d"/>
<informationRequirement><requiredDecision href="urn:mid#g"/></informationRequirement>
<literalExpression><text>mid.greeting</text></literalExpression></decision></definitions>"""
MID: Final = f"""<definitions xmlns="{DMN}" name="mid" namespace="urn:mid">
<import name="low" namespace="urn:low" importType="{DMN}"/>
<decision id="g" name="greeting"><variable name="greeting"/>
<informationRequirement><requiredInput href="urn:low#p"/></informationRequirement>
<literalExpression><text>"Hello " + low.person</text></literalExpression></decision>
</definitions>"""
LOW: Final = f"""<definitions xmlns="{DMN}" name="low" namespace="urn:low">
<inputData id="p" name="person"><variable name="person" typeRef="string"/></inputData>
</definitions>"""


@pytest.mark.parametrize(
    "given",
    [
        f'<inputNode name="mid.low.person">{value("string", "Amina")}</inputNode>',
        f'<inputNode name="person">{value("string", "Amina")}</inputNode>',
        f'<inputNode name="person" namespace="urn:low">{value("string", "Amina")}</inputNode>',
        (
            '<inputNode name="mid"><component name="low"><component name="person">'
            f"{value('string', 'Amina')}</component></component></inputNode>"
        ),
    ],
)
def test_inputs_of_imported_models_are_found_however_named(tmp_path: Path, given: str) -> None:
    (tmp_path / "deeper").mkdir()
    for name, text in {"outer.dmn": OUTER, "mid.dmn": MID, "deeper/low.dmn": LOW}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "unrelated.dmn").write_text("not xml", encoding="utf-8")
    wanted = f'<resultNode name="d"><expected>{value("string", "Hello Amina")}</expected>'
    path = tmp_path / "outer-test.xml"
    path.write_text(kit_file("outer.dmn", given + wanted + "</resultNode>"), encoding="utf-8")

    result = run_one(path)

    assert result.passed, result
