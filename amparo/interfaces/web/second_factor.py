"""The second factor at sign-in: six digits can be guessed, so guesses are counted.

Counted in the journal, thus for all processes together and across restarts.
"""

from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from django.core.exceptions import ValidationError
from django.utils.timezone import now
from django.utils.translation import gettext as _

from amparo.accounts.operations import record_failed_second_factor
from amparo.accounts.queries import failed_second_factors

_FAILURES = 5
_WITHIN = timedelta(hours=1)


class SecondFactor(AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """Takes a code, at most five wrong ones an hour for one account."""

    def clean_code(self) -> str:
        address = get_adapter().get_client_ip(context.request)
        failures = failed_second_factors(user_id=self.user.pk, since=now() - _WITHIN)
        if failures >= _FAILURES:
            record_failed_second_factor(user_id=self.user.pk, address=address, locked_out=True)
            raise ValidationError(
                _("Too many wrong codes. Wait an hour, or ask the person who grants mandates.")
            )
        try:
            code: str = super().clean_code()
        except ValidationError:
            record_failed_second_factor(user_id=self.user.pk, address=address, locked_out=False)
            raise
        return code
