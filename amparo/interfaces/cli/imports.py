"""`amparo import`: take in a file of persons, employers, declarations and what else arrives."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from amparo.interfaces.cli.installation import database, migrate
from amparo.interfaces.cli.output import ExitCode, progress, results, say, show_json, stop_with

if TYPE_CHECKING:
    from amparo.interfaces.files.imports import ImportOutcome
    from amparo.values import Access

_FAULTS_SHOWN = 10


class Kind(StrEnum):
    """What a file holds."""

    PERSONS = "persons"
    EMPLOYERS = "employers"
    EMPLOYMENTS = "employments"
    HISTORY = "history"
    DECLARATIONS = "declarations"
    ACCOUNT_CONFIRMATIONS = "account-confirmations"
    AWARDS = "awards"


def import_file(
    kind: Annotated[Kind, typer.Argument(help="What the file holds.")],
    file: Annotated[Path, typer.Argument(help="A CSV file; docs/reference/files.md says which.")],
    *,
    acting_as: Annotated[str, typer.Option("--as", help="Whose mandate covers this.")],
    role: Annotated[
        str | None, typer.Option(help="Which of that person's roles; needed if there are several.")
    ] = None,
    control_count: Annotated[
        int | None, typer.Option(min=1, help="awards: how many, as its signatory states.")
    ] = None,
    control_total: Annotated[
        str | None, typer.Option(help="awards: their sum, as its signatory states.")
    ] = None,
    signatory: Annotated[
        str | None, typer.Option(help="awards: who vouches for them, by name and office.")
    ] = None,
    approved_by: Annotated[
        str | None, typer.Option(help="awards: who approves them; not the one of --as.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for machines.")] = False,
) -> None:
    """Take in a CSV file, whole or not at all.

    Awards need a second person: both sign in, one after the other.
    Exit code 0 when it is accepted or was accepted before, 1 when it is refused.
    """
    if not file.is_file():
        stop_with(ExitCode.USAGE, f"There is no file {file}. Check the path.")
    vouched = _vouched(kind, control_count, control_total, signatory)
    if vouched is not None and approved_by in {None, acting_as}:
        stop_with(
            ExitCode.USAGE,
            "Awards are taken on by two people: name with --approved-by who approves them.",
        )
    with database():
        migrate()
        from amparo.interfaces.cli.acting import access_of, approver_of
        from amparo.office.originals import UnableToReceive
        from amparo.values import NotPermitted

        try:
            access = access_of(username=acting_as, role=role)
            stated = {}
            if vouched is not None and approved_by is not None:
                stated = _agreed(vouched, approver=approver_of(username=approved_by))
            outcome = _run(kind, file, access, stated)
        except (NotPermitted, UnableToReceive) as refusal:
            stop_with(ExitCode.FINDINGS, str(refusal))
    if as_json:
        show_json(_as_data(outcome))
    else:
        _tell(outcome)
    raise typer.Exit(ExitCode.FINDINGS if outcome.status == "rejected" else ExitCode.OK)


def _vouched(
    kind: Kind, count: int | None, total: str | None, signatory: str | None
) -> tuple[int, Decimal, str] | None:
    """Return what a signatory states of a file of awards; no other kind has such a statement."""
    if kind is not Kind.AWARDS:
        return None
    if count is None or total is None or not signatory:
        stop_with(
            ExitCode.USAGE,
            "Awards are taken on against what their signatory states: give --control-count, "
            "--control-total and --signatory.",
        )
    try:
        return count, Decimal(total), signatory
    except InvalidOperation:
        stop_with(ExitCode.USAGE, "--control-total is an amount such as 12345.60.")


def _agreed(vouched: tuple[int, Decimal, str], *, approver: "Access") -> dict[str, Any]:
    """Return what taking on awards needs beside the file."""
    from amparo.interfaces.files.imports import VouchedFor

    count, total, signatory = vouched
    return {
        "vouched": VouchedFor(count=count, total=total, signatory=signatory),
        "approver": approver,
    }


def _run(kind: Kind, file: Path, access: "Access", stated: dict[str, Any]) -> "ImportOutcome":
    """Take the file in with a progress bar on standard error."""
    from django.utils.timezone import now

    from amparo.interfaces.files import imports

    take: dict[Kind, Callable[..., ImportOutcome]] = {
        Kind.PERSONS: imports.import_persons,
        Kind.EMPLOYERS: imports.import_employers,
        Kind.EMPLOYMENTS: imports.import_employments,
        Kind.HISTORY: imports.import_history,
        Kind.DECLARATIONS: imports.import_declarations,
        Kind.ACCOUNT_CONFIRMATIONS: imports.import_account_confirmations,
        Kind.AWARDS: imports.import_awards,
    }
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn()
    with Progress(*columns, TimeRemainingColumn(), console=progress, transient=True) as bar:
        task = bar.add_task(f"Reading {file.name}", total=None)

        def advance(done: int, total: int) -> None:
            writing = done >= total
            bar.update(
                task,
                completed=done,
                total=None if writing else total,
                description="Writing" if writing else f"Reading {file.name}",
            )

        return take[kind](path=file, access=access, at=now(), progress=advance, **stated)


def _tell(outcome: "ImportOutcome") -> None:
    match outcome.status:
        case "accepted":
            results.print(f"[bold]Accepted:[/] {outcome.rows:,} rows of {outcome.kind}.")
            if outcome.numbers_file is not None:
                say(f"The numbers given are in {outcome.numbers_file}")
        case "already":
            results.print(
                f"This file was already accepted on {outcome.earlier:%Y-%m-%d %H:%M} UTC with "
                f"{outcome.rows:,} rows. Nothing was changed."
            )
        case "rejected":
            results.print(f"[bold red]Refused:[/] {outcome.errors:,} faults. Nothing was taken in.")
            for error in outcome.listed[:_FAULTS_SHOWN]:
                where = f"row {error.row}" if error.row else "the file"
                column = f", {error.column}" if error.column else ""
                results.print(f"  {where}{column}: {error.reason} {error.remedy}", markup=False)
            say(f"All faults are in {outcome.error_file}")
    for notice in outcome.notices:
        say(f"Note: {notice}")


def _as_data(outcome: "ImportOutcome") -> dict[str, object]:
    return {
        "kind": outcome.kind,
        "status": outcome.status,
        "received_file": str(outcome.received_file_id),
        "rows": outcome.rows,
        "errors": outcome.errors,
        "first_errors": [
            {"row": e.row, "column": e.column, "reason": e.reason, "remedy": e.remedy}
            for e in outcome.listed[:_FAULTS_SHOWN]
        ],
        "notices": list(outcome.notices),
        "error_file": str(outcome.error_file) if outcome.error_file else None,
        "numbers_file": str(outcome.numbers_file) if outcome.numbers_file else None,
        "accepted_on": outcome.earlier.isoformat() if outcome.earlier else None,
    }
