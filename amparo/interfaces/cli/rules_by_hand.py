"""The rules of `amparo bench rules` written by hand, and the rows they are measured on.

What somebody who knows SQL or Python would write for this one day, the parameters as constants:
exact decimals, no checks of the rows, no reasons, no outcome, no trace. The benchmark demands that
every row comes out as the compiled pack says.
"""

# ruff: noqa: S608 - every text here is this module's own, and paths are quoted

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Final

import duckdb

from amparo.rules.ir.schema import Schema
from amparo.rules.ir.types import (
    BooleanType,
    DateType,
    ListType,
    NumberType,
    StructType,
    TextType,
)
from amparo.rules.packs import Pack

# The day of the household benefit, and the month of the United States' pension.
ON: Final = date(2026, 2, 1)


def _number(low: str, high: str, scale: int) -> NumberType:
    return NumberType(Decimal(low), Decimal(high), scale, nullable=True)


_YES_OR_NO: Final = BooleanType(nullable=True)
_MEMBER: Final = StructType(
    (
        ("age", _number("0", "130", 0)),
        ("income", _number("0", "99999.99", 2)),
        ("disabled", _YES_OR_NO),
    )
)
HOUSEHOLDS: Final = Schema(
    {
        "resident": _YES_OR_NO,
        "months_resident": _number("0", "1200", 0),
        "applicant_age": _number("0", "130", 0),
        "imprisoned": _YES_OR_NO,
        "in_institution": _YES_OR_NO,
        "savings": _number("0", "999999.99", 2),
        "rent": _number("0", "99999.99", 2),
        "region": TextType(20, nullable=True),
        "members": ListType(_MEMBER, 20, nullable=True),
        "other_award": _YES_OR_NO,
        "consented": _YES_OR_NO,
        "days_entitled": _number("0", "31", 0),
        "days_in_month": _number("28", "31", 0),
    }
)
_EARNED: Final = StructType(
    (
        ("year", NumberType(Decimal(1951), Decimal(2026), 0, nullable=False)),
        ("amount", NumberType(Decimal(0), Decimal(999_999), 2, nullable=False)),
    )
)
WORKERS: Final = Schema(
    {
        "date_of_birth": DateType(date(1950, 1, 1), date(1963, 12, 31), nullable=True),
        "entitlement_month": TextType(7, nullable=True),
        "benefit_month": TextType(7, nullable=True),
        "annual_earnings": ListType(_EARNED, 45, nullable=True),
    }
)


# Rows -------------------------------------------------------------------------------------------


def _drawn(salt: int, below: int, row: str = "i") -> str:
    """Give the SQL of a whole number from 0, the same for a row on every machine."""
    return f"CAST(hash({row}, {salt}) % {below} AS INTEGER)"


def _money(salt: int, cents: int, row: str = "i") -> str:
    return f"CAST({_drawn(salt, cents, row)} * 0.01::DECIMAL(3, 2) AS DECIMAL(9, 2))"


def write_households(*, path: Path, count: int) -> None:
    """Write households of one to six members, all facts known."""
    member = (
        f"struct_pack(age := CAST({_drawn(21, 91, 'i * 8 + k')} AS DECIMAL(3, 0)), "
        f"income := {_money(22, 30_001, 'i * 8 + k')}, "
        f"disabled := {_drawn(23, 100, 'i * 8 + k')} < 10)"
    )
    _write(
        path,
        f"""
        SELECT i AS number, {_drawn(1, 100)} < 97 AS resident,
               CAST({_drawn(2, 401)} AS DECIMAL(4, 0)) AS months_resident,
               CAST({_drawn(3, 75)} + 16 AS DECIMAL(3, 0)) AS applicant_age,
               {_drawn(4, 100)} < 1 AS imprisoned, {_drawn(5, 100)} < 2 AS in_institution,
               {_money(6, 600_001)} AS savings, {_money(7, 60_001)} AS rent,
               ['capital', 'north', 'south'][{_drawn(8, 3)} + 1] AS region,
               list_transform(range({_drawn(9, 6)} + 1), lambda k: {member}) AS members,
               {_drawn(10, 100)} < 3 AS other_award, {_drawn(11, 100)} < 98 AS consented,
               CAST([28, 28, 28, 14, 7][{_drawn(12, 5)} + 1] AS DECIMAL(2, 0)) AS days_entitled,
               CAST(28 AS DECIMAL(2, 0)) AS days_in_month
          FROM range({count}) AS rows (i)
        """,
    )


