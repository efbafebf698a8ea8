"""Tree to function: each node becomes a closure once, and is called as often as there are claims.

Invariant: evaluation never raises for what a rule says or a value is. An error is null and leaves
a diagnostic in the run. Only the engine's own limits raise. Missing data that chooses a way
(a null condition of ``if``, a null filter) is noted in the run as an Unknown.
"""

import operator as python_operators
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal, DecimalException
from typing import Any, Final, TypeAlias

from amparo.rules.feel import arithmetic, ast
from amparo.rules.feel.builtins import BUILTINS
from amparo.rules.feel.conformance import DoesNotFit, class_of, conforms, fit
from amparo.rules.feel.diagnostics import NullCause
from amparo.rules.feel.parser import Parsed
from amparo.rules.feel.properties import property_of
from amparo.rules.feel.run import Frame, Run, Step, Unknown
from amparo.rules.feel.temporal import Date, DateTime, DaysDuration, MonthsDuration, Time, add_days
from amparo.rules.feel.types import ANY, FeelType
from amparo.rules.feel.values import (
    Function,
    Range,
    Value,
    equal,
    in_range,
    kind_of,
    order,
    text_of,
)

Evaluator: TypeAlias = Callable[[Frame], Value]
Binder: TypeAlias = Callable[[Frame], Iterator[Frame] | None]


class Expression:
    """A compiled expression: call it with a frame."""

    def __init__(self, parsed: Parsed) -> None:
        self.source = parsed.source
        self.tree = parsed.tree
        self.unknown_names = parsed.unknown
        compiler = _Compiler(parsed.source)
        self.evaluator = compiler.node(parsed.tree)
        # Of a table cell: the same as a question about the value under test.
        self.passes: CellTest = _always if isinstance(parsed.tree, ast.Dash) else _never
        if isinstance(parsed.tree, ast.UnaryTests):
            self.passes = compiler.cell(parsed.tree)

    def __call__(self, frame: Frame) -> Value:
        return self.evaluator(frame)


CellTest: TypeAlias = Callable[[Value, Frame], bool | None]


def _always(_tested: Value, _frame: Frame) -> bool | None:
    return True


def _never(_tested: Value, _frame: Frame) -> bool | None:
    return None


def names_in(node: ast.Node) -> Iterator[ast.Name | ast.Path]:
    """Give the names and dotted paths a tree mentions, outermost paths only."""
    if isinstance(node, ast.Name) or (isinstance(node, ast.Path) and _root(node) is not None):
        yield node
        return
    for child in children(node):
        yield from names_in(child)


def children(node: ast.Node) -> Iterator[ast.Node]:
    for field in node.__dataclass_fields__:
        yield from _nodes(getattr(node, field))


def _nodes(value: object) -> Iterator[ast.Node]:
    if isinstance(value, ast.Node):
        yield value
    elif isinstance(value, ast.Iterator):
        yield from _nodes((value.source, value.end))
    elif isinstance(value, tuple):
        for item in value:
            yield from _nodes(item)


def _root(node: ast.Node) -> str | None:
    while isinstance(node, ast.Path):
        node = node.source
    return node.name if isinstance(node, ast.Name) else None


def missing_facts(node: ast.Node, frame: Frame) -> tuple[str, ...]:
    """Name what in a tree is null now: the reason why its condition has no answer."""
    missing: dict[str, None] = {}
    for name in names_in(node):
        path = null_path(name, frame)
        if path is not None:
            missing[path] = None
    return tuple(missing)


def is_null(node: ast.Node) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def mentions_null(tree: ast.Node) -> bool:
    """Say whether an author thought of null: then it is an answer, not a gap."""
    return is_null(tree) or any(mentions_null(child) for child in children(tree))


def note_silent_null(node: ast.Node, frame: Frame, text: str) -> None:
    """Note that null was answered with yes or no: ``null = "resident"`` is false in FEEL."""
    run = frame.run
    run.unknowns.append(Unknown("comparison.null", run.where, text, missing_facts(node, frame)))


def note_null_list(node: ast.Node | None, frame: Frame, text: str) -> None:
    """Note that an unknown list was filtered as if it were empty, as FEEL has it.

    A list that an author wrote as null is no gap.
    """
    if node is not None and is_null(node):
        return
    run = frame.run
    facts = () if node is None else missing_facts(node, frame)
    run.unknowns.append(Unknown("filter.null-list", run.where, text, facts))


