"""A declared decision to columns: what it requires, its value, its outcome, its reasons.

Elements are lowered in the very order in which the interpreter evaluates them, because a doubt is
known by the name of the decision it arose in, from the moment that decision was evaluated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from amparo.rules.dmn.graph import Compiled, Key
from amparo.rules.dmn.model import BusinessKnowledge, Decision, InputData
from amparo.rules.feel.conformance import DoesNotFit, fit
from amparo.rules.feel.types import ContextType, FeelType, base_of
from amparo.rules.feel.types import ListType as FeelListType
from amparo.rules.ir import dates, listing, shapes
from amparo.rules.ir.boxes import BoxedLowering
from amparo.rules.ir.builder import Builder
from amparo.rules.ir.expressions import Lowering, constant_of
from amparo.rules.ir.fitting import fits
from amparo.rules.ir.nodes import (
    FALSE,
    NULL,
    ROWS,
    TRUE,
    Case,
    Column,
    Compare,
    Expr,
    Field,
    IsNull,
    IsTrue,
    Join,
    Length,
    Or,
    Round,
    all_of,
    any_of,
    day,
    is_null,
    is_true,
    negation,
    null_of,
    number,
    text,
)
from amparo.rules.ir.refused import Refused
from amparo.rules.ir.rulepack import Declared, Parameter, RulePack
from amparo.rules.ir.tables import TableResult
from amparo.rules.ir.types import (
    MAYBE,
    BooleanType,
    ColumnType,
    DateType,
    ListType,
    NumberType,
    StructType,
    TextType,
    kind_name,
    whole,
    with_null,
)
from amparo.rules.ir.values import Closure, Context, Env, Items, Listed, Lowered, Value

IN_THE_INTERPRETER: Final = "It runs in the interpreter; nothing need be done."
GRANTED, REFUSED, UNDETERMINED, COMPUTED = "granted", "refused", "undetermined", "computed"


@dataclass(frozen=True, slots=True)
class DecisionColumns:
    """The columns of one declared decision, by name.

    values: the entries of the value (the name itself for a plain value). kinds: their types.
    rules: per table that is
    the whole logic of a decision, the ids of the rules that matched. left: rows for the
    interpreter.
    """

    name: str
    values: Mapping[str, str]
    kinds: Mapping[str, ColumnType]
    outcome: str
    reasons: str
    rules: Mapping[str, str]
    left: str


class DecisionLowering:
    """Lowers one declared decision of a pack into a builder."""

    def __init__(
        self,
        builder: Builder,
        pack: RulePack,
        declared: Declared,
        schema: Mapping[str, ColumnType],
        *,
        on: date,
        known_at: datetime | None,
    ) -> None:
        self.builder = builder
        self.pack = pack
        self.library = pack.library
        self.declared = declared
        self.schema = schema
        self.on = on
        self.known_at = known_at
        self.values: dict[Key, Value] = {}
        self.uncertain: dict[str, Expr] = {}
        self.tables: dict[str, TableResult] = {}
        self.parameters = {parameter.name: parameter for parameter in pack.parameters}

    def lower(self) -> DecisionColumns:
        self.builder.escapes = []
        key = self.library.key_of(self.declared.name)
        # The interpreter takes them in this order, and a doubt counts from when it arose.
        for earlier in self.library.order_of(key):
            self.value(earlier)
        value = self.value(key)
        doubt = self.uncertain.get(self.declared.name, FALSE)
        return self._columns(value, doubt)

    def value(self, key: Key) -> Value:
        if key not in self.values:
            self.values[key] = self._evaluate(self.library.elements[key])
        return self.values[key]

    def _evaluate(self, compiled: Compiled) -> Value:
        try:
            match compiled.element:
                case InputData():
                    return self._input(compiled)
                case Decision():
                    return self._decide(compiled, compiled.element)
                case BusinessKnowledge():
                    return self._function(compiled, compiled.element)
                case _:
                    return self._service()
        except Refused as refused:
            raise refused.inside(compiled.where) from None

    def _service(self) -> Value:
        raise Refused("A decision service is called", IN_THE_INTERPRETER)

    def _boxes(self, compiled: Compiled) -> BoxedLowering:
        types = self.library.types[compiled.key[0]]
        return BoxedLowering(self.builder, self.uncertain, types)

    def _required(self, compiled: Compiled) -> dict[str, Value]:
        names: dict[str, Value] = {}
        for alias, name, key in compiled.requires:
            value = self.value(key)
            if alias:
                raise Refused("A decision of an imported model is required", IN_THE_INTERPRETER)
            names[name] = value
        return names

    def _decide(self, compiled: Compiled, decision: Decision) -> Value:
        env = Env(self._required(compiled))
        boxes = self._boxes(compiled)
        found = Lowered(NULL)
        if decision.logic is not None:
            found = boxes.lower(decision.logic, self.library.scope_of(compiled), env)
        value = shapes.bound(self.builder, found.value, decision.name)
        value = shapes.bound(
            self.builder, boxes.fit(value, compiled.kind, decision.name), decision.name
        )
        doubt = self.builder.let(found.doubt, f"{decision.name} in doubt")
        if any(item.name == decision.name and item.is_result for item in self.declared.inputs):
            value, doubt = self._unless_given(decision.name, compiled.kind, value, doubt)
        if doubt != FALSE:
            self.uncertain[decision.name] = doubt
        for name, result in boxes.tables:
            if decision.logic is not None and name == decision.logic.id:
                self.tables[name] = result
        return value

    def _unless_given(
        self, name: str, kind: FeelType, value: Value, doubt: Expr
    ) -> tuple[Value, Expr]:
        """Take a result that was found already, where the source holds it."""
        given = self._column(name, kind)
        if shapes.is_null_value(given):
            return value, doubt
        unknown = shapes.absent(given)
        chosen = shapes.bound(self.builder, shapes.select([(unknown, value)], given), name)
        return chosen, self.builder.let(all_of(unknown, doubt), f"{name} in doubt")

    def _function(self, compiled: Compiled, knowledge: BusinessKnowledge) -> Value:
        if knowledge.logic is None:
            raise Refused("A knowledge model without logic", IN_THE_INTERPRETER)
        names: dict[str, Value] = {}
        boxes = self._boxes(compiled)
        scope = self.library.scope_of(compiled)
        closure = boxes.closure(knowledge.logic, scope, Env(names), knowledge.name, compiled.kind)
        body = closure.body

        def placed(env: Env) -> Lowered:
            try:
                return body(env)
            except Refused as refused:
                raise refused.inside(compiled.where) from None

        function = Closure(closure.name, closure.parameters, placed, closure.env, closure.kind)
        # Known before what it requires, so that a function may call itself.
        self.values[compiled.key] = function
        names.update(self._required(compiled))
        return function

    # Inputs and parameters ----------------------------------------------------------------

    def _input(self, compiled: Compiled) -> Value:
        name = compiled.element.name
        if name in self.parameters:
            return self._parameter(self.parameters[name], compiled.kind)
        return self._column(name, compiled.kind)

    def _column(self, name: str, kind: FeelType) -> Value:
        declared = self.schema.get(name)
        if declared is None:
            return NULL
        value = source_column(self.builder, name, declared)
        if not fits_input(value, kind):
            raise Refused(
                f"The column {name} is a {kind_name(declared)}, the input a {base_of(kind).name}",
                "Correct the schema.",
            )
        return value

    def _parameter(self, parameter: Parameter, kind: FeelType) -> Value:
        """Give a parameter as a constant, or by day where the day differs from row to row."""
        if self.declared.parameters_on:
            moment = self._parameters_on()
            return NULL if moment is None else self._parameter_by_day(parameter, kind, moment)
        row = parameter.resolve(on=self.on, known_at=self.known_at)
        if row is None and not parameter.gaps_allowed:
            raise Refused(
                f"The parameter {parameter.name} has no value on {self.on.isoformat()}",
                "Choose a day it covers, or add a row with its law.",
            )
        return NULL if row is None else _fitted_constant(row.value, kind)

    def _parameters_on(self) -> Expr | None:
        """Give the day whose parameters apply, as an input says; null where that is not known."""
        name = self.declared.parameters_on
        if name not in self.schema:
            return None
        found = shapes.column(source_column(self.builder, name, self.schema[name]))
        match found.type:
            case TextType():
                found = self._text_as_date(found)
            case NumberType():
                found = self._year_as_date(found)
        if not isinstance(found.type, DateType):
            raise Refused(f"Parameters depend on {name}, which is no date", IN_THE_INTERPRETER)
        return self.builder.let(found, "parameters on")

    def _text_as_date(self, value: Expr) -> Expr:
        """Read YYYY-MM or YYYY-MM-DD; a week is the interpreter's, as is what is no date."""
        length = Length(whole(0, 1000, nullable=value.type.nullable), value)
        is_month = is_true(Compare(MAYBE, "=", length, number(len("YYYY-MM"))))
        longest = value.type.max_length if isinstance(value.type, TextType) else 0
        kind = TextType(longest + 3, value.type.nullable)
        written = Case(kind, ((is_month, Join(kind, (value, text("-01")))),), value)
        return dates.read(self.builder, written)

    def _year_as_date(self, value: Expr) -> Expr:
        """Give the first day of a year; a number that is no year is an error of the input."""
        kind = value.type
        assert isinstance(kind, NumberType)  # noqa: S101 - the caller asked
        inside = all_of(
            Compare(BooleanType(kind.nullable), ">=", value, number(1)),
            Compare(BooleanType(kind.nullable), "<=", value, number(9999)),
        )
        if kind.scale:
            round_down = Round(replace(kind, scale=0), value, 0, "half-up")
            inside = all_of(inside, Compare(BooleanType(kind.nullable), "=", value, round_down))
        inside = self.builder.let(inside, "is a year")
        self.builder.escape(all_of(negation(is_null(value)), negation(is_true(inside))))
        years = whole(1, 9999, nullable=True)
        year = Case(years, ((negation(is_true(inside)), null_of(years)),), value)
        month, first = self.declared.year_begins
        return dates.make(self.builder, year, number(month), number(first))

    def _parameter_by_day(self, parameter: Parameter, kind: FeelType, moment: Expr) -> Value:
        span = moment.type
        assert isinstance(span, DateType)  # noqa: S101 - made as a date just before
        turns = {row.valid_from for row in parameter.rows}
        turns |= {row.valid_to for row in parameter.rows if row.valid_to is not None}
        starts = [span.low, *sorted(turn for turn in turns if span.low < turn <= span.high)]
        turns_to: list[tuple[Expr, object]] = []
        gaps: list[Expr] = []
        for start in reversed(starts):
            row = parameter.resolve(on=start, known_at=self.known_at)
            since = Compare(BooleanType(moment.type.nullable), ">=", moment, day(start))
            turns_to.append(
                (
                    is_true(since) if start > span.low or span.nullable else TRUE,
                    None if row is None else _fitted(row.value, kind),
                )
            )
            if row is None and not parameter.gaps_allowed:
                # Without a day there is no parameter, and that is no error.
                gaps.append(self._between(moment, start, starts))
        # On such a day the pack has no answer but an error, which the interpreter gives.
        self.builder.escape(any_of(*gaps))
        if moment.type.nullable:
            turns_to.insert(0, (is_null(moment), None))
        return shapes.bound(self.builder, _by_day(turns_to), parameter.name)

    def _between(self, moment: Expr, start: date, starts: list[date]) -> Expr:
        after = [other for other in starts if other > start]
        since = is_true(Compare(MAYBE, ">=", moment, day(start)))
        until = Compare(MAYBE, "<", moment, day(min(after))) if after else TRUE
        before = is_true(until)
        return all_of(since, before)

    # Outcomes -----------------------------------------------------------------------------

    def _columns(self, value: Value, doubt: Expr) -> DecisionColumns:
        """Say granted, refused, undetermined or computed, as ``Pack.evaluate`` does."""
        name = self.declared.name
        builder = self.builder
        unknown, granted = self._known(value, doubt)
        unknown = builder.let(unknown, "undetermined")
        outcome = _outcome(unknown, granted)
        refused = FALSE if granted is None else all_of(negation(unknown), negation(granted))
        reasons = self._reasons(value, negation(unknown), builder.let(refused, "refused"))
        leaves = dict(shapes.leaves(self._without_reasons(value), name))
        values = {entry: self._result(column, entry) for entry, column in leaves.items()}
        if not values:
            raise Refused("The decision gives an empty context", IN_THE_INTERPRETER)
        return DecisionColumns(
            name,
            values,
            {entry: column.type for entry, column in leaves.items()},
            _named(builder, outcome, f"{name}#outcome"),
            _named(builder, reasons, f"{name}#reasons"),
            {
                table: _named(builder, _matched_text(result), f"{name}#rules of {table}")
                for table, result in self.tables.items()
            },
            _named(builder, builder.escaped(), f"{name}#left"),
        )

    def _result(self, column: Expr, entry: str) -> str:
        kind = column.type
        if isinstance(kind, NumberType) and kind.quotients:
            raise Refused(f"{entry} is a quotient that is not rounded", "Round it.")
        return _named(self.builder, column, entry)

    def _known(self, value: Value, doubt: Expr) -> tuple[Expr, Expr | None]:
        """Say where the outcome is undetermined, and where granted: None, if it grants nothing."""
        if self.declared.kind != "eligibility":
            return any_of(doubt, shapes.holds_null(value)), None
        answer = value
        if isinstance(value, Context):
            answer = value.entries.get(self.declared.granted_by, NULL)
        found = shapes.column(answer)
        unknown = any_of(doubt, is_null(found))
        if unknown == TRUE:
            return TRUE, FALSE
        if not isinstance(found.type, BooleanType):
            raise Refused("The eligibility decision says neither yes nor no", IN_THE_INTERPRETER)
        return unknown, is_true(found)

    def _reasons(self, value: Value, decided: Expr, refused: Expr) -> Expr:
        """Give the reason code. What the interpreter would refuse to report is left to it."""
        found: Value = NULL
        if isinstance(value, Context):
            found = value.entries.get("reasons", value.entries.get("reason", NULL))
        if isinstance(found, Listed):
            return self._several_reasons(found, decided, refused)
        code = shapes.column(found)
        if shapes.is_null_value(code):
            self.builder.escape(refused)
            return text("")
        if not isinstance(code.type, TextType):
            raise Refused("The reason is no text", "Give a reason code.")
        known = any_of(
            *(shapes.same(self.builder, code, text(reason.code)) for reason in self.pack.reasons)
        )
        self.builder.escape(all_of(refused, is_null(code)))
        self.builder.escape(all_of(decided, negation(is_null(code)), negation(known)))
        said = all_of(decided, negation(is_null(code)))
        return shapes.column(shapes.select([(said, code)], text("")))

    def _without_reasons(self, value: Value) -> Value:
        """Leave out a list of reasons, which is told in a column of its own."""
        if not isinstance(value, Context) or not isinstance(value.entries.get("reasons"), Listed):
            return value
        kept = {name: entry for name, entry in value.entries.items() if name != "reasons"}
        return Context(kept, value.absent)

    def _several_reasons(self, codes: Listed, decided: Expr, refused: Expr) -> Expr:
        """Write the codes that are there, once each, with a blank between."""
        builder = self.builder
        known = [reason.code for reason in self.pack.reasons]
        parts: list[Expr] = []
        before: list[tuple[Expr, Expr]] = []
        for here, item in zip(codes.present, codes.items, strict=True):
            code = builder.let(shapes.column(item), "code")
            if not isinstance(code.type, TextType):
                raise Refused("A reason is no text", "Give reason codes.")
            is_known = any_of(*(shapes.same(builder, code, text(word)) for word in known))
            builder.escape(all_of(decided, here, negation(is_known)))
            said = any_of(
                *(all_of(there, shapes.same(builder, code, other)) for there, other in before)
            )
            first = negation(any_of(*(there for there, _ in before)))
            blank = shapes.column(shapes.select([(first, text(""))], text(" ")))
            kind = TextType(code.type.max_length + 1, code.type.nullable)
            written = Join(kind, (blank, code))
            shown = all_of(decided, here, negation(said), negation(is_null(code)))
            parts.append(shapes.column(shapes.select([(shown, written)], text(""))))
            before.append((here, code))
        builder.escape(all_of(refused, negation(any_of(*codes.present))))
        longest = sum(part.type.max_length for part in parts if isinstance(part.type, TextType))
        return Join(TextType(longest, nullable=False), tuple(parts)) if parts else text("")


