"""The chart of accounts that an installation starts with (rows: migrations 0002 and 0007).

Amounts paid leave the bank account in the books when the bank is ordered to pay (transmission):
from then on the institution cannot take the order back. What a bank rejects or returns comes back
to the bank account and is owed as a returned payment, until it is paid out anew. Money received is
owed to whoever paid it until it is allocated to a debt.
"""

from typing import Final

BANK: Final = "1000"
CONTRIBUTIONS_RECEIVABLE: Final = "1200"
SURCHARGES_RECEIVABLE: Final = "1210"
BENEFITS_PAYABLE: Final = "2100"
RETURNED_PAYMENTS: Final = "2200"
UNALLOCATED_RECEIPTS: Final = "2300"
REFUNDS_PAYABLE: Final = "2310"
CONTRIBUTION_INCOME: Final = "4100"
SURCHARGE_INCOME: Final = "4110"
BENEFIT_EXPENSE: Final = "5100"
WRITTEN_OFF: Final = "5200"
