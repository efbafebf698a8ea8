"""The world in which these tests happen."""

from pathlib import Path

import pytest

from tests.delivery import world as worlds


@pytest.fixture
def world(db: None, tmp_path: Path) -> worlds.World:
    return worlds.build(tmp_path)
