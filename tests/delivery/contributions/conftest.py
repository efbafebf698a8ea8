"""The world in which these tests happen."""

from pathlib import Path

import pytest

from tests.delivery import world as worlds
from tests.delivery.contributions.collecting import Office, open_office


@pytest.fixture
def world(db: None, tmp_path: Path) -> worlds.World:
    return worlds.build(tmp_path)


@pytest.fixture
def office(world: worlds.World) -> Office:
    return open_office(world)
