"""What scheme.toml says of a version and of its questions, as an editor writes it.

The first day, the transitional clause and the titles of facts, each in its own lines; every other
line stays to the letter. What comes out is read again, and must say exactly what was meant.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from amparo.rules.authoring.faults import Fault, FaultyTable, forbidden
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.packs.manifest import MANIFEST, Manifest, read_manifest
from amparo.rules.packs.pack import LAW, load_pack_files
from amparo.rules.packs.texts import LANGUAGES
from amparo.values import is_readable

_HEAD: Final = re.compile(r"\s*\[")
_FIRST_DAY: Final = re.compile(r"^valid_from[ \t]*=[^\n]*$", re.MULTILINE)
_CLAUSE: Final = re.compile(r"\s*\[\s*applicability\s*\]\s*(#.*)?")
_INPUT: Final = re.compile(r"\s*\[\[\s*input\s*\]\]\s*(#.*)?")
_TITLE: Final = re.compile(r"title\s*=\s*\{.*\}\s*(#.*)?")


def with_first_day(files: Mapping[str, str], day: date) -> dict[str, str]:
    """Give the pack's files with another first day of the version. Raises FaultyTable."""
    text = _FIRST_DAY.sub(f"valid_from = {day.isoformat()}", files[MANIFEST], count=1)
    return _meant(files, text, replace(_read(files[MANIFEST]), valid_from=day), "valid_from")


def with_clause(files: Mapping[str, str], *, when: str, law: str) -> dict[str, str]:
    """Give the pack's files with another transitional clause; an empty `when` is none.

    when: FEEL over the dates of a case. law: the article. Raises FaultyTable.
    """
    when, law = when.strip(), law.strip()
    faults = tuple(_clause_faults(when, law))
    if faults:
        raise FaultyTable(faults, where=MANIFEST)
    before = _read(files[MANIFEST])
    if before.applicability is None and not when:
        return dict(files)
    lines = files[MANIFEST].split("\n")
    start = next((n for n, line in enumerate(lines) if _CLAUSE.fullmatch(line)), None)
    if start is None and before.applicability is not None:
        raise _refused("when", "The clause stands in one line", "Give it the head [applicability].")
    if start is not None:
        del lines[start : _end(lines, start)]
    if when:
        place = next((n for n, line in enumerate(lines) if _HEAD.match(line)), len(lines))
        while place and lines[place - 1].lstrip().startswith("#"):
            place -= 1  # a comment leads over to the table below it
        clause = ["[applicability]", f"when = {_quoted(when)}", f"law = {_quoted(law)}", ""]
        lines[place:place] = clause
    try:
        after = _read("\n".join(lines))
    except RuleError as error:
        raise _refused("when", error.message, error.remedy) from error
    return _meant(
        files, "\n".join(lines), replace(before, applicability=after.applicability), "when"
    )


def with_question(files: Mapping[str, str], name: str, titles: Mapping[str, str]) -> dict[str, str]:
    """Give the pack's files with other words for a fact that is asked. Raises FaultyTable.

    titles: by language; those of the product's own languages must be there.
    """
    titles = {language: text.strip() for language, text in titles.items() if text.strip()}
    faults = tuple(_title_faults(titles))
    if faults:
        raise FaultyTable(faults, where=MANIFEST)
    before = _read(files[MANIFEST])
    lines = files[MANIFEST].split("\n")
    heads = [number for number, line in enumerate(lines) if _INPUT.fullmatch(line)]
    names = [item.name for item in before.inputs]
    if name not in names or len(heads) != len(names):
        raise _refused("name", f"There is no fact {name}", "Choose one of the pack.")
    start = heads[names.index(name)]
    place = next((n for n in range(start, _end(lines, start)) if _TITLE.fullmatch(lines[n])), None)
    if place is None:
        raise _refused("name", "The title stands in several lines", "Write it in one line.")
    written = ", ".join(f"{language} = {_quoted(text)}" for language, text in titles.items())
    lines[place] = f"title = {{ {written} }}"
    inputs = tuple(
        replace(item, titles=titles) if item.name == name else item for item in before.inputs
    )
    return _meant(files, "\n".join(lines), replace(before, inputs=inputs), LANGUAGES[0])


def with_law(files: Mapping[str, str], text: str) -> dict[str, str]:
    """Give the pack's files with another text of the law. Raises FaultyTable."""
    text = text.replace("\r\n", "\n").strip("\n")
    if not is_readable(text):
        raise _refused("text", "The law has no text", "Write what it says, or cite it.")
    if forbidden(text.replace("\n", "").replace("\t", "")):
        message = "The text has a character that cannot be kept"
        raise _refused("text", message, "Type the place again instead of pasting it.")
    return _loading({**files, LAW: f"{text}\n"})


def _read(text: str) -> Manifest:
    return read_manifest(text)


def _meant(files: Mapping[str, str], text: str, wanted: Manifest, part: str) -> dict[str, str]:
    """Give the files with this manifest if it says what was meant and nothing else."""
    if _said(_read(text)) != _said(wanted):
        message = f"{MANIFEST} is written in a way that cannot be edited here"
        raise _refused(part, message, "Change it in the file.")
    return _loading({**files, MANIFEST: text})


def _said(manifest: Manifest) -> tuple[Manifest, tuple[str, str] | None]:
    """Give what can be compared: a clause by its text, for compiled ones are never equal."""
    clause = manifest.applicability
    said = None if clause is None else (clause.when, clause.law)
    return replace(manifest, applicability=None), said


def _loading(files: dict[str, str]) -> dict[str, str]:
    load_pack_files(files)
    return files


def _end(lines: list[str], start: int) -> int:
    """Give where a table ends: at the next head, without the comments that lead over to it."""
    end = next((n for n in range(start + 1, len(lines)) if _HEAD.match(lines[n])), len(lines))
    while end > start + 1 and lines[end - 1].lstrip().startswith("#"):
        end -= 1
    return end


def _clause_faults(when: str, law: str) -> Iterator[Fault]:
    if when and not is_readable(law):
        message = "The legal source of the clause is missing"
        yield Fault("applicability.law", message, "Name the article.", part="law")
    if law and not when:
        message = "There is an article and no clause"
        yield Fault("applicability.when", message, "Write the clause, or empty both.", part="when")
    for part, text in (("when", when), ("law", law)):
        if forbidden(text):
            message = "The text has a character that cannot be kept"
            yield Fault(f"applicability.{part}", message, "Type it again.", part=part)


def _title_faults(titles: Mapping[str, str]) -> Iterator[Fault]:
    for language in LANGUAGES:
        if not is_readable(titles.get(language, "")):
            message = f"The words in “{language}” are missing"
            yield Fault("input.title", message, "Write them.", part=language)
    for language, text in titles.items():
        if forbidden(text):
            message = "The text has a character that cannot be kept"
            yield Fault("input.title", message, "Type it again.", part=language)


def _quoted(text: str) -> str:
    """Write a TOML string: JSON's escapes are TOML's, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _refused(part: str, message: str, remedy: str) -> FaultyTable:
    return FaultyTable([Fault("pack.manifest", message, remedy, part=part)], where=MANIFEST)
