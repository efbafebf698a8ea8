"""One decision table as a sheet of texts: what an editor shows, and what it may change.

A sheet knows no FEEL and checks nothing; ``faults`` does. What a sheet does not show of the model
(ids of cells, extensions of other tools) stays with the rows and columns that keep their id.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from amparo.rules.dmn.model import (
    NOTHING,
    BusinessKnowledge,
    Decision,
    DecisionTable,
    FunctionDefinition,
    InputClause,
    LiteralExpression,
    Model,
    OutputClause,
    Rule,
)
from amparo.rules.feel.diagnostics import RuleError

ColumnKind: TypeAlias = Literal["input", "output", "annotation"]
ConnectionKind: TypeAlias = Literal["input", "decision", "knowledge", "law"]
KINDS: Final[tuple[ColumnKind, ...]] = ("input", "output", "annotation")
CONNECTIONS: Final[tuple[ConnectionKind, ...]] = ("input", "decision", "knowledge", "law")
_RANKS: Final[Mapping[ConnectionKind, int]] = {"input": 0, "decision": 0, "knowledge": 1, "law": 2}


class NoSuchTable(RuleError):
    """The model has no decision table of that name, or the table no such row or column."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. key: what an edit names it by: its id, else its kind and number.

    name: of an input its expression, of an output its entry, of an annotation its heading.
    values: the allowed ones, as FEEL. default: of an output where no rule matches.
    """

    key: str
    kind: ColumnKind
    id: str
    label: str
    name: str
    type: str = ""
    values: str = ""
    default: str | None = None

    @property
    def title(self) -> str:
        return self.label or self.name


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A rule. cells: texts in the order of the columns."""

    id: str
    cells: tuple[str, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """What the decision requires, or the law it rests on. id: with its namespace if foreign."""

    kind: ConnectionKind
    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """decision: the id of the decision or knowledge model; table: the id of the table."""

    decision: str
    name: str
    table: str
    type: str
    hit_policy: str
    aggregation: str
    description: str
    connections: tuple[Connection, ...]
    columns: tuple[Column, ...]
    rows: tuple[SheetRow, ...]

    def column(self, key: str) -> int:
        """Give the place of a column. Raises NoSuchTable."""
        return _place([column.key for column in self.columns], key, "column", self.name)

    def row(self, identifier: str) -> int:
        """Give the place of a row. Raises NoSuchTable."""
        return _place([row.id for row in self.rows], identifier, "row", self.name)


def _place(known: Sequence[str], wanted: str, what: str, name: str) -> int:
    if wanted not in known:
        raise NoSuchTable(
            code="sheet.unknown",
            message=f"The table {name} has no {what} {wanted}",
            remedy=f"Name one of: {', '.join(known)}.",
        )
    return known.index(wanted)


# From the model ---------------------------------------------------------------------------


def sheets_of(model: Model) -> Iterator[Sheet]:
    """Give every table that is the whole logic of a decision or of a knowledge model."""
    elements: list[Decision | BusinessKnowledge] = [*model.decisions.values()]
    elements += model.knowledge.values()
    for element in elements:
        table = _table(element)
        if table is not None:
            yield _sheet(model, element, table)


def sheet_of(model: Model, decision: str) -> Sheet:
    """Give the table of a decision or knowledge model by its name or id. Raises NoSuchTable."""
    sheets = tuple(sheets_of(model))
    for sheet in sheets:
        if decision in (sheet.decision, sheet.name):
            return sheet
    known = ", ".join(sheet.name for sheet in sheets) or "none"
    names = {one.id: one.name for one in model.decisions.values()}
    names |= {one.id: one.name for one in model.knowledge.values()}
    if decision in names or decision in names.values():
        raise NoSuchTable(
            code="sheet.unknown",
            message=f"The logic of {decision} is no decision table",
            remedy=f"A table inside another box needs a decision of its own. Tables: {known}.",
        )
    raise NoSuchTable(
        code="sheet.unknown",
        message=f"{model.where} has no decision table {decision}",
        remedy=f"Its tables: {known}.",
    )


def _table(element: Decision | BusinessKnowledge) -> DecisionTable | None:
    logic = element.logic
    if isinstance(logic, FunctionDefinition):
        logic = logic.body
    return logic if isinstance(logic, DecisionTable) else None


def _sheet(model: Model, element: Decision | BusinessKnowledge, table: DecisionTable) -> Sheet:
    return Sheet(
        decision=element.id,
        name=element.name,
        table=table.id,
        type=table.type_ref,
        hit_policy=table.hit_policy,
        aggregation=table.aggregation,
        description=element.description if isinstance(element, Decision) else "",
        connections=tuple(_connections(model, element)),
        columns=tuple(_columns(table)),
        rows=tuple(
            SheetRow(
                rule.id,
                (
                    *(cell.text for cell in (*rule.tests, *rule.outputs)),
                    *_padded(rule.annotations, len(table.annotations)),
                ),
                rule.description,
            )
            for rule in table.rules
        ),
    )


def _padded(texts: Sequence[str], count: int) -> tuple[str, ...]:
    return (*texts[:count], *[""] * (count - len(texts)))


def _columns(table: DecisionTable) -> Iterator[Column]:
    for number, clause in enumerate(table.inputs, start=1):
        expression = clause.expression
        yield Column(
            key=clause.id or f"input {number}",
            kind="input",
            id=clause.id,
            label=clause.own_label,
            name=expression.text,
            type=expression.type_ref,
            values=clause.values,
        )
    for number, output in enumerate(table.outputs, start=1):
        yield Column(
            key=output.id or f"output {number}",
            kind="output",
            id=output.id,
            label=output.own_label,
            name=output.name,
            type=output.type_ref,
            values=output.values,
            default=None if output.default is None else output.default.text,
        )
    for number, name in enumerate(table.annotations, start=1):
        yield Column(f"annotation {number}", "annotation", "", "", name)


def references(model: Model) -> dict[str, tuple[ConnectionKind, str]]:
    """Give kind and name of everything in the model that a decision can be connected with."""
    found: dict[str, tuple[ConnectionKind, str]] = {}
    found |= {item.id: ("input", item.name) for item in model.inputs.values()}
    found |= {item.id: ("decision", item.name) for item in model.decisions.values()}
    found |= {item.id: ("knowledge", item.name) for item in model.knowledge.values()}
    found |= {item.id: ("knowledge", item.name) for item in model.services.values()}
    found |= {item.id: ("law", item.name) for item in model.sources.values()}
    return found


def grouped(connections: Iterable[Connection]) -> tuple[Connection, ...]:
    """Order connections as a model has them: facts and decisions, then knowledge, then law."""
    return tuple(sorted(connections, key=lambda one: _RANKS[one.kind]))


def _connections(model: Model, element: Decision | BusinessKnowledge) -> Iterator[Connection]:
    known = references(model)

    def one(kind: ConnectionKind, reference: tuple[str, str]) -> Connection:
        namespace, identifier = reference
        if namespace != model.namespace:
            return Connection(kind, "", f"{namespace}#{identifier}")
        return Connection(kind, known.get(identifier, ("", ""))[1], identifier)

    if isinstance(element, Decision):
        for reference in element.information:
            kind = known.get(reference[1], ("decision", ""))[0]
            is_input = kind == "input" and reference[0] == model.namespace
            yield one("input" if is_input else "decision", reference)
    for reference in element.knowledge:
        yield one("knowledge", reference)
    for reference in element.authority:
        yield one("law", reference)


# Back into the model ----------------------------------------------------------------------


def with_sheet(model: Model, sheet: Sheet) -> Model:
    """Give the model with this table in the place of the one it has. Checks nothing.

    Raises NoSuchTable where the model has no such table.
    """
    current = sheet_of(model, sheet.decision)
    sheet = tidied(sheet)
    if sheet == current:
        return model
    if sheet.decision in model.knowledge:
        knowledge = model.knowledge[sheet.decision]
        function = knowledge.logic
        table = _table(knowledge)
        if function is None or table is None:  # sheet_of found both
            raise AssertionError(sheet.decision)
        changed = replace(
            knowledge,
            logic=replace(function, body=_rebuilt(table, sheet)),
            knowledge=_targets(model, sheet, ("knowledge",)),
            authority=_targets(model, sheet, ("law",)),
            law=_law(model, sheet),
        )
        return replace(model, knowledge={**model.knowledge, sheet.decision: changed})
    decision = model.decisions[sheet.decision]
    table = _table(decision)
    if table is None:
        raise AssertionError(sheet.decision)
    decided = replace(
        decision,
        description=sheet.description,
        logic=_rebuilt(table, sheet),
        information=_targets(model, sheet, ("input", "decision")),
        knowledge=_targets(model, sheet, ("knowledge",)),
        authority=_targets(model, sheet, ("law",)),
        law=_law(model, sheet),
    )
    return replace(model, decisions={**model.decisions, sheet.decision: decided})


def _targets(
    model: Model, sheet: Sheet, kinds: tuple[ConnectionKind, ...]
) -> tuple[tuple[str, str], ...]:
    parts = (one.id.rpartition("#") for one in sheet.connections if one.kind in kinds)
    return tuple((namespace or model.namespace, identifier) for namespace, _, identifier in parts)


def tidied(sheet: Sheet) -> Sheet:
    """Give the sheet as a file can hold it: line feeds alone end a line, no space at the ends."""
    return replace(
        sheet,
        description=_tidy(sheet.description),
        rows=tuple(
            replace(row, cells=tuple(map(_tidy, row.cells)), description=_tidy(row.description))
            for row in sheet.rows
        ),
    )


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _law(model: Model, sheet: Sheet) -> tuple[str, ...]:
    cited = (model.sources.get(identifier) for _, identifier in _targets(model, sheet, ("law",)))
    return tuple(source.name for source in cited if source is not None and source.name)


def _of(sheet: Sheet, kind: ColumnKind) -> list[tuple[int, Column]]:
    return [(place, column) for place, column in enumerate(sheet.columns) if column.kind == kind]


def _rebuilt(table: DecisionTable, sheet: Sheet) -> DecisionTable:
    """Give the table the sheet says, with all that rows and columns of the same id keep."""
    before = list(_columns(table))
    clauses = dict(zip((column.key for column in before), table.inputs, strict=False))
    outputs = dict(
        zip(
            (column.key for column in before if column.kind == "output"),
            table.outputs,
            strict=True,
        )
    )
    cells = _cells(table, before)
    rules = {rule.id: rule for rule in table.rules}
    inputs, results = _of(sheet, "input"), _of(sheet, "output")
    notes = _of(sheet, "annotation")
    return replace(
        table,
        id=sheet.table,
        type_ref=sheet.type,
        hit_policy=sheet.hit_policy,
        aggregation=sheet.aggregation,
        inputs=tuple(_input(column, clauses.get(column.key)) for _, column in inputs),
        outputs=tuple(_output(column, outputs.get(column.key)) for _, column in results),
        annotations=tuple(column.name for _, column in notes),
        rules=tuple(
            Rule(
                id=row.id,
                description=row.description,
                tests=tuple(_cell(row, place, sheet, cells) for place, _ in inputs),
                outputs=tuple(_cell(row, place, sheet, cells) for place, _ in results),
                annotations=_notes(row, [place for place, _ in notes], rules.get(row.id)),
                kept=rules[row.id].kept if row.id in rules else NOTHING,
            )
            for row in sheet.rows
        ),
    )


def _notes(row: SheetRow, places: Sequence[int], rule: Rule | None) -> tuple[str, ...]:
    """Give a row's annotations; a rule that had fewer than the table has columns keeps it so."""
    texts = [row.cells[place] for place in places]
    fewest = 0 if rule is None else len(rule.annotations)
    if rule is None and any(texts):
        return tuple(texts)
    while len(texts) > fewest and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _cells(
    table: DecisionTable, columns: Sequence[Column]
) -> Mapping[tuple[str, str], LiteralExpression]:
    found: dict[tuple[str, str], LiteralExpression] = {}
    for rule in table.rules:
        for column, cell in zip(columns, (*rule.tests, *rule.outputs), strict=False):
            found[rule.id, column.key] = cell
    return found


def _cell(
    row: SheetRow,
    place: int,
    sheet: Sheet,
    cells: Mapping[tuple[str, str], LiteralExpression],
) -> LiteralExpression:
    before = cells.get((row.id, sheet.columns[place].key), LiteralExpression("", ""))
    return replace(before, text=row.cells[place])


def _input(column: Column, before: InputClause | None) -> InputClause:
    known = before or InputClause("", "", LiteralExpression("", ""))
    expression = replace(known.expression, text=column.name, type_ref=column.type)
    return replace(
        known, id=column.id, own_label=column.label, expression=expression, values=column.values
    )


def _output(column: Column, before: OutputClause | None) -> OutputClause:
    known = before or OutputClause("", "", "", "")
    default = known.default or LiteralExpression("", "")
    return replace(
        known,
        id=column.id,
        name=column.name,
        own_label=column.label,
        type_ref=column.type,
        values=column.values,
        default=None if column.default is None else replace(default, text=column.default),
    )


# Edits ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetCell:
    """row: the rule's id. column: the column's key."""

    row: str
    column: str
    text: str


@dataclass(frozen=True, slots=True)
class SetRow:
    """id: a new id for the rule; None leaves it."""

    row: str
    description: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class AddRow:
    """after: the row before the new one; empty for the first place. cells: empty for dashes."""

    id: str
    after: str = ""
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoveRow:
    row: str


@dataclass(frozen=True, slots=True)
class MoveRow:
    """after: the row it shall follow; empty for the first place."""

    row: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class SetColumn:
    """What is None stays as it is. default: empty takes an output's default away."""

    column: str
    label: str | None = None
    name: str | None = None
    type: str | None = None
    values: str | None = None
    default: str | None = None


@dataclass(frozen=True, slots=True)
class AddColumn:
    """Add a column behind those of its kind; every row gets text in it."""

    kind: ColumnKind
    id: str
    name: str
    label: str = ""
    type: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class RemoveColumn:
    column: str


@dataclass(frozen=True, slots=True)
class SetTable:
    """What is None stays as it is."""

    hit_policy: str | None = None
    aggregation: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class SetConnections:
    connections: tuple[Connection, ...]


Edit: TypeAlias = (
    SetCell
    | SetRow
    | AddRow
    | RemoveRow
    | MoveRow
    | SetColumn
    | AddColumn
    | RemoveColumn
    | SetTable
    | SetConnections
)


def edited(sheet: Sheet, edit: Edit) -> Sheet:  # noqa: C901, PLR0911 - one line per edit
    """Give the sheet after an edit. Raises NoSuchTable where it names no row or column."""
    match edit:
        case SetCell():
            return _with_cell(sheet, edit)
        case SetRow():
            return _with_row(sheet, edit)
        case AddRow():
            return _with_new_row(sheet, edit)
        case RemoveRow():
            place = sheet.row(edit.row)
            return replace(sheet, rows=(*sheet.rows[:place], *sheet.rows[place + 1 :]))
        case MoveRow():
            return _moved(sheet, edit)
        case SetColumn():
            return _with_column(sheet, edit)
        case AddColumn():
            return _with_new_column(sheet, edit)
        case RemoveColumn():
            return _without_column(sheet, edit)
        case SetTable():
            return replace(
                sheet,
                hit_policy=_said(edit.hit_policy, sheet.hit_policy),
                aggregation=_said(edit.aggregation, sheet.aggregation),
                description=_said(edit.description, sheet.description),
            )
        case SetConnections():
            return replace(sheet, connections=grouped(edit.connections))


def _said(said: str | None, before: str) -> str:
    return before if said is None else said.strip()


def _one_line(text: str) -> str:
    """Write a label as an attribute can hold it."""
    return " ".join(text.split())


def _named(kind: ColumnKind, name: str) -> str:
    """Write what a column is named by: an expression as it is, a name in one line."""
    return name.strip() if kind == "input" else _one_line(name)


def _with_cell(sheet: Sheet, edit: SetCell) -> Sheet:
    place, column = sheet.row(edit.row), sheet.column(edit.column)
    row = sheet.rows[place]
    cells = (*row.cells[:column], edit.text.strip(), *row.cells[column + 1 :])
    return _with(sheet, place, replace(row, cells=cells))


def _with_row(sheet: Sheet, edit: SetRow) -> Sheet:
    place = sheet.row(edit.row)
    row = sheet.rows[place]
    said = replace(
        row, id=_said(edit.id, row.id), description=_said(edit.description, row.description)
    )
    return _with(sheet, place, said)


def _with(sheet: Sheet, place: int, row: SheetRow) -> Sheet:
    return replace(sheet, rows=(*sheet.rows[:place], row, *sheet.rows[place + 1 :]))


def _after(sheet: Sheet, row: str) -> int:
    return sheet.row(row) + 1 if row else 0


def _with_new_row(sheet: Sheet, edit: AddRow) -> Sheet:
    place = _after(sheet, edit.after)
    dashes = tuple("-" if column.kind == "input" else "" for column in sheet.columns)
    row = SheetRow(edit.id, edit.cells or dashes)
    return replace(sheet, rows=(*sheet.rows[:place], row, *sheet.rows[place:]))


def _moved(sheet: Sheet, edit: MoveRow) -> Sheet:
    row = sheet.rows[sheet.row(edit.row)]
    without = edited(sheet, RemoveRow(edit.row))
    place = _after(without, edit.after)
    return replace(without, rows=(*without.rows[:place], row, *without.rows[place:]))


def _with_column(sheet: Sheet, edit: SetColumn) -> Sheet:
    place = sheet.column(edit.column)
    before = sheet.columns[place]
    default = before.default if edit.default is None else edit.default.strip() or None
    column = replace(
        before,
        label=_one_line(_said(edit.label, before.label)),
        name=_named(before.kind, _said(edit.name, before.name)),
        type=_said(edit.type, before.type),
        values=_said(edit.values, before.values),
        default=default,
    )
    return replace(sheet, columns=(*sheet.columns[:place], column, *sheet.columns[place + 1 :]))


def _with_new_column(sheet: Sheet, edit: AddColumn) -> Sheet:
    rank = KINDS.index(edit.kind)
    place = sum(KINDS.index(column.kind) <= rank for column in sheet.columns)
    number = sum(column.kind == edit.kind for column in sheet.columns) + 1
    column = Column(
        key=edit.id or f"{edit.kind} {number}",
        kind=edit.kind,
        id=edit.id,
        label=_one_line(edit.label),
        name=_named(edit.kind, edit.name),
        type=edit.type.strip(),
    )
    text = edit.text or ("-" if edit.kind == "input" else "")
    return replace(
        sheet,
        columns=(*sheet.columns[:place], column, *sheet.columns[place:]),
        rows=tuple(
            replace(row, cells=(*row.cells[:place], text, *row.cells[place:])) for row in sheet.rows
        ),
    )


def _without_column(sheet: Sheet, edit: RemoveColumn) -> Sheet:
    place = sheet.column(edit.column)
    return replace(
        sheet,
        columns=(*sheet.columns[:place], *sheet.columns[place + 1 :]),
        rows=tuple(
            replace(row, cells=(*row.cells[:place], *row.cells[place + 1 :])) for row in sheet.rows
        ),
    )
