"""What banks reported and fits no payment of ours is shown to who reads in their statements."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.test import Client
from django.urls import reverse

from amparo.delivery.payments.models import StatementLine
from amparo.office.models import ReceivedFile
from tests.interfaces.web.institution import Institution


def test_a_line_that_fits_no_payment_is_listed_with_its_reason(
    institution: Institution,
    sign_in: Callable[[str], Client],
) -> None:
    received = ReceivedFile.objects.order_by("received_at", "id")[0]
    StatementLine.objects.create(
        received_file=received,
        bank_reference="KORA-77",
        reported_id="nobody-knows",
        outcome="settled",
        problem="unknown-payment",
        amount=Decimal("41.00"),
        currency="XTS",
        booked_on=date(2026, 11, 20),
    )

    answer = sign_in("farid").get(reverse("web:statements"))

    assert answer.status_code == 200
    text = answer.content.decode()
    assert "No payment of ours has this reference." in text
    assert "41.00" in text
