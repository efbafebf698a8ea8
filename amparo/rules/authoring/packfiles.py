"""Edits of a whole pack, as its files: what comes out loads, or nothing comes out."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from amparo.rules.authoring.faults import FaultyTable, faults_of
from amparo.rules.authoring.parameters import (
    NewParameter,
    NewRow,
    add_parameter,
    add_row,
    remove_row,
)
from amparo.rules.authoring.sheet import NoSuchTable, Sheet, sheet_of, sheets_of, with_sheet
from amparo.rules.dmn.model import Model
from amparo.rules.dmn.writing import write_model
from amparo.rules.dmn.xml import read_model
from amparo.rules.packs.pack import load_pack_files
from amparo.rules.packs.parameters import Row, read_parameters

Files = Mapping[str, str]


def _models(files: Files) -> dict[str, Model]:
    return {
        name: read_model(text, where=name) for name, text in files.items() if name.endswith(".dmn")
    }


def table_names(files: Files) -> tuple[tuple[str, str], ...]:
    """Give each table of a pack: the file it is in, and the name of its decision."""
    return tuple(
        (file, sheet.name) for file, model in _models(files).items() for sheet in sheets_of(model)
    )


def model_with_table(files: Files, decision: str) -> tuple[str, Model]:
    """Give the file and model that hold the table of a decision. Raises NoSuchTable."""
    models = _models(files)
    for file, model in models.items():
        if any(decision in (sheet.decision, sheet.name) for sheet in sheets_of(model)):
            return file, model
    known = ", ".join(name for _, name in table_names(files)) or "none"
    raise NoSuchTable(
        code="sheet.unknown",
        message=f"The pack has no decision table {decision}",
        remedy=f"Its tables: {known}.",
    )


def table_of(files: Files, decision: str) -> Sheet:
    """Give the table of a decision, by name or id. Raises NoSuchTable."""
    return sheet_of(model_with_table(files, decision)[1], decision)


def with_table(files: Files, sheet: Sheet) -> dict[str, str]:
    """Give the pack's files with this table in the place of the one it has.

    Raises FaultyTable with every fault; RuleError where the pack as a whole would not load.
    """
    file, model = model_with_table(files, sheet.decision)
    beside = [other for name, other in _models(files).items() if name != file]
    faults = faults_of(model, sheet, beside=beside)
    if faults:
        raise FaultyTable(faults, where=file)
    changed = {**files, file: write_model(with_sheet(model, sheet))}
    load_pack_files(changed)
    return changed


# Parameters -------------------------------------------------------------------------------


def _parameter_files(files: Files) -> dict[str, str]:
    return {
        name: text
        for name, text in files.items()
        if name.startswith("parameters") and PurePosixPath(name).suffix == ".toml"
    }


def _file_of(files: Files, parameter: str) -> tuple[str, str]:
    for name, text in _parameter_files(files).items():
        if any(known.name == parameter for known in read_parameters(text, where=name)):
            return name, text
    # A file without it says so in its own words.
    return next(iter(_parameter_files(files).items()), ("parameters.toml", ""))


def with_parameter_row(files: Files, parameter: str, row: NewRow) -> dict[str, str]:
    """Give the pack's files with one more row of a parameter. Raises FaultyParameter."""
    name, text = _file_of(files, parameter)
    return _loading({**files, name: add_row(text, parameter, row, where=name)})


def without_parameter_row(files: Files, row: Row) -> dict[str, str]:
    """Give the pack's files without a row that only the draft has. Raises FaultyParameter."""
    name, text = _file_of(files, row.name)
    return _loading({**files, name: remove_row(text, row, where=name)})


def with_parameter(files: Files, parameter: NewParameter) -> dict[str, str]:
    """Give the pack's files with one more parameter. Raises FaultyParameter."""
    name, text = next(iter(_parameter_files(files).items()), ("parameters.toml", ""))
    return _loading({**files, name: add_parameter(text, parameter, where=name)})


def _loading(files: dict[str, str]) -> dict[str, str]:
    load_pack_files(files)
    return files
