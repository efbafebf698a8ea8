"""What may not be committed, and that the documents keep up with the product."""

import os
import re
import subprocess
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from django.conf import settings
from typer.main import get_command

from amparo.interfaces.cli.main import app
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


def _coverage_rows() -> list[tuple[str, list[str]]]:
    text = (PROJECT / "docs/coverage.md").read_text()
    return [
        (m["id"], [cell.strip() for cell in m["cells"].split("|")]) for m in _ROW.finditer(text)
    ]


def test_each_capability_names_code_and_tests_that_exist() -> None:
    gaps = []
    for capability, cells in _coverage_rows():
        named = [match for cell in cells for match in _PATH.findall(cell)]
        gaps += [
            f"{capability}: {path} is not there"
            for path, _ in named
            if not (PROJECT / path).exists()
        ]
        gaps += [
            f"{capability}: {path} has no {name}"
            for path, name in named
            if name and (PROJECT / path).exists() and name not in (PROJECT / path).read_text()
        ]

    assert gaps == []


def test_no_capability_is_listed_twice() -> None:
    identifiers = [capability for capability, _ in _coverage_rows()]

    assert sorted(set(identifiers)) == sorted(identifiers)


@pytest.mark.skipif(os.geteuid() != 0 and not os.access(PROJECT, os.W_OK), reason="read-only tree")
def test_the_scripts_are_sound_shell() -> None:
    for script in [*(PROJECT / "tools").glob("*.sh"), PROJECT / ".ci" / "run"]:
        assert os.access(script, os.X_OK), script
        subprocess.run(["bash", "-n", script], check=True)
