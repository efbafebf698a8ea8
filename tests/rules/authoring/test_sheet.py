"""Edits of a table: what an editor may change, and what it is told when it may not."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from amparo.rules.authoring import (
    AddColumn,
    AddRow,
    Connection,
    Edit,
    FaultyTable,
    MoveRow,
    NoSuchTable,
    RemoveColumn,
    RemoveRow,
    SetCell,
    SetColumn,
    SetConnections,
    SetRow,
    SetTable,
    Sheet,
    edited,
    faults_of,
    sheet_of,
    table_names,
    table_of,
    with_sheet,
    with_table,
)
from amparo.rules.dmn.writing import write_model
from amparo.rules.dmn.xml import read_model
from amparo.rules.packs import load_pack_files
from tests.rules.authoring.tables import model, sheet
from tests.rules.dmn.models import decision, source, table
from tests.rules.packs.packs import files


def test_an_edit_of_a_cell_changes_that_cell_alone() -> None:
    changed = with_sheet(model(), edited(sheet(), SetCell("old", "in_age", " >= 67 ")))

    before, after = write_model(model()), write_model(changed)
    assert after == before.replace("&gt;= 65", "&gt;= 67")


@pytest.mark.parametrize(
    ("edit", "seen"),
    [
        (AddRow("none", after="old"), lambda t: [row.id for row in t.rows]),
        (MoveRow("young"), lambda t: [row.id for row in t.rows]),
        (MoveRow("old", after="young"), lambda t: [row.id for row in t.rows]),
        (RemoveRow("old"), lambda t: [row.id for row in t.rows]),
        (SetRow("old", id="aged"), lambda t: [row.id for row in t.rows]),
    ],
)
def test_rows_are_added_moved_renamed_and_removed(
    edit: Edit, seen: Callable[[Sheet], list[str]]
) -> None:
    expected = {
        AddRow: ["old", "none", "young"],
        MoveRow: ["young", "old"],
        RemoveRow: ["young"],
        SetRow: ["aged", "young"],
    }

    changed = edited(sheet(), edit)

    assert seen(changed) == expected[type(edit)]


def test_a_new_row_has_dashes_and_asks_for_its_outputs() -> None:
    changed = edited(sheet(), AddRow("none", after="young"))

    faults = faults_of(model(), changed)

    assert changed.rows[2].cells == ("-", "-", "", "")
    assert [(fault.row, fault.column, fault.message) for fault in faults] == [
        ("none", "out", "The output is empty")
    ]


def test_columns_are_added_behind_their_kind_changed_and_removed() -> None:
    wider = edited(sheet(), AddColumn("input", "in_income", "income", label="Income"))
    named = edited(wider, SetColumn("out", label="Answer", default="null"))
    narrower = edited(named, RemoveColumn("annotation 1"))

    assert [column.title for column in narrower.columns] == ["Age", "Resident", "Income", "Answer"]
    assert narrower.rows[0].cells == (">= 65", "true", "-", '"yes"')
    assert narrower.columns[3].default == "null"
    assert edited(narrower, SetColumn("out", default="")).columns[3].default is None


def test_what_is_not_shown_stays_with_its_row_and_column() -> None:
    reordered = edited(edited(sheet(), MoveRow("young")), SetRow("old", description="Why."))

    text = write_model(with_sheet(model(), reordered))

    assert 'id="cell_1"' in text
    assert 'id="age_expression"' in text
    assert 'informationRequirement id="r1"' in text
    assert sheet_of(read_model(text, where="m.dmn"), "right") == reordered


def test_connections_bring_names_into_reach_and_law_beside() -> None:
    wider = edited(sheet(), AddColumn("input", "in_income", "income"))
    assert [fault.column for fault in faults_of(model(), wider)] == ["in_income"]

    connections = (
        *wider.connections,
        Connection("input", "income", "income"),
        Connection("law", "Act, Art. 2", "art_2"),
    )
    connected = edited(wider, SetConnections(connections))

    assert not faults_of(model(), connected)
    changed = with_sheet(model(), connected).decisions["decision_right"]
    assert changed.law == ("Act, Art. 1", "Act, Art. 2")
    assert [identifier for _, identifier in changed.information] == ["age", "resident", "income"]


@pytest.mark.parametrize(
    ("edit", "message", "place"),
    [
        (SetCell("old", "in_age", "[65.."), "", ("old", "in_age", "cell")),
        (SetCell("old", "out", "yes"), "The name yes", ("old", "out", "cell")),
        (SetCell("old", "out", ""), "The output is empty", ("old", "out", "cell")),
        (SetColumn("in_age", name="years"), "The name years", ("", "in_age", "name")),
        (SetColumn("in_age", name=""), "The column has no expression", ("", "in_age", "name")),
        (SetColumn("in_age", type="tAge"), "There is no type tAge", ("", "in_age", "type")),
        (SetColumn("out", values='"yes" or'), "", ("", "out", "values")),
        (SetColumn("out", default="1 +"), "", ("", "out", "default")),
        (SetCell("old", "annotation 1", "a\0"), "The text has a", ("old", "annotation 1", "cell")),
        (SetRow("old", description="a\x0bb"), "The text has a", ("old", "", "description")),
        (SetColumn("out", label="\ufffe"), "The text has a", ("", "out", "label")),
        (SetTable(description="\ud800"), "The text has a", ("", "", "description")),
        (SetTable(hit_policy="BEST"), "The hit policy “BEST”", ("", "", "hit policy")),
        (SetTable(aggregation="SUM"), "The aggregation SUM goes", ("", "", "aggregation")),
        (SetTable(aggregation="AVG"), "The aggregation “AVG”", ("", "", "aggregation")),
        (SetRow("old", id="1st"), "“1st” cannot be the id", ("1st", "", "id")),
        (SetRow("old", id="young"), "Two rules have the id", ("young", "", "id")),
        (RemoveColumn("out"), "The table has no output", ("", "", "")),
        (
            AddColumn("output", "out_2", "", text="1"),
            "The output has no name",
            ("", "out_2", "name"),
        ),
        (
            AddColumn("output", "out_2", "answer", text="1"),
            "Two outputs are called",
            ("", "out", "name"),
        ),
        (AddColumn("input", "in_age", "age"), "Two columns have the id", ("", "in_age", "id")),
        (AddColumn("input", "1", "age"), "“1” cannot be an id", ("", "1", "id")),
        (AddRow("third", cells=("-",)), "The rule has 1 cells for 4", ("third", "", "")),
    ],
)
def test_a_fault_names_its_cell(edit: Edit, message: str, place: tuple[str, str, str]) -> None:
    faults = faults_of(model(), edited(sheet(), edit))

    assert faults
    assert faults[0].message.startswith(message)
    assert (faults[0].row, faults[0].column, faults[0].part) == place
    assert all(fault.remedy for fault in faults)


@pytest.mark.parametrize(
    ("connection", "message"),
    [
        (Connection("input", "shoe", "shoe"), "The model has no element shoe"),
        (Connection("input", "wages", "income"), "The element income is called income, not wages"),
        (Connection("decision", "income", "income"), "income is of kind input, not decision"),
        (Connection("input", "age", "age"), "The connection with age stands twice"),
        (Connection("decision", "right", "decision_right"), "right requires itself"),
        (Connection("decision", "", "urn:far#x"), "A requirement points to x"),
    ],
)
def test_a_wrong_connection_is_refused(connection: Connection, message: str) -> None:
    edit = SetConnections((*sheet().connections, connection))

    faults = faults_of(model(), edited(sheet(), edit))

    assert faults[0].message.startswith(message)


@pytest.mark.parametrize(
    "edit",
    [
        SetCell("nobody", "in_age", "1"),
        SetCell("old", "nothing", "1"),
        MoveRow("old", after="none"),
    ],
)
def test_an_edit_of_what_is_not_there_is_refused(edit: Edit) -> None:
    with pytest.raises(NoSuchTable, match="The table right has no"):
        edited(sheet(), edit)


def test_the_table_of_a_knowledge_model_sees_its_parameters() -> None:
    text = source(
        '<businessKnowledgeModel id="k" name="k"><variable name="k"/><encapsulatedLogic>'
        '<formalParameter name="x" typeRef="number"/>'
        + table(["x"], ["y"], [(["> 1"], ["x + 1"])])
        + "</encapsulatedLogic></businessKnowledgeModel>",
        decision("d", "<literalExpression><text>k(1)</text></literalExpression>", ["k:k"]),
    )
    found = read_model(text, where="m.dmn")
    inside = sheet_of(found, "k")

    assert not faults_of(found, inside)
    changed = with_sheet(found, edited(inside, SetCell("r1", "output 1", "x + 2")))
    assert sheet_of(changed, "k").rows[0].cells == ("> 1", "x + 2")
    assert write_model(changed) == write_model(found).replace("x + 1", "x + 2")
    with pytest.raises(NoSuchTable, match="The logic of d is no decision table"):
        sheet_of(found, "d")
    with pytest.raises(NoSuchTable, match="Its tables: k"):
        sheet_of(found, "nothing")


def test_lines_as_a_browser_sends_them_are_written_as_a_file_has_them() -> None:
    typed = edited(sheet(), SetCell("old", "annotation 1", "Art. 1\r\nArt. 2\r"))

    changed = with_sheet(model(), typed)

    assert sheet_of(changed, "right").rows[0].cells[3] == "Art. 1\nArt. 2"
    assert "&#13;" not in write_model(changed)


# Packs ------------------------------------------------------------------------------------


def test_a_packs_table_is_replaced_whole_or_not_at_all() -> None:
    pack = files()
    (file, name), *_ = table_names(pack)
    found = table_of(pack, name)
    row = found.rows[0]

    same = with_table(pack, found)
    described = with_table(pack, edited(found, SetRow(row.id, description="Why.")))

    assert table_of(same, name) == found
    assert table_of(described, name).rows[0].description == "Why."
    assert load_pack_files(described).hash != load_pack_files(pack).hash
    assert {key: text for key, text in described.items() if key != file} == {
        key: text for key, text in pack.items() if key != file
    }
    broken = replace(found, rows=(replace(row, cells=("(", *row.cells[1:])),))
    with pytest.raises(FaultyTable) as refused:
        with_table(pack, broken)
    assert refused.value.faults[0].row == row.id
    with pytest.raises(NoSuchTable, match="The pack has no decision table nothing"):
        table_of(pack, "nothing")


# What is written --------------------------------------------------------------------------


TEXTS = st.sampled_from(["-", "> 1", '"a < b & c"', "[1..2)", "", "null", 'not("é")', "x  y"])
EDITS = st.one_of(
    st.builds(SetCell, st.just("old"), st.sampled_from(["in_age", "out", "annotation 1"]), TEXTS),
    st.builds(SetRow, st.just("old"), TEXTS),
    st.builds(SetColumn, st.just("in_age"), TEXTS, TEXTS, st.just("number"), TEXTS, st.none()),
    st.builds(SetColumn, st.just("out"), TEXTS, TEXTS, st.just("string"), TEXTS, TEXTS),
    st.builds(SetTable, st.sampled_from(["FIRST", "COLLECT", "RULE ORDER"]), st.just(""), TEXTS),
    st.builds(MoveRow, st.just("old"), st.sampled_from(["", "young"])),
    st.builds(
        SetConnections,
        st.lists(
            st.sampled_from(
                [
                    Connection("input", "income", "income"),
                    Connection("law", "Act, Art. 2", "art_2"),
                    Connection("law", "age", "age"),
                ]
            ),
            unique=True,
        ).map(tuple),
    ),
)


@settings(max_examples=80, deadline=None)
@given(edits=st.lists(EDITS, max_size=6), added=st.booleans())
def test_whatever_is_edited_is_written_as_valid_dmn_and_read_back(
    schema: etree.XMLSchema,
    edits: list[Edit],
    added: bool,  # noqa: FBT001
) -> None:
    changed = sheet()
    for edit in edits:
        changed = edited(changed, edit)
    if added:
        changed = edited(changed, AddColumn("output", "more", "more", text="1"))
        changed = edited(changed, AddColumn("annotation", "", "Note"))
        changed = edited(changed, AddRow("new_row", after="old"))

    text = write_model(with_sheet(model(), changed))

    schema.assertValid(etree.fromstring(text.encode()))
    assert sheet_of(read_model(text, where="m.dmn"), "right") == changed
