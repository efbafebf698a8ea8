"""Schema of payments.

Invariant 3 lives here: one entitlement per award, component, month and sequence; one live line per
entitlement. Snapshot rows, entitlements, files and statement lines are append-only; of an
instruction only the outcome changes, of its line only that it ceases to be live (migration 0002).

The tables that grow with every run carry no foreign-key triggers (`db_constraint=False`):
PostgreSQL would check their keys one by one, which takes longer than the run itself. Triggers check
them a statement at a time.
"""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Replace

from amparo.delivery.claims.models import Award, AwardComponent
from amparo.delivery.decisions.models import Decision
from amparo.office.models import ReceivedFile
from amparo.register.models import Person

# A run not yet sent. There is at most one, so that no two runs prepare the same money.
OPEN_STATES = ["planned", "snapshot", "calculated", "compared", "approved", "locked"]
BOUND_STATES = ["approved", "locked", "transmitted", "reconciling"]
PAYRUN_STATES = [*OPEN_STATES, "transmitted", "reconciling", "abandoned"]


class PayRun(models.Model):
    """A pay run for a month. Its approval binds the hash of exactly what will be sent."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    number = models.CharField(max_length=30, unique=True)
    month = models.DateField()
    kind = models.CharField(max_length=14)  # regular | supplementary
    state = models.CharField(max_length=12)
    currency = models.CharField(max_length=3)
    previous_run = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="+", null=True
    )  # compared with; empty for the first regular run and for supplementary runs
    planned_at = models.DateTimeField()
    planned_by = models.UUIDField()
    prepared_by = models.UUIDField()  # took the snapshot
    calculated_by = models.UUIDField(null=True)
    compared_by = models.UUIDField(null=True)
    snapshot_at = models.DateTimeField(null=True)
    snapshot_hash = models.CharField(max_length=64, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    item_count = models.BigIntegerField(default=0)
    instruction_count = models.BigIntegerField(default=0)
    total = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    totals = models.JSONField(default=dict)  # by scheme, by provider, by reason; amounts as text
    comparison = models.JSONField(default=dict)  # counts and sums; the rows are differences
    approved_by = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    approved_hash = models.CharField(max_length=64, blank=True)
    locked_at = models.DateTimeField(null=True)
    transmitted_at = models.DateTimeField(null=True)
    transmitted_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month"],
                condition=Q(kind="regular") & ~Q(state="abandoned"),
                name="one_regular_run_a_month",
            ),
            models.UniqueConstraint(
                fields=["currency"],
                condition=Q(state__in=OPEN_STATES),
                name="one_open_run_at_a_time",
            ),
            models.CheckConstraint(condition=Q(state__in=PAYRUN_STATES), name="payrun_state"),
            models.CheckConstraint(
                condition=Q(kind__in=["regular", "supplementary"]), name="payrun_kind"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="payrun_month_is_a_first_day"),
            models.CheckConstraint(
                condition=Q(approved_by=None)
                | (
                    ~Q(approved_by=F("prepared_by"))
                    & ~Q(approved_by=F("planned_by"))
                    & (Q(calculated_by=None) | ~Q(approved_by=F("calculated_by")))
                    & (Q(compared_by=None) | ~Q(approved_by=F("compared_by")))
                ),
                name="payrun_maker_is_not_checker",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["planned", "snapshot", "calculated"])
                | Q(compared_by=None, state="calculated")
                | Q(compared_by=None, calculated_by=None),
                name="payrun_names_who_took_which_step",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=BOUND_STATES)
                | Q(approved_by__isnull=False, approved_hash=F("content_hash")),
                name="an_approved_run_has_the_approved_content",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=BOUND_STATES) | Q(instruction_count__gt=0, total__gt=0),
                name="an_approved_run_pays_somebody",
            ),
        ]


class PayRunItem(models.Model):
    """The immutable snapshot: one row per component and month considered, and what became of it.

    The account and name rows are facts that never change; so the snapshot names them by id.
    """

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(
        PayRun, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    award = models.ForeignKey(
        Award, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    award_component = models.ForeignKey(
        AwardComponent,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    scheme = models.CharField(max_length=60)
    benefit = models.CharField(max_length=40)
    component = models.CharField(max_length=40)
    month = models.DateField()
    sequence = models.IntegerField()
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    payee = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    payment_account_id = models.UUIDField(null=True)
    payee_name_id = models.UUIDField(null=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    disposition = models.CharField(max_length=8)  # pay | held | excluded
    reason = models.CharField(max_length=30, blank=True)
    entitlement_id = models.UUIDField(null=True)  # to be created by this run, or owed again
    is_new = models.BooleanField()  # this run creates the entitlement
    is_reissue = models.BooleanField()  # sent before, and rejected or returned

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "award_component", "month"], name="a_component_and_month_once_a_run"
            ),
            models.CheckConstraint(
                condition=Q(
                    disposition="pay",
                    reason="",
                    amount__gt=0,
                    payment_account_id__isnull=False,
                    payee_name_id__isnull=False,
                    entitlement_id__isnull=False,
                )
                | (Q(disposition__in=["held", "excluded"]) & ~Q(reason="")),
                name="an_item_is_paid_or_says_why_not",
            ),
        ]


class Entitlement(models.Model):
    """What is due for one award, component, month and sequence: the unit that is paid once."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    run = models.ForeignKey(
        PayRun, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    award = models.ForeignKey(
        Award, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    component = models.CharField(max_length=40)
    month = models.DateField()
    sequence = models.IntegerField()
    decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    amount = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["award", "component", "month", "sequence"],
                name="an_entitlement_is_due_once",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="entitlement_amount_is_positive"
            ),
        ]


