"""The roles of an institution, as data: what each may do, for which purposes, with which others.

Purposes are codes of the W3C Data Privacy Vocabulary, sector of public services; the first is the
role's usual one. A small institution gives one person several roles; it never gives one person two
that control each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_noop as _

from amparo.values import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSpec:
    """A role: `title` is English and translated where it is shown."""

    code: str
    title: str
    rights: frozenset[Right]
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incompatibility:
    """Two roles that nobody holds at once; `first` sorts before `second`."""

    first: str
    second: str
    reason: str


_TASKS: Final = frozenset({Right.TASK_READ, Right.TASK_CLOSE})
_CASE_READING: Final = frozenset(
    {
        Right.PERSON_READ,
        Right.EMPLOYER_READ,
        Right.DECLARATION_READ,
        Right.CLAIM_READ,
        Right.PAYRUN_READ,
        Right.PACK_READ,
    }
)

ROLES: Final = (
    RoleSpec(
        code="registration-officer",
        title=_("Registration officer"),
        rights=_TASKS
        | {
            Right.PERSON_READ,
            Right.PERSON_REGISTER,
            Right.SPECIAL_READ,
            Right.SPECIAL_REGISTER,
            Right.EMPLOYER_READ,
            Right.REGISTER_IMPORT,
            Right.CLAIM_READ,
            Right.CLAIM_RECEIVE,
        },
        purposes=("SocialWelfareEnrolmentManagement", "SocialSecurityManagement"),
    ),
    RoleSpec(
        code="employer-officer",
        title=_("Employer officer"),
        rights=_TASKS
        | {
            Right.PERSON_READ,
            Right.EMPLOYER_READ,
            Right.EMPLOYER_REGISTER,
            Right.REGISTER_IMPORT,
            Right.DECLARATION_READ,
            Right.DECLARATION_RECEIVE,
            Right.PACK_READ,
        },
        purposes=("SocialInsuranceManagement", "SocialSecurityManagement"),
    ),
    RoleSpec(
        code="compliance-officer",
        title=_("Compliance officer"),
        rights=_TASKS
        | {
            Right.PERSON_READ,
            Right.EMPLOYER_READ,
            Right.DECLARATION_READ,
            Right.PACK_READ,
            Right.RECEIPT_MATCH,
            Right.DEBT_CHARGE,
            Right.DEBT_PROPOSE,
        },
        purposes=("SocialInsuranceManagement", "SocialSecurityManagement"),
    ),
    RoleSpec(
        code="compliance-approver",
        title=_("Compliance approver"),
        rights=_TASKS
        | {
            Right.PERSON_READ,
            Right.EMPLOYER_READ,
            Right.DECLARATION_READ,
            Right.PACK_READ,
            Right.DEBT_APPROVE,
        },
        purposes=("SocialInsuranceManagement", "SocialSecurityManagement"),
    ),
    RoleSpec(
        code="claims-officer",
        title=_("Claims officer"),
        rights=_TASKS
        | _CASE_READING
        | {Right.SPECIAL_READ, Right.CLAIM_RECEIVE, Right.CLAIM_PROPOSE},
        purposes=("SocialWelfareEligibilityAssessment", "SocialSecurityManagement"),
    ),
    RoleSpec(
        code="claims-approver",
        title=_("Claims approver"),
        rights=_TASKS | _CASE_READING | {Right.CLAIM_APPROVE},
        purposes=("SocialWelfareEligibilityAssessment", "SocialSecurityManagement"),
    ),
    RoleSpec(
        code="finance-officer",
        title=_("Finance officer"),
        rights=_TASKS
        | {
            Right.PERSON_READ,
            Right.EMPLOYER_READ,
            Right.DECLARATION_READ,
            Right.PAYRUN_READ,
            Right.PAYRUN_PREPARE,
            Right.PAYRUN_TRANSMIT,
            Right.STATEMENT_READ_IN,
            Right.LEDGER_READ,
        },
        purposes=("SocialWelfareDistributionManagement", "SocialSecurityManagement"),
    ),
    RoleSpec(
        code="finance-approver",
        title=_("Finance approver"),
        rights=_TASKS
        | {
            Right.PERSON_READ,
            Right.PAYRUN_READ,
            Right.PAYRUN_APPROVE,
            Right.PAYRUN_TRANSMIT,
            Right.LEDGER_READ,
        },
        purposes=("SocialWelfareDistributionManagement", "SocialSecurityManagement"),
    ),
    RoleSpec(
        code="data-steward",
        title=_("Data steward"),
        rights=_TASKS
        | _CASE_READING
        | {
            Right.DUPLICATE_READ,
            Right.DUPLICATE_FIND,
            Right.DUPLICATE_REVIEW,
            Right.MERGE_PROPOSE,
        },
        purposes=("SocialSecurityManagement",),
    ),
    RoleSpec(
        code="register-supervisor",
        title=_("Register supervisor"),
        rights=_TASKS | _CASE_READING | {Right.DUPLICATE_READ, Right.MERGE_APPROVE},
        purposes=("SocialSecurityManagement",),
    ),
    RoleSpec(
        code="auditor",
        title=_("Auditor"),
        rights=_CASE_READING
        | {
            Right.DUPLICATE_READ,
            Right.LEDGER_READ,
            Right.JOURNAL_READ,
            Right.TASK_READ,
            Right.FIGURES_READ,
        },
        purposes=("PublicServiceFraudPreventionDetection", "PublicServiceManagement"),
    ),
    RoleSpec(
        code="manager",
        title=_("Manager"),
        rights=_CASE_READING | {Right.LEDGER_READ, Right.TASK_READ, Right.FIGURES_READ},
        purposes=("PublicServiceManagement", "SocialSecurityManagement"),
    ),
    RoleSpec(
        code="policy-officer",
        title=_("Policy officer"),
        rights=_TASKS | {Right.PACK_READ, Right.PACK_PROPOSE, Right.PACK_SIMULATE},
        purposes=("SocialWelfareManagement",),
    ),
    RoleSpec(
        code="policy-board",
        title=_("Policy board"),
        rights=_TASKS | {Right.PACK_READ, Right.PACK_APPROVE},
        purposes=("SocialWelfareManagement",),
    ),
    RoleSpec(
        code="administrator",
        title=_("Administrator"),
        rights=_TASKS | {Right.MANDATE_GRANT, Right.JOURNAL_READ},
        purposes=("PublicServiceManagement",),
    ),
    RoleSpec(
        code="system-job",
        title=_("Job of the system"),
        rights=frozenset({Right.JOURNAL_SEAL, Right.DUPLICATE_FIND}),
        purposes=("PublicServiceManagement",),
    ),
)

SYSTEM_ROLE: Final = "system-job"
ADMINISTRATOR: Final = "administrator"
_CONTROLLING: Final = (ADMINISTRATOR, "auditor")
_MAKER_AND_CHECKER: Final = (
    ("claims-approver", "claims-officer"),
    ("compliance-approver", "compliance-officer"),
    ("finance-approver", "finance-officer"),
    ("policy-board", "policy-officer"),
    ("register-supervisor", "data-steward"),
)


def incompatible_roles() -> Iterator[Incompatibility]:
    """Yield each pair of roles that nobody may hold at the same time."""
    for checker, maker in _MAKER_AND_CHECKER:
        first, second = sorted((checker, maker))
        yield Incompatibility(
            first=first, second=second, reason=_("Nobody approves what they prepared themselves.")
        )
    acting = sorted({role.code for role in ROLES} - {*_CONTROLLING, SYSTEM_ROLE})
    for code in acting:
        for controlling, reason in zip(
            _CONTROLLING,
            (
                _("Whoever grants mandates does no casework."),
                _("Whoever audits does nothing that is audited."),
            ),
            strict=True,
        ):
            first, second = sorted((controlling, code))
            yield Incompatibility(first=first, second=second, reason=reason)
    yield Incompatibility(
        first="administrator",
        second="auditor",
        reason=_("Whoever audits does nothing that is audited."),
    )
