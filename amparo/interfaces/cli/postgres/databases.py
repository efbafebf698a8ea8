"""Roles, databases and rights on a server: who owns the tables and who only works with them.

`amparo_owner` owns the database and runs migrations; it is no superuser. `amparo_app` is the
application: it reads and writes rows, owns nothing, creates nothing and may not TRUNCATE, so that
row-level security and the append-only triggers hold for it. The same statements prepare a server
that somebody else runs: docs/operate/database.md.
"""

from typing import Final, LiteralString

import psycopg
from psycopg import sql

ADMIN: Final = "amparo_admin"
OWNER: Final = "amparo_owner"
APPLICATION: Final = "amparo_app"
DATABASE: Final = "amparo"

_ROLES: Final[LiteralString] = """
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'amparo_owner') THEN
    CREATE ROLE amparo_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'amparo_app') THEN
    CREATE ROLE amparo_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
END $$
"""

_INSIDE_THE_DATABASE: Final[LiteralString] = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO amparo_owner;
GRANT USAGE ON SCHEMA public TO amparo_app;
ALTER DEFAULT PRIVILEGES FOR ROLE amparo_owner
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO amparo_app;
ALTER DEFAULT PRIVILEGES FOR ROLE amparo_owner
  GRANT USAGE, SELECT ON SEQUENCES TO amparo_app;
ALTER DEFAULT PRIVILEGES FOR ROLE amparo_owner
  GRANT EXECUTE ON FUNCTIONS TO amparo_app;
"""


def prepare_roles_and_database(*, admin_url: str, database_url: str) -> None:
    """Create what is missing of the roles, the database, its extensions and rights.

    admin_url: a superuser's address of the maintenance database; database_url: the same
    superuser's address of the Amparo database. Runs at every start; changes nothing twice.
    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(_ROLES)
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if known.fetchone() is None:
            _create(connection, DATABASE, template="template0")
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(_INSIDE_THE_DATABASE)


def create_database(*, admin_url: str, name: str, template: str) -> None:
    """Create a database as a copy of `template`; nobody may be connected to the template."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        _create(connection, name, template=template)


def drop_database(*, admin_url: str, name: str) -> None:
    """Drop a database and disconnect whoever uses it."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _create(connection: psycopg.Connection, name: str, *, template: str) -> None:
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template)
        )
    )
