"""Schema of contributions."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from amparo.office.models import ReceivedFile
from amparo.register.models import Employer, Person
from amparo.rules.book.models import PackVersion


class Declaration(models.Model):
    """An employer's wages of a month. Its lines add up to its header, or none of it posts.

    A correction is a declaration of differences beside the original, which stays as it is; it may
    be typed in by an officer, without a file. sequence: 0 for the original, then by correction.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    number = models.CharField(max_length=30, unique=True)
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()  # first day
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True)
    sequence = models.SmallIntegerField(default=0, db_default=0)
    reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    received_file = models.ForeignKey(
        ReceivedFile, on_delete=models.PROTECT, related_name="+", null=True
    )
    state = models.CharField(max_length=10)  # posted; later issues add open and received
    line_count = models.IntegerField()
    total_wages = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3)
    received_at = models.DateTimeField()
    received_by = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["employer", "month", "sequence"],
                name="one_declaration_an_employer_and_month",
            ),
            models.CheckConstraint(
                condition=Q(sequence=0, corrects=None, received_file__isnull=False)
                | (Q(sequence__gt=0, corrects__isnull=False) & ~Q(reason="")),
                name="a_correction_names_what_it_corrects",
            ),
            models.CheckConstraint(condition=Q(state__in=["posted"]), name="declaration_state"),
            models.CheckConstraint(
                condition=Q(month__day=1), name="declaration_month_is_a_first_day"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class WageLine(models.Model):
    """One worker's wage in a declaration. A line that names nobody known waits in suspense.

    corrects: the line of the original from which this one is a difference, perhaps below zero.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="+")
    line_number = models.IntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True)
    declared_identifier = models.CharField(max_length=60)
    declared_name = models.CharField(max_length=200)
    wage = models.DecimalField(max_digits=18, decimal_places=2)
    state = models.CharField(max_length=8)  # matched | suspense
    corrects = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["declaration", "line_number"], name="a_line_number_once"
            ),
            models.CheckConstraint(
                condition=Q(wage__gte=0) | Q(corrects__isnull=False), name="wage_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(state="matched", person__isnull=False)
                | Q(state="suspense", person=None),
                name="a_matched_line_has_its_person",
            ),
        ]
        indexes = [
            models.Index(fields=["person"], name="wage_line_person"),
            models.Index(
                fields=["corrects"],
                condition=Q(corrects__isnull=False),
                name="wage_line_differences",
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.line_number} of {self.declaration_id}"


class Liability(models.Model):
    """What is due for one wage line under one scheme, by the worker's and the employer's share."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    wage_line = models.ForeignKey(WageLine, on_delete=models.PROTECT, related_name="+")
    scheme = models.CharField(max_length=60)
    pack_version = models.ForeignKey(PackVersion, on_delete=models.PROTECT, related_name="+")
    insurable = models.DecimalField(max_digits=18, decimal_places=2)
    worker_share = models.DecimalField(max_digits=18, decimal_places=2)
    employer_share = models.DecimalField(max_digits=18, decimal_places=2)
    is_difference = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["wage_line", "scheme"], name="a_line_is_assessed_once_a_scheme"
            ),
            models.CheckConstraint(
                condition=Q(worker_share__gte=0, employer_share__gte=0, insurable__gte=0)
                | Q(is_difference=True),
                name="liability_is_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} on {self.wage_line_id}"


class WageLineMatch(models.Model):
    """Who was found to be the worker of a line that had waited in suspense. Append-only.

    Numbered in order, so that whoever must decide anew because of it can read on from where they
    were.
    """

    id = models.BigAutoField(primary_key=True)
    wage_line = models.OneToOneField(WageLine, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    matched_at = models.DateTimeField()
    matched_by = models.UUIDField()

    def __str__(self) -> str:
        return f"match {self.id}"


class TakenOnYear(models.Model):
    """A year of insured months and earnings taken on from the older system's file."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    scheme = models.CharField(max_length=60)
    year = models.SmallIntegerField()
    months = models.SmallIntegerField()
    earnings = models.DecimalField(max_digits=18, decimal_places=2)
    received_file = models.ForeignKey(ReceivedFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "scheme", "year"], name="a_year_is_taken_on_once"
            ),
            models.CheckConstraint(
                condition=Q(months__gte=1, months__lte=12), name="taken_on_months"
            ),
            models.CheckConstraint(condition=Q(earnings__gte=0), name="taken_on_earnings"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.year}"


# --- the employer's account -------------------------------------------------------------------


class Debt(models.Model):
    """What an employer owes for a month to a scheme, of one kind; how much, its movements say."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()  # first day
    scheme = models.CharField(max_length=60)
    kind = models.CharField(max_length=12)  # contribution | interest | penalty | cost
    due_on = models.DateField(null=True)  # unknown where the scheme's rules state no day
    currency = models.CharField(max_length=3)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["employer", "month", "scheme", "kind"],
                name="one_debt_of_a_kind_a_month_and_scheme",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["contribution", "interest", "penalty", "cost"]),
                name="debt_kind",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="debt_month_is_a_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.month} {self.scheme}"


class Proposal(models.Model):
    """Something about money that one person proposes and another decides."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    number = models.CharField(max_length=30, unique=True)
    kind = models.CharField(max_length=10)  # refund | write-off | reversal | plan
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="+")
    receipt = models.ForeignKey("Receipt", on_delete=models.PROTECT, related_name="+", null=True)
    debt = models.ForeignKey(Debt, on_delete=models.PROTECT, related_name="+", null=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=10)  # proposed | approved | refused | withdrawn
    proposed_at = models.DateTimeField()
    proposed_by = models.UUIDField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    decided_because = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="refund", receipt__isnull=False, debt=None)
                | Q(kind__in=["write-off", "reversal"], receipt=None, debt__isnull=False)
                | Q(kind="plan", receipt=None, debt=None),
                name="proposal_names_what_it_is_about",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "approved", "refused", "withdrawn"]),
                name="proposal_state",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="proposal_amount_is_positive"),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by=None, decided_at=None)
                | Q(
                    state="withdrawn",
                    decided_by=F("proposed_by"),
                    decided_at__isnull=False,
                )
                | (
                    Q(state__in=["approved", "refused"], decided_at__isnull=False)
                    & Q(decided_by__isnull=False)
                    & ~Q(decided_by=F("proposed_by"))
                ),
                name="nobody_decides_their_own_proposal",
            ),
            models.UniqueConstraint(
                fields=["receipt"],
                condition=Q(state="proposed", kind="refund"),
                name="one_open_refund_a_receipt",
            ),
            models.UniqueConstraint(
                fields=["debt", "kind"],
                condition=Q(state="proposed"),
                name="one_open_proposal_a_debt_and_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["proposed_at"], condition=Q(state="proposed"), name="to_decide")
        ]

    def __str__(self) -> str:
        return self.number


class DebtMovement(models.Model):
    """A change of a debt: never edited, put right by another. source_id: the act behind it."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    debt = models.ForeignKey(Debt, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    source_id = models.UUIDField()
    law = models.CharField(max_length=200, blank=True)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="+", null=True)
    posted_on = models.DateField()
    posted_at = models.DateTimeField()
    posted_by = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["debt", "kind", "source_id"], name="an_act_moves_a_debt_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["declared", "estimated", "interest", "penalty"], amount__gt=0)
                | Q(kind__in=["replaced", "reversed", "written-off"], amount__lt=0)
                | (Q(kind="corrected") & ~Q(amount=0)),
                name="a_movement_goes_the_way_of_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["reversed", "written-off"], proposal__isnull=False)
                | (~Q(kind__in=["reversed", "written-off"]) & Q(proposal=None)),
                name="what_is_forgiven_was_approved",
            ),
        ]
        indexes = [models.Index(fields=["source_id"], name="movement_source")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class DebtBalance(models.Model):
    """What is due and what is paid of a debt. Kept by the database from movements, allocations."""

    debt = models.OneToOneField(Debt, on_delete=models.PROTECT, related_name="+", primary_key=True)
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="+")
    due = models.DecimalField(max_digits=18, decimal_places=2)
    paid = models.DecimalField(max_digits=18, decimal_places=2)
    open = models.GeneratedField(
        expression=F("due") - F("paid"),
        output_field=models.DecimalField(max_digits=18, decimal_places=2),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(paid__gte=0, paid__lte=F("due")), name="no_debt_is_overpaid"
            ),
        ]
        indexes = [models.Index(fields=["employer"], condition=Q(open__gt=0), name="open_debts")]

    def __str__(self) -> str:
        return f"{self.open} of {self.debt_id}"


