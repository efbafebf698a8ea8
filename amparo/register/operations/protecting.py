"""Writing down what the law protects more than other facts: by who has the right to it alone.

No life event is published of it: whoever reacts to events has no such right.
"""

from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from amparo.register import facts
from amparo.register.models import SpecialFact
from amparo.register.naming import NotAName, clean_words
from amparo.register.operations._common import NobodyThere, UnableToGround, lock_person
from amparo.register.operations._parts import UnableToRegister
from amparo.register.operations._stating import During, Writing, conclude, state
from amparo.register.records import SPECIAL_CATEGORIES
from amparo.register.reference import check_code
from amparo.register.special import reading_special
from amparo.values import Right


@transaction.atomic
def state_special_fact(
    *,
    writing: Writing,
    category: str,
    code: str = "",
    detail: str = "",
    is_self_identified: bool,
    during: During,
) -> UUID:
    """Write down a fact of a specially protected category (one of SPECIAL_CATEGORIES).

    code: of the reference list that bears the category's name, once one is loaded. Who belongs to
    an indigenous people says so themselves. Raises UnableToRegister, NotInTheList.
    """
    writing.access.require(Right.SPECIAL_REGISTER)
    if category not in SPECIAL_CATEGORIES:
        raise UnableToRegister(_("There is no such category. Choose one of the list."))
    if category == "indigenous" and not is_self_identified:
        raise UnableToRegister(
            _("Only the person says whether they belong to an indigenous people. Ask them.")
        )
    check_code(list_code=category, code=code, on=during.starts_on, at=writing.at)
    values = {
        "detail": _detail(detail),
        "is_self_identified": is_self_identified,
    }
    lock_person(writing.person_id)
    with reading_special(
        access=writing.access, right=Right.SPECIAL_REGISTER, person_id=writing.person_id
    ):
        fact_id = state(
            writing,
            model=SpecialFact,
            keys={"category": category, "code": code},
            values=values,
            during=during,
        )
        conclude(
            writing,
            kind="register.special_fact_stated",
            fact_id=fact_id,
            on_date=during.starts_on or localdate(writing.at),
        )
    return fact_id


@transaction.atomic
def withdraw_special_fact(*, writing: Writing, fact_id: UUID) -> None:
    """Write down that such a fact was never true, or that the person takes back what they said.

    The grounds are demanded. Raises NobodyThere, UnableToGround, FactChangedMeanwhile.
    """
    writing.access.require(Right.SPECIAL_REGISTER)
    if writing.grounds is None:
        raise UnableToGround(_("Say why the fact was never true, and on which evidence."))
    lock_person(writing.person_id)
    with reading_special(
        access=writing.access, right=Right.SPECIAL_REGISTER, person_id=writing.person_id
    ):
        of = {"person_id": writing.person_id}
        if not SpecialFact.objects.filter(pk=fact_id, **of).exists():
            raise NobodyThere(_("The person has no such fact. Read the person's page again."))
        facts.supersede(model=SpecialFact, of=of, fact_ids=[fact_id], at=writing.at)
        conclude(
            writing,
            kind="register.special_fact_withdrawn",
            fact_id=fact_id,
            on_date=localdate(writing.at),
        )


def _detail(text: str) -> str:
    try:
        return clean_words(text, at_most=200)
    except NotAName:
        raise UnableToRegister(
            _("What is said of it has at most 200 characters that can be read. Type it again.")
        ) from None