def null_path(node: ast.Node, frame: Frame) -> str | None:
    """Give the dotted path of a name if it leads to null, as far as the first null."""
    if isinstance(node, ast.Name):
        known, value = frame.find(node.name)
        return node.name if known and value is None else None
    if not isinstance(node, ast.Path):
        return None
    before = null_path(node.source, frame)
    if before is not None:
        return before
    owner = _plain_value(node.source, frame)
    if isinstance(owner, dict) and owner.get(node.member) is None:
        return f"{_dotted(node.source)}.{node.member}"
    return None


def _plain_value(node: ast.Node, frame: Frame) -> Value:
    if isinstance(node, ast.Name):
        return frame.find(node.name)[1]
    owner = _plain_value(node.source, frame) if isinstance(node, ast.Path) else None
    return (
        owner.get(node.member) if isinstance(owner, dict) and isinstance(node, ast.Path) else None
    )


def _dotted(node: ast.Node) -> str:
    if isinstance(node, ast.Path):
        return f"{_dotted(node.source)}.{node.member}"
    return node.name if isinstance(node, ast.Name) else ""


def satisfies(tested: Value, test: Value) -> bool | None:
    """Say whether a value passes a test given as a value: a range, a list of tests, or an equal."""
    if isinstance(test, Range):
        return equal(tested, test) if isinstance(tested, Range) else in_range(tested, test)
    if isinstance(test, list):
        if isinstance(tested, list) and equal(tested, test) is True:
            return True
        return any_true(_passes_item(tested, item) for item in test)
    return equal(tested, test)


def _passes_item(tested: Value, item: Value) -> bool | None:
    """In a list of tests, an item of another kind is just not equal; a range must be comparable."""
    if isinstance(item, Range) and not isinstance(tested, Range):
        return in_range(tested, item)
    return equal(tested, item) is True


def any_true(answers: "Iterator[bool | None] | Sequence[bool | None]") -> bool | None:
    result: bool | None = False
    for answer in answers:
        if answer is True:
            return True
        if answer is None:
            result = None
    return result


