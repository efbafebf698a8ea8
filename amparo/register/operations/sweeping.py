"""Looking over the whole register for people who are in it twice, and learning how to.

What is found goes into the stewards' queue. Nothing here merges or changes a record. Splink is
loaded here alone: whoever registers people does without it.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID

import duckdb
from django.db import transaction
from django.utils.timezone import localdate

from amparo.journal.operations import record
from amparo.journal.reading import reading
from amparo.register.duplicates import LikelyPair
from amparo.register.likeness import model_in_force
from amparo.register.matching import tables
from amparo.register.matching.candidates import traits_by_person
from amparo.register.matching.keys import keys_of
from amparo.register.matching.model import MatchModel
from amparo.register.matching.sweeping import Pair, Swept, sweep
from amparo.register.matching.training import train
from amparo.register.matching.traits import Traits
from amparo.register.operations._match_keys import refresh_keys, without_keys
from amparo.register.operations.matching import likely_pair
from amparo.register.operations.reviews import open_duplicate_reviews
from amparo.values import Access, Right

_AT_ONCE: Final = 50_000
# A queue longer than this is read by nobody: the rest is found again the night after.
MOST_OPENED: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """What a sweep did. left_out: keys that too many share, under which nobody was compared.

    likely: pairs worth a look; opened: those that were not known. keyed: people who got their keys.
    """

    people: int
    compared: int
    left_out: int
    likely: int
    opened: int
    keyed: int
    model_hash: str


@transaction.atomic
def sweep_register(*, access: Access, at: datetime) -> SweepReport:
    """Compare everybody in the register who shares a key; open reviews, the likeliest first.

    Safe to be run again: a pair in the queue, or decided on with nothing new since, is not opened.
    """
    access.require(Right.DUPLICATE_FIND)
    model = model_in_force(at=at)
    with reading(access=access, right=Right.DUPLICATE_FIND, details={"looked_for": "duplicates"}):
        keyed = _give_keys()
        with closing(duckdb.connect(":memory:")) as database:
            people = _take_over(database)
            swept = sweep(database=database, model=model)
        opened = _open(swept, people, model.content_hash, access, at)
    report = SweepReport(
        people=len(people),
        compared=swept.compared,
        left_out=swept.left_out,
        likely=len(swept.pairs),
        opened=opened,
        keyed=keyed,
        model_hash=model.content_hash,
    )
    record(kind="register.swept", access=access, details=_told(report))
    return report


@transaction.atomic
def train_model(*, version: str, access: Access, at: datetime) -> MatchModel:
    """Train a model on everybody in the register, without labels. Raises UnableToTrain.

    It is not in force thereby. Its thresholds are those of the model in force.
    """
    access.require(Right.DUPLICATE_FIND)
    with reading(access=access, right=Right.DUPLICATE_FIND, details={"looked_for": "a model"}):
        people = [traits for _person_id, traits in traits_by_person(person_ids=None)]
        model = train(
            people=people,
            version=version,
            trained_on=f"{len(people):,} people of the register, {localdate(at).isoformat()}",
            thresholds=model_in_force(at=at).thresholds,
        )
    record(
        kind="register.match_model_trained",
        access=access,
        details={"version": version, "model": model.content_hash, "people": len(people)},
    )
    return model


def _give_keys() -> int:
    """Write keys for those who have none."""
    keyed = 0
    while persons := without_keys(at_most=_AT_ONCE):
        refresh_keys(person_ids=persons)
        keyed += len(persons)
    return keyed


def _take_over(database: duckdb.DuckDBPyConnection) -> list[UUID]:
    """Copy what is compared of everybody, and their keys; return who stands at which place."""
    people: list[UUID] = []
    database.register("nobody", tables.table_of([]))
    database.execute("CREATE TABLE person AS SELECT * FROM nobody")
    database.execute("CREATE TABLE key (place BIGINT, key BIGINT)")
    everybody = traits_by_person(person_ids=None)
    while some := list(islice(everybody, _AT_ONCE)):
        first = len(people)
        people += [person_id for person_id, _traits in some]
        traits = [traits for _person_id, traits in some]
        database.register("some_people", tables.table_of(traits, first=first))
        database.register("some_keys", tables.keys_table(_keyed(traits, first)))
        database.execute("INSERT INTO person SELECT * FROM some_people")
        database.execute("INSERT INTO key SELECT * FROM some_keys")
    return people


def _keyed(people: Iterable[Traits], first: int) -> Iterator[tuple[int, int]]:
    for place, traits in enumerate(people, start=first):
        for key in keys_of(traits):
            yield place, key


def _open(swept: Swept, people: list[UUID], model_hash: str, access: Access, at: datetime) -> int:
    if not swept.pairs:
        return 0
    return open_duplicate_reviews(
        pairs=[_found(pair, people, model_hash) for pair in swept.pairs[:MOST_OPENED]],
        model_hash=model_hash,
        source="sweep",
        access=access,
        at=at,
    )


def _found(pair: Pair, people: list[UUID], model_hash: str) -> LikelyPair:
    return likely_pair(
        pair=(people[pair.left], people[pair.right]),
        probability=pair.probability,
        evidence=pair.evidence,
        model_hash=model_hash,
    )


def _told(report: SweepReport) -> Mapping[str, Any]:
    return {
        "people": report.people,
        "compared": report.compared,
        "keys_left_out": report.left_out,
        "likely": report.likely,
        "opened": report.opened,
        "keyed": report.keyed,
        "model": report.model_hash,
    }
