"""Schema of the register: anchors that never change, and facts with two times.

Every fact row says when it was true (`starts_on` to `ends_before`, end excluded) and when it was
known (`recorded_at` to `superseded_at`). A correction closes the record time of the old row and
adds a new one. Exclusion constraints make it impossible that two rows are true and known at once
where only one can be; triggers refuse every other change to a fact (migration 0002).
"""

from datetime import timedelta
from uuid import uuid4

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q

from amparo.register.days import EARLIEST, LATEST
from amparo.register.records import EVIDENCE, IDENTIFIER_KINDS, UNKNOWN_START


def _true_during() -> Func:
    return Func(
        F("starts_on"), F("ends_before"), function="daterange", output_field=DateRangeField()
    )


def _known_during() -> Func:
    return Func(
        F("recorded_at"),
        F("superseded_at"),
        function="tstzrange",
        output_field=DateTimeRangeField(),
    )


def only_one_at_a_time(name: str, *equal: str | Func) -> ExclusionConstraint:
    """Forbid two facts with the same values in `equal` that are true and known at the same time."""
    return ExclusionConstraint(
        name=name,
        expressions=[
            *((value, RangeOperators.EQUAL) for value in equal),
            (_true_during(), RangeOperators.OVERLAPS),
            (_known_during(), RangeOperators.OVERLAPS),
        ],
    )


def _digest(*fields: str) -> Func:
    """Make one short key of several texts: a GiST index compares it faster than the texts."""
    return Func(
        *(F(field) for field in fields),
        template="(md5(%(expressions)s)::uuid)",
        arg_joiner=" || '|' || ",
        output_field=models.UUIDField(),
    )


def in_time(fact: str) -> list[models.CheckConstraint]:
    """Demand a possible period, knowledge that does not end before it began, a source."""
    return [
        models.CheckConstraint(
            condition=(Q(starts_on=UNKNOWN_START) | Q(starts_on__range=(EARLIEST, LATEST)))
            & (Q(ends_before=None) | Q(ends_before__lte=LATEST + timedelta(days=1))),
            name=f"{fact}_on_possible_days",
        ),
        models.CheckConstraint(
            condition=Q(ends_before=None) | Q(ends_before__gt=F("starts_on")),
            name=f"{fact}_lasts_a_day",
        ),
        models.CheckConstraint(
            condition=Q(superseded_at=None) | Q(superseded_at__gte=F("recorded_at")),
            name=f"{fact}_superseded_later",
        ),
        models.CheckConstraint(
            condition=Q(source__in=["declaration", "document", "exchange", "officer"]),
            name=f"{fact}_source",
        ),
    ]


def found_by_spelling(name: str) -> GinIndex:
    """Index `search_name` by trigrams; superseded names are not searched, former names are."""
    return GinIndex(
        name=name,
        fields=["search_name"],
        opclasses=["gin_trgm_ops"],
        condition=Q(superseded_at=None),
    )


class Person(models.Model):
    """The anchor of a natural person. Everything known about them is a dated fact elsewhere."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    number = models.CharField(max_length=20, unique=True)
    registered_at = models.DateTimeField()


class Employer(models.Model):
    """The anchor of an employer."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    number = models.CharField(max_length=20, unique=True)
    registered_at = models.DateTimeField()


class Household(models.Model):
    """The anchor of a household: people who live and eat together."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    number = models.CharField(max_length=20, unique=True)
    registered_at = models.DateTimeField()


class Fact(models.Model):
    """Two times and a source, common to every fact."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    starts_on = models.DateField()
    ends_before = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=20)  # declaration | document | exchange | officer
    source_id = models.UUIDField(null=True)  # the received file, claim or exchange it came from
    recorded_by = models.UUIDField()

    class Meta:
        abstract = True


