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
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce

from amparo.register.days import EARLIEST, LATEST
from amparo.register.records import (
    CIVIL_STATUSES,
    CONFIDENCES,
    CONTRACTS,
    EVIDENCE,
    IDENTIFIER_KINDS,
    NAME_KINDS,
    NATIONALITY_KINDS,
    REPRESENTATION_KINDS,
    SPECIAL_CATEGORIES,
    TIE_FORMS,
    UNKNOWN_START,
)


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


def only_one_at_a_time(
    name: str, *equal: str | Func, where: Q | None = None
) -> ExclusionConstraint:
    """Forbid two facts with the same values in `equal` that are true and known at the same time.

    where: which rows are compared; all of them unless given.
    """
    return ExclusionConstraint(
        name=name,
        condition=where,
        expressions=[
            *((value, RangeOperators.EQUAL) for value in equal),
            (_true_during(), RangeOperators.OVERLAPS),
            (_known_during(), RangeOperators.OVERLAPS),
        ],
    )


_UUID = models.UUIDField()


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
        models.CheckConstraint(
            condition=Q(confidence__in=["", *CONFIDENCES]), name=f"{fact}_confidence"
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
    # verified | documented | stated | estimated; empty where nobody said
    confidence = models.CharField(max_length=10, blank=True, default="")

    class Meta:
        abstract = True


class WrittenName(Fact):
    """The parts of a name, as the person writes it. A mononym leaves `family_name` empty.

    patronymic: the name of father or mother that stands between the others; clan: the group whose
    name is borne beside one's own. script: ISO 15924, empty where it is mixed or unknown.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    given_names = models.CharField(max_length=120, blank=True)
    family_name = models.CharField(max_length=120, blank=True)
    patronymic = models.CharField(max_length=120, blank=True, default="")
    clan = models.CharField(max_length=120, blank=True, default="")
    is_family_first = models.BooleanField(default=False)
    script = models.CharField(max_length=4, blank=True, default="")
    search_name = models.TextField()  # amparo.register.naming.search_form of all parts

    class Meta:
        abstract = True


class PersonName(WrittenName):
    """The name under which a person is known to the institution: one at a time."""

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
    written as the first day or month and means nothing. Or "event": born on a day of `birth_event`,
    of the list of events that people remember; then between birth_date and birth_latest.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    sex = models.CharField(max_length=10)  # female | male | other | unknown
    birth_date = models.DateField(null=True)
    birth_precision = models.CharField(max_length=5, default="day")
    birth_event = models.CharField(max_length=40, blank=True, default="")
    birth_latest = models.DateField(null=True)
    death_date = models.DateField(null=True)

    class Meta:
        constraints = [
            *in_time("vitals"),
            only_one_at_a_time("one_set_of_vitals_at_a_time", "person"),
            models.CheckConstraint(
                condition=Q(sex__in=["female", "male", "other", "unknown"]), name="vitals_sex"
            ),
            models.CheckConstraint(
                condition=Q(birth_precision__in=["day", "month", "year", "event"]),
                name="vitals_birth_precision",
            ),
            models.CheckConstraint(
                condition=Q(birth_event="", birth_latest=None) & ~Q(birth_precision="event")
                | Q(birth_precision="event", birth_latest__range=(F("birth_date"), LATEST))
                & ~Q(birth_event=""),
                name="an_event_bounds_the_birth",
            ),
            models.CheckConstraint(
                condition=Q(birth_date=None)
                | Q(birth_precision__in=["day", "event"])
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
    verified_on = models.DateField(null=True)
    verified_how = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        constraints = [
            *in_time("identifier"),
            models.CheckConstraint(
                condition=Q(verified_on=None, verified_how="")
                | Q(verified_on__range=(EARLIEST, LATEST)) & ~Q(verified_how=""),
                name="an_identifier_is_verified_somehow",
            ),
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
    """A tie between two persons: `relative` is the parent, spouse or guardian of `person`.

    A union of two is one row: either may stand first. form: how the tie came about, as recorded;
    empty where nobody said.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    relative = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    form = models.CharField(max_length=20, blank=True, default="")

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
            models.CheckConstraint(
                condition=Q(form="")
                | Q(kind="parent", form__in=TIE_FORMS["parent"])
                | Q(kind="spouse", form__in=TIE_FORMS["spouse"])
                | Q(kind="guardian", form__in=TIE_FORMS["guardian"]),
                name="kinship_form",
            ),
            only_one_at_a_time(
                "one_union_of_two_at_a_time",
                Func(F("person"), F("relative"), function="LEAST", output_field=_UUID),
                Func(F("person"), F("relative"), function="GREATEST", output_field=_UUID),
                where=Q(kind="spouse"),
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
    """Where a person lives: a place by name, its code in the list of units, free text, a point.

    unit: a code of the list of administrative units. latitude, longitude: WGS 84, in degrees.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    country = models.CharField(max_length=2)
    district = models.CharField(max_length=60)
    address = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=40, blank=True, default="")
    latitude = models.DecimalField(max_digits=8, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)

    class Meta:
        constraints = [
            *in_time("residence"),
            models.CheckConstraint(
                condition=~Q(district="") & Q(country__regex="^[A-Z]{2}$"),
                name="a_home_has_a_place",
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="a_point_has_two_coordinates",
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
    contract = models.CharField(max_length=20, blank=True, default="")
    establishment = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        constraints = [
            *in_time("employment"),
            models.CheckConstraint(
                condition=Q(contract__in=["", *CONTRACTS]), name="employment_contract"
            ),
            models.CheckConstraint(
                condition=Q(occupation__regex="^[0-9]{0,4}$"), name="employment_occupation"
            ),
            only_one_at_a_time("one_employment_with_an_employer_at_a_time", "person", "employer"),
        ]


class Representation(Fact):
    """Who may receive (payee) or act (guardian, mandatary) for whom.

    rank: who comes first, where there are several: 1, then 2.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    representative = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    rank = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            *in_time("representation"),
            only_one_at_a_time("one_representative_of_a_kind_at_a_time", "person", "kind", "rank"),
            only_one_at_a_time(
                "one_rank_of_a_representative_at_a_time", "person", "representative", "kind"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=REPRESENTATION_KINDS), name="representation_kind"
            ),
            models.CheckConstraint(
                condition=~Q(person=F("representative")), name="nobody_represents_themselves"
            ),
            models.CheckConstraint(condition=Q(rank__range=(1, 9)), name="representation_rank"),
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


class OtherName(WrittenName):
    """Another name of a person: in another script, borne later, in another circle or before."""

    kind = models.CharField(max_length=20)

    class Meta:
        constraints = [
            *in_time("other_name"),
            models.CheckConstraint(condition=Q(kind__in=NAME_KINDS), name="other_name_kind"),
            models.CheckConstraint(condition=~Q(search_name=""), name="another_name_can_be_read"),
            only_one_at_a_time(
                "another_name_once_at_a_time",
                "person",
                _digest("kind", "given_names", "patronymic", "family_name", "clan"),
            ),
        ]
        indexes = [found_by_spelling("other_name_search")]


class CivilStatus(Fact):
    """A person's civil status, as recorded: it may differ from what the unions show."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=20)

    class Meta:
        constraints = [
            *in_time("civil_status"),
            models.CheckConstraint(condition=Q(status__in=CIVIL_STATUSES), name="civil_status"),
            only_one_at_a_time("one_civil_status_at_a_time", "person"),
        ]


class Nationality(Fact):
    """Of which state somebody is a citizen, or that they are of none, or under whose protection.

    country: ISO 3166-1, of the citizenship or of the state that protects; empty for stateless.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    country = models.CharField(max_length=2, blank=True)

    class Meta:
        constraints = [
            *in_time("nationality"),
            models.CheckConstraint(
                condition=Q(kind__in=NATIONALITY_KINDS)
                & (
                    Q(kind="stateless", country="")
                    | ~Q(kind="stateless") & Q(country__regex="^[A-Z]{2}$")
                ),
                name="a_nationality_names_its_state",
            ),
            only_one_at_a_time("one_nationality_of_a_state_at_a_time", "person", "kind", "country"),
            ExclusionConstraint(
                name="nobody_is_stateless_and_a_citizen",
                condition=Q(kind__in=["citizenship", "stateless"]),
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("kind", RangeOperators.NOT_EQUAL),
                    (_true_during(), RangeOperators.OVERLAPS),
                    (_known_during(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class SpokenLanguage(Fact):
    """A language somebody speaks; `is_preferred`: letters are written in it."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=3)  # ISO 639-1, or 639-3 where that has none
    is_preferred = models.BooleanField()

    class Meta:
        constraints = [
            *in_time("spoken_language"),
            models.CheckConstraint(
                condition=Q(language__regex="^[a-z]{2,3}$"), name="a_language_has_a_code"
            ),
            only_one_at_a_time("a_language_once_at_a_time", "person", "language"),
            only_one_at_a_time(
                "one_preferred_language_at_a_time", "person", where=Q(is_preferred=True)
            ),
        ]


class Contact(Fact):
    """A number or address under which somebody is reached, and how we know that it is theirs."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10)
    value = models.CharField(max_length=254)  # a telephone number as +… and digits; an e-mail
    verified_on = models.DateField(null=True)
    verified_how = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            *in_time("contact"),
            models.CheckConstraint(
                condition=Q(kind="phone", value__regex=r"^\+[1-9][0-9]{5,14}$")
                | Q(kind="email", value__regex="^[^@ ]+@[^@ ]+$"),
                name="a_contact_can_be_reached",
            ),
            models.CheckConstraint(
                condition=Q(verified_on=None, verified_how="")
                | Q(verified_on__range=(EARLIEST, LATEST)) & ~Q(verified_how=""),
                name="a_contact_is_verified_somehow",
            ),
            only_one_at_a_time("a_contact_once_at_a_time", "person", _digest("kind", "value")),
        ]


class SpecialFact(Fact):
    """What the law protects more than other facts: read with a right of its own alone.

    Who belongs to an indigenous people says so themselves; nobody else writes it down.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=20)
    code = models.CharField(max_length=40, blank=True)  # of the category's reference list
    detail = models.CharField(max_length=200, blank=True)
    is_self_identified = models.BooleanField()

    class Meta:
        constraints = [
            *in_time("special_fact"),
            models.CheckConstraint(
                condition=Q(category__in=SPECIAL_CATEGORIES), name="special_category"
            ),
            models.CheckConstraint(
                condition=~Q(category="indigenous") | Q(is_self_identified=True),
                name="indigenous_is_who_says_so",
            ),
            only_one_at_a_time(
                "a_special_fact_once_at_a_time", "person", _digest("category", "code")
            ),
        ]


class Establishment(Fact):
    """A place where an employer's people work; `code` is the employer's own number for it."""

    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=160)
    activity = models.CharField(max_length=10)  # ISIC Rev. 4 class
    district = models.CharField(max_length=60)
    unit = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            *in_time("establishment"),
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(name="") & ~Q(district=""),
                name="an_establishment_has_a_name_and_place",
            ),
            only_one_at_a_time("one_establishment_of_a_code_at_a_time", "employer", "code"),
        ]


class ReferenceEntry(Fact):
    """A code of a list that others keep (countries, occupations, places …), with its labels.

    labels: by language, such as {"en": "Weaver"}; details: what else the list says of the code.
    """

    list_code = models.CharField(max_length=40)
    code = models.CharField(max_length=40)
    parent = models.CharField(max_length=40, blank=True)
    labels = models.JSONField()
    details = models.JSONField(default=dict)
    publisher = models.CharField(max_length=200)  # who keeps the list, and which edition

    class Meta:
        constraints = [
            *in_time("reference_entry"),
            models.CheckConstraint(
                condition=~Q(list_code="") & ~Q(code="") & ~Q(publisher=""),
                name="a_code_stands_in_a_list",
            ),
            only_one_at_a_time("one_entry_of_a_code_at_a_time", _digest("list_code", "code")),
        ]
        indexes = [
            models.Index(
                name="reference_now", fields=["list_code", "code"], condition=Q(superseded_at=None)
            )
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
    # birth | death | registered | move | hire | leave | union | union-end | kinship | correction
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


class DuplicateReview(models.Model):
    """Two persons who may be one, shown to a steward. One open review a pair; each decided once.

    score: the probability that they are one person, as the model of `model_hash` gives it; None
    where a person, not a model, saw the likeness. evidence: what agrees and differs, with weights.
    money_at_stake: what is paid to the two in a month, in the institution's currency, as delivery
    says. priority: probability times money. A person's word counts as certain.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    first = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    score = models.DecimalField(max_digits=9, decimal_places=8, null=True)
    source = models.CharField(max_length=10)  # online | sweep | officer
    evidence = models.JSONField(default=dict)
    model_hash = models.CharField(max_length=64, blank=True)
    money_at_stake = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    priority = models.GeneratedField(
        expression=Coalesce(F("score"), Value(1)) * F("money_at_stake"),
        output_field=models.DecimalField(max_digits=28, decimal_places=10),
        db_persist=True,
    )
    opened_at = models.DateTimeField()
    opened_by = models.UUIDField()
    state = models.CharField(max_length=10, default="open")  # open | same | different | unsure
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            # One order for each pair: {a, b} and {b, a} are one pair.
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="a_pair_has_two_in_order"
            ),
            models.UniqueConstraint(
                fields=["first", "second"],
                condition=Q(state="open"),
                name="one_open_review_a_pair",
            ),
            models.CheckConstraint(
                condition=Q(source__in=["online", "sweep", "officer"]), name="review_source"
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__range=(0, 1)), name="a_score_is_a_probability"
            ),
            models.CheckConstraint(
                condition=Q(money_at_stake__gte=0), name="nobody_stakes_less_than_nothing"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None, decided_by=None, reason="")
                | (
                    Q(
                        state__in=["same", "different", "unsure"],
                        decided_at__isnull=False,
                        decided_by__isnull=False,
                    )
                    & ~Q(reason="")
                ),
                name="a_decided_review_says_why",
            ),
        ]
        indexes = [
            models.Index(
                F("priority").desc(),
                F("score").desc(nulls_last=True),
                F("id"),
                condition=Q(state="open"),
                name="review_queue",
            ),
        ]


