"""The background jobs. Each acts under its own mandate and can be run again without harm.

Rooms below enqueue a job by its name, in the transaction of its effect; nobody imports this module.
The jobs of long work act for a person, see `working`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.utils.timezone import localdate, now
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from amparo.accounts.queries import is_installed
from amparo.delivery.claims.operations.joining import weigh_open_reviews
from amparo.delivery.payments import operations as payments
from amparo.delivery.payments.transmission import WrittenOtherwise
from amparo.governance.kernel.access import job_access
from amparo.interfaces.files.imports import import_declarations
from amparo.interfaces.worker.simulating import SIMULATION, SIMULATION_REFUSALS, simulate_rules
from amparo.interfaces.worker.working import access_of_asker, carry_out_work, progress_of
from amparo.journal.incidents import journal_incident
from amparo.journal.sealing import seal_block
from amparo.office.operations import WorkToDo, report_work
from amparo.office.originals import UnableToReceive
from amparo.register.operations.sweeping import sweep_register
from amparo.values import Right

SEAL_JOB = "seal-journal"
SWEEP_JOB = "sweep-register"
_REFUSALS: Final = (
    UnableToReceive,
    WrittenOtherwise,
    payments.NobodyToPay,
    payments.NoSuchRun,
    payments.NotInState,
    payments.TotalsDiffer,
    payments.UnableToLock,
)
# What the page shows of the faults of a file; the error file holds more.
_FAULTS_SHOWN: Final = 100


@app.periodic(cron="* * * * *")
@app.task(
    name="journal.seal",
    queueing_lock="journal.seal",
    retry=RetryStrategy(max_attempts=3, wait=10),
)
def seal_journal(timestamp: int) -> None:
    """Seal the events committed since the last minute. timestamp: when it was due; unused."""
    _seal(sweep=False)


@app.periodic(cron="17 3 * * *")
@app.task(name="journal.sweep", queueing_lock="journal.sweep")
def sweep_journal(timestamp: int) -> None:
    """Seal the events of transactions that stayed open for more than a day."""
    _seal(sweep=True)


@app.periodic(cron="47 2 * * *")
@app.task(name="register.sweep", queueing_lock="register.sweep")
def search_for_duplicates(timestamp: int) -> None:
    """Compare everybody in the register who shares a key; likely pairs go to the stewards."""
    if not is_installed():
        return
    with _incidents("register.sweep"):
        access = job_access(job=SWEEP_JOB, on=localdate())
        sweep_register(access=access, at=now())
        weigh_open_reviews(access=access, at=now())


@app.periodic(cron="* * * * *")
@app.task(name="worker.retry_stalled", queueing_lock="worker.retry_stalled", pass_context=True)
async def retry_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Take up again what a killed worker left behind.

    Where the next one of its kind waits already, that one does the work and the stalled one ends.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            await manager.finish_job(job, status=Status.FAILED, delete_job=False)


def _seal(*, sweep: bool) -> None:
    if not is_installed():
        return  # before the installation decision nobody acts, no job either
    with _incidents("journal.seal"):
        job_access(job=SEAL_JOB, on=localdate()).require(Right.JOURNAL_SEAL)
        at = now()
        while seal_block(at=at, sweep=sweep) is not None:
            pass


@contextmanager
def _incidents(job: str) -> Iterator[None]:
    """Journal what nobody expected; it rises, so the job is tried again or stands as failed."""
    try:
        yield
    except Exception as failure:
        journal_incident(failure=failure, where=job)
        raise


# --- long work ----------------------------------------------------------------------------------


@app.task(name="payments.prepare")
def prepare_pay_run(work_id: str) -> None:
    """Take the snapshot, calculate, compare; go on where an interrupted preparation stopped."""
    steps = (payments.take_snapshot, payments.calculate_run, payments.compare_run)
    _carry_out("payments.prepare", work_id, partial(_in_steps, steps))


@app.task(name="payments.transmit")
def transmit_pay_run(work_id: str) -> None:
    """Lock the approved run, write its files, post the payment; safe to be done again."""
    steps = (payments.lock_run, partial(payments.send_run, folder=_payment_files()))
    _carry_out("payments.transmit", work_id, partial(_in_steps, steps))


@app.task(name="declarations.import")
def import_declaration_file(work_id: str) -> None:
    """Post the declarations of a file whose original was kept, all or none."""
    _carry_out("declarations.import", work_id, _import)


@app.task(name=SIMULATION)
def simulate_draft(work_id: str) -> None:
    """Ask two packs about the same people, and keep what differs for the draft's content."""
    _carry_out(SIMULATION, work_id, simulate_rules, SIMULATION_REFUSALS)


def _carry_out(
    job: str,
    work_id: str,
    do: Callable[[WorkToDo], Mapping[str, Any]],
    refusals: tuple[type[Exception], ...] = _REFUSALS,
) -> None:
    carry_out_work(work_id=UUID(work_id), job=job, do=do, refusals=refusals)


def _in_steps(steps: tuple[Callable[..., Any], ...], work: WorkToDo) -> Mapping[str, Any]:
    """Do the steps of a run, each a transaction; those done before find nothing to do."""
    for number, step in enumerate(steps):
        report_work(work_id=work.work_id, done=number, total=len(steps))
        step(run_id=work.subject_id, access=access_of_asker(work=work), at=now())
    report_work(work_id=work.work_id, done=len(steps), total=len(steps))
    return {}


def _payment_files() -> Path:
    folder = Path(settings.PAYMENT_FILES_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _import(work: WorkToDo) -> Mapping[str, Any]:
    original = Path(settings.ORIGINALS_DIR) / work.details["sha256"]
    with TemporaryDirectory(prefix="amparo-import-") as folder, progress_of(work=work) as report:
        path = Path(folder) / work.details["file_name"]  # the name that the sender gave it
        path.symlink_to(original)
        outcome = import_declarations(
            path=path, access=access_of_asker(work=work), at=now(), progress=report
        )
    return {
        "status": outcome.status,
        "received_file_id": str(outcome.received_file_id),
        "rows": outcome.rows,
        "errors": outcome.errors,
        "notices": list(outcome.notices),
        "earlier": outcome.earlier.isoformat() if outcome.earlier else None,
        "listed": [
            [one.row, one.column, one.reason, one.remedy] for one in outcome.listed[:_FAULTS_SHOWN]
        ],
    }