class _Compiler:
    def __init__(self, source: str) -> None:
        self.source = source

    def text(self, node: ast.Node) -> str:
        return " ".join(self.source[node.span.start : node.span.end].split())

    def node(self, node: ast.Node) -> Evaluator:
        return _COMPILE[type(node)](self, node)

    # Names --------------------------------------------------------------------------------

    def literal(self, node: ast.Constant) -> Evaluator:
        value = node.value
        return lambda _: value

    def name(self, node: ast.Name) -> Evaluator:
        name = node.name
        builtin = BUILTINS.get(name)
        if builtin is None:
            return python_operators.itemgetter(name)

        def evaluate(frame: Frame) -> Value:
            return frame[name] if frame.knows(name) else builtin.as_function(frame.run)

        return evaluate

    def path(self, node: ast.Path) -> Evaluator:
        source, member, text = self.node(node.source), node.member, self.text(node)

        def evaluate(frame: Frame) -> Value:
            owner = source(frame)
            if type(owner) is dict and member in owner:
                return owner[member]
            return read_member(owner, member, frame.run, text)

        return evaluate

    # Operators ----------------------------------------------------------------------------

    def negation(self, node: ast.Negation) -> Evaluator:
        operand, text = self.node(node.operand), self.text(node)

        def evaluate(frame: Frame) -> Value:
            try:
                return arithmetic.negate(operand(frame))
            except NullCause as cause:
                frame.run.null(cause.code, cause.message, text)
                return None

        return evaluate

    def arithmetic(self, node: ast.Arithmetic) -> Evaluator:
        left, right = self.node(node.left), self.node(node.right)
        operator, text = node.operator, self.text(node)
        of_numbers = arithmetic.OF_NUMBERS.get(operator)

        def evaluate(frame: Frame) -> Value:
            mine, theirs = left(frame), right(frame)
            run = frame.run
            try:
                if of_numbers is not None and type(mine) is Decimal and type(theirs) is Decimal:
                    result: Value = of_numbers(mine, theirs)
                else:
                    result = arithmetic.apply(operator, mine, theirs)
            except DecimalException as error:
                cause = arithmetic.decimal_cause(error)
                run.null(cause.code, cause.message, text)
                return None
            except NullCause as cause:
                run.null(cause.code, cause.message, text)
                return None
            if run.tracing:
                values = f"{text_of(mine)} {operator} {text_of(theirs)}"
                run.steps.append(Step("arithmetic", text, values, result))
            return result

        return evaluate

    def comparison(self, node: ast.Comparison) -> Evaluator:
        left, right = self.node(node.left), self.node(node.right)
        operator, text = node.operator, self.text(node)
        asks_for_null = is_null(node.left) or is_null(node.right)
        plainly = _PLAIN_COMPARISONS[operator]

        def evaluate(frame: Frame) -> Value:
            mine, theirs = left(frame), right(frame)
            if type(mine) is type(theirs) and type(mine) in _PLAINLY_ORDERED:
                return plainly(mine, theirs)
            answer = compare(operator, mine, theirs)
            if (mine is None or theirs is None) and answer is not None and not asks_for_null:
                note_silent_null(node, frame, text)
            if answer is None:
                message = f"{kind_of(mine)} {operator} {kind_of(theirs)} has no answer"
                frame.run.null("null.comparison", message, text)
            return answer

        return evaluate

    def logical(self, node: ast.Logical) -> Evaluator:
        """Three-valued and/or: a decisive side makes doubts about the other side irrelevant."""
        left, right, text = self.node(node.left), self.node(node.right), self.text(node)
        decisive = node.operator == "or"
        open_side = not decisive

        def evaluate(frame: Frame) -> Value:
            run = frame.run
            before = len(run.unknowns)
            mine = left(frame)
            middle = len(run.unknowns)
            if middle == before and type(mine) is bool:
                # Without a doubt about it, a decisive side decides, and another leaves it to come.
                theirs = right(frame) if mine is open_side else mine
                if type(theirs) is bool:
                    return theirs
            else:
                theirs = right(frame)
            return joined(mine, theirs, run, before, middle)

        def joined(mine: Value, theirs: Value, run: Run, before: int, middle: int) -> Value:
            if theirs is decisive and len(run.unknowns) == middle:
                del run.unknowns[before:]
            if mine is decisive or theirs is decisive:
                return decisive
            if isinstance(mine, bool) and isinstance(theirs, bool):
                return open_side
            for side in (mine, theirs):
                if side is not None and not isinstance(side, bool):
                    run.null("type.operator", f"{kind_of(side)} is neither true nor false", text)
            return None

        return evaluate

    def between(self, node: ast.Between) -> Evaluator:
        value, low, high = self.node(node.value), self.node(node.low), self.node(node.high)
        text = self.text(node)

        def evaluate(frame: Frame) -> Value:
            tested, least, most = value(frame), low(frame), high(frame)
            if type(tested) is Decimal and type(least) is Decimal and type(most) is Decimal:
                return least <= tested <= most
            above, below = compare(">=", tested, least), compare("<=", tested, most)
            if above is None or below is None:
                frame.run.null("null.comparison", "between compares unlike or null values", text)
                return None
            return above and below

        return evaluate

    def in_tests(self, node: ast.In) -> Evaluator:
        value, text = self.node(node.value), self.text(node)
        tests = [self.membership(test) for test in node.tests]
        asks_for_null = mentions_null(node)

        def evaluate(frame: Frame) -> Value:
            tested = value(frame)
            answer = any_true(test(tested, frame) for test in tests)
            if tested is None and answer is not None and not asks_for_null:
                note_silent_null(node, frame, text)
            if answer is None:
                frame.run.null("null.comparison", "the test has no answer for this value", text)
            return answer

        return evaluate

    def membership(self, node: ast.Node) -> "Callable[[Value, Frame], bool | None]":
        """Compile one test on the right of ``in``."""
        if isinstance(node, ast.UnaryTest):
            operator, operand = node.operator, self.node(node.operand)
            return lambda tested, frame: compare(operator, tested, operand(frame))
        test = self.node(node)
        if isinstance(node, ast.RangeLiteral):

            def within(tested: Value, frame: Frame) -> bool | None:
                interval = test(frame)
                return None if interval is None else satisfies(tested, interval)

            return within
        return lambda tested, frame: satisfies(tested, test(frame))

    def unary_test(self, node: ast.UnaryTest) -> Evaluator:
        """A lone ``< 5`` is the range of all that is less than 5."""
        operand, operator, text = self.node(node.operand), node.operator, self.text(node)

        def evaluate(frame: Frame) -> Value:
            end = operand(frame)
            if end is None and operator not in ("=", "!="):
                frame.run.null("null.operand", "the end of the range is null", text)
                return None
            match operator:
                case "<" | "<=":
                    return Range(None, end, low_included=False, high_included=operator == "<=")
                case ">" | ">=":
                    return Range(end, None, low_included=operator == ">=", high_included=False)
                case _:
                    return Range(end, end, low_included=True, high_included=True, test=operator)

        return evaluate

    def unary_tests(self, node: ast.UnaryTests) -> Evaluator:
        passes = self.cell(node)
        return lambda frame: passes(frame.find("?")[1], frame)

    def cell(self, node: ast.UnaryTests) -> CellTest:
        """Compile a cell into a question about a value: one of its tests must hold."""
        tests = [self.cell_test(test) for test in node.tests]
        negated = node.negated
        if len(tests) == 1 and not negated:
            return tests[0]

        def passes(tested: Value, frame: Frame) -> bool | None:
            answer = any_true(test(tested, frame) for test in tests)
            if negated and answer is not None:
                return not answer
            return answer

        return passes

    def cell_test(self, node: ast.Node) -> CellTest:
        """Compile one test of a cell; ``?`` in it stands for the value under test."""
        if isinstance(node, ast.UnaryTest):
            return self.comparison_test(node)
        if isinstance(node, ast.Constant) and type(node.value) in _PLAINLY_EQUAL:
            return _equals(node.value)
        if isinstance(node, ast.RangeLiteral) and (within := _within(node)) is not None:
            return within
        test = self.node(node)
        if any(_root(name) == "?" for name in names_in(node)):

            def holds(tested: Value, frame: Frame) -> bool | None:
                answer = test(frame.inner({"?": tested}))
                return answer if isinstance(answer, bool) else None

            return holds

        # A name stands for a value to compare with: what is not known is not true.
        is_name = isinstance(node, ast.Name | ast.Path)

        def passes(tested: Value, frame: Frame) -> bool | None:
            answer = test(frame)
            if (
                type(answer) is bool
                and type(tested) is not bool
                and not (is_name and tested is None)
            ):
                return answer
            return satisfies(tested, answer)

        return passes

    def comparison_test(self, node: ast.UnaryTest) -> CellTest:
        operator = node.operator
        if isinstance(node.operand, ast.Constant) and type(node.operand.value) in _PLAINLY_ORDERED:
            fixed, plainly = node.operand.value, _PLAIN_COMPARISONS[operator]
            kind = type(fixed)

            def passes_fixed(tested: Value, _frame: Frame) -> bool | None:
                if type(tested) is kind:
                    return plainly(tested, fixed)
                return compare(operator, tested, fixed)

            return passes_fixed
        operand = self.node(node.operand)
        if any(_root(name) == "?" for name in names_in(node.operand)):
            return lambda tested, frame: compare(
                operator, tested, operand(frame.inner({"?": tested}))
            )
        return lambda tested, frame: compare(operator, tested, operand(frame))

    def dash(self, _: ast.Dash) -> Evaluator:
        return lambda _: True

    def instance_of(self, node: ast.InstanceOf) -> Evaluator:
        value, kind = self.node(node.value), node.type

        def evaluate(frame: Frame) -> Value:
            tested = value(frame)
            if tested is None:
                return kind.name == "Null"
            return conforms(tested, kind)

        return evaluate

    # Ways to go ---------------------------------------------------------------------------

    def conditional(self, node: ast.If) -> Evaluator:
        return make_conditional(
            self.node(node.condition),
            self.node(node.then),
            self.node(node.otherwise),
            node.condition,
            self.text(node.condition),
        )

    def iteration(self, node: ast.For) -> Evaluator:
        sees_partial = any(_root(name) == "partial" for name in names_in(node.result))
        result, text = self.node(node.result), self.text(node)
        if len(node.iterators) == 1 and node.iterators[0].end is None and not sees_partial:
            (iterator,) = node.iterators
            reuses = not makes_functions(node.result)
            return make_walk(iterator.name, self.node(iterator.source), result, text, reuses=reuses)
        bind = self.bindings(node.iterators, text)
        return make_iteration(bind, result, sees_partial=sees_partial)

    def quantified(self, node: ast.Quantified) -> Evaluator:
        if len(node.iterators) == 1 and node.iterators[0].end is None:
            (iterator,) = node.iterators
            return make_quantified_walk(
                node.kind,
                iterator.name,
                self.node(iterator.source),
                self.node(node.condition),
                self.text(node),
                reuses=not makes_functions(node.condition),
            )
        bind = self.bindings(node.iterators, self.text(node))
        return make_quantified(node.kind, bind, self.node(node.condition), self.text(node))

    def bindings(self, iterators: tuple[ast.Iterator, ...], text: str) -> "Binder":
        compiled = [
            (
                iterator.name,
                self.node(iterator.source),
                None if iterator.end is None else self.node(iterator.end),
            )
            for iterator in iterators
        ]
        return make_bindings(compiled, text)

    # Structures ---------------------------------------------------------------------------

    def list_literal(self, node: ast.ListLiteral) -> Evaluator:
        items = [self.node(item) for item in node.items]
        return lambda frame: [item(frame) for item in items]

    def context_literal(self, node: ast.ContextLiteral) -> Evaluator:
        entries = [(name, self.node(value)) for name, value in node.entries]

        def evaluate(frame: Frame) -> Value:
            inner = frame.inner({})
            for name, value in entries:
                inner[name] = value(inner)
            return dict(inner)

        return evaluate

    def range_literal(self, node: ast.RangeLiteral) -> Evaluator:
        low, high, text = self.node(node.low), self.node(node.high), self.text(node)
        ends = [end.value for end in (node.low, node.high) if isinstance(end, ast.Constant)]
        if len(ends) == 2 and order(ends[0], ends[1]) is not None:
            fixed = Range(ends[0], ends[1], node.low_included, node.high_included)
            return lambda _: fixed

        def evaluate(frame: Frame) -> Value:
            start, end = low(frame), high(frame)
            if start is None or end is None or order(start, end) is None:
                frame.run.null("type.range", "the ends of the range cannot be ordered", text)
                return None
            return Range(start, end, node.low_included, node.high_included)

        return evaluate

    def function_literal(self, node: ast.FunctionLiteral) -> Evaluator:
        body, text = self.node(node.body), self.text(node)
        parameters = tuple((parameter.name, parameter.type) for parameter in node.parameters)
        return lambda frame: make_function(text, parameters, body, frame, ANY)

    def filter(self, node: ast.Filter) -> Evaluator:
        source, condition = self.node(node.source), self.node(node.condition)
        tree, text = node.condition, self.text(node)
        reuses = not makes_functions(tree)
        index = isinstance(tree, ast.Constant) and isinstance(tree.value, Decimal)

        def evaluate(frame: Frame) -> Value:
            value = source(frame)
            items: list[Value] = value if isinstance(value, list) else [value]
            if value is None:
                items = []
                note_null_list(node.source, frame, text)
            if index:
                return item_at(items, condition(frame), frame.run, text)
            return choose(items, condition, tree, frame, text, reuses=reuses)

        return evaluate

    # Calls --------------------------------------------------------------------------------

    def invocation(self, node: ast.Invocation) -> Evaluator:
        arguments = [self.node(argument) for argument in node.arguments]
        names, text = node.names, self.text(node)
        builtin = BUILTINS.get(node.function.name) if isinstance(node.function, ast.Name) else None
        name = node.function.name if isinstance(node.function, ast.Name) else ""
        call = _no_call if builtin is None else builtin.caller(len(arguments), names)
        read = _reader_of(arguments)
        is_settled = (
            builtin is not None and isinstance(node.function, ast.Name) and node.function.is_builtin
        )
        asks_for_null = any(is_null(argument) for argument in node.arguments)

        def evaluate_builtin(frame: Frame) -> Value:
            run = frame.run
            values = read(frame)
            try:
                result = call(run, values)
            except NullCause as cause:
                run.null(cause.code, cause.message, text)
                return None
            if type(result) is bool and None in values and not asks_for_null:
                note_silent_null(node, frame, text)
            if run.tracing and isinstance(result, _SHOWN):
                shown = ", ".join(text_of(value, inside=True) for value in values)
                run.steps.append(Step("function", text, f"{name}({shown})", result))
            return result

        if is_settled and name == "not" and len(arguments) == 1 and names is None:
            return _negation(arguments[0], evaluate_builtin)
        if is_settled:
            return evaluate_builtin
        function = self.node(node.function)

        def evaluate(frame: Frame) -> Value:
            if builtin is not None and not frame.knows(name):
                return evaluate_builtin(frame)
            called = function(frame)
            values = read(frame)
            try:
                return invoke(called, values, names)
            except NullCause as cause:
                frame.run.null(cause.code, cause.message, text)
                return None

        return evaluate


