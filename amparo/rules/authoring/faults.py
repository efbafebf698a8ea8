"""What is wrong with a sheet: every fault at once, each with its cell and what to do."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from amparo.rules.authoring.sheet import Column, Sheet, SheetRow, references, with_sheet
from amparo.rules.dmn.boxed import BoxedCompiler
from amparo.rules.dmn.graph import Library
from amparo.rules.dmn.model import LiteralExpression, Model
from amparo.rules.dmn.tables import AGGREGATIONS, POLICIES
from amparo.rules.dmn.types import TypeBook
from amparo.rules.dmn.writing import is_identifier
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.feel.scope import Scope

_NUMBERED = re.compile(r"rule (\d+)")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. row: the rule's id; column: the column's key; part: of what else it is a part.

    where: the place as its reader knows it, such as a sheet and cell or a line.
    """

    code: str
    message: str
    remedy: str
    row: str = ""
    column: str = ""
    part: str = ""
    where: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.message}. {self.remedy}"


class FaultyTable(RuleError):
    """A table that cannot be taken over, with all its faults. Nothing of it was taken."""

    def __init__(self, faults: Sequence[Fault], *, where: str = "") -> None:
        self.faults = tuple(faults)
        super().__init__(
            code="table.faulty",
            message=f"The table has {len(self.faults)} faults",
            remedy="Correct all and try again; nothing was changed.",
            where=where,
        )


def faults_of(model: Model, sheet: Sheet, *, beside: Sequence[Model] = ()) -> tuple[Fault, ...]:
    """Check a sheet against the model it belongs to. beside: models that this one imports."""
    structure = (
        *_text_faults(sheet),
        *_policy_faults(sheet),
        *_column_faults(sheet),
        *_row_faults(sheet),
        *_connection_faults(model, sheet),
    )
    if structure:
        return structure
    reach = _reach(model, sheet, beside)
    if isinstance(reach, Fault):
        return (reach,)
    return (*_types(sheet, reach[1]), *_expressions(sheet, *reach))


# Structure --------------------------------------------------------------------------------


def _text_faults(sheet: Sheet) -> Iterator[Fault]:
    """Find characters that no file can hold, wherever they came from."""
    if forbidden(sheet.description):
        yield Fault("table.text", *_FORBIDDEN_SAID, part="description")
    for column in sheet.columns:
        texts = {"label": column.label, "name": column.name, "type": column.type}
        texts |= {"values": column.values, "default": column.default or ""}
        for part, text in texts.items():
            if forbidden(text):
                yield Fault("table.text", *_FORBIDDEN_SAID, column=column.key, part=part)
    for row in sheet.rows:
        if forbidden(row.description):
            yield Fault("table.text", *_FORBIDDEN_SAID, row=row.id, part="description")
        for column, text in zip(sheet.columns, row.cells, strict=False):
            if forbidden(text):
                yield Fault(
                    "table.text", *_FORBIDDEN_SAID, row=row.id, column=column.key, part="cell"
                )


def forbidden(text: str) -> bool:
    """Say whether a text has a character that XML, and so a model, cannot hold."""
    return _FORBIDDEN.search(text) is not None


_FORBIDDEN_SAID = ("The text has a character that cannot be kept", "Type it again.")


def _policy_faults(sheet: Sheet) -> Iterator[Fault]:
    if sheet.hit_policy not in POLICIES:
        message = f"The hit policy “{sheet.hit_policy}” does not exist"
        yield Fault("table.policy", message, f"Use: {_listed(POLICIES)}.", part="hit policy")
    if not sheet.aggregation:
        return
    if sheet.aggregation not in AGGREGATIONS:
        message = f"The aggregation “{sheet.aggregation}” does not exist"
        yield Fault("table.policy", message, f"Use: {_listed(AGGREGATIONS)}.", part="aggregation")
    elif sheet.hit_policy != "COLLECT":
        message = f"The aggregation {sheet.aggregation} goes with COLLECT only"
        yield Fault("table.policy", message, "Set COLLECT, or no aggregation.", part="aggregation")
    elif sum(column.kind == "output" for column in sheet.columns) > 1:
        message = f"The aggregation {sheet.aggregation} works on one output only"
        yield Fault("table.policy", message, "Make a table of each output.", part="aggregation")


