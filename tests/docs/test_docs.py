"""The documentation: built strictly, loading nothing from elsewhere, true where it can be run."""

import re
import subprocess
import sys
from collections.abc import Iterable
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import polib  # type: ignore[import-untyped]
import psycopg
import pytest
from typer.main import get_command

from amparo.interfaces.cli import postgres
from amparo.interfaces.cli.main import app
from amparo.interfaces.cli.reference import BadExample, builtin_reference
from amparo.rules.feel.builtins import BUILTINS
from tests.architecture.source import PROJECT

_DOCS = PROJECT / "docs"
_LOADS = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src"}


class _Loads(HTMLParser):
    """Collects the addresses that a browser fetches by itself, not those that people click."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "link" and values.get("rel") in {"canonical", "author", "next", "prev", "search"}:
            return
        if (address := values.get(_LOADS.get(tag, ""))) is not None:
            self.addresses.append(address)


def _loaded_from_elsewhere(html: str) -> list[str]:
    page = _Loads()
    page.feed(html)
    return [a for a in page.addresses if re.match(r"(https?:)?//", a)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("docs")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-b", "html",
         str(_DOCS), str(target)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return target


def test_the_built_pages_load_nothing_from_elsewhere(built: Path) -> None:
    pages = list(built.rglob("*.html"))
    styles = [*built.rglob("*.css"), *built.rglob("*.js")]

    assert len(pages) > 10
    assert [a for page in pages for a in _loaded_from_elsewhere(page.read_text())] == []
    assert [
        style.name
        for style in styles
        if re.search(r"(@import|url\()\s*['\"]?(https?:)?//", style.read_text())
    ] == []


def test_a_page_that_loads_from_elsewhere_is_seen() -> None:
    assert _loaded_from_elsewhere('<script src="https://example/a.js"></script>')
    assert _loaded_from_elsewhere('<link rel="stylesheet" href="//example/a.css">')
    assert not _loaded_from_elsewhere('<a href="https://example/">read</a><img src="a.png">')


def _commands(command: object, name: str = "amparo") -> list[str]:
    children = getattr(command, "commands", None)
    if children is None:
        return [name]
    return [n for child, found in children.items() for n in _commands(found, f"{name} {child}")]


def test_every_command_is_in_the_reference(built: Path) -> None:
    text = _text(built / "reference" / "commands.html")

    assert [name for name in _commands(get_command(app)) if name not in text] == []


def _text(page: Path) -> str:
    """Return what a reader sees of a built page, blanks made one."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", "", page.read_text())))


def test_every_built_in_of_feel_is_in_the_reference(built: Path) -> None:
    text = _text(built / "reference" / "feel.html")

    assert len(BUILTINS) > 80
    assert [name for name in BUILTINS if f"{name}(" not in text] == []


def test_every_built_in_of_feel_has_an_example_with_its_value() -> None:
    examples = (_DOCS / "reference" / "feel-examples.feel").read_text()

    page = builtin_reference(examples=examples)
    rows = re.findall(r"^\| (`.*`) \| (.*) \| (.*) \|$", page, re.MULTILINE)

    assert len(rows) == len(BUILTINS)
    assert [call for call, example, value in rows if not example or not value] == []


@pytest.mark.parametrize(
    ("example", "complaint"),
    [
        ("sum([1, null])", "has no value"),
        ("interest(100)", "begins with no built-in"),
        ('date("2027-02-31")', "has no value"),
    ],
)
def test_an_example_that_shows_nothing_is_seen(example: str, complaint: str) -> None:
    with pytest.raises(BadExample, match=complaint):
        builtin_reference(examples=example)


def test_a_built_in_without_an_example_shows_an_empty_cell() -> None:
    assert "| `abs(n)` |  |  |" in builtin_reference(examples="floor(4.29, 1)")


def _labels_nobody_shows(text: str, shown: Iterable[str]) -> list[str]:
    """Return the words in bold that no page shows; on a page a number may follow them."""
    known = [" ".join(one.split()) for one in shown]
    bold = {" ".join(label.split()) for label in re.findall(r"\*\*(.+?)\*\*", text, re.DOTALL)}
    return sorted(label for label in bold if not any(one.startswith(label) for one in known))


def test_the_journeys_name_pages_and_buttons_as_the_screen_does() -> None:
    catalogue = PROJECT / "amparo/locale/fr/LC_MESSAGES/django.po"
    shown = [entry.msgid for entry in polib.pofile(str(catalogue))]
    pages = [*(_DOCS / "journeys").glob("*.md"), _DOCS / "tour.md"]

    assert len(pages) > 4
    assert {p.name: _labels_nobody_shows(p.read_text(), shown) for p in pages} == {
        p.name: [] for p in pages
    }


def test_a_button_that_no_page_has_is_seen() -> None:
    shown = ["Plan the run", "Approve run %(run)s"]

    assert _labels_nobody_shows("**Plan the\n run**, **Approve run**", shown) == []
    assert _labels_nobody_shows("press **Pay everybody**", shown) == ["Pay everybody"]


def test_the_statements_for_ones_own_server_give_the_rights_the_product_expects() -> None:
    text = (_DOCS / "operate" / "database.md").read_text()
    found = re.search(r"```text\n(CREATE ROLE.*?)```", text, re.DOTALL)
    assert found is not None
    statements = found[1].replace("amparo", "institution")
    server = postgres.start_throwaway()
    try:
        done = subprocess.run(
            [server.binaries.program("psql"), "-v", "ON_ERROR_STOP=1", server.admin_url],
            input=statements, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        database = server.url(role="amparo_admin", database="institution")
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("SET SESSION AUTHORIZATION institution_owner")
            connection.execute("CREATE TABLE claim (id bigserial, amount numeric)")
            connection.execute("RESET SESSION AUTHORIZATION")
            connection.execute("SET SESSION AUTHORIZATION institution_app")
            connection.execute("INSERT INTO claim (amount) VALUES (4.20)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("TRUNCATE claim")
    finally:
        server.stop()


def test_the_lines_that_decide_a_claim_print_what_is_shown_and_need_no_django() -> None:
    text = (_DOCS / "reference/library.md").read_text()
    program = "".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    shown = "".join(re.findall(r"```text\n(.*?)```", text, re.DOTALL))
    alone = "import sys; sys.modules['django'] = None\n"

    done = subprocess.run(
        [sys.executable, "-c", alone + program],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == shown
