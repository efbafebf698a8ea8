"""`amparo pack` and `amparo evaluate`: answers, exit codes, and messages for a hurried author."""

import json
from pathlib import Path

import pytest

from tests.architecture.source import PROJECT
from tests.interfaces.cli.conftest import Amparo

_TITLES = 'en = "{0}", fr = "{0}", es = "{0}", pt = "{0}", ar = "{0}"'

_MANIFEST = """
scheme = "xa/fuel"
version = "2026.1"
title = {{ {fuel} }}
country = "XA"
currency = "XTS"
valid_from = 2026-01-01
authority = "Fuel Act, Art. 1"
model = "model.dmn"

[[input]]
name = "litres"
title = {{ {litres} }}
from = "claim.litres"

[[decision]]
name = "Refund"
kind = "amount"
title = {{ {fuel} }}
""".format(fuel=_TITLES.format("Fuel refund"), litres=_TITLES.format("Litres"))

_MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"
             id="fuel" name="fuel" namespace="https://example.org/fuel">
  <inputData id="litres" name="litres"><variable name="litres" typeRef="number"/></inputData>
  <decision id="refund" name="Refund">
    <variable name="Refund" typeRef="number"/>
    <informationRequirement><requiredInput href="#litres"/></informationRequirement>
    <literalExpression><text>litres * 0.35</text></literalExpression>
  </decision>
