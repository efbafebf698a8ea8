"""What somebody is owed and awarded is shown for a purpose, and of one's own record alone."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection

from amparo.delivery.claims.operations import approve_claim, assess_claim
from amparo.journal.reading import reading
from amparo.values import Right
from tests.delivery import world as worlds
from tests.delivery.claims.test_claiming import claim_pension
from tests.delivery.world import AMINA_NUMBER, AT, World, opened

LEA_NUMBER = "1970010106"
# A table of amounts, and how its rows lead to their person.
TABLES = {
    "claims_awardcomponent": "JOIN claims_award p ON p.id = t.award_id",
    "claims_scheduledamount": "JOIN claims_claim p ON p.id = t.claim_id",
    "contributions_liability": "JOIN contributions_wageline p ON p.id = t.wage_line_id",
}


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:
    """Amina and Lea, with an amount of each kind for both."""
    made = worlds.build(tmp_path)
    lea = made.person(given_names="Lea", born=date(1963, 3, 1), identifier=LEA_NUMBER)
    for month in ("2026-05", "2026-06", "2026-07"):
        made.declare(month, (AMINA_NUMBER, "1000.00"), (LEA_NUMBER, "1000.00"))
    for person in (made.amina, lea):
        receipt = claim_pension(made, person_id=person)
        assess_claim(claim_id=receipt.claim_id, access=made.bruno, at=AT)
        approve_claim(claim_id=receipt.claim_id, access=made.celia, at=AT)
    return made


def persons(table: str) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT p.person_id FROM {table} t {TABLES[table]}")  # noqa: S608
        return {person for (person,) in cursor.fetchall()}


def rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("table", TABLES)
def test_without_a_purpose_no_amount_is_seen(world: World, table: str) -> None:
    before = rows(table)
    with opened(world):
        inside = rows(table)

    assert (before, inside > 0, rows(table)) == (0, True, 0)


@pytest.mark.parametrize("table", TABLES)
def test_whoever_reads_their_own_record_sees_their_own_amounts(world: World, table: str) -> None:
    with opened(world):
        everybody = persons(table)
    own = replace(world.bruno, subject_id=world.amina)

    with reading(access=own, right=Right.CLAIM_READ, subject_id=world.amina):
        seen = persons(table)

    assert (len(everybody), seen) == (2, {world.amina})
