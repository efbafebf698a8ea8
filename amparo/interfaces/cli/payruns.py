"""`amparo payrun`: the steps of a pay run, each by a person with a mandate."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from amparo.interfaces.cli.installation import database, migrate
from amparo.interfaces.cli.output import ExitCode, progress, results, show_json, stop_with

if TYPE_CHECKING:
    from amparo.delivery.payments.queries import ControlTotal, RunRecord, RunSummary
    from amparo.values import Access, Month

app = typer.Typer(
    no_args_is_help=True,
    help="Prepare, approve and send a month's payments, and read in what the bank reports.",
)

_As = Annotated[str, typer.Option("--as", help="Whose mandate covers this.")]
_Role = Annotated[
    str | None, typer.Option(help="Which of that person's roles; needed if there are several.")
]
_Month = Annotated[str, typer.Option("--month", help="The month paid for, such as 2026-11.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object for machines.")]


@app.command()
def plan(
    *,
    acting_as: _As,
    month: _Month,
    supplementary: Annotated[
        bool, typer.Option(help="Pay what became due after the month's regular run.")
    ] = False,
    role: _Role = None,
    as_json: _Json = False,
) -> None:
    """Plan a run for a month."""
    with _step(acting_as, role, month) as (access, when):
        from django.utils.timezone import now

        from amparo.delivery.payments.operations import plan_run

        kind = "supplementary" if supplementary else "regular"
        run_id = plan_run(month=when, kind=kind, access=access, at=now())  # type: ignore[arg-type]
        _tell(run_id, access, as_json=as_json)


@app.command()
def prepare(*, acting_as: _As, month: _Month, role: _Role = None, as_json: _Json = False) -> None:
    """Take the snapshot, calculate, and compare with the run before. Run again after a crash."""
    with _step(acting_as, role, month) as (access, when):
        from django.utils.timezone import now

        from amparo.delivery.payments import operations
        from amparo.delivery.payments.queries import run_of_month

        run_id = run_of_month(month=when, access=access).run_id
        steps: dict[str, Callable[..., None]] = {
            "Taking the snapshot": operations.take_snapshot,
            "Calculating": operations.calculate_run,
            "Comparing with the run before": operations.compare_run,
        }
        for title, step in steps.items():
            with progress.status(title):
                step(run_id=run_id, access=access, at=now())
        _tell(run_id, access, as_json=as_json)


@app.command()
def approve(
    *,
    acting_as: _As,
    month: _Month,
    content_hash: Annotated[
        str,
        typer.Option("--hash", help="The content approved, as `show` prints it."),
    ],
    role: _Role = None,
    as_json: _Json = False,
) -> None:
    """Approve exactly the content shown; not by whoever prepared it."""
    with _step(acting_as, role, month) as (access, when):
        from django.utils.timezone import now

        from amparo.delivery.payments.operations import approve_run
        from amparo.delivery.payments.queries import run_of_month

        run_id = run_of_month(month=when, access=access).run_id
        approve_run(run_id=run_id, content_hash=content_hash, access=access, at=now())
        _tell(run_id, access, as_json=as_json)


@app.command()
def transmit(
    *,
    acting_as: _As,
    month: _Month,
    folder: Annotated[
        Path | None, typer.Option(help="Where the bank's files go; readable by this account only.")
    ] = None,
    role: _Role = None,
    as_json: _Json = False,
) -> None:
    """Lock the approved run, write the bank's files, post the payment. Repeat after a crash."""
    with _step(acting_as, role, month) as (access, when):
        from django.conf import settings
        from django.utils.timezone import now

        from amparo.delivery.payments.operations import transmit_run
        from amparo.delivery.payments.queries import run_of_month

        run_id = run_of_month(month=when, access=access).run_id
        with progress.status("Writing the bank's files"):
            sent = transmit_run(
                run_id=run_id,
                folder=folder or settings.PAYMENT_FILES_DIR,
                access=access,
                at=now(),
            )
        _tell(run_id, access, as_json=as_json, files=[str(path) for path in sent.files])


@app.command()
def abandon(
    *,
    acting_as: _As,
    month: _Month,
    reason: Annotated[str, typer.Option(help="Why; others read it in the journal.")],
    role: _Role = None,
    as_json: _Json = False,
) -> None:
    """Give up a run that is not locked; everything in it stays owed."""
    with _step(acting_as, role, month) as (access, when):
        from django.utils.timezone import now

        from amparo.delivery.payments.operations import abandon_run
        from amparo.delivery.payments.queries import run_of_month

        run_id = run_of_month(month=when, access=access).run_id
        abandon_run(run_id=run_id, reason=reason, access=access, at=now())
        _tell(run_id, access, as_json=as_json)


@app.command()
def show(*, acting_as: _As, month: _Month, role: _Role = None, as_json: _Json = False) -> None:
    """Show a month's run: totals, what is held and why, the comparison, the files."""
    with _step(acting_as, role, month) as (access, when):
        from amparo.delivery.payments.queries import run_of_month

        _tell(run_of_month(month=when, access=access).run_id, access, as_json=as_json)


@app.command(name="list")
def list_runs(*, acting_as: _As, role: _Role = None, as_json: _Json = False) -> None:
    """List the runs, the latest month first."""
    with _acting(acting_as, role) as access:
        from amparo.delivery.payments.queries import runs_page

        page = runs_page(access=access)
        if as_json:
            show_json({"runs": [_summary_data(run) for run in page.rows], "total": page.total})
            return
        table = Table("Run", "Month", "Kind", "State", "Payments", "Total")
        for run in page.rows:
            table.add_row(
                run.number,
                str(run.month),
                run.kind,
                run.state_words,
                f"{run.instruction_count:,}",
                f"{run.total:,} {run.currency}",
            )
        results.print(table)


