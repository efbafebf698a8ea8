"""Long work by the worker: under the mandate of whoever asked, once, and again after a failure."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import time_machine
from django.conf import settings

from amparo.accounts.models import Mandate
from amparo.delivery.payments.operations import abandon_run, plan_run
from amparo.delivery.payments.queries import run_record
from amparo.journal.models import Event
from amparo.office.operations import ask_for_work, begin_work, receive_original
from amparo.office.queries import WorkRow, work
from amparo.values import Month, Right
from tests.conftest import Clone
from tests.interfaces.web.institution import AT, Institution, open_institution
from tests.working import work_off


@pytest.fixture
def institution(cloned_database: Clone, tmp_path: Path) -> Iterator[Institution]:
    """The institution on the day it works in; the jobs read the clock."""
    with time_machine.travel(AT + timedelta(hours=1), tick=True):
        yield open_institution(tmp_path)


@pytest.fixture
def december(institution: Institution) -> UUID:
    """A run that is planned and can be prepared."""
    farid = institution.access("farid")
    abandon_run(run_id=institution.runs["compared"], reason="Again.", access=farid, at=AT)
    return plan_run(month=Month(2026, 11), access=farid, at=AT)


def ask(institution: Institution, run_id: UUID, *, kind: str = "payments.prepare") -> UUID:
    return ask_for_work(
        kind=kind,
        subject_kind="payrun",
        subject_id=run_id,
        right=Right.PAYRUN_PREPARE,
        access=institution.access("farid"),
        at=AT,
    )


def shown(institution: Institution, work_id: UUID) -> WorkRow:
    return work(
        work_id=work_id,
        right=Right.JOURNAL_READ,
        access=institution.access("amadou"),
        at=AT,
    )


def state(institution: Institution, run_id: UUID) -> str:
    return run_record(run_id=run_id, access=institution.access("farid")).summary.state


def test_the_worker_prepares_a_run_in_the_name_of_who_asked(
    institution: Institution, december: UUID
) -> None:
    work_id = ask(institution, december)

    work_off()

    record = run_record(run_id=december, access=institution.access("farid"))
    found = shown(institution, work_id)
    assert (record.summary.state, record.prepared_by) == ("compared", "Farid Haddad")
    assert (found.state, found.done, found.total) == ("done", 3, 3)
    assert found.started_at is not None
    assert found.ended_at is not None


def test_a_mandate_that_has_ended_stops_the_work(institution: Institution, december: UUID) -> None:
    work_id = ask(institution, december)
    Mandate.objects.filter(user_id=institution.staff["farid"]).update(ends_before=AT.date())

    work_off()

    found = shown(institution, work_id)
    assert found.state == "failed"
    assert "No mandate" in found.message
    assert found.incident == ""


def test_what_the_operation_refuses_is_shown_and_the_work_starts_again(
    institution: Institution, december: UUID
) -> None:
    refused = ask(institution, institution.runs["transmitted"])
    work_off()

    again = ask(institution, institution.runs["transmitted"])

    assert shown(institution, refused).state == "failed"
    assert "is transmitted" in shown(institution, refused).message
    assert again != refused
    assert shown(institution, again).state == "waiting"


def test_an_interrupted_work_goes_on_where_it_stopped(
    institution: Institution, december: UUID
) -> None:
    work_id = ask(institution, december)
    begin_work(work_id=work_id, at=AT)  # and its worker was killed

    work_off()

    assert state(institution, december) == "compared"
    assert shown(institution, work_id).started_at == AT


def test_an_unexpected_failure_of_a_job_is_an_incident(
    institution: Institution, december: UUID, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    missing = ask_for_work(
        kind="declarations.import",
        subject_kind="original",
        subject_id=uuid4(),
        details={"file_name": "november.csv"},  # and no content
        right=Right.DECLARATION_RECEIVE,
        access=institution.access("esther"),
        at=AT,
    )

    work_off()

    found = shown(institution, missing)
    journaled = Event.objects.get(
        kind="incident", actor_id=institution.staff["esther"], details__number=found.incident
    )
    assert found.state == "failed"
    assert journaled.details["where"] == "declarations.import"
    assert journaled.details["failure"] == "KeyError"
    assert "interfaces/worker/jobs.py" in journaled.details["raised_in"]
    assert f"Incident {found.incident}" in caplog.text


def test_a_declaration_file_is_posted_under_the_name_it_came_with(
    institution: Institution, tmp_path: Path
) -> None:
    path = tmp_path / "september.csv"
    path.write_text((tmp_path / "october.csv").read_text().replace("2026-10", "2026-09"))
    esther = institution.access("esther")
    original = receive_original(
        path=path, kind="declarations", file_name=path.name, access=esther, at=AT
    )
    work_id = ask_for_work(
        kind="declarations.import",
        subject_kind="original",
        subject_id=UUID(original.sha256[:32]),
        details={"sha256": original.sha256, "file_name": path.name},
        right=Right.DECLARATION_RECEIVE,
        access=esther,
        at=AT,
    )

    work_off()

    found = shown(institution, work_id)
    assert (found.state, found.result["status"], found.result["rows"]) == ("done", "accepted", 3)
    assert found.result["notices"] == ["1 line names nobody in the register and waits in suspense."]
    assert (Path(settings.ORIGINALS_DIR) / original.sha256).read_bytes() == path.read_bytes()
