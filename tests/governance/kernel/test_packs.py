from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from amparo.governance.kernel.operations import (
    NoPass,
    UnableToDecide,
    activate_approved_pack,
    activate_scheme_folder,
    approve,
    propose_pack,
)
from amparo.journal.models import Event
from amparo.rules.book.operations import UnableToActivate, activation_hash
from amparo.rules.book.queries import pack_in_force, packs_listed
from amparo.rules.packs import Pack
from amparo.values import NotPermitted
from tests.cast import NOW, Cast
from tests.rules.book.tiny import tiny_files, tiny_pack

DAY = timedelta(days=1)
FROM = date(2026, 4, 1)


def approved(cast: Cast, pack: Pack) -> UUID:
    resolution_id = propose_pack(
        pack=pack, applies_from=FROM, reason="New law.", access=cast.access("pia"), at=NOW
    )
    approve(
        resolution_id=resolution_id,
        content_hash=activation_hash(pack=pack, applies_from=FROM),
        reason="Agreed.",
        access=cast.access("omar"),
        at=NOW,
    )
    return resolution_id


def test_a_pack_is_proposed_approved_and_activated_by_two_people(cast: Cast) -> None:
    pack = tiny_pack()
    resolution_id = approved(cast, pack)

    version = activate_approved_pack(
        resolution_id=resolution_id,
        pack=pack,
        applies_from=FROM,
        access=cast.access("pia"),
        at=NOW + DAY,
    )

    booked = pack_in_force(scheme="xa/tiny", on=FROM, known_at=NOW + DAY)
    assert (booked.version_id, booked.pack.hash) == (version, pack.hash)
    event = Event.objects.get(kind="rules.pack_activated")
    assert (event.subject_id, event.details["content_hash"]) == (version, pack.hash)


def test_a_pack_changed_after_its_approval_gets_no_pass(cast: Cast) -> None:
    resolution_id = approved(cast, tiny_pack())

    with pytest.raises(NoPass, match="another content"):
        activate_approved_pack(
            resolution_id=resolution_id,
            pack=tiny_pack(amount="1000000"),
            applies_from=FROM,
            access=cast.access("pia"),
            at=NOW + DAY,
        )

    assert packs_listed() == ()


def test_a_pack_is_not_activated_from_another_day_than_approved(cast: Cast) -> None:
    resolution_id = approved(cast, tiny_pack())

    with pytest.raises(NoPass, match="another content"):
        activate_approved_pack(
            resolution_id=resolution_id,
            pack=tiny_pack(),
            applies_from=date(2026, 1, 1),
            access=cast.access("pia"),
            at=NOW + DAY,
        )


def test_an_approval_is_used_once(cast: Cast) -> None:
    resolution_id = approved(cast, tiny_pack())
    again = {
        "resolution_id": resolution_id,
        "pack": tiny_pack(),
        "applies_from": FROM,
        "access": cast.access("pia"),
    }
    activate_approved_pack(at=NOW + DAY, **again)  # type: ignore[arg-type]

    with pytest.raises(UnableToActivate, match="activated before with exactly this content"):
        activate_approved_pack(at=NOW + 2 * DAY, **again)  # type: ignore[arg-type]


def folder_of(tmp_path: Path) -> Path:
    for name, text in tiny_files().items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_scheme_is_installed_from_its_folder_by_two_people(cast: Cast, tmp_path: Path) -> None:
    version = activate_scheme_folder(
        path=folder_of(tmp_path),
        applies_from=FROM,
        proposer=cast.access("pia"),
        approver=cast.access("omar"),
        at=NOW,
    )

    assert [row.version_id for row in packs_listed()] == [version]


def test_one_person_alone_installs_no_scheme(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises((NotPermitted, UnableToDecide)):
        activate_scheme_folder(
            path=folder_of(tmp_path),
            applies_from=FROM,
            proposer=cast.access("pia"),
            approver=cast.access("pia"),
            at=NOW,
        )

    assert packs_listed() == ()
