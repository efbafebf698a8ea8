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
def stranger(cloned_database: Clone, committed_cast: Cast) -> Iterator[psycopg.Connection]:
    """A session of the application's role that does not run our code."""
    with psycopg.connect(cloned_database.app_url, autocommit=True) as connection:
        yield connection
