"""Fixtures of the engine's tests."""

from pathlib import Path

import pytest
from lxml import etree


@pytest.fixture(scope="session")
def schema(oracles: Path) -> etree.XMLSchema:
    """The published schema of DMN 1.5."""
    return etree.XMLSchema(etree.parse(oracles / "dmn-tck" / "DMN15.xsd"))
