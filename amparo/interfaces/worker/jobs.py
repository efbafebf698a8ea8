"""The background jobs. Each acts under its own mandate and can be run again without harm.

Rooms below enqueue a job by its name, in the transaction of its effect; nobody imports this module.
"""

from django.utils.timezone import localdate, now
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from amparo.accounts.queries import is_installed
from amparo.governance.kernel.access import job_access
from amparo.journal.sealing import seal_block
from amparo.values import Right

SEAL_JOB = "seal-journal"


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


@app.periodic(cron="*/10 * * * *")
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
    job_access(job=SEAL_JOB, on=localdate()).require(Right.JOURNAL_SEAL)
    at = now()
    while seal_block(at=at, sweep=sweep) is not None:
        pass
