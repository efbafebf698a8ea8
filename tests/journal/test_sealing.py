"""A sealed journal shows every rewriting: by whoever owns the database, triggers off."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection, transaction

from amparo.journal.models import Block, Event
from amparo.journal.operations import record_without_mandate
from amparo.journal.queries import events_page
from amparo.journal.sealing import ChainReport, SealedBlock, seal_block, verify_chain
from tests.cast import Cast
from tests.conftest import Clone

AT = datetime(2026, 3, 2, 8, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
INSTALLED = 1  # every database begins with one event: its roles were installed


@transaction.atomic
def happen(*kinds: str) -> None:
    for kind in kinds:
        record_without_mandate(kind=kind, details={"kind": kind})


def seal(*, minutes: int = 0) -> SealedBlock | None:
    return seal_block(at=AT + minutes * MINUTE)


def problems(report: ChainReport) -> list[tuple[int | None, str]]:
    return [(fault.block, fault.problem) for fault in report.faults]


@pytest.fixture
def sealed(cloned_database: Clone) -> None:
    """Three blocks: the installation with a b c, then d, then e f."""
    for minutes, kinds in enumerate(["abc", "d", "ef"]):
        happen(*kinds)
        seal(minutes=minutes)


@pytest.fixture
def rewriter(cloned_database: Clone, sealed: None) -> Iterator[psycopg.Connection]:
    """The owner of the tables, who has switched the triggers off."""
    with psycopg.connect(cloned_database.owner_url, autocommit=True) as owner:
        for table in ("journal_event", "journal_block"):
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield owner


def test_an_untouched_chain_verifies(sealed: None) -> None:
    report = verify_chain()

    assert report == ChainReport(blocks=3, events=INSTALLED + 6, unsealed=0, faults=())


def test_each_block_names_the_one_before(sealed: None) -> None:
    blocks = list(Block.objects.order_by("number"))

    assert [block.number for block in blocks] == [1, 2, 3]
    assert [block.event_count for block in blocks] == [INSTALLED + 3, 1, 2]
    assert [block.previous_hash for block in blocks[1:]] == [b.block_hash for b in blocks[:2]]


def test_nothing_new_seals_nothing(sealed: None) -> None:
    assert seal(minutes=9) is None


def test_events_since_the_last_seal_are_counted(sealed: None) -> None:
    happen("g")

    assert verify_chain().unsealed == 1


def test_an_altered_event_is_found(rewriter: psycopg.Connection) -> None:
    rewriter.execute("""UPDATE journal_event SET details = '{"kind": "z"}' WHERE kind = 'b'""")

    assert problems(verify_chain()) == [(1, "an event was altered")]


@pytest.mark.parametrize(
    "change",
    [
        "happened_at = happened_at - interval '1 microsecond'",
        "kind = 'x'",
        "actor_id = gen_random_uuid()",
        "role = 'x'",
        "purpose = 'x'",
        "mandate_id = gen_random_uuid()",
        "subject_kind = 'x'",
        "subject_id = gen_random_uuid()",
    ],
)
def test_no_column_of_an_event_can_change_unseen(rewriter: psycopg.Connection, change: str) -> None:
    rewriter.execute(f"UPDATE journal_event SET {change} WHERE kind = 'd'")  # noqa: S608 — the test's own words

    assert problems(verify_chain()) == [(2, "an event was altered")]


def test_a_removed_event_is_found(rewriter: psycopg.Connection) -> None:
    rewriter.execute("DELETE FROM journal_event WHERE kind = 'e'")

    assert problems(verify_chain()) == [(3, "1 of 2 events were removed")]


def test_an_event_put_in_the_place_of_another_is_found(rewriter: psycopg.Connection) -> None:
    rewriter.execute("UPDATE journal_event SET id = id + 1000 WHERE kind = 'a'")
    rewriter.execute(
        "INSERT INTO journal_event (id, kind, role, purpose, subject_kind, details) "
        "SELECT id - 1000, 'a', '', '', '', '{}' FROM journal_event WHERE kind = 'a'"
    )

    assert problems(verify_chain()) == [(1, "an event was altered")]


def test_an_event_added_in_the_past_is_found(rewriter: psycopg.Connection) -> None:
    rewriter.execute(
        "INSERT INTO journal_event (happened_at, kind, role, purpose, subject_kind, details) "
        "VALUES (now() - interval '30 days', 'alibi', '', '', '', '{}')"
    )

    unsealed = problems(verify_chain())
    seal(minutes=5)
    laundered = problems(verify_chain())

    assert unsealed == [(None, "1 unsealed events claim to be more than a day older than the head")]
    assert laundered == [
        (4, "an event claims to be more than a day older than the blocks before it")
    ]


def test_a_block_that_claims_one_more_event_is_found(rewriter: psycopg.Connection) -> None:
    happen("g")
    rewriter.execute(
        "UPDATE journal_block SET event_ids = event_ids + (SELECT int8multirange(int8range(id, "
        "id + 1)) FROM journal_event WHERE kind = 'g') WHERE number = 2"
    )

    assert problems(verify_chain()) == [
        (2, "1 of 1 events were added"),
        (2, "the block itself was altered"),
    ]


def test_an_event_in_two_blocks_is_found(rewriter: psycopg.Connection) -> None:
    rewriter.execute(
        "UPDATE journal_block SET event_ids = event_ids + "
        "(SELECT event_ids FROM journal_block WHERE number = 1) WHERE number = 2"
    )

    assert (None, "1 id ranges lie in two blocks") in problems(verify_chain())


def test_a_rewritten_block_breaks_the_chain(rewriter: psycopg.Connection) -> None:
    rewriter.execute("UPDATE journal_block SET block_hash = repeat('a', 64) WHERE number = 2")

    assert problems(verify_chain()) == [
        (2, "the block itself was altered"),
        (3, "the chain to the block before it is broken"),
    ]


def test_a_removed_block_is_found(rewriter: psycopg.Connection) -> None:
    rewriter.execute("DELETE FROM journal_block WHERE number = 2")

    assert problems(verify_chain()) == [
        (3, "the block before it is missing"),
        (3, "the chain to the block before it is broken"),
    ]


def test_a_removed_first_block_is_found(rewriter: psycopg.Connection) -> None:
    rewriter.execute("DELETE FROM journal_block WHERE number = 1")

    assert (2, "the block before it is missing") in problems(verify_chain())


def test_a_chain_rewritten_whole_is_found_against_an_outside_head(
    rewriter: psycopg.Connection,
) -> None:
    head = Block.objects.order_by("-number")[0]
    rewriter.execute("DELETE FROM journal_block")
    rewriter.execute("UPDATE journal_event SET kind = 'x' WHERE kind = 'f'")
    seal(minutes=3)

    assert problems(verify_chain()) == []
    assert problems(verify_chain(heads={head.number: head.block_hash})) == [
        (3, "the head kept outside is not in the chain")
    ]


def test_a_chain_loaded_from_a_dump_still_verifies(rewriter: psycopg.Connection) -> None:
    tables = ("journal_event", "journal_block")
    dumped = {}
    for table in tables:
        with rewriter.cursor().copy(f"COPY {table} TO STDOUT") as copy:
            dumped[table] = b"".join(bytes(chunk) for chunk in copy)
        rewriter.execute(f"TRUNCATE {table}")
    emptied = verify_chain()
    for table in tables:
        with rewriter.cursor().copy(f"COPY {table} FROM STDIN") as copy:
            copy.write(dumped[table])

    restored = verify_chain()

    assert emptied.blocks == 0
    assert restored == ChainReport(blocks=3, events=INSTALLED + 6, unsealed=0, faults=())


def test_an_event_that_commits_late_joins_a_later_block(cloned_database: Clone) -> None:
    with psycopg.connect(cloned_database.app_url) as slow:
        slow.execute(
            "INSERT INTO journal_event (kind, role, purpose, subject_kind, details) "
            "VALUES ('slow', '', '', '', '{}')"
        )
        happen("quick")
        first = seal()
        slow.commit()
    second = seal(minutes=1)

    assert first is not None
    assert second is not None
    assert (first.event_count, second.event_count) == (INSTALLED + 1, 1)
    assert Event.objects.get(kind="slow").id < Event.objects.get(kind="quick").id
    assert verify_chain() == ChainReport(blocks=2, events=INSTALLED + 2, unsealed=0, faults=())


def test_a_transaction_open_for_days_is_found_by_the_sweep(cloned_database: Clone) -> None:
    with psycopg.connect(cloned_database.app_url) as slow:
        slow.execute(
            "INSERT INTO journal_event (kind, role, purpose, subject_kind, details) "
            "VALUES ('slow', '', '', '', '{}')"
        )
        happen("quick")
        seal()
        slow.commit()
    later = AT + timedelta(days=3)

    quick = seal_block(at=later)
    swept = seal_block(at=later, sweep=True)

    assert quick is None
    assert swept is not None
    assert swept.event_count == 1


def test_a_rolled_back_id_is_nobodys(cloned_database: Clone) -> None:
    happen("a")
    with psycopg.connect(cloned_database.app_url) as undone:
        undone.execute("SELECT nextval('journal_event_id_seq')")
        undone.rollback()
    happen("b")

    seal()

    assert verify_chain() == ChainReport(blocks=1, events=INSTALLED + 2, unsealed=0, faults=())


def test_two_sealers_wait_for_each_other(cloned_database: Clone) -> None:
    happen(*(f"event-{number}" for number in range(200)))
    sealed: list[SealedBlock | None] = []

    def work() -> None:
        try:
            sealed.append(seal())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(block is None for block in sealed) == [False, True, True, True]
    assert verify_chain() == ChainReport(blocks=1, events=INSTALLED + 200, unsealed=0, faults=())


def test_the_hash_follows_no_session_setting(sealed: None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'Asia/Kathmandu'")
        cursor.execute("SET LOCAL DateStyle = 'German'")
        cursor.execute("SET LOCAL bytea_output = 'escape'")
        report = verify_chain()

    assert report.faults == ()


def test_a_reader_sees_in_which_block_an_event_lies(committed_cast: Cast) -> None:
    happen("before")
    block = seal()
    happen("after")

    page = events_page(access=committed_cast.access("ines"))

    assert block is not None
    sealed_in = {row.kind: row.sealed_in for row in page.rows}
    assert (sealed_in["before"], sealed_in["after"]) == (block.number, None)
