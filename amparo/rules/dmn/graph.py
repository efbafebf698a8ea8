"""The requirement graph: models compiled once, decisions evaluated with what they require.

An element sees only what it requires: input data, decisions, knowledge models and services. A
``Library`` is immutable and may be shared between threads; an ``Evaluation`` belongs to one.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, TypeAlias

from amparo.rules.dmn.boxed import BUILTIN_NAMES, BoxedCompiler, names_declared, placed
from amparo.rules.dmn.model import (
    BusinessKnowledge,
    Decision,
    DecisionService,
    InputData,
    ItemDefinition,
    Model,
)
from amparo.rules.dmn.types import TypeBook
from amparo.rules.dmn.xml import UnreadableModel
from amparo.rules.feel.ast import Name, Node
from amparo.rules.feel.conformance import class_of
from amparo.rules.feel.diagnostics import LimitExceeded, NullCause, RuleError
from amparo.rules.feel.evaluate import (
    Evaluator,
    Expression,
    children,
    fit_or_null,
    make_function,
)
from amparo.rules.feel.parser import parse_unary_tests
from amparo.rules.feel.run import Frame, Run, Unknown
from amparo.rules.feel.scope import NameTable, Scope
from amparo.rules.feel.types import ANY, FUNCTION, FeelType, FunctionType
from amparo.rules.feel.values import Function, Value, refuse_beyond_measure

Key: TypeAlias = tuple[str, str]
Element: TypeAlias = InputData | Decision | BusinessKnowledge | DecisionService


@dataclass(frozen=True, slots=True)
class Compiled:
    """One element ready to run. problem: why it cannot run, if so."""

    key: Key
    element: Element
    where: str
    kind: FeelType
    requires: tuple[tuple[str, str, Key], ...] = ()
    evaluator: Evaluator | None = None
    parameters: tuple[tuple[str, FeelType], ...] = ()
    problem: RuleError | None = None
    unknown_names: tuple[str, ...] = ()
    trees: tuple[Node, ...] = ()


class _Step(NamedTuple):
    """One element on the way to a decision. kind: the class that settles its type, if one does.

    evaluator: of a decision whose expressions may see all that was decided before, since they name
    nothing of it but what the decision requires.
    """

    key: Key
    compiled: Compiled
    name: str
    evaluator: Evaluator | None
    kind: type | None
    is_fact: bool


# Of a decision on a plain plan: itself, its name, its evaluator, the class that settles its type.
_PlainStep: TypeAlias = tuple[Compiled, str, Evaluator, type | None]


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """What happened in one decision, for the trace. steps: arithmetic, choices and tables."""

    key: Key
    name: str
    value: Value
    steps: tuple[object, ...]
    doubts: tuple[Unknown, ...]


class NoSuchDecision(RuleError):
    """The model has no decision or service of that name."""


class Library:
    """Compiled models. The first model given is the one whose elements are asked for by name."""

    def __init__(self, models: Sequence[Model]) -> None:
        self.models: Final = _by_namespace(models)
        self.main: Final = models[0]
        self._declared: Final = {
            key: element for model in models for key, element in elements_of(model)
        }
        self._orders: Final[dict[Key, tuple[Key, ...]]] = {}
        self._plans: Final[dict[Key, tuple[_Step, ...]]] = {}
        self._plain: Final[dict[Key, tuple[_PlainStep, ...]]] = {}
        self.elements: Final[dict[Key, Compiled]] = {}
        self.types: Final[dict[str, TypeBook]] = {}
        self._type_problems: dict[str, RuleError] = {}
        with _within_the_stack(self.main.where):
            for model in models:
                self._types_of(model, ())
            for key, element in self._declared.items():
                self.elements[key] = self._compile(self.models[key[0]], key, element)
        self.decisions: Final = frozenset(
            key for key, element in self._declared.items() if isinstance(element, Decision)
        )
        self._mark_clashes()
        self._refuse_cycles()
        self.by_name: Final = {
            compiled.element.name: key
            for key, compiled in self.elements.items()
            if key[0] == self.main.namespace
        }

    def problems(self) -> Iterator[RuleError]:
        for compiled in self.elements.values():
            if compiled.problem is not None:
                yield compiled.problem

    def key_of(self, name: str) -> Key:
        key = self.by_name.get(" ".join(name.split()))
        if key is None:
            known = ", ".join(sorted(self.by_name))
            raise NoSuchDecision(
                code="decision.unknown",
                message=f"There is no decision {name}",
                remedy=f"Ask for one of: {known}.",
                where=self.main.where,
            )
        return key

    def needed_by(self, key: Key, *, given: Collection[Key] = ()) -> dict[Key, Compiled]:
        """Give an element and all it requires, directly or not.

        given: elements whose values are known; what those rest on is not needed.
        """
        found: dict[Key, Compiled] = {}
        waiting = [key]
        while waiting:
            current = waiting.pop()
            if current in found or current not in self.elements:
                continue
            found[current] = self.elements[current]
            if current in given:
                continue
            waiting.extend(target for _, _, target in self.elements[current].requires)
            element = found[current].element
            if isinstance(element, DecisionService):
                waiting.extend(element.outputs)
        return found

    def reach_of(self, key: Key) -> tuple[Scope, TypeBook]:
        """Give the names and types that the logic of an element can see. Raises RuleError."""
        compiled = self.elements[key]
        if compiled.problem is not None:
            raise compiled.problem
        types = self.types[key[0]]
        scope = self._scope(compiled.requires, types)
        return scope.inner([name for name, _ in compiled.parameters]), types

    def scope_of(self, compiled: Compiled) -> Scope:
        """Give the names an element's expressions may use, as they were read with."""
        return self._scope(compiled.requires, self.types[compiled.key[0]])

    # Compiling ----------------------------------------------------------------------------

    def _types_of(self, model: Model, open_models: tuple[str, ...]) -> TypeBook:
        if model.namespace in self.types:
            return self.types[model.namespace]
        if model.namespace in open_models:
            raise _cycle(model.where, "models that import each other")
        imported: dict[str, FeelType] = {}
        for reference in model.imports:
            target = self._imported(model, reference.namespace)
            book = self._types_of(target, (*open_models, model.namespace))
            # An import without a name brings the other model's types in by their own.
            prefix = f"{reference.name}." if reference.name else ""
            imported.update({f"{prefix}{name}": kind for name, kind in book.types.items()})

        def test_of(text: str, name: str) -> Callable[[object], bool]:
            where = f"{model.where}, itemDefinition {name}"
            return allowed_test(text, where, NameTable(component_names(model.types)))

        book = TypeBook(model.types, imported, test_of=test_of, where=model.where)
        self.types[model.namespace] = book
        return book

    def _imported(self, model: Model, namespace: str) -> Model:
        target = self.models.get(namespace)
        if target is None:
            raise UnreadableModel(
                code="dmn.import",
                message=f"The imported model {namespace} is not here",
                remedy="Put the imported model's file beside the others.",
                where=model.where,
            )
        return target

    def _compile(self, model: Model, key: Key, element: Element) -> Compiled:
        where = f"{model.where}, {_KINDS[type(element)]} {element.name}"
        types = self.types[model.namespace]
        try:
            return self._compile_element(model, key, element, types, where)
        except RuleError as error:
            problem = error if error.where else placed(error, where, "")
            return Compiled(key, element, where, ANY, problem=problem)

    def _compile_element(
        self, model: Model, key: Key, element: Element, types: TypeBook, where: str
    ) -> Compiled:
        kind = types.find(element.type_ref)
        if isinstance(element, InputData):
            return Compiled(key, element, where, kind)
        if isinstance(element, DecisionService):
            parameters, result = _signature(self._service_parameters(element), kind)
            return Compiled(key, element, where, result, parameters=parameters)
        references = element.knowledge
        if isinstance(element, Decision):
            references = (*element.information, *references)
        requires = tuple(self._requirement(model, reference, where) for reference in references)
        scope = self._scope(requires, types)
        compiler = BoxedCompiler(types, where)
        if isinstance(element, Decision):
            if element.logic is None:
                return Compiled(key, element, where, kind, requires)
            evaluator = compiler.compile(element.logic, scope)
            unknown, trees = tuple(compiler.unknown), tuple(compiler.trees)
            return Compiled(
                key, element, where, kind, requires, evaluator, unknown_names=unknown, trees=trees
            )
        if element.logic is None:
            return Compiled(key, element, where, kind, requires)
        declared = types.find(element.logic.type_ref) if element.logic.type_ref else kind
        parameters, result = _signature(compiler.parameters(element.logic), declared)
        body = compiler.body(element.logic, scope.inner([name for name, _ in parameters]))
        unknown, trees = tuple(compiler.unknown), tuple(compiler.trees)
        return Compiled(
            key,
            element,
            where,
            result,
            requires,
            body,
            parameters,
            unknown_names=unknown,
            trees=trees,
        )

    def _requirement(self, model: Model, reference: Key, where: str) -> tuple[str, str, Key]:
        """Give (import name or "", element name, key) of what a reference points to."""
        element = self._declared.get(reference)
        if element is not None:
            imports = {known.namespace: known.name for known in model.imports}
            alias = "" if reference[0] == model.namespace else imports.get(reference[0], "")
            return alias, element.name, reference
        raise UnreadableModel(
            code="dmn.reference",
            message=f"A requirement points to {reference[1]}, which is not in the models",
            remedy="Draw the requirement again, or add the imported model.",
            where=where,
        )

    def _scope(self, requires: tuple[tuple[str, str, Key], ...], types: TypeBook) -> Scope:
        names = [alias or name for alias, name, _ in requires]
        members = NameTable(member_names(self.models.values()))
        for alias, name, _ in requires:
            if alias:
                members.add(name)
        return Scope(NameTable(names), members, types.types)

    def _service_parameters(self, service: DecisionService) -> tuple[tuple[str, FeelType], ...]:
        for key in (*service.outputs, *service.input_data, *service.input_decisions):
            if key not in self._declared:
                raise UnreadableModel(
                    code="dmn.reference",
                    message=f"The service names {key[1]}, which is not in the models",
                    remedy="Draw the service again, or add the imported model.",
                    where=self.models[key[0]].where if key[0] in self.models else "",
                )
        return tuple(
            (self._declared[key].name, self.types[key[0]].find(self._declared[key].type_ref))
            for key in (*service.input_data, *service.input_decisions)
        )

    def _mark_clashes(self) -> None:
        """Refuse an element that has the name of another of its model: neither could be meant."""
        first: dict[tuple[str, str], Compiled] = {}
        for key, compiled in self.elements.items():
            known = first.setdefault((key[0], compiled.element.name), compiled)
            if known is not compiled and compiled.problem is None:
                self.elements[key] = replace(
                    compiled,
                    problem=UnreadableModel(
                        code="dmn.name-clash",
                        message=f"The name {compiled.element.name} stands for two elements",
                        remedy="Give each element of a model a name of its own.",
                        where=f"{compiled.where} ({key[1]}) and {known.where} ({known.key[1]})",
                    ),
                )

    def _refuse_cycles(self) -> None:
        """Refuse decisions that require each other, whatever their number."""
        done: set[Key] = set()
        for start in self.elements:
            path: dict[Key, Iterator[Key]] = {}
            waiting = [start]
            while waiting:
                key = waiting[-1]
                if key not in path:
                    path[key] = iter(() if key in done else self._decided_before(key))
                following = next(path[key], None)
                if following is None:
                    done.add(waiting.pop())
                    del path[key]
                elif following in path:
                    where = self.elements[following].where
                    raise _cycle(where, "decisions that require each other")
                else:
                    waiting.append(following)

    def _decided_before(self, key: Key) -> Iterator[Key]:
        """Give what must have a value first. Functions may call each other: they have one."""
        compiled = self.elements[key]
        if not isinstance(compiled.element, BusinessKnowledge):
            yield from (target for _, _, target in compiled.requires)

    def order_of(self, key: Key) -> tuple[Key, ...]:
        """Give all that an element rests on and then itself, each after what it requires."""
        if key not in self._orders:
            ordered: dict[Key, None] = {}
            seen = {key}
            path = [(key, iter(self.elements[key].requires))]
            while path:
                current, following = path[-1]
                target = next((target for _, _, target in following if target not in seen), None)
                if target is None:
                    ordered[current] = None
                    path.pop()
                else:
                    seen.add(target)
                    path.append((target, iter(self.elements[target].requires)))
            self._orders[key] = tuple(ordered)
        return self._orders[key]

    def plan_for(self, key: Key) -> tuple[_Step, ...]:
        """Give the steps to an element's value when no decision is given; made once."""
        if key not in self._plans:
            order = [self.elements[earlier] for earlier in self.order_of(key)]
            names = {compiled.element.name for compiled in order}
            one_model = len({compiled.key[0] for compiled in order}) == 1
            self._plans[key] = tuple(
                _Step(
                    compiled.key,
                    compiled,
                    compiled.element.name,
                    compiled.evaluator if one_model and _sees_only(compiled, names) else None,
                    class_of(compiled.kind),
                    isinstance(compiled.element, InputData),
                )
                for compiled in order
            )
        return self._plans[key]

    def plain_plan_for(self, key: Key) -> tuple[_PlainStep, ...]:
        """Give the decisions on the way where all else are facts seen by their names; else none."""
        if key not in self._plain:
            plan = self.plan_for(key)
            is_plain = plan[-1].evaluator is not None and all(
                step.evaluator is not None or (step.is_fact and step.key[0] == self.main.namespace)
                for step in plan
            )
            decided = tuple(
                (step.compiled, step.name, step.evaluator, step.kind)
                for step in plan
                if step.evaluator is not None
            )
            self._plain[key] = decided if is_plain else ()
        return self._plain[key]


