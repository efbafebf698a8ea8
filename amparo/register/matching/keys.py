"""The keys under which records meet: two people who share none are never compared.

A key is the hash of a kind and of values spelled for comparing, so a name misspelt, swapped with
the family name or married away, a birth date with its digits mixed up, or a number that one of the
two lacks, still leaves others in common. Each kind covers a way in which the rest goes wrong.
"""

from collections.abc import Iterator, Sequence
from hashlib import md5
from typing import Final

from amparo.register.matching.spelling import skeleton
from amparo.register.matching.traits import Traits

# A key that more people share than this says nothing about any of them. It is not looked at, and
# whoever asks is told: not checked is not "no duplicate".
MOST_IN_A_BLOCK: Final = 500
_MOST_GIVEN: Final = 2  # given names that each make keys of their own
# Words of an address that tell where it is: the longest, which are rarely "road" or "plot".
_TELLING: Final = 6
_MOST_WORDS: Final = 2


def keys_of(traits: Traits) -> tuple[int, ...]:
    """Return the hashes of a person's keys, each once, in order."""
    return tuple(sorted({hash_of(kind, *values) for kind, values in _keys(traits)}))


def kinds_of(traits: Traits) -> dict[int, str]:
    """Return what kind each of a person's keys is of, so that one left out can be named."""
    return {hash_of(kind, *values): kind for kind, values in _keys(traits)}


def hash_of(kind: str, *values: str) -> int:
    """Return a key's hash: the first eight bytes of MD5, as PostgreSQL computes them, too.

    It hides nothing and need not: a record is compared before anybody is told of it.
    """
    text = "|".join((kind, *values)).encode()
    digest = md5(text, usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def given_bones(traits: Traits) -> list[str]:
    """Return the skeletons of the given names that make keys."""
    return [skeleton(word) for word in traits.given_words[:_MOST_GIVEN]]


def _keys(traits: Traits) -> Iterator[tuple[str, tuple[str, ...]]]:
    for number in traits.numbers:
        yield "number", (number.rpartition("|")[2],)
    for phone in traits.phones:
        yield "phone", (phone,)
    given = given_bones(traits)
    families = [
        [skeleton(word) for word in family.split()[:_MOST_GIVEN]] for family in traits.families
    ]
    names = [*given, *(name for family in families for name in family)]
    yield from _by_birth(traits, given, families, names)
    yield from _by_home(traits, given or names, names)


def _by_home(
    traits: Traits, given: list[str], names: list[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    if traits.district is not None and names:
        yield "names and district", (*sorted(set(names)), traits.district)
        if len(traits.words) > 1:
            for name in given:
                yield "name and address", (name, *traits.words, traits.district)
    telling = sorted(
        (word for word in traits.words if len(word) >= _TELLING),
        key=lambda word: (-len(word), word),
    )
    for word in telling[:_MOST_WORDS]:
        for name in names:
            yield "name and word of the address", (name, word)
        if traits.birth is not None:
            yield "birth date and word of the address", (traits.birth, word)
    numbers = [word for word in traits.words if word.isdigit()]
    if len(numbers) > 1 and traits.birth is not None:
        yield "birth year and numbers of the address", (traits.birth[:4], *numbers)
        for number in numbers[:_MOST_WORDS]:
            yield "birth date and number of the address", (traits.birth, number)
        if given:
            yield "name and numbers of the address", (given[0], *numbers)


def _by_birth(
    traits: Traits, given: list[str], families: list[list[str]], names: list[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    birth = traits.birth
    if birth is None:
        return
    year = birth[:4]
    for name in names:
        yield "name and birth date", (name, birth)
        if not traits.is_vague:
            yield "name and mixed birth date", (name, "".join(sorted(birth)))
        if traits.district is not None:
            yield "name, birth year and district", (name, year, traits.district)
    for family in families or [[]]:
        for first in given:
            for second in family:
                yield "names and birth year", (*sorted((first, second)), year)
                yield "names and birthday", (*sorted((first, second)), birth[5:])
    yield from _by_mother(traits, given, birth)
    if traits.district is not None and traits.sex is not None and not traits.is_vague:
        yield "birth date, sex and district", (birth, traits.sex, traits.district)


def _by_mother(
    traits: Traits, given: list[str], birth: str
) -> Iterator[tuple[str, tuple[str, ...]]]:
    if traits.mother is None:
        return
    mother = first_bones(traits.mother.split())
    yield "mother and birth date", (mother, birth)
    for first in given:
        yield "name, mother and birth year", (first, mother, birth[:4])


def first_bones(words: Sequence[str]) -> str:
    """Return the skeleton of the first name of somebody: the one a child tells of its mother."""
    return skeleton(words[0]) if words else ""
