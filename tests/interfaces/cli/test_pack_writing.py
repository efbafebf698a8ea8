"""`amparo pack new|lint|diff|table`: what an author types, and what stays as it was."""

import json
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest

from tests.interfaces.cli.conftest import Amparo


@pytest.fixture
def orphans(amparo: Amparo, tmp_path: Path) -> Path:
    begun = amparo("pack", "new", "xa/orphan-grant", "--in", str(tmp_path))
    assert begun.returncode == 0, begun.stderr
    return tmp_path / "xa" / "orphan-grant" / "1"


def test_a_new_pack_checks_green_and_lints_clean(amparo: Amparo, orphans: Path) -> None:
    checked = amparo("pack", "check", str(orphans))
    linted = amparo("pack", "lint", str(orphans))

    assert checked.returncode == 0, checked.stdout
    assert "4 passed, 0 failed" in checked.stdout
    assert "0 findings" in linted.stdout


def test_a_new_pack_is_never_written_over_another(amparo: Amparo, orphans: Path) -> None:
    again = amparo("pack", "new", "xa/orphan-grant", "--in", str(orphans.parents[2]))
    unnamed = amparo("pack", "new", "Orphans", "--in", str(orphans))

    assert again.returncode == 2
    assert "is there already" in again.stderr
    assert unnamed.returncode == 2
    assert "no name of a pack" in unnamed.stderr


@pytest.mark.parametrize("suffix", ["xlsx", "md"])
def test_a_table_goes_out_and_comes_back_unchanged(
    amparo: Amparo, orphans: Path, tmp_path: Path, suffix: str
) -> None:
    file = tmp_path / f"table.{suffix}"
    before = (orphans / "orphan-grant.dmn").read_text()

    out = amparo("pack", "table", "export", str(orphans), "eligibility", str(file))
    back = amparo("pack", "table", "import", str(orphans), "eligibility", str(file))

    assert out.returncode == 0, out.stderr
    assert back.returncode == 0, back.stderr
    assert "already as the file has it" in back.stderr
    assert (orphans / "orphan-grant.dmn").read_text() == before


def test_a_changed_table_enters_whole_and_the_diff_shows_the_cell(
    amparo: Amparo, orphans: Path, tmp_path: Path
) -> None:
    file, older = tmp_path / "table.md", tmp_path / "older"
    amparo("pack", "table", "export", str(orphans), "eligibility", str(file))
    older.mkdir()
    for name in ("scheme.toml", "parameters.toml", "reasons.toml", "law.md", "orphan-grant.dmn"):
        (older / name).write_text((orphans / name).read_text())
    file.write_text(file.read_text().replace("< age_limit", "< age_limit - 1"))

    checked = amparo("pack", "table", "import", str(orphans), "eligibility", str(file), "--check")
    taken = amparo("pack", "table", "import", str(orphans), "eligibility", str(file))
    shown = amparo("pack", "diff", str(older), str(orphans), "--json")
    told = amparo("pack", "diff", str(older), str(orphans))

    assert "in order" in checked.stderr
    assert taken.returncode == 0, taken.stderr
    cells = [one for one in json.loads(shown.stdout)["changes"] if one["subject"] == "cell"]
    assert [(one["place"], one["before"], one["after"]) for one in cells] == [
        ("rule eligibility_too_young, Age", "< age_limit", "< age_limit - 1")
    ]
    assert "rule eligibility_too_young, Age: < age_limit → < age_limit - 1" in told.stdout
    linted = amparo("pack", "lint", str(orphans), "--json")
    codes = [one["code"] for one in json.loads(linted.stdout)["packs"][0]["findings"]]
    assert codes == ["table.gap"]


def test_a_faulty_workbook_changes_nothing_and_names_every_cell(
    amparo: Amparo, orphans: Path, tmp_path: Path
) -> None:
    file = tmp_path / "table.xlsx"
    amparo("pack", "table", "export", str(orphans), "eligibility", str(file))
    before = (orphans / "orphan-grant.dmn").read_text()
    book = openpyxl.load_workbook(file)
    book["Rules"]["B2"] = "younger than 18"
    book["Rules"]["D3"] = "CONDITIONS MET"
    book.save(file)

    refused = amparo("pack", "table", "import", str(orphans), "eligibility", str(file))

    assert refused.returncode == 1
    assert "Rules!B2" in refused.stderr
    assert "Rules!D3" in refused.stderr
    assert (orphans / "orphan-grant.dmn").read_text() == before
    assert not [path for path in orphans.iterdir() if path.name.startswith(".")]


def test_what_the_command_line_cannot_do_it_says(
    amparo: Amparo, orphans: Path, tmp_path: Path
) -> None:
    unknown = amparo("pack", "table", "export", str(orphans), "nothing", str(tmp_path / "t.md"))
    suffix = amparo("pack", "table", "export", str(orphans), "eligibility", str(tmp_path / "t.ods"))
    missing = amparo("evaluate", str(orphans), "amount", "--on", "2026-03-01", "--inputs", "@none")

    assert (unknown.returncode, suffix.returncode, missing.returncode) == (2, 2, 2)
    assert "has no decision table nothing" in unknown.stderr
    assert "only .xlsx and .md are known" in suffix.stderr
    assert "cannot be read" in missing.stderr


def test_inputs_may_come_from_a_file(amparo: Amparo, orphans: Path, tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    facts.write_text('{"date_of_birth": "1950-02-28", "claim_date": "2026-03-01"}')

    asked = amparo(
        "evaluate", str(orphans), "eligibility", "--on", "2026-03-01", "--inputs", f"@{facts}"
    )

    assert "eligibility: granted" in asked.stdout
