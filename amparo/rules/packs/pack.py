"""A pack loaded: read whole, compiled once, asked many times, from any thread.

The outcome of a decision is kept beside its FEEL value. Missing data never refuses and never
grants: where it chose the way, the outcome is *undetermined* and the missing facts are named.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from amparo.rules.dmn.graph import Compiled, Evaluation, Key, Library
from amparo.rules.dmn.model import Decision, InputData
from amparo.rules.dmn.xml import read_model
from amparo.rules.feel.conformance import conforms
from amparo.rules.feel.run import Run
from amparo.rules.feel.temporal import Date, parse_date
from amparo.rules.feel.types import ContextType, FeelType, ListType, base_of
from amparo.rules.feel.values import Value, refuse_beyond_measure
from amparo.rules.packs.applicability import Case
from amparo.rules.packs.boundary import (
    check_type,
    complete,
    from_json,
    to_feel,
    to_python,
)
from amparo.rules.packs.cases import WEEK
from amparo.rules.packs.errors import UnusablePack, WrongInput
from amparo.rules.packs.labels import read_labels
from amparo.rules.packs.manifest import MANIFEST, DeclaredDecision, Input, Manifest, read_manifest
from amparo.rules.packs.parameters import Parameter, Row, read_parameters
from amparo.rules.packs.plain import NotPlain, PlainReader, plain_reader, refuse_plain
from amparo.rules.packs.reasons import Reason, read_reasons
from amparo.rules.trace.explain import LABELS, Explanation, explain
from amparo.rules.trace.record import build_trace, encode, typed

if TYPE_CHECKING:
    from amparo.rules.backends.plan import Plan, Target
    from amparo.rules.ir.schema import Schema

Outcome: TypeAlias = Literal["granted", "refused", "undetermined", "computed"]
TEXT_SUFFIXES: Final = frozenset({".toml", ".dmn", ".md", ".jsonl", ".csv"})
REASONS: Final = "reasons.toml"
LAW: Final = "law.md"
# Days whose parameters a pack keeps at hand.
MAX_DAYS_KEPT: Final = 4_096


@dataclass(frozen=True, slots=True)
class Result:
    """What a decision came to. value: Python values, dates as datetime.date.

    missing: names of facts that must be found before it can be decided. trace: JSON, or None.
    """

    decision: str
    outcome: Outcome
    value: Any
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    trace: dict[str, Any] | None
    pack_hash: str
    on: date
    known_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Fact:
    """An input of a decision, with the place of its value and how it is read."""

    declared: Input
    key: Key
    kind: FeelType
    plain: PlainReader | None


@dataclass(frozen=True, slots=True)
class _Question:
    """What every claim has in common: found once for each decision."""

    decision: DeclaredDecision
    key: Key
    facts: tuple[_Fact, ...]
    plain: Mapping[str, PlainReader]
    parameters: tuple[str, ...]
    is_plain: bool


@dataclass(frozen=True, slots=True)
class _Rows:
    """The parameters of a question on one day. is_fitted: all values are of their types."""

    rows: Mapping[str, Row | None]
    values: Mapping[Key, Value]
    by_name: Mapping[str, Value]
    is_fitted: bool


class _Asked(NamedTuple):
    """One question, resolved: what it needs and the values it got.

    parameters_on: the day whose parameters apply; None where the input that says so is not known,
    and no parameter is known with it.
    """

    decision: DeclaredDecision
    key: Key
    inputs: Mapping[str, Value]
    given: Mapping[Key, Value]
    facts: Mapping[str, Value] | None
    is_fitted: bool
    rows: Mapping[str, Row | None]
    parameters_on: date | None


class Pack:
    """An immutable rule pack. Made by ``load_pack`` and ``load_pack_files``."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files: Final[Mapping[str, str]] = MappingProxyType(dict(sorted(files.items())))
        self.hash: Final = content_hash(self.files)
        self._require(MANIFEST, LAW, REASONS)
        manifest = read_manifest(self.files[MANIFEST])
        self._require(manifest.model)
        self._parameters: Final = dict(self._read_parameters())
        self._reasons: Final = {
            reason.code: reason for reason in read_reasons(self.files[REASONS], where=REASONS)
        }
        self.library: Final = self._read_models(manifest.model)
        self.manifest: Final = self._typed_manifest(manifest)
        self._input_names: Final = frozenset(item.name for item in self.manifest.inputs)
        self._questions: Final[dict[str, _Question]] = {}
        self._rows_of: Final[dict[tuple[str, date | None, datetime | None], _Rows]] = {}
        self.labels: Final = read_labels(self.files, self.library.models.values())

    @property
    def scheme(self) -> str:
        return self.manifest.scheme

    @property
    def version(self) -> str:
        return self.manifest.version

    @property
    def title(self) -> str:
        return self.manifest.titles["en"]

    @property
    def country(self) -> str:
        return self.manifest.country

    @property
    def currency(self) -> str:
        return self.manifest.currency

    @property
    def valid_from(self) -> date:
        return self.manifest.valid_from

    def applies_to(self, case: Case) -> bool | None:
        """Say whether the transitional clause lets this version decide a case; None if unclear."""
        clause = self.manifest.applicability
        return True if clause is None else clause.holds(case)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return tuple(self._parameters.values())

    def explain(self, trace: Mapping[str, Any], *, language: str) -> Explanation:
        """Explain a trace that this very pack made, with all that its manifest can add."""
        paid = (
            benefit for benefit in self.manifest.benefits if benefit.amount == trace["decision"]
        )
        benefit = next(paid, None)
        return explain(
            trace,
            language=language,
            frequency=benefit.frequency if benefit else "",
            reason_texts={reason.code: reason.texts for reason in self.reasons},
            labels=self.labels.get(language),
        )

    def label(self, name: str, *, language: str) -> str:
        """Give what a name or heading of the model is called; in English as the model writes it."""
        titled = {item.name: item.titles for item in self.manifest.inputs}
        titled |= {item.name: item.titles for item in self.parameters}
        if name in titled:
            return titled[name].get(language) or titled[name]["en"]
        known = self.labels.get(language, {}).get(name)
        common = LABELS.get(language, LABELS["en"]).get(name.lower())
        return known or common or name.replace("_", " ")

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return tuple(self._reasons.values())

    # Reading ------------------------------------------------------------------------------

    def _require(self, *names: str) -> None:
        for name in names:
            if name not in self.files:
                raise UnusablePack(
                    code="pack.file",
                    message=f"The pack has no file {name}",
                    remedy=f"A pack needs {MANIFEST}, {LAW}, {REASONS} and its model.",
                )

    def _read_parameters(self) -> Iterator[tuple[str, Parameter]]:
        seen: set[str] = set()
        for name, text in self.files.items():
            path = PurePosixPath(name)
            if path.suffix != ".toml" or not name.startswith("parameters"):
                continue
            for parameter in read_parameters(text, where=name):
                if parameter.name in seen:
                    raise UnusablePack(
                        code="pack.parameter",
                        message=f"The parameter {parameter.name} is defined twice",
                        remedy="Put all its rows into one definition.",
                        where=name,
                    )
                seen.add(parameter.name)
                yield parameter.name, parameter

    def _read_models(self, main: str) -> Library:
        names = [main, *(name for name in self.files if name.endswith(".dmn") and name != main)]
        library = Library([read_model(self.files[name], where=name) for name in names])
        for problem in library.problems():
            raise problem
        for compiled in library.elements.values():
            for name in compiled.unknown_names:
                raise UnusablePack(
                    code="name.unknown",
                    message=f"The name {name} is nowhere in reach",
                    remedy="Correct it, or draw the requirement that brings it.",
                    where=compiled.where,
                )
        return library

    def _typed_manifest(self, manifest: Manifest) -> Manifest:
        """Give the manifest its input types, and each decision the inputs its graph needs."""
        in_model = {
            compiled.element.name: compiled
            for compiled in self.library.elements.values()
            if isinstance(compiled.element, InputData | Decision)
        }
        self._refuse_unbound(manifest, in_model)
        for item in manifest.inputs:
            _refuse_meaningless(item, in_model[item.name].kind)
        inputs = {
            item.name: replace(
                item,
                type=base_of(in_model[item.name].kind).name,
                is_result=isinstance(in_model[item.name].element, Decision),
            )
            for item in manifest.inputs
        }
        decisions = tuple(
            replace(decision, inputs=tuple(self._inputs_of(decision, inputs)))
            for decision in manifest.decisions
        )
        return replace(manifest, inputs=tuple(inputs.values()), decisions=decisions)

    def _refuse_unbound(self, manifest: Manifest, in_model: Mapping[str, Compiled]) -> None:
        declared = {item.name for item in manifest.inputs}
        free = {name for name, known in in_model.items() if isinstance(known.element, InputData)}
        problems = {
            "declared as input but not in the model": declared - set(in_model),
            "in the model but neither input nor parameter": free - declared - set(self._parameters),
            "both input and parameter": declared & set(self._parameters),
        }
        for problem, names in problems.items():
            if names:
                raise UnusablePack(
                    code="pack.input",
                    message=f"{', '.join(sorted(names))}: {problem}",
                    remedy="Make the manifest, the parameters and the model agree.",
                    where=MANIFEST,
                )

    def _inputs_of(
        self, decision: DeclaredDecision, inputs: Mapping[str, Input]
    ) -> Iterator[Input]:
        needed = {
            compiled.element.name
            for compiled in self.library.needed_by(self.library.key_of(decision.name)).values()
            if isinstance(compiled.element, InputData | Decision)
        } - {decision.name}
        if decision.parameters_on and decision.parameters_on not in inputs:
            raise UnusablePack(
                code="pack.parameters-on",
                message=f"{decision.name} takes parameters on {decision.parameters_on}, no input",
                remedy="Name one of the inputs.",
                where=MANIFEST,
            )
        for name, item in inputs.items():
            if name in needed or name == decision.parameters_on:
                yield item

    # Parameters ---------------------------------------------------------------------------

    def parameter(self, name: str, on: date, known_at: datetime | None = None) -> Row | None:
        """Give the row of a parameter in force on a day, as known at a moment.

        None only where the parameter allows gaps. Raises NoParameterValue, WrongInput.
        """
        parameter = self._parameters.get(name)
        if parameter is None:
            raise WrongInput(
                code="parameter.unknown",
                message=f"The pack has no parameter {name}",
                remedy=f"Use one of: {', '.join(self._parameters)}.",
            )
        row = parameter.resolve(on=on, known_at=known_at)
        if row is None and not parameter.gaps_allowed:
            raise parameter.no_value(on=on, known_at=known_at)
        return row

    # Evaluating ---------------------------------------------------------------------------

    def evaluate(
        self,
        decision: str,
        inputs: Mapping[str, object],
        *,
        on: date,
        known_at: datetime | None = None,
        trace: bool = True,
    ) -> Result:
        """Decide. on: the day whose law applies; known_at: what was known then (None: all).

        An input left out counts as not known. Raises WrongInput, NoParameterValue, LimitExceeded.
        """
        asked = self._asked(decision, inputs, on, known_at, trace=trace)
        run = Run(tracing=trace)
        evaluation = Evaluation(
            self.library, run, asked.given, is_fitted=asked.is_fitted, facts=asked.facts
        )
        value = evaluation.ask(asked.key)
        doubtful = asked.key in evaluation.doubts
        outcome = self._outcome(asked.decision, value, doubtful=doubtful)
        is_open = outcome == "undetermined"
        result = Result(
            decision=asked.decision.name,
            outcome=outcome,
            value=to_python(value),
            reasons=self._reasons_of(asked.decision, value, outcome),
            missing=self._missing(asked, evaluation, value) if is_open else (),
            trace=None,
            pack_hash=self.hash,
            on=on,
            known_at=known_at,
        )
        if not trace:
            return result
        return replace(result, trace=self._trace(asked, evaluation, value, result))

    def compile(
        self,
        decisions: Sequence[str],
        schema: "Schema | None" = None,
        *,
        target: "Target" = "duckdb",
        on: date,
        known_at: datetime | None = None,
    ) -> "Plan":
        """Compile decisions to columns, for many rows at once; what cannot be is listed there.

        schema: what the source promises of its columns; None assumes what the pack declares.
        """
        # A claim is decided without DuckDB and Arrow; they are loaded where a plan is made.
        from amparo.rules.backends.plan import compile_plan  # noqa: PLC0415

        return compile_plan(self, decisions, schema, target=target, on=on, known_at=known_at)

    def read_json_inputs(self, decision: str, inputs: Mapping[str, Any]) -> dict[str, object]:
        """Read inputs as JSON has them (dates as text) into what ``evaluate`` takes."""
        declared = {item.name: item for item in self._declared(decision).inputs}
        return {
            name: self._from_json(declared[name], value) if name in declared else value
            for name, value in inputs.items()
        }

    def _from_json(self, declared: Input, value: Any) -> Value:
        name = declared.name
        refuse_beyond_measure(value)
        kind = self.library.elements[self.library.key_of(name)].kind
        read = from_json(value, kind, name=name)
        return complete(read, kind, name=name, left_out=declared.left_out)

    def _declared(self, decision: str) -> DeclaredDecision:
        declared = self.manifest.decision(decision)
        if declared is None:
            known = ", ".join(item.name for item in self.manifest.decisions)
            raise WrongInput(
                code="decision.unknown",
                message=f"{self.scheme} declares no decision {decision}",
                remedy=f"Ask for one of: {known}.",
            )
        return declared

    def _asked(
        self,
        decision: str,
        inputs: Mapping[str, object],
        on: date,
        known_at: datetime | None,
        *,
        trace: bool,
    ) -> _Asked:
        question = self._question(decision)
        declared = question.decision
        values = self._read_inputs(question, inputs)
        parameters_on = parameters_day(declared, values, on)
        rows = self._rows(question, parameters_on, known_at)
        if rows.is_fitted and question.is_plain and not trace:
            facts = {**rows.by_name, **values}
            return _Asked(declared, question.key, values, {}, facts, True, rows.rows, parameters_on)  # noqa: FBT003
        given = {
            **rows.values,
            **{
                fact.key: value
                for fact, value in zip(question.facts, values.values(), strict=True)
                # A result that nobody has found already is computed.
                if value is not None or not fact.declared.is_result
            },
        }
        return _Asked(
            declared, question.key, values, given, None, rows.is_fitted, rows.rows, parameters_on
        )

    def _question(self, decision: str) -> _Question:
        question = self._questions.get(decision)
        if question is None:
            declared = self._declared(decision)
            key = self.library.key_of(declared.name)
            needed = {
                compiled.element.name
                for compiled in self.library.needed_by(key).values()
                if isinstance(compiled.element, InputData)
            }
            facts = tuple(self._fact(item) for item in declared.inputs)
            parameters = tuple(sorted(needed & set(self._parameters)))
            plain = {fact.declared.name: fact.plain or refuse_plain for fact in facts}
            takes_results = any(fact.declared.is_result for fact in facts)
            is_plain = bool(self.library.plain_plan_for(key)) and not takes_results
            question = _Question(declared, key, facts, plain, parameters, is_plain)
            self._questions[decision] = question
        return question

    def _fact(self, item: Input) -> _Fact:
        key = self.library.key_of(item.name)
        kind = self.library.elements[key].kind
        return _Fact(item, key, kind, None if item.left_out else plain_reader(kind))

    def _rows(self, question: _Question, on: date | None, known_at: datetime | None) -> _Rows:
        """Give the parameters of a day; kept, since many claims are decided for the same."""
        asked = question.decision.name, on, known_at
        found = self._rows_of.get(asked)
        if found is None:
            rows = {
                name: None if on is None else self.parameter(name, on, known_at)
                for name in question.parameters
            }
            values = {
                self.library.key_of(name): None if row is None else row.value
                for name, row in rows.items()
            }
            elements = self.library.elements
            is_fitted = all(conforms(value, elements[key].kind) for key, value in values.items())
            by_name = {name: None if row is None else row.value for name, row in rows.items()}
            found = _Rows(
                MappingProxyType(rows),
                MappingProxyType(values),
                MappingProxyType(by_name),
                is_fitted,
            )
            if len(self._rows_of) >= MAX_DAYS_KEPT:
                self._rows_of.clear()
            self._rows_of[asked] = found
        return found

    def _read_inputs(self, question: _Question, inputs: Mapping[str, object]) -> dict[str, Value]:
        # A fact of the scheme that this decision does not need is no mistake; an unknown name is.
        if not inputs.keys() <= self._input_names:
            extra = sorted(inputs.keys() - self._input_names)
            takes = ", ".join(fact.declared.name for fact in question.facts)
            raise WrongInput(
                code="input.unknown",
                message=f"{question.decision.name} has no input {', '.join(extra)}",
                remedy=f"It takes: {takes}.",
            )
        try:
            return {name: read(inputs.get(name)) for name, read in question.plain.items()}
        except NotPlain:
            # What is not plain is converted, completed or refused with care.
            return {
                fact.declared.name: _read_fact(fact, inputs.get(fact.declared.name))
                for fact in question.facts
            }

    # Outcomes -----------------------------------------------------------------------------

    def _outcome(self, decision: DeclaredDecision, value: Value, *, doubtful: bool) -> Outcome:
        if decision.kind != "eligibility":
            return "undetermined" if doubtful or holds_null(value) else "computed"
        answer = value.get(decision.granted_by) if isinstance(value, dict) else value
        if doubtful or answer is None:
            return "undetermined"
        if not isinstance(answer, bool):
            raise UnusablePack(
                code="decision.outcome",
                message=f"The eligibility decision {decision.name} says neither yes nor no",
                remedy=f"Let it give true or false, or a context with {decision.granted_by}.",
            )
        return "granted" if answer else "refused"

    def _reasons_of(
        self, decision: DeclaredDecision, value: Value, outcome: Outcome
    ) -> tuple[Reason, ...]:
        if outcome != "refused" and not isinstance(value, dict):
            return ()
        found: Value = None
        if isinstance(value, dict) and outcome != "undetermined":
            found = value.get("reasons", value.get("reason"))
        codes = found if isinstance(found, list) else [] if found is None else [found]
        if outcome == "refused" and not codes:
            raise UnusablePack(
                code="reason.none",
                message=f"{decision.name} refuses without a reason",
                remedy="Let the table give a reason code for every refusal.",
            )
        return tuple(self._reason(str(code)) for code in dict.fromkeys(map(str, codes)))

    def _reason(self, code: str) -> Reason:
        reason = self._reasons.get(code)
        if reason is None:
            raise UnusablePack(
                code="reason.unknown",
                message=f"The reason {code} has no text",
                remedy=f"Add it to {REASONS} with its law and its words.",
                where=REASONS,
            )
        return reason

    def _missing(self, asked: _Asked, evaluation: Evaluation, value: Value) -> tuple[str, ...]:
        """Name the facts to find: those the doubts point at, else every null fact needed."""
        doubts = evaluation.doubts.get(asked.key, ())
        missing: dict[str, None] = {}
        for doubt in doubts:
            for fact in doubt.facts:
                missing.update(dict.fromkeys(self._facts_behind(fact, asked)))
        if not missing and (doubts or holds_null(value)):
            missing.update(dict.fromkeys(self._null_facts(asked.key, asked)))
        return tuple(missing)

    def _facts_behind(self, fact: str, asked: _Asked) -> Iterator[str]:
        """Give the facts behind a null name: itself, or what a null decision rests on."""
        name = fact.partition(".")[0]
        if name in asked.inputs and not asked.decision.input(name).is_result:
            yield fact
            return
        if name in asked.rows:
            yield self._row_or_its_day(name, asked)
            return
        key = self.library.by_name.get(name)
        if key is not None and isinstance(self.library.elements[key].element, Decision):
            yield from self._null_facts(key, asked)

    def _null_facts(self, key: Key, asked: _Asked) -> Iterator[str]:
        """Give the null facts something rests on: what must be found before what may be missing.

        First come required facts, then parameters without a row, then facts that may be left out.
        """
        given = [
            self.library.key_of(item.name)
            for item in asked.decision.inputs
            if item.is_result and asked.inputs[item.name] is not None
        ]
        behind = self.library.needed_by(key, given=given)
        needed = {compiled.element.name for compiled in behind.values()}
        unknown = [
            item
            for item in asked.decision.inputs
            if item.name in needed and not item.is_result and holds_null(asked.inputs[item.name])
        ]
        yield from (
            [item.name for item in unknown if item.is_required]
            or [
                self._row_or_its_day(name, asked)
                for name, row in asked.rows.items()
                if name in needed and row is None
            ]
            or [item.name for item in unknown]
        )

    def _row_or_its_day(self, name: str, asked: _Asked) -> str:
        """Give what is missing where a parameter is null: a row, or the day to look it up for."""
        return name if asked.parameters_on else asked.decision.parameters_on

    # Trace --------------------------------------------------------------------------------

    def _trace(
        self, asked: _Asked, evaluation: Evaluation, value: Value, result: Result
    ) -> dict[str, Any]:
        head = {
            "pack": {
                "scheme": self.scheme,
                "version": self.version,
                "hash": self.hash,
                "title": dict(self.manifest.titles),
                "currency": self.currency,
            },
            "decision": asked.decision.name,
            "title": dict(asked.decision.titles),
            "kind": asked.decision.kind,
            "on": result.on.isoformat(),
            "parameters_on": asked.parameters_on and asked.parameters_on.isoformat(),
            "known_at": None if result.known_at is None else result.known_at.isoformat(),
            "outcome": result.outcome,
            **typed(value),
            "reasons": [
                {
                    "code": reason.code,
                    "text": reason.text,
                    "texts": dict(reason.texts),
                    "law": reason.law,
                }
                for reason in result.reasons
            ],
            "missing": list(result.missing),
        }
        inputs = [
            {
                "name": item.name,
                "title": dict(item.titles),
                "source": item.source,
                **typed(asked.inputs[item.name]),
                "declared_type": item.type,
            }
            for item in asked.decision.inputs
            if not (item.is_result and asked.inputs[item.name] is None)
        ]
        parameters = [self._parameter_json(name, row) for name, row in asked.rows.items()]
        return build_trace(
            head=head,
            inputs=inputs,
            parameters=parameters,
            records=evaluation.records,
            library=self.library,
            diagnostics=evaluation.run.diagnostics,
        )

    def _parameter_json(self, name: str, row: Row | None) -> dict[str, Any]:
        parameter = self._parameters[name]
        ends = None if row is None or row.valid_to is None else row.valid_to.isoformat()
        return {
            "name": name,
            "title": dict(parameter.titles),
            "unit": parameter.unit,
            "value": None if row is None else encode(row.value),
            "type": parameter.type,
            "valid_from": None if row is None else row.valid_from.isoformat(),
            "valid_to": ends,
            "known_from": None if row is None else row.known_from.isoformat(),
            "law": "" if row is None else row.law,
            "change": "" if row is None else row.change,
            "note": "" if row is None else row.note,
        }