@app.command(name="read-statement")
def read_statement(
    file: Annotated[
        Path,
        typer.Argument(help="camt.053, camt.054 or pain.002, or a CSV table of money received."),
    ],
    *,
    acting_as: _As,
    role: _Role = None,
    as_json: _Json = False,
) -> None:
    """Read in what the bank reports: settled, rejected and returned payments.

    Exit code 0 when it is accepted or was read before, 1 when it is refused.
    """
    if not file.is_file():
        stop_with(ExitCode.USAGE, f"There is no file {file}. Check the path.")
    with _acting(acting_as, role) as access:
        from django.utils.timezone import now

        from amparo.interfaces.files import statements

        read = statements.read_statement(path=file, access=access, at=now())
        outcome = read.outcome.as_json() if read.outcome else {}
        if as_json:
            show_json({"status": read.status, "reason": read.reason, **outcome})
        elif read.outcome is not None:
            results.print(
                f"[bold]Read in:[/] {read.outcome.lines:,} lines: {read.outcome.settled:,} paid, "
                f"{read.outcome.rejected:,} rejected, {read.outcome.returned:,} returned "
                f"({read.outcome.returned_total:,}), {read.outcome.known:,} known before, "
                f"{read.outcome.unmatched:,} that fit no payment."
            )
        else:
            results.print(read.reason, markup=False)
    raise typer.Exit(ExitCode.FINDINGS if read.status == "rejected" else ExitCode.OK)


@contextmanager
def _step(acting_as: str, role: str | None, month: str) -> Iterator[tuple["Access", "Month"]]:
    """Have the database, the acting person and the month; end a refusal with its message."""
    from amparo.values import Month

    try:
        when = Month.parse(month)
    except ValueError as error:
        stop_with(ExitCode.USAGE, str(error))
    with _acting(acting_as, role) as access:
        yield access, when


@contextmanager
def _acting(acting_as: str, role: str | None) -> Iterator["Access"]:
    """Have the database and the acting person; end an expected refusal with its message."""
    with database():
        migrate()
        from amparo.delivery.payments import operations
        from amparo.delivery.payments.transmission import WrittenOtherwise
        from amparo.interfaces.cli.acting import access_of
        from amparo.office.originals import UnableToReceive
        from amparo.values import NotPermitted

        try:
            yield access_of(username=acting_as, role=role)
        except (
            NotPermitted,
            UnableToReceive,
            WrittenOtherwise,
            operations.NobodyToPay,
            operations.NoSuchRun,
            operations.NotInState,
            operations.TotalsDiffer,
            operations.UnableToApprove,
            operations.UnableToLock,
            operations.UnableToPlan,
        ) as refusal:
            stop_with(ExitCode.FINDINGS, str(refusal))


def _tell(run_id: Any, access: "Access", *, as_json: bool, files: list[str] | None = None) -> None:
    from amparo.delivery.payments.queries import run_record

    run = run_record(run_id=run_id, access=access)
    if as_json:
        show_json({**_record_data(run), **({"paths": files} if files is not None else {})})
        return
    summary = run.summary
    results.print(
        f"[bold]{summary.number}[/] for {summary.month}: {summary.state_words}. "
        f"{summary.instruction_count:,} payments, {summary.total:,} {summary.currency} in all."
    )
    for title, groups in (
        ("By scheme", run.by_scheme),
        ("By bank and operator", run.by_provider),
        ("Held back", run.held),
        ("Not payable", run.excluded),
        ("At the bank", run.outcomes),
    ):
        _tell_totals(title, groups)
    if run.differences:
        table = Table("Compared with the run before", "", "Awards", "Before", "Now")
        for group in run.differences:
            table.add_row(
                group.kind,
                group.words,
                f"{group.count:,}",
                f"{group.before:,}",
                f"{group.after:,}",
            )
        results.print(table)
    if run.content_hash:
        results.print(f"Content: {run.content_hash}", highlight=False, soft_wrap=True)
    for path in files or ():
        results.print(f"File: {path}", highlight=False, soft_wrap=True)


def _tell_totals(title: str, groups: tuple["ControlTotal", ...]) -> None:
    if not groups:
        return
    table = Table(title, "Count", "Amount")
    for group in groups:
        table.add_row(group.words, f"{group.count:,}", f"{group.amount:,}")
    results.print(table)


def _summary_data(run: "RunSummary") -> dict[str, object]:
    return {
        "run": str(run.run_id),
        "number": run.number,
        "month": str(run.month),
        "kind": run.kind,
        "state": run.state,
        "currency": run.currency,
        "payments": run.instruction_count,
        "total": str(run.total),
    }


def _record_data(run: "RunRecord") -> dict[str, object]:
    def totals(groups: tuple["ControlTotal", ...]) -> list[dict[str, object]]:
        return [{"name": g.name, "count": g.count, "amount": str(g.amount)} for g in groups]

    return {
        **_summary_data(run.summary),
        "hash": run.content_hash,
        "items": run.item_count,
        "by_scheme": totals(run.by_scheme),
        "by_provider": totals(run.by_provider),
        "held": totals(run.held),
        "excluded": totals(run.excluded),
        "outcomes": totals(run.outcomes),
        "unexplained": run.unexplained,
        "differences": [
            {
                "kind": group.kind,
                "explanation": group.explanation,
                "count": group.count,
                "before": str(group.before),
                "after": str(group.after),
            }
            for group in run.differences
        ],
        "files": [
            {
                "name": file.file_name,
                "sha256": file.sha256,
                "payments": file.instruction_count,
                "control_sum": str(file.control_sum),
            }
            for file in run.files
        ],
    }
