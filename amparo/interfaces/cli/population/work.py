"""Amparia's work: employers, who works for them, what they earn, and how employers declare it.

Wages follow seasons and have gaps; declarations carry the mistakes of real ones: names misspelt,
identifiers mistyped or missing. Amounts are whole cents until they are written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final

from amparo.interfaces.cli.population import names
from amparo.interfaces.cli.population.people import ADULT, RETIREMENT, Person
from amparo.register.identifiers import luhn_digit
from amparo.values import Month

KORA: Final = 0  # Kora Textiles is the first employer
SECOND_OF_AMINA: Final = 1
KORA_WORKERS: Final = 42

OLD_AGE: Final = "xa/old-age"
_EMPLOYED_OF_100: Final = 55
_DOMESTIC_OF_1000: Final = 30
_WORKERS_AN_EMPLOYER: Final = 12
_FIRST_YEAR: Final = 1986
_LONG_MEMORY_FROM_AGE: Final = 50
_SHORT_MEMORY: Final = 5
_HOUSEHOLD_AS_EMPLOYER: Final = "9700"  # ISIC: households as employers of domestic personnel
# Per mille of a usual month's wage, January first, where the year has seasons.
_SEASONS: Final[Mapping[str, tuple[int, ...]]] = {
    "0119": (700, 700, 1300, 1400, 1300, 700, 600, 700, 1300, 1500, 1300, 700),  # farms
    "5510": (1200, 1000, 900, 900, 800, 900, 1200, 1200, 900, 800, 900, 1500),  # hotels
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Employer:
    number: str
    name: str
    activity: str
    district: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Somebody's work for an employer. wage: the usual monthly wage in cents."""

    person: Person
    employer: int
    starts_on: date
    ends_before: date | None
    wage: int
    occupation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wage:
    """A line of a declaration."""

    identifier: str
    name: str
    cents: int


