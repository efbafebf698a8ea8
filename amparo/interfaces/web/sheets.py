"""A decision table as a form: what was typed becomes a sheet, a sheet becomes fields with faults.

The form carries the whole table, so a step such as adding a rule needs no storage: it answers with
the form after the step, and only saving makes a revision.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeVar

from django.core.exceptions import BadRequest
from django.http import QueryDict
from django.utils.translation import gettext as _

from amparo.rules.authoring import (
    AddColumn,
    AddRow,
    Column,
    Edit,
    Fault,
    MoveRow,
    RemoveColumn,
    RemoveRow,
    Sheet,
    SheetRow,
    edited,
)
from amparo.rules.dmn.tables import AGGREGATIONS, POLICIES

T = TypeVar("T")
# Django reads at most a thousand fields of a form; a larger table is edited in a spreadsheet.
MOST_FIELDS: Final = 900
_FIELDS_OF_COLUMN: Final = 7
_KINDS: Final = ("input", "output", "annotation")
_STEP: Final = re.compile(r"(row|column)-(up|down|remove|add)(?::([a-z]+|\d{1,3}))?")
_NUMBERED: Final = re.compile(r"rule (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A control of the table: label read out, id to link to, what is wrong with it.

    name: how it is sent. wants_focus: where the cursor goes when the page is shown.
    """

    name: str
    label: str
    text: str
    errors: Sequence[Fault] = ()
    choices: Sequence[str] = ()
    is_changed: bool = False
    wants_focus: bool = False

    @property
    def lines(self) -> int:
        return max(1, self.text.count("\n") + 1, -(-len(self.text) // 34))

    @property
    def error_id(self) -> str:
        return f"{self.name}-error"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFields:
    key: str
    number: int
    kind: str
    kind_word: str
    title: str
    fields: Sequence[Field]
    errors: Sequence[Fault]
    error_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFields:
    id: str
    number: int  # from 1, as shown
    place: int
    description: Field
    cells: Sequence[Field]
    errors: Sequence[Fault]
    error_id: str
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetForm:
    """A sheet ready to be shown as a form, each fault at its field."""

    columns: Sequence[ColumnFields]
    rows: Sequence[RowFields]
    table: Sequence[Field]
    faults: Sequence[Fault]

    @property
    def has_remarks(self) -> bool:
        """Say whether the table has a column for remarks: where any of its rules has one."""
        return any(row.description.text for row in self.rows)

    def named(self) -> Iterator[tuple[Field, Fault]]:
        """Yield each fault with the field it stands at, for the summary above the form."""
        fields = [*self.table, *(one for column in self.columns for one in column.fields)]
        fields += [one for row in self.rows for one in (row.description, *row.cells)]
        for field in fields:
            for fault in field.errors:
                yield field, fault

    def elsewhere(self) -> list[Fault]:
        """Return the faults that belong to no field: of the table as a whole."""
        placed = {id(fault) for _field, fault in self.named()}
        placed |= {id(one) for column in self.columns for one in column.errors}
        placed |= {id(one) for row in self.rows for one in row.errors}
        return [fault for fault in self.faults if id(fault) not in placed]

    def slots(self) -> Iterator[tuple[str, Sequence[Fault]]]:
        """Yield the place of errors of each field, empty or not: what a check exchanges."""
        for field in self.table:
            yield field.error_id, field.errors
        for column in self.columns:
            yield column.error_id, column.errors
            for field in column.fields:
                yield field.error_id, field.errors
        for row in self.rows:
            yield row.error_id, row.errors
            for field in (row.description, *row.cells):
                yield field.error_id, field.errors


# --- from the form --------------------------------------------------------------------------------


def typed_sheet(sent: QueryDict, stored: Sheet) -> Sheet:
    """Return the sheet as it was typed. stored: the one of the draft, for what no form shows."""
    known = {column.key: column for column in stored.columns}
    columns = tuple(
        _column(sent, number, known.get(key), key)
        for number, key in enumerate(sent.getlist("column"))
    )
    before = {row.id: row for row in stored.rows}
    places = {column.key: place for place, column in enumerate(stored.columns)}

    def cell(row: str, place: int, key: str) -> str:
        old = before[row].cells[places[key]] if row in before and key in places else ""
        return _typed(sent.get(f"c-{number}-{place}"), old)

    rows = []
    for number, row_id in enumerate(sent.getlist("row")):
        old = before[row_id].description if row_id in before else ""
        rows.append(
            SheetRow(
                id=row_id,
                cells=tuple(cell(row_id, place, one.key) for place, one in enumerate(columns)),
                description=_typed(sent.get(f"d-{number}"), old),
            )
        )
    return replace(
        stored,
        columns=columns,
        rows=tuple(rows),
        hit_policy=_typed(sent.get("hit_policy"), stored.hit_policy),
        aggregation=_typed(sent.get("aggregation"), stored.aggregation),
        description=_typed(sent.get("description"), stored.description),
    )


def _column(sent: QueryDict, number: int, known: Column | None, key: str) -> Column:
    if known is None:
        kind = sent.get(f"kind-{number}", "")
        if kind not in _KINDS:
            raise BadRequest("A column is an input, an output or an annotation.")
        known = Column(key=key, kind=kind, id="", label="", name="")  # type: ignore[arg-type]
    default = _typed(sent.get(f"default-{number}"), known.default or "")
    return replace(
        known,
        label=_typed(sent.get(f"label-{number}"), known.label),
        name=_typed(sent.get(f"name-{number}"), known.name),
        type=_typed(sent.get(f"type-{number}"), known.type),
        values=_typed(sent.get(f"values-{number}"), known.values),
        default=default if default or known.default == "" else None,
    )


def _typed(text: str | None, before: str) -> str:
    """Return a text as typed; one that is as it was keeps its blanks and line ends."""
    if text is None:
        return before
    plain = text.replace("\r\n", "\n").strip()
    return before if plain == before.replace("\r\n", "\n").strip() else plain


def merged(mine: Sheet, base: Sheet, theirs: Sheet) -> Sheet | None:
    """Return what two people typed, put together: what I left as it was is theirs, the rest mine.

    base: what both started from. None where rules or columns were added, removed or moved: then
    only a person can say what belongs where.
    """
    if not _shape(mine) == _shape(base) == _shape(theirs):
        return None
    rows = tuple(
        SheetRow(
            id=row.id,
            cells=tuple(map(_picked, row.cells, before.cells, after.cells)),
            description=_picked(row.description, before.description, after.description),
        )
        for row, before, after in zip(mine.rows, base.rows, theirs.rows, strict=True)
    )
    return replace(
        theirs,
        rows=rows,
        columns=tuple(map(_picked, mine.columns, base.columns, theirs.columns)),
        hit_policy=_picked(mine.hit_policy, base.hit_policy, theirs.hit_policy),
        aggregation=_picked(mine.aggregation, base.aggregation, theirs.aggregation),
        description=_picked(mine.description, base.description, theirs.description),
    )


def _shape(sheet: Sheet) -> tuple[list[str], list[str]]:
    return [row.id for row in sheet.rows], [column.key for column in sheet.columns]


def _picked(mine: T, base: T, theirs: T) -> T:
    return theirs if mine == base else mine


# --- steps ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stepped:
    """A sheet after a step. focus: the name of the field where the cursor goes."""

    sheet: Sheet
    focus: str


def stepped(sheet: Sheet, step: str) -> Stepped:
    """Return the sheet after a step such as row-down:2, column-add:annotation, column-remove:4."""
    match = _STEP.fullmatch(step)
    if match is None:
        raise BadRequest("There is no such step.")
    what, how, where = match.groups()
    if what == "column":
        return _column_step(sheet, how, where or "")
    place = int(where) if where and where.isdigit() else -1
    if how == "add":
        rows = [row.id for row in sheet.rows]
        after = rows[place] if 0 <= place < len(rows) else ""
        new = AddRow(id=_fresh(rows, _rule_prefix(sheet)), after=after)
        return Stepped(_numbered(edited(sheet, new)), f"c-{place + 1 if after else 0}-0")
    if not 0 <= place < len(sheet.rows):
        raise BadRequest("There is no such rule.")
    row = sheet.rows[place].id
    edit: Edit
    if how == "remove":
        edit, focus = RemoveRow(row), max(0, place - 1)
    elif how == "up":
        edit, focus = MoveRow(row, sheet.rows[place - 2].id if place > 1 else ""), max(0, place - 1)
    else:
        below = min(place + 1, len(sheet.rows) - 1)
        edit, focus = MoveRow(row, sheet.rows[below].id if below != place else ""), below
        if below == place:
            return Stepped(sheet, f"c-{place}-0")
    return Stepped(_numbered(edited(sheet, edit)), f"c-{focus}-0")


def _column_step(sheet: Sheet, how: str, where: str) -> Stepped:
    if how == "add" and where in _KINDS:
        key = _fresh([column.key for column in sheet.columns], f"new_{where}")
        edit = AddColumn(kind=where, id=key, name="")  # type: ignore[arg-type]
        after = edited(sheet, edit)
        return Stepped(after, f"name-{after.column(key)}")
    if how == "remove" and where.isdigit() and int(where) < len(sheet.columns):
        return Stepped(edited(sheet, RemoveColumn(sheet.columns[int(where)].key)), "")
    raise BadRequest("There is no such column.")


def _fresh(taken: Sequence[str], prefix: str) -> str:
    """Return an id that nothing in the table has: the prefix and the first number that is free."""
    number = len(taken) + 1
    while f"{prefix}_{number}" in taken:
        number += 1
    return f"{prefix}_{number}"


def _rule_prefix(sheet: Sheet) -> str:
    """Return what new rules are called by: ids are unique in the whole model, not the table."""
    return f"{sheet.table or sheet.decision}_rule"


def _numbered(sheet: Sheet) -> Sheet:
    """Give a rule that was known by its place alone an id where its place has changed."""
    taken = [row.id for row in sheet.rows]
    rows = []
    for place, row in enumerate(sheet.rows, start=1):
        numbered = _NUMBERED.fullmatch(row.id)
        if numbered and int(numbered[1]) != place:
            taken.append(_fresh(taken, _rule_prefix(sheet)))
            rows.append(replace(row, id=taken[-1]))
        else:
            rows.append(row)
    return replace(sheet, rows=tuple(rows))


class _At(Protocol):
    """Gives the faults at a row, a column and a part."""

    def __call__(self, row: str = "", column: str = "", part: str = "") -> Sequence[Fault]: ...


# --- to the form ----------------------------------------------------------------------------------


def fields_of(
    sheet: Sheet, faults: Sequence[Fault], *, before: Sheet | None, focus: str = ""
) -> SheetForm:
    """Return the form of a sheet. before: the table in force, to mark what differs."""
    old = _old_cells(before)

    def at(row: str = "", column: str = "", part: str = "") -> list[Fault]:
        return [one for one in faults if (one.row, one.column, one.part) == (row, column, part)]

    columns = tuple(_column_fields(number, one, at) for number, one in enumerate(sheet.columns))
    rows, remark = [], _("Remark")
    for place, row in enumerate(sheet.rows):
        named = _("Rule %(number)s") % {"number": place + 1}
        cells = tuple(
            Field(
                name=f"c-{place}-{number}",
                label=f"{named}, {columns[number].title}",
                text=text,
                errors=at(row.id, column.key, "cell"),
                is_changed=before is not None and old.get((row.id, column.key)) != text,
                wants_focus=focus == f"c-{place}-{number}",
            )
            for number, (column, text) in enumerate(zip(sheet.columns, row.cells, strict=True))
        )
        rows.append(
            RowFields(
                id=row.id,
                number=place + 1,
                place=place,
                description=Field(
                    name=f"d-{place}", label=f"{named}, {remark}", text=row.description
                ),
                cells=cells,
                errors=[*at(row.id), *at(row.id, "", "id")],
                error_id=f"r-{place}-error",
                is_first=place == 0,
                is_last=place == len(sheet.rows) - 1,
            )
        )
    columns = tuple(
        replace(one, fields=[replace(f, wants_focus=f.name == focus) for f in one.fields])
        for one in columns
    )
    return SheetForm(columns=columns, rows=rows, table=_table_fields(sheet, at), faults=faults)


def _old_cells(before: Sheet | None) -> dict[tuple[str, str], str]:
    if before is None:
        return {}
    return {
        (row.id, column.key): text
        for row in before.rows
        for column, text in zip(before.columns, row.cells, strict=True)
    }


def _table_fields(sheet: Sheet, at: _At) -> list[Field]:
    return [
        Field(
            name="hit_policy",
            label=_("Hit policy"),
            text=sheet.hit_policy,
            errors=at("", "", "hit policy"),
            choices=sorted(POLICIES),
        ),
        Field(
            name="aggregation",
            label=_("Aggregation"),
            text=sheet.aggregation,
            errors=at("", "", "aggregation"),
            choices=["", *sorted(AGGREGATIONS)],
        ),
        Field(name="description", label=_("What the table decides"), text=sheet.description),
    ]


def _column_fields(number: int, column: Column, at: _At) -> ColumnFields:
    kinds = {"input": _("Condition"), "output": _("Result"), "annotation": _("Note")}
    names = {"input": _("Expression"), "output": _("Name"), "annotation": _("Heading")}
    title = column.title or _("column %(number)s") % {"number": number + 1}
    shown = [("name", names[column.kind], column.name)]
    if column.kind != "annotation":
        shown = [
            ("label", _("Heading"), column.label),
            *shown,
            ("type", _("Type"), column.type),
            ("values", _("Allowed values"), column.values),
        ]
    if column.kind == "output":
        shown.append(("default", _("Where no rule matches"), column.default or ""))
    fields = [
        Field(
            name=f"{part}-{number}",
            label=label,
            text=text,
            errors=at("", column.key, part),
        )
        for part, label, text in shown
    ]
    return ColumnFields(
        key=column.key,
        number=number,
        kind=column.kind,
        kind_word=kinds[column.kind],
        title=title,
        fields=fields,
        errors=[*at("", column.key), *at("", column.key, "id")],
        error_id=f"k-{number}-error",
    )


def is_too_large(sheet: Sheet) -> bool:
    """Say whether a table has more fields than a form can carry."""
    return (len(sheet.columns) + 2) * len(sheet.rows) + _FIELDS_OF_COLUMN * len(
        sheet.columns
    ) > MOST_FIELDS
