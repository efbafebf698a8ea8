"""One model, asked in Python at the counter and in SQL by the sweep: every pair weighs the same."""

from contextlib import closing
from dataclasses import replace
from datetime import date
from itertools import pairwise

import duckdb
import pytest

from amparo.interfaces.cli.population import doubles
from amparo.register.matching import tables
from amparo.register.matching.comparisons import COMPARISONS
from amparo.register.matching.keys import MOST_IN_A_BLOCK, keys_of
from amparo.register.matching.model import MatchModel, Thresholds, read_model, shipped_model
from amparo.register.matching.sweeping import Swept, sweep
from amparo.register.matching.traits import Described, Traits, traits_of

ODD = (
    Described(),
    Described(given_names="Sokha"),
    Described(family_name="Sokha", given_names=""),
    Described(given_names="សុខា", family_name="ចាន់", birth_date=date(1990, 2, 28)),
    Described(given_names="Ba-Ki", family_name="Ba-Ki", birth_date=date(2000, 2, 29)),
    Described(given_names="Ba", family_name="Ki", birth_date=date(2000, 1, 1)),
    Described(given_names="H", family_name="Y", birth_date=date(2000, 12, 2), sex="other"),
    Described(given_names="x" * 120, family_name="Q", birth_date=date(2000, 2, 12), sex="male"),
)

MADE_UP = 250
# Steps that the people made up never take: long addresses, former names, numbers mistyped twice.
_HOUSE = Described(
    given_names="Rosa",
    family_name="Mbeki",
    birth_date=date(1970, 5, 6),
    identifiers=(("national-id", "XA", "1234567897"),),
    district="Old Port",
    address="17 Harbour Lantern Street Flat 4",
)
RARE = (
    _HOUSE,
    replace(_HOUSE, address="17 Harbour Lantern Street", identifiers=()),
    replace(_HOUSE, family_name="Mbeky", identifiers=(("national-id", "XA", "1234567979"),)),
    replace(_HOUSE, family_name="Okonkwo"),
    replace(_HOUSE, district="Kora", address="", mothers=("Abeni Mbeki",)),
    replace(_HOUSE, district="Mwali", address="", family_name="Mbekki", mothers=("Abeny Mbeki",)),
    replace(_HOUSE, given_names="Mbeki", family_name="Rosa"),
    replace(_HOUSE, address="Plot 3", identifiers=(("national-id", "XA", "1234567807"),)),
    replace(_HOUSE, given_names="Mbeki", family_name="Rosa", address="Plot 3"),
    replace(_HOUSE, family_name="Diallo", former_families=("Mbeki",), district="", address=""),
)


@pytest.fixture(scope="module")
def people() -> list[Traits]:
    made_up = doubles.records(seed=77, count=MADE_UP, on=date(2026, 11, 1))
    written = [one.described for one in made_up][:MADE_UP]
    return [traits_of(one) for one in (*written, *ODD, *ODD, *RARE)]


@pytest.fixture(scope="module")
def every_pair(people: list[Traits]) -> Swept:
    """Each with everybody, whatever they share, by a model that keeps the unlikeliest."""
    return swept(people, lenient(shipped_model()), everybody=True)


def swept(people: list[Traits], model: MatchModel, *, everybody: bool) -> Swept:
    """Sweep people by their keys, or each with everybody."""
    with closing(duckdb.connect(":memory:")) as database:
        shared = [(place, 1) for place in range(len(people))]
        own = [(place, key) for place, one in enumerate(people) for key in keys_of(one)]
        database.register("given_people", tables.table_of(people))
        database.register("given_keys", tables.keys_table(shared if everybody else own))
        database.execute("CREATE TABLE person AS SELECT * FROM given_people")
        database.execute("CREATE TABLE key AS SELECT * FROM given_keys")
        return sweep(database=database, model=model)


def lenient(model: MatchModel) -> MatchModel:
    """Return the model with thresholds that keep every pair, however unlikely."""
    text = model.as_text()
    limits = model.thresholds
    kept = text.replace(f'"review": {limits.review}', '"review": 1e-300')
    assert kept != text
    return read_model(kept)


def test_every_pair_weighs_the_same_online_and_in_the_sweep(
    people: list[Traits], every_pair: Swept
) -> None:
    model = lenient(shipped_model())

    assert len(every_pair.pairs) == every_pair.compared == len(people) * (len(people) - 1) // 2
    for pair in every_pair.pairs:
        score = model.score(people[pair.left], people[pair.right])
        steps = [(one.comparison, one.step, one.says) for one in score.evidence]
        assert steps == [(one.comparison, one.step, one.says) for one in pair.evidence]
        assert abs(score.weight - pair.weight) < 1e-9
        assert abs(score.probability - pair.probability) < 1e-12


def test_those_pairs_take_every_step_of_every_comparison(every_pair: Swept) -> None:
    met = {(one.comparison, one.step) for pair in every_pair.pairs for one in pair.evidence}

    assert met == {
        (comparison.name, step.name) for comparison in COMPARISONS for step in comparison.steps
    }


def test_a_pair_weighs_the_same_in_either_order(people: list[Traits]) -> None:
    model = shipped_model()

    for first, second in pairwise(people):
        there, back = model.score(first, second), model.score(second, first)
        assert there.weight == pytest.approx(back.weight, abs=1e-9)


def test_a_key_that_too_many_share_is_left_out_and_counted(people: list[Traits]) -> None:
    crowd = [people[0]] * (MOST_IN_A_BLOCK + 1)

    found = swept(crowd, shipped_model(), everybody=False)

    assert (found.pairs, found.compared) == ((), 0)
    assert found.left_out == len(keys_of(people[0])) > 0


def test_thresholds_that_cannot_be_are_refused() -> None:
    for review, same in ((0.9, 0.5), (0, 0.5), (0.5, 1)):
        with pytest.raises(Exception, match="thresholds"):
            Thresholds(review=review, same=same)
