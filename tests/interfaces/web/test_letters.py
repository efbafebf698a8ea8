"""Letters say what their reader needs, by the institution's calendar."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from amparo.interfaces.web.views.letters import _content
from amparo.office.queries import NoticeRow


@pytest.mark.parametrize(
    ("issued_at", "dated"),
    [
        (datetime(2026, 12, 31, 21, 30, tzinfo=UTC), "1 Jan 2027"),
        (datetime(2028, 2, 28, 21, 0, tzinfo=UTC), "29 Feb 2028"),
        (datetime(2026, 11, 23, 20, 59, tzinfo=UTC), "23 Nov 2026"),
    ],
)
def test_a_letter_bears_the_day_of_the_legal_time_zone(issued_at: datetime, dated: str) -> None:
    issued = NoticeRow(
        notice_id=uuid4(),
        number="NT-2026-000001-9",
        kind="claim-received",
        recipient_id=uuid4(),
        language="en",
        subject_kind="claim",
        subject_id=uuid4(),
        content={},
        issued_at=issued_at,
    )

    written = str(_content(issued)["dated"])

    assert " ".join(written.split()) == dated
