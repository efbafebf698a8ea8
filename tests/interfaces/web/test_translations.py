"""French is complete, and the compiled catalogue is the one that its source compiles to."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib  # type: ignore[import-untyped]
import pytest

_PROJECT = Path(__file__).parents[3]
_FRENCH = _PROJECT / "amparo" / "locale" / "fr" / "LC_MESSAGES"


def test_every_text_is_translated_into_french() -> None:
    catalogue = polib.pofile(str(_FRENCH / "django.po"))

    assert len(catalogue) > 200
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


def test_every_placeholder_survives_translation() -> None:
    catalogue = polib.pofile(str(_FRENCH / "django.po"))

    broken = [
        entry.msgid
        for entry in catalogue
        for translated in (list(entry.msgstr_plural.values()) or [entry.msgstr])
        if _placeholders(translated) - _placeholders(entry.msgid + entry.msgid_plural)
    ]
    assert broken == []


def test_the_compiled_catalogue_is_up_to_date() -> None:
    source = polib.pofile(str(_FRENCH / "django.po"))
    compiled = polib.mofile(str(_FRENCH / "django.mo"))

    wanted = {(entry.msgctxt, entry.msgid): _texts(entry) for entry in source.translated_entries()}
    found = {(entry.msgctxt, entry.msgid): _texts(entry) for entry in compiled}
    assert found == wanted


def test_no_text_of_the_source_is_missing_from_the_catalogue(tmp_path: Path) -> None:
    if shutil.which("xgettext") is None:
        pytest.skip("gettext is absent; install it to compare the catalogue with the source.")
    catalogue = polib.pofile(str(_FRENCH / "django.po"))
    known = {(entry.msgctxt, entry.msgid) for entry in catalogue if not entry.obsolete}
    copy = tmp_path / "amparo"
    shutil.copytree(
        _PROJECT / "amparo", copy, ignore=shutil.ignore_patterns("__pycache__", "static", "*.mo")
    )

    subprocess.run(
        [
            sys.executable,
            "-m",
            "django",
            "makemessages",
            "--locale",
            "fr",
            "--no-location",
            "--no-obsolete",
        ],
        cwd=copy,
        check=True,
        capture_output=True,
    )

    fresh = polib.pofile(str(copy / "locale" / "fr" / "LC_MESSAGES" / "django.po"))
    assert {(entry.msgctxt, entry.msgid) for entry in fresh} - known == set()


def _texts(entry: polib.POEntry) -> tuple[str, ...]:
    plural = entry.msgstr_plural
    return tuple(plural[form] for form in sorted(plural)) if plural else (entry.msgstr,)


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\([a-z_]+\)[sd]", text))
