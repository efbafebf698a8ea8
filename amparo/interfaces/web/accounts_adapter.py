"""How allauth behaves here: accounts come with mandates, and every sign-in leaves its evidence.

No signals: the adapter is the object allauth asks at each step, so it is the place to journal.
"""

from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from amparo.accounts.operations import record_failed_sign_in, record_sign_in, record_sign_out


class ClosedSignup(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Refuses self-registration: an account without a mandate could do nothing but be attacked."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 — allauth calls it so
        return False

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Journal a wrong password, and whether the door is locked by now."""
        record_failed_sign_in(
            username=str(credentials.get("username", "")),
            address=self.get_client_ip(request),
            locked_out=bool(getattr(request, "axes_locked_out", False)),
        )

    def post_login(
        self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any
    ) -> HttpResponse:
        """Journal the sign-in, and speak the account's language from here on.

        allauth comes here after the last factor.
        """
        record_sign_in(user_id=UUID(str(user.pk)), address=self.get_client_ip(request))
        language = str(getattr(user, "language", settings.LANGUAGE_CODE))
        translation.activate(language)  # the message of success speaks it already
        response: HttpResponse = super().post_login(request, user, **kwargs)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
        return response

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            record_sign_out(user_id=UUID(str(request.user.pk)))
        super().logout(request)