def _signature(
    parameters: tuple[tuple[str, FeelType], ...], declared: FeelType
) -> tuple[tuple[tuple[str, FeelType], ...], FeelType]:
    """Give the parameters and the result of a function, of the types that are declared for it.

    declared: a function type, or the type of the result alone, as older models have it.
    """
    if not isinstance(declared, FunctionType):
        return parameters, ANY if declared == FUNCTION else declared
    if len(declared.parameters) == len(parameters):
        wanted = zip(parameters, declared.parameters, strict=True)
        parameters = tuple(
            (name, demanded if kind == ANY else kind) for (name, kind), demanded in wanted
        )
    return parameters, declared.result


def _sees_only(compiled: Compiled, names: set[str]) -> bool:
    """Say whether a decision names, of these elements, only what it requires."""
    if not isinstance(compiled.element, Decision) or compiled.problem is not None:
        return False
    required = {name for _, name, _ in compiled.requires}
    waiting = list(compiled.trees)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Name) and node.name in names and node.name not in required:
            return False
        waiting.extend(children(node))
    return True


def _by_namespace(models: Sequence[Model]) -> dict[str, Model]:
    found: dict[str, Model] = {}
    for model in models:
        known = found.setdefault(model.namespace, model)
        if known is not model:
            raise UnreadableModel(
                code="dmn.namespace-clash",
                message=f"The namespace {model.namespace} is that of {known.where} too",
                remedy="Give each model a namespace of its own.",
                where=model.where,
            )
    return found


