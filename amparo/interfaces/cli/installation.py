"""From a fresh process to a working installation: home folder, database server, Django.

Django is imported only here and only by commands that need the database, so that
`amparo --help` and `amparo pack check` answer at once and work without one.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import typer

from amparo.interfaces.cli import postgres
from amparo.interfaces.cli.output import progress, say
from amparo.interfaces.cli.postgres.account import NoServerAccount
from amparo.interfaces.cli.postgres.place import UnableToUseFolder

_PROJECT = Path(__file__).resolve().parents[3]


class NoDatabase(Exception):
    """The database named by DATABASE_URL cannot be used."""


class TimeZonesDiffer(Exception):
    """The settings and the database reckon days in different time zones."""


class Incident(Exception):
    """Something nobody expected, journaled under its number. Its cause says what it was."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


SET_UP_PROBLEMS = (
    NoDatabase,
    TimeZonesDiffer,
    NoServerAccount,
    UnableToUseFolder,
    postgres.NoPostgresFound,
    postgres.UnableToStart,
    postgres.UnableToStop,
)


def home() -> Path:
    """Return the folder of this installation's files.

    AMPARO_HOME; else `var/` of the project folder when run from a checkout; else the place the
    XDG convention gives to an application's data.
    """
    if chosen := os.environ.get("AMPARO_HOME"):
        return Path(chosen).absolute()
    if (_PROJECT / "pyproject.toml").exists():
        return _PROJECT / "var"
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "amparo"


def schemes_folder() -> Path:
    """Return the folder of the rule packs that come with this installation."""
    return _PROJECT / "schemes"


def uses_own_server() -> bool:
    """Say whether the embedded server is used: it is unless DATABASE_URL names another."""
    return not os.environ.get("DATABASE_URL")


@contextmanager
def database() -> Iterator[None]:
    """Have a database for the time of a command, with Django set up.

    An embedded server is stopped by the last command that uses it, unless `amparo db start` asked
    to keep it.
    """
    if not uses_own_server():
        _set_up_django()
        with _incidents_journaled():
            yield
        return
    with postgres.using(home=home(), say=say) as server:
        os.environ["DATABASE_URL"] = server.app_url
        os.environ["AMPARO_OWNER_DATABASE_URL"] = server.owner_url
        _set_up_django()
        with _incidents_journaled():
            yield


@contextmanager
def _incidents_journaled() -> Iterator[None]:
    """Journal what nobody expected while the database is still there. Raises Incident."""
    try:
        yield
    except (typer.Exit, typer.Abort, typer.BadParameter, *SET_UP_PROBLEMS):
        raise
    except Exception as failure:
        from amparo.journal.incidents import journal_incident

        raise Incident(journal_incident(failure=failure, where="command line")) from failure


def migrate() -> None:
    """Bring tables and roles to what this release needs, and see that settings and tables agree.

    Raises NoDatabase when the server does not answer or refuses us, TimeZonesDiffer.
    """
    prepare_tables()
    _agree_on_the_time_zone()


def prepare_tables() -> None:
    """Bring tables and roles to what this release needs, as the role that owns them."""
    from django.core.management import call_command
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    from amparo.accounts.operations import install_roles

    owner = connections["owner"]
    try:
        executor = MigrationExecutor(owner)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            with progress.status("Preparing the tables"):
                call_command("migrate", database="owner", verbosity=0, interactive=False)
        install_roles(using="owner")
    finally:
        owner.close()


def _agree_on_the_time_zone() -> None:
    from django.conf import settings
    from django.db import connections

    from amparo.office.queries import legal_time_zone

    kept = legal_time_zone(using="owner")
    connections["owner"].close()
    if kept != settings.TIME_ZONE:
        raise TimeZonesDiffer(
            f"The settings name the time zone {settings.TIME_ZONE}, and the database reckons days "
            f"in {kept}. Set AMPARO_TIME_ZONE={kept}; or, if the law has changed it, run: "
            f"amparo db time-zone {settings.TIME_ZONE}"
        )


def _set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amparo.settings")
    os.environ.setdefault("AMPARO_HOME", str(home()))
    _check_that_it_answers()

    import django

    django.setup()


def _check_that_it_answers() -> None:
    """Refuse early, in plain words, a database that cannot be reached."""
    try:
        psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=10).close()
    except psycopg.OperationalError as error:
        raise NoDatabase(
            f"The database named by DATABASE_URL does not answer: {str(error).strip()} "
            "Check the address and that the server runs, or remove DATABASE_URL to use the "
            "embedded server."
        ) from error
    except psycopg.ProgrammingError as error:
        raise NoDatabase(
            f"DATABASE_URL is not a PostgreSQL address ({str(error).strip()}). It looks like "
            "postgresql://amparo_app:password@host:5432/amparo."
        ) from error
