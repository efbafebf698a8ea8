"""Spelling for comparing: one person's names in several scripts and hands meet."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amparo.register.matching.spelling import (
    damerau_levenshtein,
    jaro_winkler,
    latin_words,
    skeleton,
)

LATIN = st.text(alphabet="abcdeilmnorst ", max_size=14)


@pytest.mark.parametrize(
    ("written", "elsewhere"),
    [
        ("فاطمة", "Fatima"),
        ("يوسف", "Yusuf"),
        ("ሰላም", "Selam"),
        ("សុខា", "Sokha"),
        ("Зарина", "Zarina"),
        ("Ελένη", "Eleni"),
        ("Mohamed", "Muhammad"),
        ("Ouattara", "Watara"),
        ("Khadija", "Kadidja"),
        ("Djibril", "Jibril"),
    ],
)
def test_one_name_in_two_hands_has_one_skeleton(written: str, elsewhere: str) -> None:
    (first,), (second,) = latin_words(written), latin_words(elsewhere)

    assert skeleton(first) == skeleton(second)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("João  DA Silva", ("joao", "da", "silva")),
        ("Ba\u200bKi", ("baki",)),
        ("N'Diaye-Sow", ("ndiaye", "sow")),
        ("", ()),
        ("  ", ()),
    ],
)
def test_words_are_latin_small_and_in_their_order(text: str, words: tuple[str, ...]) -> None:
    assert latin_words(text) == words


def test_a_name_of_three_hundred_letters_and_one_of_combining_marks_can_be_spelled() -> None:
    assert latin_words("x" * 300) == ("x" * 300,)
    assert latin_words("Ngu\u0323ye\u0302\u0303n") == latin_words("Nguyễn".replace("u", "ụ"))


def test_a_script_that_nobody_romanises_still_equals_itself() -> None:
    (one,), (same,), (other,) = (
        latin_words(text) for text in ("\U00016a40", "\U00016a40", "\U00016a41")
    )

    assert one == same != other


@given(st.text(max_size=40))
def test_any_text_can_be_spelled_and_no_skeleton_is_empty(text: str) -> None:
    for word in latin_words(text):
        assert word
        assert word.isascii()
        assert skeleton(word)


@pytest.fixture(scope="module")
def measure() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(":memory:")


@given(first=LATIN, second=LATIN)
@settings(max_examples=400, deadline=None)
def test_both_measures_answer_as_duckdb_does(
    measure: duckdb.DuckDBPyConnection, first: str, second: str
) -> None:
    row = measure.execute(
        "SELECT jaro_winkler_similarity($a, $b), damerau_levenshtein($a, $b)",
        {"a": first, "b": second},
    ).fetchone()

    assert row is not None
    assert jaro_winkler(first, second) == pytest.approx(row[0], abs=1e-12)
    assert damerau_levenshtein(first, second) == row[1]
