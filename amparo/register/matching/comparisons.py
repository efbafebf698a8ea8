"""What is compared and in which steps: each step once as a question in Python, once in SQL.

The sweep asks in SQL, the check at the counter in Python; the weights of a model belong to the
steps, and a test holds that both give every pair the same weight. The first step that is true
counts; the last is true of every pair. A step of weight None says that nothing can be compared.

In SQL the columns of the two records end in `_l` and `_r`; they are the fields of `Traits`, lists
never NULL.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from amparo.register.matching.spelling import damerau_levenshtein, jaro_winkler
from amparo.register.matching.traits import Traits

ELSE: Final = "ELSE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One way in which two records can agree or differ.

    frequency: the field whose rarity counts where it is equal. says: "agrees", "resembles",
    "differs" or "unknown", for whoever compares. is_weighed: False where another comparison counts
    it already. until_learnt: the step it counts as while nobody in training was ever met in it.
    """

    name: str
    says: str
    sql: str
    holds: Callable[[Traits, Traits], bool]
    frequency: str = ""
    is_weighed: bool = True
    until_learnt: str = ""

    @property
    def is_unknown(self) -> bool:
        return self.says == "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A part of a record, compared in steps; the first that holds counts."""

    name: str
    steps: tuple[Step, ...]

    def step(self, left: Traits, right: Traits) -> int:
        """Return the number of the first step that holds."""
        return next(n for n, step in enumerate(self.steps) if step.holds(left, right))

    def equal(self, frequency: str) -> Step:
        """Return the step that asks only whether a field is equal: it tells how often it is."""
        asked = f"{frequency}_l = {frequency}_r"
        return next(step for step in self.steps if step.sql == asked)


def _always(_left: Traits, _right: Traits) -> bool:
    return True


def _otherwise() -> Step:
    return Step(name="different", says="differs", sql=ELSE, holds=_always)


def _like(first: str | None, second: str | None, at_least: float) -> bool:
    return first is not None and second is not None and jaro_winkler(first, second) >= at_least


# Where somebody lives, how they are called in their family and who bore them depend on each other:
# whoever shares one mostly shares the rest, brothers and sisters as much as one person written down
# twice. Weighed one by one they would count thrice; so they are one comparison.


def _has_long_address(left: Traits, right: Traits) -> bool:
    """An address of many words tells one home from all others; "plot 12" does not."""
    return _shared_words(left, right) >= 4


def _is_home(left: Traits, right: Traits) -> bool:
    return (
        not set(left.phones).isdisjoint(right.phones)
        or (bool(left.words) and left.words == right.words and left.district == right.district)
        or _shared_words(left, right) >= 3
    )


def _is_near(left: Traits, right: Traits) -> bool:
    return _like(left.district, right.district, 0.9)


def _has_family(left: Traits, right: Traits) -> bool:
    return not set(left.families).isdisjoint(right.families)


def _has_like_family(left: Traits, right: Traits) -> bool:
    if left.family is None or right.family is None:
        return False
    return (
        (left.family_bones == right.family_bones and _like(left.family, right.family, 0.7))
        or _like(left.family, right.family, 0.88)
        or not set(left.family.split()).isdisjoint(right.family.split())
    )


def _has_mother(left: Traits, right: Traits) -> bool:
    return _like(left.mother, right.mother, 0.85)


def _is_swapped(left: Traits, right: Traits) -> bool:
    crossed = ((left.given, right.family), (right.given, left.family))
    return any(one is not None and one == other for one, other in crossed)


def _shared_words(left: Traits, right: Traits) -> int:
    return len(set(left.words) & set(right.words))


