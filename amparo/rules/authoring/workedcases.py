"""Worked cases as an editor writes them: one JSON object each, checked before it is taken."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, get_args

from amparo.rules.authoring.faults import Fault, FaultyTable
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.packs.cases import read_cases
from amparo.rules.packs.pack import Outcome, load_pack_files
from amparo.values import is_readable

OWN_CASES = "cases/worked.jsonl"
_OUTCOMES: Final = get_args(Outcome)


def case_texts(files: Mapping[str, str]) -> dict[str, str]:
    """Give each worked case's text by its id, laid out to be read."""
    found: dict[str, str] = {}
    for name, text in _case_files(files).items():
        for line in filter(str.strip, text.splitlines()):
            (case,) = read_cases(line, where=name)
            found[case.id] = _laid_out(line)
    return found


def with_case(files: Mapping[str, str], identifier: str, text: str) -> dict[str, str]:
    """Give the pack's files with a case in the place of the one of that id; "" adds one.

    Raises FaultyTable.
    """
    line = _one_line(text)
    try:
        (case,) = read_cases(line, where="the case")
    except RuleError as error:
        raise _refused(error.message, error.remedy) from error
    if not is_readable(case.id):
        raise _refused("The case has no id that can be read", "Give it a short name.")
    if case.outcome is not None and case.outcome not in _OUTCOMES:
        raise _refused(
            f"There is no outcome “{case.outcome}”", f"Write one of: {', '.join(_OUTCOMES)}."
        )
    known = case_texts(files)
    if case.id != identifier and case.id in known:
        raise _refused(f"There is a case {case.id} already", "Give this one another id.")
    return _loading(_replaced(files, identifier, line))


def without_case(files: Mapping[str, str], identifier: str) -> dict[str, str]:
    """Give the pack's files without a case. Raises FaultyTable where there is no such case."""
    return _loading(_replaced(files, identifier, None))


def _replaced(files: Mapping[str, str], identifier: str, line: str | None) -> dict[str, str]:
    if not identifier:
        name = next(iter(_case_files(files)), OWN_CASES)
        before = files.get(name, "")
        gap = "" if not before or before.endswith("\n") else "\n"
        return {**files, name: f"{before}{gap}{line}\n"}
    for name, text in _case_files(files).items():
        lines = text.splitlines()
        for place, old in enumerate(lines):
            if old.strip() and json.loads(old, parse_float=Decimal)["id"] == identifier:
                lines[place : place + 1] = [] if line is None else [line]
                return {**files, name: "".join(f"{one}\n" for one in lines)}
    raise _refused(f"There is no case {identifier}", "Choose one of the list.")


def _case_files(files: Mapping[str, str]) -> dict[str, str]:
    return {
        name: text
        for name, text in files.items()
        if name.startswith("cases/") and name.endswith(".jsonl")
    }


def _one_line(text: str) -> str:
    """Write a case on one line, each number to the digit as it was typed."""
    try:
        content = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except ValueError as error:
        raise _refused(f"The case is no JSON: {error}", "Correct the place named.") from error
    return written(content)


def _laid_out(line: str) -> str:
    """Write a case to be read: each of its entries on a line of its own."""
    content = json.loads(line, parse_float=Decimal, parse_int=Decimal)
    entries = (f"  {written(key)}: {written(value)}" for key, value in content.items())
    return "{\n" + ",\n".join(entries) + "\n}"


def written(content: object) -> str:
    """Write a case's content as JSON on one line, each number to the digit."""
    match content:
        case dict():
            entries = (f"{written(key)}: {written(value)}" for key, value in content.items())
            return "{" + ", ".join(entries) + "}"
        case list():
            return "[" + ", ".join(map(written, content)) + "]"
        case Decimal():
            return str(content)
        case _:
            return json.dumps(content, ensure_ascii=False)


def _loading(files: dict[str, str]) -> dict[str, str]:
    load_pack_files(files)
    return files


def _refused(message: str, remedy: str) -> FaultyTable:
    return FaultyTable([Fault("case.unreadable", message, remedy, part="text")])
