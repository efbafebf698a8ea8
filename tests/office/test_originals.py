import os
import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from amparo.accounts.operations import grant_mandate
from amparo.governance.kernel.access import access_for
from amparo.journal.models import Event
from amparo.office.models import ReceivedFile
from amparo.office.operations import (
    AlreadyAccepted,
    receive_original,
    record_received_file,
)
from amparo.office.originals import Original, UnableToReceive, keep_original
from amparo.office.queries import (
    NotFound,
    already_accepted,
    received_file,
    received_files_page,
)
from amparo.values import Access, NotPermitted
from tests.cast import NOW, TODAY, Cast, appoint
from tests.conftest import Clone

CONTENT = b"person_ref,given_names\nA1,Amina\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.ORIGINALS_DIR = tmp_path / "originals"
    return tmp_path / "originals"


@pytest.fixture
def arrived(tmp_path: Path) -> Path:
    path = tmp_path / "persons.csv"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def clerk(cast: Cast) -> Access:
    """Dario, who for once has a right: he takes in files."""
    return _clerk(cast)


def _clerk(cast: Cast) -> Access:
    grant_mandate(
        user_id=cast["dario"],
        role="registration-officer",
        starts_on=TODAY,
        access=cast.access("alma"),
        at=NOW,
    )
    return access_for(user_id=cast["dario"], role="registration-officer", on=TODAY)


def test_an_original_lies_under_its_hash_for_its_owner_alone(arrived: Path, folder: Path) -> None:
    original = keep_original(path=arrived)

    assert original == Original(
        sha256=sha256(CONTENT).hexdigest(), size=len(CONTENT), path=folder / original.sha256
    )
    assert original.path.read_bytes() == CONTENT
    assert stat.S_IMODE(original.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [path.name for path in folder.iterdir()] == [original.sha256]


def test_the_same_content_is_kept_once_and_heals_a_damaged_copy(
    arrived: Path, folder: Path
) -> None:
    original = keep_original(path=arrived)
    original.path.write_bytes(b"damaged")

    again = keep_original(path=arrived)

    assert again == original
    assert original.path.read_bytes() == CONTENT
    assert len(list(folder.iterdir())) == 1


def test_a_file_over_the_limit_is_refused_unread(
    tmp_path: Path, folder: Path, settings: Settings
) -> None:
    settings.UPLOAD_LIMIT = 200 * 1024 * 1024
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as file:
        file.truncate(2 * 1024**3)  # two gigabytes of nothing

    with pytest.raises(UnableToReceive, match=r"huge\.csv has 2048 MiB; at most 200 MiB"):
        keep_original(path=huge)

    assert not folder.exists()


def test_a_file_that_grows_over_the_limit_leaves_nothing(
    tmp_path: Path, folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UPLOAD_LIMIT = 10
    growing = tmp_path / "growing.csv"
    growing.write_bytes(b"12345")
    size_first_seen = os.fstat

    def seen(descriptor: int) -> os.stat_result:
        result = size_first_seen(descriptor)
        growing.write_bytes(b"1234567890123")
        return result

    monkeypatch.setattr("amparo.office.originals.os.fstat", seen)

    with pytest.raises(UnableToReceive, match=r"growing\.csv has 1 MiB"):
        keep_original(path=growing)

    assert list(folder.iterdir()) == []


def make_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("make", [make_folder, os.mkfifo])
def test_what_is_no_ordinary_file_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    odd = tmp_path / "odd"
    make(odd)

    with pytest.raises(UnableToReceive, match="no ordinary file"):
        keep_original(path=odd)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnableToReceive, match=r"missing\.csv cannot be opened: No such file"):
        keep_original(path=tmp_path / "missing.csv")


def test_a_full_disk_leaves_no_half_original(
    arrived: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("amparo.office.originals.os.fsync", full)

    with pytest.raises(OSError, match="No space left"):
        keep_original(path=arrived)

    assert list(folder.iterdir()) == []


def test_the_journal_gets_the_hash_and_not_the_name(clerk: Access, arrived: Path) -> None:
    original = receive_original(
        path=arrived, kind="persons", file_name="Amina Khan.csv", access=clerk, at=NOW
    )

    event = Event.objects.get(kind="office.original_received")
    assert event.details == {
        "kind": "persons",
        "sha256": original.sha256,
        "size": len(CONTENT),
    }


# --- what became of a file ------------------------------------------------------------------------


def test_an_accepted_file_is_found_by_its_content(clerk: Access, arrived: Path) -> None:
    original = keep_original(path=arrived)
    file_id = record_received_file(
        original=original,
        kind="persons",
        file_name="persons.csv",
        outcome="accepted",
        accepted_rows=1,
        access=clerk,
        at=NOW,
    )

    found = already_accepted(kind="persons", sha256=original.sha256)

    assert found is not None
    assert (found.received_file_id, found.accepted_rows) == (file_id, 1)
    assert found.received_by == "Dario Moreau"
    assert already_accepted(kind="employers", sha256=original.sha256) is None


def test_the_same_content_is_not_accepted_twice(clerk: Access, arrived: Path) -> None:
    original = keep_original(path=arrived)
    facts = {"original": original, "kind": "persons", "access": clerk, "at": NOW}
    record_received_file(file_name="a.csv", outcome="accepted", **facts)  # type: ignore[arg-type]

    with pytest.raises(AlreadyAccepted, match="accepted before"):
        record_received_file(
            file_name="renamed.csv",
            outcome="accepted",
            **facts,  # type: ignore[arg-type]
        )

    assert ReceivedFile.objects.count() == 1


def test_a_rejected_file_may_come_again(clerk: Access, arrived: Path) -> None:
    original = keep_original(path=arrived)
    facts = {"original": original, "kind": "persons", "file_name": "a.csv", "access": clerk}
    for outcome in ("rejected", "rejected", "accepted"):
        record_received_file(outcome=outcome, at=NOW, **facts)  # type: ignore[arg-type]

    page = received_files_page(access=clerk, kind="persons")

    assert sorted(row.outcome for row in page.rows) == ["accepted", "rejected", "rejected"]
    assert received_files_page(access=clerk, kind="employers").total == 0


def test_one_of_two_at_the_same_moment_is_accepted(cloned_database: Clone, arrived: Path) -> None:
    clerk = _clerk(appoint())
    original = keep_original(path=arrived)
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def work() -> None:
        start.wait()
        try:
            with transaction.atomic():
                record_received_file(
                    original=original,
                    kind="persons",
                    file_name="a.csv",
                    outcome="accepted",
                    access=clerk,
                    at=NOW,
                )
            outcomes.append("accepted")
        except AlreadyAccepted:
            outcomes.append("already")
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["accepted", "already"]


def test_received_files_are_shown_to_who_takes_files_in(
    cast: Cast, clerk: Access, arrived: Path
) -> None:
    file_id = record_received_file(
        original=keep_original(path=arrived),
        kind="persons",
        file_name="a.csv",
        outcome="rejected",
        rejected_rows=1,
        report={"errors": 1},
        access=clerk,
        at=NOW,
    )

    row = received_file(received_file_id=file_id, access=cast.access("ines"))

    assert (row.outcome, row.rejected_rows, row.report) == ("rejected", 1, {"errors": 1})
    with pytest.raises(NotPermitted):
        received_file(received_file_id=file_id, access=cast.access("bruno"))
    with pytest.raises(NotPermitted):
        received_files_page(access=replace(clerk, rights=frozenset()))
    with pytest.raises(NotFound):
        received_file(received_file_id=uuid4(), access=clerk)
