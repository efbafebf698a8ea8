"""What the address of a page may carry, read strictly: what cannot be read is a bad request."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.utils import timezone

from amparo.values import Month

_MOST_PAGES = 1_000_000


def page_number(request: HttpRequest, name: str = "page") -> int:
    """Return the page asked for; 1 where none is."""
    text = request.GET.get(name, "1")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:8]) <= _MOST_PAGES):
        raise BadRequest("A page is a whole number from 1.")
    return int(text)


def day_asked(request: HttpRequest, name: str) -> date | None:
    """Return a day written 2026-11-03; None where none is asked for."""
    text = request.GET.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest("A day is written year-month-day, such as 2026-11-03.") from None


def month_asked(request: HttpRequest, name: str) -> Month | None:
    """Return a month written 2026-11; None where none is asked for."""
    text = request.GET.get(name, "").strip()
    if not text:
        return None
    try:
        return Month.parse(text)
    except ValueError:
        raise BadRequest("A month is written year-month, such as 2026-11.") from None


def start_of(day: date) -> datetime:
    """Return the first instant of a day, in the institution's legal time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))


def end_of(day: date, *, at: datetime) -> datetime:
    """Return the last instant known on a day: its end, or now where it has not ended."""
    return min(start_of(day + timedelta(days=1)), at)


@dataclass(frozen=True, slots=True, kw_only=True)
class MomentAsked:
    """The two days a record is asked for: true on one, as known at the end of the other."""

    as_of: date
    known_on: date
    known_at: datetime
    is_now: bool

    def shown(self) -> dict[str, object]:
        """Return what the form of the moment shows."""
        return {"as_of": self.as_of, "known_on": self.known_on, "is_now": self.is_now}


def moment_asked(request: HttpRequest, *, on: date, at: datetime) -> MomentAsked:
    """Return the moment asked for; now, where none is. on, at: the time of the visit."""
    as_of = day_asked(request, "as_of") or on
    known_on = day_asked(request, "known_on") or on
    return MomentAsked(
        as_of=as_of,
        known_on=known_on,
        known_at=end_of(known_on, at=at),
        is_now=as_of == known_on == on,
    )
