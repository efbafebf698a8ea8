"""Figures, days and identifiers as people read them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from amparo.interfaces.web import formats
from amparo.rules.trace.wording import Writer


def _plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_money_is_grouped_and_has_two_decimals() -> None:
    assert _plain(formats.money(Decimal("1234567.50"), currency="XTS")) == "1,234,567.50 XTS"


def test_money_follows_the_language() -> None:
    with translation.override("fr"):
        assert _plain(formats.money(Decimal("1234567.50"))) == "1 234 567,50"


def test_a_negative_amount_carries_a_true_minus_sign() -> None:
    assert formats.money(Decimal("-4.20")) == "\N{MINUS SIGN}4.20"


def test_a_float_is_never_written_as_money() -> None:
    with pytest.raises(TypeError, match="Decimal"):
        formats.money(4.2)  # type: ignore[arg-type]


def test_a_day_is_unambiguous() -> None:
    assert _plain(formats.day(date(2026, 11, 3))) == "3 Nov 2026"


def test_a_day_follows_the_language() -> None:
    with translation.override("fr"):
        assert _plain(formats.day(date(2026, 11, 3))) == "3 nov. 2026"


def test_a_leap_day_is_written_as_it_is() -> None:
    assert _plain(formats.day(date(1960, 2, 29))) == "29 Feb 1960"


def test_an_instant_stands_in_the_legal_time_zone() -> None:
    written = formats.instant(datetime(2026, 11, 3, 22, 30, tzinfo=UTC))

    assert _plain(written) == "4 Nov 2026, 01:30"


def test_a_long_identifier_is_grouped_in_fours() -> None:
    assert _plain(formats.identifier("198402291234")) == "1984 0229 1234"


def test_a_number_with_dashes_stays_as_it_is() -> None:
    assert formats.identifier("CL-2026-000123-7") == "CL-2026-000123-7"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_rules_engine_writes_days_and_money_as_the_pages_do(language: str) -> None:
    writer = Writer(language=language, titles={}, known={}, reasons={}, currency="XTS")

    with translation.override(language):
        for month in range(1, 13):
            day = date(2026, month, 9)
            assert writer.day(day.isoformat()) == formats.day(day)
        amount = Decimal("-12345.50")
        assert writer.money(str(amount)) == formats.money(amount, currency="XTS")