def source_column(builder: Builder, name: str, kind: ColumnType) -> Value:
    """Give a column of the source as a value; a list becomes its items."""
    builder.inputs.setdefault(name, kind)
    column = Column(kind, ROWS, name)
    if isinstance(kind, StructType):
        fields_of = {
            field: Field(with_null(of, nullable=of.nullable or kind.nullable), column, field)
            for field, of in kind.fields
        }
        return Context(dict(fields_of), is_null(column))
    if not isinstance(kind, ListType):
        return column
    relation = builder.relation_for(column)
    fields = builder.items[relation].fields
    entries = {
        field: Column(of, relation, column_name) for field, (column_name, of) in fields.items()
    }
    item: Value = entries[""] if "" in entries else Context(dict(entries))
    return Items(relation, is_null(column), TRUE, item, kind.max_items)


def fits_input(value: Value, kind: FeelType) -> bool:
    """Say whether a source column has the declared type; allowed values are asked at the load."""
    base = base_of(kind)
    if isinstance(value, Items) and isinstance(base, FeelListType):
        return fits(value.item, _without_allowed(base.item))
    return fits(value, _without_allowed(kind))


def _without_allowed(kind: FeelType) -> FeelType:

    base = base_of(kind)
    if isinstance(base, ContextType):
        fields = tuple((name, _without_allowed(inner)) for name, inner in base.fields)
        return ContextType(base.name, fields)
    return base


