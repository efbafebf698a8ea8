"""Schema of the rule book."""

from uuid import uuid4

from django.db import models

from amparo.journal.models import GatePass


class PackVersion(models.Model):
    """A pack activated for a scheme from a date on. The row cannot exist without its pass (G1).

    `activation_hash` is what was approved: this content for this scheme from this date (the
    database recomputes it).
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    scheme = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    content_hash = models.CharField(max_length=64)
    files = models.JSONField()
    applies_from = models.DateField()
    activation_hash = models.CharField(max_length=64)
    activated_at = models.DateTimeField()
    gate_pass = models.OneToOneField(GatePass, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "applies_from", "activated_at"], name="one_version_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["scheme", "content_hash"], name="a_pack_is_activated_once"
            ),
        ]
