"""Dates, times and durations as FEEL has them: exact, and for years beyond Python's own.

FEEL years run from -999,999,999 to 999,999,999 in the proleptic Gregorian calendar, seconds may
carry fractions, and a zone is an offset or an IANA name. Everything is counted in whole days and
decimal seconds; nothing is rounded.
"""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from amparo.rules.feel.numbers import NUMBERS

MAX_YEAR = 999_999_999
DAY = 86_400
MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
# Zone rules repeat every 400 Gregorian years, so a year out of Python's reach is mapped into it.
GREGORIAN_CYCLE = 400

# No place is further from UTC than 18 hours.
MAX_OFFSET = 18 * 3_600

Zone: TypeAlias = int | str | None


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_length(year: int, month: int) -> int:
    return 29 if month == 2 and is_leap(year) else MONTH_LENGTHS[month - 1]


def days_from_civil(year: int, month: int, day: int) -> int:
    """Count days from 1970-01-01; the year is taken to begin in March so a leap day ends it."""
    shifted = year - (month <= 2)
    era, year_of_era = divmod(shifted, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return (
        era * 146_097
        + year_of_era * 365
        + year_of_era // 4
        - year_of_era // 100
        + (day_of_year - 719_468)
    )


def civil_from_days(days: int) -> tuple[int, int, int]:
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (
        day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted_month + 2) // 5 + 1
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9
    return year_of_era + era * 400 + (month <= 2), month, day


@dataclass(frozen=True, slots=True, order=True)
class Date:
    year: int
    month: int
    day: int

    @property
    def ordinal(self) -> int:
        """Days since 1970-01-01."""
        return days_from_civil(self.year, self.month, self.day)

    @property
    def weekday(self) -> int:
        """1 for Monday to 7 for Sunday."""
        return (self.ordinal + 3) % 7 + 1

    @property
    def day_of_year(self) -> int:
        return self.ordinal - days_from_civil(self.year, 1, 1) + 1

    @property
    def week_of_year(self) -> int:
        """Give the ISO 8601 week: the one that holds the year's first Thursday is week 1."""
        thursday = self.ordinal - (self.weekday - 1) + 3
        year = civil_from_days(thursday)[0]
        return (thursday - days_from_civil(year, 1, 1)) // 7 + 1

    def __str__(self) -> str:
        return f"{_year_text(self.year)}-{self.month:02}-{self.day:02}"


@dataclass(frozen=True, slots=True)
class Time:
    hour: int
    minute: int
    second: Decimal
    zone: Zone = None

    @property
    def seconds(self) -> Decimal:
        """Seconds since local midnight."""
        return NUMBERS.add(Decimal(self.hour * 3_600 + self.minute * 60), self.second)

    def __str__(self) -> str:
        whole = int(self.second)
        fraction = _fraction_text(self.second - whole)
        return f"{self.hour:02}:{self.minute:02}:{whole:02}{fraction}{zone_text(self.zone)}"


@dataclass(frozen=True, slots=True)
class DateTime:
    date: Date
    time: Time

    @property
    def local_seconds(self) -> Decimal:
        return NUMBERS.add(Decimal(self.date.ordinal * DAY), self.time.seconds)

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"


@dataclass(frozen=True, slots=True, order=True)
class DaysDuration:
    """A days and time duration, in seconds."""

    seconds: Decimal

    def __str__(self) -> str:
        if self.seconds == 0:
            return "PT0S"
        whole, fraction = NUMBERS.divmod(NUMBERS.abs(self.seconds), 1)
        days, rest = divmod(int(whole), DAY)
        hours, rest = divmod(rest, 3_600)
        minutes, seconds = divmod(rest, 60)
        clock = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M")) if n)
        if seconds or fraction:
            clock += f"{seconds}{_fraction_text(fraction)}S"
        sign = "-" if self.seconds < 0 else ""
        return f"{sign}P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}"


@dataclass(frozen=True, slots=True, order=True)
class MonthsDuration:
    """A years and months duration, in months."""

    months: int

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        if not self.months:
            return "P0M"
        sign = "-" if self.months < 0 else ""
        return f"{sign}P{f'{years}Y' if years else ''}{f'{months}M' if months else ''}"


Temporal: TypeAlias = Date | Time | DateTime | DaysDuration | MonthsDuration


def _year_text(year: int) -> str:
    return f"-{-year:04}" if year < 0 else f"{year:04}"


def _fraction_text(fraction: Decimal) -> str:
    if not fraction:
        return ""
    return f"{fraction:f}".rstrip("0")[1:]


def zone_text(zone: Zone) -> str:
    if zone is None:
        return ""
    if isinstance(zone, str):
        return f"@{zone}"
    if zone == 0:
        return "Z"
    sign = "-" if zone < 0 else "+"
    hours, rest = divmod(abs(zone), 3_600)
    minutes, seconds = divmod(rest, 60)
    return f"{sign}{hours:02}:{minutes:02}" + (f":{seconds:02}" if seconds else "")


@lru_cache(maxsize=256)
def _zone_info(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_offset(zone: Zone, at: DateTime | None) -> Decimal | None:
    """Seconds east of UTC; a named zone whose offset changes with the date needs one."""
    if zone is None:
        return None
    if isinstance(zone, int):
        return Decimal(zone)
    info = _zone_info(zone)
    if info is None:
        return None
    if at is None:
        # Etc/UTC and its like have one offset for all time; any other zone gives None here.
        fixed = info.utcoffset(None)
        return None if fixed is None else Decimal(fixed.days * DAY + fixed.seconds)
    year = at.date.year
    if not 2 <= year <= 9_998:
        # Before zones existed local mean time applies, which the year 2 already shows.
        year = 2000 + year % GREGORIAN_CYCLE if year > 0 else 4
    moment = dt.datetime(  # noqa: DTZ001 - the zone is attached in the next step
        year,
        at.date.month,
        min(at.date.day, month_length(year, at.date.month)),
        at.time.hour,
        at.time.minute,
        int(at.time.second),
    ).replace(tzinfo=info)
    offset = moment.utcoffset()
    return None if offset is None else Decimal(offset.days * DAY + offset.seconds)


def utc_seconds(value: DateTime) -> Decimal | None:
    offset = zone_offset(value.time.zone, value)
    return None if offset is None else NUMBERS.subtract(value.local_seconds, offset)


def make_date(year: int, month: int, day: int) -> Date | None:
    """Give the date, or None when the calendar has none such."""
    if abs(year) > MAX_YEAR or not 1 <= month <= 12 or not 1 <= day <= month_length(year, month):
        return None
    return Date(year, month, day)


def make_time(hour: int, minute: int, second: Decimal, zone: Zone) -> Time | None:
    in_range = 0 <= hour <= 23 and 0 <= minute <= 59 and 0 <= second < 60
    return Time(hour, minute, second, zone) if in_range else None


def time_from_seconds(seconds: Decimal, zone: Zone) -> Time:
    """Read seconds since midnight, wrapping round the day."""
    within = NUMBERS.remainder(seconds, DAY)
    if within < 0:
        within = NUMBERS.add(within, DAY)
    hour, rest = NUMBERS.divmod(within, 3_600)
    minute, second = NUMBERS.divmod(rest, 60)
    return Time(int(hour), int(minute), second, zone)


def datetime_from_local(seconds: Decimal, zone: Zone) -> DateTime | None:
    whole, rest = NUMBERS.divmod(seconds, DAY)
    days = int(whole) - (rest < 0)
    year, month, day = civil_from_days(days)
    date = make_date(year, month, day)
    if date is None:
        return None
    return DateTime(date, time_from_seconds(NUMBERS.subtract(seconds, Decimal(days * DAY)), zone))


def add_months(date: Date, months: int) -> Date | None:
    """Move by calendar months; where the month is too short its last day is taken."""
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    if abs(year) > MAX_YEAR:
        return None
    return Date(year, month + 1, min(date.day, month_length(year, month + 1)))


def add_days(date: Date, days: int) -> Date | None:
    return make_date(*civil_from_days(date.ordinal + days))


def months_between(start: Date, end: Date) -> int:
    """Count whole months, towards zero: 31 January to 29 February is none."""
    if end < start:
        return -months_between(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - (end.day < start.day)


_YEAR = r"(?P<year>-?(?:[1-9]\d{4,8}|\d{4}))"
_DATE = _YEAR + r"-(?P<month>\d\d)-(?P<day>\d\d)"
_TIME = (
    r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d(?:\.\d{1,30})?)"
    r"(?:(?P<utc>[Zz])|(?P<sign>[+-])(?P<oh>\d\d):(?P<om>\d\d)(?::(?P<os>\d\d))?|@(?P<zone>\S+))?"
)
_DATE_PATTERN = re.compile(_DATE, re.ASCII)
_TIME_PATTERN = re.compile("T?" + _TIME, re.ASCII)
_DATETIME_PATTERN = re.compile(_DATE + "T" + _TIME, re.ASCII)
_MONTHS_PATTERN = re.compile(
    r"(?P<sign>-?)P(?=\d)(?:(?P<years>\d{1,18})Y)?(?:(?P<months>\d{1,18})M)?", re.ASCII
)
_DAYS_PATTERN = re.compile(
    r"(?P<sign>-?)P(?=\d|T\d)(?:(?P<days>\d{1,18})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,18})H)?(?:(?P<minutes>\d{1,18})M)?"
    r"(?:(?P<seconds>\d{1,18}(?:\.\d{0,15})?)S)?)?",
    re.ASCII,
)


def parse_date(text: str) -> Date | None:
    match = _DATE_PATTERN.fullmatch(text)
    return None if match is None else _date_of(match)


def _date_of(match: re.Match[str]) -> Date | None:
    return make_date(int(match["year"]), int(match["month"]), int(match["day"]))


def parse_time(text: str) -> Time | None:
    match = _TIME_PATTERN.fullmatch(text)
    return None if match is None else _time_of(match)


def _time_of(match: re.Match[str]) -> Time | None:
    zone: Zone = None
    if match["utc"]:
        zone = 0
    elif match["sign"]:
        hours, minutes, seconds = int(match["oh"]), int(match["om"]), int(match["os"] or 0)
        east = hours * 3_600 + minutes * 60 + seconds
        if minutes > 59 or seconds > 59 or east > MAX_OFFSET:
            return None
        zone = -east if match["sign"] == "-" else east
    elif match["zone"]:
        zone = match["zone"]
        if _zone_info(zone) is None:
            return None
    return make_time(int(match["hour"]), int(match["minute"]), Decimal(match["second"]), zone)


def parse_datetime(text: str) -> DateTime | None:
    """Read a date and time; a date alone stands for its midnight."""
    match = _DATETIME_PATTERN.fullmatch(text)
    if match is None:
        alone = parse_date(text)
        return None if alone is None else at_midnight(alone)
    date = _date_of(match)
    if match["hour"] == "24":
        # 24:00:00 is the midnight that ends the day.
        time = parse_time("00" + text[match.start("minute") - 1 :])
        ends_day = date is not None and time is not None and time.seconds == 0
        date = add_days(date, 1) if date is not None and ends_day else None
    else:
        time = _time_of(match)
    return None if date is None or time is None else DateTime(date, time)


def at_midnight(date: Date, zone: Zone = None) -> DateTime:
    return DateTime(date, Time(0, 0, Decimal(0), zone))


def parse_duration(text: str) -> DaysDuration | MonthsDuration | None:
    months = _MONTHS_PATTERN.fullmatch(text)
    if months is not None:
        total = int(months["years"] or 0) * 12 + int(months["months"] or 0)
        return MonthsDuration(-total if months["sign"] else total)
    days = _DAYS_PATTERN.fullmatch(text)
    if days is None:
        return None
    whole = int(days["days"] or 0) * DAY + int(days["hours"] or 0) * 3_600
    seconds = NUMBERS.add(
        Decimal(whole + int(days["minutes"] or 0) * 60), Decimal(days["seconds"] or 0)
    )
    return DaysDuration(NUMBERS.minus(seconds) if days["sign"] else seconds)


def parse_temporal(text: str) -> Temporal | None:
    """Read what stands after the @ of a literal."""
    for parse in (parse_duration, parse_date, parse_time, parse_datetime):
        value = parse(text)
        if value is not None:
            return value
    return None
