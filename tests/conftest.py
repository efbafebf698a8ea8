"""What every test shares: a throw-away PostgreSQL, its databases, the published worked cases.

One server serves a test run. Its database is migrated once, as the role that owns the tables, and
is then a template. Each process of the run works in its own copy, as the application's role: so
every test meets row-level security, the append-only triggers and the gates. Ordinary tests
(`django_db`) run in a transaction that is rolled back. A test that needs several connections, a
crash or a browser asks for `cloned_database`: TRUNCATE, Django's way to clean up after such tests,
is refused to the application.
"""

import fcntl
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.utils import translation
from pytest_django.live_server_helper import LiveServer
from pytest_django.plugin import DjangoDbBlocker

from amparo.interfaces.cli import postgres
from amparo.interfaces.cli.postgres import Binaries, Server
from amparo.interfaces.cli.postgres.account import account_for
from amparo.interfaces.cli.postgres.databases import ADMIN, APPLICATION, DATABASE, OWNER
from amparo.interfaces.cli.postgres.place import Place
from amparo.settings import _database

_SHARED = pytest.StashKey[Server]()
_PROJECT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _the_language_of_nobody() -> Iterator[None]:
    """Forget the language of a page asked for in the test's own thread; the next speaks its own."""
    yield
    translation.deactivate()


@dataclass(frozen=True)
class Clone:
    """A database of a test's own, as it looks after the migrations."""

    server: Server
    name: str

    @property
    def app_url(self) -> str:
        return self.server.url(role=APPLICATION, database=self.name)

    @property
    def owner_url(self) -> str:
        return self.server.url(role=OWNER, database=self.name)

    @property
    def admin_url(self) -> str:
        return self.server.url(role=ADMIN, database=self.name)

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which another process works on this database."""
        return {
            **os.environ,
            "DATABASE_URL": self.app_url,
            "AMPARO_OWNER_DATABASE_URL": self.owner_url,
        }


# --- the server -------------------------------------------------------------------------------


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """Start the one server that all parallel processes share; its owner outlives them."""
    postgres.sweep_abandoned()
    config.stash[_SHARED] = postgres.start_throwaway()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    server = node.config.stash[_SHARED]
    binaries = server.binaries
    node.workerinput["amparo_server"] = (
        str(server.place.folder),
        str(binaries.folder),
        binaries.major,
        binaries.version,
        binaries.origin,
    )


def pytest_unconfigure(config: pytest.Config) -> None:
    if server := config.stash.get(_SHARED, None):
        server.stop()


@pytest.fixture(scope="session")
def database_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The throw-away server, its database migrated: the template of all others."""
    worker_input = getattr(request.config, "workerinput", None)
    if worker_input is not None:
        folder, programs, major, version, origin = worker_input["amparo_server"]
        place = Place(Path(folder), account_for(data_folder=Path(folder)), throwaway=True)
        server = Server(place, Binaries(Path(programs), major, version, origin), started_here=False)
        _migrate_once(server)
        yield server
        return
    postgres.sweep_abandoned()
    server = postgres.start_throwaway()
    try:
        _migrate_once(server)
        yield server
    finally:
        server.stop()


def _migrate_once(server: Server) -> None:
    """Let the first process migrate; the others wait for it and find it done."""
    from amparo.accounts.operations import install_roles  # noqa: PLC0415 - needs Django set up

    with (server.place.folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = server.place.folder / "template.done"
        if done.exists():
            return
        _use("owner", server.owner_url)
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        install_roles(using="owner")
        connections["owner"].close()
        done.touch()


def _use(alias: str, url: str) -> None:
    """Point one of Django's connections at a database, for every thread."""
    connections[alias].close()
    target: dict[str, Any] = settings.DATABASES[alias]
    # A pool would keep connections open to a database that is about to be dropped.
    target.update(_database(url, pooled=False))


# --- databases --------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Replace pytest-django's own set-up: copy the template, log in as the application."""
    with django_db_blocker.unblock():
        server: Server = request.getfixturevalue("database_server")
        clone = _make_clone(server)
        _use_clone(clone)
    yield
    with django_db_blocker.unblock():
        _close_all()
        server.drop_database(name=clone.name)


@pytest.fixture
def cloned_database(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Clone]:
    """Give a test its own migrated database, really committed to and dropped afterwards.

    For tests with several connections, processes, crashes or a browser. Do not combine it with
    the `django_db` mark, whose transaction belongs to another database.
    """
    server: Server = request.getfixturevalue("database_server")
    before = {alias: dict(settings.DATABASES[alias]) for alias in ("default", "owner")}
    clone = _make_clone(server)
    with django_db_blocker.unblock():
        _use_clone(clone)
        try:
            yield clone
        finally:
            _close_all()
            for alias, values in before.items():
                settings.DATABASES[alias].update(values)
            server.drop_database(name=clone.name)


@pytest.fixture
def live_site(cloned_database: Clone) -> Iterator[str]:
    """The address of the running site over its own database, for browser tests.

    The host is "localhost": passkeys are refused on an IP address.
    """
    server = LiveServer("localhost")
    try:
        yield server.url
    finally:
        server.stop()


def _make_clone(server: Server) -> Clone:
    clone = Clone(server, f"test_{uuid.uuid4().hex[:12]}")
    server.create_database(name=clone.name, template=DATABASE)
    return clone


def _use_clone(clone: Clone) -> None:
    _use("default", clone.app_url)
    _use("owner", clone.owner_url)


def _close_all() -> None:
    for connection in connections.all(initialized_only=True):
        connection.close()


# --- published cases --------------------------------------------------------------------------


@pytest.fixture(scope="session")
def oracles() -> Path:
    """The folder of published worked cases, which is not part of this repository."""
    folder = Path(os.environ.get("AMPARO_ORACLES", _PROJECT.parent / "shared" / "oracles"))
    if not folder.is_dir():
        pytest.skip(
            f"The published worked cases are not at {folder}; "
            "set AMPARO_ORACLES to the folder that holds them."
        )
    return folder
