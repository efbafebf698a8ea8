"""What the pages do: find, travel in time, act once, refuse clearly, speak two languages."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from amparo.accounts.operations import grant_mandate
from amparo.delivery.claims.queries import claim_record
from amparo.delivery.payments.queries import run_record
from amparo.interfaces.web.refusals import server_error
from amparo.journal.models import Event
from amparo.office.models import LongWork
from amparo.register.operations import correct_name
from amparo.register.queries import person_record
from amparo.register.records import Grounds
from tests.interfaces.web.institution import AT, PASSWORD, SINCE, Institution

SignIn = Callable[[str], Client]


# --- finding ------------------------------------------------------------------------------------


def test_a_misspelt_name_finds_the_person(institution: Institution, sign_in: SignIn) -> None:
    answer = sign_in("bruno").get("/people/", {"q": "Josepha Mbeky"})

    assert "Josefa Mbeki" in answer.content.decode()


def test_the_number_of_a_claim_leads_straight_to_it(
    institution: Institution, sign_in: SignIn
) -> None:
    claim_id = institution.claims["granted"]
    number = claim_record(claim_id=claim_id, access=institution.access("bruno")).summary.number

    answer = sign_in("bruno").get("/people/", {"q": f" {number.lower()} "})

    assert answer.status_code == 302
    assert answer["Location"] == f"/claims/{claim_id}/"


def test_the_number_of_a_run_leads_straight_to_it(
    institution: Institution, sign_in: SignIn
) -> None:
    run_id = institution.runs["transmitted"]
    number = run_record(run_id=run_id, access=institution.access("farid")).summary.number

    answer = sign_in("farid").get("/people/", {"q": number})

    assert answer["Location"] == f"/runs/{run_id}/"


def test_a_number_that_the_role_may_not_follow_is_searched_like_any_text(
    institution: Institution, sign_in: SignIn
) -> None:
    claim_id = institution.claims["granted"]
    number = claim_record(claim_id=claim_id, access=institution.access("bruno")).summary.number

    answer = sign_in("farid").get("/people/", {"q": number})

    assert answer.status_code == 200
    assert "Nobody in the register matches" in answer.content.decode()


# --- two times ----------------------------------------------------------------------------------


def test_a_page_shows_what_was_known_before_a_correction(
    institution: Institution, sign_in: SignIn
) -> None:
    person_id = institution.people["pedro"]
    bruno = institution.access("bruno")
    record = person_record(person_id=person_id, access=bruno, as_of=AT.date(), known_at=AT)
    assert record.name is not None
    correct_name(
        person_id=person_id,
        fact_id=record.name.times.fact_id,
        given_names="Pedro",
        family_name="Souza",
        grounds=Grounds(evidence="identity-document", reason="Misspelt at the counter."),
        access=institution.access("rosa"),
        at=AT.replace(day=5),
    )
    client = sign_in("bruno")

    now = client.get(f"/people/{person_id}/").content.decode()
    before = client.get(f"/people/{person_id}/", {"known_on": "2026-11-03"}).content.decode()

    assert "Pedro Souza" in now.split("Facts")[1]
    assert "Pedro Sousa" in before.split("Facts")[1]
    assert "as it was known on" in before


@pytest.mark.parametrize(
    "query", ["as_of=2026-02-31", "known_on=yesterday", "as_of=2026-11-03T00:00"]
)
def test_a_day_that_does_not_exist_is_refused_clearly(
    institution: Institution, sign_in: SignIn, query: str
) -> None:
    person_id = institution.people["pedro"]

    answer = sign_in("bruno").get(f"/people/{person_id}/?{query}")

    assert answer.status_code == 400
    assert "Incident number" in answer.content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "1.5", "²", "one"])
def test_a_page_number_that_is_none_is_refused(
    institution: Institution, sign_in: SignIn, page: str
) -> None:
    assert sign_in("bruno").get("/claims/", {"page": page}).status_code == 400


# --- acting once --------------------------------------------------------------------------------


def test_the_same_form_sent_again_is_answered_as_the_first_time(
    institution: Institution, sign_in: SignIn
) -> None:
    address = reverse("web:claim-approve", args=[institution.claims["proposed"]])
    form = {"key": str(uuid4()), "confirmed": "yes"}
    client = sign_in("celia")

    first = client.post(address, form, follow=True)
    again = client.post(address, form, follow=True)

    assert "Granted. The award is in payment" in first.content.decode()
    assert "Granted. The award is in payment" in again.content.decode()
    assert "Not done" not in again.content.decode()


def test_another_form_for_a_step_already_taken_says_so(
    institution: Institution, sign_in: SignIn
) -> None:
    address = reverse("web:claim-approve", args=[institution.claims["granted"]])

    answer = sign_in("celia").post(address, {"key": str(uuid4()), "confirmed": "yes"}, follow=True)

    assert "Not done" in answer.content.decode()
    assert "Nothing was changed" in answer.content.decode()


def test_a_step_that_cannot_be_undone_wants_its_confirmation(
    institution: Institution, sign_in: SignIn
) -> None:
    claim_id = institution.claims["proposed"]
    address = reverse("web:claim-approve", args=[claim_id])

    answer = sign_in("celia").post(address, {"key": str(uuid4())}, follow=True)

    assert "Tick the box to confirm" in answer.content.decode()
    record = claim_record(claim_id=claim_id, access=institution.access("celia"))
    assert record.summary.state == "proposed"


def test_a_form_without_its_token_changes_nothing(
    institution: Institution, sign_in: SignIn
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        get_user_model().objects.get(username="celia"),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    address = reverse("web:claim-approve", args=[institution.claims["proposed"]])

    answer = client.post(address, {"confirmed": "yes"})

    assert answer.status_code == 403
    assert "The form had expired" in answer.content.decode()


def test_a_file_over_the_limit_is_refused_before_it_is_read(
    institution: Institution, sign_in: SignIn
) -> None:
    client = sign_in("esther")

    with override_settings(UPLOAD_LIMIT=10):
        answer = client.post("/declarations/upload/", CONTENT_LENGTH=str(2 * 1024**3))

    assert answer.status_code == 413
    assert "refused before it was read" in answer.content.decode()


# --- roles and languages --------------------------------------------------------------------------


def test_somebody_with_two_roles_chooses_one_and_sees_which(
    staff: Institution, sign_in: SignIn
) -> None:
    grant_mandate(
        user_id=staff.staff["bruno"],
        role="registration-officer",
        starts_on=SINCE,
        access=staff.access("agnes"),
        at=AT,
    )
    client = sign_in("bruno")

    asked = client.get("/claims/")
    assert asked["Location"] == "/role/?next=%2Fclaims%2F"
    chosen = client.post("/role/", {"role": "claims-officer", "next": "/claims/"}, follow=True)

    assert 'href="/role/">Claims officer' in chosen.content.decode()


def test_a_role_switch_leads_nowhere_else(staff: Institution, sign_in: SignIn) -> None:
    answer = sign_in("bruno").post(
        "/role/", {"role": "claims-officer", "next": "https://elsewhere.example/"}
    )

    assert answer["Location"] == "/"


def test_a_role_that_is_not_held_cannot_be_chosen(staff: Institution, sign_in: SignIn) -> None:
    answer = sign_in("bruno").post("/role/", {"role": "auditor"})

    assert answer.status_code == 200
    assert "There is a problem" in answer.content.decode()


def test_the_language_is_switched_by_a_form(staff: Institution, sign_in: SignIn) -> None:
    client = sign_in("bruno")

    answer = client.post("/account/language/", {"language": "fr", "next": "/"}, follow=True)

    assert '<html lang="fr" dir="ltr">' in answer.content.decode()
    assert "Corbeille" in answer.content.decode()


def test_a_chosen_language_stands_at_the_next_sign_in(staff: Institution, sign_in: SignIn) -> None:
    sign_in("bruno").post("/account/language/", {"language": "fr", "next": "/"})

    next_time = Client()
    answer = next_time.post(
        "/account/login/", {"login": "bruno", "password": PASSWORD}, follow=True
    )

    assert '<html lang="fr" dir="ltr">' in answer.content.decode()
    assert Event.objects.get(kind="accounts.language_chosen").details == {"language": "fr"}


def test_a_language_that_is_not_there_is_kept_nowhere(staff: Institution, sign_in: SignIn) -> None:
    sign_in("bruno").post("/account/language/", {"language": "xx", "next": "/"})
    Client().post("/account/language/", {"language": "fr", "next": "/"})

    assert not Event.objects.filter(kind="accounts.language_chosen").exists()


def test_arabic_runs_from_right_to_left(staff: Institution, sign_in: SignIn) -> None:
    answer = sign_in("bruno").get("/", headers={"accept-language": "ar"})

    assert '<html lang="ar" dir="rtl">' in answer.content.decode()


# --- signing in ---------------------------------------------------------------------------------


def test_bruno_signs_in_with_his_password(staff: Institution) -> None:
    answer = Client().post("/account/login/", {"login": "bruno", "password": PASSWORD})

    assert answer.status_code == 302
    assert answer["Location"] == "/"


def test_too_many_wrong_passwords_lock_the_door(staff: Institution) -> None:
    client = Client()

    answers = [
        client.post("/account/login/", {"login": "bruno", "password": "guess"})
        for _attempt in range(settings.AXES_FAILURE_LIMIT)
    ]

    assert answers[-1].status_code == 429
    assert "Signing in is paused" in answers[-1].content.decode()
    right = client.post("/account/login/", {"login": "bruno", "password": PASSWORD})
    assert right.status_code == 429


@pytest.mark.parametrize(
    "name",
    [
        "account_change_password",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
    ],
)
def test_the_pages_of_second_factors_stand_in_our_layout(staff: Institution, name: str) -> None:
    client = Client()
    client.post("/account/login/", {"login": "bruno", "password": PASSWORD})
    confirmed = client.post("/account/confirm/", {"password": PASSWORD})

    answer = client.get(reverse(name))

    assert confirmed.status_code == 302

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "am-brand" in page
    assert " onclick=" not in page
    assert "<style" not in page


def test_nobody_opens_an_account_by_themselves(staff: Institution) -> None:
    answer = Client().post(
        "/account/signup/",
        {"username": "mallory", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert not get_user_model().objects.filter(username="mallory").exists()
    assert answer.status_code == 200


def test_no_page_allows_foreign_or_inline_scripts(staff: Institution, sign_in: SignIn) -> None:
    policy = sign_in("bruno").get("/")["Content-Security-Policy"]

    assert "script-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.fixture
def no_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let the database not answer, for the time of a test."""
    target = settings.DATABASES["default"]
    before = {name: target[name] for name in ("HOST", "PORT")}
    with django_db_blocker.unblock():
        connection.close()
        target.update(HOST="127.0.0.1", PORT="1")
        try:
            yield
        finally:
            connection.close()
            target.update(before)


