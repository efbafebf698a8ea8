"""An account opened by an administrator: its first password is shown once, and used once."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from amparo.accounts.models import Mandate, User
from amparo.accounts.operations import UnableToCreateUser, open_account
from amparo.journal.models import Event
from tests.interfaces.web.institution import AT, SINCE, Institution

SignIn = Callable[[str], Client]
OWN = "harbour under snow 7"


def filled_in(**changes: str) -> dict[str, str]:
    return {
        "display_name": "Zuri Otieno",
        "username": "zuri",
        "language": "fr",
        "role": "registration-officer",
        "starts_on": timezone.localdate().isoformat(),
        "key": "1",
    } | changes


def opened_by_agnes(agnes: Client, **changes: str) -> str:
    """Open an account and return its first password, as the page shows it."""
    answer = agnes.post("/accounts/new/", filled_in(**changes))
    assert answer.status_code == HTTPStatus.OK, answer.content.decode()
    (password,) = [f.value for f in answer.context["facts"] if f.label == "First password"]
    return str(password)


def signed_in(client: Client, password: str) -> Client:
    client.post("/account/login/", {"login": "zuri", "password": password})
    return client


def test_the_first_password_is_shown_once_and_kept_nowhere(
    staff: Institution, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    agnes = sign_in("agnes")

    password = opened_by_agnes(agnes)
    again = agnes.post("/accounts/new/", filled_in(), follow=True).content.decode()

    user = User.objects.get(username="zuri")
    assert user.check_password(password)
    assert Mandate.objects.get(user=user).granted_by_id == staff.staff["agnes"]
    assert "Its first password was shown once" in again
    kept = [
        again,
        caplog.text,
        *(str(event.details) for event in Event.objects.all()),
        *(str(session.get_decoded()) for session in Session.objects.all()),
        *(str(cookie) for cookie in agnes.cookies.values()),
        user.password,
    ]
    assert not [text for text in kept if password in text]
    assert Event.objects.filter(kind="accounts.account_opened", subject_id=user.id).count() == 1


def test_no_page_opens_before_an_own_password_is_chosen(
    staff: Institution, sign_in: SignIn
) -> None:
    password = opened_by_agnes(sign_in("agnes"))
    zuri = signed_in(Client(), password)
    choosing = {"oldpassword": password, "password1": OWN, "password2": OWN}

    pages = ("/", "/people/", "/role/", "/account/", "/account/second-factor/webauthn/add/")
    before = [zuri.get(page) for page in pages]
    zuri.post("/account/second-factor/totp/activate/", {"code": "123456"})
    same = zuri.post(
        "/account/password/", choosing | {"password1": password, "password2": password}
    )
    zuri.post("/account/password/", choosing)

    assert [one["Location"] for one in before] == ["/account/password/"] * 5
    assert same.status_code == HTTPStatus.OK
    assert zuri.get("/people/").status_code == HTTPStatus.OK
    assert User.objects.get(username="zuri").first_password_until is None
    assert Event.objects.filter(kind="accounts.password_chosen").count() == 1
    stranger = signed_in(Client(), password)
    assert stranger.get("/people/")["Location"].startswith("/account/login/")


def test_a_first_password_runs_out_and_is_made_anew_while_unused(
    staff: Institution, sign_in: SignIn
) -> None:
    old = opened_by_agnes(sign_in("agnes"))

    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1), tick=False):
        agnes = sign_in("agnes")
        late = signed_in(Client(), old).get("/people/")
        renewed = agnes.post("/accounts/first-password/", {"username": "zuri", "key": "2"})
        (new,) = [f.value for f in renewed.context["facts"] if f.label == "First password"]
        fresh = signed_in(Client(), str(new)).get("/people/")
        used = agnes.post("/accounts/first-password/", {"username": "bruno", "key": "3"})

    assert late["Location"].startswith("/account/login/")
    assert fresh["Location"] == "/account/password/"
    assert "still to sign in for the first time" in used.content.decode()
    assert get_user_model().objects.get(username="bruno").has_usable_password()
    assert Event.objects.filter(kind="accounts.first_password_renewed").count() == 1


def test_what_cannot_be_opened_is_said_and_leaves_neither_account_nor_mandate(
    staff: Institution, sign_in: SignIn
) -> None:
    agnes, accounts = sign_in("agnes"), User.objects.count()
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()

    said = {
        "is taken": filled_in(username="bruno"),
        "small letters without accents": filled_in(username="Zuri Otieno"),
        "needs the name of who signs in": filled_in(display_name="\u200b"),
        "begins today at the earliest": filled_in(starts_on=yesterday),
        "before the first": filled_in(ends_on=yesterday),
        "This field is required": filled_in(role=""),
        "valid choice": filled_in(role="system-job"),
    }
    for words, typed in said.items():
        text = agnes.post("/accounts/new/", typed).content.decode()
        assert words in text, words
        assert "First password" not in text

    assert User.objects.count() == accounts
    assert sign_in("amadou").get("/accounts/new/").status_code == HTTPStatus.FORBIDDEN


def test_an_account_whose_mandate_is_refused_is_not_opened(staff: Institution) -> None:
    with pytest.raises(UnableToCreateUser):
        open_account(
            username="bruno",
            display_name="Another Bruno",
            language="en",
            role="auditor",
            starts_on=SINCE,
            access=staff.access("agnes"),
            at=AT,
        )

    assert not User.objects.filter(display_name="Another Bruno").exists()
