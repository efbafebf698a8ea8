"""Decision tables: every hit policy and aggregation of DMN 1.5.

A row's cells are joined by three-valued *and*. Besides the FEEL result a table notes where missing
data decided: a row that could have matched had the data been known.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cmp_to_key
from typing import Final

from amparo.rules.dmn.model import DecisionTable
from amparo.rules.feel import ast
from amparo.rules.feel.builtins import BUILTINS
from amparo.rules.feel.diagnostics import NotSupported, NullCause
from amparo.rules.feel.evaluate import CellTest, Expression, mentions_null, missing_facts
from amparo.rules.feel.run import Frame, Run, Unknown
from amparo.rules.feel.values import Value, equal

POLICIES: Final = frozenset(
    {"UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER"}
)
AGGREGATIONS: Final = {"SUM": "sum", "COUNT": "count", "MIN": "min", "MAX": "max"}


@dataclass(frozen=True, slots=True)
class Row:
    """asked: the columns that a row does not leave open, with the test of each."""

    tests: tuple[Expression, ...]
    outputs: tuple[Expression, ...]
    handles_null: tuple[bool, ...]
    asked: tuple[tuple[int, CellTest], ...]


@dataclass(frozen=True, slots=True)
class TableStep:
    """What one evaluation of a table saw: input values, and per row whether it matched.

    matched: the numbers of the rows that gave the result, from 0.
    failed: per row the first column that ruled it out, or None.
    """

    table: DecisionTable
    values: tuple[Value, ...]
    matched: tuple[int, ...]
    failed: tuple[int | None, ...]
    result: Value


@dataclass(slots=True)
class _Match:
    """How one row stands: whether FEEL says it matches, and the doubts about that."""

    number: int
    holds: bool
    doubts: Sequence[Unknown]
    failed: int | None


_NO_DOUBTS: Final[tuple[Unknown, ...]] = ()


class CompiledTable:
    """priorities: per output the allowed values in order, highest first; empty if none given."""

    def __init__(
        self,
        table: DecisionTable,
        *,
        inputs: Sequence[Expression],
        rows: Sequence[tuple[Sequence[Expression], Sequence[Expression]]],
        defaults: Sequence[Expression | None],
        priorities: Sequence[Callable[[Frame], Sequence[Value]]],
        where: str,
    ) -> None:
        check_policy(table, where)
        self.table = table
        self.inputs = tuple(inputs)
        self.rows = tuple(
            Row(
                tuple(tests),
                tuple(outputs),
                tuple(mentions_null(test.tree) for test in tests),
                tuple(
                    (column, test.passes)
                    for column, test in enumerate(tests)
                    if not isinstance(test.tree, ast.Dash)
                ),
            )
            for tests, outputs in rows
        )
        self.defaults = tuple(defaults)
        self.priorities = tuple(priorities)
        self._readers = tuple(expression.evaluator for expression in self.inputs)
        self.stops_at_first = table.hit_policy == "FIRST"
        # A row ruled out beyond doubt: only the column matters, not which row it was.
        self._failed_at = tuple(
            _Match(-1, holds=False, doubts=_NO_DOUBTS, failed=column)
            for column in range(len(self.inputs))
        )

    def __call__(self, frame: Frame) -> Value:
        run = frame.run
        if self.stops_at_first and not run.tracing:
            first = self._first_plain_match(frame)
            if first is not None:
                return self._output(first, frame)
        values, doubts = self._read_inputs(frame)
        certain = None not in values and not any(doubts)
        matches: list[_Match] = []
        for number, row in enumerate(self.rows):
            match = self._plain_match(number, row, values, frame) if certain else None
            if match is None:
                match = self._match(number, row, values, doubts, frame)
            matches.append(match)
            if match.holds and self.stops_at_first:
                break
        holding = [match for match in matches if match.holds]
        run.unknowns.extend(self._doubts_that_count(matches, holding))
        chosen, result = self._result(holding, frame)
        if run.tracing:
            failed = tuple(match.failed for match in matches)
            failed += (None,) * (len(self.rows) - len(matches))
            run.steps.append(TableStep(self.table, tuple(values), chosen, failed, result))
        return result

    def _first_plain_match(self, frame: Frame) -> int | None:
        """Find the first row that matches when nothing up to it leaves a doubt; else None.

        What is asked here in vain is asked once more with care, so its traces do not count.
        """
        run = frame.run
        unknowns = run.unknowns
        before, causes = len(unknowns), len(run.diagnostics)
        found: int | None = None
        values = [read(frame) for read in self._readers]
        for number, row in enumerate(self.rows):
            answer: bool | None = True
            for column, passes in row.asked:
                tested = values[column]
                answer = None if tested is None else passes(tested, frame)
                if answer is not True:
                    break
            if answer is True:
                found = number
                break
            if answer is not False:
                break
        if found is None or len(unknowns) > before:
            del unknowns[before:], run.diagnostics[causes:]
            return None
        return found

    def _plain_match(
        self, number: int, row: Row, values: Sequence[Value], frame: Frame
    ) -> "_Match | None":
        """Match a row whose every test says yes or no without a doubt; None where one does not."""
        run = frame.run
        before, causes, steps = len(run.unknowns), len(run.diagnostics), len(run.steps)
        for column, passes in row.asked:
            answer = passes(values[column], frame)
            if type(answer) is not bool or len(run.unknowns) > before:
                # Asked once more with care: what this try has left does not count.
                del run.unknowns[before:], run.diagnostics[causes:], run.steps[steps:]
                return None
            if not answer:
                return self._failed_at[column]
        return _Match(number, holds=True, doubts=_NO_DOUBTS, failed=None)

    def _read_inputs(self, frame: Frame) -> tuple[list[Value], list[list[Unknown]]]:
        """Evaluate the input expressions, setting their doubts aside: a dash ignores them."""
        unknowns = frame.run.unknowns
        values: list[Value] = []
        doubts: list[list[Unknown]] = []
        for expression in self.inputs:
            before = len(unknowns)
            values.append(expression.evaluator(frame))
            doubts.append(unknowns[before:])
            del unknowns[before:]
        return values, doubts

    def _match(
        self,
        number: int,
        row: Row,
        values: Sequence[Value],
        doubts: Sequence[list[Unknown]],
        frame: Frame,
    ) -> _Match:
        unknowns = frame.run.unknowns
        found: list[Unknown] = []
        match = _Match(number, holds=True, doubts=found, failed=None)
        for column, test in enumerate(row.tests):
            if isinstance(test.tree, ast.Dash):
                continue
            before = len(unknowns)
            answer = test.passes(values[column], frame)
            unsure = [*doubts[column], *unknowns[before:]]
            del unknowns[before:]
            null_decides = values[column] is None and not row.handles_null[column]
            if not unsure and (null_decides or not isinstance(answer, bool)):
                unsure = [self._missing(row, column, frame)]
            if answer is not True:
                match.holds = False
                match.failed = column if match.failed is None else match.failed
                if not unsure:
                    # This cell alone rules the row out, whatever the missing data would be.
                    return _Match(number, holds=False, doubts=_NO_DOUBTS, failed=column)
            found.extend(unsure)
        return match

    def _missing(self, row: Row, column: int, frame: Frame) -> Unknown:
        text = f"{self.table.inputs[column].label}: {row.tests[column].source}"
        facts = (
            *missing_facts(self.inputs[column].tree, frame),
            *missing_facts(row.tests[column].tree, frame),
        )
        return Unknown("table.null", frame.run.where, text, facts)

    def _doubts_that_count(
        self, matches: Sequence[_Match], holding: Sequence[_Match]
    ) -> list[Unknown]:
        """Give the doubts that could change the result under the hit policy."""
        if self.table.hit_policy in ("UNIQUE", "ANY") and any(
            not match.doubts for match in holding
        ):
            return []
        return [doubt for match in matches for doubt in match.doubts]

    # Results ------------------------------------------------------------------------------

    def _result(  # noqa: PLR0911 - one per hit policy
        self, holding: Sequence[_Match], frame: Frame
    ) -> tuple[tuple[int, ...], Value]:
        if not holding:
            return (), self._default(frame)
        numbers = tuple(match.number for match in holding)
        outputs = [self._output(number, frame) for number in numbers]
        match self.table.hit_policy:
            case "FIRST":
                return numbers[:1], outputs[0]
            case "UNIQUE":
                if len(outputs) > 1:
                    self._conflict(numbers, frame.run, "several rules match a table that is UNIQUE")
                    return numbers, None
                return numbers, outputs[0]
            case "ANY":
                if any(equal(output, outputs[0]) is not True for output in outputs[1:]):
                    self._conflict(numbers, frame.run, "rules of an ANY table differ in output")
                    return numbers, None
                return numbers, outputs[0]
            case "PRIORITY":
                ordered = self._by_priority(numbers, outputs, frame)
                return (ordered[0][0],), ordered[0][1]
            case "OUTPUT ORDER":
                return numbers, [output for _, output in self._by_priority(numbers, outputs, frame)]
            case _:
                return numbers, self._collected(outputs, frame.run)

    def _conflict(self, numbers: Sequence[int], run: Run, message: str) -> None:
        rules = ", ".join(self.table.rules[number].id for number in numbers)
        run.null("table.conflict", f"{message}: {rules}", self.table.id)

    def _output(self, number: int, frame: Frame) -> Value:
        cells = self.rows[number].outputs
        if len(cells) == 1:
            return cells[0].evaluator(frame)
        return self._shaped([cell.evaluator(frame) for cell in cells])

    def _shaped(self, values: Sequence[Value]) -> Value:
        if len(self.table.outputs) == 1:
            return values[0]
        names = (output.name for output in self.table.outputs)
        return dict(zip(names, values, strict=True))

    def _default(self, frame: Frame) -> Value:
        if all(default is None for default in self.defaults):
            frame.run.null(
                "table.no-match", "no rule matches and there is no default", self.table.id
            )
            return None
        return self._shaped([default and default(frame) for default in self.defaults])

    def _by_priority(
        self, numbers: Sequence[int], outputs: Sequence[Value], frame: Frame
    ) -> list[tuple[int, Value]]:
        orders = [priority(frame) for priority in self.priorities]

        def ranks(output: Value) -> tuple[int, ...]:
            parts = list(output.values()) if isinstance(output, dict) else [output]
            single = parts if len(self.table.outputs) > 1 else [output]
            return tuple(_rank(part, order) for part, order in zip(single, orders, strict=True))

        def compared(left: tuple[int, Value], right: tuple[int, Value]) -> int:
            mine, theirs = ranks(left[1]), ranks(right[1])
            return (mine > theirs) - (mine < theirs)

        return sorted(zip(numbers, outputs, strict=True), key=cmp_to_key(compared))

    def _collected(self, outputs: list[Value], run: Run) -> Value:
        function = AGGREGATIONS.get(self.table.aggregation)
        if function is None:
            return outputs
        if function == "count":
            return Decimal(len(outputs))
        try:
            return BUILTINS[function].call(run, [outputs], None)
        except NullCause as cause:
            run.null(cause.code, cause.message, self.table.id)
            return None


def _rank(value: Value, order: Sequence[Value]) -> int:
    for place, allowed in enumerate(order):
        if equal(value, allowed) is True:
            return place
    return len(order)


def check_policy(table: DecisionTable, where: str) -> None:
    """Refuse by name what has no defined meaning. Raises NotSupported."""
    problem = ""
    if table.hit_policy not in POLICIES:
        problem = f"The hit policy {table.hit_policy}"
    elif table.aggregation and table.aggregation not in AGGREGATIONS:
        problem = f"The aggregation {table.aggregation}"
    elif table.aggregation and len(table.outputs) > 1:
        problem = "An aggregation over several outputs"
    if problem:
        raise NotSupported(
            code="table.not-supported",
            message=f"{problem} is not supported",
            remedy="Use a hit policy of DMN 1.5, and aggregate one output at a time.",
            where=where,
        )
