"""The people of Amparia, an invented republic, written as the files an institution receives.

Deterministic: the same seed, size and day give the same files to the byte, on every machine.
Nothing here knows the database; the files come in by the ordinary imports, and the claims are made
by the ordinary operations.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Final

from amparo.interfaces.cli.population.people import RETIREMENT, People, Person, everybody
from amparo.interfaces.cli.population.work import (
    KORA,
    OLD_AGE,
    SECOND_OF_AMINA,
    Employer,
    Wage,
    Work,
)
from amparo.values import Month, month_starts

AMINA: Final = "amina"
JOSEFA: Final = "josefa"
TOMASI: Final = "tomasi"

SOCIAL_PENSION_AGE: Final = 65
CHILD_GRANT_BELOW: Final = 6

_PERSON_COLUMNS: Final = (
    "person_ref",
    "given_names",
    "family_name",
    "sex",
    "birth_date",
    "birth_precision",
    "national_id",
    "district",
    "address",
    "payment_kind",
    "payment_provider",
    "payment_account",
    "household_ref",
    "household_role",
    "parent_refs",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedClaim:
    """A claim somebody in Amparia makes.

    person_ref: as in persons.csv; the import's numbers file tells the person number.
    benefit: "old-age", "social-pension" or "child-grant".
    contingency_on: the day the right depends on.
    expected: "granted", "refused" or "undetermined": why this person is in the list; the rule packs
    decide, not this list.
    """

    person_ref: str
    benefit: str
    contingency_on: date
    expected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Amparia:
    """The files written. declarations: one for each month, the oldest first.

    late_declaration: Kora's for March 2019, filed late, in which Amina's identifier is mistyped.
    """

    persons: Path
    employers: Path
    employments: Path
    history: Path
    declarations: tuple[Path, ...]
    late_declaration: Path
    claims_file: Path
    claims: tuple[PlannedClaim, ...]
    person_count: int
    employer_count: int
    wage_line_count: int


def write_population(
    *, folder: Path, persons: int = 5_000, seed: int = 1, on: date, months: int = 6
) -> Amparia:
    """Write Amparia as it is on a day, with the declarations of the `months` before it."""
    random = Random(seed)  # noqa: S311 — no secret: the same seed must give the same people
    folder.mkdir(parents=True, exist_ok=True)
    people = People(random=random, on=on)
    work = Work(random=random, on=on, persons=persons)
    claims = _Claims(on=on, persons=persons)
    last = Month.of(on).previous()
    first = last
    for _nth in range(months - 1):
        first = first.previous()

    cast = _cast(people, work)
    written = {name: folder / f"{name}.csv" for name in _FILES}
    everyone = _meet(cast, people, count=persons, work=work, claims=claims)
    person_count = _write(
        written["persons"], _PERSON_COLUMNS, (_person_cells(person) for person in everyone)
    )
    _write(
        written["employers"],
        ("number", "name", "activity", "district"),
        ((e.number, e.name, e.activity, e.district) for e in work.employers),
    )
    _write(
        written["employments"],
        ("employer_number", "national_id", "starts_on", "ends_before", "occupation"),
        (
            (
                work.employers[job.employer].number,
                job.person.national_id,
                job.starts_on,
                job.ends_before or "",
                job.occupation,
            )
            for job in work.jobs
            if job.person.national_id
        ),
    )
    _write(
        written["history"],
        ("national_id", "scheme", "year", "months", "earnings"),
        (
            (national_id, OLD_AGE, year, count, _amount(cents))
            for national_id, year, count, cents in _history(work, claims, until=first)
        ),
    )
    lines = 0
    declarations = []
    for month in month_starts(first=first, last=last):
        path = folder / f"declarations-{month}.csv"
        lines += _write_declarations(path, month, work.declarations(month=month, last=last))
        declarations.append(path)
    late = _late(cast, work, folder)
    _write(
        written["claims"],
        ("person_ref", "benefit", "contingency_on", "expected"),
        ((c.person_ref, c.benefit, c.contingency_on, c.expected) for c in claims.planned),
    )
    return Amparia(
        persons=written["persons"],
        employers=written["employers"],
        employments=written["employments"],
        history=written["history"],
        declarations=tuple(declarations),
        late_declaration=late,
        claims_file=written["claims"],
        claims=tuple(claims.planned),
        person_count=person_count,
        employer_count=len(work.employers),
        wage_line_count=lines,
    )


_FILES: Final = ("persons", "employers", "employments", "history", "claims")


# --- the cast ---------------------------------------------------------------------------------


def _cast(people: People, work: Work) -> list[Person]:
    """Make the people of the demonstration's story, with what the story says of them."""
    amina, husband = (
        _named(people, AMINA, "Amina", "Wekesa", "female", 63),
        people.person(age=66, sex="male", family="Wekesa"),
    )
    people.settle_cast([amina, husband], district="Kora", address="Loom Street 12")
    josefa = _named(people, JOSEFA, "Josefa", "Ndemba", "female", 70)
    grandchild = people.person(age=9, sex="male", family="Ndemba")
    people.settle_cast([josefa, grandchild], district="Highland North", address="Upper village")
    tomasi = _named(people, TOMASI, "Tomasi", "Kalawe", "male", 37)
    tomasi.birth = _leap_birth(people.on)
    daughter = people.person(age=2, sex="female", family="Kalawe")
    daughter.parents = (TOMASI,)
    people.settle_cast([tomasi, daughter], district="Old Port", address="Jetty Road 3")
    work.employ(amina, KORA, wage=61_250)
    work.employ(amina, SECOND_OF_AMINA, wage=18_400)
    return [amina, husband, josefa, grandchild, tomasi, daughter]


