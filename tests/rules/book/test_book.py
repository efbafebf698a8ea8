from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from amparo.governance.kernel.operations import approve, issue_pass, propose_pack
from amparo.rules.book import queries
from amparo.rules.book.operations import UnableToActivate, activate_pack, activation_hash
from amparo.rules.book.queries import (
    NoPackInForce,
    NoSuchVersion,
    PackAltered,
    benefits_offered,
    pack_in_force,
    packs_listed,
    version,
)
from amparo.rules.packs import Pack, UnclearLaw, load_pack_files
from amparo.values import ChangeApproval, NotPermitted
from tests.cast import NOW, Cast, appoint
from tests.conftest import Clone
from tests.rules.book.tiny import tiny_files, tiny_pack

MARCH, APRIL = datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 4, 2, 8, tzinfo=UTC)
MAY = datetime(2026, 5, 2, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    queries._cache.clear()
    yield
    queries._cache.clear()


@pytest.fixture
def cast(db: None) -> Cast:
    return appoint()


def approval(cast: Cast, pack: Pack, applies_from: date, at: datetime) -> ChangeApproval:
    resolution_id = propose_pack(
        pack=pack, applies_from=applies_from, reason="Law.", access=cast.access("pia"), at=at
    )
    content = activation_hash(pack=pack, applies_from=applies_from)
    approve(
        resolution_id=resolution_id,
        content_hash=content,
        reason="Yes.",
        access=cast.access("omar"),
        at=at,
    )
    return issue_pass(resolution_id=resolution_id, gate="G1", content_hash=content, at=at)


def activate(cast: Cast, pack: Pack, applies_from: date, at: datetime) -> UUID:
    return activate_pack(
        pack=pack,
        applies_from=applies_from,
        approval=approval(cast, pack, applies_from, at),
        access=cast.access("pia"),
        at=at,
    )


def in_force(on: date, known_at: datetime) -> str:
    return pack_in_force(scheme="xa/tiny", on=on, known_at=known_at).version


def test_the_version_in_force_changes_on_its_day(cast: Cast) -> None:
    activate(cast, tiny_pack(version="1"), date(2026, 1, 1), MARCH)
    activate(cast, tiny_pack(version="2"), date(2026, 7, 1), MARCH)

    assert in_force(date(2026, 6, 30), MARCH) == "1"
    assert in_force(date(2026, 7, 1), MARCH) == "2"


def test_a_corrected_version_counts_from_when_it_was_known(cast: Cast) -> None:
    activate(cast, tiny_pack(version="1"), date(2026, 1, 1), MARCH)
    activate(cast, tiny_pack(version="1a"), date(2026, 1, 1), APRIL)

    assert in_force(date(2026, 2, 1), MARCH) == "1"
    assert in_force(date(2026, 2, 1), APRIL) == "1a"


def test_an_earlier_law_corrected_later_does_not_displace_the_later_law(cast: Cast) -> None:
    activate(cast, tiny_pack(version="1"), date(2026, 1, 1), MARCH)
    activate(cast, tiny_pack(version="2"), date(2026, 7, 1), MARCH)
    activate(cast, tiny_pack(version="1a"), date(2026, 1, 1), APRIL)

    assert in_force(date(2026, 6, 30), MAY) == "1a"
    assert in_force(date(2026, 7, 1), MAY) == "2"


@pytest.mark.parametrize(
    ("scheme", "on", "known_at"),
    [
        ("xa/tiny", date(2025, 12, 31), APRIL),
        ("xa/tiny", date(2026, 2, 1), MARCH - timedelta(days=1)),
        ("xa/other", date(2026, 2, 1), APRIL),
    ],
)
def test_where_no_pack_is_known_nothing_is_decided(
    cast: Cast, scheme: str, on: date, known_at: datetime
) -> None:
    activate(cast, tiny_pack(), date(2026, 1, 1), MARCH)

    with pytest.raises(NoPackInForce, match=f"“{scheme}” is in force on {on}"):
        pack_in_force(scheme=scheme, on=on, known_at=known_at)


def test_a_version_is_found_again_with_its_rules(cast: Cast) -> None:
    version_id = activate(cast, tiny_pack(amount="12.50"), date(2026, 1, 1), MARCH)

    booked = version(version_id=version_id)

    assert str(booked.pack.evaluate("Amount", {}, on=date(2026, 2, 1)).value) == "12.50"
    with pytest.raises(NoSuchVersion):
        version(version_id=uuid4())


def test_a_transitional_clause_leaves_earlier_claims_to_the_version_before(cast: Cast) -> None:
    files = tiny_files(version="2")
    files["scheme.toml"] += """
[applicability]
when = 'claimed_on >= date("2026-07-15")'
law = "Amending Act, Art. 9"
"""
    activate(cast, tiny_pack(version="1"), date(2026, 1, 1), MARCH)
    activate(cast, load_pack_files(files), date(2026, 7, 1), MARCH)

    def decides(claimed_on: date | None) -> str:
        found = pack_in_force(
            scheme="xa/tiny", on=date(2026, 7, 2), known_at=APRIL, claimed_on=claimed_on
        )
        return found.version

    assert decides(date(2026, 7, 14)) == "1"
    assert decides(date(2026, 7, 15)) == "2"
    with pytest.raises(UnclearLaw):
        decides(None)


def test_the_benefits_of_the_packs_in_force_are_offered(cast: Cast) -> None:
    activate(cast, tiny_pack(), date(2026, 1, 1), MARCH)
    activate(cast, tiny_pack(scheme="xa/later"), date(2026, 7, 1), MARCH)

    now = benefits_offered(on=date(2026, 2, 1), known_at=MARCH)
    later = benefits_offered(on=date(2026, 7, 1), known_at=MARCH)

    assert [(offer.scheme, offer.benefit.code) for offer in now] == [("xa/tiny", "tiny")]
    assert [offer.scheme for offer in later] == ["xa/later", "xa/tiny"]


def test_a_pack_is_parsed_once_and_its_files_are_fetched_once(cast: Cast) -> None:
    activate(cast, tiny_pack(), date(2026, 1, 1), MARCH)

    first = pack_in_force(scheme="xa/tiny", on=date(2026, 2, 1), known_at=MARCH)
    with CaptureQueriesContext(connection) as captured:
        second = pack_in_force(scheme="xa/tiny", on=date(2026, 2, 1), known_at=MARCH)

    assert second.pack is first.pack
    assert len(captured) == 1
    assert '"files"' not in captured[0]["sql"]


def test_the_cache_is_bounded(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "_CACHE_SIZE", 2)
    for number in range(3):
        activate(cast, tiny_pack(version=str(number)), date(2026, 1, 1 + number), MARCH)
        in_force(date(2026, 1, 1 + number), MARCH)

    assert len(queries._cache) == 2


def test_versions_are_listed_the_latest_first(cast: Cast) -> None:
    activate(cast, tiny_pack(version="1"), date(2026, 1, 1), MARCH)
    activate(cast, tiny_pack(version="2"), date(2026, 7, 1), MARCH)

    assert [row.version for row in packs_listed()] == ["2", "1"]


def test_an_approval_for_something_else_activates_nothing(cast: Cast) -> None:
    other = approval(cast, tiny_pack(version="1"), date(2026, 1, 1), MARCH)

    with pytest.raises(UnableToActivate, match="something else"):
        activate_pack(
            pack=tiny_pack(version="2"),
            applies_from=date(2026, 1, 1),
            approval=other,
            access=cast.access("pia"),
            at=MARCH,
        )


def test_an_expired_approval_activates_nothing(cast: Cast) -> None:
    late = approval(cast, tiny_pack(), date(2026, 1, 1), MARCH)

    with pytest.raises(UnableToActivate, match="expired"):
        activate_pack(
            pack=tiny_pack(),
            applies_from=date(2026, 1, 1),
            approval=replace(late, expires_at=MARCH),
            access=cast.access("pia"),
            at=MARCH,
        )


def test_a_pack_does_not_apply_before_the_days_it_is_written_for(cast: Cast) -> None:
    with pytest.raises(UnableToActivate, match="from 2026-01-01 on"):
        activate(cast, tiny_pack(), date(2025, 12, 31), MARCH)


@pytest.mark.parametrize("name", ["bruno", "ines", "alma"])
def test_activating_needs_a_right_over_rules(cast: Cast, name: str) -> None:
    pack = tiny_pack()

    with pytest.raises(NotPermitted):
        activate_pack(
            pack=pack,
            applies_from=date(2026, 1, 1),
            approval=approval(cast, pack, date(2026, 1, 1), MARCH),
            access=cast.access(name),
            at=MARCH,
        )


def test_files_altered_in_the_database_decide_nothing(cloned_database: Clone) -> None:
    cast = appoint()
    with transaction.atomic():
        activate(cast, tiny_pack(), date(2026, 1, 1), NOW)
    with psycopg.connect(cloned_database.owner_url) as owner:
        owner.execute("ALTER TABLE rulebook_packversion DISABLE TRIGGER USER")
        owner.execute(
            "UPDATE rulebook_packversion SET files = replace(files::text, '>10<', '>99<')::jsonb"
        )

    with pytest.raises(PackAltered, match=r"xa/tiny 2026\.1 are not the approved ones"):
        pack_in_force(scheme="xa/tiny", on=date(2026, 2, 1), known_at=NOW)
