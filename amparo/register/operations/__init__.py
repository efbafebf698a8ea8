"""What may be done to the register: one public function for one intention.

People one by one (`persons`), employers and work (`employers`), whole files (`loading`), what
deciding rooms leave behind (`uses`).
"""

from amparo.register.operations._common import ImpossibleLife, NobodyThere, UnableToGround
from amparo.register.operations._parts import UnableToRegister
from amparo.register.operations._stating import During, Writing
from amparo.register.operations.births import record_birth
from amparo.register.operations.describing import (
    confirm_contact,
    confirm_identifier,
    end_fact,
    state_civil_status,
    state_contact,
    state_language,
    state_nationality,
    state_other_name,
    withdraw_fact,
)
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
    state_establishment,
)
from amparo.register.operations.households import (
    NotInAHousehold,
    UnableToJoin,
    found_household,
    join_household,
    leave_household,
)
from amparo.register.operations.listing import (
    ListLoaded,
    NewCode,
    UnusableList,
    load_reference_list,
)
from amparo.register.operations.loading import (
    load_account_confirmations,
    load_employers,
    load_employments,
    load_persons,
)
from amparo.register.operations.persons import (
    IdentifierBelongsToSomebody,
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
from amparo.register.operations.protecting import state_special_fact, withdraw_special_fact
from amparo.register.operations.ties import (
    appoint_guardian,
    correct_tie,
    end_tie,
    end_union,
    name_representative,
    record_parent,
    record_union,
    withdraw_tie,
)
from amparo.register.operations.uses import record_fact_use

__all__ = [
    "AlreadyEmployedThere",
    "During",
    "EmployerNumberTaken",
    "IdentifierBelongsToSomebody",
    "ImpossibleLife",
    "ListLoaded",
    "NewCode",
    "NobodyThere",
    "NotAnActivity",
    "NotAnOccupation",
    "NotEmployedThere",
    "NotInAHousehold",
    "UnableToGround",
    "UnableToJoin",
    "UnableToRegister",
    "UnusableList",
    "Writing",
    "add_identifier",
    "appoint_guardian",
    "change_name",
    "confirm_contact",
    "confirm_identifier",
    "correct_employer",
    "correct_identifier",
    "correct_name",
    "correct_tie",
    "correct_vitals",
    "end_employment",
    "end_fact",
    "end_payee",
    "end_tie",
    "end_union",
    "found_household",
    "join_household",
    "leave_household",
    "load_account_confirmations",
    "load_employers",
    "load_employments",
    "load_persons",
    "load_reference_list",
    "move",
    "name_representative",
    "open_household",
    "record_birth",
    "record_death",
    "record_fact_use",
    "record_parent",
    "record_union",
    "register_employer",
    "register_person",
    "set_payee",
    "set_payment_account",
    "start_employment",
    "state_civil_status",
    "state_contact",
    "state_establishment",
    "state_language",
    "state_nationality",
    "state_other_name",
    "state_special_fact",
    "withdraw_fact",
    "withdraw_special_fact",
    "withdraw_tie",
]
