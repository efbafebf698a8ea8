"""What governance does: resolutions and their passes, packs through their gate, jobs installed.

Purpose: every effect that a gate guards is proposed by one person and approved by another.
Owns: the writing side of the governance kernel.
Must never know: screens and commands that ask for it.
"""

from amparo.governance.kernel.operations.drafts import (
    activate_draft,
    propose_draft,
    take_up_draft_again,
)
from amparo.governance.kernel.operations.founding import found_institution
from amparo.governance.kernel.operations.jobs import JOBS, install_jobs
from amparo.governance.kernel.operations.packs import (
    activate_approved_pack,
    activate_scheme_folder,
    propose_pack,
)
from amparo.governance.kernel.operations.resolutions import (
    NoPass,
    UnableToDecide,
    UnableToPropose,
    approve,
    issue_pass,
    propose,
    refuse,
)

__all__ = [
    "JOBS",
    "NoPass",
    "UnableToDecide",
    "UnableToPropose",
    "activate_approved_pack",
    "activate_draft",
    "activate_scheme_folder",
    "approve",
    "found_institution",
    "install_jobs",
    "issue_pass",
    "propose",
    "propose_draft",
    "propose_pack",
    "refuse",
    "take_up_draft_again",
]
