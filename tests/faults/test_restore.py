"""A dump restored into a fresh cluster: what was closed stays closed, and everything still holds.

A fresh cluster counts its transactions from the beginning, so the number under which something was
written comes again. Here a transaction of exactly that number tries to add to it.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction
from psycopg import errors

from amparo.interfaces.cli import postgres
from amparo.interfaces.cli.postgres import Server
from amparo.interfaces.cli.verify import check_all
from tests.conftest import Clone
from tests.delivery.ledger.test_closed_entries import post
from tests.delivery.world import AMINA_NUMBER, build

# More than a restore and what a fresh cluster does by itself.
_TRANSACTIONS_BEFORE = 5_000
_SPEND_UNTIL = """
DO $$ BEGIN
    WHILE pg_current_xact_id()::text::bigint < {} LOOP COMMIT; END LOOP;
END $$
"""


@contextmanager
def restored(clone: Clone, folder: Path) -> Iterator[Server]:
    """Dump the database and restore it into a cluster made for it, as docs/operate/backup.md."""
    programs = clone.server.binaries
    dump = folder / "amparo.dump"

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [programs.program(program), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr

    run("pg_dump", "--format=custom", f"--file={dump}", clone.admin_url)
    server = postgres.start_throwaway(binaries=programs)
    try:
        with psycopg.connect(server.admin_url, autocommit=True) as admin:
            # It would take numbers of its own between ours.
            admin.execute("ALTER SYSTEM SET autovacuum = off")
            admin.execute("SELECT pg_reload_conf()")
        url = server.url(role="amparo_admin")
        run("pg_restore", "--clean", "--if-exists", "--exit-on-error", f"--dbname={url}", str(dump))
        yield server
    finally:
        server.stop()


def spend_transactions(url: str, *, until: int) -> None:
    with psycopg.connect(url, autocommit=True) as link:
        link.execute(_SPEND_UNTIL.format(until).encode())


def number_of_this_transaction() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return int(cursor.fetchone()[0])


ADDITIONS = {
    "a posting to a closed entry": (
        (
            "INSERT INTO ledger_posting"
            " (entry_id, debit_id, credit_id, amount, currency, party_kind)"
            " SELECT id, '2100', '1000', 1, 'XTS', '' FROM ledger_journalentry LIMIT 1"
        ),
        "its entry was closed",
    ),
    "a line of a closed declaration": (
        (
            "INSERT INTO contributions_wageline SELECT (jsonb_populate_record(w,"
            " jsonb_build_object('id', gen_random_uuid(), 'line_number', 2))).*"
            " FROM contributions_wageline w"
        ),
        "its declaration was closed",
    ),
    "a liability of a closed declaration": (
        (
            "INSERT INTO contributions_liability SELECT (jsonb_populate_record(l,"
            " jsonb_build_object('id', gen_random_uuid(), 'scheme', 'test/other'))).*"
            " FROM contributions_liability l"
        ),
        "its declaration was closed",
    ),
    "an effect of a pass that was issued before": (
        (
            "INSERT INTO rulebook_packversion SELECT (jsonb_populate_record(v,"
            " jsonb_build_object('id', gen_random_uuid()))).*"
            " FROM rulebook_packversion v"
        ),
        "pass-of-another-transaction",
    ),
}


@pytest.mark.slow
def test_a_number_that_comes_again_opens_nothing(cloned_database: Clone, tmp_path: Path) -> None:
    spend_transactions(
        cloned_database.owner_url, until=number_of_this_transaction() + _TRANSACTIONS_BEFORE
    )
    with transaction.atomic():
        number = number_of_this_transaction()
        world = build(tmp_path)
        post()
        world.declare("2026-08", (AMINA_NUMBER, "1000.00"))

    with restored(cloned_database, tmp_path) as server:
        violated = [one for one in check_all(owner_url=server.owner_url) if one.finding.violations]
        spend_transactions(server.owner_url, until=number - 1)
        with psycopg.connect(server.owner_url) as link:
            again = link.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
            refusals = {}
            for addition, (statement, _) in ADDITIONS.items():
                with pytest.raises(errors.IntegrityError) as refusal, link.transaction():
                    link.execute(statement.encode())
                refusals[addition] = str(refusal.value)

    assert violated == []
    assert again == (number,)
    assert {
        addition for addition, (_, why) in ADDITIONS.items() if why not in refusals[addition]
    } == set()
