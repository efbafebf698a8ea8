"""Permission as a value: who acts, in which role, for which purpose, with which rights.

Lower rooms must obey governance and may not import it. So every operation that needs permission
takes it as an argument. Only `amparo.governance` constructs these types; an architecture test holds
that.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class NotPermitted(Exception):
    """The access given does not carry the right that the operation demands."""


class Right(StrEnum):
    """What a role may do. A right is named room.verb and demanded by one kind of operation."""

    PERSON_READ = "register.read_person"
    PERSON_REGISTER = "register.register_person"
    SPECIAL_READ = "register.read_special"
    SPECIAL_REGISTER = "register.register_special"
    EMPLOYER_READ = "register.read_employer"
    EMPLOYER_REGISTER = "register.register_employer"
    REGISTER_IMPORT = "register.import"
    DUPLICATE_READ = "register.read_duplicates"
    DUPLICATE_FIND = "register.find_duplicates"
    DUPLICATE_REVIEW = "register.review_duplicates"
    MERGE_PROPOSE = "register.propose_merge"
    MERGE_APPROVE = "register.approve_merge"
    DECLARATION_READ = "contributions.read"
    DECLARATION_RECEIVE = "contributions.receive"
    RECEIPT_MATCH = "contributions.match_receipt"
    DEBT_CHARGE = "contributions.charge"
    DEBT_PROPOSE = "contributions.propose"
    DEBT_APPROVE = "contributions.approve"
    CLAIM_READ = "claims.read"
    CLAIM_RECEIVE = "claims.receive"
    CLAIM_PROPOSE = "claims.propose"
    CLAIM_APPROVE = "claims.approve"
    PAYRUN_READ = "payments.read"
    PAYRUN_PREPARE = "payments.prepare"
    PAYRUN_APPROVE = "payments.approve"
    PAYRUN_TRANSMIT = "payments.transmit"
    STATEMENT_READ_IN = "payments.read_in_statement"
    LEDGER_READ = "ledger.read"
    PACK_READ = "rules.read"
    PACK_PROPOSE = "rules.propose"
    PACK_APPROVE = "rules.approve"
    PACK_SIMULATE = "rules.simulate"
    JOURNAL_READ = "journal.read"
    JOURNAL_SEAL = "journal.seal"
    TASK_READ = "office.read_tasks"
    TASK_CLOSE = "office.close_task"
    FIGURES_READ = "office.read_figures"
    MANDATE_GRANT = "accounts.grant_mandate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A permission to act, made by governance from a mandate in force.

    purpose: code of the W3C Data Privacy Vocabulary, public-services sector, e.g.
    "SocialSecurityManagement".
    subject_id: when set, only this person's own records may be read (a person looking at their own
    file).
    own_record_id: the actor's own record in the register, where it is known: nobody decides about
    themselves.
    """

    actor_id: UUID
    actor_name: str
    role: str
    purpose: str
    mandate_id: UUID
    rights: frozenset[Right]
    subject_id: UUID | None = None
    own_record_id: UUID | None = None

    def allows(self, right: Right) -> bool:
        return right in self.rights

    def require(self, right: Right) -> None:
        """Raise NotPermitted, naming role and right, unless this access carries the right."""
        self.require_any(right)

    def require_any(self, *rights: Right) -> None:
        """Raise NotPermitted unless this access carries at least one of the rights."""
        if self.rights.isdisjoint(rights):
            names = " or ".join(f"“{right.value}”" for right in rights)
            message = (
                f"The role “{self.role}” does not carry the right {names}. "
                "Choose another of your roles, or ask the person who grants mandates."
            )
            raise NotPermitted(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeApproval:
    """A gate pass in the hand of the operation whose effect it allows.

    The pass row exists already; the effect stores `pass_id`, and the database compares gate and
    content hash.
    """

    pass_id: UUID
    gate: str
    content_hash: str
    proposed_by: UUID
    approved_by: UUID
    expires_at: datetime
