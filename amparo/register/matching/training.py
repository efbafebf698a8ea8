"""Training a model: Splink, on DuckDB, without labels.

Differences are learnt from pairs taken blindly, which are of two persons; agreement by expectation
maximisation among pairs that already agree in something. Each session leaves out what its pairs
agree in, so three sessions teach every comparison.
"""

import logging
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Final

import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from amparo.register.matching import tables
from amparo.register.matching.comparisons import COMPARISONS, FREQUENCIES
from amparo.register.matching.model import MatchModel, Thresholds
from amparo.register.matching.traits import Traits

# A value that fewer bear is not listed: it counts as rare, and no model tells of a single person.
_FREQUENT_FROM: Final = 5
_SEED: Final = 7
_BLIND_PAIRS: Final = 2_000_000
# What a session's pairs agree in.
_SESSIONS: Final = (("birth",), ("given", "family"), ("number",))
_SURE: Final = (("number",), ("given", "family", "birth"))
_FOUND_BY_THE_SURE: Final = 0.6
# Of what is seen blindly, at least this is taken to be of two persons.
_LEAST_LEFT: Final = 0.02


class UnableToTrain(Exception):
    """The people at hand teach nothing."""


def train(
    *, people: Sequence[Traits], version: str, trained_on: str, thresholds: Thresholds
) -> MatchModel:
    """Train a model on people, of whom some are written down twice. Raises UnableToTrain."""
    if len(people) < 100:
        raise UnableToTrain("Fewer than a hundred people teach a model nothing. Train on more.")
    with closing(duckdb.connect(":memory:")) as database:
        database.execute("SET threads = 2")
        database.register("given_people", tables.table_of(people))
        database.execute("CREATE TABLE person AS SELECT * FROM given_people")
        linker = _linker(database)
        _learn(linker)
        shares = {
            name: tables.shares_of(database, name, at_least=_FREQUENT_FROM) for name in FREQUENCIES
        }
    learnt = linker.misc.save_model_to_json()
    agreeing, differing = _learnt_steps(learnt)
    return MatchModel(
        version=version,
        trained_on=trained_on,
        prior=learnt["probability_two_random_records_match"],
        agreeing=agreeing,
        differing=differing,
        frequencies=shares,
        rare={name: round(2 / len(people), 9) for name in FREQUENCIES},
        thresholds=thresholds,
    )


def _linker(database: duckdb.DuckDBPyConnection) -> Linker:
    logging.getLogger("splink").setLevel(logging.ERROR)
    api = DuckDBAPI(connection=database)
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="place",
        blocking_rules_to_generate_predictions=[block_on("birth")],
        comparisons=[
            {
                "output_column_name": comparison.name,
                "comparison_levels": [
                    {
                        "sql_condition": step.sql,
                        "label_for_charts": step.name,
                        **({"is_null_level": True} if step.is_unknown else {}),
                        **({"tf_adjustment_column": step.frequency} if step.frequency else {}),
                    }
                    for step in comparison.steps
                ],
            }
            for comparison in COMPARISONS
        ],
    )
    return Linker(api.register("person"), settings, log_level=None)


def _learn(linker: Linker) -> None:
    linker.training.estimate_probability_two_random_records_match(
        [block_on(*columns) for columns in _SURE], recall=_FOUND_BY_THE_SURE
    )
    linker.training.estimate_u_using_random_sampling(
        max_pairs=_BLIND_PAIRS + 1, seed=_SEED, min_count_per_level=None
    )
    for columns in _SESSIONS:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns))


def _learnt_steps(
    learnt: dict[str, Any],
) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    """Return how often each step was seen within one person, and between two.

    Among pairs taken blindly some are of one person. In a step that is rare between two persons
    these are most of what is seen, so their share is taken off again.
    """
    agreeing: dict[str, dict[str, float]] = {}
    differing: dict[str, dict[str, float]] = {}
    prior = learnt["probability_two_random_records_match"]
    for comparison, told in zip(COMPARISONS, learnt["comparisons"], strict=True):
        levels = zip(comparison.steps, told["comparison_levels"], strict=True)
        agreeing[comparison.name], differing[comparison.name] = {}, {}
        for step, level in levels:
            if step.is_unknown:
                continue
            one = level.get("m_probability", 0.0)
            blind = level.get("u_probability", 0.0)
            two = max(blind - prior * one, blind * _LEAST_LEFT)
            agreeing[comparison.name][step.name] = round(one, 9)
            differing[comparison.name][step.name] = round(two, 9)
        for step in comparison.steps:
            if step.until_learnt and not agreeing[comparison.name][step.name]:
                for learnt_steps in (agreeing[comparison.name], differing[comparison.name]):
                    learnt_steps[step.name] = learnt_steps[step.until_learnt]
    return agreeing, differing