def load_tests(
    builder: Builder, pack: RulePack, schema: Mapping[str, ColumnType], names: list[str]
) -> list[tuple[str, Expr]]:
    """Lower what allowed values forbid: per input, the rows that break it.

    Raises Refused for an input whose allowed values cannot be asked in SQL.
    """
    feel = Lowering(builder, {})
    broken: list[tuple[str, Expr]] = []
    for name in names:
        if name not in schema:
            continue
        kind = pack.library.elements[pack.library.key_of(name)].kind
        value = source_column(builder, name, schema[name])
        try:
            broken.append((name, _breaks(builder, feel, value, kind)))
        except Refused as refused:
            raise refused.inside(f"allowed values of {name}") from None
    return broken


def _breaks(builder: Builder, feel: Lowering, value: Value, kind: FeelType) -> Expr:
    """Say where a value is none that its type allows; null is always allowed."""
    found = [feel.not_allowed(value, kind)]
    kind = base_of(kind)
    if isinstance(kind, FeelListType) and isinstance(value, Items):
        inner = _breaks(builder, feel, value.item, kind.item)
        if inner != FALSE:
            found.append(listing.exists(builder, value, inner))
    if isinstance(kind, ContextType) and isinstance(value, Context):
        found += [
            _breaks(builder, feel, value.entries[name], wanted)
            for name, wanted in kind.fields
            if name in value.entries
        ]
    return any_of(*found)


