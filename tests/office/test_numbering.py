import threading
from contextlib import suppress
from datetime import date

import psycopg
import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from amparo.office.numbering import check_digit, is_written_right, written_number
from amparo.office.operations import next_number, next_numbers
from tests.conftest import Clone

NUMBERS = st.builds(
    written_number,
    series=st.sampled_from(["CL", "NT", "P", "E"]),
    year=st.integers(1990, 2100),
    counter=st.integers(1, 9_999_999),
)


def test_the_check_digit_is_the_one_of_the_standard() -> None:
    assert check_digit(text="0794") == "5"  # the example of ISO 7064 for MOD 11-10


def test_a_number_reads_as_series_year_counter_and_check_digit() -> None:
    number = written_number(series="CL", year=2026, counter=123)

    assert number.startswith("CL-2026-000123-")
    assert is_written_right(number=number)
    assert is_written_right(number=f" {number.lower()} ")


def test_more_than_a_million_a_year_just_gets_longer() -> None:
    assert written_number(series="CL", year=2026, counter=12_345_678).startswith(
        "CL-2026-12345678-"
    )


@given(number=NUMBERS, place=st.integers(0, 30), digit=st.sampled_from("0123456789"))
def test_every_single_wrong_digit_is_found(number: str, place: int, digit: str) -> None:
    places = [index for index, letter in enumerate(number) if letter.isdigit()]
    index = places[place % len(places)]
    wrong = number[:index] + digit + number[index + 1 :]

    assert is_written_right(number=wrong) == (wrong == number)


@pytest.mark.parametrize("text", ["", "-", "CL", "CL-2026-000123", "CL-2026-000123-", "٣-٣"])
def test_what_is_no_number_is_refused(text: str) -> None:
    assert not is_written_right(number=text)


def test_numbers_count_by_series_and_year(db: None) -> None:
    first = next_number(series="CL", on=date(2026, 12, 31))
    second = next_number(series="CL", on=date(2026, 12, 31))
    new_year = next_number(series="CL", on=date(2027, 1, 1))
    other = next_number(series="NT", on=date(2026, 12, 31))

    assert [number[:-2] for number in (first, second, new_year, other)] == [
        "CL-2026-000001",
        "CL-2026-000002",
        "CL-2027-000001",
        "NT-2026-000001",
    ]


def test_many_numbers_are_taken_in_one_statement(
    db: None, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(3):  # type: ignore[operator]  # savepoint, statement, release
        numbers = next_numbers(series="CL", on=date(2026, 1, 1), count=1000)

    assert len(set(numbers)) == 1000
    assert all(is_written_right(number=number) for number in numbers)
    assert next_number(series="CL", on=date(2026, 1, 1)).startswith("CL-2026-001001-")


@pytest.mark.parametrize("count", [0, -1])
def test_no_numbers_cannot_be_taken(db: None, count: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        next_numbers(series="CL", on=date(2026, 1, 1), count=count)


def test_nobody_gets_a_number_twice_at_the_same_moment(cloned_database: Clone) -> None:
    taken: list[str] = []

    def work() -> None:
        try:
            taken.extend(next_number(series="CL", on=date(2026, 1, 1)) for _ in range(25))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == len(set(taken)) == 100
    assert next_number(series="CL", on=date(2026, 1, 1)).startswith("CL-2026-000101-")


def test_a_transaction_that_fails_gives_its_number_back(cloned_database: Clone) -> None:
    class Failed(Exception):
        pass

    with suppress(Failed), transaction.atomic():
        next_number(series="CL", on=date(2026, 1, 1))
        raise Failed

    assert next_number(series="CL", on=date(2026, 1, 1)).startswith("CL-2026-000001-")


def test_a_series_is_never_set_back(cloned_database: Clone) -> None:
    next_numbers(series="CL", on=date(2026, 1, 1), count=5)

    with psycopg.connect(cloned_database.app_url, autocommit=True) as session:
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation) as raised:
            session.execute("UPDATE office_numberseries SET last_number = 1")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("DELETE FROM office_numberseries")

    assert raised.value.diag.constraint_name == "numbers_grow"
