"""People of Amparia of whom some are written down twice, as offices write them down.

It knows nothing of how records are matched: what goes wrong here follows what is told of registers,
and is not to be changed for a better figure. Four of five mistyped words have one mistake: a
letter wrong, missing, too many, or swapped with its neighbour (Damerau 1964). Offices write 1
January where nobody knows the day. Names are heard and written as they sound, in one script or
another; one of two names is left out; family and given name change places; women take another name
when they marry; twins live at one address with numbers that follow each other; whole households
share a telephone. Two thirds of the second records bear no identifier. The shares are ours, of the
size that Christen (Data Matching, 2012) reports for administrative records.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Final

from amparo.interfaces.cli.population import names
from amparo.interfaces.cli.population.people import ADULT, People, Person
from amparo.register.identifiers import luhn_digit
from amparo.register.matching.traits import Described

# As their bearers write them in Latin letters, which is not letter by letter.
_IN_LATIN: Final[Mapping[str, str]] = {
    "فاطمة": "Fatima", "الزهراء": "Alzahra", "يوسف": "Yusuf", "حداد": "Haddad",
    "ሰላም": "Selam", "ተስፋዬ": "Tesfaye", "ዳዊት": "Dawit", "ኃይሌ": "Haile",
    "សុខា": "Sokha", "ចាន់": "Chan", "មករា": "Makara", "សុខ": "Sok",
    "Ελένη": "Eleni", "Μαύρου": "Mavrou", "Зарина": "Zarina", "Каримова": "Karimova",
}  # fmt: skip
# Two ways to write one sound.
_SOUNDS: Final = (
    ("ou", "u"), ("ch", "tch"), ("sh", "ch"), ("k", "c"), ("y", "i"), ("w", "u"), ("f", "ph"),
    ("z", "s"), ("j", "dj"), ("ss", "s"), ("ll", "l"), ("mm", "m"), ("é", "e"), ("i", "ee"),
    ("h", ""), ("q", "k"), ("d", "dd"), ("o", "u"), ("e", "i"), ("b", "bb"),
)  # fmt: skip
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_TWINS_OF_1000: Final = 12
_FIRST_OF_JANUARY_OF_100: Final = 12
_TWICE_OF_100: Final = 28
_THRICE_OF_100: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A record: whose it truly is, of which sex they truly are, and what was written down."""

    person: int
    sex: str
    described: Described


def records(*, seed: int, count: int, on: date) -> Iterator[Written]:
    """Yield about so many records; the same seed and day, the same records."""
    random = Random(seed)  # noqa: S311 — made-up people, no secret
    people = People(random=random, on=on)
    person = written = 0
    while written < count:
        household = _with_twins(people, people.household())
        phone = f"299{random.randrange(1_000_000_000):09d}"
        mothers = {each.ref: each.name for each in household if each.sex == "female"}
        for member in household:
            first = _first(random, member, phone, mothers, on)
            twice = random.randrange(100)
            times = 1 + (twice < _TWICE_OF_100) + (twice < _THRICE_OF_100)
            for nth in range(times):
                described = first if nth == 0 else _again(random, first, member, on)
                yield Written(person=person, sex=member.sex, described=described)
                written += 1
            person += 1


def _with_twins(people: People, household: list[Person]) -> list[Person]:
    """Give some children a twin: born the same day, with the number that follows."""
    twins = []
    for child in household:
        if child.parents and people.random.randrange(1000) < _TWINS_OF_1000 * 2:
            twin = people.person(age=child.age(people.on), family=child.family)
            twin.birth, twin.precision = child.birth, child.precision
            twin.parents, twin.household = child.parents, child.household
            twin.district, twin.address = child.district, child.address
            if child.national_id:
                digits = f"{int(child.national_id[:-1]) + 1:09d}"[-9:]
                twin.national_id = digits + luhn_digit(digits)
            twins.append(twin)
    return [*household, *twins]


def _first(
    random: Random, person: Person, phone: str, mothers: Mapping[str, str], on: date
) -> Described:
    birth, precision = person.birth, person.precision
    if random.randrange(100) < _FIRST_OF_JANUARY_OF_100:
        birth, precision = birth.replace(month=1, day=1), "day"
    known = [mothers[ref] for ref in person.parents if ref in mothers]
    if not known and random.randrange(100) < 25:
        known = [f"{names.given_name(random, sex='female')} {names.family_name(random)}"]
    return Described(
        given_names=person.given,
        family_name=person.family,
        sex=person.sex,
        birth_date=birth,
        birth_precision=precision,
        identifiers=(("national-id", "XA", person.national_id),) if person.national_id else (),
        phones=(phone,) if random.randrange(100) < 55 else (),
        mothers=tuple(known[:1]),
        district=person.district,
        address=person.address,
    )


# --- the second time ----------------------------------------------------------------------------


