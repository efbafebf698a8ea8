"""Nothing is added to a declaration once its transaction has ended; not even by bulk SQL."""

from pathlib import Path
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from amparo.delivery.contributions.models import Declaration, Liability, WageLine
from tests.conftest import Clone
from tests.delivery.world import AMINA_NUMBER, World, build, opened


@pytest.fixture
def world(cloned_database: Clone, tmp_path: Path) -> World:
    return build(tmp_path)


def add_line(declaration_id: UUID, *, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contributions_wageline (id, declaration_id, line_number, person_id,"
            " declared_identifier, declared_name, wage, state)"
            " VALUES (gen_random_uuid(), %s, %s, NULL, '', 'Somebody', 5, 'suspense')",
            [declaration_id, number],
        )


def add_liability(line_id: UUID, like: UUID) -> None:
    """Owe one unit more on a line, to another scheme, by the pack that another liability names."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contributions_liability (id, wage_line_id, scheme, pack_version_id,"
            " insurable, worker_share, employer_share)"
            " SELECT gen_random_uuid(), %s, 'test/other', pack_version_id, 1, 1, 0"
            " FROM contributions_liability WHERE id = %s",
            [line_id, like],
        )


def the_line_and_its_liability(world: World) -> tuple[UUID, UUID]:
    with opened(world):
        return WageLine.objects.get(line_number=1).id, Liability.objects.get().id


def test_a_line_is_taken_only_with_its_declaration(world: World) -> None:
    with transaction.atomic():
        posted = world.declare("2026-08", (AMINA_NUMBER, "1000.00"))
        add_line(posted.id, number=2)

    with pytest.raises(IntegrityError, match="its declaration was closed"):
        add_line(posted.id, number=3)

    with opened(world):
        assert WageLine.objects.count() == 2


def test_a_liability_is_taken_only_with_its_declaration(world: World) -> None:
    with transaction.atomic():
        world.declare("2026-08", (AMINA_NUMBER, "1000.00"))
        line_id, liability_id = the_line_and_its_liability(world)

    with opened(world), pytest.raises(IntegrityError, match="its declaration was closed"):
        add_liability(line_id, like=liability_id)

    with opened(world):
        assert Liability.objects.count() == 1


def test_a_liability_may_be_added_while_its_declaration_is_open(world: World) -> None:
    with transaction.atomic():
        world.declare("2026-08", (AMINA_NUMBER, "1000.00"))
        line_id, liability_id = the_line_and_its_liability(world)
        with opened(world):
            add_liability(line_id, like=liability_id)

    with opened(world):
        assert Liability.objects.count() == 2


def test_the_application_cannot_keep_a_declaration_open(world: World) -> None:
    world.declare("2026-08", (AMINA_NUMBER, "1000.00"))

    with (
        pytest.raises(DatabaseError, match="permission denied"),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO contributions_declaration (id, number, employer_id, month,"
            " received_file_id, state, line_count, total_wages, currency, received_at,"
            " received_by, written_in)"
            " SELECT gen_random_uuid(), 'DE-later', employer_id, '2026-09-01', received_file_id,"
            " state, line_count, total_wages, currency, received_at, received_by, '999999999'"
            " FROM contributions_declaration"
        )

    assert Declaration.objects.count() == 1


def test_a_line_of_a_closed_declaration_may_still_find_its_person(world: World) -> None:
    world.declare("2026-08", ("mistyped", "1000.00"))

    with opened(world):
        changed = WageLine.objects.update(state="matched", person_id=world.amina)

    assert changed == 1
