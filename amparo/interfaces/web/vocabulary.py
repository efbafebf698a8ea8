"""Words for codes: the rooms below speak in codes, people in their language."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from amparo.accounts.roles import ROLES
from amparo.delivery.payments.words import PROBLEMS, REASONS
from amparo.interfaces.web.tables import Cell

# A state is a word first, then a shape, then a colour: done, open, wait, stop, past.
_STATES: Final[Mapping[str, tuple[Promise, str]]] = {
    "submitted": (_("Submitted"), "open"),
    "evidence pending": (_("Evidence pending"), "wait"),
    "proposed": (_("Waiting for approval"), "wait"),
    "awaiting": (_("Waiting for a decision"), "wait"),
    "granted": (_("Granted"), "done"),
    "refused": (_("Refused"), "stop"),
    "withdrawn": (_("Withdrawn"), "past"),
    "undetermined": (_("Undetermined"), "wait"),
    "computed": (_("Computed"), "done"),
    "in payment": (_("In payment"), "done"),
    "suspended": (_("Suspended"), "wait"),
    "terminated": (_("Terminated"), "past"),
    "posted": (_("Posted"), "done"),
    "matched": (_("Matched"), "done"),
    "suspense": (_("In suspense"), "wait"),
    "planned": (_("Planned"), "open"),
    "snapshot": (_("Snapshot taken"), "open"),
    "calculated": (_("Calculated"), "open"),
    "compared": (_("Compared"), "wait"),
    "approved": (_("Approved"), "done"),
    "locked": (_("Locked"), "open"),
    "alike same": (_("Probably the same person"), "stop"),
    "alike review": (_("Perhaps the same person"), "wait"),
    "transmitted": (_("Transmitted"), "done"),
    "reconciling": (_("Reconciling"), "open"),
    "closed": (_("Closed"), "past"),
    "failed": (_("Failed"), "stop"),
    "abandoned": (_("Abandoned"), "past"),
    "created": (_("Created"), "open"),
    "sent": (_("Sent"), "open"),
    "settled": (_("Settled"), "done"),
    "rejected": (_("Rejected"), "stop"),
    "returned": (_("Returned"), "stop"),
    "accepted": (_("Accepted"), "done"),
    "already": (_("Already received"), "past"),
    "alive": (_("Alive"), "done"),
    "dead": (_("Deceased"), "past"),
    "met": (_("Met"), "done"),
    "missed": (_("Missed"), "stop"),
    "unknown": (_("Unknown"), "wait"),
    "untargeted": (_("No target set"), "open"),
    "not-applicable": (_("Not applicable"), "past"),
    "money proposed": (_("Waiting for a decision"), "wait"),
    "money approved": (_("Approved"), "done"),
    "money refused": (_("Refused"), "stop"),
    "money withdrawn": (_("Withdrawn"), "past"),
    "draft open": (_("Draft"), "open"),
    "draft proposed": (_("In review"), "wait"),
    "draft approved": (_("Approved"), "done"),
    "draft refused": (_("Sent back by the board"), "stop"),
    "draft expired": (_("Approval expired"), "stop"),
    "draft activated": (_("In force"), "done"),
    "draft discarded": (_("Discarded"), "past"),
    "case passes": (_("Passes"), "done"),
    "case fails": (_("Fails"), "stop"),
    "change added": (_("Added"), "done"),
    "change removed": (_("Removed"), "stop"),
    "change changed": (_("Changed"), "open"),
    "pair open": (_("To be decided"), "wait"),
    "pair same": (_("One person"), "done"),
    "pair different": (_("Two people"), "past"),
    "pair unsure": (_("Not clear yet"), "open"),
    "pair linked": (_("Merged"), "done"),
    "said agrees": (_("agree"), "done"),
    "said resembles": (_("resemble"), "open"),
    "said differs": (_("differ"), "stop"),
    "said once": (_("one says it"), "open"),
    "said unknown": (_("unknown"), "past"),
    "proposal approved": (_("Approved"), "done"),
    "proposal refused": (_("Refused"), "stop"),
}

_WORDS: Final[Mapping[str, Promise]] = {
    "female": _("female"),
    "male": _("male"),
    "other": _("other"),
    "unknown": _("unknown"),
    "declaration": _("declaration"),
    "document": _("document"),
    "exchange": _("data exchange"),
    "officer": _("officer"),
    "national-id": _("National identity number"),
    "birth-registration": _("Birth registration"),
    "tax": _("Tax number"),
    "passport": _("Passport"),
    "refugee": _("Refugee document"),
    "parent": _("parent"),
    "child": _("child"),
    "spouse": _("spouse"),
    "guardian": _("guardian"),
    "ward": _("ward"),
    "reference-person": _("reference person"),
    "member": _("member"),
    "bank": _("bank account"),
    "wallet": _("mobile wallet"),
    "web": _("online"),
    "file": _("file"),
    "paper": _("paper"),
    "regular": _("regular run"),
    "supplementary": _("supplementary run"),
    "asset": _("asset"),
    "liability": _("liability"),
    "income": _("income"),
    "expense": _("expense"),
    "persons": _("people"),
    "employers": _("employers"),
    "employments": _("employments"),
    "declarations": _("declarations"),
    "history": _("earlier years"),
    "statement": _("bank statement"),
    "eligibility": _("eligibility"),
    "amount": _("amount"),
    "assessment": _("assessment"),
    "take-on": _("taken on from the older system"),
    "name": _("name"),
    "other-name": _("another name"),
    "civil-status": _("civil status"),
    "nationality": _("nationality"),
    "language": _("language"),
    "contact": _("telephone or e-mail"),
    "vitals": _("birth, sex and death"),
    "identifier": _("identifier"),
    "kinship": _("family tie"),
    "household": _("household"),
    "residence": _("residence"),
    "employment": _("employment"),
    "account": _("payment account"),
    "person": _("person"),
    "employer": _("employer"),
    "claim": pgettext_lazy("noun", "claim"),
    "award": pgettext_lazy("noun", "award"),
    "payrun": _("pay run"),
    "decision": _("decision"),
    "mandate": _("mandate"),
    "original": _("original file"),
    "received-file": _("received file"),
    "pack-version": _("rule pack"),
    "pack-draft": _("draft of rules"),
    "simulation": _("simulation"),
    "number": _("number"),
    "string": _("text"),
    "boolean": _("yes or no"),
    "date": _("date"),
    "contingency_on": _("the day the right depends on"),
    "claimed_on": _("the day of the claim"),
    "resolution": _("resolution"),
    "statement-line": _("line of a bank statement"),
    "entry": _("ledger entry"),
    "task": _("task"),
    "task-subject": _("subject of a task"),
    "user": _("staff account"),
    "register": _("register"),
    "pay": _("paid"),
    "held": _("held for repair"),
    "excluded": _("not paid"),
    "claim received": _("receipt of a claim"),
    "claim granted": _("claim granted"),
    "claim refused": _("claim refused"),
    "officer+approver": _("an officer proposes, somebody else approves"),
    "straight-through": _("by the rules alone, with a sample reviewed"),
    "lookup": _("lookup"),
    "occupation": _("occupation"),
    "outcome": _("outcome"),
    "value": _("value"),
    "missing": _("missing facts"),
    "trace": _("explanation"),
    "pack_version": _("rule pack"),
    "months": _("months"),
    "count": _("number"),
    "lines": _("lines"),
    "reason_code": _("reason code"),
    "contribution": _("contributions"),
    "interest": _("interest"),
    "penalty": _("penalty"),
    "cost": _("costs"),
    "refund": _("refund"),
    "write-off": _("write-off"),
    "reversal": _("reversal"),
    "receipt": _("money received"),
    "proposal": _("proposal"),
    "booked_on": _("booked on"),
    "payment-account": _("payment account"),
    "merge": _("merge"),
    "unmerge": _("undoing of a merge"),
    "duplicate-review": _("pair of records"),
    "merge-proposal": _("proposal to merge"),
    "awards": _("awards"),
    "payee": _("payee"),
    "birth-certificate": _("birth certificate"),
    "death-certificate": _("death certificate"),
    "identity-document": _("identity document"),
    "court-order": _("court order"),
    "employer-letter": _("letter of the employer"),
    "account-statement": _("statement of the bank or wallet"),
    "own-statement": _("the person's own word"),
    "other-document": _("another document"),
}


# How two people came to be parent and child, spouses, guardian and ward.
_TIE_FORMS: Final[Mapping[str, Promise]] = {
    "birth": _("by birth"),
    "adoption": _("by adoption"),
    "recognition": _("by recognition"),
    "foster": _("in foster care"),
    "civil": _("civil marriage"),
    "religious": _("religious marriage"),
    "customary": _("customary marriage"),
    "partnership": _("registered partnership"),
    "de-facto": _("living as a couple"),
    "court": _("by a court"),
    "family": _("by the family"),
    "institution": _("an institution"),
}

_TASKS: Final[Mapping[str, Promise]] = {
    "awards held twice": _("Decide on awards that one person holds twice"),
    "awards of merged records": _("Look at the awards of merged records"),
    "claim to assess": _("Assess a claim"),
    "evidence pending": _("Get missing evidence"),
    "claim to approve": _("Approve a claim"),
    "run to approve": _("Approve a pay run"),
    "resolution to decide": _("Decide on a proposal"),
    "payments.returned": _("Look at a payment that came back"),
    "payments.rejected": _("Look at a payment that the bank rejected"),
    "wage lines in suspense": _("Match wage lines in suspense"),
    "money to match": _("Find whose money this is"),
    "month to inspect": _("Look at a month that nobody declared"),
    "proposal to decide": _("Decide a proposal about money"),
}

# What the institution reads and writes for, in the words of the W3C Data Privacy Vocabulary.
_PURPOSES: Final[Mapping[str, Promise]] = {
    "SocialWelfareEnrolmentManagement": _("registering and enrolling people"),
    "SocialWelfareEligibilityAssessment": _("deciding who has a right"),
    "SocialWelfareDistributionManagement": _("paying benefits"),
    "SocialWelfareManagement": _("running the schemes"),
    "SocialInsuranceManagement": _("running social insurance"),
    "SocialSecurityManagement": _("running social security"),
    "PublicServiceFraudPreventionDetection": _("preventing and finding fraud"),
    "PublicServiceManagement": _("running the institution"),
}

_RIGHTS: Final[Mapping[str, Promise]] = {
    "register.read_person": _("read a person's record"),
    "register.register_person": _("register or correct a person"),
    "register.read_special": _("read what the law protects more, such as disability"),
    "register.register_special": _("write down what the law protects more"),
    "register.read_employer": _("read an employer's record"),
    "register.register_employer": _("register or correct an employer"),
    "register.import": _("load files into the register"),
    "register.read_duplicates": _("see records that may be one person's"),
    "register.find_duplicates": _("find records that may be one person's"),
    "register.review_duplicates": _("decide whether two records are one person's"),
    "register.propose_merge": _("propose to merge two records"),
    "register.approve_merge": _("approve the merge of two records"),
    "contributions.read": _("read declarations"),
    "contributions.receive": _("receive declarations"),
    "contributions.match_receipt": _("match money received to employers"),
    "contributions.charge": _("charge interest and estimates"),
    "contributions.propose": _("propose refunds, write-offs and plans"),
    "contributions.approve": _("decide on refunds, write-offs and plans"),
    "claims.read": _("read claims"),
    "claims.receive": _("take claims"),
    "claims.propose": _("assess claims"),
    "claims.approve": _("approve claims"),
    "payments.read": _("read pay runs"),
    "payments.prepare": _("prepare pay runs"),
    "payments.approve": _("approve pay runs"),
    "payments.transmit": _("send pay runs"),
    "payments.read_in_statement": _("read in bank statements"),
    "ledger.read": _("read the ledger"),
    "rules.read": _("read rules"),
    "rules.propose": _("propose rules"),
    "rules.approve": _("approve rules"),
    "rules.simulate": _("simulate rules"),
    "journal.read": _("read the journal"),
    "journal.seal": _("seal the journal"),
    "office.read_tasks": _("read tasks"),
    "office.close_task": _("close tasks"),
    "office.read_figures": _("read the institution's figures"),
    "accounts.grant_mandate": _("grant mandates"),
}

_EVENTS: Final[Mapping[str, Promise]] = {
    "read": _("Read"),
    "accounts.signed_in": _("Signed in"),
    "accounts.signed_out": _("Signed out"),
    "accounts.sign_in_failed": _("Failed to sign in"),
    "accounts.installation_decision": _("Decided at installation"),
    "accounts.language_chosen": _("Language chosen"),
    "accounts.mandate_granted": _("Mandate granted"),
    "accounts.mandate_ended": _("Mandate ended"),
    "accounts.roles_installed": _("Roles installed"),
    "accounts.user_created": _("Account created"),
    "accounts.account_opened": _("Account opened with a first mandate"),
    "accounts.first_password_renewed": _("First password made anew"),
    "accounts.password_chosen": _("Password chosen"),
    "claims.answers_added": _("Answers added to a claim"),
    "claims.assessed": _("Claim assessed"),
    "claims.awards_taken_on": _("Awards taken on"),
    "claims.awards_touched": _("Awards touched by a merge"),
    "claims.granted": _("Claim granted"),
    "claims.refused": _("Claim refused"),
    "claims.sent_back": _("Claim sent back"),
    "claims.submitted": _("Claim submitted"),
    "claims.withdrawn": _("Claim withdrawn"),
    "contributions.declarations_posted": _("Declarations posted"),
    "contributions.years_taken_on": _("Earlier years taken on"),
    "contributions.interest_charged": _("Interest charged"),
    "contributions.month_estimated": _("Month estimated that nobody declared"),
    "contributions.dispute_opened": _("Dispute of a debt noted"),
    "contributions.dispute_closed": _("Dispute of a debt closed"),
    "contributions.declaration_corrected": _("Declaration corrected"),
    "contributions.wage_line_matched": _("Wage line matched to its person"),
    "contributions.receipts_taken_in": _("Money received taken in"),
    "contributions.receipt_matched": _("Money matched to an employer"),
    "contributions.receipt_allocated_again": _("Money allocated again"),
    "contributions.proposed": _("Proposal about money made"),
    "contributions.proposal_approved": _("Proposal about money approved"),
    "contributions.proposal_refused": _("Proposal about money refused"),
    "contributions.proposal_withdrawn": _("Proposal about money withdrawn"),
    "decisions.made": _("Decision made"),
    "decisions.taken_on": _("Decision taken on"),
    "governance.proposed": _("Resolution proposed"),
    "governance.approved": _("Resolution approved"),
    "governance.refused": _("Resolution refused"),
    "office.file_accepted": _("File accepted"),
    "office.file_rejected": _("File rejected"),
    "office.original_received": _("File received"),
    "office.task_closed": _("Task closed"),
    "office.work_asked": _("Long work asked for"),
    "office.work_begun": _("Long work begun"),
    "office.work_done": _("Long work done"),
    "office.work_failed": _("Long work failed"),
    "payments.run_planned": _("Pay run planned"),
    "payments.snapshot_taken": _("Pay run: snapshot taken"),
    "payments.run_calculated": _("Pay run calculated"),
    "payments.run_compared": _("Pay run compared"),
    "payments.difference_stated": _("Difference stated"),
    "payments.run_abandoned": _("Pay run abandoned"),
    "payments.run_approved": _("Pay run approved"),
    "payments.run_locked": _("Pay run locked"),
    "payments.run_transmitted": _("Pay run sent"),
    "payments.statement_read_in": _("Bank statement read in"),
    "register.accounts_confirmed": _("Payment accounts confirmed"),
    "register.birth_recorded": _("Birth recorded"),
    "register.other_name_stated": _("Another name written down"),
    "register.civil_status_stated": _("Civil status written down"),
    "register.nationality_stated": _("Nationality written down"),
    "register.language_stated": _("Language written down"),
    "register.contact_stated": _("Contact written down"),
    "register.contact_confirmed": _("Contact confirmed"),
    "register.identifier_confirmed": _("Identifier confirmed"),
    "register.fact_ended": _("Fact ended"),
    "register.fact_withdrawn": _("Fact withdrawn"),
    "register.special_fact_stated": _("Specially protected fact written down"),
    "register.special_fact_withdrawn": _("Specially protected fact withdrawn"),
    "register.representative_named": _("Representative named"),
    "register.establishment_stated": _("Establishment written down"),
    "register.reference_list_loaded": _("Reference list brought up to date"),
    "register.death_recorded": _("Death recorded"),
    "register.employer_changed": _("Employer changed"),
    "register.employer_registered": _("Employer registered"),
    "register.employers_loaded": _("Employers loaded"),
    "register.employments_loaded": _("Employments loaded"),
    "register.hire": _("Employment started"),
    "register.household_opened": _("Household opened"),
    "register.household_founded": _("Household founded"),
    "register.household_joined": _("Household joined"),
    "register.household_left": _("Household left"),
    "register.identifier_added": _("Identifier added"),
    "register.identifier_corrected": _("Identifier corrected"),
    "register.leave": _("Employment ended"),
    "register.duplicate_decided": _("Pair of records decided on"),
    "register.duplicates_found": _("Pairs of records found"),
    "register.duplicates_weighed": _("Pairs of records weighed"),
    "register.merge_proposed": _("Merge of two records proposed"),
    "register.merged": _("Two records merged"),
    "register.moved": _("Move recorded"),
    "register.name_changed": _("Name changed"),
    "register.name_corrected": _("Name corrected"),
    "register.payee_ended": _("Payee ended"),
    "register.payee_set": _("Payee set"),
    "register.payment_account_set": _("Payment account set"),
    "register.parent_recorded": _("Parent recorded"),
    "register.guardian_appointed": _("Guardian appointed"),
    "register.union_recorded": _("Union recorded"),
    "register.union_ended": _("Union ended"),
    "register.tie_ended": _("Family tie ended"),
    "register.tie_corrected": _("Family tie corrected"),
    "register.tie_withdrawn": _("Family tie withdrawn"),
    "register.person_registered": _("Person registered"),
    "register.swept": _("Register looked over for people registered twice"),
    "register.match_model_trained": _("Match model trained"),
    "register.persons_loaded": _("People loaded"),
    "register.proposal_refused": _("Merge, or its undoing, refused"),
    "register.unmerge_proposed": _("Undoing of a merge proposed"),
    "register.unmerged": _("Merge undone"),
    "register.vitals_corrected": _("Birth, sex or death corrected"),
    "rules.draft_activated": _("Draft of rules put in force"),
    "rules.draft_discarded": _("Draft of rules discarded"),
    "rules.draft_proposed": _("Draft of rules proposed"),
    "rules.draft_reopened": _("Draft of rules opened again"),
    "rules.draft_restored": _("Draft of rules: revision restored"),
    "rules.draft_saved": _("Draft of rules saved"),
    "rules.draft_started": _("Draft of rules started"),
    "rules.pack_activated": _("Rule pack activated"),
    "rules.simulated": _("Rules simulated"),
}

_LANGUAGES: Final = {"en": "English", "fr": "Français"}
_ROLES: Final = {role.code: role.title for role in ROLES}


def tie_form_word(code: str) -> str:
    """Say how two people came to be tied; empty where nobody said."""
    return str(_TIE_FORMS.get(code, code))


def task_word(kind: str) -> str:
    """Say what a task asks for; of payments, with what is wrong with them."""
    if (known := _TASKS.get(kind)) is not None:
        return str(known)
    room, _dot, what = kind.partition(".")
    if room == "payments" and what in REASONS:
        return gettext("Repair payments that are held back: %(why)s") % {"why": REASONS[what]}
    if room == "payments" and what in PROBLEMS:
        return gettext("Look at a line of a bank statement: %(why)s") % {"why": PROBLEMS[what]}
    return word(kind).capitalize()


def purpose_word(code: str) -> str:
    """Return a purpose in words; one that no role has is shown as its code."""
    return str(_PURPOSES.get(code, code))


def right_word(code: str) -> str:
    return str(_RIGHTS.get(code, code))


def event_word(kind: str) -> str:
    known = _EVENTS.get(kind)
    return str(known) if known is not None else word(kind.replace(".", ": "))


def role_word(code: str) -> str:
    return gettext(_ROLES[code]) if code in _ROLES else code


def language_name(code: str) -> str:
    """Return what a language calls itself."""
    return _LANGUAGES.get(code, code)


def word(code: str) -> str:
    """Return the word for a code; a code nobody named yet is shown readably rather than hidden."""
    known = _WORDS.get(code)
    return str(known) if known is not None else code.replace("-", " ").replace("_", " ")


def known_word(code: str) -> str:
    """Return the word for a code; what nobody named is a number or a name, and stays as it is."""
    known = _WORDS.get(code)
    return str(known) if known is not None else code


def state_word(code: str) -> str:
    known = _STATES.get(code)
    return str(known[0]) if known is not None else code


def tone(code: str) -> str:
    known = _STATES.get(code)
    return known[1] if known is not None else "open"


def state_cell(code: str, *, href: str = "", note: str = "") -> Cell:
    return Cell(value=state_word(code), tone=tone(code), href=href, note=note)