def test_a_failure_of_ours_is_journaled_under_the_number_on_the_page(
    institution: Institution, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    assert institution.posting is not None
    LongWork.objects.filter(id=institution.posting).update(details={})  # as no operation leaves it
    client = sign_in("esther")
    client.raise_request_exception = False

    answer = client.get(reverse("web:file-work", args=[institution.posting]))

    (number,) = re.findall(r"[0-9A-F]{4}-[0-9A-F]{4}", answer.content.decode())
    incident = Event.objects.get(kind="incident")
    assert answer.status_code == 500
    assert incident.actor_id == institution.staff["esther"]
    assert incident.details["number"] == number
    assert incident.details["where"] == "files/work/<uuid:work_id>/"
    assert incident.details["failure"] == "KeyError"
    assert f"Incident {number}: KeyError" in caplog.text


def test_a_failure_of_ours_is_answered_without_the_database(
    caplog: pytest.LogCaptureFixture, no_database: None
) -> None:
    answer = server_error(RequestFactory().get("/runs/"))

    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Nothing was half-done" in page
    (incident,) = re.findall(r"[0-9A-F]{4}-[0-9A-F]{4}", page)
    assert f"Incident {incident}: " in caplog.text
    assert "in this log alone" in caplog.text


def test_a_failure_is_answered_also_where_the_pages_files_were_never_collected(
    caplog: pytest.LogCaptureFixture, no_database: None, settings: Settings, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

    answer = server_error(RequestFactory().get("/runs/"))

    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Nothing was half-done" in page
    assert re.search(r"[0-9A-F]{4}-[0-9A-F]{4}", page)
    assert "The pages' files are not in place" in caplog.text


def test_the_journal_is_searched_by_person_kind_and_day(
    institution: Institution, sign_in: SignIn
) -> None:
    client = sign_in("amadou")

    found = client.get("/journal/", {"actor": "celia", "kind": "claims."}).content.decode()
    before = client.get("/journal/", {"until": "2020-01-01"}).content.decode()
    unknown = client.get("/journal/", {"actor": "nobody"}).content.decode()

    assert "claims.granted" in found
    assert "payments." not in found.split("Events")[1]
    assert "No event matches" in before
    assert "Nobody signs in with this name" in unknown
