"""The command `amparo`: a flat list of what it can do."""

import sys

import typer

from amparo.interfaces.cli import bench, db, demo, imports, pack, payruns, serve, verify
from amparo.interfaces.cli.installation import SET_UP_PROBLEMS
from amparo.interfaces.cli.output import ExitCode, stop_with

app = typer.Typer(
    name="amparo",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Run a social-protection institution: register, contributions, claims, payments, proof.",
    epilog="Exit codes: 0 done, 1 findings, 2 wrong usage, 3 something is missing on this machine.",
)
app.command()(demo.demo)
app.command()(serve.serve)
app.command(name="import")(imports.import_file)
app.command()(verify.verify)
app.command()(pack.evaluate)
app.add_typer(payruns.app, name="payrun")
app.add_typer(bench.app, name="bench")
app.add_typer(pack.app, name="pack")
app.add_typer(db.app, name="db")


def main() -> None:
    """Run the command line; an expected problem ends with a message, never with a traceback."""
    try:
        try:
            app()
        except SET_UP_PROBLEMS as problem:
            stop_with(ExitCode.SET_UP, str(problem))
    except typer.Exit as end:
        sys.exit(end.exit_code)


if __name__ == "__main__":
    main()
