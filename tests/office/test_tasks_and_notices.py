from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from amparo.journal.models import Event
from amparo.office.models import Task
from amparo.office.operations import (
    NewTask,
    UnableToClose,
    close_task,
    close_tasks_about,
    issue_notice,
    open_task,
    open_tasks,
)
from amparo.office.queries import NotFound, inbox, notice, notices_of, task
from amparo.values import NotPermitted, Right
from tests.cast import NOW, Cast

CLAIM = UUID("00000000-0000-4000-8000-0000000000c1")
AMINA = UUID("00000000-0000-4000-8000-00000000000a")


def opened(subject_id: UUID = CLAIM, *, due_on: date | None = None, kind: str = "evidence") -> UUID:
    return open_task(
        kind=kind,
        subject_kind="claim",
        subject_id=subject_id,
        role="claims-officer",
        details={"missing": ["date_of_birth"]},
        due_on=due_on,
        at=NOW,
    )


def test_a_task_lies_in_the_inbox_of_its_role_until_it_is_closed(cast: Cast) -> None:
    bruno = cast.access("bruno")
    task_id = opened()

    before = inbox(access=bruno)
    close_task(task_id=task_id, outcome="Birth certificate seen.", access=bruno, at=NOW)
    after = inbox(access=bruno)

    assert [row.task_id for row in before.rows] == [task_id]
    assert before.rows[0].details == {"missing": ["date_of_birth"]}
    assert after.total == 0
    closed = task(task_id=task_id, access=bruno)
    assert (closed.closed_by, closed.outcome) == (cast["bruno"], "Birth certificate seen.")
    assert Event.objects.get(kind="office.task_closed").subject_id == task_id


def test_the_same_task_is_open_once(cast: Cast) -> None:
    first, second = opened(), opened()

    assert first == second
    assert Task.objects.count() == 1


def test_a_closed_task_may_be_opened_anew(cast: Cast) -> None:
    first = opened()
    close_task(task_id=first, outcome="Done.", access=cast.access("bruno"), at=NOW)

    second = opened()

    assert second != first
    assert [row.task_id for row in inbox(access=cast.access("bruno")).rows] == [second]


def test_many_tasks_are_opened_in_one_statement_and_open_ones_stay(
    cast: Cast, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    opened()
    tasks = [
        NewTask(kind="evidence", subject_kind="claim", subject_id=subject, role="claims-officer")
        for subject in (CLAIM, uuid4(), uuid4())
    ]

    with django_assert_num_queries(3):  # type: ignore[operator]  # savepoint, statement, release
        open_tasks(tasks=tasks, at=NOW)

    assert Task.objects.count() == 3


def test_the_most_urgent_task_comes_first_and_undated_ones_last(cast: Cast) -> None:
    undated = opened(uuid4())
    later = opened(uuid4(), due_on=date(2026, 4, 1))
    sooner = opened(uuid4(), due_on=date(2026, 3, 3))

    rows = inbox(access=cast.access("bruno")).rows

    assert [row.task_id for row in rows] == [sooner, later, undated]


def test_a_task_is_closed_by_its_role_once_and_with_an_outcome(cast: Cast) -> None:
    task_id = opened()
    bruno = cast.access("bruno")

    with pytest.raises(UnableToClose, match="open for the role “claims-approver”"):
        close_task(task_id=task_id, outcome="Done.", access=cast.access("celia"), at=NOW)
    with pytest.raises(UnableToClose, match="what came of"):
        close_task(task_id=task_id, outcome="  ", access=bruno, at=NOW)
    close_task(task_id=task_id, outcome="Done.", access=bruno, at=NOW)
    with pytest.raises(UnableToClose):
        close_task(task_id=task_id, outcome="Again.", access=bruno, at=NOW)


def test_dealing_with_the_subject_closes_its_task(cast: Cast) -> None:
    opened()
    close = {"kind": "evidence", "subject_id": CLAIM, "outcome": "Decided.", "at": NOW}

    closed = close_tasks_about(access=cast.access("celia"), **close)  # type: ignore[arg-type]
    again = close_tasks_about(access=cast.access("celia"), **close)  # type: ignore[arg-type]

    assert (closed, again) == (1, 0)
    assert Event.objects.get(kind="office.task_closed").details == {"kind": "evidence"}


def test_tasks_need_a_right(cast: Cast) -> None:
    nobody = replace(cast.access("bruno"), rights=frozenset[Right]())
    task_id = opened()

    with pytest.raises(NotPermitted):
        inbox(access=nobody)
    with pytest.raises(NotPermitted):
        task(task_id=task_id, access=nobody)
    with pytest.raises(NotPermitted):
        close_task(task_id=task_id, outcome="Done.", access=nobody, at=NOW)
    with pytest.raises(NotFound):
        task(task_id=uuid4(), access=cast.access("bruno"))


# --- notices --------------------------------------------------------------------------------------


def sent(at: datetime = NOW) -> UUID:
    return issue_notice(
        kind="grant",
        recipient_id=AMINA,
        language="fr",
        subject_kind="claim",
        subject_id=CLAIM,
        content={"amount": "120.00"},
        at=at,
    )


def test_a_notice_is_read_on_the_record(cast: Cast) -> None:
    notice_id = sent()

    row = notice(notice_id=notice_id, access=cast.access("bruno"))

    assert (row.recipient_id, row.language, row.content) == (AMINA, "fr", {"amount": "120.00"})
    assert row.number.startswith("NT-2026-000001-")
    reads = Event.objects.filter(kind="read", subject_id=AMINA)
    assert [event.actor_id for event in reads] == [cast["bruno"]]


def test_a_person_s_notices_come_the_latest_first(cast: Cast) -> None:
    first, second = sent(), sent(datetime(2026, 3, 3, 8, tzinfo=UTC))

    rows = notices_of(recipient_id=AMINA, access=cast.access("bruno"))

    assert [row.notice_id for row in rows] == [second, first]


def test_a_notice_of_new_year_s_night_bears_the_institution_s_year(cast: Cast) -> None:
    notice_id = sent(datetime(2026, 12, 31, 22, 30, tzinfo=UTC))  # already 2027 in Nairobi

    row = notice(notice_id=notice_id, access=cast.access("bruno"))

    assert row.number.startswith("NT-2027-")


def test_a_notice_needs_a_right_and_must_exist(cast: Cast) -> None:
    notice_id = sent()

    with pytest.raises(NotPermitted):
        notice(notice_id=notice_id, access=cast.access("pia"))
    with pytest.raises(NotPermitted):
        notices_of(recipient_id=AMINA, access=cast.access("omar"))
    with pytest.raises(NotFound):
        notice(notice_id=uuid4(), access=cast.access("bruno"))
