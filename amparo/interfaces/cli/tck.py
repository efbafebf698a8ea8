"""`amparo tck`: run the published test kit of DMN, and write a result it would publish."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from amparo.interfaces.cli.output import ExitCode, stop_with
from amparo.interfaces.cli.pack import refuse_no_place
from amparo.rules.feel.temporal import Date, at_midnight
from amparo.rules.tck import read_strata, render, run_folder, write_results


def tck(
    path: Annotated[
        Path,
        typer.Argument(
            exists=True, file_okay=False, help="A folder of test cases, searched downwards."
        ),
    ],
    *,
    csv: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            help="Write the kit's CSV here, with its .properties and the strata beside it.",
        ),
    ] = None,
) -> None:
    """Run cases of the DMN Technology Compatibility Kit. Exit code 1 when any of them fails."""
    refuse_no_place(csv, option="--csv")
    today = datetime.now(UTC).date()
    now = at_midnight(Date(today.year, today.month, today.day), zone=0)
    results = tuple(run_folder(path, now=now))
    if not results:
        stop_with(ExitCode.USAGE, f"There are no test cases in {path} or below it.")
    strata = read_strata(path)
    if csv is not None:
        write_results(results, strata, csv, on=today)
    typer.echo(render(results, strata), nl=False)
    if any(result.status == "ERROR" for result in results):
        raise typer.Exit(ExitCode.FINDINGS)