# --- money received ---------------------------------------------------------------------------


class Receipt(models.Model):
    """Money that came in, as the bank or wallet reported it. Its texts may name a person."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    received_file = models.ForeignKey(ReceivedFile, on_delete=models.PROTECT, related_name="+")
    bank_reference = models.CharField(max_length=120, unique=True)
    booked_on = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3)
    payer_name = models.CharField(max_length=140, blank=True)
    payer_account = models.CharField(max_length=60, blank=True)
    text = models.CharField(max_length=500, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="receipt_amount_is_positive")
        ]
        indexes = [
            models.Index(
                fields=["payer_account"], condition=~Q(payer_account=""), name="receipt_payer"
            )
        ]

    def __str__(self) -> str:
        return self.bank_reference


class ReceiptMatch(models.Model):
    """Whose money a receipt is, and how that was found. The last match holds."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="+")
    sequence = models.SmallIntegerField()
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=20)
    reason = models.CharField(max_length=500, blank=True)
    matched_at = models.DateTimeField()
    matched_by = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["receipt", "sequence"], name="a_receipts_matches_are_numbered"
            ),
            models.CheckConstraint(
                condition=Q(rule__in=["reference", "employer-number", "payer-account", "officer"]),
                name="match_rule",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.receipt_id}"


class ReceiptBalance(models.Model):
    """Where a receipt's money is: allocated, refunded, else in suspense. Kept by the database."""

    receipt = models.OneToOneField(
        Receipt, on_delete=models.PROTECT, related_name="+", primary_key=True
    )
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="+", null=True)
    booked_on = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    allocated = models.DecimalField(max_digits=18, decimal_places=2)
    refunded = models.DecimalField(max_digits=18, decimal_places=2)
    suspended = models.GeneratedField(
        expression=F("amount") - F("allocated") - F("refunded"),
        output_field=models.DecimalField(max_digits=18, decimal_places=2),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(allocated__gte=0, refunded__gte=0, suspended__gte=0),
                name="no_receipt_is_spent_twice",
            ),
        ]
        indexes = [
            models.Index(fields=["booked_on"], condition=Q(suspended__gt=0), name="money_waiting"),
            models.Index(fields=["employer"], name="receipts_of_employer"),
        ]

    def __str__(self) -> str:
        return f"{self.suspended} of {self.receipt_id}"


