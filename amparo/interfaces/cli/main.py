"""The command `amparo`: a flat list of what it can do."""

import os
import sys
import traceback
from typing import NoReturn

import typer

from amparo.interfaces.cli import (
    bench,
    bench_register,
    bench_rules,
    db,
    demo,
    imports,
    lists,
    pack,
    pack_compiling,
    pack_simulating,
    pack_writing,
    payruns,
    registering,
    rulebook,
    serve,
    staff,
    tck,
    verify,
)
from amparo.interfaces.cli.installation import SET_UP_PROBLEMS, Incident
from amparo.interfaces.cli.output import ExitCode, stop_with
from amparo.values import incident_number

app = typer.Typer(
    name="amparo",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Run a social-protection institution: register, contributions, claims, payments, proof.",
    epilog=(
        "Exit codes: 0 done, 1 findings, 2 wrong usage, 3 something is missing on this machine, "
        "4 an incident."
    ),
)
app.command()(demo.demo)
app.command()(serve.serve)
app.command(name="import")(imports.import_file)
app.command()(verify.verify)
app.command()(pack.evaluate)
app.command()(tck.tck)
app.add_typer(payruns.app, name="payrun")
bench.app.command(name="rules")(bench_rules.rules)
bench.app.command(name="register")(bench_register.register)
app.add_typer(bench.app, name="bench")
pack.app.command(name="new")(pack_writing.new_pack)
pack.app.command(name="lint")(pack_writing.lint_pack)
pack.app.command()(pack_writing.diff)
pack.app.add_typer(pack_writing.tables, name="table")
pack.app.command(name="compile")(pack_compiling.compile_pack)
pack.app.command(name="simulate")(pack_simulating.simulate_pack)
app.add_typer(pack.app, name="pack")
app.add_typer(rulebook.app, name="rules")
app.add_typer(registering.app, name="register")
app.add_typer(lists.app, name="reference")
app.add_typer(staff.app, name="staff")
app.add_typer(db.app, name="db")


def main() -> None:
    """Run the command line; an expected problem ends with a message, never with a traceback."""
    try:
        try:
            app()
        except SET_UP_PROBLEMS as problem:
            stop_with(ExitCode.SET_UP, str(problem))
        except (typer.Exit, typer.Abort):
            raise
        except Incident as incident:
            _stop_with_incident(incident.number, "The journal has it, where it could be written.")
        except Exception:  # noqa: BLE001 — the outermost door: whatever comes here was not expected
            _stop_with_incident(incident_number(), "No database was open to journal it.")
    except typer.Exit as end:
        sys.exit(end.exit_code)


def _stop_with_incident(number: str, where_it_is: str) -> NoReturn:
    """End with a number to quote. The traceback may hold personal data: it is shown on demand."""
    if os.environ.get("AMPARO_LOG_LEVEL") == "DEBUG":
        traceback.print_exc()
    stop_with(
        ExitCode.INCIDENT,
        f"Incident {number}: something went wrong that nobody expected. {where_it_is} What was "
        "begun and not finished was undone. Try again; if it happens again, report the number, and "
        "run the command once more with AMPARO_LOG_LEVEL=DEBUG to see the cause.",
    )


if __name__ == "__main__":
    main()
