"""How allauth behaves here: accounts come with mandates, and every sign-in leaves its evidence.

No signals: the adapter is the object allauth asks at each step, so it is the place to journal.
"""

from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.timezone import now
from django.utils.translation import gettext as _

from amparo.accounts.operations import (
    record_failed_sign_in,
    record_password_chosen,
    record_sign_in,
    record_sign_out,
)


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

    def pre_login(
        self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any
    ) -> HttpResponse | None:
        """Let nobody in by a first password that has run out."""
        until = getattr(user, "first_password_until", None)
        if until is not None and now() >= until:
            clear_login(request)
            record_failed_sign_in(
                username=user.get_username(), address=self.get_client_ip(request), locked_out=True
            )
            messages.error(
                request,
                _(
                    "The first password has run out. Ask the person who opened your account for "
                    "another."
                ),
            )
            return redirect("account_login")
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer

    def clean_password(self, password: str, user: AbstractBaseUser | None = None) -> str:
        """Take as one's own no password that somebody else was shown."""
        if (
            user is not None
            and getattr(user, "first_password_until", None) is not None
            and user.check_password(password)
        ):
            raise ValidationError(
                _("This is the first password, which others have seen. Choose another.")
            )
        cleaned: str = super().clean_password(password, user)
        return cleaned

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Keep a password that its owner chose, and journal that they did."""
        super().set_password(user, password)
        record_password_chosen(user_id=UUID(str(user.pk)))

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
