"""A home for the embedded server, and the command as a person runs it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from amparo.interfaces.cli import postgres
from tests.architecture.source import PROJECT

Amparo = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder any account may pass through; pytest's own is closed to the server's account."""
    folder = Path(tempfile.mkdtemp(prefix="amparo-home-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    postgres.stop(home=folder)
    shutil.rmtree(folder)


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """The environment of a person who has set nothing but a home."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AMPARO_", "DJANGO_"))}
    if programs := os.environ.get("AMPARO_POSTGRES_BIN"):
        kept["AMPARO_POSTGRES_BIN"] = programs
    return {**kept, "AMPARO_HOME": str(home), "COLUMNS": "100", "NO_COLOR": "1"}


@pytest.fixture
def amparo(environment: dict[str, str]) -> Amparo:
    """Run `amparo` in a process of its own: exit codes and streams are what people see."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "amparo.interfaces.cli.main", *arguments],
            cwd=PROJECT,
            env={**environment, **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run
