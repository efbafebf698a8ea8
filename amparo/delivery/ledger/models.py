"""Schema of the ledger. Entries and postings are append-only: an error is posted back, not edited.

Postings carry no foreign-key triggers (`db_constraint=False`): PostgreSQL would check a million
rows one by one. A statement-level trigger (migration 0003) checks a whole statement's keys at once.
"""

from uuid import uuid4

from django.db import models


class Account(models.Model):
    """An account of the chart."""

    code = models.CharField(max_length=10, primary_key=True)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=10)  # asset | liability | income | expense

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["asset", "liability", "income", "expense"]),
                name="account_kind",
            ),
        ]


class JournalEntry(models.Model):
    """One business event in the books. A source posts once: posting it again is refused."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    entry_date = models.DateField()
    source_kind = models.CharField(max_length=40)
    source_id = models.UUIDField()
    narrative = models.CharField(max_length=200)
    posted_at = models.DateTimeField()
    posted_by = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_kind", "source_id"], name="a_source_posts_once"
            ),
        ]
        indexes = [models.Index(fields=["entry_date"], name="entry_by_date")]


class Posting(models.Model):
    """An amount moved from the credit account to the debit account."""

    id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(
        JournalEntry, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    debit = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    credit = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3)
    party_kind = models.CharField(max_length=20, blank=True)  # person | employer
    party_id = models.UUIDField(null=True)
    # The instruction, wage line or receipt behind this row.
    reference_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="posting_amount_is_positive"
            ),
            models.CheckConstraint(
                condition=~models.Q(debit=models.F("credit")), name="posting_moves_money"
            ),
            models.CheckConstraint(
                condition=models.Q(party_kind="", party_id=None)
                | models.Q(party_kind__in=["person", "employer"], party_id__isnull=False),
                name="posting_party_is_named_by_kind_and_id",
            ),
        ]
        indexes = [models.Index(fields=["party_id"], name="posting_party")]