def _negation(operand: Evaluator, with_care: Evaluator) -> Evaluator:
    """Make ``not(…)``: what is no boolean is asked once more, by the function with its causes."""

    def evaluate(frame: Frame) -> Value:
        run = frame.run
        before, causes, steps = len(run.unknowns), len(run.diagnostics), len(run.steps)
        value = operand(frame)
        if type(value) is bool:
            return not value
        del run.unknowns[before:], run.diagnostics[causes:], run.steps[steps:]
        return with_care(frame)

    return evaluate


def _no_call(_run: Run, _values: Sequence[Value]) -> Value:
    raise NullCause("call.no-function", "there is no such function")


def _reader_of(arguments: Sequence[Evaluator]) -> Callable[[Frame], list[Value]]:
    """Make one reader of all arguments of a call."""
    match arguments:
        case [first]:
            return lambda frame: [first(frame)]
        case [first, second]:
            return lambda frame: [first(frame), second(frame)]
        case _:
            return lambda frame: [argument(frame) for argument in arguments]


_SHOWN: Final = (Decimal, Date, Time, DateTime, DaysDuration, MonthsDuration)


def make_conditional(
    condition: Evaluator,
    then: Evaluator,
    otherwise: Evaluator,
    tree: ast.Node | None,
    text: str,
    *,
    strict: bool = False,
) -> Evaluator:
    """Make an ``if``: a condition that is neither true nor false takes else, and is noted.

    strict: a condition that is no boolean and not null makes the whole null (boxed form).
    """

    def evaluate(frame: Frame) -> Value:
        run = frame.run
        answer = condition(frame)
        if type(answer) is not bool:
            facts = () if tree is None else missing_facts(tree, frame)
            run.unknowns.append(Unknown("if.null", run.where, text, facts))
            run.null("null.condition", "the condition of if is not true or false", text)
        if run.tracing:
            run.steps.append(Step("choice", text, text, answer))
        if strict and answer is not None and not isinstance(answer, bool):
            return None
        return then(frame) if answer is True else otherwise(frame)

    return evaluate


