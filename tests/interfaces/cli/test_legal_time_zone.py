"""Nothing starts while the settings and the database reckon days in two time zones."""

import pytest

from tests.interfaces.cli.conftest import Amparo


@pytest.mark.slow
def test_the_legal_time_zone_is_changed_in_two_places_that_must_agree(amparo: Amparo) -> None:
    founded = amparo("db", "migrate")
    disagreeing = amparo("db", "migrate", AMPARO_TIME_ZONE="Africa/Lagos")
    unknown = amparo("db", "time-zone", "Lagos")
    changed = amparo("db", "time-zone", "Africa/Lagos")
    left_behind = amparo("db", "migrate")
    agreeing = amparo("db", "migrate", AMPARO_TIME_ZONE="Africa/Lagos")

    codes = [
        done.returncode for done in (founded, disagreeing, unknown, changed, left_behind, agreeing)
    ]
    assert codes == [0, 3, 2, 0, 3, 0]
    assert "amparo db time-zone Africa/Lagos" in " ".join(disagreeing.stderr.split())
    assert "There is no time zone “Lagos”" in unknown.stderr
    assert "Set AMPARO_TIME_ZONE=Africa/Lagos" in " ".join(left_behind.stderr.split())