def _by_day(values: list[tuple[Expr, object]]) -> Value:
    """Put values that hold from a day on into one: the first whose condition is true.

    Lists and contexts are put together place by place, so that what is the same on every day
    stays a constant.
    """
    kept: list[tuple[Expr, object]] = []
    for condition, value in values:
        if kept and _is_same(kept[-1][1], value):
            kept[-1] = (_or_since(kept[-1][0], condition), value)
        else:
            kept.append((condition, value))
    if len({_key(value) for _, value in kept}) == 1:
        return constant_of(kept[0][1])
    known = [value for _, value in kept if value is not None]
    if known and all(isinstance(value, list) for value in known):
        return _lists_by_day(kept)
    lowered = [(condition, constant_of(value)) for condition, value in kept]
    return shapes.select(lowered[:-1], lowered[-1][1])


def _or_since(earlier: Expr, since: Expr) -> Expr:
    """Join two conditions in turn: since an earlier day holds wherever since a later day does."""
    first = earlier.items[0] if isinstance(earlier, Or) else earlier
    return any_of(first, since) if isinstance(first, IsNull) else since


def _lists_by_day(values: list[tuple[Expr, object]]) -> Value:
    lists = [(condition, value) for condition, value in values if isinstance(value, list)]
    items: list[Value] = []
    present: list[Expr] = []
    for at in range(max(len(value) for _, value in lists)):
        here = [
            (condition, isinstance(value, list) and at < len(value)) for condition, value in values
        ]
        told = [(condition, value[at]) for condition, value in lists if at < len(value)]
        # Where the list is shorter the place is empty, and what stands there is never read.
        items.append(_by_day([*told[:-1], (TRUE, told[-1][1])]))
        present.append(_present_by_day(here))
    absent = [(condition, value is None) for condition, value in values]
    is_absent = shapes.column(_by_day([*absent[:-1], (TRUE, absent[-1][1])]))
    return Listed(tuple(items), tuple(present), is_absent)