def _named(people: People, ref: str, given: str, family: str, sex: str, age: int) -> Person:
    person = people.person(age=age, sex=sex, family=family)
    person.ref, person.given, person.family = ref, given, family
    return person


def _leap_birth(on: date) -> date:
    """Return the 29 February that makes somebody 34 to 38 years old."""
    return next(date(year, 2, 29) for year in range(on.year - 38, on.year) if year % 4 == 0)


def _late(cast: list[Person], work: Work, folder: Path) -> Path:
    """Write Kora's declaration for March 2019, two digits of Amina's identifier swapped."""
    amina = cast[0]
    digits = amina.national_id
    place = next(n for n in range(len(digits) - 1) if digits[n] != digits[n + 1])
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    path = folder / "declarations-2019-03-late.csv"
    line = Wage(identifier=swapped, name=amina.name, cents=48_000)
    _write_declarations(path, Month(2019, 3), [(work.employers[KORA], [line])])
    return path


# --- claims -----------------------------------------------------------------------------------


_PENSIONER: Final = ("old-age", "granted")
# The first line whose limit lies above the age says what somebody of that age claims.
_BY_AGE: Final[tuple[tuple[int, tuple[str, str] | None], ...]] = (
    (CHILD_GRANT_BELOW, ("child-grant", "granted")),
    (16, None),
    (18, ("child-grant", "refused")),
    (45, None),
    (55, ("old-age", "refused")),
    (RETIREMENT, ("social-pension", "refused")),
    (SOCIAL_PENSION_AGE, _PENSIONER),
    (130, ("social-pension", "granted")),
)


class _Claims:
    """Who should claim what, chosen while people are made."""

    def __init__(self, *, on: date, persons: int) -> None:
        self._on = on
        self._left = {
            ("old-age", "granted"): max(3, persons // 80),
            ("old-age", "refused"): max(1, persons // 500),
            ("social-pension", "granted"): max(3, persons // 40),
            ("social-pension", "refused"): max(1, persons // 500),
            ("child-grant", "granted"): max(3, persons // 40),
            ("child-grant", "refused"): max(1, persons // 500),
            ("child-grant", "undetermined"): max(1, persons // 500),
        }
        self.planned: list[PlannedClaim] = []
        self.retired: list[Person] = []

    def consider(self, person: Person) -> None:
        """Let a person claim what fits their age, as long as such claims are wanted."""
        fitting = self._fitting(person)
        if fitting is not None and self._plan(person, *fitting) and fitting == _PENSIONER:
            self.retired.append(person)

    def _fitting(self, person: Person) -> tuple[str, str] | None:
        """Return the benefit to claim, and what to expect: by age, and by what is known of it."""
        if person.ref == JOSEFA:
            return "social-pension", "refused"
        age = person.age(self._on)
        if person.precision != "day":
            return ("child-grant", "undetermined") if age < CHILD_GRANT_BELOW else None
        fitting = next((fit for limit, fit in _BY_AGE if age < limit), None)
        if fitting == _PENSIONER and not person.national_id:
            return None
        is_paid = fitting is not None and fitting[1] == "granted" and age >= RETIREMENT
        return None if is_paid and not person.account[0] else fitting

    def _plan(self, person: Person, benefit: str, expected: str) -> bool:
        if not self._left[benefit, expected]:
            return False
        self._left[benefit, expected] -= 1
        self.planned.append(
            PlannedClaim(
                person_ref=person.ref,
                benefit=benefit,
                contingency_on=self._on.replace(day=1),
                expected=expected,
            )
        )
        return True


def _meet(
    cast: list[Person], people: People, *, count: int, work: Work, claims: _Claims
) -> Iterator[Person]:
    """Yield everybody, offering each work and a claim on the way: nobody is kept without need."""
    for person in cast:
        claims.consider(person)
        yield person
    for person in everybody(people=people, count=count - len(cast)):
        work.offer(person)
        claims.consider(person)
        yield person


def _history(work: Work, claims: _Claims, *, until: Month) -> Iterator[tuple[str, int, int, int]]:
    """Yield the years of those who work, then of those who retired and claim."""
    working = set()
    for year in work.history(until=until):
        working.add(year[0])
        yield year
    for person in claims.retired:
        if person.national_id not in working:
            yield from work.career(person, wage=52_000, until=until)


# --- files ------------------------------------------------------------------------------------


def _person_cells(person: Person) -> tuple[str, ...]:
    return (
        person.ref,
        person.given,
        person.family,
        person.sex,
        person.written_birth,
        person.precision,
        person.national_id,
        person.district,
        person.address,
        *person.account,
        person.household,
        person.role,
        "|".join(person.parents),
    )


def _write_declarations(
    path: Path, month: Month, declared: Iterable[tuple[Employer, list[Wage]]]
) -> int:
    return _write(
        path,
        (
            "employer_number",
            "month",
            "declared_lines",
            "declared_total",
            "national_id",
            "name",
            "wage",
        ),
        (
            (
                employer.number,
                month,
                len(lines),
                _amount(sum(line.cents for line in lines)),
                line.identifier,
                line.name,
                _amount(line.cents),
            )
            for employer, lines in declared
            for line in lines
        ),
    )


def _write(path: Path, header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> int:
    """Write a table; return how many rows it has."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(header)
        for row in rows:
            table.writerow(row)
            count += 1
    return count


def _amount(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
