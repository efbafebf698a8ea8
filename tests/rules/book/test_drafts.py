from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, transaction

from amparo.governance.kernel.operations import (
    NoPass,
    UnableToPropose,
    activate_draft,
    approve,
    propose_draft,
    refuse,
    take_up_draft_again,
)
from amparo.governance.kernel.queries import resolution
from amparo.rules.authoring.faults import FaultyTable
from amparo.rules.book import queries
from amparo.rules.book.models import DraftRevision
from amparo.rules.book.operations import (
    DraftMoved,
    UnableToDraft,
    discard_draft,
    restore_draft,
    save_draft,
    start_draft,
)
from amparo.rules.book.queries import (
    NoSuchDraft,
    draft_of_resolution,
    drafted_pack,
    drafts_listed,
    pack_in_force,
    revisions_of,
)
from amparo.rules.feel.diagnostics import RuleError
from amparo.values import NotPermitted
from tests.cast import Cast, appoint
from tests.rules.book.test_book import activate
from tests.rules.book.tiny import tiny_files, tiny_pack

MARCH = datetime(2026, 3, 2, 8, tzinfo=UTC)
JULY = date(2026, 7, 1)
CASES = {
    "cases/worked.jsonl": '{"id": "all", "decision": "Eligible", "origin": "signed", '
    '"effective": "2026-07-01", "inputs": {}, "expected": {}, "outcome": "granted"}\n'
}


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    queries._cache.clear()
    yield
    queries._cache.clear()


@pytest.fixture
def cast(db: None) -> Cast:
    return appoint()


@pytest.fixture
def draft(cast: Cast) -> UUID:
    base_id = activate(cast, tiny_pack(version="1"), date(2026, 1, 1), MARCH)
    return start_draft(
        base_id=base_id,
        title="A higher amount",
        version="2",
        access=cast.access("pia"),
        at=MARCH,
    )


def save(cast: Cast, draft: UUID, *, amount: str, seen: int = 1) -> int:
    return save_draft(
        draft_id=draft,
        seen=seen,
        files={**tiny_files(version="2", amount=amount), **CASES},
        act="table",
        subject="Amount",
        access=cast.access("pia"),
        at=MARCH,
    )


def amount_of(cast: Cast, draft: UUID, number: int | None = None) -> str:
    found = drafted_pack(draft_id=draft, access=cast.access("omar"), number=number)
    return str(found.pack.evaluate("Amount", {}, on=JULY).value)


def propose(cast: Cast, draft: UUID, *, seen: int = 2, reason: str = "Amending Act.") -> UUID:
    return propose_draft(
        draft_id=draft,
        seen=seen,
        applies_from=JULY,
        reason=reason,
        access=cast.access("pia"),
        at=MARCH,
    )


def approved(cast: Cast, resolution_id: UUID) -> None:
    approve(
        resolution_id=resolution_id,
        content_hash=resolution(
            resolution_id=resolution_id, access=cast.access("omar")
        ).content_hash,
        reason="Yes.",
        access=cast.access("omar"),
        at=MARCH,
    )


def test_a_draft_starts_from_a_version_under_a_number_of_its_own(cast: Cast, draft: UUID) -> None:
    (listed,) = drafts_listed(access=cast.access("pia"))
    found = drafted_pack(draft_id=draft, access=cast.access("pia"))

    assert (listed.title, listed.base_version, listed.state) == ("A higher amount", "1", "open")
    assert listed.started_by == "Pia Lindqvist"
    assert (found.pack.version, found.base.version, found.number) == ("2", "1", 1)
    assert amount_of(cast, draft) == "10"


@pytest.mark.parametrize(
    ("version", "title", "refusal"),
    [("1", "Higher", "already has"), ("2", "  ", "what the draft is for")],
)
def test_a_draft_without_a_new_number_or_a_title_does_not_start(
    cast: Cast, draft: UUID, version: str, title: str, refusal: str
) -> None:
    base_id = drafted_pack(draft_id=draft, access=cast.access("pia")).base.version_id

    with pytest.raises(UnableToDraft, match=refusal):
        start_draft(
            base_id=base_id, title=title, version=version, access=cast.access("pia"), at=MARCH
        )