def _cycle(where: str, what: str) -> UnreadableModel:
    return UnreadableModel(
        code="dmn.cycle",
        message=f"The models hold {what}",
        remedy="Remove one of the requirements, so that each decision rests on earlier ones.",
        where=where,
    )


_KINDS: Final[Mapping[type, str]] = {
    InputData: "input",
    Decision: "decision",
    BusinessKnowledge: "knowledge model",
    DecisionService: "decision service",
}


def elements_of(model: Model) -> Iterator[tuple[Key, Element]]:
    groups: tuple[Mapping[str, Element], ...] = (
        model.inputs,
        model.decisions,
        model.knowledge,
        model.services,
    )
    for group in groups:
        for identifier, element in group.items():
            yield (model.namespace, identifier), element


def component_names(definitions: Sequence[ItemDefinition]) -> Iterator[str]:
    for definition in definitions:
        for component in definition.components:
            yield component.name
        yield from component_names(definition.components)


def member_names(models: Iterable[Model]) -> Iterator[str]:
    for model in models:
        yield from component_names(model.types)
        for decision in model.decisions.values():
            yield from names_declared(decision.logic)
        for knowledge in model.knowledge.values():
            yield from names_declared(knowledge.logic)


def allowed_test(text: str, where: str, members: NameTable) -> Callable[[object], bool]:
    """Compile allowed values into a test on one value."""
    try:
        expression = Expression(
            parse_unary_tests(text, Scope(members=members), builtins=BUILTIN_NAMES)
        )
    except RuleError as error:
        raise placed(error, where, "") from error
    passes = expression.passes
    return lambda value: passes(value, Frame(Run(), {})) is True


