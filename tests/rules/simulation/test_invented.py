"""People made up: the same for a seed, of every age, and as the packs ask."""

from collections import Counter
from datetime import date

from amparo.rules.packs import load_pack
from amparo.rules.simulation.invented import made_up
from amparo.rules.simulation.report import WORDS
from tests.architecture.source import PROJECT

PACK = load_pack(PROJECT / "schemes" / "xa" / "social-pension" / "1")
LEAP_DAY = date(2024, 2, 29)


def test_the_same_seed_makes_the_same_people_and_another_does_not() -> None:
    first, again, other = (
        made_up(packs=[PACK], benefit="social_pension", count=200, seed=seed, on=LEAP_DAY)
        for seed in (3, 3, 4)
    )

    assert first.table.equals(again.table)
    assert first.hash == again.hash != other.hash
    assert first.cases == 200


def test_people_are_of_every_age_and_some_births_are_not_known() -> None:
    people = made_up(packs=[PACK], benefit="social_pension", count=2000, seed=1, on=LEAP_DAY)

    born = people.table.column("date_of_birth").to_pylist()
    ages = Counter((LEAP_DAY - day).days // 3653 for day in born if day is not None)
    assert set(ages) >= set(range(9))
    assert 20 < born.count(None) < 120
    assert max(day for day in born if day) <= LEAP_DAY
    assert set(people.table.column("claim_date").to_pylist()) == {LEAP_DAY}


def test_every_language_has_every_word() -> None:
    assert WORDS["fr"].keys() == WORDS["en"].keys()