def write_workers(*, path: Path, count: int, years: int) -> None:
    """Write workers born from 1950 to 1963 who earned in each of so many years, up to 2025."""
    _write(
        path,
        f"""
        SELECT i AS number, DATE '1950-01-01' + {_drawn(1, 5_000)} AS date_of_birth,
               '2026-01' AS entitlement_month, '2026-01' AS benefit_month,
               list_transform(range({years}), lambda k: struct_pack(
                 year := CAST({2026 - years} + k AS DECIMAL(4, 0)),
                 amount := CAST({_drawn(2, 9_000_000, "i * 64 + k")} * 0.01::DECIMAL(3, 2)
                                AS DECIMAL(8, 2)))) AS annual_earnings
          FROM range({count}) AS rows (i)
        """,
    )


def _write(path: Path, query: str) -> None:
    with duckdb.connect() as connection:
        connection.sql(f"COPY ({query}) TO '{path}' (FORMAT parquet)")


# Household benefit ------------------------------------------------------------------------------

_HOUSEHOLDS_BY_HAND: Final = """
WITH members AS (
  SELECT *, len(members) AS size,
         len(list_filter(members, lambda m: m.age < 18)) AS children,
         CAST(list_sum(list_transform(members, lambda m: m.income)) AS DECIMAL(12, 2)) AS earned,
         len(list_filter(members, lambda m: m.disabled)) > 0 AS is_disabled
    FROM read_parquet('{source}')
), parts AS (
  SELECT *,
         CAST(CASE WHEN size = 1 AND region = 'capital' THEN 210
                   WHEN size = 1 AND is_disabled THEN 205 WHEN size = 1 THEN 180
                   WHEN size = 2 THEN 260
                   WHEN size BETWEEN 3 AND 4 AND region = 'capital' THEN 340
                   WHEN size BETWEEN 3 AND 4 THEN 310
                   WHEN size > 4 AND is_disabled THEN 420 ELSE 380 END AS DECIMAL(5, 0))
         + children * 35.5 + least(rent * 0.3, 110) AS full_amount,
         greatest(0, decimal_division(earned, CAST(size AS DECIMAL(2, 0)), 2) - 60) * size
           AS counted
    FROM members
), tapered AS (
  SELECT *, greatest(0, CAST(full_amount AS DECIMAL(12, 3))
                        - 0.6 * CAST(counted AS DECIMAL(12, 2))) AS tapered FROM parts
)
SELECT number, CASE WHEN resident AND months_resident >= 6 AND applicant_age >= 18
             AND NOT imprisoned AND NOT in_institution AND NOT other_award
             AND savings <= 5000 AND consented
             AND size BETWEEN 1 AND 20 AND rent >= 0 AND days_entitled > 0
            THEN round(decimal_division(tapered * days_entitled, days_in_month, 8), 2)
            ELSE 0 END AS benefit
  FROM tapered
"""


def households_by_hand(*, source: Path, sink: Path) -> None:
    """Compute the benefit of every household by hand-written SQL, with its number."""
    _write(sink, _HOUSEHOLDS_BY_HAND.format(source=source))


