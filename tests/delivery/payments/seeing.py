"""Looking at personal rows in a test, as the application must: with a right, for a purpose."""

from collections.abc import Iterable
from typing import TypeVar

from amparo.journal.reading import reading
from amparo.values import Right
from tests.delivery.payments.awards import acting

Row = TypeVar("Row")


def seen(rows: Iterable[Row]) -> list[Row]:
    """Return what a finance officer sees of the rows; without a purpose nobody sees them."""
    with reading(access=acting("Bruno", "finance-officer"), right=Right.PAYRUN_READ):
        return list(rows)