def make_iteration(bind: Binder, result: Evaluator, *, sees_partial: bool) -> Evaluator:
    """Make a ``for``; ``partial`` inside it is the list of the results so far."""

    def evaluate(frame: Frame) -> Value:
        results: list[Value] = []
        outer = frame.inner({"partial": results})
        frames = bind(outer)
        if frames is None:
            return None
        for inner in frames:
            if sees_partial:
                # A copy, so that what one step kept of it does not change in the next.
                frame.run.spend(len(results))
                outer["partial"] = [*results]
            results.append(result(inner))
        return results

    return evaluate


def make_walk(
    name: str, source: Evaluator, result: Evaluator, text: str, *, reuses: bool
) -> Evaluator:
    """Make a ``for`` over one list. reuses: no step keeps its frame, so one serves them all."""

    def evaluate(frame: Frame) -> Value:
        run = frame.run
        try:
            values = walk(source(frame), run)
        except NullCause as cause:
            run.null(cause.code, cause.message, text)
            return None
        run.spend(len(values))
        inner = Frame(run, {}, frame)
        results: list[Value] = []
        for value in values:
            if not reuses:
                inner = Frame(run, {}, frame)
            inner[name] = value
            results.append(result(inner))
        return results

    return evaluate


def make_quantified_walk(
    kind: str, name: str, source: Evaluator, condition: Evaluator, text: str, *, reuses: bool
) -> Evaluator:
    """Make ``some`` or ``every`` over one list, as ``make_quantified`` and ``make_walk`` do."""
    decisive = kind == "some"

    def evaluate(frame: Frame) -> Value:
        run = frame.run
        try:
            values = walk(source(frame), run)
        except NullCause as cause:
            run.null(cause.code, cause.message, text)
            return None
        run.spend(len(values))
        inner = Frame(run, {}, frame)
        result: bool | None = not decisive
        for value in values:
            if not reuses:
                inner = Frame(run, {}, frame)
            inner[name] = value
            answer = condition(inner)
            if answer is decisive:
                return decisive
            if type(answer) is not bool:
                run.null("null.condition", "satisfies is not true or false", text)
                result = None
        return result

    return evaluate


