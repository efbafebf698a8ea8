"""What of a person is compared, in the one form in which it is compared."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from amparo.register.matching.spelling import latin_words, skeleton
from amparo.register.naming import identifier_form

# Country codes and leading zeros are written or left out: the end of a number tells it apart.
_OF_A_PHONE: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A person as written down, in any script.

    former_families: family names known besides the present one. mothers: full names of parents who
    are women. identifiers: kind, issuer, number, that by which they are known best first.
    """

    given_names: str = ""
    family_name: str = ""
    former_families: tuple[str, ...] = ()
    sex: str = "unknown"
    birth_date: date | None = None
    birth_precision: str = "day"
    identifiers: tuple[tuple[str, str, str], ...] = ()
    phones: tuple[str, ...] = ()
    mothers: tuple[str, ...] = ()
    district: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """A person as compared: texts in small Latin letters; None or () is unknown.

    birth: the day, an unknown part as the first. is_vague: the day is unknown, or 1 January, which
    offices write for a day nobody knows. bones: the skeleton of each word of the given names.
    number: the identifier known best, numbers: all with kind and issuer. words: of the address.
    """

    given: str | None
    given_words: tuple[str, ...]
    given_bones: str | None
    family: str | None
    families: tuple[str, ...]
    family_bones: str | None
    sex: str | None
    birth: str | None
    is_vague: bool
    number: str | None
    numbers: tuple[str, ...]
    phones: tuple[str, ...]
    mother: str | None
    district: str | None
    words: tuple[str, ...]


def traits_of(person: Described) -> Traits:
    """Bring what is written about a person into the form in which it is compared."""
    given = latin_words(person.given_names)
    family = latin_words(person.family_name)
    former = [" ".join(latin_words(name)) for name in person.former_families]
    numbers = [
        (kind, identifier_form(issuer), identifier_form(value))
        for kind, issuer, value in person.identifiers
    ]
    mother = [" ".join(latin_words(name)) for name in person.mothers]
    birth = person.birth_date
    return Traits(
        given=" ".join(given) or None,
        given_words=given,
        given_bones=_bones(given),
        family=" ".join(family) or None,
        families=_distinct([" ".join(family), *former]),
        family_bones=_bones(family),
        sex=person.sex if person.sex in {"female", "male"} else None,
        birth=birth.isoformat() if birth else None,
        is_vague=birth is not None
        and (person.birth_precision != "day" or (birth.month, birth.day) == (1, 1)),
        number=next((number for _kind, _issuer, number in numbers if number), None),
        numbers=_distinct("|".join(number) for number in numbers),
        phones=_distinct(identifier_form(phone)[-_OF_A_PHONE:] for phone in person.phones),
        mother=next(filter(None, mother), None),
        district=" ".join(latin_words(person.district)) or None,
        words=tuple(sorted(set(latin_words(person.address)))),
    )


def _bones(words: Iterable[str]) -> str | None:
    return " ".join(skeleton(word) for word in words) or None


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