class PersonName(Fact):
    """A name as the person writes it. A mononym leaves `family_name` empty."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    given_names = models.CharField(max_length=120, blank=True)
    family_name = models.CharField(max_length=120, blank=True)
    search_name = models.TextField()  # amparo.register.naming.search_form of both

    class Meta:
        constraints = [
            *in_time("person_name"),
            only_one_at_a_time("one_name_at_a_time", "person"),
            models.CheckConstraint(
                condition=~Q(given_names="", family_name=""), name="a_name_is_not_empty"
            ),
            # What is searched holds letters and digits alone: empty, nobody could read the name.
            models.CheckConstraint(condition=~Q(search_name=""), name="a_name_can_be_read"),
        ]
        indexes = [found_by_spelling("person_name_search")]


class Vitals(Fact):
    """Sex, birth and death, true for a whole life; what changes is what is known of them.

    `birth_precision` says how much of the date is known: day, month or year. The unknown part is
    written as the first day or month and means nothing.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    sex = models.CharField(max_length=10)  # female | male | other | unknown
    birth_date = models.DateField(null=True)
    birth_precision = models.CharField(max_length=5, default="day")
    death_date = models.DateField(null=True)

    class Meta:
        constraints = [
            *in_time("vitals"),
            only_one_at_a_time("one_set_of_vitals_at_a_time", "person"),
            models.CheckConstraint(
                condition=Q(sex__in=["female", "male", "other", "unknown"]), name="vitals_sex"
            ),
            models.CheckConstraint(
                condition=Q(birth_precision__in=["day", "month", "year"]),
                name="vitals_birth_precision",
            ),
            models.CheckConstraint(
                condition=Q(birth_date=None)
                | Q(birth_precision="day")
                | Q(birth_precision="month", birth_date__day=1)
                | Q(birth_precision="year", birth_date__day=1, birth_date__month=1),
                name="vitals_unknown_part_is_first",
            ),
            models.CheckConstraint(
                condition=Q(death_date=None)
                | Q(birth_date=None)
                | Q(death_date__gte=F("birth_date")),
                name="death_follows_birth",
            ),
            models.CheckConstraint(
                condition=(Q(birth_date=None) | Q(birth_date__range=(EARLIEST, LATEST)))
                & (Q(death_date=None) | Q(death_date__range=(EARLIEST, LATEST))),
                name="born_and_died_on_possible_days",
            ),
        ]


class Identifier(Fact):
    """A number somebody else gave to a person. One number belongs to one person at a time."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    # national-id | birth-registration | tax | passport | refugee
    kind = models.CharField(max_length=20)
    issuer = models.CharField(max_length=20)
    value = models.CharField(max_length=60)  # upper case, no spaces or dashes

    class Meta:
        constraints = [
            *in_time("identifier"),
            models.CheckConstraint(
                condition=~Q(value="") & ~Q(issuer="") & Q(kind__in=IDENTIFIER_KINDS),
                name="an_identifier_says_which",
            ),
            only_one_at_a_time(
                "an_identifier_names_one_person", _digest("kind", "issuer", "value")
            ),
        ]
        indexes = [models.Index(fields=["value"], name="identifier_value")]


class Kinship(Fact):
    """A tie between two persons: `relative` is the parent, spouse or guardian of `person`."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    relative = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)

    class Meta:
        constraints = [
            *in_time("kinship"),
            only_one_at_a_time("one_tie_at_a_time", "person", "relative", "kind"),
            models.CheckConstraint(
                condition=~Q(person=F("relative")), name="nobody_is_their_own_relative"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["parent", "spouse", "guardian"]), name="kinship_kind"
            ),
        ]


class HouseholdMember(Fact):
    """A person's membership of a household."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)  # reference-person | member

    class Meta:
        constraints = [
            *in_time("household_member"),
            only_one_at_a_time("one_household_at_a_time", "person"),
        ]


class Residence(Fact):
    """Where a person lives: administrative unit and free text."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    country = models.CharField(max_length=2)
    district = models.CharField(max_length=60)
    address = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            *in_time("residence"),
            models.CheckConstraint(
                condition=~Q(district="") & Q(country__regex="^[A-Z]{2}$"),
                name="a_home_has_a_place",
            ),
            only_one_at_a_time("one_residence_at_a_time", "person"),
        ]


