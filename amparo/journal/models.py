"""Schema of the journal. Rows are appended, never changed: triggers hold that under bulk SQL and COPY too."""

from uuid import uuid4

from django.db import models
from django.db.models.functions import Now


class Event(models.Model):
    """One act or one read. A bulk read is one row that names its immutable set.

    details: ids, counts and salted hashes only; never a name, a number or any other personal value.
    """

    id = models.BigAutoField(primary_key=True)
    happened_at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=80)
    actor_id = models.UUIDField(null=True)
    role = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=80, blank=True)
    mandate_id = models.UUIDField(null=True)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_id = models.UUIDField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["subject_id", "-id"], name="event_of_subject"),
            models.Index(fields=["actor_id", "-id"], name="event_of_actor"),
            models.Index(fields=["kind", "-id"], name="event_of_kind"),
        ]


class Block(models.Model):
    """A sealed block: a hash over committed events, chained to the block before.

    The events of a block are those whose ids lie in `event_ids` (an int8multirange, created in SQL). Ids are given
    out before commit, so a slow transaction's event joins a later block than its neighbours.
    """

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    event_count = models.BigIntegerField()
    events_hash = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64)
    block_hash = models.CharField(max_length=64, unique=True)


class GatePass(models.Model):
    """Permission for one effect, written by governance only, used once (the effect's `pass_id` is unique)."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    gate = models.CharField(max_length=8)
    content_hash = models.CharField(max_length=64)
    resolution_id = models.UUIDField()
    proposed_by = models.UUIDField()
    approved_by = models.UUIDField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(proposed_by=models.F("approved_by")),
                name="pass_maker_is_not_checker",
            ),
        ]
