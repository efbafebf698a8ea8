"""Amparia's people, household by household.

About a quarter are children. Households are couples with children, three generations, single
parents, old couples, people alone, and children who lead a household themselves.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

from amparo.interfaces.cli.population import names
from amparo.register.identifiers import luhn_digit
from amparo.values import age_on

ADULT: Final = 18
RETIREMENT: Final = 60

# Multiplying by a number without a common factor visits every nine-digit number once.
_SPREAD: Final = 618_033_989
_NUMBERS: Final = 1_000_000_000

_BANKS: Final = ("CBXAXAXA", "UNXAXAXA", "AGXAXAXA")
_WALLET: Final = "MOXAXAXA"


@dataclass(slots=True, kw_only=True)
class Person:
    """A person as the files will state them."""

    ref: str
    given: str
    family: str
    sex: str
    birth: date
    precision: str = "day"
    national_id: str = ""
    district: str = ""
    address: str = ""
    account: tuple[str, str, str] = ("", "", "")
    household: str = ""
    role: str = "member"
    parents: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()

    @property
    def written_birth(self) -> str:
        """Return the birth date with what is known of it: 1951, 1951-04 or 1951-04-17."""
        return str(self.birth)[: {"year": 4, "month": 7, "day": 10}[self.precision]]

    def age(self, on: date) -> int:
        return age_on(birth_date=self.birth, on=on)


@dataclass(slots=True, kw_only=True)
class People:
    """The source of Amparia's people: the same seed and day, the same people."""

    random: Random
    on: date
    _persons: int = field(default=0)
    _households: int = field(default=0)
    _identifiers: int = field(default=0)

    def household(self) -> list[Person]:
        """Return one household, those who are parents before their children."""
        dice = self.random.randrange(100)
        make = next(kind for limit, kind in _KINDS if dice < limit)
        members = make(self)
        self._settle(members)
        return members

    def person(self, *, age: int, sex: str = "", family: str = "") -> Person:
        """Return a person of that age with everything of their own but a household."""
        random = self.random
        self._persons += 1
        sex = sex or ("female", "male")[random.randrange(2)]
        given, family = names.given_name(random, sex=sex), family or names.family_name(random)
        if random.randrange(100) == 0:
            given, family = names.name_in_another_script(random)
        elif random.randrange(100) == 0:
            family = ""  # a mononym
        person = Person(
            ref=f"p{self._persons:07d}",
            given=given,
            family=family,
            sex=sex,
            birth=self._birth(age),
        )
        self._blur_birth(person)
        if random.randrange(100) >= (40 if age < ADULT else 4):
            person.national_id = self._national_id()
        if age >= ADULT and random.randrange(100) < 70:
            person.account = self._account()
        return person

    def settle_cast(self, members: list[Person], *, district: str, address: str) -> None:
        """Give a household of the cast its place; its other facts are told by the story."""
        self._settle(members)
        for member in members:
            member.district, member.address = district, address
            member.precision = "day"
            member.national_id = member.national_id or self._national_id()
            if member.age(self.on) >= ADULT and not member.account[0]:
                member.account = self._account()

    def _birth(self, age: int) -> date:
        """Return a day of birth that gives the age; some are born on 29 February."""
        last = _years_before(self.on, age)
        day = last - timedelta(days=self.random.randrange(365))
        if self.random.randrange(100) < 2:
            for year in (day.year, day.year - 1, day.year + 1):
                leap_day = _leap_day(year)
                if (
                    leap_day
                    and leap_day <= self.on
                    and age_on(birth_date=leap_day, on=self.on) == age
                ):
                    return leap_day
        return day

    def _blur_birth(self, person: Person) -> None:
        """Forget the day or the month of some births, of old people's more often."""
        dice = self.random.randrange(100)
        years, months = (12, 18) if person.age(self.on) >= RETIREMENT else (1, 2)
        if dice < years:
            person.precision, person.birth = "year", person.birth.replace(month=1, day=1)
        elif dice < months:
            person.precision, person.birth = "month", person.birth.replace(day=1)

    def _national_id(self) -> str:
        self._identifiers += 1
        number = self._identifiers * _SPREAD % _NUMBERS
        digits = f"{number:09d}"
        return digits + luhn_digit(digits)

    def _account(self) -> tuple[str, str, str]:
        number = f"{self.random.randrange(_NUMBERS):09d}"
        if self.random.randrange(100) < 45:
            return "wallet", _WALLET, f"299{number}"
        return "bank", _BANKS[self.random.randrange(len(_BANKS))], f"10{number}"

    def _settle(self, members: list[Person]) -> None:
        self._households += 1
        district = names.DISTRICTS[self.random.randrange(len(names.DISTRICTS))]
        address = f"Plot {1 + self.random.randrange(900)}"
        for member in members:
            member.household = f"h{self._households:06d}"
            member.district, member.address = district, address
        members[0].role = "reference-person"

    def children_of(self, parents: list[Person], *, count: int, youngest: int = 0) -> list[Person]:
        """Return children young enough for their youngest parent."""
        oldest = min(min(parent.age(self.on) for parent in parents) - ADULT, ADULT - 1)
        refs = tuple(parent.ref for parent in parents)
        found = []
        for _nth in range(count if oldest >= youngest else 0):
            age = youngest + self.random.randrange(oldest - youngest + 1)
            child = self.person(age=age, family=parents[0].family)
            child.parents = refs
            found.append(child)
        return found


