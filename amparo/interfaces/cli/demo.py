"""`amparo demo`: build the Republic of Amparia, run the whole chain, serve its pages."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from amparo.interfaces.cli import postgres
from amparo.interfaces.cli.installation import database, home, migrate, uses_own_server
from amparo.interfaces.cli.output import ExitCode, progress, results, say, show_json, stop_with
from amparo.interfaces.cli.serve import check_address, ended_by_signals, run_site

if TYPE_CHECKING:
    from amparo.interfaces.cli.demonstration.story import Stage

_STAFF_SINCE = timedelta(days=400)
# What a demonstration leaves beside the database; the secret key and the pages' files stay.
_LEFT_BEHIND = (
    "demonstration",
    "error-files",
    "mail",
    "numbers",
    "originals",
    "payment-files",
)


def demo(
    *,
    persons: Annotated[
        int, typer.Option(min=200, max=2_000_000, help="How many people live in Amparia.")
    ] = 5_000,
    seed: Annotated[int, typer.Option(help="Another number gives other people.")] = 1,
    months: Annotated[
        int, typer.Option(min=2, max=24, help="How many months employers have declared.")
    ] = 6,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day the story is told; default today."),
    ] = None,
    serve: Annotated[bool, typer.Option(help="Serve the pages when the chain is done.")] = True,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Throw an earlier demonstration away and begin again.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for machines.")] = False,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port of the pages.")] = 8000,
) -> None:
    """Build the Republic of Amparia, run the whole chain, serve its pages.

    A demonstration that is there already is served as it is; one that was interrupted is built
    again from the beginning.
    """
    if serve:
        check_address(host=host, port=port)
    record = home() / "demonstration.json"
    told = _told(record)
    if told is not None and (fresh or told["state"] != "told"):
        _throw_away(told)
        record.unlink()
        told = None
    with ended_by_signals(), database():
        migrate()
        if told is None:
            told = _build(record, persons=persons, seed=seed, months=months, on=on)
        elif told["asked"] != _asked(persons, seed, months):
            say(
                "Another demonstration is here already and is shown as it is. "
                "`amparo demo --fresh` builds the one you asked for."
            )
        if as_json:
            show_json({name: value for name, value in told.items() if name != "password"})
        else:
            _show(told)
        if serve:
            run_site(host=host, port=port)


def _told(record: Path) -> dict[str, Any] | None:
    if not record.exists():
        return None
    told: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
    return told


def _throw_away(told: Mapping[str, Any]) -> None:
    """Drop the demonstration's database and files; only ever the embedded one, and one we built."""
    if not uses_own_server():
        stop_with(
            ExitCode.SET_UP,
            "DATABASE_URL names a database with a demonstration that is unfinished or no longer "
            "wanted. Amparo drops no database that it did not make: empty it yourself, delete "
            f"{home() / 'demonstration.json'}, and run again.",
        )
    say(f"Throwing away the demonstration of {told['asked']['persons']} persons.")
    with postgres.using(home=home(), say=say) as server:
        server.drop_database(name="amparo")
    for name in _LEFT_BEHIND:
        if (folder := home() / name).exists():
            shutil.rmtree(folder)


def _build(
    record: Path, *, persons: int, seed: int, months: int, on: datetime | None
) -> dict[str, Any]:
    """Tell the story once; the record says that it began, and later that it is told."""
    from dataclasses import asdict

    from django.utils.timezone import localdate, now

    from amparo.accounts.queries import is_installed
    from amparo.interfaces.cli.demonstration.cast import (
        CAST,
        employ,
        new_password,
        write_privately,
    )
    from amparo.interfaces.cli.demonstration.story import Chain, StoryInterrupted

    if is_installed():
        stop_with(
            ExitCode.SET_UP,
            "This database holds an institution already, and the demonstration would mix its "
            "invented people with real ones. Set AMPARO_HOME to an empty folder (or DATABASE_URL "
            "to an empty database) and run again.",
        )
    password = new_password()
    told: dict[str, Any] = {
        "state": "begun",
        "asked": _asked(persons, seed, months),
        "on": (on.date() if on else localdate()).isoformat(),
        "password": password,
    }
    write_privately(path=record, content=told)
    day = date.fromisoformat(told["on"])
    staff = employ(password=password, since=day - _STAFF_SINCE, on=day, at=now())
    with _stage() as stage:
        chain = Chain(staff=staff, folder=home() / "demonstration", on=day, clock=now, stage=stage)
        try:
            summary = chain.tell(persons=persons, seed=seed, months=months)
        except StoryInterrupted as problem:
            stop_with(ExitCode.FINDINGS, str(problem))
    told |= {
        "state": "told",
        "summary": asdict(summary),
        "log_ins": [
            {"username": member.username, "name": member.display_name, "does": member.does}
            for member in CAST
        ],
    }
    write_privately(path=record, content=told)
    return told


def _asked(persons: int, seed: int, months: int) -> dict[str, int]:
    return {"persons": persons, "seed": seed, "months": months}


@contextmanager
def _stage() -> Iterator["Stage"]:
    """Show each step of the story as a line with its progress, on standard error."""
    from amparo.interfaces.cli.demonstration.story import Stage

    columns = (SpinnerColumn(finished_text="✓"), TextColumn("{task.description}"), BarColumn(20))
    with Progress(*columns, MofNCompleteColumn(), TimeElapsedColumn(), console=progress) as bar:

        @contextmanager
        def opened(title: str, of: int | None) -> Iterator[Any]:
            task = bar.add_task(title, total=of)
            yield lambda: bar.advance(task)
            bar.update(task, total=of or 1, completed=of or 1)

        yield Stage(opened=opened)


def _show(told: Mapping[str, Any]) -> None:
    summary = told["summary"]
    table = Table(title=f"The Republic of Amparia on {told['on']}", title_justify="left")
    table.add_column("")
    table.add_column("", justify="right")
    for title, value in (
        ("Persons registered", summary["persons"]),
        ("Employers registered", summary["employers"]),
        ("Employments", summary["employments"]),
        ("Insured years taken on", summary["taken_on_years"]),
        ("Awards taken on", summary["taken_on_awards"]),
        ("Wage lines declared and assessed", summary["wage_lines"]),
        *((f"Claims {state}", count) for state, count in summary["claims"].items()),
    ):
        table.add_row(title, f"{value:,}")
    for run in summary["pay_runs"]:
        table.add_row(f"Pay run {run['month']}: payments", f"{run['payments']:,}")
        table.add_row(f"Pay run {run['month']}: total", run["total"])
    table.add_row("Payments the bank returned", f"{summary['returned_payments']:,}")
    results.print(table)
    people = Table(title="Sign in as", title_justify="left")
    people.add_column("name")
    people.add_column("who")
    for member in told["log_ins"]:
        people.add_row(member["username"], f"{member['name']}: {member['does']}")
    results.print(people)
    results.print(f"Everybody's password here: [bold]{told['password']}[/]")
