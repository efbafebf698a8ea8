"""`amparo tck`: the published test kit, from the command line."""

from pathlib import Path
from typing import Final

import pytest

from tests.interfaces.cli.conftest import Amparo

MODEL: Final = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/"
 name="m" namespace="urn:m"><decision id="d" name="d"><variable name="d"/>
<literalExpression><text>1 + 1</text></literalExpression></decision></definitions>"""


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    folder = tmp_path / "compliance-level-9" / "0001-own"
    folder.mkdir(parents=True)
    (folder / "m.dmn").write_text(MODEL, encoding="utf-8")
    return tmp_path


def write_case(kit: Path, expected: str) -> None:
    (kit / "compliance-level-9" / "0001-own" / "m-test.xml").write_text(
        '<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><modelName>m.dmn</modelName>'
        '<testCase id="1"><resultNode name="d"><expected>'
        f'<value xsi:type="xsd:decimal">{expected}</value></expected></resultNode></testCase>'
        "</testCases>",
        encoding="utf-8",
    )


def test_a_kit_that_passes_ends_with_its_count_and_writes_the_kits_files(
    amparo: Amparo, kit: Path, tmp_path: Path
) -> None:
    write_case(kit, "2")
    file = tmp_path / "tck_results.csv"

    done = amparo("tck", str(kit), "--csv", str(file))

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("1 passed, 0 failed\n")
    assert file.read_text() == '"compliance-level-9/0001-own","m-test","1","SUCCESS",""\n'
    assert (file.parent / "tck_results.properties").is_file()


def test_a_kit_that_fails_ends_with_exit_code_1(amparo: Amparo, kit: Path) -> None:
    write_case(kit, "3")

    done = amparo("tck", str(kit))

    assert done.returncode == 1
    assert done.stdout.endswith("0 passed, 1 failed\n")


def test_a_folder_without_cases_is_a_wrong_command_line(amparo: Amparo, kit: Path) -> None:
    done = amparo("tck", str(kit))

    assert done.returncode == 2
    assert "There are no test cases" in done.stderr


def test_results_are_refused_before_the_run_where_there_is_no_folder(
    amparo: Amparo, kit: Path, tmp_path: Path
) -> None:
    write_case(kit, "2")
    file = tmp_path / "nowhere" / "tck_results.csv"

    done = amparo("tck", str(kit), "--csv", str(file))

    assert done.returncode == 2
    assert "there is no folder" in " ".join(done.stderr.split())
    assert "passed" not in done.stdout
    assert not file.parent.exists()
