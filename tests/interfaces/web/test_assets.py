"""The committed front-end files are what the sources build, and a first visit stays light."""

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

_PROJECT = Path(__file__).parents[3]
_BUILT = _PROJECT / "amparo" / "interfaces" / "web" / "static" / "amparo"
_FIRST_VISIT_ASSETS = ("amparo.css", "amparo.js", "htmx.min.js", "mark.svg")


def test_the_committed_files_are_rebuilt_byte_for_byte(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None or not (_PROJECT / "node_modules").is_dir():
        pytest.skip("Node or node_modules is absent; run `npm ci` to check the built files.")

    subprocess.run([node, "tools/assets.mjs", str(tmp_path)], cwd=_PROJECT, check=True)

    rebuilt = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_bytes() for path in _BUILT.iterdir()}
    assert rebuilt == committed


def test_the_parts_of_every_page_stay_under_forty_kilobytes() -> None:
    sizes = {
        name: len(gzip.compress((_BUILT / name).read_bytes(), 6)) for name in _FIRST_VISIT_ASSETS
    }

    assert sum(sizes.values()) < 40_000, sizes


def test_the_styles_ask_nobody_else_for_anything() -> None:
    css = (_BUILT / "amparo.css").read_text()

    assert "url(" not in css
    assert "@import" not in css
    assert "GDS Transport" not in css


def test_the_styles_name_no_physical_side() -> None:
    css = (_BUILT / "amparo.css").read_text()

    sides = re.findall(
        r"(?:margin|padding)-(?:left|right):|border-(?:left|right)[:-]|text-align:(?:left|right)|"
        r"(?:float|clear):(?:left|right)|[{;](?:left|right):",
        css,
    )
    assert sides == []


def test_the_lock_file_holds_hashes_and_no_registry_address() -> None:
    packages = json.loads((_PROJECT / "package-lock.json").read_text())["packages"]

    installed = {name: entry for name, entry in packages.items() if name}
    assert installed
    assert all("integrity" in entry for entry in installed.values())
    assert not any("resolved" in entry for entry in installed.values())
