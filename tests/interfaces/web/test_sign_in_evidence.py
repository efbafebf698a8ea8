"""Signing in: what opens, what locks, and what the journal keeps of it."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from uuid import UUID

import pytest
import time_machine
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from amparo.accounts.models import User
from amparo.journal.models import Event
from tests.cast import PASSWORD, Cast, appoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Cast:
    cache.clear()
    return appoint()


def sign_in(client: Client, *, username: str = "bruno", password: str = PASSWORD) -> int:
    response = client.post(reverse("account_login"), {"login": username, "password": password})
    return response.status_code


def signed_in_as(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def events(kind: str) -> list[UUID | None]:
    return [event.actor_id for event in Event.objects.filter(kind=f"accounts.{kind}")]


def test_the_right_password_signs_in_and_leaves_a_row(client: Client, cast: Cast) -> None:
    status = sign_in(client)

    assert status == HTTPStatus.FOUND
    assert signed_in_as(client) == str(cast["bruno"])
    assert events("signed_in") == [cast["bruno"]]


def test_signing_out_leaves_a_row(client: Client, cast: Cast) -> None:
    sign_in(client)

    client.post(reverse("account_logout"))

    assert signed_in_as(client) is None
    assert events("signed_out") == [cast["bruno"]]


def test_a_wrong_password_signs_nobody_in_and_leaves_a_row(client: Client, cast: Cast) -> None:
    sign_in(client, password="wrong")

    assert signed_in_as(client) is None
    assert (events("signed_in"), events("sign_in_failed")) == ([], [cast["bruno"]])


def test_an_unknown_name_leaves_a_row_without_the_name(client: Client, cast: Cast) -> None:
    sign_in(client, username="amina")

    event = Event.objects.get(kind="accounts.sign_in_failed")
    assert event.actor_id is None
    assert "amina" not in str(event.details)


def test_five_wrong_passwords_lock_the_door_to_the_right_one(client: Client, cast: Cast) -> None:
    for _ in range(5):
        sign_in(client, password="wrong")

    status = sign_in(client)

    assert status == HTTPStatus.TOO_MANY_REQUESTS
    assert signed_in_as(client) is None
    assert events("locked_out")
    assert set(events("locked_out")) == {cast["bruno"]}


def test_four_wrong_passwords_do_not_lock(client: Client, cast: Cast) -> None:
    for _ in range(4):
        sign_in(client, password="wrong")

    sign_in(client)

    assert signed_in_as(client) == str(cast["bruno"])


def test_one_person_s_lock_keeps_nobody_else_out(client: Client, cast: Cast) -> None:
    for _ in range(6):
        sign_in(client, password="wrong")

    sign_in(client, username="celia")

    assert signed_in_as(client) == str(cast["celia"])


def test_a_closed_account_does_not_get_in(client: Client, cast: Cast) -> None:
    User.objects.filter(id=cast["bruno"]).update(is_active=False)

    sign_in(client)

    assert signed_in_as(client) is None


def test_nobody_opens_an_account_for_themselves(client: Client, cast: Cast) -> None:
    before = User.objects.count()

    shown = client.get(reverse("account_signup"))
    client.post(
        reverse("account_signup"),
        {"username": "eve", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert b"password1" not in shown.content
    assert User.objects.count() == before


# --- the second factor ----------------------------------------------------------------------------


@pytest.fixture
def secret(cast: Cast) -> str:
    """Bruno's second factor."""
    secret = str(generate_totp_secret())
    TOTP.activate(User.objects.get(id=cast["bruno"]), secret)
    return secret


def code_for(secret: str) -> str:
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def wrong_code(secret: str) -> str:
    return str((int(code_for(secret)) + 271_828) % 1_000_000).zfill(6)


def give(client: Client, code: str) -> int:
    return client.post(reverse("mfa_authenticate"), {"code": code}).status_code


def test_a_password_alone_does_not_open_an_account_with_a_second_factor(
    client: Client, cast: Cast, secret: str
) -> None:
    response = client.post(reverse("account_login"), {"login": "bruno", "password": PASSWORD})

    assert response.headers["Location"] == reverse("mfa_authenticate")
    assert signed_in_as(client) is None
    assert events("signed_in") == []


def test_password_and_code_open_it(client: Client, cast: Cast, secret: str) -> None:
    sign_in(client)

    give(client, code_for(secret))

    assert signed_in_as(client) == str(cast["bruno"])
    assert events("signed_in") == [cast["bruno"]]


def test_a_code_serves_once(client: Client, cast: Cast, secret: str) -> None:
    code = code_for(secret)
    sign_in(client)
    give(client, code)
    client.post(reverse("account_logout"))
    sign_in(client)

    give(client, code)

    assert signed_in_as(client) is None


def test_a_recovery_code_opens_it_and_serves_once(client: Client, cast: Cast, secret: str) -> None:
    codes = RecoveryCodes.activate(User.objects.get(id=cast["bruno"])).get_unused_codes()
    sign_in(client)
    give(client, codes[0])
    first = signed_in_as(client)
    client.post(reverse("account_logout"))
    sign_in(client)

    give(client, codes[0])

    assert first == str(cast["bruno"])
    assert signed_in_as(client) is None


def test_five_wrong_codes_lock_out_the_right_one(client: Client, cast: Cast, secret: str) -> None:
    sign_in(client)
    for _ in range(5):
        give(client, wrong_code(secret))

    give(client, code_for(secret))

    assert signed_in_as(client) is None
    assert events("second_factor_failed") == [cast["bruno"]] * 5
    assert events("locked_out") == [cast["bruno"]]


def test_the_count_of_wrong_codes_survives_a_new_process(
    client: Client, cast: Cast, secret: str
) -> None:
    sign_in(client)
    for _ in range(5):
        give(client, wrong_code(secret))
    cache.clear()  # what one process remembers

    give(client, code_for(secret))

    assert signed_in_as(client) is None


def test_a_passkey_is_offered_over_a_secure_origin_alone(client: Client, cast: Cast) -> None:
    response = client.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})

    assert response.status_code == HTTPStatus.OK
    assert response.json()["request_options"]["publicKey"]["challenge"]


def test_the_lock_opens_after_an_hour(client: Client, cast: Cast) -> None:
    for _ in range(5):
        sign_in(client, password="wrong")

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=61)):
        sign_in(client)

    assert signed_in_as(client) == str(cast["bruno"])