def everybody(*, people: People, count: int) -> Iterator[Person]:
    """Yield exactly so many people; the last household may be smaller than it was made."""
    left = count
    while left > 0:
        members = people.household()[:left]
        left -= len(members)
        yield from members


def _couple(people: People, *, youngest: int, oldest: int) -> list[Person]:
    age = youngest + people.random.randrange(oldest - youngest + 1)
    first = people.person(age=age, sex="male")
    second = people.person(
        age=max(ADULT, age - people.random.randrange(8)), sex="female", family=first.family
    )
    return [first, second]


def _family(people: People) -> list[Person]:
    parents = _couple(people, youngest=20, oldest=55)
    return [*parents, *people.children_of(parents, count=people.random.randrange(4))]


def _three_generations(people: People) -> list[Person]:
    grandmother = people.person(age=62 + people.random.randrange(25), sex="female")
    parents = _couple(people, youngest=24, oldest=40)
    parents[0].parents = (grandmother.ref,)
    parents[0].family = grandmother.family
    return [grandmother, *parents, *people.children_of(parents, count=people.random.randrange(4))]


def _single_parent(people: People) -> list[Person]:
    parent = people.person(age=20 + people.random.randrange(30), sex="female")
    return [parent, *people.children_of([parent], count=1 + people.random.randrange(2))]


def _old_couple(people: People) -> list[Person]:
    return _couple(people, youngest=56, oldest=88)


def _alone(people: People) -> list[Person]:
    return [people.person(age=ADULT + people.random.randrange(72))]


def _young_adults(people: People) -> list[Person]:
    return [
        people.person(age=ADULT + people.random.randrange(12))
        for _nth in range(2 + people.random.randrange(3))
    ]


def _led_by_a_child(people: People) -> list[Person]:
    family = names.family_name(people.random)
    eldest = people.person(age=14 + people.random.randrange(4), family=family)
    return [
        eldest,
        *(
            people.person(age=3 + people.random.randrange(10), family=family)
            for _nth in range(1 + people.random.randrange(3))
        ),
    ]


# Of a hundred households: the limit below which the dice choose the kind.
_KINDS: Final[tuple[tuple[int, Callable[[People], list[Person]]], ...]] = (
    (38, _family),
    (51, _three_generations),
    (61, _single_parent),
    (75, _old_couple),
    (88, _alone),
    (99, _young_adults),
    (100, _led_by_a_child),
)


def _years_before(day: date, years: int) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year - years, 2, 28)
    return day.replace(year=day.year - years)


def _leap_day(year: int) -> date | None:
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return date(year, 2, 29) if is_leap else None
