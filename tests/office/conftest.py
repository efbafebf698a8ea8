import pytest

from tests.cast import Cast, appoint


@pytest.fixture
def cast(db: None) -> Cast:
    return appoint()