@contextmanager
def _within_the_stack(where: str) -> Iterator[None]:
    """Turn the end of Python's own stack into a refusal with a place."""
    try:
        yield
    except RecursionError as error:
        raise _too_deep(where) from error


def _too_deep(where: str) -> LimitExceeded:
    return LimitExceeded(
        code="run.too-deep",
        message="The rules nest more deeply than the engine allows",
        remedy="Give a recursion an end; take boxes and types within each other apart.",
        where=where,
    )


@dataclass(slots=True)
class Evaluation:
    """One question to a library. given: values of inputs (and of overridden decisions).

    is_fitted: the values of inputs are known to be of their types. facts: the same by their names,
    where no more is given than the inputs of the main model.
    """

    library: Library
    run: Run
    given: Mapping[Key, Value]
    values: dict[Key, Value] = field(default_factory=dict)
    doubts: dict[Key, tuple[Unknown, ...]] = field(default_factory=dict)
    records: list[DecisionRecord] = field(default_factory=list)
    is_fitted: bool = False
    facts: Mapping[str, Value] | None = None

    def ask(self, key: Key) -> Value:
        """Evaluate an element by key; a service is asked with the inputs given."""
        compiled = self.library.elements[key]
        try:
            if isinstance(compiled.element, DecisionService):
                value = self._service_result(compiled)
            else:
                value = self.value(key)
        except RecursionError as error:
            raise _too_deep(compiled.where) from error
        refuse_beyond_measure(value)
        return value

    def call(self, key: Key, arguments: Mapping[str, Value]) -> Value:
        """Call a knowledge model with arguments by name; one left out is null."""
        where = self.library.elements[key].where
        with _within_the_stack(where):
            function = self.value(key)
            if not isinstance(function, Function):
                return None
            values = [arguments.get(name) for name in function.parameters]
            try:
                return function.call(values)
            except NullCause as cause:
                self.run.null(cause.code, cause.message, function.name)
                return None

    def _decide_plainly(self, plan: tuple[_PlainStep, ...]) -> Value:
        """Take all steps of a plan from the facts by name, without keeping what is on the way."""
        run = self.run
        where, before = run.where, len(run.unknowns)
        doubted: dict[str, Value] = {}
        frame = Frame(run, self.facts or {}, None, doubted)
        value: Value = None
        unknowns = run.unknowns
        for compiled, name, evaluator, kind in plan:
            run.where = name
            value = evaluator(frame)
            if type(value) is not kind and value is not None:
                value = fit_or_null(value, compiled.kind, run, name)
            if len(unknowns) > before and self._note_doubts(compiled, name, before):
                doubted[name] = value
            else:
                frame[name] = value
        run.where = where
        return value

    def value(self, key: Key) -> Value:
        """Evaluate an element; what it requires first, so that no chain of them is too long."""
        if key in self.values:
            return self.values[key]
        if self.facts is not None and not self.run.tracing:
            plan = self.library.plain_plan_for(key)
            if plan:
                value = self.values[key] = self._decide_plainly(plan)
                return value
        if not self._overrides():
            self._follow(self.library.plan_for(key))
            return self.values[key]
        self.values[key] = self._evaluate(self.library.elements[key])
        return self.values[key]

    def _follow(self, plan: tuple[_Step, ...]) -> None:
        """Take the steps of a plan that were not taken yet."""
        run, values = self.run, self.values
        where, before = run.where, len(run.unknowns)
        doubted: dict[str, Value] = {}
        frame = Frame(run, {}, None, doubted)
        given = self.given if self.is_fitted else {}
        for step in plan:
            key = step.key
            if step.is_fact and key in given:
                values[key] = frame[step.name] = given[key]
                continue
            if key in values:
                (doubted if key in self.doubts else frame)[step.name] = values[key]
                continue
            if step.evaluator is None:
                value = self._evaluate(step.compiled)
            elif run.tracing:
                value = self._decide(step.compiled, step.name, frame)
            else:
                run.where = step.name
                value = step.evaluator(frame)
                if type(value) is not step.kind and value is not None:
                    value = fit_or_null(value, step.compiled.kind, run, step.name)
                if len(run.unknowns) > before:
                    self._note_doubts(step.compiled, step.name, before)
            values[key] = value
            (doubted if key in self.doubts else frame)[step.name] = value
        run.where = where

    def _note_doubts(self, compiled: Compiled, name: str, before: int) -> tuple[Unknown, ...]:
        """Take the doubts noted since a decision began for its own."""
        run = self.run
        doubts = tuple(dict.fromkeys(run.unknowns[before:]))
        del run.unknowns[before:]
        if doubts:
            run.uncertain[name] = doubts
            self.doubts[compiled.key] = doubts
        return doubts

    def _overrides(self) -> bool:
        """Say whether a decision is given: what it rests on is then not asked."""
        return not self.library.decisions.isdisjoint(self.given)

    def _evaluate(self, compiled: Compiled) -> Value:
        if compiled.key in self.given or isinstance(compiled.element, InputData):
            value = self.given.get(compiled.key)
            if self.is_fitted:
                return value
            return fit_or_null(value, compiled.kind, self.run, compiled.element.name)
        if isinstance(compiled.element, Decision):
            if compiled.problem is not None:
                return self._no_value(compiled)
            frame = self._frame_of(compiled)
            return self._decide(compiled, compiled.element.name, frame)
        if isinstance(compiled.element, DecisionService):
            return self._service(compiled, compiled.element)
        return self._function(compiled)

    def _no_value(self, compiled: Compiled) -> Value:
        """Note why an element has no value."""
        code = "knowledge.empty" if compiled.problem is None else compiled.problem.code
        self.run.null(code, str(compiled.problem or "no logic"), compiled.element.name)
        return None

    def _decide(self, compiled: Compiled, name: str, frame: Frame) -> Value:
        run = self.run
        where, steps, before = run.where, run.steps, len(run.unknowns)
        run.where, run.steps = name, []
        evaluator = compiled.evaluator
        value = None if evaluator is None else evaluator(frame)
        value = fit_or_null(value, compiled.kind, run, name)
        doubts = self._note_doubts(compiled, name, before)
        if run.tracing:
            refuse_beyond_measure(value)
            record = DecisionRecord(compiled.key, name, value, tuple(run.steps), doubts)
            self.records.append(record)
        run.where, run.steps = where, steps
        return value

    def _frame_of(self, compiled: Compiled) -> Frame:
        """Give the names an element sees: what it requires, values in doubt apart."""
        frame = Frame(self.run, {}, None, {})
        self._bring(compiled, frame)
        return frame

    def _bring(self, compiled: Compiled, frame: Frame) -> None:
        doubted: dict[str, Value] = {}
        imported: dict[str, dict[str, Value]] = {}
        for alias, name, key in compiled.requires:
            value = self.value(key)
            if alias:
                imported.setdefault(alias, {})[name] = value
                if key in self.doubts:
                    self.run.uncertain[alias] = self.doubts[key]
                    doubted[alias] = imported[alias]
            elif key in self.doubts:
                doubted[name] = value
            else:
                frame[name] = value
        frame.update((alias, names) for alias, names in imported.items() if alias not in doubted)
        frame.doubted = doubted

    def _function(self, compiled: Compiled) -> Value:
        if compiled.problem is not None or compiled.evaluator is None:
            return self._no_value(compiled)
        frame = Frame(self.run, {})
        function = make_function(
            compiled.element.name,
            compiled.parameters,
            compiled.evaluator,
            frame,
            compiled.kind,
        )
        # Known before what it requires, so that a function may call itself.
        self.values[compiled.key] = function
        self._bring(compiled, frame)
        return function

    # Decision services --------------------------------------------------------------------

    def _service(self, compiled: Compiled, service: DecisionService) -> Function:
        parameters = tuple(name for name, _ in compiled.parameters)
        keys = (*service.input_data, *service.input_decisions)

        def call(arguments: Sequence[Value]) -> Value:
            given = dict(zip(keys, arguments, strict=True))
            inner = Evaluation(self.library, self.run, given)
            self.run.enter_call(service.name)
            result = inner._service_result(compiled)
            self.run.calls -= 1
            self.records.extend(inner.records)
            return result

        return Function(service.name, parameters, call)

    def _service_result(self, compiled: Compiled) -> Value:
        service = compiled.element
        if not isinstance(service, DecisionService) or compiled.problem is not None:
            return self._no_value(compiled)
        results = {
            self.library.elements[key].element.name: self.value(key) for key in service.outputs
        }
        for key in service.outputs:
            self.run.unknowns.extend(self.doubts.get(key, ()))
        result = next(iter(results.values())) if len(results) == 1 else results
        return fit_or_null(result, compiled.kind, self.run, service.name)