def test_a_version_number_that_no_manifest_could_hold_is_refused(cast: Cast, draft: UUID) -> None:
    base_id = drafted_pack(draft_id=draft, access=cast.access("pia")).base.version_id

    with pytest.raises(FaultyTable, match="1 faults"):
        start_draft(base_id=base_id, title="T", version='2" #', access=cast.access("pia"), at=MARCH)


def test_each_save_is_a_revision_and_the_same_content_is_none(cast: Cast, draft: UUID) -> None:
    assert save(cast, draft, amount="12") == 2
    assert save(cast, draft, amount="12", seen=2) == 2
    assert save(cast, draft, amount="13", seen=2) == 3

    revisions = revisions_of(draft_id=draft, access=cast.access("ines"))
    assert [(one.number, one.act) for one in revisions] == [
        (3, "table"),
        (2, "table"),
        (1, "started"),
    ]
    assert [amount_of(cast, draft, number) for number in (1, 2, 3)] == ["10", "12", "13"]


def test_who_started_from_an_older_revision_overwrites_nothing(cast: Cast, draft: UUID) -> None:
    save(cast, draft, amount="12")

    with pytest.raises(DraftMoved, match="saved revision 2 while you worked on revision 1"):
        save(cast, draft, amount="13", seen=1)

    assert amount_of(cast, draft) == "12"


def test_files_that_make_no_pack_are_not_saved(cast: Cast, draft: UUID) -> None:
    with pytest.raises(RuleError):
        save(cast, draft, amount="12 +")

    assert drafted_pack(draft_id=draft, access=cast.access("pia")).number == 1


def test_a_draft_does_not_become_another_scheme(cast: Cast, draft: UUID) -> None:
    with pytest.raises(UnableToDraft, match="keeps its scheme"):
        save_draft(
            draft_id=draft,
            seen=1,
            files=tiny_files(version="2", scheme="xa/other"),
            act="table",
            subject="",
            access=cast.access("pia"),
            at=MARCH,
        )


def test_an_earlier_revision_is_restored_as_the_latest(cast: Cast, draft: UUID) -> None:
    save(cast, draft, amount="12")
    save(cast, draft, amount="13", seen=2)

    number = restore_draft(draft_id=draft, number=2, seen=3, access=cast.access("pia"), at=MARCH)

    assert (number, amount_of(cast, draft)) == (4, "12")
    assert amount_of(cast, draft, 3) == "13"
    with pytest.raises(UnableToDraft, match="no revision 9"):
        restore_draft(draft_id=draft, number=9, seen=4, access=cast.access("pia"), at=MARCH)


def test_a_saved_revision_cannot_be_rewritten(cast: Cast, draft: UUID) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        DraftRevision.objects.filter(draft_id=draft).update(changed={})


def test_a_discarded_draft_takes_no_more_changes(cast: Cast, draft: UUID) -> None:
    discard_draft(draft_id=draft, access=cast.access("pia"), at=MARCH)

    with pytest.raises(UnableToDraft, match="closed to changes"):
        save(cast, draft, amount="12")


def test_only_who_proposes_rules_writes_drafts(cast: Cast, draft: UUID) -> None:
    for name in ("omar", "bruno", "ines"):
        with pytest.raises(NotPermitted):
            discard_draft(draft_id=draft, access=cast.access(name), at=MARCH)
    with pytest.raises(NotPermitted):
        drafted_pack(draft_id=draft, access=cast.access("bruno"))


def test_a_draft_that_nobody_started_is_not_there(cast: Cast) -> None:
    with pytest.raises(NoSuchDraft):
        drafted_pack(draft_id=uuid4(), access=cast.access("pia"))