</definitions>
"""


def _case(name: str, litres: str, refund: str) -> str:
    return json.dumps(
        {
            "id": name,
            "decision": "Refund",
            "origin": "published",
            "effective": "2026-02",
            "inputs": {"litres": int(litres)},
            "expected": {"Refund": int(refund)},
            "tolerance": 0,
        }
    )


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "xa" / "fuel" / "2026.1"
    folder.mkdir(parents=True)
    (folder / "scheme.toml").write_text(_MANIFEST)
    (folder / "model.dmn").write_text(_MODEL)
    (folder / "law.md").write_text("# Fuel Act\n\nArt. 1: 35 hundredths a litre are refunded.\n")
    (folder / "reasons.toml").write_text("")
    (folder / "cases").mkdir()
    (folder / "cases" / "signed.jsonl").write_text(_case("signed", "20", "7"))
    return folder


def test_passing_cases_end_with_their_count_and_exit_code_0(
    amparo: Amparo, pack: Path, tmp_path: Path
) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text(_case("a", "20", "7") + "\n" + _case("b", "100", "35") + "\n")

    answer = amparo("pack", "check", str(pack), "--cases", str(cases))

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.splitlines()[-1] == "2 passed, 0 failed"
    assert "published: 2 passed, 0 failed" in answer.stdout


def test_a_failing_case_shows_the_difference_and_exit_code_1(
    amparo: Amparo, pack: Path, tmp_path: Path
) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text(_case("a", "20", "7") + "\n" + _case("wrong", "20", "8") + "\n")

    answer = amparo("pack", "check", str(pack), "--cases", str(cases))
    for_machines = amparo("pack", "check", str(pack), "--cases", str(cases), "--json")

    assert answer.returncode == 1
    assert "FAILED wrong" in answer.stdout
    assert "expected 8, got 7" in answer.stdout
    assert answer.stdout.splitlines()[-1] == "1 passed, 1 failed"
    report = json.loads(for_machines.stdout)["packs"][0]
    assert (report["passed"], report["failed"]) == (1, 1)
    assert report["failures"][0]["id"] == "wrong"


@pytest.mark.parametrize(
    ("content", "code"), [(b"\xff\xfe{", 1), (b"half a c", 1), (b'{"id": "a"}', 1)]
)
def test_cases_that_cannot_be_read_end_with_a_message(
    amparo: Amparo, pack: Path, tmp_path: Path, content: bytes, code: int
) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_bytes(content)

    answer = amparo("pack", "check", str(pack), "--cases", str(cases))

    assert answer.returncode == code
    assert "Error:" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_missing_folder_or_file_is_named(amparo: Amparo, pack: Path) -> None:
    no_pack = amparo("pack", "check", "/nowhere/at/all")
    no_cases = amparo("pack", "check", str(pack), "--cases", "/nowhere.jsonl")

    assert no_pack.returncode == 2
    assert "/nowhere/at/all" in no_pack.stderr
    assert no_cases.returncode == 2
    assert "/nowhere.jsonl" in no_cases.stderr


def test_a_decision_is_answered_exactly(amparo: Amparo, pack: Path) -> None:
    asked = ("evaluate", str(pack), "Refund", "--on", "2026-03-01", "--set", "litres=0.3")

    in_words = amparo(*asked)
    for_machines = amparo(*asked, "--json")
    explained = amparo("pack", "explain", *asked[1:])

    assert in_words.returncode == 0, in_words.stderr
    assert "0.105" in in_words.stdout
    answer = json.loads(for_machines.stdout)
    assert (answer["outcome"], answer["value"]) == ("computed", "0.105")
    assert "0.105" in explained.stdout


def test_a_fact_left_out_gives_undetermined_and_its_name(amparo: Amparo, pack: Path) -> None:
    answer = amparo("evaluate", str(pack), "Refund", "--on", "2026-03-01")

    assert answer.returncode == 0
    assert "undetermined" in answer.stdout
    assert "missing: litres" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--on", "2026-02-31"), "2026-02-31"),
        (("--on", "2026-03-01", "--known-at", "2026-03-01"), "offset"),
        (("--on", "2026-03-01", "--inputs", "[1]"), "no JSON object"),
        (("--on", "2026-03-01", "--inputs", "{"), "no JSON"),
        (("--on", "2026-03-01", "--set", "litres"), "NAME=VALUE"),
        (("--on", "2026-03-01", "--set", "barrels=1"), "barrels"),
    ],
)
def test_a_question_that_cannot_be_asked_is_a_usage_error(
    amparo: Amparo, pack: Path, arguments: tuple[str, ...], says: str
) -> None:
    answer = amparo("evaluate", str(pack), "Refund", *arguments)

    assert answer.returncode == 2
    assert says in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.skipif(not (PROJECT / "schemes").is_dir(), reason="no pack is installed")
def test_the_installed_packs_are_listed(amparo: Amparo) -> None:
    answer = amparo("pack", "list", "--json")

    assert answer.returncode == 0, answer.stderr
    assert all(len(pack["hash"]) == 64 for pack in json.loads(answer.stdout)["packs"])


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_a_file_without_a_case_checks_nothing_and_fails(
    amparo: Amparo, pack: Path, tmp_path: Path, content: str
) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text(content)

    answer = amparo("pack", "check", str(pack), "--cases", str(cases))

    assert answer.returncode == 1
    assert "holds no case, so nothing was checked" in answer.stderr


@pytest.mark.parametrize("command", ["check", "evaluate"])
def test_a_pack_folder_that_is_not_there_is_a_wrong_command_line(
    amparo: Amparo, tmp_path: Path, command: str
) -> None:
    nowhere = str(tmp_path / "nowhere")
    arguments = {
        "check": ("pack", "check", nowhere),
        "evaluate": ("evaluate", nowhere, "Refund", "--on", "2026-02-01"),
    }

    answer = amparo(*arguments[command])

    assert answer.returncode == 2
    assert "There is no pack folder" in answer.stderr


def test_a_refusal_for_machines_is_json_with_its_exit_code(amparo: Amparo, pack: Path) -> None:
    answer = amparo("evaluate", str(pack), "Other", "--on", "2026-02-01", "--json")

    refusal = json.loads(answer.stdout)
    assert answer.returncode == refusal["exit_code"] == 2
    assert "declares no decision Other" in refusal["error"]
    assert answer.stderr == ""


def test_a_value_outside_the_allowed_ones_is_told_which_are(amparo: Amparo) -> None:
    old_age = str(PROJECT / "schemes" / "xa" / "old-age" / "1")

    answer = amparo(
        "evaluate",
        old_age,
        "survivor_eligibility",
        "--on",
        "2026-06-01",
        "--set",
        "relationship=cousin",
    )

    assert answer.returncode == 2
    assert 'Allowed: "spouse", "orphan".' in answer.stderr


def test_an_explanation_speaks_the_language_asked_and_writes_its_page(
    amparo: Amparo, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    folder = PROJECT / "schemes" / "xa" / "social-pension" / "1"

    why = amparo(
        "pack", "explain", str(folder), "eligibility", "--on", "2026-06-01",
        "--set", "resident=true", "--language", "fr", "--html", str(page),
    )  # fmt: skip

    assert why.returncode == 0, why.stderr
    assert "Réside en Amparia" in why.stdout
    assert "Lives in Amparia" not in why.stdout
    assert '<html lang="fr">' in page.read_text("utf-8")


@pytest.mark.parametrize("command", ["check", "lint", "compile"])
def test_an_empty_folder_is_a_wrong_command_line(
    amparo: Amparo, tmp_path: Path, command: str
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    more = ("--on", "2026-02-01") if command == "compile" else ()

    answer = amparo("pack", command, str(empty), *more)

    assert answer.returncode == 2
    assert "is empty: it holds no pack" in " ".join(answer.stderr.split())


def test_a_page_is_not_written_where_there_is_no_folder(amparo: Amparo, pack: Path) -> None:
    page = pack.parent / "nowhere" / "why.html"

    answer = amparo(
        "pack", "explain", str(pack), "Refund", "--on", "2026-02-01", "--html", str(page)
    )

    assert answer.returncode == 2
    assert "there is no folder" in answer.stderr
    assert not page.parent.exists()


def test_a_schema_for_a_column_that_no_input_has_is_refused_by_its_name(
    amparo: Amparo, pack: Path, tmp_path: Path
) -> None:
    schema = tmp_path / "schema.toml"
    schema.write_text('[wealth]\ntype = "number"\n')

    answer = amparo("pack", "compile", str(pack), "--on", "2026-02-01", "--schema", str(schema))

    assert answer.returncode == 2
    assert "has no input wealth" in " ".join(answer.stderr.replace("│", " ").split())
