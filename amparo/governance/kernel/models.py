"""Schema of the governance kernel."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from amparo.accounts.models import Mandate


class Gate(models.Model):
    """An effect that needs an approved resolution: who may propose and approve it, for how long.

    Rights are words of `values.Right`. The database reads this table when it checks a resolution.
    """

    code = models.CharField(max_length=8, primary_key=True)
    title = models.CharField(max_length=120)
    proposing_right = models.CharField(max_length=60)
    approving_right = models.CharField(max_length=60)
    approval_days = models.SmallIntegerField()


class Resolution(models.Model):
    """A proposal bound to a content hash, decided by somebody other than its proposer.

    Triggers hold that it starts as a proposal, that what was proposed never changes, that it is
    decided once, and that proposer and decider acted under a mandate that carries the gate's right.
    `decision_recorded_at` is the database's own clock, against an approval that is used late under
    an early date.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    gate = models.ForeignKey(Gate, on_delete=models.PROTECT, related_name="+", db_column="gate")
    title = models.CharField(max_length=200)
    reason = models.TextField()
    content_hash = models.CharField(max_length=64)
    proposed_by = models.UUIDField()
    proposed_under = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="proposed")
    decided_by = models.UUIDField(null=True)
    decided_under = models.ForeignKey(
        Mandate, on_delete=models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.TextField(blank=True)
    decision_recorded_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "approved", "refused"]), name="resolution_state"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="resolution_maker_is_not_checker",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="proposed",
                    decided_by=None,
                    decided_under=None,
                    decided_at=None,
                    expires_at=None,
                )
                | Q(
                    state__in=["approved", "refused"],
                    decided_by__isnull=False,
                    decided_under__isnull=False,
                    decided_at__gte=F("proposed_at"),
                ),
                name="a_decided_resolution_names_its_decider",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(expires_at__gt=F("decided_at")),
                name="an_approval_expires",
            ),
        ]
        indexes = [models.Index(fields=["state", "-proposed_at"], name="resolution_by_state")]
