"""The model: what each step of agreement is worth, how rare values are, and where a person looks.

One artefact holds weights, frequencies and thresholds. Its hash names it: in reviews, in what is
approved, and in what is in force. Weights are base-two logarithms of how much likelier a step is
between two records of one person than between records of two; they add up.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final, TypeAlias

from amparo.register.matching.comparisons import COMPARISONS, Comparison, Step
from amparo.register.matching.traits import Traits

FORMAT: Final = 1
# From 0 to 1. No amount of money: those are never floats.
Probability: TypeAlias = float
# A step never seen in training is rare, not impossible: a thousandth among records of one person,
# whose clerks make every mistake, and next to nothing among those of two.
_LEAST_AGREEING: Final = 1e-3
_LEAST_DIFFERING: Final = 1e-7


class UnusableModel(Exception):
    """The artefact was not made for these comparisons, or was changed after it was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From which probability on a pair is looked at, and from which it is taken for one person.

    Both are the data owner's to set. Nothing merges at either.
    """

    review: float
    same: float

    def __post_init__(self) -> None:
        if not 0 < self.review <= self.same < 1:
            raise UnusableModel(
                "The thresholds must lie between 0 and 1, that of review not above that of same. "
                "Set them again."
            )

    def verdict(self, probability: float, evidence: Sequence["Evidence"]) -> str:
        """Return "new", "review" or "same"; who may be twins are never taken for one person."""
        if probability < self.review:
            return "new"
        return "same" if probability >= self.same and not may_be_twins(evidence) else "review"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one comparison says of a pair. says: agrees, resembles, differs or unknown."""

    comparison: str
    step: str
    says: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The weight of a pair and the probability it stands for, with what it was added up from."""

    weight: float
    probability: float
    evidence: tuple[Evidence, ...]


def may_be_twins(evidence: Iterable[Evidence]) -> bool:
    """Say whether a pair looks like two children of one birth: all agrees but the given names.

    However likely, such a pair is for a person to judge.
    """
    says = {one.comparison: one.says for one in evidence}
    return says["given"] == "differs" and says["birth"] == "agrees" and says["number"] != "agrees"


@dataclass(frozen=True, kw_only=True)
class MatchModel:
    """A model as trained.

    agreeing, differing: by comparison, how often each step but the unknown ones is seen between
    records of one person, and of two. frequencies: by field, the share of each frequent value.
    rare: by field, the share of a value not listed. prior: how likely two records taken blindly are
    of one person.
    """

    version: str
    trained_on: str
    prior: float
    agreeing: Mapping[str, Mapping[str, float]]
    differing: Mapping[str, Mapping[str, float]]
    frequencies: Mapping[str, Mapping[str, float]]
    rare: Mapping[str, float]
    thresholds: Thresholds

    @cached_property
    def _weights(self) -> Mapping[str, tuple[float, ...]]:
        return {
            comparison.name: tuple(
                0.0
                if step.is_unknown or not step.is_weighed
                else self._weight(comparison.name, step.name)
                for step in comparison.steps
            )
            for comparison in COMPARISONS
        }

    def score(self, left: Traits, right: Traits) -> Score:
        """Weigh what agrees and differs between two records."""
        evidence = []
        for comparison in COMPARISONS:
            number = comparison.step(left, right)
            step = comparison.steps[number]
            weight = self._weights[comparison.name][number]
            if step.frequency:
                weight += self._rarity(comparison, step.frequency, left, right)
            evidence.append(
                Evidence(comparison=comparison.name, step=step.name, says=step.says, weight=weight)
            )
        total = self.prior_weight + sum(each.weight for each in evidence)
        return Score(weight=total, probability=probability_of(total), evidence=tuple(evidence))

    def weights(self) -> dict[str, dict[str, float]]:
        """Return the weight of each step of each comparison, before rarity."""
        return {
            comparison.name: {
                step.name: weight
                for step, weight in zip(
                    comparison.steps, self._weights[comparison.name], strict=True
                )
            }
            for comparison in COMPARISONS
        }

    @property
    def prior_weight(self) -> float:
        return math.log2(self.prior / (1 - self.prior))

    def with_thresholds(self, *, review: Decimal, same: Decimal) -> "MatchModel":
        """Return the model with the thresholds of whoever owns the data."""
        return replace(self, thresholds=Thresholds(review=float(review), same=float(same)))

    def share_of(self, frequency: str, value: str) -> float:
        """Return how frequent a value is; one that is not listed counts as rare."""
        return self.frequencies[frequency].get(value, self.rare[frequency])

    def _rarity(self, comparison: Comparison, frequency: str, left: Traits, right: Traits) -> float:
        """Return what the rarity of a value adds; of two former and present names the frequent."""
        values = (getattr(left, frequency), getattr(right, frequency))
        share = max(self.share_of(frequency, value) for value in values if value is not None)
        usual = max(
            self.differing[comparison.name][comparison.equal(frequency).name], _LEAST_DIFFERING
        )
        return math.log2(usual) - math.log2(share)

    def _weight(self, comparison: str, step: str) -> float:
        agreeing = max(self.agreeing[comparison][step], _LEAST_AGREEING)
        return math.log2(agreeing / max(self.differing[comparison][step], _LEAST_DIFFERING))

    # --- as the sweep needs it ----------------------------------------------------------------

    def settings(self) -> dict[str, Any]:
        """Return the model as Splink reads it."""
        return {
            "link_type": "dedupe_only",
            "unique_id_column_name": "place",
            "probability_two_random_records_match": self.prior,
            "retain_matching_columns": True,
            "retain_intermediate_calculation_columns": True,
            "blocking_rules_to_generate_predictions": [],
            "comparisons": [
                {
                    "output_column_name": comparison.name,
                    "comparison_levels": [
                        {
                            "sql_condition": step.sql,
                            "label_for_charts": step.name,
                            **self._chances(comparison.name, step),
                            **({"tf_adjustment_column": step.frequency} if step.frequency else {}),
                        }
                        for step in comparison.steps
                    ],
                }
                for comparison in COMPARISONS
            ],
        }

    def _chances(self, comparison: str, step: Step) -> dict[str, bool | float]:
        if step.is_unknown:
            return {"is_null_level": True}
        if not step.is_weighed:
            return {"m_probability": 0.5, "u_probability": 0.5}
        return {
            "m_probability": max(self.agreeing[comparison][step.name], _LEAST_AGREEING),
            "u_probability": max(self.differing[comparison][step.name], _LEAST_DIFFERING),
        }

    # --- as it is kept --------------------------------------------------------------------------

    def as_text(self) -> str:
        """Return the artefact: one line of JSON, the same text for the same model."""
        return json.dumps(
            {
                "format": FORMAT,
                "version": self.version,
                "trained_on": self.trained_on,
                "comparisons": _shape(),
                "prior": self.prior,
                "agreeing": self.agreeing,
                "differing": self.differing,
                "frequencies": self.frequencies,
                "rare": self.rare,
                "thresholds": {"review": self.thresholds.review, "same": self.thresholds.same},
            },
            ensure_ascii=True,
            sort_keys=True,
        )

    @cached_property
    def content_hash(self) -> str:
        """Return the SHA-256 of the artefact: the name under which it is approved and quoted."""
        return sha256(self.as_text().encode()).hexdigest()


def probability_of(weight: float) -> float:
    """Return the probability that a weight stands for."""
    if weight >= 0:
        return 1.0 / (1.0 + math.exp2(-weight))
    return math.exp2(weight) / (1.0 + math.exp2(weight))


def read_model(text: str) -> MatchModel:
    """Read an artefact. Raises UnusableModel where it was made for other comparisons."""
    try:
        told = json.loads(text)
        model = MatchModel(
            version=told["version"],
            trained_on=told["trained_on"],
            prior=told["prior"],
            agreeing=told["agreeing"],
            differing=told["differing"],
            frequencies=told["frequencies"],
            rare=told["rare"],
            thresholds=Thresholds(**told["thresholds"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnusableModel(
            "The text is not a match model of this release. Train the model again."
        ) from error
    if told["format"] != FORMAT or told["comparisons"] != _shape():
        raise UnusableModel(
            "The model was trained for other comparisons than this release makes. Train it again."
        )
    return model


@cache
def shipped_model() -> MatchModel:
    """Return the model of this release, trained on the made-up people of Amparia."""
    source = files("amparo.register.matching") / "shipped_model.jsonl"
    return read_model(source.read_text(encoding="utf-8"))


def _shape() -> dict[str, list[str]]:
    """Return the comparisons and their steps, with what SQL asks: a model fits no others."""
    return {
        comparison.name: [f"{step.name}: {step.sql}" for step in comparison.steps]
        for comparison in COMPARISONS
    }
