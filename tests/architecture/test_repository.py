"""What may not be committed, and that the documents keep up with the product."""

import os
import re
import subprocess
from collections.abc import Container, Iterator
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from django.conf import settings
from typer.main import get_command

from amparo.interfaces.cli.main import app
from amparo.interfaces.web.urls import urlpatterns
from tests.architecture.source import PACKAGE, PROJECT

# Written in two halves, so that this file does not name what it forbids.
_REGISTRIES = [
    "".join(halves)
    for halves in (
        ("pypi", ".org"),
        ("python", "hosted.org"),
        ("pypi", ".python.org"),
        ("registry.npm", "js.org"),
        ("npm", "js.com"),
        ("registry.yarn", "pkg.com"),
        ("npm.pkg.", "github.com"),
        ("ghcr", ".io"),
        ("docker", ".io"),
        ("crates", ".io"),
        ("rubygems", ".org"),
        ("proxy.golang", ".org"),
        ("repo1.", "maven.org"),
        ("repo.maven.", "apache.org"),
        ("conda.", "anaconda.org"),
        ("pkgs.dev.", "azure.com"),
        ("jsdelivr", ".net"),
        ("unpkg", ".com"),
        ("cdnjs.", "cloudflare.com"),
        ("deb.", "debian.org"),
    )
]
_REGISTRY_SETTINGS = re.compile(
    r"^\s*(--(extra-)?index-url|--find-links|(extra-)?index-url\s*=|find-links\s*=|registry\s*=)"
    r"|\"resolved\"\s*:",
    re.MULTILINE,
)
_ONLY_WHERE_INSTALLED = {"django_linear_migrations"}  # a developer's tool, see the settings
_LOCKS = ("requirements.lock", "requirements-dev.lock", "package-lock.json", ".npmrc")


def _committed() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    return [PROJECT / name for name in listed.stdout.split("\0") if name]


def _named_registries(text: str) -> list[str]:
    return [host for host in _REGISTRIES if host in text.lower()]


def test_no_committed_file_names_a_package_registry() -> None:
    findings = [
        f"{path.relative_to(PROJECT)}: {host}"
        for path in _committed()
        if path.is_file()
        for host in _named_registries(path.read_bytes().decode(errors="ignore"))
    ]

    assert findings == []


def test_the_lock_files_say_what_and_never_from_where() -> None:
    for name in _LOCKS:
        path = PROJECT / name
        if path.exists():
            assert not _REGISTRY_SETTINGS.search(path.read_text()), name


def test_every_installed_app_comes_with_the_product() -> None:
    """A developers' package in INSTALLED_APPS would break every installation but our own."""
    locked = set(
        re.findall(r"^([a-z0-9._-]+)==", (PROJECT / "requirements.lock").read_text(), re.MULTILINE)
    )
    distributions = packages_distributions()
    foreign = {
        app.partition(".")[0]
        for app in settings.INSTALLED_APPS
        if not app.startswith("amparo.") and app not in _ONLY_WHERE_INSTALLED
    }

    missing = [
        name
        for name in foreign
        if not {d.lower().replace("_", "-") for d in distributions[name]} & locked
    ]

    assert missing == []


def test_every_locked_package_has_its_hashes() -> None:
    for name in _LOCKS[:2]:
        entries = re.split(r"\n(?=[a-z0-9])", (PROJECT / name).read_text(), flags=re.IGNORECASE)
        packages = [entry for entry in entries if re.match(r"^[a-z0-9._-]+(\[.*?\])?==", entry)]

        assert len(packages) > 10
        assert [p.splitlines()[0] for p in packages if "--hash=sha256:" not in p] == []


def test_a_registry_is_seen_in_any_case_and_place() -> None:
    host = _REGISTRIES[0]

    assert _named_registries(f"see https://{host.upper()}/project") == [host]
    assert _REGISTRY_SETTINGS.search("--index-url https://example")
    assert _REGISTRY_SETTINGS.search('"resolved": "https://example/a.tgz"')


def test_no_secret_or_local_data_is_committed() -> None:
    names = [str(path.relative_to(PROJECT)) for path in _committed()]

    assert [
        n for n in names if n.startswith(("var/", ".venv/")) or n.endswith((".pyc", ".mo~"))
    ] == []


# --- documents keep up ------------------------------------------------------------------------

_SETTING = re.compile(r"\b(AMPARO_[A-Z][A-Z0-9_]*[A-Z0-9]|DATABASE_URL)\b")


def test_every_setting_is_documented() -> None:
    used = {
        name
        for path in [*PACKAGE.rglob("*.py"), *(PROJECT / "tools").glob("*.sh")]
        for name in re.findall(
            r"(?:environ(?:\.get|\.setdefault|\.pop)?[\[(]|getenv\()\s*\"(\w+)\"", path.read_text()
        )
        if _SETTING.fullmatch(name)
    }
    documented = set(_SETTING.findall((PROJECT / "docs/reference/settings.md").read_text()))

    assert used
    assert sorted(used - documented) == []