class EmployerProfile(Fact):
    """Name, activity and place of an employer."""

    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=160)
    search_name = models.TextField()
    activity = models.CharField(max_length=10)  # ISIC Rev. 4 class
    district = models.CharField(max_length=60)

    class Meta:
        constraints = [
            *in_time("employer_profile"),
            models.CheckConstraint(condition=~Q(search_name=""), name="an_employer_has_a_name"),
            only_one_at_a_time("one_profile_at_a_time", "employer"),
        ]
        indexes = [found_by_spelling("employer_profile_search")]


class Employment(Fact):
    """A person works for an employer."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="+")
    occupation = models.CharField(max_length=10, blank=True)  # ISCO-08

    class Meta:
        constraints = [
            *in_time("employment"),
            models.CheckConstraint(
                condition=Q(occupation__regex="^[0-9]{0,4}$"), name="employment_occupation"
            ),
            only_one_at_a_time("one_employment_with_an_employer_at_a_time", "person", "employer"),
        ]


class Representation(Fact):
    """Who may receive for whom (payee). Guardians and mandataries join when their processes do."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    representative = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)

    class Meta:
        constraints = [
            *in_time("representation"),
            only_one_at_a_time("one_representative_of_a_kind_at_a_time", "person", "kind"),
            models.CheckConstraint(condition=Q(kind__in=["payee"]), name="representation_kind"),
        ]


class PaymentAccount(Fact):
    """Where a person receives money: an account at a bank (BIC) or a mobile wallet."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10)  # bank | wallet
    provider = models.CharField(max_length=11)  # BIC of the bank or of the wallet operator
    account_number = models.CharField(max_length=34)
    verified_on = models.DateField(null=True)
    verified_by = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            *in_time("payment_account"),
            only_one_at_a_time("one_payment_account_at_a_time", "person"),
            models.CheckConstraint(
                condition=Q(kind__in=["bank", "wallet"]), name="payment_account_kind"
            ),
            # As ISO 20022 writes both: one account with any other form would stop a whole file.
            models.CheckConstraint(
                condition=Q(provider__regex="^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$")
                & Q(account_number__regex="^/*[A-Z0-9][A-Z0-9/]*$"),
                name="payment_account_can_be_ordered",
            ),
        ]


class FactGrounds(models.Model):
    """Why an officer wrote a fact down, and on which evidence. Append-only.

    fact_id: the fact that was written, or the one that was ended or withdrawn.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    fact_id = models.UUIDField(db_index=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    evidence = models.CharField(max_length=20)
    reference = models.CharField(max_length=60, blank=True)  # number of the document
    reason = models.TextField()
    recorded_at = models.DateTimeField()
    recorded_by = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="grounds_say_why"),
            models.CheckConstraint(
                condition=Q(evidence__in=EVIDENCE), name="grounds_name_their_evidence"
            ),
        ]


class LifeEvent(models.Model):
    """Something happened to a person or employer: an append-only table.

    Delivery reads it with its own cursor.
    """

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", null=True)
    employer = models.ForeignKey(
        Employer, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    # birth | death | registered | move | hire | leave | correction
    kind = models.CharField(max_length=20)
    on_date = models.DateField()
    fact_id = models.UUIDField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                name="life_event_employer", fields=["employer"], condition=Q(employer__isnull=False)
            )
        ]


class FactUse(models.Model):
    """A decision that rested on a fact.

    Written by deciding rooms: a fact found wrong leads to what rested on it. Append-only.
    """

    fact_id = models.UUIDField(db_index=True)
    used_in = models.CharField(max_length=40)
    used_id = models.UUIDField(db_index=True)