def makes_functions(node: ast.Node) -> bool:
    """Say whether a tree may make a function, which keeps the names around it."""
    return isinstance(node, ast.FunctionLiteral) or any(map(makes_functions, children(node)))


def make_quantified(kind: str, bind: Binder, condition: Evaluator, text: str) -> Evaluator:
    """Make ``some`` or ``every``: three-valued, as a chain of or, or of and."""
    decisive = kind == "some"

    def evaluate(frame: Frame) -> Value:
        frames = bind(frame)
        if frames is None:
            return None
        result: bool | None = not decisive
        for inner in frames:
            answer = condition(inner)
            if answer is decisive:
                return decisive
            if not isinstance(answer, bool):
                frame.run.null("null.condition", "satisfies is not true or false", text)
                result = None
        return result

    return evaluate


def make_bindings(
    iterators: Sequence[tuple[str, Evaluator, Evaluator | None]], text: str
) -> Binder:
    """Make the walk over iterators: one frame per combination, the last name varying fastest."""

    def domain(frame: Frame, source: Evaluator, end: Evaluator | None) -> Sequence[Value] | None:
        first = source(frame)
        try:
            return walk(first, frame.run) if end is None else count(first, end(frame), frame.run)
        except NullCause as cause:
            frame.run.null(cause.code, cause.message, text)
            return None

    def frames(frame: Frame, depth: int, values: Sequence[Value]) -> Iterator[Frame]:
        name = iterators[depth][0]
        run = frame.run
        if depth + 1 == len(iterators):
            for value in values:
                run.spend(1)
                yield Frame(run, {name: value}, frame)
            return
        for value in values:
            run.spend(1)
            inner = Frame(run, {name: value}, frame)
            following = domain(inner, *iterators[depth + 1][1:])
            if following is not None:
                yield from frames(inner, depth + 1, following)

    def bind(frame: Frame) -> Iterator[Frame] | None:
        values = domain(frame, *iterators[0][1:])
        return None if values is None else frames(frame, 0, values)

    return bind