def test_every_command_says_what_it_does() -> None:
    def silent(command: object, name: str) -> list[str]:
        children = getattr(command, "commands", {})
        found = [] if getattr(command, "help", None) else [name]
        return found + [s for n, child in children.items() for s in silent(child, f"{name} {n}")]

    assert silent(get_command(app), "amparo") == []


# --- coverage ---------------------------------------------------------------------------------

_ROW = re.compile(r"^\| (?P<id>(?:ICT|MIS|DAT)-\d+\.\d+) \|(?P<cells>.*)\|\s*$", re.MULTILINE)
_PATH = re.compile(r"`([\w./-]+\.(?:py|html|md|dmn|toml|js|sh|jsonl))(?:::(\w+))?`")
_NO_SCREEN = "none"


@dataclass(frozen=True)
class Row:
    """A row of docs/coverage.md: a capability and what proves it."""

    capability: str
    wording: str
    code: str
    test: str
    screen: str


def _coverage_rows(text: str) -> list[Row]:
    """Return the rows of the table of what is delivered: the one with a column for screens."""
    table = text.partition("## Left")[0]
    rows = [[m["id"], *(c.strip() for c in m["cells"].split("|"))] for m in _ROW.finditer(table)]
    return [Row(*cells) for cells in rows]


def _gaps(row: Row, commands: Container[str], pages: Container[str]) -> Iterator[str]:
    """Say what a row names that is not there, and what it ought to name."""
    for path, name in [match for cell in (row.code, row.test) for match in _PATH.findall(cell)]:
        if not (PROJECT / path).exists():
            yield f"{row.capability}: {path} is not there"
        elif name and not re.search(rf"\bdef {name}\b", (PROJECT / path).read_text()):
            yield f"{row.capability}: {path} has no {name}"
    if not _PATH.search(row.code):
        yield f"{row.capability}: names no code"
    if not any(name.startswith("test_") for _path, name in _PATH.findall(row.test)):
        yield f"{row.capability}: names no test"
    if row.screen == _NO_SCREEN:
        return
    for screen in (text.strip() for text in row.screen.split(",")):
        name = screen.strip("`")
        if not (name in pages or name in commands):
            yield f"{row.capability}: there is no page or command {screen}"


def _pages() -> set[str]:
    return {f"web:{pattern.name}" for pattern in urlpatterns}


def _command_names(command: object, name: str = "amparo") -> list[str]:
    children = getattr(command, "commands", None)
    if children is None:
        return [name]
    return [n for c, found in children.items() for n in _command_names(found, f"{name} {c}")]


def test_each_capability_names_code_tests_and_screens_that_exist() -> None:
    rows = _coverage_rows((PROJECT / "docs/coverage.md").read_text())
    commands = _command_names(get_command(app))

    assert rows
    assert [gap for row in rows for gap in _gaps(row, commands, _pages())] == []


def test_a_row_that_names_what_is_not_there_is_seen() -> None:
    def gaps(code: str, test: str, screen: str) -> list[str]:
        row = Row("MIS-1.1", "Register", code, test, screen)
        return [gap.partition(": ")[2] for gap in _gaps(row, ["amparo verify"], {"web:find"})]

    here = "tests/architecture/test_repository.py"
    proof = f"`{here}::test_a_row_that_names_what_is_not_there_is_seen`"
    assert gaps("`manage.py`", proof, "`web:find`, `amparo verify`") == []
    assert gaps("`manage.py`", proof, "none") == []
    assert gaps("`gone.py`", proof, "none") == ["gone.py is not there"]
    assert gaps("the register", proof, "none") == ["names no code"]
    assert gaps("`manage.py`", f"`{here}`", "none") == ["names no test"]
    assert gaps("`manage.py`", f"`{here}::test_gone`", "none") == [f"{here} has no test_gone"]
    assert gaps("`manage.py`", proof, "`web:gone`") == ["there is no page or command `web:gone`"]
    assert gaps("`manage.py`", proof, "a page") == ["there is no page or command a page"]


def test_no_capability_is_listed_twice() -> None:
    identifiers = [r.capability for r in _coverage_rows((PROJECT / "docs/coverage.md").read_text())]

    assert sorted(set(identifiers)) == sorted(identifiers)


def test_what_is_left_is_left_of_something_delivered() -> None:
    text = (PROJECT / "docs/coverage.md").read_text()
    delivered = {row.capability for row in _coverage_rows(text)}
    left = {match["id"] for match in _ROW.finditer(text.partition("## Left")[2])}

    assert left
    assert sorted(left - delivered) == []


@pytest.mark.skipif(os.geteuid() != 0 and not os.access(PROJECT, os.W_OK), reason="read-only tree")
def test_the_scripts_are_sound_shell() -> None:
    for script in [*(PROJECT / "tools").glob("*.sh"), PROJECT / ".ci" / "run"]:
        assert os.access(script, os.X_OK), script
        subprocess.run(["bash", "-n", script], check=True)
