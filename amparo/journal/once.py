"""One after the other: what bears the same key is done by one request at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def one_after_the_other(key: str) -> Iterator[None]:
    """Let whoever comes with the same key wait until this block has ended.

    The lock is the database session's, not a transaction's: the block opens its own transactions,
    and whoever waits sees what they committed. It goes with the connection, should that be lost.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])