def _present_by_day(here: Sequence[tuple[Expr, bool]]) -> Expr:
    """Say from when on a place is there; in a list that only grows, from one day on for good."""
    told = [(condition, there) for condition, there in here if not isinstance(condition, IsNull)]
    held = [condition for condition, there in told if there]
    only_grows = [there for _, there in told] == [True] * len(held) + [False] * (
        len(told) - len(held)
    )
    if only_grows and held and isinstance(held[-1], IsTrue | Compare):
        return held[-1]
    return shapes.column(_by_day([*here[:-1], (TRUE, here[-1][1])]))


def _is_same(left: object, right: object) -> bool:
    return _key(left) == _key(right)


def _key(value: object) -> str:
    """Write a value so that two of them are alike just when they are the same."""
    return repr(value)


def _fitted(value: object, kind: FeelType) -> object:
    """Fit a parameter's value as the interpreter does: what does not fit is null."""
    try:
        return fit(value, kind)
    except DoesNotFit:
        return None


def _fitted_constant(value: object, kind: FeelType) -> Value:
    return constant_of(_fitted(value, kind))


def _outcome(unknown: Expr, granted: Expr | None) -> Expr:
    ways: list[tuple[Expr, Value]] = [(unknown, text(UNDETERMINED))]
    if granted is not None:
        ways.append((granted, text(GRANTED)))
    return shapes.column(shapes.select(ways, text(COMPUTED if granted is None else REFUSED)))


def _matched_text(result: TableResult) -> Expr:
    """Write the ids of the rules that matched, with a blank between.

    Where at most one rule matched it is chosen and not put together from all.
    """
    names: list[tuple[Expr, Value]] = [(holds, text(f"{rule} ")) for rule, holds in result.matched]
    one = shapes.column(shapes.select(names, text("")))
    if result.several == FALSE or not names:
        return one
    parts = [shapes.column(shapes.select([pair], text(""))) for pair in names]
    longest = sum(part.type.max_length for part in parts if isinstance(part.type, TextType))
    every = Join(TextType(longest, nullable=False), tuple(parts))
    return shapes.column(shapes.select([(result.several, every)], one))


def _named(builder: Builder, value: Expr, name: str) -> str:
    """Give a result a column of its own name, whatever column it is a copy of."""
    return builder.named(value, name)
