"""Who in the register may be somebody: asked before they are registered, and when they are."""

from dataclasses import dataclass

from django.conf import settings

from amparo.journal.operations import salted_hash
from amparo.journal.reading import reading
from amparo.register.matching.candidates import Alike, Checked, mothers_among, people_like
from amparo.register.matching.model import MatchModel, shipped_model
from amparo.register.matching.traits import Described, Traits, traits_of
from amparo.register.naming import search_form
from amparo.register.queries import summaries_of
from amparo.register.records import NewPerson, PersonSummary
from amparo.values import Access, Right


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


def people_alike(*, person: NewPerson, access: Access) -> PeopleAlike:
    """Return who in the register may be this person, the likeliest first."""
    name = search_form(f"{person.given_names} {person.family_name}")
    with reading(
        access=access,
        right=Right.PERSON_READ,
        details={"looked_for": "people alike", "text": salted_hash(text=name)},
    ):
        traits = newcomer(person=person)
        checked = people_like(traits=traits, model=model_in_force())
        summaries = summaries_of(person_ids=[one.person_id for one in checked.alike])
    return PeopleAlike(
        checked=checked,
        lookalikes=tuple(
            Lookalike(person=summaries[one.person_id], alike=one) for one in checked.alike
        ),
    )


def model_in_force() -> MatchModel:
    """Return the model by which records are weighed."""
    return shipped_model()


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
