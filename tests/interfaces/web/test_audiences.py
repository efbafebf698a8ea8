"""Every page by every role: who is let in, who is refused how, and nobody is forgotten.

The table is the address book itself. A new page fails here until it declares its audience; what
each role may see is worked out from the roles' rights and compared with what the page answers.
"""

from collections.abc import Callable, Iterator
from uuid import uuid4

from django.test import Client
from django.urls import URLPattern, reverse

from amparo.accounts.roles import ROLES
from amparo.interfaces.web.pages import Audience
from amparo.interfaces.web.urls import urlpatterns
from tests.interfaces.web.addresses import addresses
from tests.interfaces.web.institution import CAST, Institution

_RIGHTS = {role.code: role.rights for role in ROLES}
# Pages that only take a form answer 405 to a plain visit by those who may use them.
_STEPS = {
    "claim-assess",
    "claim-approve",
    "claim-send-back",
    "claim-withdraw",
    "run-prepare",
    "run-approve",
    "run-transmit",
    "run-abandon",
    "run-statement",
    "file-work-again",
    "receipt-allocate",
    "interest-charge",
    "month-estimate",
    "proposal-approve",
    "proposal-refuse",
    "proposal-withdraw",
    "resolution-approve",
    "resolution-refuse",
    "duplicates-weigh",
    "merge-approve",
    "merge-refuse",
    "draft-restore",
    "draft-discard",
    "draft-reopen",
    "draft-activate",
    "draft-row-back",
}


def _pages() -> Iterator[URLPattern]:
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        yield pattern


def _audience(pattern: URLPattern) -> Audience:
    """Return what a view declared; decorators around it keep the mark."""
    audience = getattr(pattern.callback, "audience", None)
    assert isinstance(audience, Audience), f"The page “{pattern.name}” declares no audience."
    return audience


def test_every_page_declares_its_audience() -> None:
    for pattern in _pages():
        _audience(pattern)


def test_every_page_answers_each_role_as_declared(
    institution: Institution, sign_in: Callable[[str], Client]
) -> None:
    pages = addresses(institution)
    wrong = []
    for username, (_title, role) in CAST.items():
        client = sign_in(username)
        for pattern in _pages():
            audience, name = _audience(pattern), str(pattern.name)
            admitted = not audience.rights or bool(_RIGHTS[role].intersection(audience.rights))
            expected = 200 if admitted else (404 if audience.hides else 403)
            if name in _STEPS:
                # The method is looked at first: it tells nothing about any record.
                expected = 405

            answer = client.get(reverse(f"web:{name}", kwargs=pages[name]))

            if answer.status_code != expected:
                wrong.append((role, name, answer.status_code, expected))
    assert wrong == []


def test_every_form_refuses_each_role_that_may_not_send_it(
    institution: Institution, sign_in: Callable[[str], Client]
) -> None:
    pages = addresses(institution)
    wrong = []
    for username, (_title, role) in CAST.items():
        client = sign_in(username)
        for pattern in _pages():
            audience, name = _audience(pattern), str(pattern.name)
            if not audience.rights or _RIGHTS[role].intersection(audience.rights):
                continue

            answer = client.post(reverse(f"web:{name}", kwargs=pages[name]))

            if answer.status_code != (404 if audience.hides else 403):
                wrong.append((role, name, answer.status_code))
    assert wrong == []


def test_dario_who_holds_no_role_sees_no_page(
    institution: Institution, sign_in: Callable[[str], Client]
) -> None:
    pages, client = addresses(institution), sign_in("dario")

    for pattern in _pages():
        name = str(pattern.name)
        answer = client.get(reverse(f"web:{name}", kwargs=pages[name]))

        assert answer.status_code == (405 if name in _STEPS else 403), name
        if name not in _STEPS:
            assert "You hold no role today" in answer.content.decode()


def test_nobody_sees_a_page_without_signing_in(institution: Institution) -> None:
    pages, client = addresses(institution), Client()

    for pattern in _pages():
        name = str(pattern.name)
        address = reverse(f"web:{name}", kwargs=pages[name])
        answer = client.post(address) if name in _STEPS else client.get(address)

        assert answer.status_code == 302, name
        assert answer["Location"].startswith("/account/login/"), name


def test_a_record_that_does_not_exist_is_not_found(
    institution: Institution, sign_in: Callable[[str], Client]
) -> None:
    wrong = []
    for pattern in _pages():
        names = set(pattern.pattern.converters) - {
            "part",
            "scheme",
            "benefit",
            "difference_id",
            "number",
        }
        if str(pattern.name) in _STEPS or len(names) != 1:
            continue
        (argument,) = names
        rights = _audience(pattern).rights
        reader = next(name for name, (_, role) in CAST.items() if _RIGHTS[role] & set(rights))
        kwargs: dict[str, object] = {argument: uuid4()}
        if "part" in pattern.pattern.converters:
            kwargs["part"] = 1
        if "number" in pattern.pattern.converters:
            kwargs["number"] = 1
        if "scheme" in pattern.pattern.converters:
            kwargs |= {"scheme": "xa/social-pension", "benefit": "social_pension"}

        answer = sign_in(reader).get(reverse(f"web:{pattern.name}", kwargs=kwargs))

        if answer.status_code != 404:
            wrong.append((pattern.name, answer.status_code))
    assert wrong == []
