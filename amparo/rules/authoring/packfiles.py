"""Edits of a whole pack, as its files: what comes out loads, or nothing comes out."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from amparo.rules.authoring.faults import Fault, FaultyTable, faults_of
from amparo.rules.authoring.parameters import (
    FaultyParameter,
    NewParameter,
    NewRow,
    add_parameter,
    add_row,
    remove_row,
)
from amparo.rules.authoring.sheet import NoSuchTable, Sheet, sheet_of, sheets_of, with_sheet
from amparo.rules.dmn.model import BusinessKnowledge, Decision, InputData, Model
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


def with_parameter(
    files: Files, parameter: NewParameter, *, used_by: Collection[str] = ()
) -> dict[str, str]:
    """Give the pack's files with one more parameter. Raises FaultyParameter.

    used_by: the decisions, by name, whose rules may name it from now on: each is given the
    requirement that brings it into reach.
    """
    name, text = next(iter(_parameter_files(files).items()), ("parameters.toml", ""))
    changed = {**files, name: add_parameter(text, parameter, where=name)}
    models = _models(files)
    taken = {item.name for model in models.values() for item in _named(model)}
    if parameter.name in taken:
        message = f"The model has something called {parameter.name} already"
        fault = Fault("parameter.name", message, "Choose another name.", part="name")
        raise FaultyParameter([fault])
    for file, model in models.items():
        users = [one.id for one in model.decisions.values() if one.name in used_by]
        if users:
            changed[file] = write_model(_requiring(model, parameter, users))
    return _loading(changed)


def _named(model: Model) -> Iterator[InputData | Decision | BusinessKnowledge]:
    yield from model.inputs.values()
    yield from model.decisions.values()
    yield from model.knowledge.values()


def _requiring(model: Model, parameter: NewParameter, users: Collection[str]) -> Model:
    """Give a model with an input for a parameter, which some of its decisions require."""
    identifier = f"input_{parameter.name}"
    while identifier in model.order:
        identifier += "_"
    data = InputData(identifier, parameter.name, parameter.type)
    decisions = {
        key: replace(one, information=(*one.information, (model.namespace, identifier)))
        if one.id in users
        else one
        for key, one in model.decisions.items()
    }
    return replace(model, inputs={**model.inputs, identifier: data}, decisions=decisions)


def _loading(files: dict[str, str]) -> dict[str, str]:
    load_pack_files(files)
    return files
