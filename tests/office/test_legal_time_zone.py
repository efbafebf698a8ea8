"""The database reckons days in one zone, kept in one place; only the tables' owner changes it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from django.db import connections
from psycopg import Connection, errors

from amparo.journal.models import Event
from amparo.office.operations import UnableToChangeTimeZone, change_legal_time_zone
from amparo.office.queries import legal_time_zone
from tests.conftest import Clone

CHANGED = datetime(2026, 11, 15, 12, 0, tzinfo=UTC)
# On Kiritimati the day begins eleven hours before Nairobi's.
KIRITIMATI = "Pacific/Kiritimati"
ACTOR = uuid4()
# Noon in Greenwich: December has begun on Kiritimati (02:00) and not in Nairobi (15:00).
NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


@pytest.fixture
def owner(cloned_database: Clone) -> Iterator[Connection]:
    with psycopg.connect(cloned_database.owner_url, autocommit=True) as link:
        yield link
    connections["owner"].close()


def zone_at(link: Connection, at: datetime) -> str:
    found = link.execute("SELECT office_legal_time_zone(%s)", [at]).fetchone()
    assert found is not None
    return str(found[0])


def plan_december(link: Connection, *, planned_at: datetime) -> None:
    link.execute(
        "INSERT INTO payments_payrun (id, number, month, kind, currency, state, planned_at,"
        " planned_by, prepared_by, snapshot_hash, content_hash, item_count, instruction_count,"
        " total, totals, comparison, approved_hash) VALUES (%s, 'PR-1', '2026-12-01', 'regular',"
        " 'XTS', 'planned', %s, %s, %s, '', '', 0, 0, 0, '{}', '{}', '')",
        [uuid4(), planned_at, ACTOR, ACTOR],
    )


def test_the_first_zone_is_that_of_the_settings(owner: Connection) -> None:
    assert zone_at(owner, datetime(1990, 1, 1, tzinfo=UTC)) == "Africa/Nairobi"
    assert legal_time_zone(using="owner") == "Africa/Nairobi"


def test_another_zone_holds_from_its_change_on(owner: Connection) -> None:
    change_legal_time_zone(name=KIRITIMATI, at=CHANGED, using="owner")

    assert zone_at(owner, datetime(2026, 11, 15, 11, 59, tzinfo=UTC)) == "Africa/Nairobi"
    assert zone_at(owner, CHANGED) == KIRITIMATI
    assert legal_time_zone(using="owner") == KIRITIMATI
    event = Event.objects.get(kind="office.time_zone_changed")
    assert event.details == {"from": "Africa/Nairobi", "to": KIRITIMATI}


def test_a_run_is_refused_until_its_month_begins_in_the_zone_that_is_kept(
    owner: Connection,
) -> None:
    with pytest.raises(errors.IntegrityError, match="had not begun"):
        plan_december(owner, planned_at=NOON)

    change_legal_time_zone(name=KIRITIMATI, at=CHANGED, using="owner")

    plan_december(owner, planned_at=NOON)
    assert owner.execute("SELECT count(*) FROM payments_payrun").fetchone() == (1,)


@pytest.mark.parametrize(
    ("name", "why"),
    [("Africa/Nairobi", "already"), ("East", "no time zone"), ("", "no time zone")],
)
def test_what_is_no_change_is_refused(owner: Connection, name: str, why: str) -> None:
    with pytest.raises(UnableToChangeTimeZone, match=why):
        change_legal_time_zone(name=name, at=CHANGED, using="owner")

    assert owner.execute("SELECT count(*) FROM office_legaltimezone").fetchone() == (1,)


def test_the_application_cannot_change_the_zone(cloned_database: Clone) -> None:
    with psycopg.connect(cloned_database.app_url) as link:
        for statement in (
            "INSERT INTO office_legaltimezone VALUES (gen_random_uuid(), 'UTC', now())",
            "UPDATE office_legaltimezone SET name = 'UTC'",
            "DELETE FROM office_legaltimezone",
        ):
            with pytest.raises(errors.InsufficientPrivilege), link.transaction():
                link.execute(statement.encode())


def test_not_even_the_owner_rewrites_which_zone_applied(owner: Connection) -> None:
    with pytest.raises(errors.IntegrityError, match="append-only"):
        owner.execute("UPDATE office_legaltimezone SET name = 'UTC'")
