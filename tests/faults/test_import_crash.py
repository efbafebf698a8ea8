"""A killed import leaves all or nothing, and sending the file again finishes it."""

import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from amparo.interfaces.files.imports import PERSONS
from amparo.register.identifiers import luhn_digit
from tests.conftest import Clone

pytestmark = pytest.mark.slow

COUNT = 3_000

# What a person at a terminal starts, without the sign-in: the same operation, the same database.
PROGRAM = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
import django
django.setup()
from amparo.interfaces.files.imports import import_persons
from amparo.values import Access, Right
bruno = Access(
    actor_id=UUID(int=1), actor_name="Bruno", role="registration-officer",
    purpose="SocialSecurityManagement", mandate_id=UUID(int=2),
    rights=frozenset({Right.REGISTER_IMPORT}),
)
print("ready", flush=True)
outcome = import_persons(
    path=Path(sys.argv[1]), access=bruno, at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
)
print(outcome.status, outcome.rows, flush=True)
"""

COUNTS = """
SELECT (SELECT count(*) FROM register_person), (SELECT count(*) FROM register_personname),
       (SELECT count(*) FROM register_vitals), (SELECT count(*) FROM register_residence),
       (SELECT count(*) FROM register_lifeevent),
       (SELECT count(*) FROM office_receivedfile WHERE outcome = 'accepted'),
       (SELECT count(*) FROM journal_event WHERE kind = 'register.persons_loaded')
"""
NOTHING = (0, 0, 0, 0, 0, 0, 0)
EVERYTHING = (COUNT, COUNT, COUNT, COUNT, COUNT, 1, 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "persons.csv"
    rows = (
        f"r{n},Name {n},Family,female,1990-01-01,,{n:09d}{luhn_digit(f'{n:09d}')},Kora,,,,,,,\n"
        for n in range(COUNT)
    )
    path.write_text(",".join(PERSONS) + "\n" + "".join(rows))
    return path


def start(clone: Clone, path: Path, home: Path) -> subprocess.Popen[str]:
    environment = {
        **clone.environment,
        "AMPARO_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "amparo.settings",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def counts(clone: Clone) -> tuple[int, ...]:
    with psycopg.connect(clone.owner_url) as owner:
        found = owner.execute(COUNTS).fetchone()
    assert found is not None
    return tuple(found)


def wait_until_waiting(clone: Clone) -> None:
    """Wait until the import stands before the lock that the test holds."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
    deadline = time.monotonic() + 60
    with psycopg.connect(clone.admin_url, autocommit=True) as admin:
        while admin.execute(query, [clone.name]).fetchone() != (1,):
            assert time.monotonic() < deadline, "The import never reached the lock."
            time.sleep(0.05)


# Each table stops the import at another step: numbering, the first facts, the last, the record.
@pytest.mark.parametrize(
    "table",
    ["office_numberseries", "register_person", "register_lifeevent", "office_receivedfile"],
)
def test_a_killed_import_leaves_nothing_and_running_it_again_finishes(
    table: str, cloned_database: Clone, path: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with psycopg.connect(cloned_database.owner_url) as owner:
        owner.execute(f"LOCK TABLE {table} IN SHARE MODE")
        process = start(cloned_database, path, home)
        wait_until_waiting(cloned_database)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)
        owner.rollback()
        wait_for_the_server(cloned_database)
        assert counts(cloned_database) == NOTHING
    original = home / "originals" / sha256(path.read_bytes()).hexdigest()
    assert original.read_bytes() == path.read_bytes()

    again = start(cloned_database, path, home)
    answer, _ = again.communicate(timeout=120)

    assert answer == f"accepted {COUNT}\n"
    assert counts(cloned_database) == EVERYTHING


def test_an_import_killed_after_its_commit_is_not_taken_in_twice(
    cloned_database: Clone, path: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    first, _ = start(cloned_database, path, home).communicate(timeout=120)

    second, _ = start(cloned_database, path, home).communicate(timeout=120)

    assert (first, second) == (f"accepted {COUNT}\n", f"already {COUNT}\n")
    assert counts(cloned_database) == EVERYTHING


def test_two_people_who_send_the_same_file_at_once_register_everybody_once(
    cloned_database: Clone, path: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    both = [start(cloned_database, path, home) for _nth in range(2)]

    answers = sorted(process.communicate(timeout=120)[0] for process in both)

    assert answers == [f"accepted {COUNT}\n", f"already {COUNT}\n"]
    assert counts(cloned_database) == EVERYTHING


def wait_for_the_server(clone: Clone) -> None:
    """Wait until the server has noticed that the killed process is gone."""
    query = """SELECT count(*) FROM pg_stat_activity
               WHERE datname = %s AND usename = 'amparo_app'"""
    deadline = time.monotonic() + 60
    with psycopg.connect(clone.admin_url, autocommit=True) as admin:
        while admin.execute(query, [clone.name]).fetchone() != (0,):
            assert time.monotonic() < deadline, "The server never noticed the crash."
            time.sleep(0.05)
