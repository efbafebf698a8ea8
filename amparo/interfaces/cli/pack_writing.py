"""`amparo pack new|lint|diff|table`: packs begun, looked at, compared, and their tables edited."""

import os
import tempfile
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from amparo.interfaces.cli.installation import schemes_folder
from amparo.interfaces.cli.output import ExitCode, say, show_json, stop_with
from amparo.interfaces.cli.pack import AsJson, PackFolder, load, pack_folders, refuse_no_folder
from amparo.rules.authoring import (
    FaultyTable,
    Sheet,
    model_with_table,
    table_of,
    with_table,
)
from amparo.rules.authoring.excel import from_excel, to_excel
from amparo.rules.authoring.grids import GridReader
from amparo.rules.authoring.markdown import from_markdown, to_markdown
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.packs.diff import Change, diff_packs, render_diff
from amparo.rules.packs.lint import Finding, lint
from amparo.rules.packs.pack import load_pack_files, read_folder
from amparo.rules.packs.skeleton import skeleton

tables = typer.Typer(no_args_is_help=True, help="A decision table as Excel or Markdown, and back.")

Decision = Annotated[str, typer.Argument(help="The decision or knowledge model of the table.")]


# Beginning --------------------------------------------------------------------------------


def new_pack(
    name: Annotated[str, typer.Argument(metavar="COUNTRY/SCHEME", help="Such as xa/orphan-grant.")],
    *,
    under: Annotated[
        Path | None,
        typer.Option("--in", help="The folder of schemes; else that of this installation."),
    ] = None,
) -> None:
    """Begin a pack: a commented skeleton that passes its check, to be changed into the law."""
    try:
        files = skeleton(name)
        load_pack_files(files)
    except RuleError as error:
        stop_with(ExitCode.USAGE, str(error))
    folder = (under or schemes_folder()) / name / "1"
    if folder.exists():
        stop_with(ExitCode.USAGE, f"{folder} is there already. Choose another name.")
    for file, text in files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    say(f"Begun: {folder}. Check it with: amparo pack check {folder}")


# Looking ----------------------------------------------------------------------------------


