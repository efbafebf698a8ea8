"""What may be done to the register: one public function for one intention.

People one by one (`persons`), employers and work (`employers`), whole files (`loading`), what
deciding rooms leave behind (`uses`).
"""

from amparo.register.operations._common import NobodyThere, UnableToGround
from amparo.register.operations.employers import (
    AlreadyEmployedThere,
    EmployerNumberTaken,
    NotAnActivity,
    NotAnOccupation,
    NotEmployedThere,
    correct_employer,
    end_employment,
    register_employer,
    start_employment,
)
from amparo.register.operations.households import (
    NotInAHousehold,
    UnableToJoin,
    found_household,
    join_household,
    leave_household,
)
from amparo.register.operations.loading import (
    load_account_confirmations,
    load_employers,
    load_employments,
    load_persons,
)
from amparo.register.operations.persons import (
    IdentifierBelongsToSomebody,
    UnableToRegister,
    add_identifier,
    change_name,
    correct_identifier,
    correct_name,
    correct_vitals,
    end_payee,
    move,
    open_household,
    record_death,
    register_person,
    set_payee,
    set_payment_account,
)
from amparo.register.operations.uses import record_fact_use

__all__ = [
    "AlreadyEmployedThere",
    "EmployerNumberTaken",
    "IdentifierBelongsToSomebody",
    "NobodyThere",
    "NotAnActivity",
    "NotAnOccupation",
    "NotEmployedThere",
    "NotInAHousehold",
    "UnableToGround",
    "UnableToJoin",
    "UnableToRegister",
    "add_identifier",
    "change_name",
    "correct_employer",
    "correct_identifier",
    "correct_name",
    "correct_vitals",
    "end_employment",
    "end_payee",
    "found_household",
    "join_household",
    "leave_household",
    "load_account_confirmations",
    "load_employers",
    "load_employments",
    "load_persons",
    "move",
    "open_household",
    "record_death",
    "record_fact_use",
    "register_employer",
    "register_person",
    "set_payee",
    "set_payment_account",
    "start_employment",
]
