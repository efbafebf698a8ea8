"""The originals: files exactly as they arrived, each under its own hash."""

import os
import stat
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

_CHUNK = 1024 * 1024


class UnableToReceive(Exception):
    """The file cannot be taken in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A file that lies safely in the originals folder."""

    sha256: str
    size: int
    path: Path


def keep_original(*, path: Path) -> Original:
    """Copy a file into the originals folder, under the hash of its bytes, through to the disk.

    The copy gets its name only when it is complete and written through: a crash leaves no half
    original under a good name. Raises UnableToReceive before reading a byte when the file is too
    large or no ordinary file.
    """
    with _opened(path) as source:
        return _copy(source, path.name, _folder())


def _opened(path: Path) -> BinaryIO:
    # O_NONBLOCK: opening a named pipe would wait for a writer; asking for its kind comes after
    # opening.
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise UnableToReceive(
            _("The file %(name)s cannot be opened: %(reason)s. Nothing was taken in.")
            % {"name": path.name, "reason": error.strerror}
        ) from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise UnableToReceive(
            _("%(name)s is no ordinary file. Nothing was taken in.") % {"name": path.name}
        )
    if status.st_size > settings.UPLOAD_LIMIT:
        os.close(descriptor)
        raise _too_large(path.name, status.st_size)
    return os.fdopen(descriptor, "rb")


def _too_large(name: str, size: int) -> UnableToReceive:
    mebibyte = 1024 * 1024
    return UnableToReceive(
        _(
            "%(name)s has %(size)d MiB; at most %(limit)d MiB are taken in. It was not read. "
            "Send it in several files, or let the operator raise AMPARO_UPLOAD_LIMIT."
        )
        % {"name": name, "size": -(-size // mebibyte), "limit": settings.UPLOAD_LIMIT // mebibyte}
    )


def _folder() -> Path:
    folder = Path(settings.ORIGINALS_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _copy(source: BinaryIO, name: str, folder: Path) -> Original:
    descriptor, unfinished = tempfile.mkstemp(prefix=".unfinished-", dir=folder)  # mode 0600
    try:
        digest, size = _write_through(source, descriptor, name)
        path = folder / digest
        # The same content may lie there already: replacing it changes nothing, or heals damage.
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    _sync_folder(folder)
    return Original(sha256=digest, size=size, path=path)


def _write_through(source: BinaryIO, descriptor: int, name: str) -> tuple[str, int]:
    """Copy to the disk itself; return hash and size of what was copied."""
    digest, size = sha256(), 0
    with os.fdopen(descriptor, "wb") as copy:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > settings.UPLOAD_LIMIT:  # it grew while it was read
                raise _too_large(name, size)
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest(), size


def _sync_folder(folder: Path) -> None:
    """Write the folder's entry through, or a power cut loses the name of a complete file."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