class MergeProposal(models.Model):
    """What a steward proposes and somebody else approves: to merge two records, or to undo it.

    A merge: `merged` becomes another record of the person `survivor`. choices: by kind of fact on
    which the two records differ, whose word holds ("merged" or "survivor"). Undoing a merge:
    `undoes` is its link; choices: by id of each fact written since, whose fact it is.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    kind = models.CharField(max_length=8)  # merge | unmerge
    merged = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    survivor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    review = models.ForeignKey(DuplicateReview, on_delete=models.PROTECT, related_name="+")
    undoes = models.ForeignKey(
        "IdentityLink", on_delete=models.PROTECT, related_name="+", null=True
    )
    choices = models.JSONField(default=dict)
    evidence = models.CharField(max_length=20)
    reference = models.CharField(max_length=60, blank=True)  # number of the document
    reason = models.TextField()
    proposed_at = models.DateTimeField()
    proposed_by = models.UUIDField()
    state = models.CharField(max_length=10, default="open")  # open | approved | refused
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    decided_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="merge", undoes=None) | Q(kind="unmerge", undoes__isnull=False),
                name="an_undoing_names_what_it_undoes",
            ),
            models.CheckConstraint(
                condition=~Q(merged=F("survivor")), name="nobody_is_merged_with_themselves"
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & Q(evidence__in=EVIDENCE), name="a_merge_says_why"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None, decided_by=None, decided_reason="")
                | Q(
                    state__in=["approved", "refused"],
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                ),
                name="a_proposal_is_decided_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(decided_by=F("proposed_by")),
                name="merge_maker_is_not_checker",
            ),
            models.UniqueConstraint(
                fields=["merged"], condition=Q(state="open"), name="one_open_proposal_a_record"
            ),
        ]
        indexes = [models.Index(fields=["state", "proposed_at"], name="proposal_queue")]


class IdentityLink(models.Model):
    """`person` is the same human being as `survivor`; both records stay, each with its facts.

    Dated with both times like a fact: true for a whole life, known until it is superseded because
    it proved wrong. `amparo.register.identities` follows the links for everybody who reads. They
    make trees: one link is known of a person at a time, and a trigger refuses a cycle.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    survivor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    approval = models.OneToOneField(MergeProposal, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_before = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)
    recorded_by = models.UUIDField()

    class Meta:
        constraints = [
            only_one_at_a_time("one_survivor_at_a_time", "person"),
            models.CheckConstraint(
                condition=Q(superseded_at=None) | Q(superseded_at__gte=F("recorded_at")),
                name="identity_link_superseded_later",
            ),
            models.CheckConstraint(
                condition=~Q(person=F("survivor")), name="nobody_is_their_own_survivor"
            ),
            models.CheckConstraint(
                condition=Q(starts_on=UNKNOWN_START, ends_before=None),
                name="who_somebody_is_holds_for_life",
            ),
        ]
        indexes = [
            models.Index(
                fields=["person"], condition=Q(superseded_at=None), name="identity_link_up"
            ),
            models.Index(
                fields=["survivor"], condition=Q(superseded_at=None), name="identity_link_down"
            ),
        ]


class MatchKey(models.Model):
    """A key under which records meet: `amparo.register.matching.keys`. Derived, and no fact.

    Whose key it is, no constraint holds: a million people bring thirteen million keys, and a check
    of each would double the time they take. `amparo verify` compares them.
    """

    pk = models.CompositePrimaryKey("key_hash", "person")
    key_hash = models.BigIntegerField()
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
