"""Making the payment files of a locked run.

A file is written under a temporary name, forced to disk and then renamed: under its final name
there is always a whole file. Made again after a crash it has the same name and the same bytes, so
the bank, which refuses a message id it has seen, cannot pay it twice.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from django.db import connection

from amparo.delivery.payments.driver import Batch, Payment, PaymentDriver, Written

_PARTS = """
SELECT part, count(*), sum(amount) FROM payments_instruction
WHERE run_id = %s GROUP BY part ORDER BY part
"""
_PAYMENTS = """
SELECT end_to_end_id, amount::text, payee_name, account_kind, provider, account_number
FROM payments_instruction WHERE run_id = %s AND part = %s ORDER BY id
"""
_ROWS_AT_ONCE = 10_000


class WrittenOtherwise(Exception):
    """A file does not hold what the database says it must hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFile:
    """A payment file on disk."""

    part: int
    message_id: str
    name: str
    sha256: str
    size: int
    count: int
    total: Decimal


def make_files(
    *,
    run_id: UUID,
    number: str,
    currency: str,
    made_at: datetime,
    execution_date: date,
    folder: Path,
    driver: PaymentDriver,
) -> list[MadeFile]:
    """Write every part of the run; raise WrittenOtherwise when a control total differs."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with connection.cursor() as cursor:
        cursor.execute(_PARTS, [run_id])
        parts = cursor.fetchall()
    files = []
    for part, count, total in parts:
        batch = Batch(
            message_id=f"{number}-{part:03d}",
            made_at=made_at,
            execution_date=execution_date,
            currency=currency,
            count=count,
            total=total,
        )
        files.append(_make(run_id, part, batch, folder, driver))
    _sync(folder)
    return files


def _make(run_id: UUID, part: int, batch: Batch, folder: Path, driver: PaymentDriver) -> MadeFile:
    name = batch.message_id + driver.suffix
    unfinished = folder / f".{name}.{uuid4().hex}"
    try:
        with os.fdopen(_private(unfinished), "wb") as stream:
            hashed = _Hashed(stream)
            written = driver.write(
                batch=batch,
                payments=_payments(run_id, part),
                to=hashed,  # type: ignore[arg-type]
            )
            stream.flush()
            os.fsync(stream.fileno())
        _refuse_difference(batch, written)
        unfinished.replace(folder / name)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return MadeFile(
        part=part,
        message_id=batch.message_id,
        name=name,
        sha256=hashed.digest.hexdigest(),
        size=hashed.size,
        count=written.count,
        total=written.total,
    )


def _payments(run_id: UUID, part: int) -> Iterator[Payment]:
    """Stream a part's payments from the server, never all of them in memory."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_PAYMENTS, [run_id, part])
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            yield from map(Payment._make, rows)


def _refuse_difference(batch: Batch, written: Written) -> None:
    if (written.count, written.total) != (batch.count, batch.total):
        raise WrittenOtherwise(
            f"The file {batch.message_id} holds {written.count} payments of {written.total} in "
            f"all; the run says {batch.count} of {batch.total}. The file was thrown away and "
            "nothing was sent. Transmit again; if it happens again, stop and ask for help."
        )


class _Hashed:
    """A stream that hashes and counts what passes through it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.digest = sha256()
        self.size = 0

    def write(self, block: bytes) -> int:
        self.digest.update(block)
        self.size += len(block)
        return self._stream.write(block)


def _private(path: Path) -> int:
    """Create a file that only this account may read: it holds names and account numbers."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def _sync(folder: Path) -> None:
    """Write the folder's entries through, or a power cut loses the name of a complete file."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
