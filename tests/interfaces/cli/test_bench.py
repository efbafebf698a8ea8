"""The benchmarks measure what they say, and leave nothing behind."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.interfaces.cli.conftest import Amparo


@pytest.mark.slow
def test_the_import_is_measured_beside_the_same_rows_by_hand(amparo: Amparo, home: Path) -> None:
    answer = amparo("bench", "import", "--persons", "200", "--json")

    assert answer.returncode == 0, answer.stderr
    result = json.loads(answer.stdout)
    assert result["rows"] >= 200
    assert Decimal(result["seconds"]) > 0
    assert Decimal(result["by_hand_seconds"]) > 0
    assert "the bare COPY of the file" in result["note"]
    assert list(home.iterdir()) == []
