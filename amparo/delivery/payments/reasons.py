"""Which reasons of a bank lie with the payee's account.

Source: ISO 20022 External Code Sets, ExternalStatusReason1Code (pain.002) and
ExternalReturnReason1Code (camt.054). Every other reason, such as a file refused for its form or a
payer without cover, says nothing about the account: the payment is owed again and sent again.
"""

from typing import Final

# Debtor's accounts (AC02, AC05, AC13) are ours and not in it.
ACCOUNT_REASONS: Final[dict[str, str]] = {
    "AC01": "IncorrectAccountNumber",
    "AC03": "InvalidCreditorAccountNumber",
    "AC04": "ClosedAccountNumber",
    "AC06": "BlockedAccount",
    "AC07": "ClosedCreditorAccountNumber",
    "AC14": "InvalidCreditorAccountType",
    "AC15": "AccountDetailsChanged",
    "BE01": "InconsistentWithEndCustomer",
}
