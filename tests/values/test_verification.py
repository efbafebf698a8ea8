# ruff: noqa: S608 — every query is a constant of this module
"""What a check finds is counted; of what violates it, some ids are named and nothing else."""

from collections.abc import Iterator

import psycopg
import pytest

from amparo.values.verification import Finding, in_sql, triggers_hold
from tests.conftest import Clone

AMOUNTS = "(SELECT n AS id FROM generate_series(1, 25) AS n) AS amounts"


@pytest.fixture
def cursor(cloned_database: Clone) -> Iterator[psycopg.Cursor]:
    with psycopg.connect(cloned_database.owner_url) as link:
        yield link.cursor()
        link.rollback()


def test_a_check_counts_what_it_covers_and_names_ten_of_what_violates_it(
    cursor: psycopg.Cursor,
) -> None:
    check = in_sql(
        invariant=4,
        name="no amount above twelve",
        rows=f"SELECT FROM {AMOUNTS}",
        violations=f"SELECT to_char(id, 'FM00') FROM {AMOUNTS} WHERE id > 12",
    )

    finding = check.run(cursor)

    assert (finding.rows, finding.violations) == (25, 13)
    assert finding.examples == tuple(str(number) for number in range(13, 23))


def test_a_check_that_finds_nothing_says_what_it_looked_at(cursor: psycopg.Cursor) -> None:
    check = in_sql(
        invariant=4,
        name="no amount above a hundred",
        rows=f"SELECT FROM {AMOUNTS}",
        violations=f"SELECT id::text FROM {AMOUNTS} WHERE id > 100",
    )

    assert check.run(cursor) == Finding(rows=25, violations=0)


def test_a_trigger_that_fires_sometimes_only_is_a_violation(cursor: psycopg.Cursor) -> None:
    check = triggers_hold(
        invariant=4,
        trigger="append_only_rows",
        tables=("ledger_posting", "ledger_journalentry"),
    )
    sound = check.run(cursor)

    cursor.execute("ALTER TABLE ledger_posting ENABLE TRIGGER append_only_rows")

    assert sound == Finding(rows=2, violations=0)
    assert check.run(cursor) == Finding(rows=2, violations=1, examples=("ledger_posting",))
