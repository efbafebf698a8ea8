"""A parameter as a series: the values of many years at once, as known at a moment."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from amparo.rules.packs import NoParameterValue, UnusablePack
from amparo.rules.packs.lint import lint
from tests.rules.packs.packs import PARAMETERS, model, pack

# One index value a year; the one of 2022 was corrected, the one of 2023 is not yet settled.
SERIES = """
series = true

[[parameter.value]]
value = { year = 2021, index = 100 }
valid_from = 2021-01-01
known_from = 2022-02-01
law = "Act, Art. 3"

[[parameter.value]]
value = { year = 2022, index = 102 }
valid_from = 2022-01-01
known_from = 2023-02-01
law = "Act, Art. 3"

[[parameter.value]]
value = { year = 2022, index = 103 }
valid_from = 2022-01-01
known_from = 2023-06-01
law = "Correction of 1 June 2023"

[[parameter.value]]
value = { year = 2023, index = 110 }
valid_from = 2023-01-01
known_from = 2024-02-01
law = "Act, Art. 3"

[[parameter.value]]
value = { year = 2023, index = 111 }
valid_from = 2023-01-01
known_from = 2024-02-01
law = "Newspaper"
adopted = false
"""
HEAD, _, _ = PARAMETERS.partition("\n[[parameter.value]]\nvalue = 5")
WITH_SERIES = HEAD + SERIES
INDEXES = """<itemDefinition name="tIndexes" isCollection="true">
<itemComponent name="year"><typeRef>number</typeRef></itemComponent>
<itemComponent name="index"><typeRef>number</typeRef></itemComponent>
</itemDefinition><inputData id="age"
"""
MODEL = (
    model()
    .replace(
        '<variable name="bonus" typeRef="number"/>', '<variable name="bonus" typeRef="tIndexes"/>'
    )
    .replace('<inputData id="age"', INDEXES)
    .replace('born + duration("P1Y")', "bonus[year = 2022][1].index * 2")
)
CHANGED = {"parameters.toml": WITH_SERIES, "test.dmn": MODEL}


def indexes(on: date, known_at: datetime | None = None) -> list[tuple[int, int]]:
    row = pack(CHANGED).parameter("bonus", on, known_at)
    assert row is not None
    assert isinstance(row.value, list)
    return [(int(item["year"]), int(item["index"])) for item in row.value]


def test_a_series_gives_every_value_begun_by_the_day_oldest_first() -> None:
    assert indexes(date(2024, 5, 1)) == [(2021, 100), (2022, 103), (2023, 110)]
    assert indexes(date(2022, 12, 31)) == [(2021, 100), (2022, 103)]
    assert indexes(date(2021, 1, 1)) == [(2021, 100)]


def test_a_series_shows_what_was_known_at_the_moment() -> None:
    in_march = datetime(2023, 3, 1, tzinfo=UTC)
    in_july = datetime(2023, 7, 1, tzinfo=UTC)

    assert indexes(date(2024, 5, 1), in_march) == [(2021, 100), (2022, 102)]
    assert indexes(date(2024, 5, 1), in_july) == [(2021, 100), (2022, 103)]


def test_a_series_cites_each_law_of_its_values_once() -> None:
    row = pack(CHANGED).parameter("bonus", date(2024, 5, 1))

    assert row is not None
    assert row.law == "Act, Art. 3; Correction of 1 June 2023"
    assert row.known_from == datetime(2024, 2, 1, tzinfo=UTC)


def test_a_day_before_the_series_is_null_where_gaps_are_allowed_and_else_an_error() -> None:
    strict = pack({**CHANGED, "parameters.toml": WITH_SERIES.replace("gaps_allowed = true", "")})

    assert pack(CHANGED).parameter("bonus", date(2020, 12, 31)) is None
    with pytest.raises(NoParameterValue, match="bonus has no value on 2020-12-31"):
        strict.parameter("bonus", date(2020, 12, 31))


def test_a_decision_reads_a_series_as_a_list() -> None:
    result = pack(CHANGED).evaluate("of_birth", {"born": date(2023, 5, 1)}, on=date(2023, 5, 1))

    assert result.value == Decimal(206)


def test_a_row_of_a_series_has_no_end_and_buries_nothing() -> None:
    ending = WITH_SERIES.replace(
        "valid_from = 2021-01-01\n", "valid_from = 2021-01-01\nvalid_to = 2022-01-01\n"
    )

    with pytest.raises(UnusablePack, match="bonus is a series, and its row from 2021-01-01"):
        pack({**CHANGED, "parameters.toml": ending})
    late = WITH_SERIES.replace("known_from = 2023-06-01", "known_from = 2025-06-01")
    plain = pack({**CHANGED, "parameters.toml": late.replace("series = true", "")})
    serial = pack({**CHANGED, "parameters.toml": late})
    buried = [[item for item in lint(one) if "buried" in item.code] for one in (plain, serial)]
    assert [len(found) for found in buried] == [1, 0]
