"""Nobody decides who they are themselves, or who their own people are."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from amparo.register.identities import records_of
from amparo.register.models import Kinship
from amparo.values import Access


class OwnRecord(Exception):
    """An officer would decide on their own record, or a relative's."""


def refuse_own(*, access: Access, person_ids: Collection[UUID]) -> None:
    """Raise OwnRecord where a record is the officer's own, or of somebody they have a tie to.

    Call it inside `reading`. Whose own record the register does not know is not refused.
    """
    if access.own_record_id is None:
        return
    own = set(records_of(person_id=access.own_record_id))
    asked = set(person_ids)
    ties = Kinship.objects.filter(
        Q(person_id__in=own, relative_id__in=asked) | Q(person_id__in=asked, relative_id__in=own)
    )
    if own & asked or ties.exists():
        raise OwnRecord(
            _("This is your own record, or a relative's. Somebody else decides. Leave it to them.")
        )
