"""Reasons as an editor writes them, into reasons.toml; the others stay to the letter."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from amparo.rules.authoring.faults import Fault, FaultyTable
from amparo.rules.packs.pack import REASONS, load_pack_files
from amparo.rules.packs.reasons import Reason, read_reasons
from amparo.rules.packs.texts import LANGUAGES
from amparo.values import is_readable

_HEAD: Final = re.compile(r"\s*\[\[\s*reason\s*\]\]\s*(#.*)?")


def with_reason(files: Mapping[str, str], reason: Reason) -> dict[str, str]:
    """Give the pack's files with other words or another law for a reason they have.

    Its code stays: decisions name it. Raises FaultyTable, with the part of each fault.
    """
    faults = tuple(_faults(reason))
    if faults:
        raise FaultyTable(faults, where=REASONS)
    text = files[REASONS]
    lines = text.split("\n")
    heads = [number for number, line in enumerate(lines) if _HEAD.fullmatch(line)]
    known = [one.code for one in read_reasons(text, where=REASONS)]
    if reason.code not in known or len(heads) != len(known):
        message = f"The reason {reason.code} cannot be found in {REASONS}"
        remedy = "Choose one of the pack; give each the head [[reason]]."
        raise FaultyTable([Fault("reason.unknown", message, remedy, part="code")], where=REASONS)
    place = known.index(reason.code)
    start = heads[place]
    end = heads[place + 1] if place + 1 < len(heads) else len(lines)
    # Blank lines and comments that lead over to the next reason belong to that one.
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    changed = {**files, REASONS: "\n".join([*lines[:start], *_lines(reason), *lines[end:]])}
    load_pack_files(changed)
    return changed


def _lines(reason: Reason) -> Iterator[str]:
    yield "[[reason]]"
    yield f"code = {_quoted(reason.code)}"
    yield f"law = {_quoted(reason.law)}"
    for language, words in reason.texts.items():
        yield f"{language} = {_quoted(words)}"


def _quoted(text: str) -> str:
    """Write a TOML string: JSON's escapes are TOML's, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _faults(reason: Reason) -> Iterator[Fault]:
    if not is_readable(reason.law):
        yield Fault(
            "reason.law", "The legal source is missing", "Name the act and article.", part="law"
        )
    for language in LANGUAGES:
        if not is_readable(reason.texts.get(language, "")):
            message = f"The words in “{language}” are missing"
            yield Fault("reason.words", message, "Write them.", part=language)
