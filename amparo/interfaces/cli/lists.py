"""`amparo reference`: the lists that others keep, brought up to date from files and shown."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from amparo.interfaces.cli.installation import database, migrate
from amparo.interfaces.cli.output import ExitCode, results, stop_with

app = typer.Typer(
    name="reference",
    no_args_is_help=True,
    help="Countries, languages, occupations, places, events: the lists that facts refer to.",
)


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="A CSV file: code, parent, label_en, …")],
    *,
    list_code: Annotated[
        str, typer.Option("--list", help="iso-3166-1, iso-639, isco-08, administrative-units, …")
    ],
    publisher: Annotated[str, typer.Option(help="Who keeps the list, and which edition this is.")],
    acting_as: Annotated[str, typer.Option("--as", help="Whose mandate covers this.")],
    role: Annotated[
        str | None, typer.Option(help="Which of that person's roles; needed if there are several.")
    ] = None,
    applies_from: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="Since when; left out: since ever."),
    ] = None,
) -> None:
    """Replace a list from a day on; what it said before stays known.

    Codes that are not in the file end on that day. Whole or not at all.
    """
    if not file.is_file():
        stop_with(ExitCode.USAGE, f"There is no file {file}. Check the path.")
    with database():
        migrate()
        from django.utils.timezone import now

        from amparo.interfaces.cli.acting import access_of
        from amparo.interfaces.files.lists import read_list
        from amparo.register.operations import UnusableList, load_reference_list
        from amparo.values import NotPermitted

        try:
            loaded = load_reference_list(
                list_code=list_code,
                codes=read_list(path=file),
                publisher=publisher,
                applies_from=applies_from.date() if applies_from else None,
                access=access_of(username=acting_as, role=role),
                at=now(),
            )
        except NotPermitted as refusal:
            stop_with(ExitCode.USAGE, str(refusal))
        except UnusableList as refusal:
            stop_with(ExitCode.FINDINGS, str(refusal))
    results.print(
        f"{list_code}: {loaded.total} codes; {loaded.added} new, {loaded.changed} changed, "
        f"{loaded.ended} ended."
    )


@app.command()
def show(
    list_code: Annotated[str, typer.Argument(help="Which list.")],
    *,
    on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As it stood on this day.")
    ] = None,
    language: Annotated[str, typer.Option(help="In which language.")] = "en",
) -> None:
    """Print a list as it stood on a day: code, parent, label."""
    with database():
        from django.utils.timezone import localdate, now

        from amparo.register.reference import entries

        day: date = on.date() if on else localdate()
        found = entries(list_code=list_code, on=day, at=now())
    if not found:
        stop_with(ExitCode.FINDINGS, f"No list “{list_code}” was in use on {day}. Load it first.")
    for one in found:
        results.print(f"{one.code}\t{one.parent}\t{one.label(language)}", markup=False)
