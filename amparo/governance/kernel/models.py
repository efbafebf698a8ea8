"""Schema of the governance kernel."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q


class Resolution(models.Model):
    """A proposal bound to a content hash, decided by somebody other than its proposer."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    gate = models.CharField(max_length=8)
    title = models.CharField(max_length=200)
    reason = models.TextField()
    content_hash = models.CharField(max_length=64)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    state = models.CharField(max_length=10, default="proposed")
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.TextField(blank=True)
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
                condition=Q(state="proposed", decided_by=None)
                | Q(state__in=["approved", "refused"], decided_by__isnull=False),
                name="a_decided_resolution_names_its_decider",
            ),
        ]
