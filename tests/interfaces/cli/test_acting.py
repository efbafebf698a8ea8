"""Who acts at the command line signs in as strictly as in the browser."""

import logging
from typing import Final

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache

from amparo.accounts.models import User
from amparo.interfaces.cli.acting import NotSignedIn, access_of
from amparo.journal.models import Event
from tests.cast import PASSWORD, Cast, appoint

WRONG: Final = "000000x"
pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> Cast:
    cache.clear()
    monkeypatch.setenv("AMPARO_PASSWORD", PASSWORD)
    monkeypatch.delenv("AMPARO_CODE", raising=False)
    return appoint()


@pytest.fixture
def bruno(cast: Cast) -> User:
    return User.objects.get(id=cast["bruno"])


@pytest.fixture
def secret(bruno: User) -> str:
    secret = str(generate_totp_secret())
    TOTP.activate(bruno, secret)
    return secret


def code_of(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def events(kind: str) -> int:
    return Event.objects.filter(kind=f"accounts.{kind}").count()


def test_without_a_second_factor_the_password_is_enough(cast: Cast) -> None:
    assert access_of(username="bruno").actor_id == cast["bruno"]


@pytest.mark.parametrize("code", [WRONG, "", "12345678"])
def test_with_an_authenticator_the_password_alone_lets_nobody_act(
    cast: Cast, secret: str, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.setenv("AMPARO_CODE", code)

    with pytest.raises(NotSignedIn, match="code is not right"):
        access_of(username="bruno")

    assert (events("signed_in"), events("second_factor_failed")) == (0, 1)


def test_the_code_of_the_moment_lets_act(
    cast: Cast, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMPARO_CODE", code_of(secret))

    assert access_of(username="bruno").actor_id == cast["bruno"]
    assert events("signed_in") == 1


def test_a_recovery_code_lets_act_once(
    cast: Cast, bruno: User, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = RecoveryCodes.activate(bruno).get_unused_codes()[0]
    monkeypatch.setenv("AMPARO_CODE", code)

    access_of(username="bruno")

    with pytest.raises(NotSignedIn, match="code is not right"):
        access_of(username="bruno")


def test_five_wrong_codes_refuse_the_right_one(
    cast: Cast, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMPARO_CODE", WRONG)
    for _ in range(5):
        with pytest.raises(NotSignedIn, match="not right"):
            access_of(username="bruno")
    monkeypatch.setenv("AMPARO_CODE", code_of(secret))

    with pytest.raises(NotSignedIn, match="Too many wrong codes"):
        access_of(username="bruno")

    assert (events("second_factor_failed"), events("locked_out")) == (5, 1)


def test_an_account_with_a_passkey_alone_is_sent_to_the_browser(cast: Cast, bruno: User) -> None:
    Authenticator.objects.create(user=bruno, type=Authenticator.Type.WEBAUTHN, data={})

    with pytest.raises(NotSignedIn, match="passkey"):
        access_of(username="bruno")

    assert events("signed_in") == 0


def test_a_lock_out_is_journaled_as_one_and_says_nothing_on_the_terminal(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AMPARO_PASSWORD", "wrong")

    with caplog.at_level(logging.DEBUG):
        for _ in range(6):
            with pytest.raises(NotSignedIn):
                access_of(username="bruno")

    assert events("locked_out") >= 1
    assert not [each for each in caplog.records if each.name.startswith("axes")]