class Instruction(models.Model):
    """One payment to one payee's account in one run.

    `state` is the outcome at the bank; whether an instruction has been sent is a fact of its run.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    run = models.ForeignKey(
        PayRun, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    part = models.IntegerField()  # the payment file it travels in
    end_to_end_id = models.CharField(max_length=35)  # the id, as the bank's files carry it
    payee = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    payee_name = models.CharField(max_length=140)
    payment_account_id = models.UUIDField()
    account_kind = models.CharField(max_length=10)
    provider = models.CharField(max_length=11)
    account_number = models.CharField(max_length=34)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=12)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="instruction_amount_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["instructed", "settled", "rejected", "returned", "cancelled"]
                ),
                name="instruction_state",
            ),
            models.CheckConstraint(condition=Q(part__gte=1), name="instruction_part"),
            # So it is unique without an index of its own, and found by the primary key.
            models.CheckConstraint(
                condition=Q(
                    end_to_end_id=Replace(Cast("id", models.TextField()), Value("-"), Value(""))
                ),
                name="instruction_is_named_by_its_id",
            ),
        ]
        indexes = [
            models.Index(fields=["run", "part"], name="instruction_of_run"),
            models.Index(fields=["payee"], name="instruction_payee"),
        ]


class InstructionLine(models.Model):
    """An instruction pays an entitlement, until it is rejected, returned or cancelled."""

    entitlement = models.ForeignKey(
        Entitlement, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    instruction = models.ForeignKey(
        Instruction, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    is_reissue = models.BooleanField()
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entitlement"],
                condition=Q(is_live=True),
                name="one_live_instruction_an_entitlement",
            ),
        ]
        indexes = [
            models.Index(fields=["entitlement"], condition=Q(is_live=False), name="line_ended"),
        ]


class Difference(models.Model):
    """An award that this run pays otherwise than the one before, and the event behind that."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    award = models.ForeignKey(
        Award, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=8)  # new | stopped | changed
    explanation = models.CharField(max_length=30)  # "unexplained" blocks approval
    decision_id = models.UUIDField(null=True)
    amount_before = models.DecimalField(max_digits=18, decimal_places=2)
    amount_after = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["new", "stopped", "changed"]), name="difference_kind"
            ),
            models.CheckConstraint(condition=~Q(explanation=""), name="difference_explanation"),
        ]


class DifferenceStatement(models.Model):
    """What a finance officer found out about a difference that the records do not explain."""

    difference = models.OneToOneField(
        Difference, on_delete=models.PROTECT, related_name="+", primary_key=True
    )
    text = models.TextField()
    stated_by = models.UUIDField()
    stated_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="statement_says_it")]


class PaymentFile(models.Model):
    """A file made for the bank. Its bytes can be made again from the instructions."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="+")
    part = models.IntegerField()
    message_id = models.CharField(max_length=35, unique=True)
    file_name = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    instruction_count = models.IntegerField()
    control_sum = models.DecimalField(max_digits=18, decimal_places=2)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "part"], name="a_file_part_once")]


class StatementLine(models.Model):
    """A line a bank reported, read in once. One that fits none of our payments has a problem."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    received_file = models.ForeignKey(ReceivedFile, on_delete=models.PROTECT, related_name="+")
    bank_reference = models.CharField(max_length=160, unique=True)
    reported_id = models.CharField(max_length=35, blank=True)  # the EndToEndId the bank names
    instruction = models.ForeignKey(
        Instruction, on_delete=models.PROTECT, related_name="+", null=True, db_constraint=False
    )
    outcome = models.CharField(max_length=10)  # settled | rejected | returned | other
    problem = models.CharField(max_length=30, blank=True)
    reason_code = models.CharField(max_length=35, blank=True)
    # A status report need not repeat amount and currency.
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    booked_on = models.DateField()
    # Reported of a whole payment file: its reason is not the reason of this payment.
    is_of_whole_file = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["settled", "rejected", "returned", "other"]),
                name="statement_line_outcome",
            ),
            models.CheckConstraint(
                condition=Q(instruction__isnull=False) | ~Q(problem=""),
                name="an_unmatched_line_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["instruction"],
                condition=Q(problem="", outcome__in=["rejected", "returned"]),
                name="line_took_back",
            ),
        ]
