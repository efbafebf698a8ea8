"""Awards to pay, made directly in the tables: what leads to them is tested in its own rooms."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from uuid import UUID, uuid4

from amparo.delivery.claims.models import Award, AwardComponent, TakeOn
from amparo.delivery.decisions.models import Decision
from amparo.office.models import ReceivedFile
from amparo.register.models import PaymentAccount, Person, PersonName, Vitals
from amparo.values import Access, Right

KNOWN = datetime(2026, 1, 5, 8, tzinfo=UTC)
BANK = "CBXAXAXA"
WALLET = "MWXAXAXA"
_CLERK = uuid4()
_PREPARER = uuid4()
_numbers = count(1)

_RIGHTS = {
    "finance-officer": {
        Right.PAYRUN_READ,
        Right.PAYRUN_PREPARE,
        Right.PAYRUN_TRANSMIT,
        Right.STATEMENT_READ_IN,
        Right.LEDGER_READ,
    },
    "finance-approver": {
        Right.PAYRUN_READ,
        Right.PAYRUN_APPROVE,
        Right.PAYRUN_TRANSMIT,
        Right.LEDGER_READ,
    },
    "registration-officer": {Right.PERSON_READ},
}


def acting(name: str, role: str, *extra: Right) -> Access:
    """Return the access of one of the cast, the same person at every call."""
    return Access(
        actor_id=UUID(int=sum(name.encode()) << 64 | 4),
        actor_name=name,
        role=role,
        purpose="SocialWelfareDistributionManagement",
        mandate_id=UUID(int=sum(role.encode())),
        rights=frozenset(_RIGHTS[role] | set(extra)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """The ids of an award made for a test."""

    person_id: UUID
    award_id: UUID
    component_id: UUID
    account_id: UUID | None


def person(
    *,
    given: str = "Amina",
    family: str = "Juma",
    account: str | None = "0012003400",
    kind: str = "bank",
    provider: str = BANK,
    verified_on: date | None = date(2026, 1, 5),
    died_on: date | None = None,
) -> tuple[UUID, UUID | None]:
    """Register somebody; return their id and their payment account's."""
    row = Person.objects.create(number=f"P-{next(_numbers):06d}", registered_at=KNOWN)
    fact = {
        "person_id": row.id,
        "starts_on": date(1960, 2, 29),
        "recorded_at": KNOWN,
        "source": "officer",
        "recorded_by": _CLERK,
    }
    PersonName.objects.create(
        given_names=given, family_name=family, search_name=f"{given} {family}".lower(), **fact
    )
    Vitals.objects.create(sex="female", birth_date=date(1960, 2, 29), death_date=died_on, **fact)
    if account is None:
        return row.id, None
    return row.id, open_account(
        person_id=row.id, account=account, kind=kind, provider=provider, verified_on=verified_on
    )


def open_account(
    *,
    person_id: UUID,
    account: str = "0012003400",
    kind: str = "bank",
    provider: str = BANK,
    verified_on: date | None = date(2026, 1, 5),
    recorded_at: datetime = KNOWN,
) -> UUID:
    """Record where somebody receives money."""
    made = PaymentAccount.objects.create(
        person_id=person_id,
        kind=kind,
        provider=provider,
        account_number=account,
        verified_on=verified_on,
        verified_by="bank" if verified_on else "",
        starts_on=date(2026, 1, 1),
        recorded_at=recorded_at,
        source="officer",
        recorded_by=_CLERK,
    )
    return made.id


def take_on(*, amount: str) -> TakeOn:
    """Let a file of awards arrive that one person prepared and another approved."""
    file_id = uuid4()
    file = ReceivedFile.objects.create(
        id=file_id,
        sha256=file_id.hex * 2,
        kind="awards",
        file_name="awards.csv",
        size=1,
        received_at=KNOWN,
        received_by=_PREPARER,
        outcome="accepted",
    )
    return TakeOn.objects.create(
        received_file=file,
        control_count=1,
        control_total=Decimal(amount),
        signatory="D. Ferro",
        prepared_by=_PREPARER,
        approved_by=_CLERK,
        approved_at=KNOWN,
    )


def decision(
    *,
    person_id: UUID,
    award_id: UUID,
    at: datetime = KNOWN,
    received_file_id: UUID | None = None,
) -> UUID:
    """Take an older system's decision on."""
    made = Decision.objects.create(
        kind="take-on",
        subject_kind="award",
        subject_id=award_id,
        person_id=person_id,
        decision_name="take-on",
        on_date=at.date(),
        known_at=at,
        inputs={"received_file": {"value": str(received_file_id)}, "row": 2},
        outcome="granted",
        decided_at=at,
        decided_by=_CLERK,
    )
    return made.id


def award(
    *,
    amount: str = "100.00",
    starts_on: date = date(2026, 10, 1),
    ends_before: date | None = None,
    scheme: str = "xa/old-age",
    benefit: str = "old-age-pension",
    state: str = "in payment",
    payee_id: UUID | None = None,
    decided_at: datetime = KNOWN,
    person_id: UUID | None = None,
    **personal: object,
) -> Made:
    """Give somebody an award with one component."""
    account_id = None
    if person_id is None:
        person_id, account_id = person(**personal)  # type: ignore[arg-type]
    award_id = uuid4()
    file = take_on(amount=amount)
    granted = decision(
        person_id=person_id,
        award_id=award_id,
        at=decided_at,
        received_file_id=file.received_file_id,
    )
    Award.objects.create(
        id=award_id,
        number=f"AW-{next(_numbers):06d}",
        take_on=file,
        scheme=scheme,
        benefit=benefit,
        person_id=person_id,
        payee_id=payee_id or person_id,
        contingency_on=date(2020, 2, 29),
        state=state,
        starts_on=starts_on,
        ends_before=ends_before,
        granted_by_id=granted,
    )
    component_id = component(
        award_id=award_id, amount=amount, starts_on=starts_on, decision_id=granted
    )
    return Made(
        person_id=person_id, award_id=award_id, component_id=component_id, account_id=account_id
    )


def component(
    *,
    award_id: UUID,
    amount: str,
    starts_on: date,
    decision_id: UUID,
    sequence: int = 1,
    name: str = "pension",
) -> UUID:
    """Add a monthly amount to an award."""
    made = AwardComponent.objects.create(
        award_id=award_id,
        component=name,
        amount=Decimal(amount),
        currency="XTS",
        starts_on=starts_on,
        decision_id=decision_id,
        sequence=sequence,
    )
    return made.id