def _again(random: Random, first: Described, person: Person, on: date) -> Described:
    """Write a person down once more, at another counter, some time later."""
    again = replace(
        first,
        given_names=_given_again(random, first.given_names),
        family_name=_family_again(random, first.family_name, person, on),
        identifiers=_identifiers_again(random, first),
        mothers=tuple(_misheard(random, name, 12) for name in first.mothers)
        if random.randrange(100) < 60
        else (),
    )
    again = _latin(random, again)
    again = _born_again(random, again, on)
    again = _home_again(random, again)
    if random.randrange(100) < 3:
        again = replace(again, given_names=again.family_name, family_name=again.given_names)
    if random.randrange(100) < 1:
        again = replace(again, sex={"female": "male", "male": "female"}.get(again.sex, again.sex))
    elif random.randrange(100) < 1:
        again = replace(again, sex="unknown")
    return again


def _given_again(random: Random, given: str) -> str:
    words = given.split()
    if len(words) > 1 and random.randrange(100) < 30:
        return _misheard(random, words[random.randrange(2)], 12)
    if len(words) == 1 and random.randrange(100) < 4:
        return f"{given} {names.given_name(random, sex='female')}"
    if len(given) > 1 and random.randrange(100) < 1:
        return f"{given[0]}."
    return _misheard(random, given, 20)


def _family_again(random: Random, family: str, person: Person, on: date) -> str:
    if person.sex == "female" and person.age(on) >= ADULT and random.randrange(100) < 12:
        other = names.family_name(random)
        return f"{family}-{other}" if family and random.randrange(100) < 25 else other
    return _misheard(random, family, 16)


def _misheard(random: Random, name: str, of_100: int) -> str:
    """Return a name misspelt in so many cases of a hundred: half by the ear, half by the hand."""
    if len(name) < 3 or random.randrange(100) >= of_100:
        return name
    if random.randrange(2):
        found = [(one, other) for one, other in _SOUNDS if one in name.lower()]
        if found:
            one, other = found[random.randrange(len(found))]
            return name.lower().replace(one, other, 1).title()
    wrong = _mistyped(random, name)
    return _mistyped(random, wrong) if random.randrange(100) < 20 else wrong


def _mistyped(random: Random, text: str) -> str:
    place = random.randrange(len(text))
    letter = _LETTERS[random.randrange(len(_LETTERS))]
    match random.randrange(4):
        case 0:
            return text[:place] + letter + text[place + 1 :]
        case 1 if len(text) > 2:
            return text[:place] + text[place + 1 :]
        case 2 if place + 1 < len(text):
            return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        case _:
            return text[:place] + letter + text[place:]


def _latin(random: Random, person: Described) -> Described:
    """Write a name of another script in Latin letters, as half of the offices do."""
    if person.given_names not in _IN_LATIN or random.randrange(2):
        return person
    return replace(
        person,
        given_names=_IN_LATIN[person.given_names],
        family_name=_IN_LATIN.get(person.family_name, person.family_name),
    )


def _identifiers_again(random: Random, first: Described) -> tuple[tuple[str, str, str], ...]:
    if not first.identifiers or random.randrange(3):
        return ()
    kind, issuer, value = first.identifiers[0]
    if random.randrange(100) < 4:
        place = random.randrange(len(value))
        value = value[:place] + str(random.randrange(10)) + value[place + 1 :]
    return ((kind, issuer, value),)


def _born_again(random: Random, person: Described, on: date) -> Described:
    birth = person.birth_date
    if birth is None or person.birth_precision != "day":
        return person
    day, precision = _birth_again(random, birth)
    if day is not None and day > on:
        return person  # every office would notice
    return replace(person, birth_date=day, birth_precision=precision)


def _birth_again(random: Random, birth: date) -> tuple[date | None, str]:
    """Return what another office writes: mixed up, of a year or day nearby, or only the year."""
    dice = random.randrange(100)
    if dice < 2 and birth.day <= 12:
        return date(birth.year, birth.day, birth.month), "day"
    if dice < 5:
        return _year_off(birth, random.choice((-1, 1, -10, 10, 2))), "day"
    if dice < 8:
        return birth + timedelta(days=random.choice((-1, 1, 10, -10))), "day"
    if dice < 14:
        return birth.replace(month=1, day=1), "day" if dice < 11 else "year"
    return (None if dice < 15 else birth), "day"


def _year_off(birth: date, years: int) -> date:
    return date(birth.year + years, birth.month, min(birth.day, 28))


def _home_again(random: Random, person: Described) -> Described:
    number = person.address.removeprefix("Plot ")
    phones = person.phones if random.randrange(100) < 60 else ()
    if not phones and random.randrange(100) < 40:
        phones = (f"299{random.randrange(1_000_000_000):09d}",)
    if random.randrange(100) < 20:
        place = names.DISTRICTS[random.randrange(len(names.DISTRICTS))]
        home = f"Plot {1 + random.randrange(900)}"
        return replace(person, district=place, address=home, phones=phones)
    forms = (f"Plot {number}", f"Plot {number}", f"No. {number}", f"{number}", "")
    address = forms[random.randrange(len(forms))]
    district = _misheard(random, person.district, 3)
    return replace(person, district=district, address=address, phones=phones)
