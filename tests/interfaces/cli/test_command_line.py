"""What a person at a terminal meets: help, messages, exit codes, a server that goes away."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg
import pytest

from amparo.interfaces.cli import postgres
from tests.architecture.source import PROJECT
from tests.interfaces.cli.conftest import Amparo


def test_help_names_the_commands_and_the_exit_codes(amparo: Amparo) -> None:
    answer = amparo("--help")

    assert answer.returncode == 0
    for word in ("serve", "evaluate", "pack", "db", "Exit codes"):
        assert word in answer.stdout


def test_the_command_line_answers_without_loading_the_framework() -> None:
    program = "import sys, amparo.interfaces.cli.main; print('django' in sys.modules)"

    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "False"


def test_a_wrong_command_line_is_a_usage_error(amparo: Amparo) -> None:
    assert amparo("db", "begin").returncode == 2
    assert amparo("serve", "--port", "0").returncode == 2


def test_the_database_is_started_seen_asked_and_stopped(amparo: Amparo) -> None:
    before = amparo("db", "status", "--json")
    started = amparo("db", "start")
    during = amparo("db", "status", "--json")
    asked = amparo("db", "psql", "--role", "owner", "-Atc", "SELECT current_user")
    stopped = amparo("db", "stop")
    after = amparo("db", "status")

    assert (before.returncode, json.loads(before.stdout)["running"]) == (1, False)
    assert started.returncode == 0
    assert (during.returncode, json.loads(during.stdout)["running"]) == (0, True)
    assert asked.stdout.strip() == "amparo_owner"
    assert stopped.returncode == 0
    assert after.returncode == 1


def test_an_embedded_server_started_for_a_command_is_stopped_after_it(
    amparo: Amparo, home: Path
) -> None:
    migrated = amparo("db", "migrate")

    assert migrated.returncode == 0, migrated.stderr
    assert not postgres.status(home=home).running


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("postgresql://amparo_app@127.0.0.1:1/amparo", "does not answer"),
        ("mysql://somewhere", "is not a PostgreSQL address"),
    ],
)
def test_a_database_that_cannot_be_used_ends_with_a_message(
    amparo: Amparo, address: str, says: str
) -> None:
    answer = amparo("db", "migrate", DATABASE_URL=address)

    assert answer.returncode == 3
    assert says in answer.stderr
    assert "Traceback" not in answer.stderr


def test_somebody_elses_server_is_neither_started_nor_stopped(amparo: Amparo) -> None:
    for command in ("start", "stop", "status"):
        answer = amparo("db", command, DATABASE_URL="postgresql://db.example/amparo")

        assert answer.returncode == 3
        assert "runs elsewhere" in answer.stderr


def test_pages_are_not_served_to_other_machines_in_the_clear(amparo: Amparo) -> None:
    answer = amparo("serve", "--host", "192.0.2.1")

    assert answer.returncode == 3
    assert "AMPARO_TLS=1" in answer.stderr


def test_a_port_in_use_is_named_before_any_work(amparo: Amparo, home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        answer = amparo("serve", "--port", port)

    assert answer.returncode == 3
    assert f"127.0.0.1:{port}" in answer.stderr
    assert not (home / "postgres").exists()


@pytest.mark.parametrize("to", ["the command", "its whole group"])
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_pages_jobs_and_database(
    home: Path, environment: dict[str, str], end: signal.Signals, to: str
) -> None:
    port = _free_port()
    site = subprocess.Popen(
        [sys.executable, "-m", "amparo.interfaces.cli.main", "serve", "--port", str(port)],
        cwd=PROJECT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        restore_signals=True,
        start_new_session=True,
    )
    try:
        status = _wait_for_an_answer(f"http://127.0.0.1:{port}/", site)
        children = _descendants(site.pid)

        if to == "the command":
            site.send_signal(end)
        else:  # as a terminal or a service manager does it
            os.killpg(site.pid, end)
        _, said = site.communicate(timeout=60)
    finally:
        site.kill()

    assert status < 500
    assert site.returncode == 0, said
    assert "Stopped." in said
    assert "Traceback" not in said
    assert children
    assert [pid for pid in children if _is_alive(pid)] == []
    assert not postgres.status(home=home).running


def test_a_page_that_cannot_be_loaded_is_named_and_nothing_is_served(
    amparo: Amparo, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'amparo.interfaces.web.views.ledger':\n"
        "            raise ImportError('the ledger page lost what it imports')\n"
        "sys.meta_path.insert(0, Missing())\n"
    )

    answer = amparo("serve", "--port", str(_free_port()), PYTHONPATH=str(tmp_path))

    assert answer.returncode == 3
    assert "ImportError: the ledger page lost what it imports" in answer.stderr
    assert "amparo/interfaces/web/urls.py" in answer.stderr
    assert "Amparo answers at" not in answer.stderr


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for_an_answer(address: str, site: subprocess.Popen[str]) -> int:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        assert site.poll() is None, site.communicate()[1]
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 — our own site
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code
        except OSError:
            time.sleep(0.2)
    pytest.fail("the site did not answer within 90 seconds")


def _descendants(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [pid for child in children for pid in (int(child), *_descendants(int(child)))]


def _is_alive(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


# --- what nobody expected -------------------------------------------------------------------------


def _break(home: Path, amparo: Amparo) -> str:
    """Prepare an installation, then take a table away that commands need; return its address."""
    assert amparo("db", "start").returncode == 0
    assert amparo("db", "migrate").returncode == 0
    server = postgres.status(home=home)
    assert server.running
    with psycopg.connect(_admin_url(home), autocommit=True) as session:
        session.execute("ALTER TABLE accounts_user RENAME TO accounts_gone")
    return _admin_url(home)


def _admin_url(home: Path) -> str:
    with postgres.using(home=home, say=print) as server:
        return server.owner_url


def test_an_incident_has_a_number_that_the_journal_knows(home: Path, amparo: Amparo) -> None:
    address = _break(home, amparo)

    answer = amparo("payrun", "list", "--as", "farid", AMPARO_PASSWORD="none")

    (number,) = re.findall(r"Incident ([0-9A-F]{4}-[0-9A-F]{4}): something", answer.stderr)
    with psycopg.connect(address) as session:
        found = session.execute(
            "SELECT details->>'failure' FROM journal_event WHERE kind = 'incident' "
            "AND details->>'number' = %s",
            [number],
        ).fetchall()
    assert answer.returncode == 4
    assert found == [("ProgrammingError",)]
    assert "Traceback" not in answer.stderr


def test_the_cause_of_an_incident_is_shown_on_demand(home: Path, amparo: Amparo) -> None:
    _break(home, amparo)

    answer = amparo(
        "payrun", "list", "--as", "farid", AMPARO_PASSWORD="none", AMPARO_LOG_LEVEL="DEBUG"
    )

    assert answer.returncode == 4
    assert "Traceback" in answer.stderr
    assert "accounts_user" in answer.stderr