def holds_null(value: Value) -> bool:
    match value:
        case None:
            return True
        case list():
            return any(holds_null(item) for item in value)
        case dict():
            return any(holds_null(item) for item in value.values())
        case _:
            return False


def _read_fact(fact: _Fact, given: object) -> Value:
    name = fact.declared.name
    refuse_beyond_measure(given)
    value = complete(
        to_feel(given, name=name), fact.kind, name=name, left_out=fact.declared.left_out
    )
    return check_type(value, fact.kind, name=name)


def parameters_day(
    declared: DeclaredDecision, values: Mapping[str, Value], on: date
) -> date | None:
    """Give the day whose parameters apply: the one of the named input; None if it is not known.

    A week (YYYY-Www, from Monday), a month or a year given as such stands for its first day.
    """
    if not declared.parameters_on:
        return on
    value = values.get(declared.parameters_on)
    if value is None:
        return None
    if isinstance(value, Decimal) and 1 <= value <= date.max.year and value % 1 == 0:
        value = Date(int(value), *declared.year_begins)
    if isinstance(value, str) and WEEK.fullmatch(value):
        value = _monday(value)
    if isinstance(value, str):
        value = parse_date(f"{value}-01" if len(value) == len("YYYY-MM") else value)
    if not isinstance(value, Date):
        raise WrongInput(
            code="input.date",
            message=f"The input {declared.parameters_on} is no year, month, week or date",
            remedy="Write it as a year, YYYY-MM, YYYY-Www or YYYY-MM-DD.",
        )
    day: date = to_python(value)
    return day


