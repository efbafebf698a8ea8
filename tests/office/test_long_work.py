"""Long work: asked for once, begun once, its end kept."""

from uuid import UUID, uuid4

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from amparo.journal.models import Event
from amparo.office.models import LongWork
from amparo.office.operations import (
    ask_for_work,
    begin_work,
    fail_work,
    finish_work,
    report_work,
)
from amparo.office.queries import NotFound, WorkRow, latest_work, work
from amparo.values import NotPermitted, Right
from tests.cast import NOW, Cast

JOB = "claims.count"
RIGHT = Right.CLAIM_READ


def ask(cast: Cast, subject_id: UUID, *, by: str = "bruno") -> UUID:
    return ask_for_work(
        kind=JOB,
        subject_kind="claim",
        subject_id=subject_id,
        right=RIGHT,
        access=cast.access(by),
        at=NOW,
    )


def shown(cast: Cast, work_id: UUID) -> WorkRow:
    return work(work_id=work_id, right=RIGHT, access=cast.access("celia"), at=NOW)


def test_work_is_enqueued_by_name_and_leaves_a_row_in_the_journal(cast: Cast) -> None:
    subject = uuid4()

    work_id = ask(cast, subject)

    job = ProcrastinateJob.objects.get(task_name=JOB)
    assert (job.status, job.args) == ("todo", {"work_id": str(work_id)})
    assert Event.objects.get(kind="office.work_asked").subject_id == subject
    assert (shown(cast, work_id).state, shown(cast, work_id).asked_by) == ("waiting", "Bruno Keita")


def test_of_two_who_press_both_get_the_same_work(cast: Cast) -> None:
    subject = uuid4()

    first, second = ask(cast, subject), ask(cast, subject, by="celia")

    assert first == second
    assert ProcrastinateJob.objects.filter(task_name=JOB).count() == 1


def test_work_needs_the_right_that_it_takes(cast: Cast) -> None:
    with pytest.raises(NotPermitted):
        ask(cast, uuid4(), by="pia")

    assert not LongWork.objects.exists()


def test_work_that_is_over_does_not_begin_again(cast: Cast) -> None:
    work_id = ask(cast, uuid4())
    begin_work(work_id=work_id, at=NOW)
    finish_work(work_id=work_id, result={"rows": 3}, at=NOW)

    again = begin_work(work_id=work_id, at=NOW)

    assert again is None
    assert (shown(cast, work_id).state, shown(cast, work_id).result) == ("done", {"rows": 3})


def test_work_that_was_interrupted_begins_again_and_keeps_its_start(cast: Cast) -> None:
    work_id = ask(cast, uuid4())
    begin_work(work_id=work_id, at=NOW)
    report_work(work_id=work_id, done=1, total=3)

    again = begin_work(work_id=work_id, at=NOW)

    assert again is not None
    assert again.asked_by == cast["bruno"]
    assert (shown(cast, work_id).done, shown(cast, work_id).total) == (1, 3)
    assert shown(cast, work_id).started_at == NOW


def test_failed_work_says_why(cast: Cast) -> None:
    subject = uuid4()
    failed = ask(cast, subject)
    begin_work(work_id=failed, at=NOW)
    fail_work(work_id=failed, message="Nobody is due.", at=NOW)

    found = shown(cast, failed)

    assert (found.state, found.message, found.is_open) == ("failed", "Nobody is due.", False)


def test_nobody_works_where_no_worker_was_heard_of(cast: Cast) -> None:
    subject = uuid4()
    ask(cast, subject)

    found = latest_work(subject_id=subject, right=RIGHT, access=cast.access("bruno"), at=NOW)

    assert found is not None
    assert not found.has_worker


def test_what_nobody_asked_for_is_not_found(cast: Cast) -> None:
    with pytest.raises(NotFound):
        shown(cast, uuid4())
    assert latest_work(subject_id=uuid4(), right=RIGHT, access=cast.access("bruno"), at=NOW) is None
