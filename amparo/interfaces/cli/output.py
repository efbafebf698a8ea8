"""What a terminal shows, and what a command's exit code means.

Results go to standard output, everything said on the way to standard error: so `--json` output
can be piped. Exit codes are part of the interface, see docs/reference/commands.md.
"""

import json
import sys
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

results = Console()
progress = Console(stderr=True)


class ExitCode(IntEnum):
    """What a caller may rely on."""

    OK = 0
    FINDINGS = 1  # the command worked and found something wrong: a failed case, a violation
    USAGE = 2  # the command line itself was wrong
    SET_UP = 3  # the installation or the machine lacks something
    INCIDENT = 4  # something nobody expected; the message has its number


def say(text: str) -> None:
    """Tell the person at the terminal what is going on."""
    progress.print(escape(text), highlight=False)


def show_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object; amounts and dates as text, never as floats."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def stop_with(code: ExitCode, message: str) -> NoReturn:
    """End the command with a message: on standard error, or as JSON on standard output."""
    if "--json" in sys.argv[1:]:  # asked of any command, also before one could begin
        show_json({"error": message, "exit_code": int(code)})
    else:
        progress.print(f"[bold red]Error:[/] {escape(message)}", highlight=False, soft_wrap=True)
    raise typer.Exit(code)
