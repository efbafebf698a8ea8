"""Values and expressions of a trace as people read them."""

import pytest

from amparo.rules.trace.wording import Writer


def writer(language: str = "en") -> Writer:
    return Writer(
        language=language,
        titles={"upper_age": "Age at which it ends", "other": "Other pensions, a month"},
        known={"upper_age": "16 years"},
        reasons={"TOO_OLD": "The child is too old."},
        currency="XTS",
    )


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ("-", "any"),
        ("true", "yes"),
        ('"orphan"', "orphan"),
        ("[0..3)", "from 0 to under 3"),
        ("[60..75]", "from 60 to 75"),
        ("(0..280)", "over 0, under 280"),
        ("]0..280]", "over 0, up to 280"),
        ("[12..upper_age)", "from 12 to under 16 years (Age at which it ends)"),
        ("< upper_age", "under 16 years (Age at which it ends)"),
        (">= 15000", "15,000 or over"),
        ("<= 1965", "1965 or under"),
        ("> 0", "over 0"),
        ("= 5", "5"),
        ("? != null and ? >= limit", "? ≠ not known and ? ≥ limit"),
    ],
)
def test_a_test_of_a_table_is_written_in_words(test: str, words: str) -> None:
    assert writer().test(test) == words


@pytest.mark.parametrize(
    ("feel", "words"),
    [
        ("other - disregard", "Other pensions, a month \N{MINUS SIGN} disregard"),
        (
            "max(0, round half up(other / 2, 0))",
            "the higher of 0 and Other pensions, a month ÷ 2, rounded to a whole number",
        ),
        ("2 * min(a, b)", "2 \N{MULTIPLICATION SIGN} (the lower of a and b)"),
        ("min(1, 2, 3)", "min (1; 2; 3)"),
        ("ceiling(1234.5)", "1,234.5, rounded up to a whole number"),
        ("round half even(x, scale)", "x, rounded to scale decimals, halves to even"),
        ("years and months duration(from, to)", "time between the two days"),
        ("floor(x", "floor (x"),
        ('born + @"P1Y" * years', "born + 1 year \N{MULTIPLICATION SIGN} years"),
        ("completed years(other, 12)", "completed years (Other pensions, a month, 12)"),
        ("date(born.year, born.month, 1)", "first day of the month of born"),
        ("date(2024, 8, 1)", "1\N{NO-BREAK SPACE}Aug\N{NO-BREAK SPACE}2024"),
        ("date(born.year + 1, 1, 1)", "date (born.year + 1; 1; 1)"),
        ("date (born.year, 8, 1)", "date (born.year; 8; 1)"),
        ("month.date(2027, 8, 1)", "month.date (2027, 8, 1)"),
    ],
)
def test_a_sum_is_written_with_titles_signs_and_words(feel: str, words: str) -> None:
    assert writer().expression(feel) == words


@pytest.mark.parametrize(
    ("cell", "test", "output"),
    [
        ("date(2027, 8, 1)", "1 Aug 2027", "1 Aug 2027"),
        ("date (2027,8,1)", "1 Aug 2027", "1 Aug 2027"),
        ('date("2027-08-01")', "1 Aug 2027", "1 Aug 2027"),
        ("< date(2027, 8, 1)", "under 1 Aug 2027", "< 1 Aug 2027"),
        (
            "[date(2026, 1, 1)..date(2027, 8, 1))",
            "from 1 Jan 2026 to under 1 Aug 2027",
            "[1 Jan 2026..1 Aug 2027)",
        ),
        ("not(date(2027, 8, 1))", "not (1 Aug 2027)", "not (1 Aug 2027)"),
        ("until(date(2027, 8, 1), 1250)", "until (1 Aug 2027, 1250)", "until (1 Aug 2027, 1250)"),
    ],
)
def test_a_day_in_a_row_that_did_not_fire_reads_as_a_day(cell: str, test: str, output: str) -> None:
    written = [writer().test(cell), writer().output(cell)]

    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in written] == [test, output]


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        ("2024-08-25", "25 Aug 2024", "25 août 2024"),
        ("2024-08-25T10:30:00", "25 Aug 2024, 10:30", "25 août 2024, 10:30"),
        ("2024-13-25", "2024-13-25", "2024-13-25"),
        ("P2Y2M", "2 years 2 months", "2 ans 2 mois"),
        ("P1Y", "1 year", "1 an"),
        ("P0M", "0 months", "0 mois"),
        ("P0D", "0 days", "0 jour"),
        ("-P3DT4H", "\N{MINUS SIGN}3 days 4 hours", "\N{MINUS SIGN}3 jours 4 heures"),
        ("P", "P", "P"),
        ("-1234.50", "\N{MINUS SIGN}1,234.50", "\N{MINUS SIGN}1 234,50"),
        ("TOO_OLD", "The child is too old.", "The child is too old."),
        ("orphan", "orphan", "orphan"),
        (None, "not known", "inconnu"),
        (["1", True], "1, yes", "1, oui"),
        ({"taken_on": False}, "taken on: no", "taken on: non"),
    ],
)
def test_a_value_is_written_in_the_readers_language(
    value: object, english: str, french: str
) -> None:
    written = [writer(language).value(value) for language in ("en", "fr")]

    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in written] == [english, french]


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        ("45", "XTS a month", "45.00 XTS a month"),
        ("45", "XTS a year", "45.00 XTS a year"),
        ("16", "years", "16 years"),
        ("0.015", "share of average earnings a year", "1.5 %"),
        ("0.075", "share", "7.5 %"),
        ("1", "share", "100 %"),
        ("-0.5", "share", "\N{MINUS SIGN}50 %"),
        ("14", "day of the month", "14"),
        (True, "", "yes"),
    ],
)
def test_a_parameter_is_written_with_its_unit(value: object, unit: str, words: str) -> None:
    assert writer().measured(value, unit).replace("\N{NO-BREAK SPACE}", " ") == words
