"""A form that arrives twice at the same instant is done once."""

import threading
import time
from collections.abc import Callable

from django import forms
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from amparo.interfaces.web.actions import Done, carry_out, fill_in
from tests.conftest import Clone


def press_twice(answer: Callable[[HttpRequest], HttpResponse | None]) -> list[HttpResponse | None]:
    """Send two requests of one session with one key at once; return what each was answered."""
    session = SessionStore()
    session.create()
    answers: list[HttpResponse | None] = []
    barrier = threading.Barrier(2)

    def press() -> None:
        request = RequestFactory().post("/people/new/", {"key": "k-1"})
        request.session = SessionStore(session.session_key)
        request._messages = CookieStorage(request)  # type: ignore[attr-defined]  # Django sets it
        try:
            barrier.wait(timeout=10)
            answers.append(answer(request))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press) for _one in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return answers


def test_a_form_pressed_twice_at_once_is_filled_in_once(cloned_database: Clone) -> None:
    done: list[str] = []

    def act() -> Done:
        time.sleep(0.3)
        done.append("registered")
        return Done(message="Registered.", onward="/people/1/")

    answers = press_twice(
        lambda request: fill_in(request, form=forms.Form({}), act=act, refusals=())
    )

    assert done == ["registered"]
    assert [answer["Location"] for answer in answers if answer] == ["/people/1/", "/people/1/"]


def test_a_step_pressed_twice_at_once_is_carried_out_once(cloned_database: Clone) -> None:
    done: list[str] = []

    def act() -> str:
        time.sleep(0.3)
        done.append("approved")
        return "Approved."

    answers = press_twice(lambda request: carry_out(request, act=act, refusals=(), back="/runs/1/"))

    assert done == ["approved"]
    assert [answer["Location"] for answer in answers if answer] == ["/runs/1/", "/runs/1/"]
