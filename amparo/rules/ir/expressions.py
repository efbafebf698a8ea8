"""FEEL trees to columns: for every node its value, and its doubt.

The doubt of an expression is true on the rows for which the interpreter would note an Unknown
while evaluating it: exactly then an outcome is undetermined. Both follow ``feel.evaluate`` line
by line; what cannot is refused.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Final

from amparo.rules.dmn.boxed import BUILTIN_NAMES
from amparo.rules.feel import ast
from amparo.rules.feel.builtins import BUILTINS
from amparo.rules.feel.evaluate import children, mentions_null, names_in
from amparo.rules.feel.evaluate import is_null as is_null_literal
from amparo.rules.feel.parser import parse_unary_tests
from amparo.rules.feel.scope import Scope
from amparo.rules.feel.temporal import DAY, Date, DaysDuration, MonthsDuration
from amparo.rules.feel.types import AllowedType, FeelType
from amparo.rules.feel.values import Value as FeelValue
from amparo.rules.ir import dates, listing, numbers, shapes
from amparo.rules.ir.bounds import bounds, narrowed
from amparo.rules.ir.builder import Builder
from amparo.rules.ir.calls import call_builtin
from amparo.rules.ir.fitting import fitted
from amparo.rules.ir.nodes import (
    FALSE,
    MAYBE_NULL,
    NULL,
    TRUE,
    Case,
    Constant,
    Expr,
    Join,
    all_of,
    any_of,
    day,
    is_constant_null,
    is_null,
    is_true,
    negation,
    number,
    text,
)
from amparo.rules.ir.refused import Refused
from amparo.rules.ir.types import (
    MAYBE,
    BooleanType,
    DateType,
    DaysType,
    MonthsType,
    NullType,
    NumberType,
    TextType,
    kind_name,
)
from amparo.rules.ir.values import (
    Closure,
    Context,
    Env,
    Interval,
    Items,
    Listed,
    Lowered,
    Value,
)

IN_THE_INTERPRETER: Final = "It runs in the interpreter; nothing need be done."
MAX_CALLS: Final = 30
MAX_UNROLLED: Final = 400
MAX_FOLDED: Final = 120
MAX_BY_ROW: Final = 120


class Lowering:
    """Lowers the expressions of one decision.

    uncertain: the doubt of each decision evaluated so far, by name: reading the name brings it.
    """

    def __init__(self, builder: Builder, uncertain: Mapping[str, Expr]) -> None:
        self.builder = builder
        self.uncertain = uncertain
        self.calls = 0

    def lower(self, node: ast.Node, env: Env) -> Lowered:
        try:
            return _LOWER.get(type(node), Lowering.unknown)(self, node, env)
        except Refused as refused:
            raise refused.at("", node.span) from None

    def unknown(self, _: ast.Node, __: Env) -> Lowered:
        raise Refused("This construct has no exact form in SQL", IN_THE_INTERPRETER)

    # Names --------------------------------------------------------------------------------

    def constant(self, node: ast.Constant, _: Env) -> Lowered:
        return Lowered(constant_of(node.value))

    def name(self, node: ast.Name, env: Env) -> Lowered:
        value = env.find(node.name)
        if value is None:
            if node.name in BUILTINS:
                raise Refused(f"The function {node.name} is used as a value", IN_THE_INTERPRETER)
            return Lowered(NULL)
        return Lowered(value, self.uncertain.get(node.name, FALSE))

    def path(self, node: ast.Path, env: Env) -> Lowered:
        source = self.lower(node.source, env)
        return Lowered(self.member(source.value, node.member), source.doubt)

    def member(self, value: Value, member: str) -> Value:
        match value:
            case Context():
                return value.entries.get(member, NULL)
            case Items():
                return replace(value, item=self.member(value.item, member))
            case Listed():
                items = tuple(self.member(item, member) for item in value.items)
                return replace(value, items=items, last=None)
            case Expr():
                return self.property(value, member)
            case _:
                raise Refused(f"The part {member} of a range or function", IN_THE_INTERPRETER)

    def property(self, value: Expr, member: str) -> Expr:
        if is_constant_null(value):
            return NULL
        bound = self.builder.let(value, "value")
        match bound.type:
            case DateType():
                if member in ("year", "month", "day", "weekday"):
                    return dates.part(member, bound)  # type: ignore[arg-type]  # just tested
            case MonthsType():
                if member == "years":
                    return dates.years_of(self.builder, bound)
                if member == "months":
                    return dates.months_of(self.builder, bound)
            case DaysType():
                if member == "days":
                    return dates.as_number(bound)
                if member in ("hours", "minutes", "seconds"):
                    return shapes.nulled(number(0), is_null(bound))
        raise Refused(f"A {kind_name(bound.type)} has no part {member}", IN_THE_INTERPRETER)

    # Operators ----------------------------------------------------------------------------

    def negation(self, node: ast.Negation, env: Env) -> Lowered:
        found = self.lower(node.operand, env)
        value = shapes.column(found.value)
        if is_constant_null(value):
            return Lowered(NULL, found.doubt)
        if isinstance(value, Constant) and isinstance(value.value, Decimal):
            return Lowered(number(value.value.copy_negate()), found.doubt)
        match value.type:
            case NumberType():
                return Lowered(numbers.negate(value), found.doubt)
            case MonthsType() | DaysType():
                return Lowered(dates.negate(value), found.doubt)
            case _:
                raise Refused(f"A {kind_name(value.type)} is negated", IN_THE_INTERPRETER)

    def arithmetic(self, node: ast.Arithmetic, env: Env) -> Lowered:
        left, right = self.lower(node.left, env), self.lower(node.right, env)
        doubt = any_of(left.doubt, right.doubt)
        mine, theirs = shapes.column(left.value), shapes.column(right.value)
        if is_constant_null(mine) or is_constant_null(theirs):
            return Lowered(NULL, doubt)
        return Lowered(self.operate(node.operator, mine, theirs), doubt)

    def operate(  # noqa: C901, PLR0911, PLR0912 - one line per pair of kinds
        self, operator: str, left: Expr, right: Expr
    ) -> Expr:
        builder = self.builder
        match operator, left.type, right.type:
            case "+" | "-", NumberType(), NumberType():
                sign = "+" if operator == "+" else "-"
                return _folded(numbers.add(builder, left, right, sign))  # type: ignore[arg-type]
            case "*", NumberType(), NumberType():
                return _folded(numbers.multiply(left, right))
            case "/", NumberType(), NumberType():
                return _folded(numbers.divide(builder, left, right))
            case "**", NumberType(), NumberType():
                return numbers.power(builder.let(left, "base"), right)
            case "+", TextType() as mine, TextType() as theirs:
                length = mine.max_length + theirs.max_length
                return Join(TextType(length, mine.nullable or theirs.nullable), (left, right))
            case "+", DateType(), MonthsType() | DaysType():
                return dates.move(builder, left, right)
            case "+", MonthsType() | DaysType(), DateType():
                return dates.move(builder, right, left)
            case "-", DateType(), MonthsType() | DaysType():
                return dates.move(builder, left, right, back=True)
            case "-", DateType(), DateType():
                return dates.between(left, right)
            case ("+" | "-", MonthsType(), MonthsType()) | ("+" | "-", DaysType(), DaysType()):
                return dates.add(left, right, minus=operator == "-")
            case "*", MonthsType() | DaysType(), NumberType():
                return dates.multiply(builder, left, right)
            case "*", NumberType(), MonthsType() | DaysType():
                return dates.multiply(builder, right, left)
            case _:
                kinds = f"{kind_name(left.type)} {operator} {kind_name(right.type)}"
                raise Refused(f"{kinds} has no exact form in SQL", IN_THE_INTERPRETER)

    def comparison(self, node: ast.Comparison, env: Env) -> Lowered:
        counted = _counted_as_none(node)
        if counted is not None and env.find("count") is None:
            source = self.lower(counted, env)
            if isinstance(source.value, Listed):
                return self.emptiness(node, source.value, source.doubt)
        left, right = self.lower(node.left, env), self.lower(node.right, env)
        doubt = any_of(left.doubt, right.doubt)
        mine = shapes.bound(self.builder, left.value, "left")
        theirs = shapes.bound(self.builder, right.value, "right")
        if node.operator in ("=", "!="):
            found = shapes.same(self.builder, mine, theirs)
            if not (is_null_literal(node.left) or is_null_literal(node.right)):
                doubt = any_of(doubt, shapes.absent(mine), shapes.absent(theirs))
            return Lowered(found if node.operator == "=" else negation(found), doubt)
        return Lowered(shapes.compared(self.builder, node.operator, mine, theirs), doubt)

    def emptiness(self, node: ast.Comparison, source: Listed, doubt: Expr) -> Lowered:
        """Ask whether nothing is there instead of counting it: ``count(list) = 0``."""
        some = self.builder.let(any_of(*source.present), "some")
        is_empty = all_of(negation(source.absent), negation(some))
        found = is_empty if node.operator == "=" else negation(is_empty)
        return Lowered(found, any_of(doubt, source.absent))

    def logical(self, node: ast.Logical, env: Env) -> Lowered:
        """Join as the interpreter does: a decisive side without doubt silences the other."""
        left, right = self.lower(node.left, env), self.lower(node.right, env)
        mine, theirs = self.truth(left.value), self.truth(right.value)
        join = all_of if node.operator == "and" else any_of
        if left.doubt == FALSE and right.doubt == FALSE:
            return Lowered(join(mine, theirs))
        mine, theirs = self.builder.let(mine, "left"), self.builder.let(theirs, "right")
        settled = [
            all_of(self._decisive(node, value), negation(doubt))
            for value, doubt in ((mine, left.doubt), (theirs, right.doubt))
        ]
        doubt = all_of(any_of(left.doubt, right.doubt), *(negation(item) for item in settled))
        return Lowered(join(mine, theirs), self.builder.let(doubt, "doubt"))

    def _decisive(self, node: ast.Logical, value: Expr) -> Expr:
        if node.operator == "or":
            return is_true(value)
        return is_true(negation(value))

    def truth(self, value: Value) -> Expr:
        """Take a truth value; null alone counts as one."""
        found = shapes.column(value)
        if is_constant_null(found):
            return MAYBE_NULL
        if not isinstance(found.type, BooleanType):
            message = f"A {kind_name(found.type)} stands where true or false is needed"
            raise Refused(message, "Compare it with a value.")
        return found

    def between(self, node: ast.Between, env: Env) -> Lowered:
        parts = [self.lower(part, env) for part in (node.value, node.low, node.high)]
        value, low, high = (shapes.bound(self.builder, part.value, "value") for part in parts)
        doubt = any_of(*(part.doubt for part in parts))
        above = shapes.compared(self.builder, ">=", value, low)
        below = shapes.compared(self.builder, "<=", value, high)
        unknown = any_of(*(shapes.absent(item) for item in (value, low, high)))
        both = all_of(above, below)
        if MAYBE_NULL in (above, below):
            return Lowered(MAYBE_NULL, doubt)
        found = both if unknown == FALSE else Case(MAYBE, ((unknown, MAYBE_NULL),), both)
        return Lowered(found, doubt)

    def in_tests(self, node: ast.In, env: Env) -> Lowered:
        tested = self.lower(node.value, env)
        value = shapes.bound(self.builder, tested.value, "tested")
        answers = [self.membership(test, value, env) for test in node.tests]
        found, doubt = self.any_true(answers)
        doubt = any_of(tested.doubt, doubt)
        if not mentions_null(node):
            answered = negation(is_null(found))
            doubt = any_of(doubt, all_of(shapes.absent(value), answered))
        return Lowered(found, doubt)

    def any_true(self, answers: Sequence[Lowered]) -> tuple[Expr, Expr]:
        """Join tests by or; a test after one that holds is not asked, nor are its doubts."""
        found = self.builder.let(any_of(*(self.truth(item.value) for item in answers)), "test")
        doubt: Expr = FALSE
        for answer in reversed(answers):
            holds = is_true(shapes.column(answer.value))
            doubt = any_of(answer.doubt, all_of(negation(holds), doubt))
        return found, doubt

    def membership(self, node: ast.Node, tested: Value, env: Env) -> Lowered:
        """Lower one test on the right of ``in``."""
        if isinstance(node, ast.UnaryTest):
            return self.unary(node, tested, env)
        test = self.lower(node, env)
        if isinstance(node, ast.RangeLiteral) and isinstance(test.value, Interval):
            found = shapes.in_interval(self.builder, tested, test.value)
            return Lowered(self._unless(test.value.absent, found, MAYBE_NULL), test.doubt)
        return Lowered(self.satisfies(tested, test.value), test.doubt)

    def _unless(self, absent: Expr, found: Expr, instead: Expr) -> Expr:
        return shapes.column(shapes.select([(absent, instead)], found))

    def unary(self, node: ast.UnaryTest, tested: Value, env: Env) -> Lowered:
        operand = self.lower(node.operand, env)
        other = shapes.bound(self.builder, operand.value, "operand")
        if node.operator in ("=", "!="):
            found = shapes.same(self.builder, tested, other)
            return Lowered(found if node.operator == "=" else negation(found), operand.doubt)
        found = shapes.compared(self.builder, node.operator, tested, other)
        return Lowered(found, operand.doubt)

    def satisfies(self, tested: Value, test: Value) -> Expr:
        """Say whether a value passes a test: a range, a list of tests, or an equal value."""
        match test:
            case Interval():
                found = shapes.in_interval(self.builder, tested, test)
                # A range that is null is the test "= null".
                return self._unless(test.absent, found, shapes.absent(tested))
            case Listed():
                if test.absent != FALSE:
                    raise Refused("A list of tests may be null", IN_THE_INTERPRETER)
                passes = [
                    all_of(here, self._passes_item(tested, item))
                    for here, item in zip(test.present, test.items, strict=True)
                ]
                return any_of(*passes)
            case Items():
                raise Refused("A list column is used as a test", "Use list contains.")
            case _:
                return shapes.same(self.builder, tested, test)

    def _passes_item(self, tested: Value, item: Value) -> Expr:
        if isinstance(item, Interval):
            found = shapes.in_interval(self.builder, tested, item)
            return self._unless(item.absent, found, shapes.absent(tested))
        if isinstance(tested, Expr) and isinstance(item, Expr) and not _comparable(tested, item):
            # In a list of tests, an item of another kind is just not equal.
            return all_of(is_null(tested), is_null(item))
        return shapes.same(self.builder, tested, item)

    def unary_test(self, node: ast.UnaryTest, env: Env) -> Lowered:
        """A lone ``< 5`` is the range of all that is less than 5."""
        operand = self.lower(node.operand, env)
        end = shapes.column(shapes.bound(self.builder, operand.value, "end"))
        return Lowered(one_sided(node.operator, end), operand.doubt)

    # Cells of tables ----------------------------------------------------------------------

    def cell(self, node: ast.Node, tested: Value, env: Env) -> Lowered:
        """Lower a cell; ``?`` in it stands for the value under test. The answer may be null."""
        if isinstance(node, ast.Dash):
            return Lowered(TRUE)
        if not isinstance(node, ast.UnaryTests):
            raise Refused("A cell that is no test", IN_THE_INTERPRETER)
        inner = env.inner({"?": tested})
        try:
            found, doubt = self.any_true(
                [self.cell_test(test, tested, inner) for test in node.tests]
            )
        except Refused as refused:
            raise refused.at("", node.span) from None
        return Lowered(negation(found) if node.negated else found, doubt)

    def cell_test(self, node: ast.Node, tested: Value, env: Env) -> Lowered:
        if isinstance(node, ast.UnaryTest):
            return self.unary(node, tested, env)
        test = self.lower(node, env)
        is_boolean = isinstance(test.value, Expr) and isinstance(test.value.type, BooleanType)
        if any(_root(name) == "?" for name in names_in(node)):
            return Lowered(test.value if is_boolean else MAYBE_NULL, test.doubt)
        if isinstance(test.value, Expr) and is_boolean and not isinstance(node, ast.Constant):
            is_name = isinstance(node, ast.Name | ast.Path)
            return Lowered(self.boolean_cell(tested, test.value, is_name=is_name), test.doubt)
        return Lowered(self.satisfies(tested, test.value), test.doubt)

    def boolean_cell(self, tested: Value, answer: Expr, *, is_name: bool) -> Expr:
        """A cell that says true or false is compared with a truth value, else it is the answer.

        is_name: it is a name, so that a value not known is compared too: it is not true.
        """
        answer = self.builder.let(answer, "answer")
        unknown = shapes.absent(tested)
        is_truth = isinstance(tested, Expr) and isinstance(tested.type, BooleanType)
        branches: list[tuple[Expr, Value]] = [(is_null(answer), unknown)]
        if is_name:
            branches.append((unknown, FALSE))
        branches.append((unknown if is_truth else TRUE, answer))
        compared = shapes.same(self.builder, tested, answer) if is_truth else FALSE
        return shapes.column(shapes.select(branches, compared))

    # Ways to go ---------------------------------------------------------------------------

    def conditional(self, node: ast.If, env: Env) -> Lowered:
        condition = self.lower(node.condition, env)
        return self.choose(
            condition, lambda: self.lower(node.then, env), lambda: self.lower(node.otherwise, env)
        )

    def choose(
        self,
        condition: Lowered,
        then: Callable[[], Lowered],
        otherwise: Callable[[], Lowered],
    ) -> Lowered:
        asked = self.builder.let(self.truth(condition.value), "condition")
        holds = is_true(asked)
        if holds in (TRUE, FALSE):
            chosen = then() if holds == TRUE else otherwise()
            return replace(chosen, doubt=any_of(condition.doubt, is_null(asked), chosen.doubt))
        first = self.under(holds, then)
        second = self.under(negation(holds), otherwise)
        value = shapes.select([(holds, first.value)], second.value)
        if isinstance(value, Expr):
            value = narrowed(self.builder, value)
        way = shapes.column(shapes.select([(holds, first.doubt)], second.doubt))
        return Lowered(value, any_of(condition.doubt, is_null(asked), way))

    def under(self, condition: Expr, lower: Callable[[], Lowered]) -> Lowered:
        """Lower what is only asked where a condition holds."""
        self.builder.path.append(condition)
        try:
            return lower()
        finally:
            self.builder.path.pop()

    # Lists --------------------------------------------------------------------------------

    def list_literal(self, node: ast.ListLiteral, env: Env) -> Lowered:
        items = [self.lower(item, env) for item in node.items]
        return Lowered(
            Listed.of([item.value for item in items]), any_of(*(item.doubt for item in items))
        )

    def filter(self, node: ast.Filter, env: Env) -> Lowered:
        source = self.lower(node.source, env)
        if not is_null_literal(node.source):
            # An unknown list is filtered as if it were empty, and that is a doubt.
            unknown = shapes.absent(source.value)
            source = replace(source, doubt=any_of(source.doubt, unknown))
        tree = node.condition
        if isinstance(tree, ast.Constant) and isinstance(tree.value, Decimal):
            return Lowered(listing.item_at(self.builder, source.value, tree.value), source.doubt)
        if isinstance(tree, ast.Negation) and isinstance(tree.operand, ast.Constant):
            place = tree.operand.value
            if isinstance(place, Decimal):
                value = listing.item_at(self.builder, source.value, place.copy_negate())
                return Lowered(value, source.doubt)
        found = self.by_key(tree, source.value, env)
        if found is not None:
            return replace(found, doubt=any_of(source.doubt, found.doubt))
        index = self.index_of(tree, source.value, env)
        if index is not None:
            # An index that is not known gives a list; what then happens is the interpreter's.
            self.builder.escape(is_null(index))
            return Lowered(listing.item_by(self.builder, source.value, index), source.doubt)
        chosen = listing.choose(
            self.builder, source.value, lambda item: self.filter_condition(tree, item, env)
        )
        return Lowered(chosen.value, any_of(source.doubt, chosen.doubt))

    def by_key(self, tree: ast.Node, source: Value, env: Env) -> Lowered | None:
        """Look items up by a number that each has as a constant: ``wages[year = 2020]``.

        None where the filter is none of this kind.
        """
        if not isinstance(tree, ast.Comparison) or tree.operator != "=":
            return None
        if not isinstance(source, Listed) or not source.items:
            return None
        for name, other in ((tree.left, tree.right), (tree.right, tree.left)):
            keys = listing.constant_keys(source, name.name) if isinstance(name, ast.Name) else None
            if keys is None or _mentions_item(other, source):
                continue
            wanted = self.lower(other, env)
            key = wanted.value
            if not isinstance(key, Expr) or not isinstance(key.type, NumberType):
                return None
            if key.type.scale or key.type.quotients:
                return None
            key = self.builder.let(key, "key")
            chosen = listing.looked_up(self.builder, source, keys, key)
            # A condition is in doubt as often as an item is asked.
            unsure = all_of(any_of(wanted.doubt, is_null(key)), any_of(*source.present))
            return Lowered(chosen, unsure)
        return None

    def index_of(self, tree: ast.Node, source: Value, env: Env) -> Expr | None:
        """Give the number a filter comes to, where it is a place and not a condition."""
        item = source.item if isinstance(source, Items) else None
        if isinstance(source, Listed) and source.items:
            item = source.items[0]
        if item is None:
            return None
        inner = env.inner({"item": item})
        if isinstance(item, Context):
            inner = inner.inner(item.entries)
        found = self.lower(tree, inner)
        if not isinstance(found.value, Expr) or not isinstance(found.value.type, NumberType):
            return None
        if found.doubt != FALSE or self.lower(tree, env).value != found.value:
            raise Refused("An index depends on the item, or on missing data", IN_THE_INTERPRETER)
        return self.builder.let(found.value, "index")

    def filter_condition(self, tree: ast.Node, item: Value, env: Env) -> Lowered:
        inner = env.inner({"item": item})
        if isinstance(item, Context):
            if item.absent != FALSE:
                raise Refused("An item of the list may be null", "Leave null out first.")
            inner = env.inner(item.entries) if "item" in item.entries else inner.inner(item.entries)
        found = self.lower(tree, inner)
        return Lowered(self.truth(found.value), found.doubt)

    def iteration(self, node: ast.For, env: Env) -> Lowered:
        if len(node.iterators) > 1:
            raise Refused("Several iterators in one for", IN_THE_INTERPRETER)
        source, doubt = self.domain(node.iterators[0], env)
        name = node.iterators[0].name
        if any(_root(name) == "partial" for name in names_in(node.result)):
            if not _reads_only_the_last(node.result) or not isinstance(source, Listed):
                raise Refused("A fold over more than its last result", IN_THE_INTERPRETER)
            if sum(here != FALSE for here in source.present) > MAX_FOLDED:
                # Each step rests on the one before: so long a chain plans for minutes.
                raise Refused(f"A fold of more than {MAX_FOLDED} steps", IN_THE_INTERPRETER)
            folded = self.fold(node.result, name, source, env)
            return Lowered(folded.value, any_of(doubt, folded.doubt))
        mapped = listing.each(
            self.builder, source, lambda item: self.lower(node.result, env.inner({name: item}))
        )
        return Lowered(mapped.value, any_of(doubt, mapped.doubt))

    def fold(self, result: ast.Node, name: str, source: Listed, env: Env) -> Lowered:
        """Lower a for that builds on its last result, step by step."""
        last: Value = NULL
        some: Expr = FALSE
        results: list[Value] = []
        doubts: list[Expr] = []
        for item, here in zip(source.items, source.present, strict=True):
            if here == FALSE:
                results.append(NULL)
                continue
            inner = env.inner({name: item, "partial": Listed((last,), (some,), last=last)})
            found = self.under(here, partial(self.lower, result, inner))
            value = shapes.bound(self.builder, found.value, "step")
            results.append(value)
            doubts.append(all_of(here, found.doubt))
            last = shapes.bound(self.builder, shapes.select([(here, value)], last), "last")
            some = self.builder.let(any_of(some, here), "some step")
        return Lowered(replace(source, items=tuple(results), last=last), any_of(*doubts))

    def domain(self, iterator: ast.Iterator, env: Env) -> tuple[Value, Expr]:
        """Give the list an iterator walks over; a range of constants is written out."""
        start = self.lower(iterator.source, env)
        if iterator.end is None:
            return start.value, start.doubt
        end = self.lower(iterator.end, env)
        first, last = shapes.column(start.value), shapes.column(end.value)
        values = [item.value if isinstance(item, Constant) else None for item in (first, last)]
        low, high = values
        if not isinstance(low, Decimal) or not isinstance(high, Decimal):
            counted_by_row = self.range_by_row(first, last)
            return counted_by_row, any_of(start.doubt, end.doubt)
        if low != int(low) or high != int(high) or abs(int(high) - int(low)) > MAX_UNROLLED:
            raise Refused("The iteration is too long to be written out", IN_THE_INTERPRETER)
        step = 1 if high >= low else -1
        counted = [number(at) for at in range(int(low), int(high) + step, step)]
        return Listed.of(counted), any_of(start.doubt, end.doubt)

    def range_by_row(self, first: Expr, last: Expr) -> Value:
        """Write out a range whose ends differ from row to row: what could be in it, and what is.

        A range that runs downwards is the interpreter's.
        """
        from_, to = (bounds(self.builder, end, self.builder.path) for end in (first, last))
        if from_ is None or to is None or from_.scale or to.scale:
            raise Refused("The ends of a range are no whole numbers", IN_THE_INTERPRETER)
        low, high = from_.low, to.high
        if not 0 <= high - low <= MAX_BY_ROW:
            raise Refused(
                f"A range of the iteration may have more than {MAX_BY_ROW} numbers, or none",
                "Declare narrower ranges in the schema.",
            )
        start, end = self.builder.let(first, "range from"), self.builder.let(last, "range to")
        builder = self.builder
        builder.escape(
            any_of(
                is_null(start),
                is_null(end),
                shapes.compared(builder, "<", end, start),
            )
        )
        counted = [number(at) for at in range(int(low), int(high) + 1)]
        present = [
            is_true(
                all_of(
                    shapes.compared(builder, "<=", start, at),
                    shapes.compared(builder, ">=", end, at),
                )
            )
            for at in counted
        ]
        return Listed(tuple(counted), tuple(builder.let(here, "in range") for here in present))

    def quantified(self, node: ast.Quantified, env: Env) -> Lowered:
        if len(node.iterators) > 1:
            raise Refused("Several iterators in one quantifier", IN_THE_INTERPRETER)
        source, doubt = self.domain(node.iterators[0], env)
        name = node.iterators[0].name

        def condition(item: Value) -> Lowered:
            found = self.lower(node.condition, env.inner({name: item}))
            return Lowered(self.truth(found.value), found.doubt)

        answer = listing.quantify(self.builder, source, condition, decisive=node.kind == "some")
        return Lowered(answer.value, any_of(doubt, answer.doubt))

    # Structures ---------------------------------------------------------------------------

    def context_literal(self, node: ast.ContextLiteral, env: Env) -> Lowered:
        entries: dict[str, Value] = {}
        inner = env.inner(entries)
        doubts: list[Expr] = []
        for name, tree in node.entries:
            found = self.lower(tree, inner)
            entries[name] = shapes.bound(self.builder, found.value, name)
            doubts.append(found.doubt)
        return Lowered(Context(entries), any_of(*doubts))

    def range_literal(self, node: ast.RangeLiteral, env: Env) -> Lowered:
        low, high = self.lower(node.low, env), self.lower(node.high, env)
        ends = [shapes.column(shapes.bound(self.builder, end.value, "end")) for end in (low, high)]
        doubt = any_of(low.doubt, high.doubt)
        if not _comparable(*ends) and not any(is_constant_null(end) for end in ends):
            raise Refused("The ends of a range are of two kinds", "Use ends of one type.")
        is_absent = self.builder.let(any_of(*(is_null(end) for end in ends)), "no range")
        if isinstance(ends[0].type, BooleanType):
            raise Refused("A range of truth values", IN_THE_INTERPRETER)
        interval = Interval(ends[0], ends[1], node.low_included, node.high_included, is_absent)
        return Lowered(interval, doubt)

    def function_literal(self, _: ast.FunctionLiteral, __: Env) -> Lowered:
        raise Refused("A function is used as a value", IN_THE_INTERPRETER)

    # Calls --------------------------------------------------------------------------------

    def invocation(self, node: ast.Invocation, env: Env) -> Lowered:
        name = node.function.name if isinstance(node.function, ast.Name) else ""
        if name in BUILTINS and env.find(name) is None:
            return self.builtin(name, node, env)
        function = self.lower(node.function, env)
        arguments = [self.lower(argument, env) for argument in node.arguments]
        values = [argument.value for argument in arguments]
        doubt = any_of(function.doubt, *(argument.doubt for argument in arguments))
        called = self.call(function.value, values, node.names)
        return Lowered(called.value, any_of(doubt, called.doubt))

    def builtin(self, name: str, node: ast.Invocation, env: Env) -> Lowered:
        if name == "sort":
            return self.sort(node, env)
        arguments = [self.lower(argument, env) for argument in node.arguments]
        values = [shapes.bound(self.builder, item.value, "argument") for item in arguments]
        doubt = any_of(*(argument.doubt for argument in arguments))
        found = call_builtin(self.builder, name, values, node.names)
        is_truth = isinstance(found, Expr) and isinstance(found.type, BooleanType)
        asks_for_null = any(is_null_literal(argument) for argument in node.arguments)
        if isinstance(found, Expr) and is_truth and not asks_for_null:
            given = any_of(*(shapes.absent(value) for value in values))
            doubt = any_of(doubt, all_of(given, negation(is_null(found))))
        return Lowered(found, doubt)

    def sort(self, node: ast.Invocation, env: Env) -> Lowered:
        """Sort by one key: ``sort(list, function(a, b) a.key < b.key)``, or plain values."""
        if node.names is not None or not 1 <= len(node.arguments) <= 2:
            raise Refused("A sort by named arguments", IN_THE_INTERPRETER)
        source = self.lower(node.arguments[0], env)
        if len(node.arguments) == 1:
            return Lowered(
                listing.sort(self.builder, source.value, None, descends=False), source.doubt
            )
        precedes = node.arguments[1]
        if not isinstance(precedes, ast.FunctionLiteral) or len(precedes.parameters) != 2:
            raise Refused("A sort by a function that is not written there", IN_THE_INTERPRETER)
        key, descends = self.sort_key(precedes)

        def key_of(item: Value) -> Expr:
            found = self.lower(key, env.inner({precedes.parameters[0].name: item}))
            if found.doubt != FALSE:
                raise Refused("The key of a sort may rest on missing data", IN_THE_INTERPRETER)
            return shapes.column(found.value)

        found = listing.sort(self.builder, source.value, key_of, descends=descends)
        return Lowered(found, source.doubt)

    def sort_key(self, function: ast.FunctionLiteral) -> tuple[ast.Node, bool]:
        """Read ``a.key < b.key`` as a key on the first parameter, and whether it descends."""
        first, second = (parameter.name for parameter in function.parameters)
        body = function.body
        if isinstance(body, ast.Comparison) and body.operator in ("<", ">"):
            plain = [_renamed(side) for side in (body.left, body.right)]
            if plain[0] == (first, *plain[1][1:]) and plain[1][0] == second:
                return body.left, body.operator == ">"
            if plain[1] == (first, *plain[0][1:]) and plain[0][0] == second:
                return body.right, body.operator == "<"
        raise Refused("The order of the sort is not one key against the other", IN_THE_INTERPRETER)

    def call(
        self, function: Value, values: Sequence[Value], names: tuple[str, ...] | None
    ) -> Lowered:
        """Call a function of the model by lowering its body with the arguments in place."""
        if not isinstance(function, Closure):
            raise Refused("What is called is no function of the model", IN_THE_INTERPRETER)
        if names is not None:
            given = dict(zip(names, values, strict=True))
            wanted = {name for name, _ in function.parameters}
            if set(given) != wanted or len(given) != len(names):
                return Lowered(NULL)
            values = [given[name] for name, _ in function.parameters]
        if len(values) != len(function.parameters):
            return Lowered(NULL)
        arguments: dict[str, Value] = {}
        refused: list[Expr] = []
        for (name, kind), value in zip(function.parameters, values, strict=True):
            bound = shapes.bound(self.builder, fitted(value, kind), name)
            refused.append(self.not_allowed(bound, kind))
            arguments[name] = bound
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise Refused(f"The function {function.name} calls itself", IN_THE_INTERPRETER)
        found = function.body(function.env.inner(arguments))
        self.calls -= 1
        result = shapes.bound(self.builder, fitted(found.value, function.kind), function.name)
        excluded = self.not_allowed(result, function.kind)
        # With an argument that its type does not allow, nothing is called.
        uncalled = self.builder.let(any_of(*refused), "not called")
        nothing = self.builder.let(any_of(uncalled, excluded), "no result")
        return Lowered(
            shapes.bound(self.builder, shapes.select([(nothing, NULL)], result), function.name),
            all_of(negation(uncalled), found.doubt),
        )

    def not_allowed(self, value: Value, kind: FeelType) -> Expr:
        """Say where a value is none that its type allows; null is always allowed."""
        found: list[Expr] = []
        while isinstance(kind, AllowedType):
            parsed = parse_unary_tests(kind.text, Scope(), builtins=BUILTIN_NAMES)
            answer = self.cell(parsed.tree, value, Env({})).value
            allowed = is_true(shapes.column(answer))
            found.append(all_of(negation(shapes.absent(value)), negation(allowed)))
            kind = kind.base
        return self.builder.let(any_of(*found), "not allowed")

    def instance_of(self, _: ast.InstanceOf, __: Env) -> Lowered:
        raise Refused("A question for the type of a value", IN_THE_INTERPRETER)


def _folded(value: Expr) -> Expr:
    """Compute what has but one value: parameters of one period are constants."""
    kind = value.type
    if not isinstance(kind, NumberType) or kind.nullable or kind.quotients:
        return value
    return number(kind.low) if kind.is_constant else value


def _comparable(left: Expr, right: Expr) -> bool:
    return type(left.type) is type(right.type) or NullType in (type(left.type), type(right.type))


def _root(node: ast.Node) -> str | None:
    while isinstance(node, ast.Path):
        node = node.source
    return node.name if isinstance(node, ast.Name) else None


def _counted_as_none(node: ast.Comparison) -> ast.Node | None:
    """Give the list of which a comparison asks whether it is empty, by its count."""
    match node:
        case ast.Comparison(
            operator="=" | "!=",
            left=ast.Invocation(function=ast.Name(name="count"), arguments=(counted,), names=None),
            right=ast.Constant(value=Decimal() as nothing),
        ) if nothing == 0:
            return counted
        case _:
            return None


def _reads_only_the_last(node: ast.Node) -> bool:
    """Say whether partial is read as its last item, or asked whether it is empty, alone."""
    match node:
        case ast.Filter(source=ast.Name(name="partial"), condition=ast.Negation(operand=one)):
            return isinstance(one, ast.Constant) and one.value == Decimal(1)
        case ast.Comparison(
            operator="=" | "!=" | ">",
            left=ast.Invocation(
                function=ast.Name(name="count"), arguments=(ast.Name(name="partial"),)
            ),
            right=ast.Constant(value=Decimal() as nothing),
        ):
            return nothing == 0
        case ast.Name(name="partial"):
            return False
        case _:
            return all(_reads_only_the_last(child) for child in children(node))


def _mentions_item(node: ast.Node, source: Listed) -> bool:
    """Say whether an expression speaks of the item it filters: by a name of its own, or as item."""
    own = {"item"}.union(*(item.entries for item in source.items if isinstance(item, Context)))
    return any(_root(name) in own for name in names_in(node))


def _renamed(node: ast.Node) -> tuple[str, ...]:
    """Write a name or path as its parts."""
    if isinstance(node, ast.Path):
        return (*_renamed(node.source), node.member)
    if isinstance(node, ast.Name):
        return (node.name,)
    raise Refused("The order of the sort is not one key against the other", IN_THE_INTERPRETER)


def one_sided(operator: str, end: Expr) -> Interval:
    missing = is_null(end)
    match operator:
        case "<" | "<=":
            return Interval(None, end, False, operator == "<=", missing)  # noqa: FBT003
        case ">" | ">=":
            return Interval(end, None, operator == ">=", False, missing)  # noqa: FBT003
        case _:
            return Interval(end, end, True, True, FALSE, operator)  # noqa: FBT003


def constant_of(value: FeelValue) -> Value:  # noqa: PLR0911 - one line per kind
    """Lower a value that is known: a literal, or a parameter of one period."""
    match value:
        case None:
            return NULL
        case bool():
            return TRUE if value else FALSE
        case Decimal():
            return _figure(value)
        case str():
            return text(value)
        case Date():
            return _date(value)
        case MonthsDuration():
            return _months(value)
        case DaysDuration():
            return _days(value)
        case list():
            return Listed.of([constant_of(item) for item in value])
        case dict():
            return Context({name: constant_of(item) for name, item in value.items()})
        case _:
            raise Refused("A time of day has no column", IN_THE_INTERPRETER)


def _figure(value: Decimal) -> Expr:
    known = number(value)
    numbers.checked(numbers.number_kind(known), numbers.SQL_DIGITS)
    return known


def _months(value: MonthsDuration) -> Expr:
    if abs(value.months) > dates.LONGEST:
        raise Refused("A duration is longer than the calendar", IN_THE_INTERPRETER)
    return Constant(MonthsType(value.months, value.months, nullable=False), value.months)


def _date(value: Date) -> Expr:
    if not 1 <= value.year <= 9999:
        raise Refused(f"The year {value.year} is beyond SQL's dates", IN_THE_INTERPRETER)
    return day(date(value.year, value.month, value.day))


def _days(value: DaysDuration) -> Expr:
    days = value.seconds / DAY
    if days != int(days):
        raise Refused("A duration of parts of days has no column", IN_THE_INTERPRETER)
    if abs(days) > dates.LONGEST:
        raise Refused("A duration is longer than the calendar", IN_THE_INTERPRETER)
    return Constant(DaysType(int(days), int(days), nullable=False), int(days))


_LOWER: Final[Mapping[type[ast.Node], Callable[..., Lowered]]] = {
    ast.Constant: Lowering.constant,
    ast.Name: Lowering.name,
    ast.Path: Lowering.path,
    ast.Negation: Lowering.negation,
    ast.Arithmetic: Lowering.arithmetic,
    ast.Comparison: Lowering.comparison,
    ast.Logical: Lowering.logical,
    ast.Between: Lowering.between,
    ast.In: Lowering.in_tests,
    ast.UnaryTest: Lowering.unary_test,
    ast.If: Lowering.conditional,
    ast.For: Lowering.iteration,
    ast.Quantified: Lowering.quantified,
    ast.ListLiteral: Lowering.list_literal,
    ast.ContextLiteral: Lowering.context_literal,
    ast.RangeLiteral: Lowering.range_literal,
    ast.FunctionLiteral: Lowering.function_literal,
    ast.Invocation: Lowering.invocation,
    ast.Filter: Lowering.filter,
    ast.InstanceOf: Lowering.instance_of,
}