def _listed(words: Sequence[str] | frozenset[str] | dict[str, str]) -> str:
    return ", ".join(sorted(words))


def _column_faults(sheet: Sheet) -> Iterator[Fault]:
    outputs = [column for column in sheet.columns if column.kind == "output"]
    if not outputs:
        yield Fault("table.no-output", "The table has no output", "Add a column of kind output.")
    names = Counter(column.name for column in outputs)
    keys = Counter(column.key for column in sheet.columns)
    for column in sheet.columns:
        if keys[column.key] > 1:
            message = f"Two columns have the id {column.key}"
            yield Fault("table.id", message, "Give each its own.", column=column.key, part="id")
        if column.id and not is_identifier(column.id):
            message = f"“{column.id}” cannot be an id"
            yield Fault("table.id", message, _ID_REMEDY, column=column.key, part="id")
        if column.kind == "input" and not column.name:
            message = "The column has no expression"
            remedy = "Write what it looks at, such as age."
            yield Fault("table.no-name", message, remedy, column=column.key, part="name")
        if column.kind == "output" and len(outputs) > 1 and not column.name:
            message = "The output has no name, and the table has several"
            yield Fault(
                "table.no-name", message, "Name each output.", column=column.key, part="name"
            )
        if column.kind == "output" and column.name and names[column.name] > 1:
            message = f"Two outputs are called {column.name}"
            yield Fault("table.name-twice", message, "Rename one.", column=column.key, part="name")


_ID_REMEDY = "Start with a letter; then letters, digits, dots, dashes and underscores."


def _row_faults(sheet: Sheet) -> Iterator[Fault]:
    ids = Counter(row.id for row in sheet.rows)
    for number, row in enumerate(sheet.rows, start=1):
        numbered = _NUMBERED.fullmatch(row.id)
        if not is_identifier(row.id) and not (numbered and int(numbered[1]) == number):
            message = f"“{row.id}” cannot be the id of a rule"
            yield Fault("table.id", message, _ID_REMEDY, row=row.id, part="id")
        if ids[row.id] > 1:
            message = f"Two rules have the id {row.id}"
            yield Fault("table.id", message, "Give each its own.", row=row.id, part="id")
        if len(row.cells) != len(sheet.columns):
            message = f"The rule has {len(row.cells)} cells for {len(sheet.columns)} columns"
            yield Fault("table.cells", message, "Fill every column.", row=row.id)


def _connection_faults(model: Model, sheet: Sheet) -> Iterator[Fault]:
    known = references(model)
    seen: set[tuple[str, str]] = set()
    for number, connection in enumerate(sheet.connections):
        part = f"connection {number}"
        if (connection.kind, connection.id) in seen:
            message = f"The connection with {connection.name or connection.id} stands twice"
            yield Fault("table.connection", message, "Remove one.", part=part)
        seen.add((connection.kind, connection.id))
        if "#" in connection.id:
            continue  # of another model; the library below looks for it
        kind, name = known.get(connection.id, ("", ""))
        if not kind:
            message = f"The model has no element {connection.id}"
            yield Fault("table.connection", message, "Give the id of one it has.", part=part)
        elif name != connection.name:
            message = f"The element {connection.id} is called {name}, not {connection.name}"
            yield Fault("table.connection", message, "Correct the id or the name.", part=part)
        elif connection.kind not in {kind, "law"}:
            message = f"{name} is of kind {kind}, not {connection.kind}"
            yield Fault("table.connection", message, f"Write {kind}.", part=part)
        elif connection.id == sheet.decision:
            message = f"{name} requires itself"
            yield Fault("table.connection", message, "Remove the connection.", part=part)