def household_in_python(row: Mapping[str, Any]) -> Decimal:
    """Compute the benefit of one household by hand-written Python."""
    members = row["members"]
    size = len(members)
    if not (
        row["resident"]
        and row["months_resident"] >= 6
        and row["applicant_age"] >= 18
        and not row["imprisoned"]
        and not row["in_institution"]
        and not row["other_award"]
        and row["savings"] <= 5000
        and row["consented"]
        and 1 <= size <= 20
        and row["rent"] >= 0
        and row["days_entitled"] > 0
    ):
        return Decimal(0)
    earned = sum((member["income"] for member in members), Decimal(0))
    children = sum(member["age"] < 18 for member in members)
    is_disabled = any(member["disabled"] for member in members)
    help_with_rent = min(row["rent"] * Decimal("0.3"), Decimal(110))
    rate = _rate(size, row["region"], is_disabled=is_disabled)
    full = rate + children * Decimal("35.5") + help_with_rent
    per_head = (earned / size).quantize(_CENT, ROUND_HALF_EVEN)
    counted = max(Decimal(0), per_head - 60) * size
    tapered = max(Decimal(0), full - Decimal("0.6") * counted)
    of_the_month: Decimal = tapered * row["days_entitled"] / row["days_in_month"]
    return of_the_month.quantize(_CENT, ROUND_HALF_UP)


_CENT: Final = Decimal("0.01")


def _rate(size: int, region: str, *, is_disabled: bool) -> int:  # noqa: PLR0911 - a row of the table each
    if size == 1 and region == "capital":
        return 210
    if size == 1 and is_disabled:
        return 205
    if size == 1:
        return 180
    if size == 2:
        return 260
    if size in (3, 4):
        return 340 if region == "capital" else 310
    if size > 4 and is_disabled:
        return 420
    return 380


# The United States' average indexed monthly earnings --------------------------------------------

_EARNINGS_BY_HAND: Final = """
WITH wages (year, amount) AS (VALUES {wages}), bases (year, amount) AS (VALUES {bases}),
workers AS (
  SELECT number, year(date_of_birth - 1) + 62 AS eligible,
         CAST(substring(benefit_month, 1, 4) AS INTEGER) AS benefit_year, annual_earnings
    FROM read_parquet('{source}')
), counted AS (
  SELECT number, eligible, benefit_year,
         greatest(2, eligible - greatest(1951, eligible - 40) - 5) AS years,
         unnest(annual_earnings) AS earned
    FROM workers
), indexed AS (
  SELECT number, years,
         CASE WHEN earned.year >= eligible - 2 THEN least(earned.amount, bases.amount)
              ELSE round(decimal_division(least(earned.amount, bases.amount) * level.amount,
                                          own.amount, 14), 2) END AS amount
    FROM counted
    JOIN bases ON bases.year = earned.year
    JOIN wages AS level ON level.year = eligible - 2
    LEFT JOIN wages AS own ON own.year = earned.year
   WHERE earned.year >= 1951 AND earned.year < benefit_year
)
SELECT number, floor(decimal_division(
         CAST(list_sum(list_sort(list(amount), 'DESC')[1:max(years)]) AS DECIMAL(14, 2)),
         CAST(12 * max(years) AS DECIMAL(4, 0)), 8)) AS average_indexed_monthly_earnings
  FROM indexed GROUP BY number
"""


def earnings_by_hand(*, pack: Pack, source: Path, sink: Path) -> None:
    """Compute the average indexed monthly earnings of every worker by hand-written SQL."""
    series = {
        name: ", ".join(
            f"({row['year']}, {row['amount']}::DECIMAL(9, 2))" for row in _series(pack, name)
        )
        for name in ("average_wage_index", "contribution_and_benefit_base")
    }
    _write(
        sink,
        _EARNINGS_BY_HAND.format(
            wages=series["average_wage_index"],
            bases=series["contribution_and_benefit_base"],
            source=source,
        ),
    )


def _series(pack: Pack, name: str) -> list[Mapping[str, Decimal]]:
    """Give the years of a series as in force, the last row of a year where there are several."""
    row = pack.parameter(name, ON)
    found = row.value if row is not None and isinstance(row.value, list) else []
    last = {item["year"]: item for item in found if isinstance(item, dict)}
    return list(last.values())
