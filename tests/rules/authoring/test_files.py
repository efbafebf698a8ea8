"""Tables as Excel and Markdown: nothing lost on the way, nothing half read on the way back."""

import contextlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.rules.authoring import (
    FaultyTable,
    Sheet,
    edited,
    faults_of,
    sheets_of,
    with_sheet,
)
from amparo.rules.authoring.excel import from_excel, to_excel
from amparo.rules.authoring.markdown import from_markdown, to_markdown
from amparo.rules.authoring.sheet import AddColumn, SetTable
from amparo.rules.dmn.model import Model
from amparo.rules.dmn.xml import read_model
from tests.rules.authoring.tables import RIGHT, model, sheet

SCHEMES = Path(__file__).resolve().parents[3] / "schemes"


def through_excel(table: Sheet) -> Sheet:
    return from_excel(to_excel(table), where="t.xlsx")[0]


def through_markdown(table: Sheet) -> Sheet:
    return from_markdown(to_markdown(table), where="t.md")[0]


WAYS = pytest.mark.parametrize("through", [through_excel, through_markdown])


def models_under(folder: Path) -> list[Model]:
    paths = sorted(folder.rglob("*.dmn"))
    return [read_model(path.read_bytes(), where=path.name) for path in paths]


def assert_nothing_lost(found: Model, through: Callable[[Sheet], Sheet]) -> int:
    """Take every table out and back in; what the file does not show must stay, too."""
    tables = list(sheets_of(found))
    for table in tables:
        assert through(table) == table
        emptied = with_sheet(found, replace(table, rows=table.rows[:0], description="?"))
        assert with_sheet(emptied, table).name == found.name
        touched = with_sheet(found, edited(table, SetTable(description="?")))
        assert with_sheet(touched, through(table)) == found
    return len(tables)


@WAYS
def test_the_tables_of_every_pack_lose_nothing(through: Callable[[Sheet], Sheet]) -> None:
    assert sum(assert_nothing_lost(found, through) for found in models_under(SCHEMES)) > 5


@WAYS
def test_the_tables_of_the_kit_lose_nothing(
    oracles: Path, through: Callable[[Sheet], Sheet]
) -> None:
    found = models_under(oracles / "dmn-tck")

    assert sum(assert_nothing_lost(one, through) for one in found) > 20


@settings(deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30))
def test_markdown_keeps_every_text(text: str) -> None:
    table = edited(sheet(), SetTable(description=text))

    assert through_markdown(table).description == table.description


@settings(max_examples=25, deadline=None)
@given(text=st.text(st.sampled_from("ab =+-@'|\\\"<>&,.;\néß漢 "), max_size=20))
def test_excel_keeps_every_text(text: str) -> None:
    table = edited(sheet(), SetTable(description=text))

    assert through_excel(table).description == table.description


def test_a_new_column_and_its_default_come_back() -> None:
    table = edited(sheet(), AddColumn("output", "law_out", "law", label="Law", text='"Art. 1"'))
    columns = (*table.columns[:2], replace(table.columns[2], default="null"), *table.columns[3:])
    table = replace(table, columns=columns)

    assert through_excel(table) == table
    assert through_markdown(table) == table


# What is refused --------------------------------------------------------------------------


def changed(cells: dict[str, object], page: str = "Rules") -> bytes:
    """Give the workbook of the table with cells set as Excel would keep them."""
    book = openpyxl.load_workbook(io.BytesIO(to_excel(sheet())))
    for name, value in cells.items():
        book[page][name] = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def faults_in(content: bytes) -> list[str]:
    with pytest.raises(FaultyTable) as refused:
        from_excel(content, where="t.xlsx")
    return [str(fault) for fault in refused.value.faults]


def test_every_fault_of_a_workbook_is_named_with_its_cell() -> None:
    faults = faults_in(changed({"B2": "=1+1", "C2": 1.5, "A3": None}))

    assert [fault.partition(".")[0] for fault in faults] == [
        "Rules!B2: The cell holds a formula",
        "Rules!C2: The cell holds a float as Excel keeps it, not a text",
    ]
    assert faults_in(changed({"A3": None})) == [
        "Rules!A3: The rule has no id. Give it one of its own."
    ]


def test_whole_numbers_and_booleans_of_excel_are_read_as_feel_writes_them() -> None:
    read, _ = from_excel(changed({"B2": 65, "C2": True}), where="t.xlsx")

    assert read.rows[0].cells[:2] == ("65", "true")


@pytest.mark.parametrize(
    ("cells", "grid", "message"),
    [
        ({"B1": "Years"}, "Rules", "Rules!B1: The head says “Years” instead of “Age”"),
        ({"H9": "x"}, "Rules", "Rules!H9: There is text beside the table"),
        ({"G1": "More"}, "Rules", "Rules!G1: There is a column “More” too many"),
        ({"A2": "thing"}, "Columns", "Columns!A2: The kind “thing” does not exist"),
        ({"A2": "output"}, "Columns", "Columns!A3: An input stands behind"),
        ({"G2": "maybe"}, "Columns", "Columns!G2: “has default” says “maybe”"),
        ({"A2": "friend"}, "Requires", "Requires!A2: The kind “friend” does not exist"),
        ({"A2": "colour"}, "About", "About!A2: The property “colour” is unknown"),
        ({"A2": "name"}, "About", "About!A3: The property “name” is twice"),
    ],
)
def test_a_workbook_that_is_no_table_any_more_is_refused(
    cells: dict[str, object], grid: str, message: str
) -> None:
    faults = faults_in(changed(cells, grid))

    assert any(fault.startswith(message) for fault in faults), faults


