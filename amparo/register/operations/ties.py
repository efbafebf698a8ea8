"""Tying people to each other: unions, parents, guardians, households, who acts for whom.

A union is recorded as it is, whoever the two are, and beside others where there are others. What no
life holds, the database refuses (migration life_is_possible); whoever ties people that are
registered already takes a turn, so that no circle of ancestors closes from two ends at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from amparo.register import days, facts
from amparo.register.models import (
    CivilStatus,
    Kinship,
    Representation,
)
from amparo.register.operations._common import (
    ImpossibleLife,
    NobodyThere,
    UnableToGround,
    by_officer,
    check_start,
    explained,
    lock_person,
)
from amparo.register.operations._parts import UnableToRegister
from amparo.register.operations._stating import During, Writing, changing, conclude, state
from amparo.register.records import REPRESENTATION_KINDS, TIE_FORMS
from amparo.values import Right

# Which civil status a union of a form gives to the two, from its first day on.
_STATUS_OF: Final = {
    "civil": "married",
    "religious": "married",
    "customary": "married",
    "partnership": "in-union",
    "de-facto": "in-union",
    "": "in-union",
}


@transaction.atomic
def record_union(*, writing: Writing, partner_id: UUID, form: str, starts_on: date) -> UUID:
    """Write down that two people are married or live as a couple, from a day on.

    form: how, one of TIE_FORMS["spouse"], or empty where nobody said. Both get the civil status
    that goes with it. Raises ImpossibleLife, UnableToRegister, NobodyThere.
    """
    _check_form("spouse", form)
    _check_two(writing.person_id, partner_id)
    with _tying(writing), explained({"one_union_of_two_at_a_time": _overlapping()}):
        _refuse_overlap(writing, partner_id, starts_on)
        tie_id = _tie(writing, "spouse", partner_id, form=form, during=During(starts_on=starts_on))
        for person_id in (writing.person_id, partner_id):
            _status(writing, person_id, _STATUS_OF[form], starts_on)
        conclude(
            writing,
            kind="register.union_recorded",
            fact_id=tie_id,
            on_date=starts_on,
            event="union",
            others=(partner_id,),
        )
    return tie_id


@transaction.atomic
def end_union(*, writing: Writing, tie_id: UUID, ends_before: date, outcome: str) -> None:
    """Write down that a union ended while both lived; `ends_before` is the first day without it.

    outcome: "divorced", "separated" or "single" (annulled): the civil status of either of the two,
    unless they live in another union. Raises NobodyThere, UnableToRegister.
    """
    if outcome not in {"divorced", "separated", "single"}:
        raise UnableToRegister(_("A union ends by divorce, separation or annulment. Choose one."))
    days.check_possible(ends_before)
    if ends_before > localdate(writing.at):
        raise UnableToRegister(_("The end lies in the future. Write it down once it has come."))
    with _tying(writing):
        tie = _current_tie(writing.person_id, tie_id, "spouse")
        other = _other_end(tie, writing.person_id)
        _end(writing, tie, ends_before)
        for person_id in (writing.person_id, other):
            if not _in_a_union(person_id, ends_before, writing.at):
                _status(writing, person_id, outcome, ends_before)
        conclude(
            writing,
            kind="register.union_ended",
            fact_id=tie_id,
            on_date=ends_before,
            event="union-end",
            others=(other,),
        )


@transaction.atomic
def record_parent(*, writing: Writing, parent_id: UUID, form: str = "", during: During) -> UUID:
    """Write down who is a person's parent. form: one of TIE_FORMS["parent"], or empty.

    Raises ImpossibleLife: for a parent born after the child, for one's own ancestor.
    """
    _check_form("parent", form)
    _check_two(writing.person_id, parent_id)
    with _tying(writing):
        tie_id = _tie(writing, "parent", parent_id, form=form, during=during)
        conclude(
            writing,
            kind="register.parent_recorded",
            fact_id=tie_id,
            on_date=during.starts_on or localdate(writing.at),
            event="kinship",
            others=(parent_id,),
        )
    return tie_id


@transaction.atomic
def appoint_guardian(
    *, writing: Writing, guardian_id: UUID, form: str = "", during: During
) -> UUID:
    """Write down who is a person's guardian. form: one of TIE_FORMS["guardian"], or empty.

    A guardian may also represent: that is another fact (`name_representative`).
    """
    _check_form("guardian", form)
    _check_two(writing.person_id, guardian_id)
    with _tying(writing):
        tie_id = _tie(writing, "guardian", guardian_id, form=form, during=during)
        conclude(
            writing,
            kind="register.guardian_appointed",
            fact_id=tie_id,
            on_date=during.starts_on or localdate(writing.at),
            event="kinship",
            others=(guardian_id,),
        )
    return tie_id


@transaction.atomic
def end_tie(*, writing: Writing, tie_id: UUID, ends_before: date) -> None:
    """Write down that a guardian, or a parent in law, is one no more; a union ends by `end_union`.

    Raises NobodyThere, UnableToRegister.
    """
    days.check_possible(ends_before)
    with _tying(writing):
        tie = _current_tie(writing.person_id, tie_id, "parent", "guardian")
        _end(writing, tie, ends_before)
        conclude(
            writing,
            kind="register.tie_ended",
            fact_id=tie_id,
            on_date=ends_before,
            event="kinship",
            others=(_other_end(tie, writing.person_id),),
        )


@transaction.atomic
def correct_tie(*, writing: Writing, tie_id: UUID, form: str, during: During) -> UUID:
    """Write anew how and when two people are tied, where it was written down wrongly.

    The grounds are demanded. A civil status that came with a union is corrected on its own. Return
    the corrected tie. Raises NobodyThere, UnableToGround, UnableToRegister, ImpossibleLife,
    FactChangedMeanwhile.
    """
    if writing.grounds is None:
        raise UnableToGround(_("Say what was written down wrongly, and on which evidence."))
    days.check_end(during.ends_before)
    with _tying(writing), explained({"one_union_of_two_at_a_time": _overlapping()}):
        tie = _current_tie(writing.person_id, tie_id, *TIE_FORMS)
        _check_form(tie.kind, form)
        if during.starts_on is not None:
            check_start(person_id=tie.person_id, starts_on=during.starts_on, at=writing.at)
        facts.supersede(
            model=Kinship, of={"person_id": tie.person_id}, fact_ids=[tie_id], at=writing.at
        )
        corrected_id = facts.state(
            model=Kinship,
            of={
                "person_id": tie.person_id,
                "relative_id": tie.relative_id,
                "kind": tie.kind,
            },
            values={"form": form},
            starts_on=during.first_day,
            ends_before=during.ends_before,
            origin=by_officer(access=writing.access, at=writing.at, grounds=writing.grounds),
        )
        conclude(
            writing,
            kind="register.tie_corrected",
            fact_id=corrected_id,
            on_date=localdate(writing.at),
            event="correction",
            others=(_other_end(tie, writing.person_id),),
            details={"corrected": str(tie_id)},
        )
    return corrected_id


@transaction.atomic
def withdraw_tie(*, writing: Writing, tie_id: UUID) -> None:
    """Write down that two people were never tied so. The grounds are demanded.

    Raises NobodyThere, UnableToGround, FactChangedMeanwhile.
    """
    if writing.grounds is None:
        raise UnableToGround(_("Say why the fact was never true, and on which evidence."))
    with _tying(writing):
        tie = _current_tie(writing.person_id, tie_id, "parent", "guardian", "spouse")
        facts.supersede(
            model=Kinship,
            of={"person_id": tie.person_id},
            fact_ids=[tie_id],
            at=writing.at,
        )
        conclude(
            writing,
            kind="register.tie_withdrawn",
            fact_id=tie_id,
            on_date=localdate(writing.at),
            event="correction",
            others=(_other_end(tie, writing.person_id),),
        )


@transaction.atomic
def name_representative(
    *, writing: Writing, representative_id: UUID, kind: str, rank: int = 1, during: During
) -> UUID:
    """Write down who may receive (payee) or act (guardian, mandatary) for a person.

    rank: 1 comes first, then 2, to 9. Raises UnableToRegister, ImpossibleLife.
    """
    if kind not in REPRESENTATION_KINDS or not 1 <= rank <= 9:
        raise UnableToRegister(_("Say as what they act, by a word of the list, and who is first."))
    _check_two(writing.person_id, representative_id)
    twice = UnableToRegister(
        _("The same person stands there already on some of these days. End that first.")
    )
    with (
        _tying(writing),
        explained({"one_rank_of_a_representative_at_a_time": twice}),
    ):
        lock_person(representative_id)
        fact_id = state(
            writing,
            model=Representation,
            keys={"kind": kind, "rank": rank},
            values={"representative_id": representative_id},
            during=during,
        )
        conclude(
            writing,
            kind="register.representative_named",
            fact_id=fact_id,
            on_date=during.starts_on or localdate(writing.at),
            event="representation",
        )
    return fact_id


# --- steps ------------------------------------------------------------------------------------


def _check_form(kind: str, form: str) -> None:
    if form and form not in TIE_FORMS[kind]:
        raise UnableToRegister(_("There is no such form of a tie. Choose one of the list."))


def _check_two(person_id: UUID, other_id: UUID) -> None:
    if person_id == other_id:
        raise ImpossibleLife(
            _("Nobody is their own parent, spouse, guardian or representative. Choose the other.")
        )


@contextmanager
def _tying(writing: Writing) -> Iterator[None]:
    """Read a person for tying them to another; whoever ties registered people takes turns."""
    writing.access.require(Right.PERSON_REGISTER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('register.ties'))")
    with changing(writing):
        yield


def _tie(writing: Writing, kind: str, relative_id: UUID, *, form: str, during: During) -> UUID:
    lock_person(relative_id)
    return state(
        writing,
        model=Kinship,
        keys={"relative_id": relative_id, "kind": kind},
        values={"form": form},
        during=during,
    )


def _ties_of(person_id: UUID) -> QuerySet[Kinship]:
    return Kinship.objects.filter(Q(person_id=person_id) | Q(relative_id=person_id))


def _refuse_overlap(writing: Writing, partner_id: UUID, starts_on: date) -> None:
    """Raise where a union of the two runs on that day or begins later."""
    both = _ties_of(writing.person_id) & _ties_of(partner_id)
    running = both.filter(Q(ends_before=None) | Q(ends_before__gt=starts_on))
    if running.filter(kind="spouse", superseded_at=None).exists():
        raise _overlapping()


def _overlapping() -> UnableToRegister:
    return UnableToRegister(
        _("A union of the two covers some of the same days already. End or withdraw that one.")
    )


def _current_tie(person_id: UUID, tie_id: UUID, *kinds: str) -> Kinship:
    """Return a tie of the person that is known now, the other of the two locked."""
    tie = _ties_of(person_id).filter(pk=tie_id, kind__in=kinds).first()
    if tie is None:
        raise NobodyThere(_("The person has no such tie. Read the person's page again."))
    if tie.superseded_at is not None:
        raise facts.FactChangedMeanwhile(
            _("Somebody else changed this fact meanwhile. Read it again, then repeat your change.")
        )
    lock_person(_other_end(tie, person_id))
    return tie


def _other_end(tie: Kinship, person_id: UUID) -> UUID:
    return tie.relative_id if tie.person_id == person_id else tie.person_id


def _end(writing: Writing, tie: Kinship, ends_before: date) -> None:
    """Stop knowing of a tie from a day on; raise where it did not hold until then."""
    if tie.starts_on >= ends_before or (tie.ends_before and tie.ends_before <= ends_before):
        raise UnableToRegister(_("The tie does not hold on the day before. Check the day."))
    facts.retract(
        model=Kinship,
        of={"id": tie.id},
        starts_on=ends_before,
        ends_before=None,
        origin=by_officer(access=writing.access, at=writing.at, grounds=writing.grounds),
    )


def _status(writing: Writing, person_id: UUID, status: str, starts_on: date) -> None:
    """State a civil status until the next one that is known: the later ones stand."""
    known = CivilStatus.objects.filter(person_id=person_id, superseded_at=None)
    later = known.filter(starts_on__gt=starts_on).order_by("starts_on").first()
    facts.state(
        model=CivilStatus,
        of={"person_id": person_id},
        values={"status": status},
        starts_on=starts_on,
        ends_before=later.starts_on if later else None,
        origin=by_officer(access=writing.access, at=writing.at, grounds=writing.grounds),
    )


def _in_a_union(person_id: UUID, on: date, at: datetime) -> bool:
    return facts.as_of(_ties_of(person_id).filter(kind="spouse"), on=on, known_at=at).exists()
