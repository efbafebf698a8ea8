"""`amparo db`: the private database server of this installation."""

import os
import shutil
import signal
import subprocess
from typing import Annotated, Literal

import typer
from rich.table import Table

from amparo.interfaces.cli import postgres
from amparo.interfaces.cli.installation import (
    database,
    home,
    migrate,
    prepare_tables,
    uses_own_server,
)
from amparo.interfaces.cli.output import ExitCode, results, say, show_json, stop_with
from amparo.interfaces.cli.postgres.databases import ADMIN, APPLICATION, OWNER

app = typer.Typer(no_args_is_help=True, help="The private database server of this installation.")

_ELSEWHERE = "DATABASE_URL names a server that runs elsewhere; Amparo neither starts nor stops it."
_ROLES = {"app": APPLICATION, "owner": OWNER, "admin": ADMIN}

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object for machines.")]


@app.command()
def start() -> None:
    """Start the database server and leave it running."""
    _only_our_own()
    server = postgres.start(home=home(), say=say)
    say("The database server runs." if server.started_here else "The database server ran already.")


@app.command()
def stop() -> None:
    """Stop the database server."""
    _only_our_own()
    stopped = postgres.stop(home=home())
    say("The database server has stopped." if stopped else "The database server did not run.")


@app.command()
def status(*, as_json: AsJson = False) -> None:
    """Say whether the server runs, where its data are, and which PostgreSQL it is.

    Exit code 0 when it runs, 1 when it does not.
    """
    _only_our_own()
    state = postgres.status(home=home())
    facts = {
        "running": state.running,
        "process": state.process,
        "folder": str(state.folder),
        "account": state.account,
        "data_version": state.data_major,
        "postgresql": state.binaries.version,
        "programs": str(state.binaries.folder),
    }
    if as_json:
        show_json(facts)
    else:
        table = Table("", "", show_header=False, box=None)
        for name, value in facts.items():
            table.add_row(name.replace("_", " "), _in_words(value))
        results.print(table)
    raise typer.Exit(ExitCode.OK if state.running else ExitCode.FINDINGS)


@app.command(name="migrate")
def migrate_tables() -> None:
    """Bring the tables to the shape this release needs."""
    with database():
        migrate()
    say("The tables have the shape this release needs.")


@app.command(name="time-zone")
def time_zone(
    name: Annotated[str, typer.Argument(help="A name such as Africa/Nairobi.")],
) -> None:
    """Reckon days in another legal time zone from now on; AMPARO_TIME_ZONE must name it too."""
    with database():
        from django.db import connections
        from django.utils.timezone import now

        from amparo.office.operations import UnableToChangeTimeZone, change_legal_time_zone

        prepare_tables()
        try:
            change_legal_time_zone(name=name, at=now(), using="owner")
        except UnableToChangeTimeZone as refusal:
            stop_with(ExitCode.USAGE, str(refusal))
        finally:
            connections["owner"].close()
    say(f"Days are reckoned in {name} from now on. Set AMPARO_TIME_ZONE={name} before you start.")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def psql(
    context: typer.Context,
    *,
    role: Annotated[
        Literal["app", "owner", "admin"],
        typer.Option(help="Whose rights: the application's, the tables' owner, the superuser's."),
    ] = "app",
) -> None:
    """Open psql on the database; further arguments are psql's own, such as -c "SELECT 1"."""
    if not uses_own_server():
        raise typer.Exit(_psql("psql", os.environ["DATABASE_URL"], context.args))
    with postgres.using(home=home(), say=say) as server:
        program = server.binaries.program("psql")
        code = _psql(program, server.url(role=_ROLES[role]), context.args)
    raise typer.Exit(code)


def _psql(program: str, address: str, arguments: list[str]) -> int:
    """Give psql this terminal; Ctrl-C there ends a query, not us."""
    if shutil.which(program) is None:
        stop_with(
            ExitCode.SET_UP,
            f"There is no program {program}. Install PostgreSQL's client (Debian: apt-get install "
            "postgresql-client).",
        )
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        done = subprocess.run([program, address, *arguments], check=False)  # noqa: S603 — psql
    finally:
        signal.signal(signal.SIGINT, previous)
    return done.returncode


def _in_words(value: str | int | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def _only_our_own() -> None:
    if not uses_own_server():
        stop_with(ExitCode.SET_UP, _ELSEWHERE)
