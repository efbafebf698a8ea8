"""An institution founded from nothing at the command line: people, mandates, rules, first file."""

import json
import re
from pathlib import Path
from typing import Final

from tests.architecture.source import PROJECT
from tests.interfaces.cli.conftest import Amparo

SECRET: Final = "a lantern over the harbour 7"
NEW: Final = {"AMPARO_PASSWORD": SECRET, "AMPARO_NEW_PASSWORD": SECRET}
PACK: Final = str(PROJECT / "schemes/xa/child-grant/1")


def test_an_institution_is_founded_and_takes_in_its_first_file(
    amparo: Amparo, tmp_path: Path
) -> None:
    founded = amparo("staff", "install", "ines", "--name", "Ines Okafor", **NEW)
    assert founded.returncode == 0, founded.stderr
    assert amparo("staff", "install", "dario", "--name", "Dario", **NEW).returncode == 1

    for username, role in (
        ("bruno", "registration-officer"),
        ("paulo", "policy-officer"),
        ("maria", "policy-board"),
    ):
        added = amparo("staff", "add", username, "--name", username.title(), "--as", "ines", **NEW)
        assert added.returncode == 0, added.stderr
        granted = amparo("staff", "grant", username, role, "--as", "ines", **NEW)
        assert granted.returncode == 0, granted.stderr
    both = amparo("staff", "grant", "paulo", "policy-board", "--as", "ines", **NEW)
    assert both.returncode == 1
    assert "policy-officer" in both.stderr.replace("\n", " ")
    by_bruno = amparo("staff", "grant", "bruno", "auditor", "--as", "bruno", **NEW)
    assert by_bruno.returncode == 1

    why = ("--reason", "Budget Act of this year")
    proposed = amparo("rules", "propose", PACK, "--as", "paulo", *why, **NEW)
    found = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", proposed.stdout)
    assert found is not None, proposed.stderr
    early = amparo("rules", "activate", found[0], PACK, "--as", "paulo", **NEW)
    assert early.returncode == 1
    assert amparo("rules", "approve", found[0], PACK, "--as", "maria", *why, **NEW).returncode == 0
    other_day = ("--from", "2030-01-01")
    assert (
        amparo("rules", "activate", found[0], PACK, "--as", "paulo", *other_day, **NEW).returncode
        == 1
    )
    assert amparo("rules", "activate", found[0], PACK, "--as", "paulo", **NEW).returncode == 0
    listed = json.loads(amparo("rules", "list", "--json").stdout)
    assert [pack["scheme"] for pack in listed["packs"]] == ["xa/child-grant"]

    file = tmp_path / "employers.csv"
    file.write_text("number,name,activity,district\n,Kora Textiles,1311,Kora\n")
    taken = amparo("import", "employers", str(file), "--as", "bruno", "--json", **NEW)
    assert json.loads(taken.stdout)["status"] == "accepted", taken.stderr
    assert amparo("verify").returncode == 0


def test_the_roles_and_what_excludes_them_are_listed(amparo: Amparo) -> None:
    listed = json.loads(amparo("staff", "roles", "--json").stdout)["roles"]

    by_code = {role["code"]: role for role in listed}
    assert "claims.approve" in by_code["claims-approver"]["rights"]
    assert "claims-officer" in by_code["claims-approver"]["not_with"]


def test_a_folder_without_a_pack_is_wrong_usage(amparo: Amparo, tmp_path: Path) -> None:
    answer = amparo("rules", "propose", str(tmp_path), "--as", "paulo", "--reason", "none", **NEW)

    assert answer.returncode == 2
    assert "no scheme.toml" in answer.stderr.replace("\n", " ")
