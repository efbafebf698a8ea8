"""The chart of accounts that an installation starts with (rows: migration 0002).

Amounts paid leave the bank account in the books when the bank is ordered to pay (transmission):
from then on the institution cannot take the order back. What a bank rejects or returns comes back
to the bank account and is owed as a returned payment, until it is paid out anew.
"""

from typing import Final

BANK: Final = "1000"
CONTRIBUTIONS_RECEIVABLE: Final = "1200"
BENEFITS_PAYABLE: Final = "2100"
RETURNED_PAYMENTS: Final = "2200"
CONTRIBUTION_INCOME: Final = "4100"
BENEFIT_EXPENSE: Final = "5100"