# Expressions ------------------------------------------------------------------------------


def _reach(model: Model, sheet: Sheet, beside: Sequence[Model]) -> tuple[Scope, TypeBook] | Fault:
    """Give the names and types in reach of the table: those of the model as it would be."""
    candidate = with_sheet(model, sheet)
    decision = candidate.decisions.get(sheet.decision)
    if decision is not None:
        emptied = replace(decision, logic=None)
        candidate = replace(candidate, decisions={**candidate.decisions, sheet.decision: emptied})
    else:
        knowledge = candidate.knowledge[sheet.decision]
        function = knowledge.logic
        without = replace(knowledge, logic=function and replace(function, body=None))
        candidate = replace(candidate, knowledge={**candidate.knowledge, sheet.decision: without})
    try:
        library = Library([candidate, *beside])
        return library.reach_of((candidate.namespace, sheet.decision))
    except RuleError as error:
        return Fault(error.code, error.message, error.remedy, part="connections")


def _types(sheet: Sheet, types: TypeBook) -> Iterator[Fault]:
    for type_ref, column in ((sheet.type, ""), *((one.type, one.key) for one in sheet.columns)):
        try:
            types.find(type_ref)
        except RuleError as error:
            yield Fault(error.code, error.message, error.remedy, column=column, part="type")


def _expressions(sheet: Sheet, scope: Scope, types: TypeBook) -> Iterator[Fault]:
    for column in sheet.columns:
        if column.kind == "annotation":
            continue
        yield from _heading(column, scope, types)
    for row in sheet.rows:
        for column, text in zip(sheet.columns, row.cells, strict=True):
            if column.kind != "annotation":
                yield from _in_cell(row, column, text, scope, types)


def _heading(column: Column, scope: Scope, types: TypeBook) -> Iterator[Fault]:
    texts = {"values": column.values and f"[{column.values}]", "default": column.default or ""}
    if column.kind == "input":
        texts = {"name": column.name, "values": ""}
        if column.values:
            place = Fault("", "", "", column=column.key, part="values")
            yield from _tried(place, column.values, scope, types, is_test=True)
    for part, text in texts.items():
        if text:
            place = Fault("", "", "", column=column.key, part=part)
            yield from _tried(place, text, scope, types, is_test=False)


def _in_cell(
    row: SheetRow, column: Column, text: str, scope: Scope, types: TypeBook
) -> Iterator[Fault]:
    place = Fault("", "", "", row=row.id, column=column.key, part="cell")
    if column.kind == "output" and not text:
        message, remedy = "The output is empty", "Write a value, or null if there is none."
        yield replace(place, code="table.empty-output", message=message, remedy=remedy)
    elif text:
        yield from _tried(place, text, scope, types, is_test=column.kind == "input")


def _tried(
    place: Fault, text: str, scope: Scope, types: TypeBook, *, is_test: bool
) -> Iterator[Fault]:
    compiler = BoxedCompiler(types, "")
    read: Callable[[LiteralExpression, Scope], object]
    read = compiler.cell if is_test else compiler.expression
    try:
        read(LiteralExpression("", text), scope)
    except RuleError as error:
        yield replace(place, code=error.code, message=_message(error), remedy=error.remedy)
        return
    for name in dict.fromkeys(compiler.unknown):
        message = f"The name {name} is nowhere in reach"
        remedy = "Correct it, put a text in quotes, or connect the decision with what brings it."
        yield replace(place, code="name.unknown", message=message, remedy=remedy)


def _message(error: RuleError) -> str:
    if error.span is None:
        return error.message
    found = error.source[error.span.start : error.span.end].strip()
    near = f" at “{found}”" if found else ""
    return f"{error.message}, character {error.span.start + 1}{near}"
