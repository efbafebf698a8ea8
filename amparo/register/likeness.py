"""Who in the register may be somebody: asked before they are registered, and when they are.

The model is a rule pack like any other, named by the setting MATCH_MODEL: weights and frequencies
in one file of it, thresholds as its parameters; proposed by one person and approved by another.
Where the setting names one and none is in force, nobody is registered. An installation that names
none weighs by the model of the release.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from amparo.journal.operations import salted_hash
from amparo.journal.reading import reading
from amparo.register.matching.candidates import Alike, Checked, mothers_among, people_like
from amparo.register.matching.model import (
    MatchModel,
    UnusableModel,
    read_model,
    shipped_model,
)
from amparo.register.matching.traits import Described, Traits, traits_of
from amparo.register.naming import search_form
from amparo.register.queries import summaries_of
from amparo.register.records import NewPerson, PersonSummary
from amparo.rules.book.queries import NoPackInForce, pack_in_force
from amparo.rules.packs import Pack
from amparo.values import Access, Right

_MODEL: Final = "match-model.jsonl"
_LOOKED_AT: Final = "looked_at_from"
_SAME: Final = "same_from"


class NoMatchModel(Exception):
    """The setting names a model and none is in force: nobody is registered uncompared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookalike:
    """Somebody in the register who may be the person, with what speaks for and against it."""

    person: PersonSummary
    alike: Alike


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleAlike:
    """What a check found, for a person to judge. checked: verdict, and what was not checked."""

    checked: Checked
    lookalikes: tuple[Lookalike, ...]


def people_alike(*, person: NewPerson, access: Access, at: datetime) -> PeopleAlike:
    """Return who in the register may be this person, the likeliest first. Raises NoMatchModel."""
    name = search_form(f"{person.given_names} {person.family_name}")
    with reading(
        access=access,
        right=Right.PERSON_READ,
        details={"looked_for": "people alike", "text": salted_hash(text=name)},
    ):
        traits = newcomer(person=person)
        checked = people_like(traits=traits, model=model_in_force(at=at))
        summaries = summaries_of(person_ids=[one.person_id for one in checked.alike])
    return PeopleAlike(
        checked=checked,
        lookalikes=tuple(
            Lookalike(person=summaries[one.person_id], alike=one) for one in checked.alike
        ),
    )


def model_in_force(*, at: datetime) -> MatchModel:
    """Return the model by which records are weighed at an instant. Raises NoMatchModel."""
    scheme, on = settings.MATCH_MODEL, localdate(at)
    if not scheme:
        return shipped_model()
    try:
        pack = pack_in_force(scheme=scheme, on=on, known_at=at).pack
    except NoPackInForce:
        raise NoMatchModel(
            _(
                "Nobody can be compared: no version of “%(scheme)s” is in force. Have one approved "
                "and activated; until then nobody is registered."
            )
            % {"scheme": scheme}
        ) from None
    limits = [_limit(pack, name, on, at) for name in (_LOOKED_AT, _SAME)]
    return _model_of(pack.files[_MODEL], *limits)


@lru_cache(maxsize=4)
def _model_of(text: str, review: Decimal, same: Decimal) -> MatchModel:
    return read_model(text).with_thresholds(review=review, same=same)


def _limit(pack: Pack, name: str, on: date, at: datetime) -> Decimal:
    """Return a threshold of the pack on a day. Raises UnusableModel where it has none."""
    found = next((one for one in pack.parameters if one.name == name), None)
    row = found.resolve(on=on, known_at=at) if found else None
    if row is None:
        raise UnusableModel(
            f"The pack {pack.scheme} has no value of {name} on {on.isoformat()}. Add one."
        )
    return Decimal(str(row.value))


def newcomer(*, person: NewPerson) -> Traits:
    """Return what is compared of somebody not registered yet. Call it inside `reading`."""
    return traits_of(
        Described(
            given_names=person.given_names,
            family_name=person.family_name,
            sex=person.sex,
            birth_date=person.birth_date,
            birth_precision=person.birth_precision,
            identifiers=tuple(
                (one.kind, one.issuer or settings.COUNTRY, one.value) for one in person.identifiers
            ),
            phones=(person.account.account_number,)
            if person.account is not None and person.account.kind == "wallet"
            else (),
            mothers=mothers_among(parent_ids=person.parent_ids),
            district=person.residence.district if person.residence else "",
            address=person.residence.address if person.residence else "",
        )
    )