def _monday(week: str) -> Date | None:
    try:
        first = date.fromisoformat(f"{week}-1")
    except ValueError:  # the year has no such week
        return None
    return Date(first.year, first.month, first.day)


def _refuse_meaningless(item: Input, kind: FeelType) -> None:
    """Demand that left_out speaks of entries the input has, in their types."""
    base = base_of(kind)
    if isinstance(base, ListType):
        base = base_of(base.item)
    kinds = dict(base.fields) if isinstance(base, ContextType) else {}
    for name, value in item.left_out.items():
        if name not in kinds or not conforms(value, kinds[name]):
            raise UnusablePack(
                code="pack.left-out",
                message=f"left_out of {item.name} gives {name} a meaning its type does not have",
                remedy="Name an entry of the input's type, with a value of that entry's type.",
                where=MANIFEST,
            )


def content_hash(files: Mapping[str, str]) -> str:
    """Hash names and contents, each with its length, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name, files[name]):
            raw = part.encode()
            digest.update(f"{len(raw)}:".encode())
            digest.update(raw)
    return digest.hexdigest()


def load_pack(path: Path) -> Pack:
    """Load a pack from its folder. Raises RuleError with what is wrong and where."""
    if not path.is_dir():
        raise UnusablePack(
            code="pack.folder",
            message=f"There is no pack folder {path}",
            remedy="Give the folder that holds scheme.toml.",
        )
    return load_pack_files(read_folder(path))


def read_folder(path: Path) -> dict[str, str]:
    files: dict[str, str] = {}
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        hidden = any(part.startswith(".") for part in PurePosixPath(name).parts)
        if hidden or not file.is_file() or file.suffix not in TEXT_SUFFIXES:
            continue
        try:
            files[name] = file.read_bytes().decode()
        except UnicodeDecodeError as error:
            raise UnusablePack(
                code="pack.encoding",
                message="The file is not UTF-8 text",
                remedy="Save it as UTF-8.",
                where=name,
            ) from error
    return files


def load_pack_files(files: Mapping[str, str]) -> Pack:
    """Load a pack from its texts by relative name, as a database keeps them."""
    return _loaded(tuple(sorted(files.items())))


@lru_cache(maxsize=64)
def _loaded(files: tuple[tuple[str, str], ...]) -> Pack:
    return Pack(dict(files))
