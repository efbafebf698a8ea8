"""Signing in with a second factor, from its setting-up to its use: codes and passkeys.

The passkey is Chromium's own virtual authenticator, reached over the DevTools protocol: the browser
does with it all that it does with a real one. The site stands on localhost, because browsers know
no passkey on an IP address.
"""

import re
import time
from collections.abc import Callable

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from playwright.sync_api import Page, expect

from amparo.journal.models import Event
from tests.interfaces.web.institution import PASSWORD
from tests.journeys.conftest import Site

Check = Callable[[Page], None]


def sign_in(window: Page, username: str = "bruno") -> None:
    window.goto("/account/login/")
    window.get_by_label("Username").fill(username)
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Sign in", exact=True).click()
    expect(window).not_to_have_url(re.compile("account/login"))


def open_confirmed(window: Page, address: str) -> None:
    """Open a page that asks for the password once more, so that no unwatched screen serves."""
    window.goto(address)
    window.get_by_label("Password").fill(PASSWORD)
    window.get_by_role("button", name="Confirm").click()
    expect(window).to_have_url(re.compile(address))


def sign_out(window: Page) -> None:
    window.goto("/")
    window.get_by_role("button", name="Sign out").click()
    expect(window).to_have_url(re.compile("account/login"))


def code_at(secret: str) -> str:
    """Return the code that an authenticator app shows now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def with_an_authenticator(window: Page) -> None:
    """Plug in a security key that checks its owner's finger."""
    tools = window.context.new_cdp_session(window)
    tools.send("WebAuthn.enable")
    tools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_bruno_sets_up_codes_and_signs_in_with_one(site: Site, accessible: Check) -> None:
    window = site.visitor()
    sign_in(window)

    open_confirmed(window, "/account/second-factor/totp/activate/")
    accessible(window)
    secret = window.get_by_label("Authenticator secret").input_value()
    window.get_by_label("Authenticator code").fill(code_at(secret))
    window.get_by_role("button", name="Activate").click()
    codes = re.findall(r"\b[0-9a-z]{8,10}\b", window.get_by_label("Unused codes").input_value())
    accessible(window)
    window.goto("/account/second-factor/recovery-codes/")
    shown_again = window.get_by_label("Unused codes").count()
    sign_out(window)
    cache.clear()  # as half a minute later: the same code serves once
    sign_in(window)
    expect(window).to_have_url(re.compile("second-factor/authenticate"))
    accessible(window)
    window.locator("#id_code").fill(code_at(secret))
    window.get_by_role("button", name="Sign In").click()

    expect(window.get_by_role("heading", name="Inbox")).to_be_visible()
    assert len(codes) == 10
    assert shown_again == 0
    assert (
        Event.objects.filter(
            kind="accounts.signed_in", actor_id=site.institution.staff["bruno"]
        ).count()
        == 2
    )


def test_bruno_sets_up_a_passkey_and_signs_in_with_it_alone(site: Site, accessible: Check) -> None:
    window = site.visitor()
    with_an_authenticator(window)
    sign_in(window)

    open_confirmed(window, "/account/second-factor/webauthn/add/")
    accessible(window)
    window.get_by_label("Name").fill("Bruno's desk")
    window.get_by_label("Passwordless").check()
    window.get_by_role("button", name="Add").click()
    expect(window).not_to_have_url(re.compile("webauthn/add"))
    window.goto("/account/second-factor/webauthn/")
    expect(window.get_by_text("Bruno's desk")).to_be_visible()
    accessible(window)
    expect(window.get_by_role("columnheader", name="What can be done")).to_be_visible()
    sign_out(window)
    window.goto("/account/login/")
    window.get_by_role("button", name="Sign in with a passkey").click()

    expect(window.get_by_role("heading", name="Inbox")).to_be_visible()
    assert (
        Event.objects.filter(
            kind="accounts.signed_in", actor_id=site.institution.staff["bruno"]
        ).count()
        == 2
    )


def test_after_the_password_the_passkey_is_asked_for(site: Site) -> None:
    window = site.visitor()
    with_an_authenticator(window)
    sign_in(window)
    open_confirmed(window, "/account/second-factor/webauthn/add/")
    window.get_by_label("Name").fill("Bruno's desk")
    window.get_by_role("button", name="Add").click()
    expect(window).not_to_have_url(re.compile("webauthn/add"))
    sign_out(window)

    sign_in(window)
    expect(window).to_have_url(re.compile("second-factor/authenticate"))
    window.get_by_role("button", name="Use a security key").click()

    expect(window.get_by_role("heading", name="Inbox")).to_be_visible()
