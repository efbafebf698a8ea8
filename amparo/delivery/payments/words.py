"""The words shown for what the tables keep as codes. A test holds that no code lacks its words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STATES: dict[str, str | Promise] = {
    "planned": _("planned"),
    "snapshot": _("snapshot taken"),
    "calculated": _("calculated"),
    "compared": _("ready for approval"),
    "approved": _("approved"),
    "locked": _("locked"),
    "transmitted": _("sent"),
    "reconciling": _("being reconciled"),
    "abandoned": _("abandoned"),
}

OUTCOMES: dict[str, str | Promise] = {
    "prepared": _("prepared"),
    "sent": _("sent"),
    "settled": _("paid"),
    "rejected": _("rejected by the bank"),
    "returned": _("returned by the bank"),
    "cancelled": _("cancelled"),
}

REASONS: dict[str, str | Promise] = {
    "award-suspended": _("The award is suspended."),
    "person-died": _("The person died before this month."),
    "no-longer-due": _("The award or component has ended before this month."),
    "already-paid": _("The month was paid in full before."),
    "payee-died": _("The payee has died."),
    "payee-ended": _("Who received for this person does so no longer, and nobody else is named."),
    "other-currency": _("The award is in another currency."),
    "no-name": _("The payee has no name that a bank file can carry."),
    "no-account": _("The payee has no payment account."),
    "account-not-verified": _("The payment account is not verified."),
    "account-failed": _("The bank rejected or returned the last payment to this account."),
}

EXPLANATIONS: dict[str, str | Promise] = {
    **REASONS,
    "granted": _("Granted by a decision."),
    "taken-on": _("Taken on from the older system."),
    "became-due": _("The award became due."),
    "no-longer-held": _("What held the payment back was repaired."),
    "paid-again": _("A returned payment is paid again."),
    "award-ended": _("The award has ended."),
    "component-ended": _("A component of the award has ended."),
    "arrears-were-paid": _("The last run paid arrears only."),
    "new-payee": _("Somebody else receives the payment."),
    "new-decision": _("A new decision changed the amount."),
    "arrears": _("Months in arrears are paid, or were paid in the last run."),
    "unexplained": _("Unexplained."),
}

PROBLEMS: dict[str, str | Promise] = {
    "neither-paid-nor-returned": _("The booking is neither a payment of ours nor a return."),
    "unknown-payment": _("No payment of ours has this reference."),
    "payment-not-sent": _("The payment was never sent."),
    "currency-differs": _("The currency is not the payment's."),
    "amount-differs": _("The amount is not the payment's."),
    "settled-again": _("The payment is reported as paid a second time."),
    "returned-again": _("The payment is reported as returned a second time."),
    "contradiction": _("The report contradicts an earlier one."),
}