# Kinds that Python compares as FEEL does.
_PLAINLY_ORDERED: Final = frozenset({Decimal, str})
_PLAINLY_EQUAL: Final = frozenset({Decimal, str, bool})
_PLAIN_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": python_operators.eq,
    "!=": python_operators.ne,
    "<": python_operators.lt,
    "<=": python_operators.le,
    ">": python_operators.gt,
    ">=": python_operators.ge,
}


def _equals(fixed: Value) -> CellTest:
    kind = type(fixed)

    def passes(tested: Value, _frame: Frame) -> bool | None:
        if type(tested) is kind:
            return bool(tested == fixed)
        return satisfies(tested, fixed)

    return passes


def _within(node: ast.RangeLiteral) -> CellTest | None:
    """Make the test of a range between two plain constants; None for any other."""
    low = node.low.value if isinstance(node.low, ast.Constant) else None
    high = node.high.value if isinstance(node.high, ast.Constant) else None
    kind = type(low)
    if kind is not type(high) or kind not in _PLAINLY_ORDERED:
        return None
    fixed = Range(low, high, node.low_included, node.high_included)
    after = _PLAIN_COMPARISONS["<=" if node.low_included else "<"]
    before = _PLAIN_COMPARISONS["<=" if node.high_included else "<"]

    def passes(tested: Value, _frame: Frame) -> bool | None:
        if type(tested) is kind:
            return after(low, tested) and before(tested, high)
        return satisfies(tested, fixed)

    return passes


def compare(operator: str, left: Value, right: Value) -> bool | None:
    if operator in ("=", "!="):
        same = equal(left, right)
        return same if operator == "=" or same is None else not same
    sign = order(left, right)
    if sign is None:
        return None
    match operator:
        case "<":
            return sign < 0
        case "<=":
            return sign <= 0
        case ">":
            return sign > 0
        case _:
            return sign >= 0


def read_member(value: Value, member: str, run: Run, text: str) -> Value:
    """Follow a dot; on a list it is followed in every item."""
    if isinstance(value, list):
        return [read_member(item, member, run, text) for item in value]
    if isinstance(value, dict):
        if member not in value:
            run.null("path.no-entry", f"the context has no entry {member}", text)
        return value.get(member)
    if value is None:
        run.null("null.path", f"null has no {member}", text)
        return None
    try:
        return property_of(value, member)
    except NullCause as cause:
        run.null(cause.code, cause.message, text)
        return None


def walk(value: Value, run: Run) -> Sequence[Value]:
    """Give the items an iteration goes over. Raises NullCause when there are none to go over."""
    if isinstance(value, list):
        return value
    if isinstance(value, Range):
        return count(value.low, value.high, run, value)
    if value is None:
        raise NullCause("null.iteration", "there is no list to go over, only null")
    return [value]


def count(first: Value, last: Value, run: Run, interval: Range | None = None) -> Sequence[Value]:
    """Count whole numbers or days from first to last, downwards too."""
    low = 0 if interval is None or interval.low_included else 1
    high = 0 if interval is None or interval.high_included else 1
    match first, last:
        case Decimal(), Decimal() if first == int(first) and last == int(last):
            start, end = int(first), int(last)
        case Date(), Date():
            start, end = first.ordinal, last.ordinal
        case _:
            raise NullCause(
                "type.iteration", f"cannot count from {kind_of(first)} to {kind_of(last)}"
            )
    run.spend(abs(end - start))
    step = 1 if end >= start else -1
    numbers = range(start + low * step, end + step - high * step, step)
    if isinstance(first, Date):
        return [add_days(first, number - start) for number in numbers]
    return [Decimal(number) for number in numbers]


def item_at(items: list[Value], index: Value, run: Run, text: str) -> Value:
    """Take an item by its place, counted from 1, or from the end when negative."""
    if not isinstance(index, Decimal) or index != int(index) or index == 0:
        run.null("list.index", "an index must be a whole number other than 0", text)
        return None
    place = int(index)
    if abs(place) > len(items):
        run.null("list.index", f"the list has {len(items)} items", text)
        return None
    return items[place - 1] if place > 0 else items[place]


