"""What may be done about claims and awards: one public function for one intention.

What a claimant does (`claiming`), what officers decide (`deciding`), what comes from an older
system (`taking_on`).
"""

from amparo.delivery.claims.operations._common import StepNotOpen
from amparo.delivery.claims.operations.claiming import (
    AlreadyClaimed,
    ClaimantDead,
    ClaimReceipt,
    ContingencyToCome,
    UnknownClaimant,
    add_answers,
    submit_claim,
    withdraw_claim,
)
from amparo.delivery.claims.operations.deciding import (
    Assessment,
    ClaimDecided,
    MakerIsNotChecker,
    ReasonMissing,
    approve_claim,
    assess_claim,
    send_back,
)
from amparo.delivery.claims.operations.taking_on import (
    AwardsTakenOn,
    AwardToTakeOn,
    PreparerIsApprover,
    TakeOnTotalsDiffer,
    UnableToTakeOn,
    take_on_awards,
)
from amparo.delivery.claims.queries import NoSuchClaim
from amparo.delivery.claims.schedule import RightEndedBefore
from amparo.delivery.claims.terms import UnusableAmount

__all__ = [
    "AlreadyClaimed",
    "Assessment",
    "AwardToTakeOn",
    "AwardsTakenOn",
    "ClaimDecided",
    "ClaimReceipt",
    "ClaimantDead",
    "ContingencyToCome",
    "MakerIsNotChecker",
    "NoSuchClaim",
    "PreparerIsApprover",
    "ReasonMissing",
    "RightEndedBefore",
    "StepNotOpen",
    "TakeOnTotalsDiffer",
    "UnableToTakeOn",
    "UnknownClaimant",
    "UnusableAmount",
    "add_answers",
    "approve_claim",
    "assess_claim",
    "send_back",
    "submit_claim",
    "take_on_awards",
    "withdraw_claim",
]
