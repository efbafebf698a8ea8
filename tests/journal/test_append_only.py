"""Nobody changes the journal: not in bulk, not by COPY, not by a forged date."""

import psycopg
import pytest
from psycopg import errors

from tests.cast import Cast

TABLES = ["journal_event", "journal_block", "journal_gatepass"]
CHANGES = [
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table} CASCADE",
]
COLUMN = {
    "journal_event": "kind",
    "journal_block": "events_hash",
    "journal_gatepass": "gate",
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", CHANGES)
def test_the_application_has_no_grant_to_change(
    stranger: psycopg.Connection, committed_cast: Cast, table: str, change: str
) -> None:
    statement = change.format(table=table, column=COLUMN[table])

    with pytest.raises(errors.InsufficientPrivilege):
        stranger.execute(statement)


@pytest.mark.parametrize("change", CHANGES)
def test_even_the_owner_meets_the_trigger(
    owner: psycopg.Connection, committed_cast: Cast, change: str
) -> None:
    before = _events(owner)

    with pytest.raises(errors.IntegrityConstraintViolation) as refusal:
        owner.execute(change.format(table="journal_event", column="kind"))

    assert refusal.value.diag.constraint_name == "append_only"
    assert _events(owner) == before > 0


def test_replication_mode_does_not_silence_the_trigger(
    owner: psycopg.Connection, committed_cast: Cast
) -> None:
    fires = owner.execute(
        "SELECT tgenabled FROM pg_trigger WHERE tgrelid = 'journal_event'::regclass "
        "AND tgname LIKE 'append_only%'"
    ).fetchall()

    assert fires == [("A",), ("A",)]


@pytest.mark.parametrize(
    ("columns", "values"),
    [
        ("kind, happened_at", "'x', '2001-01-01'"),
        ("id, kind", "1, 'x'"),
    ],
)
def test_the_application_can_neither_date_nor_number_an_event(
    stranger: psycopg.Connection, columns: str, values: str
) -> None:
    statement = (
        f"INSERT INTO journal_event ({columns}, role, purpose, subject_kind, details) "  # noqa: S608
        f"VALUES ({values}, '', '', '', '{{}}')"
    )

    with pytest.raises(errors.InsufficientPrivilege):
        stranger.execute(statement)


def test_copy_cannot_date_an_event_either(stranger: psycopg.Connection) -> None:
    with (
        pytest.raises(errors.InsufficientPrivilege),
        stranger.cursor().copy("COPY journal_event (happened_at, kind) FROM STDIN") as copy,
    ):
        copy.write_row(("2001-01-01", "x"))


def _events(connection: psycopg.Connection) -> int:
    row = connection.execute("SELECT count(*) FROM journal_event").fetchone()
    assert row is not None
    return int(row[0])