def choose(
    items: list[Value],
    condition: Evaluator,
    tree: ast.Node | None,
    frame: Frame,
    text: str,
    *,
    reuses: bool = False,
    strict: bool = False,
) -> Value:
    """Keep the items for which the condition is true; a number instead is an index.

    reuses: the condition keeps no frame, so that one serves all items. strict: a condition that is
    no boolean and not null makes the whole null (boxed form).
    """
    run = frame.run
    if not items:
        answer = _alone(condition, frame)
        return item_at(items, answer, run, text) if isinstance(answer, Decimal) else []
    kept: list[Value] = []
    run.spend(len(items))
    inner = Frame(run, {}, frame)
    for item in items:
        if reuses:
            inner.clear()
        else:
            inner = Frame(run, {}, frame)
        inner["item"] = item
        if type(item) is dict:
            inner.update(item)
        answer = condition(inner)
        if isinstance(answer, Decimal):
            return item_at(items, answer, run, text)
        if answer is True:
            kept.append(item)
        elif answer is not False:
            facts = () if tree is None else missing_facts(tree, inner)
            run.unknowns.append(Unknown("filter.null", run.where, text, facts))
            run.null("null.condition", "the filter is not true or false for an item", text)
            if strict and answer is not None:
                return None
    return kept


def _alone(condition: Evaluator, frame: Frame) -> Value:
    """Evaluate a filter of an empty list: only an index needs no item. Its doubts do not count."""
    run = frame.run
    doubts, diagnostics = len(run.unknowns), len(run.diagnostics)
    answer = condition(frame.inner({"item": None}))
    del run.unknowns[doubts:], run.diagnostics[diagnostics:]
    return answer


def make_function(
    name: str,
    parameters: tuple[tuple[str, FeelType], ...],
    body: Evaluator,
    frame: Frame,
    result_type: FeelType,
) -> Function:
    """Close a body over the frame it was written in."""
    names = tuple(parameter for parameter, _ in parameters)

    def call(arguments: Sequence[Value]) -> Value:
        run = frame.run
        values: dict[str, Value] = {}
        for (parameter, kind), argument in zip(parameters, arguments, strict=True):
            try:
                values[parameter] = fit(argument, kind)
            except DoesNotFit:
                message = f"parameter {parameter} wants {kind.name}, not {kind_of(argument)}"
                raise NullCause("type.argument", message) from None
        run.enter_call(name)
        result = body(frame.inner(values))
        run.calls -= 1
        return fit_or_null(result, result_type, run, name)

    return Function(name, names, call, (tuple(kind for _, kind in parameters), result_type))


def fit_or_null(value: Value, kind: FeelType, run: Run, name: str) -> Value:
    """Fit a value into a declared type, or give null with a diagnostic."""
    if type(value) is class_of(kind) or value is None:
        return value
    try:
        return fit(value, kind)
    except DoesNotFit:
        run.null("type.result", f"{name} must be {kind.name}, not {kind_of(value)}", name)
        return None


def invoke(function: Value, arguments: Sequence[Value], names: tuple[str, ...] | None) -> Value:
    """Call a function value. Raises NullCause when it is none or the arguments do not match."""
    if not isinstance(function, Function):
        raise NullCause("call.no-function", f"{kind_of(function)} is not a function")
    if names is not None:
        given = dict(zip(names, arguments, strict=True))
        if set(given) != set(function.parameters) or len(given) != len(names):
            raise NullCause("call.arguments", f"{function.name} has other parameters")
        arguments = [given[parameter] for parameter in function.parameters]
    if len(arguments) != len(function.parameters):
        wanted = len(function.parameters)
        raise NullCause("call.arguments", f"{function.name} takes {wanted} arguments")
    return function.call(arguments)


_COMPILE: Final[Mapping[type[ast.Node], Callable[..., Evaluator]]] = {
    ast.Constant: _Compiler.literal,
    ast.Name: _Compiler.name,
    ast.Path: _Compiler.path,
    ast.Negation: _Compiler.negation,
    ast.Arithmetic: _Compiler.arithmetic,
    ast.Comparison: _Compiler.comparison,
    ast.Logical: _Compiler.logical,
    ast.Between: _Compiler.between,
    ast.In: _Compiler.in_tests,
    ast.UnaryTest: _Compiler.unary_test,
    ast.UnaryTests: _Compiler.unary_tests,
    ast.Dash: _Compiler.dash,
    ast.InstanceOf: _Compiler.instance_of,
    ast.If: _Compiler.conditional,
    ast.For: _Compiler.iteration,
    ast.Quantified: _Compiler.quantified,
    ast.ListLiteral: _Compiler.list_literal,
    ast.ContextLiteral: _Compiler.context_literal,
    ast.RangeLiteral: _Compiler.range_literal,
    ast.FunctionLiteral: _Compiler.function_literal,
    ast.Invocation: _Compiler.invocation,
    ast.Filter: _Compiler.filter,
}
