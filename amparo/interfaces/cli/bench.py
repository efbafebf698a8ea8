"""`amparo bench`: how fast it is on this machine, beside the limit of hand-written SQL.

Each benchmark makes a database of its own, with the durability of a production server, fills it by
the ordinary operations and throws it away. The limit is measured in the same run on the same rows.
For the pay run it is what PostgreSQL needs to write them without our checks, keys and indexes; for
the import it is hand-written SQL into the same tables with all of them (`by_hand`). The ratio is
what the product adds; figures of two machines compare by it.
"""

import os
import platform
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import psycopg
import typer
from rich.table import Table

from amparo.interfaces.cli import by_hand, postgres
from amparo.interfaces.cli.installation import database, migrate
from amparo.interfaces.cli.output import progress, results, say, show_json

if TYPE_CHECKING:
    from uuid import UUID

    from amparo.interfaces.cli.demonstration.cast import Staff
    from amparo.register.records import PersonRow
    from amparo.values import Access

app = typer.Typer(no_args_is_help=True, help="Measure speed beside the hand-written limit.")

_PAGE: Final = Path(__file__).resolve().parents[3] / "docs" / "benchmarks.md"
_Json = Annotated[bool, typer.Option("--json", help="One JSON object for machines.")]
_Write = Annotated[bool, typer.Option("--write", help="Write the result into docs/benchmarks.md.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage of a benchmark. limit_seconds: the same rows by hand-written SQL, if there is one."""

    name: str
    rows: int
    seconds: float
    limit_seconds: float | None = None


@dataclass(slots=True, kw_only=True)
class Result:
    """A benchmark on a machine."""

    title: str
    rows: int
    stages: list[Stage] = field(default_factory=list)
    note: str = ""

    @property
    def seconds(self) -> float:
        return sum(stage.seconds for stage in self.stages)

    @property
    def limit_seconds(self) -> float:
        return sum(stage.limit_seconds or 0 for stage in self.stages)

    @property
    def ratio(self) -> float:
        return self.seconds / self.limit_seconds


@app.command()
def payrun(
    *,
    awards: Annotated[int, typer.Option(min=100, help="How many awards are paid.")] = 100_000,
    as_json: _Json = False,
    write: _Write = False,
) -> None:
    """Pay awards: snapshot, calculate, compare, approve, ledger, files."""
    with database_of_our_own() as folder:
        result = _measure_payrun(awards, folder)
    _report(result, as_json=as_json, write=write)


@app.command(name="import")
def import_(
    *,
    persons: Annotated[int, typer.Option(min=200, help="How many persons are taken in.")] = 100_000,
    as_json: _Json = False,
    write: _Write = False,
) -> None:
    """Take in a file of persons: read, check, register."""
    with database_of_our_own() as folder:
        result = _measure_import(persons, folder)
    _report(result, as_json=as_json, write=write)


# --- the pay run ------------------------------------------------------------------------------

# The rows a run writes, into tables without keys, indexes or triggers.
_BY_HAND: Final = {
    "Snapshot": (("payments_payrunitem", "true"),),
    "Calculation": (
        ("payments_entitlement", "true"),
        ("payments_instruction", "true"),
        ("payments_instructionline", "true"),
    ),
    "Comparison": (("payments_difference", "true"),),
    "Ledger: owed": (("ledger_posting", "debit_id = '5100'"),),
    "Files and ledger: paid": (("ledger_posting", "credit_id = '1000'"),),
}
_FILE_BY_HAND: Final = """
COPY (SELECT end_to_end_id, amount, currency, payee_name, account_kind, provider, account_number
      FROM payments_instruction ORDER BY id) TO STDOUT
"""


def _measure_payrun(awards: int, folder: Path) -> Result:
    from django.utils.timezone import localdate, now

    from amparo.delivery.payments import operations
    from amparo.delivery.payments.queries import run_record
    from amparo.values import Month

    staff = bench_staff()
    with progress.status(f"Granting {awards:,} awards"):
        _grant(awards, staff, folder)
    officer = staff.acting("fatima", "finance-officer")
    approver = staff.acting("george", "finance-approver")
    run_id = operations.plan_run(month=Month.of(localdate()), access=officer, at=now())
    steps: dict[str, Callable[[], object]] = {
        "Snapshot": lambda: operations.take_snapshot(run_id=run_id, access=officer, at=now()),
        "Calculation": lambda: operations.calculate_run(run_id=run_id, access=officer, at=now()),
        "Comparison": lambda: operations.compare_run(run_id=run_id, access=officer, at=now()),
        "Approval": lambda: operations.approve_run(
            run_id=run_id,
            content_hash=run_record(run_id=run_id, access=officer).content_hash,
            access=approver,
            at=now(),
        ),
        "Ledger: owed": lambda: operations.lock_run(run_id=run_id, access=officer, at=now()),
        "Files and ledger: paid": lambda: operations.send_run(
            run_id=run_id, folder=folder / "bank", access=officer, at=now()
        ),
    }
    taken = {}
    for name, step in steps.items():
        with progress.status(name):
            taken[name] = _timed(step)
    paid = run_record(run_id=run_id, access=officer).summary.instruction_count
    if paid != awards:
        message = f"{awards} awards were granted and {paid} paid: the measurement means nothing."
        raise RuntimeError(message)
    with progress.status("The same rows by hand"):
        limits = _by_hand(folder)
    return Result(
        title=f"Pay run of {awards:,} awards",
        rows=awards,
        stages=[
            Stage(name=name, rows=awards, seconds=seconds, limit_seconds=limits.get(name))
            for name, seconds in taken.items()
        ],
    )


def _grant(awards: int, staff: "Staff", folder: Path) -> None:
    """Register as many persons, with confirmed accounts, and take on an award for each."""
    from decimal import Decimal

    from django.conf import settings
    from django.utils.timezone import localdate, now

    from amparo.delivery.claims.operations import AwardToTakeOn, take_on_awards
    from amparo.governance.kernel.operations import activate_scheme_folder
    from amparo.register.operations import load_account_confirmations, load_persons
    from amparo.register.records import AccountConfirmationRow

    registrar = staff.acting("bruno", "registration-officer")
    today = localdate()
    activate_scheme_folder(
        path=settings.SCHEMES_DIR / "xa" / "old-age" / "1",
        applies_from=today.replace(day=1),
        proposer=staff.acting("paulo", "policy-officer"),
        approver=staff.acting("maria", "policy-board"),
        at=now(),
    )
    load_persons(
        rows=_people(awards),
        received_file_id=received_file(registrar, folder, "persons"),
        access=registrar,
        at=now(),
    )
    load_account_confirmations(
        rows=(
            AccountConfirmationRow(
                row=n, provider="CBXAXAXA", account_number=f"{n:012d}", confirmed_on=today
            )
            for n in range(1, awards + 1)
        ),
        received_file_id=received_file(registrar, folder, "accounts"),
        access=registrar,
        at=now(),
    )
    with psycopg.connect(os.environ["AMPARO_OWNER_DATABASE_URL"]) as connection:
        persons = connection.execute("SELECT id FROM register_person ORDER BY number").fetchall()
    amounts = [Decimal(9_000 + n % 7_919) / 100 for n in range(awards)]
    take_on_awards(
        rows=[
            AwardToTakeOn(
                reference=str(n),
                person_id=person_id,
                payee_id=person_id,
                scheme="xa/old-age",
                benefit="old_age_pension",
                component="OLD_AGE",
                amount=amount,
                contingency_on=date(2020, 1, 1),
                starts_on=today.replace(day=1),
            )
            for n, ((person_id,), amount) in enumerate(zip(persons, amounts, strict=True))
        ],
        received_file_id=received_file(registrar, folder, "awards"),
        control_count=awards,
        control_total=sum(amounts, Decimal(0)),
        signatory="Benchmark",
        access=staff.acting("bruno", "claims-officer"),
        approver=staff.acting("celia", "claims-approver"),
        at=now(),
    )


def _by_hand(folder: Path) -> dict[str, float]:
    """Write the rows of each step again with nothing but INSERT and COPY; return the seconds."""
    limits: dict[str, float] = {}
    with psycopg.connect(os.environ["AMPARO_OWNER_DATABASE_URL"], autocommit=True) as connection:
        for name, tables in _BY_HAND.items():
            seconds = 0.0
            for number, (table, condition) in enumerate(tables):
                bare = f"by_hand_{len(limits)}_{number}"
                connection.execute(f"CREATE TABLE {bare} (LIKE {table})".encode())
                copy = f"INSERT INTO {bare} SELECT * FROM {table} WHERE {condition}"  # noqa: S608
                seconds += _timed(lambda copy=copy: connection.execute(copy.encode()))  # type: ignore[misc]
            limits[name] = seconds
        limits["Files and ledger: paid"] += _timed(lambda: _copy_out(connection, folder / "rows"))
    return limits


def _copy_out(connection: psycopg.Connection, path: Path) -> None:
    with path.open("wb") as file, connection.cursor() as cursor:
        with cursor.copy(_FILE_BY_HAND) as rows:
            for block in rows:
                file.write(block)
        file.flush()
        os.fsync(file.fileno())


# --- the import -------------------------------------------------------------------------------


def _measure_import(persons: int, folder: Path) -> Result:
    from django.utils.timezone import localdate, now

    from amparo.interfaces.cli.population import write_population
    from amparo.interfaces.files.imports import import_persons

    registrar = bench_staff().acting("bruno", "registration-officer")
    with progress.status("Writing the file"):
        amparia = write_population(
            folder=folder / "amparia", persons=persons, on=localdate(), months=1
        )
    path, persons = amparia.persons, amparia.person_count

    outcome = None

    def take_in() -> None:
        nonlocal outcome
        outcome = import_persons(path=path, access=registrar, at=now())

    with progress.status(f"Taking in {persons:,} persons"):
        seconds = _timed(take_in)
    if outcome is None or outcome.rows != persons:
        refused = "" if outcome is None else str(outcome.listed[:3])
        message = f"Not every person was taken in, the measurement means nothing. {refused}"
        raise RuntimeError(message)
    with (
        progress.status("The same rows by hand"),
        psycopg.connect(os.environ["AMPARO_OWNER_DATABASE_URL"], autocommit=True) as connection,
    ):
        by_hand.prepare(connection=connection, path=path)
        copied = _timed(lambda: by_hand.stage(connection=connection, path=path))
        written = _timed(lambda: by_hand.write_facts(connection=connection))
        differing = by_hand.differences(connection=connection)
    if differing:
        message = f"By hand, other rows were written ({differing}): the comparison means nothing."
        raise RuntimeError(message)
    stage = Stage(name="Persons", rows=persons, seconds=seconds, limit_seconds=copied + written)
    return Result(
        title=f"Import of {persons:,} persons",
        rows=persons,
        stages=[stage],
        note=f"Of the hand-written seconds, {copied:.2f} are the bare COPY of the file.",
    )


# --- what both need ---------------------------------------------------------------------------


@contextmanager
def database_of_our_own() -> Iterator[Path]:
    """Start a server with production durability in a temporary folder; leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="amparo-bench-"))
    os.environ["AMPARO_HOME"] = str(folder)
    server = None
    try:
        with progress.status("Starting a database for the benchmark"):
            server = postgres.start(home=folder, say=say)
        os.environ["DATABASE_URL"] = server.app_url
        os.environ["AMPARO_OWNER_DATABASE_URL"] = server.owner_url
        with database():
            migrate()
            yield folder
    finally:
        if server is not None:
            server.stop()
            shutil.rmtree(server.place.folder, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def bench_staff() -> "Staff":
    """Install the cast and the entry filters: who registers is asked like everybody else."""
    import secrets

    from django.conf import settings
    from django.utils.timezone import localdate, now

    from amparo.governance.kernel.operations import activate_scheme_folder
    from amparo.interfaces.cli.demonstration.cast import employ

    today = localdate()
    staff = employ(password=secrets.token_urlsafe(24), since=today, on=today, at=now())
    for scheme in filter(None, (settings.ENTRY_FILTERS, settings.MATCH_MODEL)):
        activate_scheme_folder(
            path=settings.SCHEMES_DIR / scheme / "1",
            applies_from=today.replace(day=1),
            proposer=staff.acting("paulo", "policy-officer"),
            approver=staff.acting("maria", "policy-board"),
            at=now(),
        )
    return staff


def _people(count: int) -> Iterator["PersonRow"]:
    from amparo.register.records import PersonRow

    for n in range(1, count + 1):
        yield PersonRow(
            row=n + 1,
            person_ref=f"r{n}",
            given_names=f"Given {n % 997}",
            family_name=f"Family {n % 7_919}",
            sex="female" if n % 2 else "male",
            birth_date=date(1940 + n % 60, 1 + n % 12, 1 + n % 28),
            birth_precision="day",
            national_id=f"XA{n:09d}",
            district=f"District {n % 40}",
            address="",
            payment_kind="bank",
            payment_provider="CBXAXAXA",
            payment_account=f"{n:012d}",
            household_ref="",
            household_role="",
            parent_refs=(),
        )


def received_file(access: "Access", folder: Path, kind: str) -> "UUID":
    """Receive a file for rows that have none, so that every row names its source."""
    from django.utils.timezone import now

    from amparo.office.operations import receive_original, record_received_file

    path = folder / f"{kind}.txt"
    path.write_text(f"benchmark {kind}")
    original = receive_original(path=path, kind=kind, file_name=path.name, access=access, at=now())
    return record_received_file(
        original=original,
        kind=kind,
        file_name=path.name,
        outcome="accepted",
        access=access,
        at=now(),
    )


def _timed(step: Callable[[], object]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


def _report(result: Result, *, as_json: bool, write: bool) -> None:
    table = Table(result.title, "Seconds", "Rows a second", "By hand, seconds", "Ratio")
    for stage in result.stages:
        table.add_row(*_cells(stage))
    if as_json:
        show_json(_as_data(result))
    else:
        results.print(table)
        if result.note:
            results.print(result.note)
    if write:
        _write_page(result)
        say(f"Written to {_PAGE}")


def _cells(stage: Stage) -> tuple[str, ...]:
    by_hand = stage.limit_seconds
    return (
        stage.name,
        f"{stage.seconds:.2f}",
        f"{stage.rows / stage.seconds:,.0f}",
        "" if by_hand is None else f"{by_hand:.2f}",
        "" if by_hand is None else f"{stage.seconds / by_hand:.1f}",
    )


def _as_data(result: Result) -> dict[str, object]:
    return {
        "benchmark": result.title,
        "rows": result.rows,
        "seconds": f"{result.seconds:.3f}",
        "by_hand_seconds": f"{result.limit_seconds:.3f}",
        "ratio": f"{result.ratio:.2f}",
        "note": result.note,
        "stages": [
            {"stage": s.name, "seconds": f"{s.seconds:.3f}", "rows": s.rows} for s in result.stages
        ],
    }


def _write_page(result: Result) -> None:
    summary = (
        f"{measured_where()}. "
        f"In all {result.seconds:.2f} s, {result.rows / result.seconds:,.0f} rows a second, "
        f"{result.ratio:.1f} times the hand-written limit of the stages that have one."
    )
    lines = [
        summary,
        "",
        "| stage | seconds | rows a second | by hand, seconds | ratio |",
        "|---|---:|---:|---:|---:|",
        *("| " + " | ".join(_cells(stage)) + " |" for stage in result.stages),
        *(["", result.note] if result.note else []),
    ]
    put_section(result.title, lines)


def put_section(title: str, lines: Sequence[str]) -> None:
    """Put a section into the page of benchmarks, in the place of an older one of its title."""
    head, *sections = _PAGE.read_text().split("\n## ")
    kept = [f"## {section}".rstrip() for section in sections]
    kept = [section for section in kept if not section.startswith(f"## {title}\n")]
    written = "\n".join([f"## {title}", "", *lines]).rstrip()
    _PAGE.write_text("\n\n".join([head.rstrip(), *kept, written]) + "\n")


def measured_where() -> str:
    """Say when, on which commit and on which machine something is measured."""
    return f"{datetime.now(UTC):%Y-%m-%d}, commit {_commit()}, {_machine()}"


def _commit() -> str:
    git = shutil.which("git")
    if git is None:
        return "unknown"
    found = subprocess.run(  # noqa: S603 — a fixed command
        [git, "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
        cwd=_PAGE.parent,
    )
    return found.stdout.strip() or "unknown"


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1024**3
    return f"{os.cpu_count()} cores, {memory} GiB, {platform.machine()}"
