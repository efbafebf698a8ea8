"""The sweep: every pair that shares a key, weighed in DuckDB by the very model used online."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb
from splink import DuckDBAPI, Linker

from amparo.register.matching import tables
from amparo.register.matching.comparisons import COMPARISONS, FREQUENCIES
from amparo.register.matching.model import Evidence, MatchModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two records by their places in the table of people, with what the sweep found of them."""

    left: int
    right: int
    weight: float
    probability: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep found. compared: pairs that share a key; left_out: keys too many share."""

    pairs: tuple[Pair, ...]
    compared: int
    left_out: int


def sweep(*, database: duckdb.DuckDBPyConnection, model: MatchModel) -> Swept:
    """Weigh all pairs that share a key; return those to be looked at, the likeliest first.

    database: holds the tables `person` (as `tables.SCHEMA`) and `key` (place, key).
    """
    compared, left_out = tables.make_pairs(database)
    pairs = tuple(_weighed(database, model)) if compared else ()
    return Swept(pairs=pairs, compared=compared, left_out=left_out)


def _weighed(database: duckdb.DuckDBPyConnection, model: MatchModel) -> Iterator[Pair]:
    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(connection=database)
    linker = Linker(api.register("person"), model.settings(), log_level=None)
    for name in FREQUENCIES:
        _tell_frequencies(database, api, linker, model, name)
    linker.table_management.register_blocked_pairs_for_predict(api.register("pair"))
    found = linker.inference.predict(
        threshold_match_probability=model.thresholds.review, warning_mode="never"
    )
    columns = ", ".join(
        f"gamma_{comparison.name}, mw_{comparison.name}"
        + (f", mw_tf_adj_{comparison.name}" if _is_adjusted(comparison.name) else ", 0")
        for comparison in COMPARISONS
    )
    rows = database.execute(
        f"""
        SELECT place_l, place_r, match_weight, match_probability, {columns}
        FROM {found.physical_name} ORDER BY match_weight DESC, place_l, place_r
        """  # noqa: S608 — names of our own comparisons and of Splink's table
    )
    while some := rows.fetchmany(10_000):
        for row in some:
            yield _pair(row)


def _tell_frequencies(
    database: duckdb.DuckDBPyConnection,
    api: DuckDBAPI,
    linker: Linker,
    model: MatchModel,
    name: str,
) -> None:
    """Give every value in the register its share of the model: one not listed counts as rare."""
    shares = tables.shares_table(model.frequencies[name])
    database.register(f"listed_{name}", shares)
    database.execute(
        f"""
        CREATE OR REPLACE TABLE share_of_{name} AS
        SELECT p.{name}, coalesce(s.share, $rare::DOUBLE) AS tf_{name}
        FROM (SELECT DISTINCT {name} FROM person WHERE {name} IS NOT NULL) p
        LEFT JOIN listed_{name} s ON s.value = p.{name}
        """,  # noqa: S608
        {"rare": model.rare[name]},
    )
    linker.table_management.register_term_frequency_lookup(api.register(f"share_of_{name}"), name)


def _is_adjusted(comparison: str) -> bool:
    return any(
        step.frequency for each in COMPARISONS if each.name == comparison for step in each.steps
    )


def _pair(row: Sequence[float]) -> Pair:
    left, right, weight, probability, *parts = row
    evidence = []
    for number, comparison in enumerate(COMPARISONS):
        gamma, usual, rarity = parts[3 * number : 3 * number + 3]
        step = _step_of(comparison.name, int(gamma))
        evidence.append(
            Evidence(
                comparison=comparison.name,
                step=comparison.steps[step].name,
                says=comparison.steps[step].says,
                weight=usual + rarity,
            )
        )
    return Pair(
        left=int(left),
        right=int(right),
        weight=weight,
        probability=probability,
        evidence=tuple(evidence),
    )


def _step_of(comparison: str, gamma: int) -> int:
    """Return the step that Splink's number stands for: it counts from the last, unknown is -1."""
    steps = next(each.steps for each in COMPARISONS if each.name == comparison)
    if gamma == -1:
        return next(number for number, step in enumerate(steps) if step.is_unknown)
    return len(steps) - 1 - gamma
