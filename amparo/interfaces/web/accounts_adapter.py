"""How allauth behaves here: accounts are opened by the person who grants mandates, never by sign-up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignup(DefaultAccountAdapter):
    """Refuses self-registration: an account without a mandate could do nothing but be attacked."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