def test_a_draft_is_proposed_approved_and_put_in_force(cast: Cast, draft: UUID) -> None:
    save(cast, draft, amount="12")
    resolution_id = propose(cast, draft)
    with pytest.raises(UnableToDraft, match="closed to changes"):
        save(cast, draft, amount="99", seen=2)
    with pytest.raises(NoPass):
        activate_draft(draft_id=draft, access=cast.access("pia"), at=MARCH)
    proposed = draft_of_resolution(resolution_id=resolution_id, access=cast.access("omar"))
    approved(cast, resolution_id)

    version_id = activate_draft(draft_id=draft, access=cast.access("pia"), at=MARCH)

    assert proposed is not None
    assert proposed.draft.draft_id == draft
    in_force = pack_in_force(scheme="xa/tiny", on=JULY, known_at=MARCH)
    assert (in_force.version_id, in_force.version) == (version_id, "2")
    assert drafted_pack(draft_id=draft, access=cast.access("pia")).draft.state == "activated"
    with pytest.raises(UnableToDraft, match="not proposed"):
        take_up_draft_again(draft_id=draft, access=cast.access("pia"), at=MARCH + timedelta(31))


def test_a_draft_that_changes_nothing_is_not_proposed(cast: Cast) -> None:
    base_id = activate(cast, tiny_pack(version="1"), date(2026, 1, 1), MARCH)
    draft = start_draft(
        base_id=base_id, title="T", version="2", access=cast.access("pia"), at=MARCH
    )
    save_draft(
        draft_id=draft,
        seen=1,
        files=tiny_files(version="1"),
        act="table",
        subject="",
        access=cast.access("pia"),
        at=MARCH,
    )

    with pytest.raises(UnableToPropose, match="changes nothing"):
        propose(cast, draft)


def test_a_draft_whose_cases_fail_is_not_proposed(cast: Cast, draft: UUID) -> None:
    case = (
        '{"id": "ten", "decision": "Amount", "origin": "signed", "effective": "2026-07-01",'
        ' "inputs": {}, "expected": {"value": 10}}\n'
    )
    save_draft(
        draft_id=draft,
        seen=1,
        files={**tiny_files(version="2", amount="12"), "cases/worked.jsonl": case},
        act="case",
        subject="ten",
        access=cast.access("pia"),
        at=MARCH,
    )

    with pytest.raises(UnableToPropose, match="1 worked cases fail"):
        propose(cast, draft)


def test_a_draft_is_proposed_as_it_was_read(cast: Cast, draft: UUID) -> None:
    save(cast, draft, amount="12")

    with pytest.raises(DraftMoved):
        propose(cast, draft, seen=1)


def test_a_refused_draft_opens_again_and_a_standing_one_does_not(cast: Cast, draft: UUID) -> None:
    save(cast, draft, amount="12")
    resolution_id = propose(cast, draft)
    with pytest.raises(UnableToDraft, match="still stands"):
        take_up_draft_again(draft_id=draft, access=cast.access("pia"), at=MARCH)
    refuse(resolution_id=resolution_id, reason="Too high.", access=cast.access("omar"), at=MARCH)

    take_up_draft_again(draft_id=draft, access=cast.access("pia"), at=MARCH)

    assert save(cast, draft, amount="11", seen=2) == 3


def test_a_draft_whose_approval_expired_opens_again(cast: Cast, draft: UUID) -> None:
    save(cast, draft, amount="12")
    approved(cast, propose(cast, draft))

    with pytest.raises(UnableToDraft, match="still stands"):
        take_up_draft_again(draft_id=draft, access=cast.access("pia"), at=MARCH + timedelta(29))
    take_up_draft_again(draft_id=draft, access=cast.access("pia"), at=MARCH + timedelta(30))

    assert drafted_pack(draft_id=draft, access=cast.access("pia")).draft.state == "open"