def lint_pack(
    pack_dir: Annotated[
        Path | None, typer.Argument(help="A pack's folder. Without it, every pack is looked at.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say what a careful reader would object to. Exit code 1 when there is an error."""
    folders = [pack_dir] if pack_dir is not None else pack_folders()
    found = [(folder, lint(load(folder))) for folder in folders]
    if as_json:
        show_json(
            {
                "packs": [
                    {"folder": str(folder), "findings": [_for_machines(one) for one in findings]}
                    for folder, findings in found
                ]
            }
        )
    else:
        for folder, findings in found:
            typer.echo(f"{folder}: {len(findings)} findings")
            for one in findings:
                typer.echo(f"  {one.severity} [{one.code}] {one.where}")
                typer.echo(f"    {one.message}. {one.remedy}")
    if any(one.severity == "error" for _, findings in found for one in findings):
        raise typer.Exit(ExitCode.FINDINGS)


def _for_machines(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "code": finding.code,
        "model": finding.model,
        "element": finding.element,
        "position": finding.position,
        "row": finding.row,
        "column": finding.column,
        "message": finding.message,
        "remedy": finding.remedy,
    }


# Comparing --------------------------------------------------------------------------------


def diff(
    before: Annotated[Path, typer.Argument(help="The pack's folder that is compared with.")],
    after: Annotated[Path, typer.Argument(help="The pack's folder that is looked at.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show what differs between two packs: rules cell by cell, rows of parameters, reasons."""
    found = diff_packs(load(before), load(after))
    if not as_json:
        typer.echo(render_diff(found), nl=False)
        return
    show_json(
        {
            name: dict(zip(("scheme", "version", "hash"), pack, strict=True))
            for name, pack in (("before", found.before), ("after", found.after))
        }
        | {"changes": [_change_for_machines(change) for change in found.changes]}
    )


def _change_for_machines(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "subject": change.subject,
        "element": change.element,
        "place": change.place,
        "before": change.before,
        "after": change.after,
    }


# Tables -----------------------------------------------------------------------------------


@tables.command(name="export")
def export_table(
    pack_dir: PackFolder,
    decision: Decision,
    file: Annotated[Path, typer.Argument(help="Where to write: a file .xlsx or .md.")],
) -> None:
    """Write a decision table to a workbook or a Markdown file; nothing of it is lost."""
    write = _by_suffix(file, {".xlsx": to_excel, ".md": _to_markdown})
    try:
        content = write(table_of(load(pack_dir).files, decision))
    except FaultyTable as error:
        _stop_with_faults(file, error)
    except RuleError as error:
        stop_with(ExitCode.USAGE, str(error))
    file.write_bytes(content)
    say(f"Written: {file}")


@tables.command(name="import")
def import_table(
    pack_dir: PackFolder,
    decision: Decision,
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="The file .xlsx or .md to read.")
    ],
    *,
    only_check: Annotated[
        bool, typer.Option("--check", help="Say what is wrong with the file and write nothing.")
    ] = False,
) -> None:
    """Take a decision table from a file into the pack: whole, or not at all.

    Every fault is named with its cell or line; exit code 1.
    """
    read = _by_suffix(file, {".xlsx": _from_excel, ".md": _from_markdown})
    refuse_no_folder(pack_dir)
    try:
        files = read_folder(pack_dir)
        model_file, _ = model_with_table(files, decision)
        current = table_of(files, decision)
        sheet, reader = read(file)
        changed = _checked(files, decision, sheet, reader)
    except FaultyTable as error:
        _stop_with_faults(file, error)
    except RuleError as error:
        stop_with(ExitCode.FINDINGS, f"{file}: {error} Nothing was changed.")
    if only_check or sheet == current:
        say("The file is in order." if only_check else "The table is already as the file has it.")
        return
    _write_whole(pack_dir / model_file, changed[model_file])
    say(f"Changed: {pack_dir / model_file}")


Way = TypeVar("Way")


def _by_suffix(file: Path, ways: dict[str, Way]) -> Way:
    way = ways.get(file.suffix.lower())
    if way is None:
        stop_with(ExitCode.USAGE, f"{file}: only {' and '.join(ways)} are known.")
    return way


def _to_markdown(sheet: Sheet) -> bytes:
    return to_markdown(sheet).encode()


def _from_excel(file: Path) -> tuple[Sheet, GridReader]:
    return from_excel(file.read_bytes(), where=file.name)


def _from_markdown(file: Path) -> tuple[Sheet, GridReader]:
    try:
        return from_markdown(file.read_bytes().decode(), where=file.name)
    except UnicodeDecodeError:
        stop_with(ExitCode.FINDINGS, f"{file} is not UTF-8 text. Save it as UTF-8.")


def _checked(
    files: dict[str, str], decision: str, sheet: Sheet, reader: GridReader
) -> dict[str, str]:
    """Check a table read from a file, its faults placed in the file. Raises RuleError."""
    current = table_of(files, decision)
    if (sheet.decision, sheet.name) != (current.decision, current.name):
        stop_with(
            ExitCode.FINDINGS,
            f"The file holds the table {sheet.name}, not {current.name}. Nothing was changed.",
        )
    try:
        return with_table(files, sheet)
    except FaultyTable as error:
        placed = [reader.placed(fault, sheet) for fault in error.faults]
        raise FaultyTable(placed, where=error.where) from error


def _stop_with_faults(file: Path, error: FaultyTable) -> NoReturn:
    told = "\n".join(f"  {fault}" for fault in error.faults)
    stop_with(
        ExitCode.FINDINGS,
        f"{file} has {len(error.faults)} faults, and nothing was changed:\n{told}",
    )


def _write_whole(path: Path, text: str) -> None:
    """Replace a file at once: whoever reads it meanwhile sees the old or the new, never a half."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(path.stat().st_mode & 0o777)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
