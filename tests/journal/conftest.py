"""The cast, and SQL as somebody who has left the product's own paths."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.cast import Cast, appoint
from tests.conftest import Clone


@pytest.fixture
def cast(db: None) -> Cast:
    return appoint()


@pytest.fixture
def committed_cast(cloned_database: Clone) -> Cast:
    """The cast in a database of the test's own, really committed."""
    return appoint()


@pytest.fixture
def owner(cloned_database: Clone) -> Iterator[psycopg.Connection]:
    """The role that owns the tables: what the triggers and the chain are there for."""
    with psycopg.connect(cloned_database.owner_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def stranger(cloned_database: Clone) -> Iterator[psycopg.Connection]:
    """A session of the application's role that does not run our code."""
    with psycopg.connect(cloned_database.app_url, autocommit=True) as connection:
        yield connection
