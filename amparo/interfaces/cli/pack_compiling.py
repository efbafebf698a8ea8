"""`amparo pack compile`: what a pack becomes for a whole country, and what stays row by row."""

from datetime import date
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from amparo.interfaces.cli.output import ExitCode, stop_with
from amparo.interfaces.cli.pack import PackFolder, load
from amparo.rules.backends import explain_plan
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.ir.schema import Schema, read_schema
from amparo.rules.packs import Pack


class TargetName(Enum):
    """The databases a pack can be compiled for."""

    DUCKDB = "duckdb"
    SPARK = "spark"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"“{text}” is no date written as 2026-11-30.") from None


def compile_pack(
    pack_dir: PackFolder,
    *,
    on: Annotated[
        date, typer.Option(parser=_day, metavar="DATE", help="The day whose law applies.")
    ],
    decision: Annotated[
        list[str] | None, typer.Option(help="A decision; may be repeated. Else all.")
    ] = None,
    schema: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="The columns' types and ranges, as TOML."),
    ] = None,
    target: Annotated[TargetName, typer.Option(help="The database.")] = TargetName.DUCKDB,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print the columns assumed and the SQL as well.")
    ] = False,
) -> None:
    """Compile a pack to SQL; say which decisions are columns and which are not, and why.

    Exit code 0 also where decisions run row by row: they are refused, never approximated.
    """
    pack = load(pack_dir)
    try:
        plan = pack.compile(
            decision or [item.name for item in pack.manifest.decisions],
            _schema(schema, pack),
            target=target.value,
            on=on,
        )
    except RuleError as error:
        stop_with(ExitCode.USAGE, str(error))
    typer.echo(explain_plan(plan, in_full=explain), nl=False)


def _schema(path: Path | None, pack: Pack) -> Schema | None:
    """Read a schema. A column that no input has is refused: its promise would hold for nothing."""
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"--schema {path} cannot be read: {error}.") from None
    schema = read_schema(text, where=path.name)
    known = {item.name for item in pack.manifest.inputs}
    if unknown := sorted({*schema.columns, *schema.without_column} - known):
        raise typer.BadParameter(
            f"--schema {path}: {pack.scheme} {pack.version} has no input {', '.join(unknown)}. "
            f"It has: {', '.join(sorted(known))}."
        )
    return schema
