"""The published test kit: every given assertion, per stratum; and the runner itself."""

from pathlib import Path
from typing import Final

import pytest

from amparo.rules.feel.temporal import DateTime, parse_datetime
from amparo.rules.tck.__main__ import main
from amparo.rules.tck.cases import UnreadableTest, read_test_file
from amparo.rules.tck.report import read_strata
from amparo.rules.tck.runner import count_strata, run_file, run_folder
from tests.rules.dmn.models import decision, literal, source

# What was reached: assertions passed, and of them those that expect a value. It may only rise.
FLOOR: Final = {
    "contexts": (57, 28),
    "dates": (309, 203),
    "lists": (111, 86),
    "logic": (493, 457),
    "numbers": (1321, 381),
    "strings": (107, 96),
    "tables": (97, 96),
}


def moment() -> DateTime:
    found = parse_datetime("2026-01-01T12:00:00Z")
    assert found is not None
    return found


def test_no_stratum_falls_below_what_was_reached(oracles: Path) -> None:
    folder = oracles / "dmn-tck"

    results = tuple(run_folder(folder, now=moment()))

    counts = count_strata(results, read_strata(folder / "strata.csv"))
    assert {count.name for count in counts} == set(FLOOR)
    for count in counts:
        passed, non_null = FLOOR[count.name]
        assert count.passed >= passed, count
        assert count.non_null_passed >= non_null, count


def write_case(
    folder: Path, logic: str, expected: str, *, error: bool = False, inputs: str = ""
) -> Path:
    place = folder / "level-9" / "0001-own"
    place.mkdir(parents=True, exist_ok=True)
    model = source(decision("d", logic, ["i:x"]), inputs={"x": "Any"})
    (place / "own.dmn").write_text(model, encoding="utf-8")
    mark = ' errorResult="true"' if error else ""
    text = (
        '<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"><modelName>own.dmn</modelName>'
        f'<testCase id="1">{inputs}<resultNode name="d"{mark}>{expected}</resultNode></testCase>'
        "</testCases>"
    )
    path = place / "own-test.xml"
    path.write_text(text, encoding="utf-8")
    return path


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

    (result,) = run_file(read_test_file(path), now=moment())

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


def test_the_command_counts_and_writes_the_kits_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_case(tmp_path, literal("1"), f"<expected>{value('decimal', '2')}</expected>")
    out = tmp_path / "out"

    code = main([str(tmp_path), "--out", str(out)])

    printed = capsys.readouterr().out
    assert code == 1
    assert "FAILED level-9/0001-own 1 d: expected number 2, got number 1" in printed
    assert printed.endswith("0 passed, 1 failed\n")
    row = (out / "tck_results.csv").read_text(encoding="utf-8")
    assert row.startswith('"level-9/0001-own","own-test","1","ERROR","expected number 2')
    assert "product.name=Amparo" in (out / "tck_results.properties").read_text(encoding="utf-8")
    assert "level-9,other,1,1,1,0,0,0,1,0" in (out / "tck_strata.csv").read_text(encoding="utf-8")


def test_the_command_wants_a_moment(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path), "--now", "noon"])


def test_a_case_that_asks_for_nothing_there_fails(tmp_path: Path) -> None:
    path = write_case(tmp_path, literal("1"), "")
    text = path.read_text(encoding="utf-8").replace('resultNode name="d"', 'resultNode name="e"')
    path.write_text(text, encoding="utf-8")

    (result,) = run_file(read_test_file(path), now=moment())

    assert "There is no decision e" in result.assertions[0].message


def test_the_command_succeeds_when_every_case_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_case(tmp_path, literal("1"), f"<expected>{value('decimal', '1')}</expected>")

    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.endswith("1 passed, 0 failed\n")
