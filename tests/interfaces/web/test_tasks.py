"""A task on its page: closed by hand with an outcome, or by the step it asks for."""

from collections.abc import Callable
from uuid import UUID, uuid4

from django.test import Client
from django.utils import timezone

from amparo.delivery.payments.operations import abandon_run, approve_run
from amparo.delivery.payments.queries import run_record
from amparo.office.models import Task
from amparo.office.operations import open_task
from tests.interfaces.web.institution import AT, Institution

SignIn = Callable[[str], Client]


def repair_task(role: str = "finance-officer") -> UUID:
    return open_task(
        kind="payments.account-failed",
        subject_kind="payrun",
        subject_id=uuid4(),
        role=role,
        details={"count": 1},
        at=AT,
    )


def test_a_task_is_closed_with_what_came_of_it_once(
    institution: Institution, sign_in: SignIn
) -> None:
    task_id, client = repair_task(), sign_in("farid")
    page = f"/tasks/{task_id}/"

    empty = client.post(page, {"outcome": " ", "key": "1"})
    closed = client.post(page, {"outcome": "The bank was called.", "key": "2"})
    again = client.post(page, {"outcome": "The bank was called.", "key": "2"}, follow=True)
    shown = client.get(page).content.decode()

    assert "This field is required" in empty.content.decode()
    assert (closed.status_code, closed["Location"]) == (302, "/")
    assert "The task is closed." in again.content.decode()
    assert "The bank was called." in shown
    assert "Farid Haddad" in shown
    assert "<textarea" not in shown
    assert Task.objects.get(id=task_id).closed_by == institution.staff["farid"]


def test_a_task_of_another_role_is_read_and_not_closed(
    institution: Institution, sign_in: SignIn
) -> None:
    task_id = repair_task()

    for name in ("bruno", "amadou"):
        client = sign_in(name)
        page = client.get(f"/tasks/{task_id}/").content.decode()
        client.post(f"/tasks/{task_id}/", {"outcome": "Never mind."})

        assert "<textarea" not in page, name
    assert Task.objects.get(id=task_id).closed_at is None


def test_a_task_that_ends_with_its_step_cannot_be_waved_away(
    institution: Institution, sign_in: SignIn
) -> None:
    task = Task.objects.get(kind="claim to approve", closed_at=None)
    client = sign_in("celia")

    page = client.get(f"/tasks/{task.id}/").content.decode()
    client.post(f"/tasks/{task.id}/", {"outcome": "Never mind."})

    assert "closes by itself when its step is taken" in page
    assert f"/claims/{task.subject_id}/" in page
    task.refresh_from_db()
    assert task.closed_at is None


def test_a_run_that_waits_lies_in_the_approvers_inbox_until_it_is_approved(
    institution: Institution, sign_in: SignIn
) -> None:
    run_id, gloria = institution.runs["compared"], institution.access("gloria")
    run = run_record(run_id=run_id, access=gloria)

    before = sign_in("gloria").get("/").content.decode()
    approve_run(run_id=run_id, content_hash=run.content_hash, access=gloria, at=timezone.now())
    after = sign_in("gloria").get("/").content.decode()

    assert "Approve a pay run" in before
    assert f"Pay run {run.summary.number}" in before
    assert "Approve a pay run" not in after
    assert Task.objects.get(kind="run to approve", subject_id=run_id).outcome == "approved"


def test_an_abandoned_run_waits_for_nobody(institution: Institution, sign_in: SignIn) -> None:
    abandon_run(
        run_id=institution.runs["compared"],
        reason="Planned by mistake.",
        access=institution.access("farid"),
        at=timezone.now(),
    )

    assert "Approve a pay run" not in sign_in("gloria").get("/").content.decode()
