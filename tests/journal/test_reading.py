"""Personal rows show themselves to a reading alone, and every reading leaves its row."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction

from amparo.journal.models import Event
from amparo.journal.reading import reading
from amparo.office.models import Notice
from amparo.office.operations import NewNotice, issue_notices
from amparo.settings import _database
from amparo.values import Access, NotPermitted, Right
from tests.cast import NOW, Cast
from tests.conftest import Clone

AMINA = UUID("00000000-0000-4000-8000-00000000000a")
JOSEFA = UUID("00000000-0000-4000-8000-00000000000b")


@pytest.fixture
def bruno(cast: Cast) -> Access:
    """Bruno, with one notice to Amina and one to Josefa in the database."""
    _two_notices()
    return cast.access("bruno")


def _two_notices() -> None:
    issue_notices(
        notices=[
            NewNotice(
                kind="grant",
                recipient_id=person,
                language="en",
                subject_kind="claim",
                subject_id=uuid4(),
                content={"paragraphs": []},
            )
            for person in (AMINA, JOSEFA)
        ],
        at=NOW,
    )


def _seen() -> set[UUID]:
    return set(Notice.objects.values_list("recipient_id", flat=True))


def test_without_a_reading_nothing_is_seen(bruno: Access) -> None:
    assert _seen() == set()


def test_inside_a_reading_everybody_is_seen(bruno: Access) -> None:
    with reading(access=bruno, right=Right.PERSON_READ):
        seen = _seen()

    assert seen == {AMINA, JOSEFA}
    assert _seen() == set()


def test_an_access_bound_to_one_person_sees_that_person_alone(bruno: Access) -> None:
    with reading(access=replace(bruno, subject_id=AMINA), right=Right.PERSON_READ):
        assert _seen() == {AMINA}


def test_an_access_bound_to_one_person_cannot_ask_for_another(bruno: Access) -> None:
    with (
        pytest.raises(NotPermitted, match="another person's"),
        reading(
            access=replace(bruno, subject_id=AMINA), right=Right.PERSON_READ, subject_id=JOSEFA
        ),
    ):
        pass


def test_every_reading_leaves_a_row_with_person_purpose_and_mandate(bruno: Access) -> None:
    with reading(
        access=bruno,
        right=Right.PERSON_READ,
        subject_kind="person",
        subject_id=AMINA,
        details={"page": "person"},
    ):
        pass

    event = Event.objects.get(kind="read", subject_id=AMINA)
    assert (event.actor_id, event.purpose, event.mandate_id) == (
        bruno.actor_id,
        bruno.purpose,
        bruno.mandate_id,
    )
    assert event.details == {"page": "person", "right": "register.read_person"}


def test_without_the_right_nothing_is_opened_and_nothing_journaled(
    bruno: Access, cast: Cast
) -> None:
    with (
        pytest.raises(NotPermitted),
        reading(access=cast.access("pia"), right=Right.PERSON_READ),
    ):
        pass

    assert not Event.objects.filter(kind="read").exists()


def test_a_nested_reading_gives_way_to_the_outer_again(bruno: Access) -> None:
    with reading(access=replace(bruno, subject_id=AMINA), right=Right.PERSON_READ):
        with reading(access=bruno, right=Right.CLAIM_READ):
            assert _seen() == {AMINA, JOSEFA}
        assert _seen() == {AMINA}


def test_a_nested_reading_that_fails_gives_way_too(bruno: Access) -> None:
    class Failed(Exception):
        pass

    with reading(access=replace(bruno, subject_id=AMINA), right=Right.PERSON_READ):
        with pytest.raises(Failed), reading(access=bruno, right=Right.CLAIM_READ):
            raise Failed
        assert _seen() == {AMINA}
    assert _seen() == set()


def test_a_reading_inside_an_operation_closes_before_the_operation_ends(bruno: Access) -> None:
    with transaction.atomic():
        with reading(access=bruno, right=Right.PERSON_READ):
            assert _seen() == {AMINA, JOSEFA}
        assert _seen() == set()


def test_writing_outside_a_reading_changes_no_personal_row(bruno: Access) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('amparo.purpose', '', true)")
        cursor.execute("SELECT count(*) FROM office_notice")
        assert cursor.fetchone() == (0,)


@pytest.fixture
def pooled(cloned_database: Clone) -> Iterator[None]:
    """One pooled connection, so that the next transaction meets what the last one left."""
    target: dict[str, Any] = settings.DATABASES["default"]
    before = dict(target)
    connection.close()
    target.update(_database(cloned_database.app_url, pooled=True))
    target["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 1, "timeout": 10}
    yield
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL has pools
    target.clear()
    target.update(before)


def test_a_reading_does_not_leak_into_the_next_transaction_of_the_pool(
    pooled: None, committed_cast: Cast
) -> None:
    _two_notices()
    with reading(access=committed_cast.access("bruno"), right=Right.PERSON_READ):
        first = _backend()
        assert _seen() == {AMINA, JOSEFA}
    connection.close()  # back into the pool

    with transaction.atomic():
        again, seen = _backend(), _seen()

    assert again == first
    assert seen == set()


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_settings_are_read_once_a_statement_and_not_once_a_row(bruno: Access) -> None:
    with reading(access=bruno, right=Right.PERSON_READ), connection.cursor() as cursor:
        cursor.execute("EXPLAIN SELECT * FROM office_notice")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "InitPlan" in plan
    assert "current_setting" not in plan.partition("Filter:")[2].partition("\n")[0]
