"""What the register takes in and gives out: plain values, no database behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

# Where nobody knows since when a fact is true, or where it holds for a whole life (sex, birth,
# parenthood, the first name known), its period starts here. Records show it as None.
UNKNOWN_START: Final = date.min


# The kinds of numbers by which others know a person.
IDENTIFIER_KINDS: Final = ("national-id", "birth-registration", "tax", "passport", "refugee")

# What an officer may have had before them when they wrote a fact down.
EVIDENCE: Final = (
    "birth-certificate",
    "death-certificate",
    "identity-document",
    "court-order",
    "employer-letter",
    "account-statement",
    "own-statement",
    "other-document",
)

# How sure a fact is: an outside source agrees, a document says so, somebody said so, or it was
# reckoned from something else. Empty: nobody said.
CONFIDENCES: Final = ("verified", "documented", "stated", "estimated")
NAME_KINDS: Final = ("other-script", "later-life", "alias", "former", "birth")
CIVIL_STATUSES: Final = ("single", "married", "in-union", "separated", "divorced", "widowed")
NATIONALITY_KINDS: Final = ("citizenship", "stateless", "refugee", "asylum-seeker")
CONTACT_KINDS: Final = ("phone", "email")
CONTRACTS: Final = (
    "indefinite",
    "fixed-term",
    "seasonal",
    "casual",
    "apprentice",
    "domestic",
    "public-office",
)
REPRESENTATION_KINDS: Final = ("payee", "guardian", "mandatary")
SPECIAL_CATEGORIES: Final = ("disability", "health", "indigenous")
# How a tie came about, by its kind. A union is recorded as it is, whoever the two are.
TIE_FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "parent": ("birth", "adoption", "recognition", "foster"),
    "spouse": ("civil", "religious", "customary", "partnership", "de-facto"),
    "guardian": ("court", "family", "institution"),
}
# How something was verified: seen, asked elsewhere, answered by the person, told by its keeper.
VERIFICATIONS: Final = ("document-seen", "source-asked", "code-returned", "keeper-confirmed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Why a fact is written down, and on which evidence (one of EVIDENCE, with its number)."""

    evidence: str
    reason: str
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a fact comes from and who wrote it down when.

    source: "declaration", "document", "exchange" or "officer"; source_id: the received file,
    claim or exchange behind it. confidence: one of CONFIDENCES; empty where nobody said.
    """

    source: str
    source_id: UUID | None
    recorded_by: UUID
    at: datetime
    confidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIdentifier:
    """A number somebody else gave to a person, as typed."""

    value: str
    kind: str = "national-id"
    issuer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """Where a person wants to receive money. kind: "bank" or "wallet"; provider: its BIC."""

    kind: str
    provider: str
    account_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewResidence:
    """Where a person lives. starts_on: None where nobody knows since when.

    unit: a code of the list of administrative units; latitude and longitude: WGS 84, in degrees.
    """

    country: str
    district: str
    address: str = ""
    starts_on: date | None = None
    unit: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NameParts:
    """What a name has beside given and family names; is_family_first: how it is written."""

    patronymic: str = ""
    clan: str = ""
    is_family_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """A person to register. Only a name and the sex ("unknown" is an answer) are demanded.

    birth_precision: "day", "month" or "year"; the unknown part of birth_date is 1. With a
    birth_event, a code of the list of events that people remember, it is "event": the event's days
    are those of the birth.
    household_id: the household they live in; household_role: "reference-person" or "member".
    """

    given_names: str = ""
    family_name: str = ""
    parts: NameParts = NameParts()
    sex: str
    birth_date: date | None = None
    birth_precision: str = "day"
    birth_event: str = ""
    identifiers: tuple[NewIdentifier, ...] = ()
    residence: NewResidence | None = None
    account: NewAccount | None = None
    parent_ids: tuple[UUID, ...] = ()
    household_id: UUID | None = None
    household_role: str = "member"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEmployer:
    """An employer to register. An empty number asks for the next one of the series."""

    name: str
    activity: str
    district: str
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEstablishment:
    """A place where an employer's people work. code: the employer's own; unit: of the list."""

    code: str
    name: str
    district: str
    activity: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A person as a row of a file. References are names within the file or known numbers."""

    row: int
    person_ref: str
    given_names: str
    family_name: str
    sex: str
    birth_date: date | None
    birth_precision: str
    national_id: str
    district: str
    address: str
    payment_kind: str
    payment_provider: str
    payment_account: str
    household_ref: str
    household_role: str
    parent_refs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmployerRow:
    row: int
    number: str
    name: str
    activity: str
    district: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmploymentRow:
    row: int
    employer_number: str
    national_id: str
    starts_on: date
    ends_before: date | None
    occupation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountConfirmationRow:
    """A bank or wallet operator says that an account exists and belongs to who named it."""

    row: int
    provider: str
    account_number: str
    confirmed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a bulk load added. numbers: the reference in the file and the number given, by row.

    warnings: what entry filters asked for and did not find, and how often; the rows are in.
    """

    count: int
    numbers: tuple[tuple[str, str], ...] = ()
    warnings: tuple[tuple[str, int], ...] = ()


# --- answers ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FactTimes:
    """The two times and the source of a fact. starts_on: None where nobody knows since when."""

    fact_id: UUID
    starts_on: date | None
    ends_before: date | None
    recorded_at: datetime
    superseded_at: datetime | None
    source: str
    source_id: UUID | None
    recorded_by: UUID
    confidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameFact:
    """A name; kind: empty for the one under which the institution knows the person."""

    times: FactTimes
    given_names: str
    family_name: str
    patronymic: str = ""
    clan: str = ""
    is_family_first: bool = False
    script: str = ""
    kind: str = ""

    @property
    def full(self) -> str:
        parts = (self.given_names, self.patronymic, self.family_name)
        ordered = (parts[2], *parts[:2]) if self.is_family_first else parts
        return " ".join(part for part in ordered if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class VitalsFact:
    times: FactTimes
    sex: str
    birth_date: date | None
    birth_precision: str
    death_date: date | None
    birth_event: str = ""
    birth_latest: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedFact:
    """A fact of a kind of which a person may have several; values: by field, as written."""

    kind: str
    times: FactTimes
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierFact:
    times: FactTimes
    kind: str
    issuer: str
    value: str
    verified_on: date | None = None
    verified_how: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KinFact:
    """A relative, on the same day and instant as the record.

    kind: what the other person is to this one: parent, spouse, guardian, child or ward.
    form: how the tie came about, as recorded (one of TIE_FORMS), or empty.
    """

    times: FactTimes
    kind: str
    person_id: UUID
    number: str
    name: str
    birth_date: date | None
    death_date: date | None
    vitals_fact_id: UUID | None
    form: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdMemberFact:
    times: FactTimes
    person_id: UUID
    number: str
    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdRecord:
    household_id: UUID
    number: str
    members: tuple[HouseholdMemberFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidenceFact:
    times: FactTimes
    country: str
    district: str
    address: str
    unit: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmploymentFact:
    times: FactTimes
    person_id: UUID
    person_number: str
    person_name: str
    employer_id: UUID
    employer_number: str
    employer_name: str
    occupation: str
    contract: str = ""
    establishment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EstablishmentFact:
    """An establishment as true on a day and known at an instant."""

    times: FactTimes
    code: str
    name: str
    district: str
    activity: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFact:
    times: FactTimes
    kind: str
    provider: str
    account_number: str
    verified_on: date | None
    verified_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayeeFact:
    """Who receives money for a person, or, from the other side, for whom a person receives."""

    times: FactTimes
    person_id: UUID
    number: str
    name: str
    kind: str = "payee"
    rank: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSummary:
    """A person as a line of a list, on what is known today.

    other_records: of a person with several records, the merged ones: id and number of each.
    """

    person_id: UUID
    number: str
    name: str
    sex: str
    birth_date: date | None
    birth_precision: str
    death_date: date | None
    national_id: str
    district: str
    other_records: tuple[tuple[UUID, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecord:
    """A person as true on `as_of` and known at `known_at`.

    representatives: guardians and mandataries, the first in rank first. further: other names, civil
    status, nationalities, languages and contacts.
    """

    person_id: UUID
    number: str
    registered_at: datetime
    as_of: date
    known_at: datetime
    name: NameFact | None
    vitals: VitalsFact | None
    identifiers: tuple[IdentifierFact, ...]
    kin: tuple[KinFact, ...]
    household: HouseholdRecord | None
    residence: ResidenceFact | None
    employments: tuple[EmploymentFact, ...]
    account: AccountFact | None
    payee: PayeeFact | None
    receives_for: tuple[PayeeFact, ...]
    representatives: tuple[PayeeFact, ...] = ()
    further: tuple[StatedFact, ...] = ()
    records: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One fact of a person's whole history: what, its values by field, its times, its grounds.

    record: the number of the record it stands on, where the person has several; else empty.
    """

    kind: str
    values: Mapping[str, str]
    times: FactTimes
    grounds: tuple[Grounds, ...] = ()
    record: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmployerSummary:
    employer_id: UUID
    number: str
    name: str
    activity: str
    district: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmployerRecord:
    employer_id: UUID
    number: str
    registered_at: datetime
    as_of: date
    known_at: datetime
    name: str
    activity: str
    district: str
    times: FactTimes
    worker_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFacts:
    """What the register states about a person for a decision, and the facts it states it from.

    values: see `queries.facts_for_decision`; a key whose value is None is unknown.
    facts_of: the facts behind each value, by the same keys; empty where no fact says anything.
    """

    person_id: UUID
    as_of: date
    known_at: datetime
    values: Mapping[str, object]
    fact_ids: tuple[UUID, ...] = field(default=())
    facts_of: Mapping[str, tuple[UUID, ...]] = field(default_factory=dict)
