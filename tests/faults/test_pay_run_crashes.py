"""A pay run that is killed at any point and run again pays everybody once.

The process is a real one and dies by SIGKILL, just before its n-th SQL statement or its n-th
operation on a file; PostgreSQL rolls back what was not committed. Then another process takes all
steps again from the first.
"""

import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest

from amparo.interfaces.cli.verify import check_all
from tests.conftest import Clone
from tests.delivery.payments import awards

_RUNNER = """
import os, signal, sys
from pathlib import Path

folder, deadly = Path(sys.argv[1]), int(sys.argv[2])
import django
django.setup()
from datetime import UTC, datetime
from django.db import connection
from amparo.delivery.payments import operations
from amparo.delivery.payments.models import PayRun
from amparo.values import Month
from tests.delivery.payments.awards import acting

done = 0
def count():
    global done
    done += 1
    if done == deadly:
        os.kill(os.getpid(), signal.SIGKILL)

def before_a_statement(execute, sql, params, many, context):
    count()
    return execute(sql, params, many, context)

def before_a_file(event, arguments):
    if event in {"open", "os.rename", "os.remove"} and str(folder) in str(arguments[0]):
        count()

sys.addaudithook(before_a_file)
at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
bruno, celia = acting("Bruno", "finance-officer"), acting("Celia", "finance-approver")
with connection.execute_wrapper(before_a_statement):
    run = PayRun.objects.first()
    run_id = run.id if run else operations.plan_run(month=Month(2026, 11), access=bruno, at=at)
    if PayRun.objects.get(id=run_id).state in {"planned", "snapshot", "calculated", "compared"}:
        operations.prepare_run(run_id=run_id, access=bruno, at=at)
    content = PayRun.objects.get(id=run_id).content_hash
    operations.approve_run(run_id=run_id, content_hash=content, access=celia, at=at)
    operations.transmit_run(run_id=run_id, folder=folder, access=bruno, at=at)
print(done)
"""


@dataclass(frozen=True)
class Paid:
    """What is left of a run when it is over, whatever happened on the way."""

    payments: int
    total: Decimal
    entitlements: int
    live_lines: int
    postings: int
    files: int
    steps: tuple[str, ...]


@pytest.fixture
def due(cloned_database: Clone) -> Clone:
    """Three awards to pay, one of them with back-pay, one held."""
    awards.award(amount="100.00", starts_on=date(2026, 11, 1))
    awards.award(amount="40.00", starts_on=date(2026, 9, 1), given="Tomasi")
    awards.award(amount="7.00", starts_on=date(2026, 11, 1), account=None, given="Josefa")
    return cloned_database


def run(clone: Clone, folder: Path, *, killed_at: int = 0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _RUNNER, str(folder), str(killed_at)],
        env={**clone.environment, "DJANGO_SETTINGS_MODULE": "tests.faults.runner_settings"},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )


def what_was_paid(clone: Clone, folder: Path) -> Paid:
    with psycopg.connect(clone.owner_url) as connection:
        row = connection.execute(
            """
            SELECT (SELECT count(*) FROM payments_instruction),
                   (SELECT sum(amount) FROM payments_instruction),
                   (SELECT count(*) FROM payments_entitlement),
                   (SELECT count(*) FROM payments_instructionline WHERE is_live),
                   (SELECT count(*) FROM ledger_posting),
                   (SELECT count(*) FROM payments_paymentfile),
                   (SELECT array_agg(kind ORDER BY id) FROM journal_event
                    WHERE kind LIKE 'payments.%')
            """
        ).fetchone()
        assert row is not None
        (content,) = connection.execute("SELECT sha256 FROM payments_paymentfile").fetchall()
    names = [path for path in folder.iterdir() if not path.name.startswith(".")]
    assert [sha256_of(path) for path in names] == [content[0]]
    assert [each.check.name for each in check_all(owner_url=clone.owner_url)
            if each.finding.violations] == []  # fmt: skip
    payments, total, entitlements, live_lines, postings, files, steps = row
    return Paid(
        payments=payments,
        total=total,
        entitlements=entitlements,
        live_lines=live_lines,
        postings=postings,
        files=files,
        steps=tuple(steps),
    )


def sha256_of(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


UNDISTURBED = Paid(
    payments=2,
    total=Decimal("220.00"),
    entitlements=4,
    live_lines=4,
    postings=4,
    files=1,
    steps=(
        "payments.run_planned",
        "payments.snapshot_taken",
        "payments.run_calculated",
        "payments.run_compared",
        "payments.run_approved",
        "payments.run_locked",
        "payments.run_transmitted",
    ),
)


def test_an_undisturbed_run_pays_everybody_once(due: Clone, tmp_path: Path) -> None:
    finished = run(due, tmp_path)

    assert finished.returncode == 0, finished.stderr
    assert what_was_paid(due, tmp_path) == UNDISTURBED


@pytest.mark.slow
def test_a_run_killed_at_every_point_in_turn_pays_everybody_once(
    due: Clone, tmp_path: Path
) -> None:
    """Each attempt gets a little further than the one before, until one is not killed any more."""
    for killed_at in range(1, 400, 3):
        attempt = run(due, tmp_path, killed_at=killed_at)
        if attempt.returncode == 0:
            break
        assert attempt.returncode == -signal.SIGKILL, attempt.stderr
    else:
        pytest.fail("No attempt came to its end.")

    assert killed_at > 30  # so many deaths on the way
    assert what_was_paid(due, tmp_path) == UNDISTURBED


@pytest.mark.slow
@pytest.mark.parametrize("killed_at", [3, 12, 25, 40, 55, 70, 85, 95, 105, 115, 125])
def test_a_run_killed_once_and_run_again_pays_everybody_once(
    due: Clone, tmp_path: Path, killed_at: int
) -> None:
    run(due, tmp_path, killed_at=killed_at)

    again = run(due, tmp_path)

    assert again.returncode == 0, again.stderr
    assert what_was_paid(due, tmp_path) == UNDISTURBED


@pytest.mark.slow
def test_two_who_run_it_at_once_pay_everybody_once(due: Clone, tmp_path: Path) -> None:
    both = [
        subprocess.Popen(
            [sys.executable, "-c", _RUNNER, str(tmp_path), "0"],
            env={**due.environment, "DJANGO_SETTINGS_MODULE": "tests.faults.runner_settings"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for _each in range(2)
    ]
    endings = [(process.communicate(timeout=120), process.returncode) for process in both]

    # One may find that the other has planned the month already: refused, and nothing done twice.
    assert 0 in [code for _output, code in endings], endings
    assert what_was_paid(due, tmp_path) == UNDISTURBED


def test_files_are_made_again_byte_for_byte(due: Clone, tmp_path: Path) -> None:
    run(due, tmp_path)
    (first,) = tmp_path.iterdir()
    content = first.read_bytes()
    assert first.stat().st_mode & 0o077 == 0

    run(due, tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == [first.name]
    assert first.read_bytes() == content
