"""Which days the register takes for true: one rule for files, pages and operations.

The bounds keep out the mistyped century and the “9999-12-31” of other systems, which means “no end”
and is written here as no end at all. The database holds the two fixed bounds (migration
facts_that_can_be).
"""

from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext as _

# Whoever was born earlier would be older than anybody ever was when the first registers now being
# taken over began; nothing they could draw or leave is decided here.
EARLIEST: Final = date(1875, 1, 1)
# Long enough for a right that a child born today hands on.
LATEST: Final = date(2199, 12, 31)
# A move, a marriage or a job is announced this long before at most.
ANNOUNCED_AHEAD: Final = timedelta(days=2 * 366)


class ImpossibleDay(Exception):
    """A day that cannot be the one meant."""


def is_possible(day: date) -> bool:
    """Say whether a day can stand in the register at all."""
    return EARLIEST <= day <= LATEST


def outside_the_bounds() -> str:
    """Return what to say of a day that is not possible."""
    return _(
        "The day lies before %(earliest)s or after %(latest)s. Check the year; leave it empty "
        "where there is no such day."
    ) % {"earliest": EARLIEST.isoformat(), "latest": LATEST.isoformat()}


def check_possible(day: date | None) -> None:
    """Raise ImpossibleDay for a day outside the bounds."""
    if day is not None and not is_possible(day):
        raise ImpossibleDay(outside_the_bounds())


def check_start(starts_on: date | None, *, birth_date: date | None, on: date) -> None:
    """Raise ImpossibleDay where a fact of a person cannot begin on this day.

    birth_date: the first possible day of birth. on: today.
    """
    if starts_on is None:
        return
    check_possible(starts_on)
    if starts_on > on + ANNOUNCED_AHEAD:
        raise ImpossibleDay(too_far_ahead())
    if birth_date is not None and starts_on < birth_date:
        raise ImpossibleDay(_("The first day lies before the person's birth. Check both dates."))


def too_far_ahead() -> str:
    """Return what to say of a beginning announced too long before."""
    return _("The first day lies more than two years ahead. Check the year.")


def check_end(ends_before: date | None) -> None:
    """Raise ImpossibleDay for a first day without something whose last day is not possible."""
    if ends_before is not None and not EARLIEST <= ends_before <= LATEST + timedelta(days=1):
        raise ImpossibleDay(outside_the_bounds())