def test_a_merged_cell_a_sheet_too_many_and_a_missing_one_are_named() -> None:
    book = openpyxl.load_workbook(io.BytesIO(to_excel(sheet())))
    book["Rules"].merge_cells("B2:C2")
    book.create_sheet("Notes")
    stream = io.BytesIO()
    book.save(stream)
    book = openpyxl.load_workbook(io.BytesIO(to_excel(sheet())))
    del book["Requires"]
    without = io.BytesIO()
    book.save(without)

    assert [fault.partition(".")[0] for fault in faults_in(stream.getvalue())] == [
        "Rules!C2: The cell is merged with another",
        "Notes!A1: There is a sheet “Notes” too many",
    ]
    assert faults_in(without.getvalue()) == [
        "Requires!A1: There is no Requires. Export the table again."
    ]


def test_each_fault_of_the_sheet_has_its_place_in_the_workbook() -> None:
    def place_of(cells: dict[str, object], grid: str) -> str:
        table, reader = from_excel(changed(cells, grid), where="t.xlsx")
        return reader.placed(faults_of(model(), table)[0], table).where

    assert place_of({"D2": "years"}, "Columns") == "Columns!D2"
    assert place_of({"C2": "shoe"}, "Requires") == "Requires!C2"
    assert place_of({"B6": "BEST"}, "About") == "About!B6"
    assert place_of({"A3": "old"}, "Rules") == "Rules!A3"


def test_a_file_that_is_no_workbook_is_refused() -> None:
    assert "no Excel workbook" in faults_in(b"PK")[0]
    assert "no Excel workbook" in faults_in(b"rule;age")[0]
    assert "too large" in faults_in(to_excel(sheet()) + b" " * 5_000_001)[0]


def repacked(change: Callable[[str, bytes], bytes]) -> bytes:
    """Give the workbook of the table with its parts changed, each by its name."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(to_excel(sheet()))) as given,
        zipfile.ZipFile(stream, "w") as taken,
    ):
        for name in given.namelist():
            taken.writestr(name, change(name, given.read(name)))
    return stream.getvalue()


def test_a_workbook_that_hides_entities_is_refused() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'

    def hidden(name: str, part: bytes) -> bytes:
        return bomb + part if name == "xl/worksheets/sheet1.xml" else part

    assert "sheet1.xml declares a document type" in faults_in(repacked(hidden))[0]


def test_a_workbook_with_a_cell_at_the_far_end_is_refused() -> None:
    def stretched(name: str, part: bytes) -> bytes:
        if name != "xl/worksheets/sheet1.xml":
            return part
        far = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
        return part.replace(b"</sheetData>", far + b"</sheetData>")

    assert "too large" in faults_in(repacked(stretched))[0]


@settings(max_examples=60, deadline=None)
@given(place=st.floats(0, 1), byte=st.integers(0, 255))
def test_a_damaged_workbook_is_refused_or_read_and_never_breaks(place: float, byte: int) -> None:
    content = bytearray(to_excel(sheet()))
    content[int(place * (len(content) - 1))] = byte

    with contextlib.suppress(FaultyTable):
        assert from_excel(bytes(content), where="t.xlsx")[0].columns


def test_a_text_too_long_for_excel_is_refused_and_markdown_takes_it() -> None:
    table = edited(sheet(), SetTable(description="x" * 40_000))

    with pytest.raises(FaultyTable) as refused:
        to_excel(table)

    assert refused.value.faults[0].where == "About!B8"
    assert through_markdown(table) == table


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("## Rules", "## Regeln", "The heading “Regeln” is unknown"),
        ("| kind", "kind", "The line is no line of a table"),
        ("| -", "| x", "The line below the head is missing"),
        ("| input ", "| inputs ", "The kind “inputs” does not exist"),
    ],
)
def test_markdown_that_is_no_table_any_more_is_refused(
    before: str, after: str, message: str
) -> None:
    text = to_markdown(sheet())
    assert before in text

    with pytest.raises(FaultyTable) as refused:
        from_markdown(text.replace(before, after, 1), where="t.md")

    assert any(message in fault.message for fault in refused.value.faults)
    assert all(fault.where.startswith("line ") for fault in refused.value.faults)


def test_a_fault_of_a_cell_is_placed_in_the_file() -> None:
    table, reader = from_excel(changed({"B3": "18 years"}), where="t.xlsx")

    faults = [reader.placed(fault, table) for fault in faults_of(model(), table)]

    assert [fault.where for fault in faults] == ["Rules!B3"]
    assert table.name == RIGHT
