"""Writing rules without an engineer: tables as sheets, as Excel and Markdown; parameters as rows.

sheet (one decision table, to read and to edit) → faults (what is wrong with it, cell by cell) →
model → the pack's files. grids, excel and markdown carry a sheet to a file and back without loss.
Owns: what an editor may change. Must never know: Django, the database, the web page around it.
"""

from amparo.rules.authoring.faults import Fault, FaultyTable, faults_of
from amparo.rules.authoring.packfiles import (
    model_with_table,
    table_names,
    table_of,
    with_parameter,
    with_parameter_row,
    with_table,
    without_parameter_row,
)
from amparo.rules.authoring.parameters import FaultyParameter, NewParameter, NewRow
from amparo.rules.authoring.sheet import (
    AddColumn,
    AddRow,
    Column,
    Connection,
    Edit,
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
    SheetRow,
    edited,
    sheet_of,
    sheets_of,
    with_sheet,
)

__all__ = [
    "AddColumn",
    "AddRow",
    "Column",
    "Connection",
    "Edit",
    "Fault",
    "FaultyParameter",
    "FaultyTable",
    "MoveRow",
    "NewParameter",
    "NewRow",
    "NoSuchTable",
    "RemoveColumn",
    "RemoveRow",
    "SetCell",
    "SetColumn",
    "SetConnections",
    "SetRow",
    "SetTable",
    "Sheet",
    "SheetRow",
    "edited",
    "faults_of",
    "model_with_table",
    "sheet_of",
    "sheets_of",
    "table_names",
    "table_of",
    "with_parameter",
    "with_parameter_row",
    "with_sheet",
    "with_table",
    "without_parameter_row",
]
