"""Where a cluster lives, and which account can live there.

Usually `$AMPARO_HOME/postgres`. When root starts Amparo in a folder that the server's account
cannot enter (root's own home, say), the cluster lives under /var/lib/amparo instead. The
alternative, making parent folders readable to everybody, is what this module exists to avoid.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from amparo.interfaces.cli.postgres.account import Account, account_for

PORT: Final = 5432  # names the socket file; nothing listens on the network
SYSTEM_FOLDER = Path("/var/lib/amparo")
_LONGEST_SOCKET_PATH: Final = 107  # bytes: sun_path is 108 with its end mark
_THROWAWAY: Final = "amparo-throwaway"


class UnableToUseFolder(Exception):
    """The cluster's folder, or its socket's, cannot be used by the server's account."""


@dataclass(frozen=True)
class Place:
    """The folder of one cluster and the account that runs it."""

    folder: Path
    account: Account
    throwaway: bool = False

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def socket(self) -> Path:
        """The socket's folder: inside the cluster's, or in /tmp where that path is too long."""
        inside = self.folder / "socket"
        if len(os.fsencode(inside / f".s.PGSQL.{PORT}")) <= _LONGEST_SOCKET_PATH:
            return inside
        return Path("/tmp") / f"amparo-{_fingerprint(self.folder)}"  # noqa: S108 — checked below

    @property
    def kept(self) -> Path:
        """The mark of a server that somebody asked to keep running."""
        return self.folder / "kept"

    @property
    def data_major(self) -> int | None:
        """The major version that made the data folder; None when there is none."""
        mark = self.data / "PG_VERSION"
        return int(mark.read_text().strip()) if mark.exists() else None


def find_place(*, home: Path) -> Place:
    """Say where the cluster of `home` is or would be; create nothing."""
    preferred = home.absolute() / "postgres"
    if os.geteuid() != 0:
        return Place(preferred, account_for(data_folder=preferred / "data"))
    elsewhere = SYSTEM_FOLDER / _fingerprint(preferred)
    if (elsewhere / "data").exists():
        return Place(elsewhere, account_for(data_folder=elsewhere / "data"))
    account = account_for(data_folder=preferred / "data")
    if account.can_enter(_nearest_existing(preferred)):
        return Place(preferred, account)
    if (preferred / "data").exists():
        raise UnableToUseFolder(
            f"The database in {preferred} cannot be reached by the account “{account.name}”, which "
            "owns it: a folder above it has become private. Nothing was touched. Give that account "
            "the right to pass through, or move the folder and set AMPARO_HOME."
        )
    return Place(elsewhere, account)


def make_place(*, home: Path) -> Place:
    """Find the cluster's place and create what is missing of its folders."""
    place = find_place(home=home)
    if place.folder.is_relative_to(SYSTEM_FOLDER) and not SYSTEM_FOLDER.exists():
        # Ours alone and new; each cluster inside is 0700.
        _make_at_once(SYSTEM_FOLDER, lambda folder: folder.chmod(0o755))
    place.folder.parent.mkdir(parents=True, exist_ok=True)
    _make_private(place.folder, place.account)
    if not place.account.can_enter(place.folder):
        raise UnableToUseFolder(
            f"The account “{place.account.name}” cannot enter {place.folder}. Choose another place "
            "with AMPARO_HOME; its parent folders must let that account pass."
        )
    _make_private(place.socket, place.account)
    return place


def make_throwaway_place() -> Place:
    """Create a folder for a cluster that lives no longer than this process."""
    account = account_for(data_folder=None)
    candidates = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]  # noqa: S108
    parent = next((c for c in candidates if account.can_enter(c)), None)
    if parent is None:
        raise UnableToUseFolder(
            f"The account “{account.name}” can enter none of {', '.join(map(str, candidates))}. "
            "Set TMPDIR to a folder that it can enter."
        )
    folder = Path(tempfile.mkdtemp(prefix=f"{_THROWAWAY}-{os.getpid()}-", dir=parent))
    account.own(folder)
    place = Place(folder, account, throwaway=True)
    _make_private(place.socket, account)
    return place


def abandoned_throwaway_places() -> Iterator[Place]:
    """Yield throw-away clusters of ours whose process has died without cleaning up."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_THROWAWAY}-*-*"):
        process = folder.name.split("-")[2]
        try:
            owner = folder.lstat().st_uid
        except FileNotFoundError:
            continue  # swept meanwhile by another test run
        ours = os.geteuid() in {0, owner} and owner != 0 and folder.is_dir()
        if ours and process.isdigit() and not Path("/proc", process).exists():
            yield Place(folder, account_for(data_folder=folder), throwaway=True)


@contextlib.contextmanager
def locked(place: Place) -> Iterator[None]:
    """Let one process at a time start or stop this cluster. The kernel frees it on a crash."""
    path = place.folder / "lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        place.account.own(path)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class Use:
    """One process's use of a cluster, known to the others by a lock that a crash frees, too."""

    def __init__(self, place: Place) -> None:
        path = place.folder / "users"
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        place.account.own(path)
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def is_the_last(self) -> bool:
        """Say whether nobody else uses the cluster, and keep newcomers waiting if so."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def end(self) -> None:
        os.close(self._descriptor)


def _make_private(folder: Path, account: Account) -> None:
    """Create a folder that only `account` can enter; accept one that is so already."""
    if not os.path.lexists(folder):
        try:
            _make_at_once(folder, account.own)
        except PermissionError:
            raise UnableToUseFolder(
                f"{folder} cannot be created: permission denied. Choose another place with "
                "AMPARO_HOME."
            ) from None
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.user_id:
        raise UnableToUseFolder(
            f"{folder} exists and is not a folder of the account “{account.name}”. Nothing was "
            "touched. Remove it, or choose another place with AMPARO_HOME."
        )


def _make_at_once(folder: Path, prepare: Callable[[Path], None]) -> None:
    """Create a folder that another process never meets half made, or leave the one it made.

    Renaming replaces an empty folder and no other: what a rival has begun to fill stays.
    """
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        prepare(draft)
        draft.rename(folder)
    except OSError as error:
        draft.rmdir()
        if error.errno not in {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR}:
            raise


def _nearest_existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
