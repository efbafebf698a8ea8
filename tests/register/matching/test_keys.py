"""Keys: what two records of one person still share when something went wrong."""

from dataclasses import replace
from datetime import date

import pytest

from amparo.register.matching.keys import hash_of, keys_of, kinds_of
from amparo.register.matching.traits import Described, traits_of

AMINA = Described(
    given_names="Amina",
    family_name="Kipsang",
    sex="female",
    birth_date=date(1963, 2, 28),
    identifiers=(("national-id", "XA", "1234567897"),),
    phones=("299700100200",),
    mothers=("Rahel Kipsang",),
    district="Kora",
    address="Plot 7",
)
UNNUMBERED = replace(AMINA, identifiers=(), phones=())


def share_a_key(first: Described, second: Described) -> bool:
    return not set(keys_of(traits_of(first))).isdisjoint(keys_of(traits_of(second)))


@pytest.mark.parametrize(
    "again",
    [
        replace(UNNUMBERED, given_names="Ameena"),
        replace(UNNUMBERED, family_name="Okoro"),
        replace(UNNUMBERED, given_names="Kipsang", family_name="Amina"),
        replace(UNNUMBERED, birth_date=date(1963, 2, 23), district="Lakeside", mothers=()),
        replace(UNNUMBERED, birth_date=date(1936, 2, 28), district="Lakeside", mothers=()),
        replace(UNNUMBERED, birth_date=date(1963, 1, 1), birth_precision="year", mothers=()),
        replace(UNNUMBERED, birth_date=None, mothers=()),
        replace(UNNUMBERED, given_names="Mina", family_name="Okoro"),
        replace(AMINA, given_names="X", family_name="Y", birth_date=None, phones=(), district=""),
        replace(
            AMINA, given_names="X", family_name="Y", birth_date=None, identifiers=(), district=""
        ),
        Described(given_names="አሚና", family_name="Kipsang", birth_date=date(1963, 2, 28)),
    ],
)
def test_a_person_written_down_again_shares_a_key(again: Described) -> None:
    assert share_a_key(AMINA, again)


def test_strangers_share_none() -> None:
    stranger = Described(
        given_names="Tomasi", family_name="Banda", sex="male", birth_date=date(1988, 5, 1)
    )

    assert not share_a_key(AMINA, stranger)


def test_a_former_family_name_is_a_key_too() -> None:
    married = replace(UNNUMBERED, family_name="Okoro", former_families=("Kipsang",), mothers=())
    written_before = Described(
        given_names="Amina", family_name="Kipsang", birth_date=date(1963, 1, 1)
    )

    assert share_a_key(married, written_before)


def test_a_person_of_whom_only_a_name_is_known_has_no_key_and_that_is_no_error() -> None:
    assert keys_of(traits_of(Described(given_names="Nameless"))) == ()
    assert keys_of(traits_of(Described())) == ()


def test_the_first_of_january_makes_no_key_of_its_own() -> None:
    first = replace(UNNUMBERED, birth_date=date(1963, 1, 1))

    assert "birth date, sex and district" in kinds_of(traits_of(UNNUMBERED)).values()
    assert "birth date, sex and district" not in kinds_of(traits_of(first)).values()


def test_a_key_is_hashed_as_postgresql_hashes_it() -> None:
    # SELECT ('x' || substr(md5('number|1234567897'), 1, 16))::bit(64)::bigint
    assert hash_of("number", "1234567897") == -1823512019927538488