_ADDRESS_SQL: Final = "len(list_intersect(words_l, words_r)) >= 4"
_HOME_SQL: Final = (
    "coalesce(list_has_any(phones_l, phones_r)"
    " OR (len(words_l) > 0 AND words_l = words_r AND district_l IS NOT DISTINCT FROM district_r)"
    " OR len(list_intersect(words_l, words_r)) >= 3, false)"
)
_NEAR_SQL: Final = "coalesce(jaro_winkler_similarity(district_l, district_r) >= 0.9, false)"
_FAMILY_SQL: Final = "list_has_any(families_l, families_r)"
_LIKE_FAMILY_SQL: Final = (
    "coalesce((family_bones_l = family_bones_r"
    " AND jaro_winkler_similarity(family_l, family_r) >= 0.7)"
    " OR jaro_winkler_similarity(family_l, family_r) >= 0.88"
    " OR list_has_any(string_split(family_l, ' '), string_split(family_r, ' ')), false)"
)
_MOTHER_SQL: Final = "coalesce(jaro_winkler_similarity(mother_l, mother_r) >= 0.85, false)"
_SWAPPED_SQL: Final = "(coalesce(given_l = family_r, false) OR coalesce(given_r = family_l, false))"

_Part: TypeAlias = tuple[str, Callable[[Traits, Traits], bool]]
_ADDRESS: Final[_Part] = (_ADDRESS_SQL, _has_long_address)
_HOME: Final[_Part] = (_HOME_SQL, _is_home)
_NEAR: Final[_Part] = (_NEAR_SQL, _is_near)
_SAME_FAMILY: Final[_Part] = (_FAMILY_SQL, _has_family)
_LIKE_FAMILY: Final[_Part] = (_LIKE_FAMILY_SQL, _has_like_family)
_MOTHER: Final[_Part] = (_MOTHER_SQL, _has_mother)
_SWAPPED: Final[_Part] = (_SWAPPED_SQL, _is_swapped)


def _all_of(
    name: str,
    says: str,
    *parts: _Part,
    frequency: str = "",
    is_weighed: bool = True,
    until_learnt: str = "",
) -> Step:
    """Return the step that holds where each of its parts does."""
    questions = tuple(question for _sql, question in parts)
    return Step(
        name=name,
        says=says,
        sql=" AND ".join(sql for sql, _question in parts),
        holds=lambda left, right: all(question(left, right) for question in questions),
        frequency=frequency,
        is_weighed=is_weighed,
        until_learnt=until_learnt,
    )


_FAMILY_AND_HOME: Final = Comparison(
    name="kin",
    steps=(
        Step(
            name="unknown",
            says="unknown",
            sql="(family_l IS NULL OR family_r IS NULL)"
            " AND (district_l IS NULL OR district_r IS NULL)"
            " AND (len(phones_l) = 0 OR len(phones_r) = 0)",
            holds=lambda left, right: (
                (left.family is None or right.family is None)
                and (left.district is None or right.district is None)
                and (not left.phones or not right.phones)
            ),
        ),
        _all_of("family-address", "agrees", _SAME_FAMILY, _ADDRESS, until_learnt="family-home"),
        _all_of(
            "like-family-address",
            "resembles",
            _LIKE_FAMILY,
            _ADDRESS,
            until_learnt="like-family-home",
        ),
        _all_of("family-home-mother", "agrees", _SAME_FAMILY, _HOME, _MOTHER),
        _all_of("family-home", "agrees", _SAME_FAMILY, _HOME),
        _all_of("like-family-home", "resembles", _LIKE_FAMILY, _HOME),
        _all_of("family-mother", "agrees", _SAME_FAMILY, _MOTHER, frequency="family"),
        _all_of("family-near", "agrees", _SAME_FAMILY, _NEAR, frequency="family"),
        Step(
            name="family",
            says="resembles",
            sql="family_l = family_r",
            holds=lambda left, right: left.family is not None and left.family == right.family,
            frequency="family",
        ),
        _all_of("former-family", "resembles", _SAME_FAMILY, until_learnt="family"),
        _all_of("like-family-mother", "resembles", _LIKE_FAMILY, _MOTHER),
        _all_of("like-family-near", "resembles", _LIKE_FAMILY, _NEAR),
        _all_of("like-family", "resembles", _LIKE_FAMILY),
        _all_of("swapped-address", "resembles", _SWAPPED, _ADDRESS, until_learnt="swapped-home"),
        _all_of("swapped-home", "resembles", _SWAPPED, _HOME),
        _all_of("swapped-near", "resembles", _SWAPPED, _NEAR),
        _all_of("swapped", "resembles", _SWAPPED),
        _all_of("address", "resembles", _ADDRESS, until_learnt="home"),
        _all_of("home-mother", "resembles", _HOME, _MOTHER),
        _all_of("home", "resembles", _HOME),
        _all_of("mother", "resembles", _MOTHER),
        _all_of("near", "resembles", _NEAR),
        _otherwise(),
    ),
)


