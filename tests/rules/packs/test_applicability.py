"""Which version decides a case: its two dates, and who is spared by a transitional clause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from amparo.rules.feel.diagnostics import SyntaxRefused
from amparo.rules.packs import Case, Pack, UnclearLaw, UnusablePack, load_pack_files, version_for
from tests.rules.book.tiny import tiny_files

JANUARY, JULY = date(2026, 1, 1), date(2026, 7, 1)
MARCH, APRIL = datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 4, 2, 8, tzinfo=UTC)
CLAIMED_BY_JUNE = 'claimed_on >= date("2026-07-01")'


@dataclass(frozen=True)
class Kept:
    applies_from: date
    activated_at: datetime
    pack: Pack


def written(*, version: str, when: str = "") -> Pack:
    files = tiny_files(version=version)
    if when:
        files["scheme.toml"] += f"\n[applicability]\nwhen = '{when}'\nlaw = \"Test Act, Art. 9\"\n"
    return load_pack_files(files)


def chosen(case: Case, versions: Sequence[Kept], *, known_at: datetime = APRIL) -> str | None:
    found = version_for(
        case, versions=versions, known_at=known_at, rules_of=lambda version: version.pack
    )
    return None if found is None else found.pack.version


OLD = Kept(JANUARY, MARCH, written(version="old"))
NEW = Kept(JULY, MARCH, written(version="new", when=CLAIMED_BY_JUNE))


@pytest.mark.parametrize(
    ("contingency_on", "claimed_on", "version"),
    [
        (date(2026, 6, 30), date(2026, 8, 1), "old"),
        (JULY, date(2026, 6, 30), "old"),
        (JULY, JULY, "new"),
        (date(2025, 12, 31), JULY, None),
    ],
)
def test_a_claim_made_before_the_new_law_keeps_the_old_one(
    contingency_on: date, claimed_on: date, version: str | None
) -> None:
    assert chosen(Case(contingency_on, claimed_on), [NEW, OLD]) == version


def test_where_the_day_of_the_claim_is_not_known_no_law_is_guessed() -> None:
    with pytest.raises(UnclearLaw, match=r"2026-07-01 is for some cases only.*claimed_on"):
        chosen(Case(JULY), [OLD, NEW])


def test_a_clause_may_say_what_holds_where_the_day_of_the_claim_is_not_known() -> None:
    clause = f"if claimed_on = null then true else {CLAIMED_BY_JUNE}"
    lenient = Kept(JULY, MARCH, written(version="new", when=clause))

    assert chosen(Case(JULY), [OLD, lenient]) == "new"


def test_a_version_made_known_later_did_not_decide_before() -> None:
    late = Kept(JULY, APRIL, written(version="late"))

    assert chosen(Case(JULY), [OLD, late], known_at=MARCH) == "old"
    assert chosen(Case(JULY), [OLD, late], known_at=APRIL) == "late"


def test_a_clause_that_is_not_feel_is_refused() -> None:
    with pytest.raises(SyntaxRefused):
        written(version="1", when="claimed_on >=")


def test_a_clause_that_asks_for_another_fact_is_refused() -> None:
    with pytest.raises(UnusablePack, match="names income"):
        written(version="1", when="income > 10")


def test_a_clause_without_its_article_is_refused() -> None:
    files = tiny_files()
    files["scheme.toml"] += "\n[applicability]\nwhen = 'true'\n"

    with pytest.raises(UnusablePack, match="law is missing"):
        load_pack_files(files)
