"""What a pack's manifest says about a benefit, as claims need it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Self

from django.utils import timezone
from django.utils.translation import gettext as _

from amparo.delivery.claims.models import Claim
from amparo.rules.book.queries import BookedPack, pack_in_force
from amparo.rules.packs import Benefit as DeclaredBenefit
from amparo.rules.packs import DeclaredDecision, Input
from amparo.rules.packs.manifest import Process

# What only people can state: the claimant, or an officer who looked at evidence.
_STATED: Final = frozenset({"claim", "officer"})
# The day claimed for, which the claim itself holds.
CLAIMED_DAY: Final = frozenset({"date", "contingency_on"})


class BenefitNotOffered(Exception):
    """The scheme's pack in force knows no such benefit."""


class AnswerNotUnderstood(Exception):
    """An answer is for a question the benefit does not ask, or of another kind than it asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """A benefit as one booked pack offers it."""

    booked: BookedPack
    declared: DeclaredBenefit

    @classmethod
    def of(cls, *, booked: BookedPack, code: str) -> Self:
        """Find the benefit in the pack. Raises BenefitNotOffered."""
        for declared in booked.pack.manifest.benefits:
            if declared.code == code:
                return cls(booked=booked, declared=declared)
        raise BenefitNotOffered(
            _("%(scheme)s %(version)s offers no benefit “%(code)s”. Choose one of: %(offered)s.")
            % {
                "scheme": booked.scheme,
                "version": booked.version,
                "code": code,
                "offered": ", ".join(each.code for each in booked.pack.manifest.benefits),
            }
        )

    def decision(self, kind: str) -> DeclaredDecision:
        """Return the declared decision for "eligibility" or "amount"."""
        name = self.declared.eligibility if kind == "eligibility" else self.declared.amount
        found = self.booked.pack.manifest.decision(name)
        if found is None:  # pragma: no cover - a pack that names no such decision does not load
            raise BenefitNotOffered(_("The pack declares no decision “%(name)s”.") % {"name": name})
        return found

    @property
    def inputs(self) -> Mapping[str, Input]:
        """Every fact that eligibility or amount asks for, by name."""
        both = (*self.decision("eligibility").inputs, *self.decision("amount").inputs)
        return {each.name: each for each in both}

    @property
    def questions(self) -> Mapping[str, Input]:
        """The facts that only people can state."""
        return {name: each for name, each in self.inputs.items() if _is_asked(each)}

    @property
    def is_single(self) -> bool:
        """Whether a person holds the benefit once, whatever the contingency."""
        return not self.declared.repeats

    def title(self, language: str) -> str:
        return in_language(self.declared.titles, language)

    def in_words(self, names: Sequence[str], language: str) -> list[str]:
        """Return the titles of inputs, as a person calls them; a name without a title stays."""
        known = self.inputs
        return [
            in_language(known[name].titles, language) if name in known else name for name in names
        ]

    @property
    def process(self) -> Process:
        """The statutory periods; a pack with benefits always states them."""
        process = self.booked.pack.manifest.process
        if process is None:  # pragma: no cover - such a pack does not load
            raise BenefitNotOffered(
                _("%(scheme)s states no statutory periods.") % {"scheme": self.booked.scheme}
            )
        return process

    def due_on(self, *, submitted_on: date) -> date:
        """Return the day by which the law wants a decision."""
        return submitted_on + timedelta(days=self.process.decision_days)

    def appeal_until(self, *, told_on: date) -> date:
        return told_on + timedelta(days=self.process.appeal_days)

    def understood(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answers checked against the questions. Raises AnswerNotUnderstood."""
        questions = self.questions
        if unasked := sorted(set(answers) - set(questions)):
            raise AnswerNotUnderstood(
                _("%(benefit)s does not ask for: %(names)s. It asks for: %(asked)s.")
                % {
                    "benefit": self.title("en"),
                    "names": ", ".join(unasked),
                    "asked": ", ".join(sorted(questions)) or _("nothing"),
                }
            )
        return {name: _checked(questions[name], answer) for name, answer in answers.items()}


def benefit_in_force(
    *, scheme: str, benefit: str, on: date, claimed_on: date | None, known_at: datetime
) -> Benefit:
    """Return the benefit under the law of a day, for a claim of another.

    claimed_on: None for an award taken on, whose claim is not known.
    Raises NoPackInForce, UnclearLaw, BenefitNotOffered.
    """
    booked = pack_in_force(scheme=scheme, on=on, claimed_on=claimed_on, known_at=known_at)
    return Benefit.of(booked=booked, code=benefit)


def benefit_of(claim: Claim, *, known_at: datetime) -> Benefit:
    """Return the benefit claimed, under the law that decides this claim. Raises as above."""
    return benefit_in_force(
        scheme=claim.scheme,
        benefit=claim.benefit,
        on=claim.contingency_on,
        claimed_on=timezone.localdate(claim.submitted_at),
        known_at=known_at,
    )


def in_language(texts: Mapping[str, str], language: str) -> str:
    """Return the text in a language, in its main form, or in English where it is not written."""
    return texts.get(language) or texts.get(language.split("-", maxsplit=1)[0]) or texts["en"]


# FEEL's simple types as Python carries them; a list or context is left to the pack's own check.
_KINDS: Final[Mapping[str, type]] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "date": date,
}


def _is_asked(given: Input) -> bool:
    place, _dot, what = given.source.partition(".")
    return place in _STATED and not (place == "claim" and what in CLAIMED_DAY)


def _checked(question: Input, answer: Any) -> Any:
    """Return the answer, a whole number as Decimal; raise where its kind is not the one asked."""
    if isinstance(answer, int) and not isinstance(answer, bool):
        answer = Decimal(answer)
    wanted = _KINDS.get(question.type)
    if answer is None or wanted is None:
        return answer
    if not isinstance(answer, wanted) or isinstance(answer, datetime):
        raise AnswerNotUnderstood(
            _("The answer to “%(question)s” must be a %(type)s. Correct it, or leave it open.")
            % {"question": question.title, "type": question.type}
        )
    return answer