_GIVEN: Final = Comparison(
    name="given",
    steps=(
        Step(
            name="unknown",
            says="unknown",
            sql="given_l IS NULL OR given_r IS NULL",
            holds=lambda left, right: left.given is None or right.given is None,
        ),
        Step(
            name="same",
            says="agrees",
            sql="given_l = given_r",
            holds=lambda left, right: left.given == right.given,
            frequency="given",
        ),
        Step(
            name="same-sound",
            says="resembles",
            sql="given_bones_l = given_bones_r"
            " AND jaro_winkler_similarity(given_l, given_r) >= 0.7",
            holds=lambda left, right: (
                left.given_bones == right.given_bones and _like(left.given, right.given, 0.7)
            ),
        ),
        Step(
            name="close",
            says="resembles",
            sql="jaro_winkler_similarity(given_l, given_r) >= 0.9",
            holds=lambda left, right: _like(left.given, right.given, 0.9),
        ),
        Step(
            name="swapped",
            says="resembles",
            sql=_SWAPPED_SQL,
            holds=_is_swapped,
            is_weighed=False,  # with the family name
        ),
        Step(
            name="one-name",
            says="resembles",
            sql="list_has_any(given_words_l, given_words_r)",
            holds=lambda left, right: not set(left.given_words).isdisjoint(right.given_words),
        ),
        Step(
            name="somewhat",
            says="resembles",
            sql="jaro_winkler_similarity(given_l, given_r) >= 0.8",
            holds=lambda left, right: _like(left.given, right.given, 0.8),
        ),
        _otherwise(),
    ),
)


def _birth_distance(left: Traits, right: Traits) -> int:
    return damerau_levenshtein(left.birth or "", right.birth or "")


def _is_vague(left: Traits, right: Traits) -> bool:
    return left.is_vague or right.is_vague


def _turned(birth: str | None) -> str:
    """Return a date with day and month in each other's place."""
    return f"{(birth or '')[:5]}{(birth or '')[8:]}-{(birth or '')[5:7]}"


def _years_apart(left: Traits, right: Traits) -> int:
    return abs(int((left.birth or "0000")[:4]) - int((right.birth or "0000")[:4]))


_SAME_YEAR: Final = "substr(birth_l, 1, 4) = substr(birth_r, 1, 4)"
_TURNED: Final = (
    "birth_l = substr(birth_r, 1, 5) || substr(birth_r, 9) || '-' || substr(birth_r, 6, 2)"
)

