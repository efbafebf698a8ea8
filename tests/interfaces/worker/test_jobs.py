"""The worker does what was enqueued, under a mandate, in the same database."""

from contextlib import suppress
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import transaction
from django.utils.timezone import localdate, now
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from amparo.governance.kernel.access import NoMandate, job_access
from amparo.governance.kernel.operations import install_jobs
from amparo.interfaces.worker.jobs import seal_journal, sweep_journal
from amparo.journal.models import Block, Event
from amparo.journal.sealing import verify_chain
from tests.cast import TODAY, Cast, appoint
from tests.conftest import Clone
from tests.working import work_off


@pytest.fixture
def cast(cloned_database: Clone) -> Cast:
    return appoint()


@pytest.fixture
def installed(cast: Cast) -> Cast:
    install_jobs(access=cast.access("alma"), on=TODAY, at=now())
    return cast


def enqueue(name: str) -> int:
    """Enqueue a job; return its number. The clock may enqueue others of its name at any minute."""
    return app.configure_task(name).defer(timestamp=0)


def leave_as_killed(clone: Clone, name: str) -> int:
    """Leave a job as a worker does that was killed an hour ago while it ran; return its number."""
    job = enqueue(name)
    with psycopg.connect(clone.app_url, autocommit=True) as session:
        dead = session.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) "
            "VALUES (now() - interval '1 hour') RETURNING id"
        ).fetchone()
        assert dead is not None
        session.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', attempts = 1, worker_id = %s "
            "WHERE id = %s",
            [dead[0], job],
        )
    return job


def test_the_journal_is_sealed_each_minute_and_swept_each_night() -> None:
    periodic = {
        (task.task.name, task.cron) for task in app.periodic_registry.periodic_tasks.values()
    }

    assert {
        ("journal.seal", "* * * * *"),
        ("journal.sweep", "17 3 * * *"),
        ("register.sweep", "47 2 * * *"),
        ("worker.retry_stalled", "* * * * *"),
    } <= periodic


def test_the_register_is_looked_over_under_the_jobs_own_mandate(installed: Cast) -> None:
    enqueue("register.sweep")

    work_off()

    swept = Event.objects.get(kind="register.swept")
    assert swept.details["people"] == 0
    assert swept.actor_id == job_access(job="sweep-register", on=localdate()).actor_id
    # What is paid on each pair is reckoned anew, so that the queue stands in order in the morning.
    assert Event.objects.filter(kind="register.duplicates_weighed").count() == 1


def test_a_job_enqueued_by_name_seals_what_was_committed(installed: Cast) -> None:
    enqueue("journal.seal")

    work_off()

    report = verify_chain()
    assert (report.blocks, report.unsealed, report.faults) == (1, 0, ())
    assert report.events > 0


def test_a_finished_job_leaves_no_row(installed: Cast) -> None:
    job = enqueue("journal.seal")

    work_off()

    assert not ProcrastinateJob.objects.filter(id=job).exists()


def test_a_job_that_was_never_installed_seals_nothing_and_says_so(cast: Cast) -> None:
    with pytest.raises(NoMandate, match="seal-journal"):
        seal_journal(timestamp=0)

    assert not Block.objects.exists()


def test_before_the_installation_decision_no_job_acts(cloned_database: Clone) -> None:

    seal_journal(timestamp=0)

    assert verify_chain().blocks == 0


def test_the_sweep_seals_too(installed: Cast) -> None:
    sweep_journal(timestamp=0)

    assert verify_chain().unsealed == 0


def test_a_job_of_a_transaction_that_fails_was_never_enqueued(installed: Cast) -> None:
    class Failed(Exception):
        pass

    with suppress(Failed), transaction.atomic():
        enqueue("journal.seal")
        raise Failed

    assert not ProcrastinateJob.objects.filter(task_name="journal.seal").exists()


def test_what_a_killed_worker_left_is_taken_up_again(
    cloned_database: Clone, installed: Cast
) -> None:
    jobs = [leave_as_killed(cloned_database, "journal.seal"), enqueue("worker.retry_stalled")]

    work_off()
    work_off()

    assert Block.objects.count() == 1
    waiting = ProcrastinateJob.objects.filter(id__in=jobs, status__in=["todo", "doing"])
    assert not waiting.exists()


def test_a_stalled_job_gives_way_to_the_next_that_waits(
    cloned_database: Clone, installed: Cast
) -> None:
    jobs = [leave_as_killed(cloned_database, "journal.seal"), enqueue("journal.seal")]
    enqueue("worker.retry_stalled")

    work_off()

    assert Block.objects.count() == 1
    # Which of the two is taken first is the worker's affair: the stalled one ends as failed where
    # the other still waited, and is done like any other where it no longer did.
    left = {job.status for job in ProcrastinateJob.objects.filter(id__in=jobs)}
    assert left <= {"failed"}


def test_the_clock_of_a_seal_is_the_worker_s(installed: Cast) -> None:
    before = datetime.now(UTC)

    seal_journal(timestamp=0)

    assert Block.objects.get().sealed_at >= before