class Allocation(models.Model):
    """Money of a receipt laid on a debt; below zero where it takes an earlier one back."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    act_id = models.UUIDField()  # allocations made together are one act, and one entry of the books
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="+")
    debt = models.ForeignKey(Debt, on_delete=models.PROTECT, related_name="+")
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    reverses = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True)
    made_on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, reverses=None) | Q(amount__lt=0, reverses__isnull=False),
                name="an_allocation_gives_or_takes_back",
            ),
            models.UniqueConstraint(fields=["reverses"], name="an_allocation_is_taken_back_once"),
        ]
        indexes = [models.Index(fields=["act_id"], name="allocation_act")]

    def __str__(self) -> str:
        return f"{self.amount} on {self.debt_id}"


class Refund(models.Model):
    """Money given back to whom it came from, by an approved proposal."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="+")
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="+")
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    made_on = models.DateField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_is_positive")
        ]

    def __str__(self) -> str:
        return f"{self.amount} of {self.receipt_id}"


# --- arrears ----------------------------------------------------------------------------------


class Estimate(models.Model):
    """What was estimated for a month that nobody declared; it falls when the month is declared."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    number = models.CharField(max_length=30, unique=True)
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()  # first day
    made_at = models.DateTimeField()
    made_by = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["employer", "month"], name="one_estimate_an_employer_and_month"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="estimate_month_is_a_first_day"),
        ]

    def __str__(self) -> str:
        return self.number


class InterestCharge(models.Model):
    """Interest on a debt for one month of delay or part of it. base: what was open as it began."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    debt = models.ForeignKey(Debt, on_delete=models.PROTECT, related_name="+")
    period_starts_on = models.DateField()
    base = models.DecimalField(max_digits=18, decimal_places=2)
    rate = models.DecimalField(max_digits=9, decimal_places=6)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    law = models.CharField(max_length=200)
    run_id = models.UUIDField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["debt", "period_starts_on"], name="a_month_of_delay_is_charged_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0, base__gt=0), name="interest_is_due"),
        ]
        indexes = [models.Index(fields=["run_id"], name="interest_run")]

    def __str__(self) -> str:
        return f"{self.amount} from {self.period_starts_on}"


class Dispute(models.Model):
    """An employer's objection to a debt: while it is undecided, no month of delay is charged."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    debt = models.ForeignKey(Debt, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    opened_on = models.DateField()
    opened_at = models.DateTimeField()
    opened_by = models.UUIDField()
    closed_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    outcome = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["debt"], condition=Q(closed_on=None), name="one_open_dispute_a_debt"
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None, closed_at=None, closed_by=None, outcome="")
                | (
                    Q(closed_on__gte=F("opened_on"), closed_at__isnull=False)
                    & Q(closed_by__isnull=False)
                    & ~Q(outcome="")
                ),
                name="a_dispute_closes_with_its_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"dispute of {self.debt_id}"
