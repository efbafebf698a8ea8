"""A merge that is killed has not happened; approving it again merges."""

import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from amparo.register.operations.merging import approve_merge, propose_merge
from tests.conftest import Clone
from tests.register.merging import GROUNDS, STEWARD, SUPERVISOR, Pair, at, review_of, two_records

pytestmark = pytest.mark.slow

# What a supervisor's page starts, without the sign-in: the same operation, the same database.
PROGRAM = """
import sys
from datetime import UTC, datetime
from uuid import UUID
import django
django.setup()
from amparo.delivery.claims.operations.joining import approve_merge
from amparo.values import Access, Right
supervisor = Access(
    actor_id=UUID(int=12), actor_name="Somebody", role="register-supervisor",
    purpose="SocialSecurityManagement", mandate_id=UUID(int=1012),
    rights=frozenset({Right.MERGE_APPROVE}),
)
print("ready", flush=True)
approve_merge(
    proposal_id=UUID(sys.argv[1]), access=supervisor, at=datetime(2026, 11, 20, 15, tzinfo=UTC)
)
"""

FACTS = """
SELECT (SELECT count(*) FROM register_identitylink),
       (SELECT string_agg(state, ' ') FROM register_mergeproposal),
       (SELECT count(*) FROM register_personname), (SELECT count(*) FROM register_vitals),
       (SELECT count(*) FROM register_factgrounds), (SELECT count(*) FROM register_lifeevent),
       (SELECT count(*) FROM journal_event WHERE kind = 'register.merged')
"""


def looked_at(clone: Clone) -> tuple[object, ...]:
    with psycopg.connect(clone.owner_url) as owner:
        found = owner.execute(FACTS).fetchone()
    assert found is not None
    return tuple(found)


def start(clone: Clone, proposal_id: UUID, home: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(proposal_id)],
        env={
            **clone.environment,
            "AMPARO_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "amparo.settings",
        },
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def wait_until_waiting(clone: Clone) -> None:
    """Wait until the merge stands before the lock that the test holds."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
    deadline = time.monotonic() + 60
    with psycopg.connect(clone.admin_url, autocommit=True) as admin:
        while admin.execute(query, [clone.name]).fetchone() != (1,):
            assert time.monotonic() < deadline, "The merge never reached the lock."
            time.sleep(0.05)


# Each table stops the merge at another step: the link, the reason of a choice, what is published.
@pytest.mark.parametrize(
    "table", ["register_identitylink", "register_factgrounds", "register_lifeevent"]
)
def test_a_killed_merge_leaves_nothing_and_approving_it_again_merges(
    table: str, cloned_database: Clone, tmp_path: Path
) -> None:
    pair: Pair = two_records(second_born=date(1991, 6, 12))
    proposal_id = propose_merge(
        review_id=review_of(pair),
        survivor_id=pair.first,
        choices={"name": "merged", "vitals": "merged"},
        grounds=GROUNDS,
        access=STEWARD,
        at=at(2),
    )
    before = looked_at(cloned_database)
    home = tmp_path / "home"
    home.mkdir()

    with psycopg.connect(cloned_database.owner_url) as holder:
        holder.execute(f"LOCK TABLE {table} IN SHARE MODE")
        process = start(cloned_database, proposal_id, home)
        wait_until_waiting(cloned_database)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        holder.rollback()
    if process.stdout is not None:
        process.stdout.close()

    assert looked_at(cloned_database) == before
    approve_merge(proposal_id=proposal_id, access=SUPERVISOR, at=at(6))
    links, states, *_rest, journaled = looked_at(cloned_database)
    assert (links, states, journaled) == (1, "approved", 1)