_BIRTH: Final = Comparison(
    name="birth",
    steps=(
        Step(
            name="unknown",
            says="unknown",
            sql="birth_l IS NULL OR birth_r IS NULL",
            holds=lambda left, right: left.birth is None or right.birth is None,
        ),
        Step(
            name="same",
            says="agrees",
            sql="birth_l = birth_r AND NOT (is_vague_l OR is_vague_r)",
            holds=lambda left, right: left.birth == right.birth and not _is_vague(left, right),
        ),
        Step(
            name="same-vague",
            says="agrees",
            sql="birth_l = birth_r",
            holds=lambda left, right: left.birth == right.birth,
        ),
        Step(
            name="one-digit",
            says="resembles",
            sql="NOT (is_vague_l OR is_vague_r)"
            f" AND (damerau_levenshtein(birth_l, birth_r) <= 1 OR {_TURNED})",
            holds=lambda left, right: (
                not _is_vague(left, right)
                and (_birth_distance(left, right) <= 1 or left.birth == _turned(right.birth))
            ),
        ),
        Step(
            name="year-vague",
            says="resembles",
            sql=f"(is_vague_l OR is_vague_r) AND {_SAME_YEAR}",
            holds=lambda left, right: _is_vague(left, right) and _years_apart(left, right) == 0,
        ),
        Step(
            name="two-digits",
            says="resembles",
            sql="damerau_levenshtein(birth_l, birth_r) <= 2",
            holds=lambda left, right: _birth_distance(left, right) <= 2,
        ),
        Step(
            name="year",
            says="resembles",
            sql=_SAME_YEAR,
            holds=lambda left, right: _years_apart(left, right) == 0,
        ),
        Step(
            name="near-vague",
            says="resembles",
            sql="(is_vague_l OR is_vague_r) AND"
            " abs(substr(birth_l, 1, 4)::INTEGER - substr(birth_r, 1, 4)::INTEGER) <= 2",
            holds=lambda left, right: _is_vague(left, right) and _years_apart(left, right) <= 2,
        ),
        _otherwise(),
    ),
)


def _number_distance(left: Traits, right: Traits) -> int:
    return damerau_levenshtein(left.number or "", right.number or "")


def _has_like_given(left: Traits, right: Traits) -> bool:
    """Twins have numbers that follow each other: a digit mistyped goes with a name alike."""
    return left.given is None or right.given is None or _like(left.given, right.given, 0.7)


_LIKE_GIVEN_SQL: Final = "coalesce(jaro_winkler_similarity(given_l, given_r) >= 0.7, true)"

_NUMBER: Final = Comparison(
    name="number",
    steps=(
        Step(
            name="unknown",
            says="unknown",
            sql="(number_l IS NULL OR number_r IS NULL) AND NOT list_has_any(numbers_l, numbers_r)",
            holds=lambda left, right: (
                (left.number is None or right.number is None)
                and set(left.numbers).isdisjoint(right.numbers)
            ),
        ),
        Step(
            name="same",
            says="agrees",
            sql="list_has_any(numbers_l, numbers_r)",
            holds=lambda left, right: not set(left.numbers).isdisjoint(right.numbers),
        ),
        Step(
            name="one-digit",
            says="resembles",
            sql=f"damerau_levenshtein(number_l, number_r) <= 1 AND {_LIKE_GIVEN_SQL}",
            holds=lambda left, right: (
                _number_distance(left, right) <= 1 and _has_like_given(left, right)
            ),
        ),
        Step(
            name="two-digits",
            says="resembles",
            sql=f"damerau_levenshtein(number_l, number_r) <= 2 AND {_LIKE_GIVEN_SQL}",
            holds=lambda left, right: (
                _number_distance(left, right) <= 2 and _has_like_given(left, right)
            ),
        ),
        _otherwise(),
    ),
)

_SEX: Final = Comparison(
    name="sex",
    steps=(
        Step(
            name="unknown",
            says="unknown",
            sql="sex_l IS NULL OR sex_r IS NULL",
            holds=lambda left, right: left.sex is None or right.sex is None,
        ),
        Step(
            name="same",
            says="agrees",
            sql="sex_l = sex_r",
            holds=lambda left, right: left.sex == right.sex,
        ),
        _otherwise(),
    ),
)

# Another mother speaks against; the same one is weighed with family and home.
_OTHER_MOTHER: Final = Comparison(
    name="mother",
    steps=(
        Step(
            name="unknown",
            says="unknown",
            sql="mother_l IS NULL OR mother_r IS NULL",
            holds=lambda left, right: left.mother is None or right.mother is None,
        ),
        _all_of("same", "agrees", _MOTHER, is_weighed=False),
        _otherwise(),
    ),
)

COMPARISONS: Final = (_GIVEN, _FAMILY_AND_HOME, _BIRTH, _NUMBER, _SEX, _OTHER_MOTHER)
# The fields whose rarity counts.
FREQUENCIES: Final = tuple(
    dict.fromkeys(step.frequency for each in COMPARISONS for step in each.steps if step.frequency)
)
