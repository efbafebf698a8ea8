"""Sealing the journal: committed events are hashed into blocks, each chained to the one before.

Events are appended unchained, so writers never wait for each other; every minute a job seals what
has been committed. Ids are given out before commit: a slow transaction's event has a lower id than
events sealed long before it, so a block names its events one by one (an int8multirange) and not as
“up to this id”. Nothing rests on transaction numbers, so a chain stays valid in a restored
database.

Whoever owns the database can rewrite everything, the chain too. So block heads also leave the
building (backups, the outside watcher): `verify_chain(heads=…)` compares.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

_LOCK: Final = 0x616D7061_726F  # “amparo”: one sealer at a time
_GENESIS: Final = "0" * 64
_EVENTS_A_BLOCK: Final = 100_000

# The canonical text of an event. An array, because its order is fixed; times in UTC to the
# microsecond, because PostgreSQL's own spelling follows session settings.
_EVENT_DIGEST: Final = """
sha256(convert_to(jsonb_build_array(
    e.id, to_char(e.happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
    e.kind, e.actor_id, e.role, e.purpose, e.mandate_id, e.subject_kind, e.subject_id, e.details
)::text, 'UTF8'))
"""
_EVENTS_HASH: Final = f"""
encode(sha256(coalesce(string_agg({_EVENT_DIGEST}, ''::bytea ORDER BY e.id), ''::bytea)), 'hex')
"""
_BLOCK_HASH: Final = """
encode(sha256(convert_to(concat_ws('|',
    b.number, to_char(b.sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
    b.event_ids, b.event_count, b.events_hash, b.previous_hash
), 'UTF8')), 'hex')
"""

# `since`: below it, everything was given out more than a day before; the sweep looks there too.
_SINCE: Final = """
SELECT coalesce((
    SELECT upper(event_ids) FROM journal_block
    WHERE sealed_at < %(at)s::timestamptz - interval '1 day' ORDER BY number DESC LIMIT 1
), 0)
"""
_SEAL: Final = f"""
WITH sealed AS MATERIALIZED (
    SELECT coalesce(range_agg(event_ids), '{{}}'::int8multirange) AS ids
    FROM journal_block WHERE event_ids && int8multirange(int8range(%(since)s, NULL))
), pending AS MATERIALIZED (
    SELECT e.* FROM journal_event e, sealed
    WHERE e.id >= %(since)s AND NOT (sealed.ids @> e.id)
    ORDER BY e.id LIMIT %(limit)s
), head AS (
    SELECT number, block_hash FROM journal_block ORDER BY number DESC LIMIT 1
), b AS (
    SELECT coalesce((SELECT number FROM head), 0) + 1 AS number,
           %(at)s::timestamptz AS sealed_at,
           range_agg(int8range(e.id, e.id + 1)) AS event_ids,
           count(*) AS event_count,
           {_EVENTS_HASH} AS events_hash,
           coalesce((SELECT block_hash FROM head), '{_GENESIS}') AS previous_hash
    FROM pending e
    HAVING count(*) > 0
)
INSERT INTO journal_block
    (number, sealed_at, event_ids, event_count, events_hash, previous_hash, block_hash)
SELECT b.*, {_BLOCK_HASH} FROM b
RETURNING number, event_count, block_hash
"""  # noqa: S608 — made of our own constants; values are parameters

# Each block beside what its events say now and what the block before it says.
_RECOMPUTED: Final = f"""
SELECT b.number, b.event_count, b.events_hash, b.previous_hash, b.block_hash,
       now.event_count, now.events_hash, {_BLOCK_HASH},
       lag(b.block_hash) OVER (ORDER BY b.number), lag(b.number) OVER (ORDER BY b.number),
       now.oldest < max(now.newest) OVER (
           ORDER BY b.number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) - interval '1 day'
FROM journal_block b
CROSS JOIN LATERAL (
    SELECT count(e.id) AS event_count, {_EVENTS_HASH} AS events_hash,
           min(e.happened_at) AS oldest, max(e.happened_at) AS newest
    FROM unnest(b.event_ids) ids
    JOIN journal_event e ON e.id >= lower(ids) AND e.id < upper(ids)
) now
ORDER BY b.number
"""  # noqa: S608 — made of our own constants
_IN_TWO_BLOCKS: Final = """
SELECT count(*) FROM (
    SELECT lower(ids) AS first, max(upper(ids)) OVER (
        ORDER BY lower(ids), upper(ids) ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
    FROM journal_block b, unnest(b.event_ids) ids
) ranges WHERE first < before
"""
_SLIPPED_IN: Final = """
WITH sealed AS MATERIALIZED (
    SELECT coalesce(range_agg(event_ids), '{}'::int8multirange) AS ids FROM journal_block
), head AS (
    SELECT max(e.happened_at) AS newest FROM journal_event e, sealed WHERE sealed.ids @> e.id
)
SELECT count(*), count(*) FILTER (WHERE e.happened_at < head.newest - interval '1 day')
FROM journal_event e, sealed, head WHERE NOT (sealed.ids @> e.id)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedBlock:
    """The head of the chain after sealing: what a watcher outside keeps."""

    number: int
    event_count: int
    block_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFault:
    """What does not fit, and in which block (None: outside every block)."""

    block: int | None
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """The whole chain recomputed: `events` are sealed, `unsealed` those since the last seal."""

    blocks: int
    events: int
    unsealed: int
    faults: tuple[ChainFault, ...]


@transaction.atomic
def seal_block(*, at: datetime, sweep: bool = False) -> SealedBlock | None:
    """Seal the committed events that no block holds yet; return None when there are none.

    At most 100,000 events go into a block; call again until None. sweep: also look for events of
    transactions that stayed open for more than a day; without it the search is bounded by the last
    day's events. Sealing shows nothing to anybody and changes no event, so it demands no right.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        since = 0
        if not sweep:
            cursor.execute(_SINCE, {"at": at})
            since = cursor.fetchone()[0]
        cursor.execute(_SEAL, {"at": at, "since": since, "limit": _EVENTS_A_BLOCK})
        row = cursor.fetchone()
    if row is None:
        return None
    return SealedBlock(number=row[0], event_count=row[1], block_hash=row[2])


def verify_chain(*, heads: Mapping[int, str] | None = None) -> ChainReport:
    """Recompute every block from its events, and the chain from its blocks.

    heads: block hashes by number that were kept outside; each must still be in the chain.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RECOMPUTED)
        blocks = cursor.fetchall()
        cursor.execute(_IN_TWO_BLOCKS)
        overlaps = cursor.fetchone()[0]
        cursor.execute(_SLIPPED_IN)
        unsealed, slipped_in = cursor.fetchone()
    faults = [fault for row in blocks for fault in _faults_of(*row)]
    if overlaps:
        faults.append(ChainFault(block=None, problem=f"{overlaps} id ranges lie in two blocks"))
    if slipped_in:
        problem = f"{slipped_in} unsealed events claim to be more than a day older than the head"
        faults.append(ChainFault(block=None, problem=problem))
    hashes = {row[0]: row[4] for row in blocks}
    faults += [
        ChainFault(block=number, problem="the head kept outside is not in the chain")
        for number, head in sorted((heads or {}).items())
        if hashes.get(number) != head
    ]
    return ChainReport(
        blocks=len(blocks),
        events=sum(row[5] for row in blocks),
        unsealed=unsealed,
        faults=tuple(faults),
    )


def _faults_of(*row: Any) -> Iterator[ChainFault]:
    number, count, events_hash, previous_hash, block_hash, *now = row
    count_now, events_hash_now, block_hash_now, hash_before, number_before, came_late = now
    if count_now != count:
        verb = "removed" if count_now < count else "added"
        problem = f"{abs(count_now - count)} of {count} events were {verb}"
        yield ChainFault(block=number, problem=problem)
    elif events_hash_now != events_hash:
        yield ChainFault(block=number, problem="an event was altered")
    if block_hash_now != block_hash:
        yield ChainFault(block=number, problem="the block itself was altered")
    if number != (number_before or 0) + 1:
        yield ChainFault(block=number, problem="the block before it is missing")
    if previous_hash != (hash_before or _GENESIS):
        yield ChainFault(block=number, problem="the chain to the block before it is broken")
    if came_late:
        problem = "an event claims to be more than a day older than the blocks before it"
        yield ChainFault(block=number, problem=problem)
