from uuid import UUID

import pytest

from amparo.journal.operations import record
from amparo.journal.queries import events_page, reads_of_person
from amparo.journal.reading import reading
from amparo.values import NotPermitted, Right
from tests.cast import Cast

AMINA = UUID("00000000-0000-4000-8000-00000000000a")


def test_the_newest_event_comes_first_and_searching_is_journaled_itself(cast: Cast) -> None:
    record(kind="claims.received", access=cast.access("bruno"), subject_id=AMINA)

    page = events_page(access=cast.access("ines"))

    assert [row.kind for row in page.rows[:2]] == ["read", "claims.received"]
    assert page.rows[0].actor_id == cast["ines"]
    assert page.rows[0].details["looked_for"] == "journal"


def test_events_are_found_by_subject_actor_kind_and_room(cast: Cast) -> None:
    bruno, celia, ines = (cast.access(name) for name in ("bruno", "celia", "ines"))
    record(kind="claims.received", access=bruno, subject_id=AMINA)
    record(kind="claims.approved", access=celia, subject_id=AMINA)

    by_actor = events_page(access=ines, actor_id=cast["celia"])
    by_kind = events_page(access=ines, kind="claims.received")
    by_room = events_page(access=ines, kind="claims.")
    by_subject = events_page(access=ines, subject_id=AMINA, kind="claims.")

    assert [row.kind for row in by_actor.rows] == ["claims.approved"]
    assert [row.actor_id for row in by_kind.rows] == [cast["bruno"]]
    assert [row.kind for row in by_room.rows] == ["claims.approved", "claims.received"]
    assert by_subject.rows == by_room.rows


def test_pages_are_cut_and_counted(cast: Cast) -> None:
    bruno = cast.access("bruno")
    for number in range(5):
        record(kind="claims.received", access=bruno, details={"number": number})

    page = events_page(access=cast.access("ines"), kind="claims.received", page=2, page_size=2)

    assert [row.details["number"] for row in page.rows] == [2, 1]
    assert (page.total, page.page_count) == (5, 3)


def test_a_person_s_readers_are_listed(cast: Cast) -> None:
    with reading(access=cast.access("celia"), right=Right.CLAIM_READ, subject_id=AMINA):
        pass

    page = reads_of_person(person_id=AMINA, access=cast.access("bruno"))

    assert [row.actor_id for row in page.rows] == [cast["bruno"], cast["celia"]]


@pytest.mark.parametrize("name", ["bruno", "celia", "pia", "omar"])
def test_the_journal_is_not_searched_by_those_it_watches(cast: Cast, name: str) -> None:
    with pytest.raises(NotPermitted):
        events_page(access=cast.access(name))