class Work:
    """Everything about work in Amparia, built while people are made."""

    def __init__(self, *, random: Random, on: date, persons: int) -> None:
        self._random = random
        self._on = on
        # One in three people works; see people.py for the share of working age.
        self._firms = max(4, persons // (3 * _WORKERS_AN_EMPLOYER))
        self._homes = max(3, persons // 200)
        self.employers = [self._employer(index) for index in range(self._firms + self._homes)]
        self.jobs: list[Job] = []
        self._at_kora = 0

    def offer(self, person: Person) -> None:
        """Give a person work, or not, as their age and chance have it."""
        random = self._random
        if not ADULT <= person.age(self._on) < RETIREMENT + 2:
            return
        if random.randrange(100) >= _EMPLOYED_OF_100:
            return
        if random.randrange(1000) < _DOMESTIC_OF_1000:
            self._employ_in_homes(person)
        elif self._at_kora < KORA_WORKERS - 1 and person.national_id:  # Amina is the 42nd
            self._at_kora += 1
            self.employ(person, KORA)
        else:
            # The smaller of two draws: a few employers are large and most are small.
            firms = self._firms - 2
            self.employ(person, 2 + min(random.randrange(firms), random.randrange(firms)))

    def employ(self, person: Person, employer: int, *, wage: int | None = None) -> None:
        """Write down a job; some have ended already, but at Kora nobody's has."""
        random = self._random
        years = random.randrange(1 + min(15, person.age(self._on) - ADULT))
        starts_on = date(self._on.year - years, 1 + random.randrange(self._on.month), 1)
        ends_before = None
        if employer > SECOND_OF_AMINA and years > 1 and random.randrange(100) < 8:
            ends_before = date(self._on.year - random.randrange(1, years), 1, 1)
        self.jobs.append(
            Job(
                person=person,
                employer=employer,
                starts_on=starts_on,
                ends_before=ends_before,
                wage=wage or 25_000 + random.randrange(30_000) + random.randrange(320) ** 2,
                occupation=("5120", "7531", "9111", "4110", "8321")[random.randrange(5)],
            )
        )

    def declarations(self, *, month: Month, last: Month) -> Iterator[tuple[Employer, list[Wage]]]:
        """Yield who declares what for a month; Kora leaves out the month before the last."""
        by_employer: dict[int, list[Job]] = {}
        for job in self.jobs:
            runs = job.ends_before is None or job.ends_before > month.starts_on
            if runs and job.starts_on < month.ends_before:
                by_employer.setdefault(job.employer, []).append(job)
        for index in sorted(by_employer):
            if index == KORA and month == last.previous():
                continue
            jobs = by_employer[index]
            lines = self._kora(jobs) if index == KORA else list(self._lines(jobs, month))
            if lines:
                yield self.employers[index], lines

    def history(self, *, until: Month) -> Iterator[tuple[str, int, int, int]]:
        """Yield identifier, year, months and earnings in cents of the years before `until`.

        Nobody's year is told twice, however many jobs they hold.
        """
        told: set[str] = set()
        for job in self.jobs:
            person = job.person
            if person.national_id and person.national_id not in told:
                told.add(person.national_id)
                yield from self.career(person, wage=job.wage, until=until)

    def career(
        self, person: Person, *, wage: int, until: Month
    ) -> Iterator[tuple[str, int, int, int]]:
        """Yield the years of one person; those near their pension are remembered longer."""
        age = person.age(self._on)
        memory = 60 if age >= _LONG_MEMORY_FROM_AGE else _SHORT_MEMORY
        first = max(_FIRST_YEAR, until.year - memory, person.birth.year + ADULT + 2)
        for year in range(first, until.year + 1):
            months = 12 if year < until.year else until.number - 1
            if self._random.randrange(100) < 12:
                months -= self._random.randrange(1, 12)  # a gap, or a year without work
            if months > 0:
                yearly = wage * months
                for _past in range(until.year - year):
                    yearly = yearly * 97 // 100  # wages grew by about three per cent a year
                yield person.national_id, year, months, yearly

    def _employ_in_homes(self, person: Person) -> None:
        """A domestic worker works in up to three homes, for a part of a wage in each."""
        first = self._random.randrange(self._homes)
        for nth in range(min(self._homes, 1 + self._random.randrange(3))):
            home = self._firms + (first + nth) % self._homes
            self.employ(person, home, wage=9_000 + self._random.randrange(9_000))

    def _employer(self, index: int) -> Employer:
        digits = f"{100_000 + index}"
        district = names.DISTRICTS[self._random.randrange(len(names.DISTRICTS))]
        activity, name = names.employer_name(self._random)
        if index == KORA:
            activity, name, district = "1392", "Kora Textiles", names.DISTRICTS[0]
        elif index == SECOND_OF_AMINA:
            activity, name, district = "4711", "Baraka Store", names.DISTRICTS[0]
        elif index >= self._firms:
            activity, name = _HOUSEHOLD_AS_EMPLOYER, f"Home of {name.partition(' ')[0]} {index}"
        return Employer(
            number=digits + luhn_digit(digits), name=name, activity=activity, district=district
        )

    def _kora(self, jobs: Sequence[Job]) -> list[Wage]:
        """Return Kora's declaration: everybody is named rightly but for two mistyped lines."""
        lines = [self._right(job, job.wage) for job in jobs]
        strangers = [n for n, job in enumerate(jobs) if job.person.ref.startswith("p")][:2]
        for n in strangers:
            lines[n] = Wage(
                identifier=self._mistyped(lines[n].identifier),
                name=lines[n].name,
                cents=lines[n].cents,
            )
        return lines

    def _lines(self, jobs: Sequence[Job], month: Month) -> Iterator[Wage]:
        random = self._random
        for job in jobs:
            seasons = _SEASONS.get(self.employers[job.employer].activity)
            cents = job.wage * (seasons[month.number - 1] if seasons else 1000) // 1000
            if seasons and random.randrange(100) < 20:
                continue  # no work this month
            if random.randrange(100) < 3:
                continue
            line, dice = self._right(job, cents), random.randrange(1000)
            if dice < 40:
                line = Wage(
                    identifier=line.identifier, name=names.misspelt(random, line.name), cents=cents
                )
            elif dice < 50:
                line = Wage(identifier="", name=line.name, cents=cents)
            elif dice < 60 and line.identifier:
                line = Wage(identifier=self._mistyped(line.identifier), name=line.name, cents=cents)
            elif dice < 80 and line.identifier:
                typed = f"{line.identifier[:4]}-{line.identifier[4:]} "
                line = Wage(identifier=typed, name=line.name, cents=cents)
            yield line

    @staticmethod
    def _right(job: Job, cents: int) -> Wage:
        return Wage(identifier=job.person.national_id, name=job.person.name, cents=cents)

    def _mistyped(self, identifier: str) -> str:
        """Change one digit: the check digit then never fits, so nobody else is named by it."""
        place = self._random.randrange(len(identifier))
        digit = (int(identifier[place]) + 1 + self._random.randrange(8)) % 10
        return f"{identifier[:place]}{digit}{identifier[place + 1 :]}"
