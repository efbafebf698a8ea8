"""Measures of a distribution, exact: sums, nearest-rank quantiles, the Gini coefficient."""

# ruff: noqa: S608 - the queries given are this package's own

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import duckdb

_PLACES: Final = Decimal("0.0001")


class Measures:
    """Measures of the column ``amount`` of a query, in DuckDB. Amounts have two decimals."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def total(self, query: str) -> tuple[int, Decimal]:
        """Give how many there are, and their sum."""
        ((count, total),) = self.connection.sql(
            f"SELECT count(*), coalesce(sum(amount), 0) FROM ({query})"
        ).fetchall()
        return int(count), Decimal(total)

    def quantiles(self, query: str, percents: Sequence[int]) -> dict[int, Decimal]:
        """Give for each percentage the smallest amount that so many percent do not exceed.

        That is the amount at rank ceil(percent * n / 100); empty where there are no amounts.
        """
        count, _ = self.total(query)
        if count == 0:
            return {}
        ranks = {percent: max(1, -(-percent * count // 100)) for percent in percents}
        wanted = ", ".join(str(rank) for rank in sorted(set(ranks.values())))
        found = dict(
            self.connection.sql(
                f"""
                SELECT place, amount
                  FROM (SELECT amount, row_number() OVER (ORDER BY amount) AS place FROM ({query}))
                 WHERE place IN ({wanted})
                """
            ).fetchall()
        )
        return {percent: found[rank] for percent, rank in ranks.items()}

    def gini(self, query: str) -> Decimal | None:
        """Give 2 * sum(rank * amount) / (n * sum(amount)) - (n + 1) / n, to four decimals.

        Summed in whole cents, so that nothing is rounded before the end. None where there is
        nothing to distribute.
        """
        ((count, cents, ranked),) = self.connection.sql(
            f"""
            SELECT count(*), coalesce(sum(cents), 0), coalesce(sum(place * cents), 0)
              FROM (SELECT CAST(amount * 100 AS HUGEINT) AS cents,
                           CAST(row_number() OVER (ORDER BY amount) AS HUGEINT) AS place
                      FROM ({query}))
            """
        ).fetchall()
        if cents <= 0:
            return None
        above = 2 * int(ranked) - (count + 1) * int(cents)
        return (Decimal(above) / Decimal(count * int(cents))).quantize(_PLACES)
