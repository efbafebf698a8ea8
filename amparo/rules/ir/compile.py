"""A pack to a program: which decisions are columns, which are the interpreter's, and why."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.ir.builder import Builder
from amparo.rules.ir.graph import DecisionColumns, DecisionLowering, load_tests
from amparo.rules.ir.nodes import FALSE, Expr, columns_in, parts
from amparo.rules.ir.plan import Columns, Refusal, Step
from amparo.rules.ir.refused import Refused
from amparo.rules.ir.rulepack import Declared, RulePack
from amparo.rules.ir.schema import Schema, Usual, default_column, schema_of_usual
from amparo.rules.ir.types import ColumnType, is_within

# The decimals of a quotient are settled after few rounds: each round only learns what uses need.
ROUNDS: Final = 6


@dataclass(frozen=True, slots=True)
class Program:
    """A pack compiled for one schema and period.

    tests: columns that are true on rows whose inputs are none that their types allow; checks: how
    they are computed. refusals: why the other decisions are the interpreter's.
    """

    schema: Schema
    columns: Columns
    compiled: Mapping[str, DecisionColumns]
    refusals: tuple[Refusal, ...]
    checks: Columns
    tests: Mapping[str, str]


def default_schema(pack: RulePack, decisions: Sequence[str]) -> Schema:
    """Assume columns for all inputs of some decisions, from what the pack declares."""
    columns: dict[str, ColumnType] = {}
    without: set[str] = set()
    for item in _inputs(pack, decisions):
        kind = default_column(pack.library.elements[pack.library.key_of(item)].kind)
        if kind is None:
            without.add(item)
        else:
            columns[item] = kind
    return Schema(columns, frozenset(without))


def _declared(pack: RulePack, decisions: Sequence[str]) -> list[Declared]:
    found: list[Declared] = []
    for name in decisions:
        declared = pack.manifest.decision(name)
        if declared is None:
            known = ", ".join(item.name for item in pack.manifest.decisions)
            raise RuleError(
                code="decision.unknown",
                message=f"The pack declares no decision {name}",
                remedy=f"Ask for one of: {known}.",
            )
        found.append(declared)
    return found


def _inputs(pack: RulePack, decisions: Sequence[str]) -> list[str]:
    names = (item.name for declared in _declared(pack, decisions) for item in declared.inputs)
    return list(dict.fromkeys(names))


def compile_program(
    pack: RulePack,
    decisions: Sequence[str],
    schema: Schema,
    *,
    on: date,
    known_at: datetime | None,
    refused_by: Callable[[Expr], Refused | None] | None = None,
) -> Program:
    """Compile decisions; refused_by says which expressions the database asked for cannot hold.

    A decision that rests on such an expression is refused in turn, and the others compiled anew.
    """
    untested = _untested(pack, schema, decisions)
    program = _compile(pack, decisions, schema, untested, on=on, known_at=known_at)
    if refused_by is None:
        return program
    unheld = dict(_unheld(program, refused_by))
    if not unheld:
        return program
    return _compile(pack, decisions, schema, {**untested, **unheld}, on=on, known_at=known_at)


def program_of_usual(
    pack: RulePack, program: Program, usual: Usual, *, on: date, known_at: datetime | None
) -> Program | None:
    """Compile the same decisions for usual rows only, on which fewer columns may be null.

    It is the very law, lowered from a narrower schema: what asks for null falls away. None unless
    each of its columns fits the column of the whole program.
    """
    schema = schema_of_usual(program.schema, usual)
    decisions = list(program.compiled)
    untested = _untested(pack, schema, decisions)
    shorter = _compile(pack, decisions, schema, untested, on=on, known_at=known_at)
    if all(
        name in shorter.compiled and _fits_into(shorter.compiled[name], made)
        for name, made in program.compiled.items()
    ):
        return shorter
    return None


def _fits_into(narrow: DecisionColumns, wide: DecisionColumns) -> bool:
    return (
        narrow.kinds.keys() == wide.kinds.keys()
        and narrow.rules.keys() == wide.rules.keys()
        and all(is_within(kind, wide.kinds[entry]) for entry, kind in narrow.kinds.items())
    )


def _unheld(
    program: Program, refused_by: Callable[[Expr], Refused | None]
) -> Iterator[tuple[str, Refusal]]:
    for decision, made in program.compiled.items():
        for step in steps_behind(program.columns, result_columns(made)):
            refused = next((why for node in _nodes(step.value) if (why := refused_by(node))), None)
            if refused is not None:
                yield decision, _refusal(decision, refused.inside(step.name))
                break


def _nodes(value: Expr) -> Iterator[Expr]:
    yield value
    for part in parts(value):
        yield from _nodes(part)


def steps_behind(columns: Columns, results: Sequence[str]) -> list[Step]:
    """Give every step that these results rest on, those over the items of lists included."""
    steps = {step.name: step for step in columns.steps}
    steps |= {step.name: step for items in columns.items.values() for step in items.steps}
    found: dict[str, Step] = {}
    waiting = list(results)
    while waiting:
        name = waiting.pop()
        if name in steps and name not in found:
            found[name] = steps[name]
            waiting.extend(column.name for column in columns_in(steps[name].value))
    return list(found.values())


def _compile(
    pack: RulePack,
    decisions: Sequence[str],
    schema: Schema,
    untested: Mapping[str, Refusal],
    *,
    on: date,
    known_at: datetime | None,
) -> Program:
    """Lower decisions again and again until the decimals of every quotient are settled."""
    declared = _declared(pack, decisions)
    decimals: Mapping[int, int] = {}
    names = frozenset(decisions)
    builder = Builder(dict(schema.columns), decimals, reserved=names)
    for _ in range(ROUNDS):
        builder = Builder(dict(schema.columns), decimals, reserved=names)
        compiled, refusals = _lower(builder, pack, declared, schema, untested, on, known_at)
        if all(builder.used.get(at, need) == need for at, need in builder.needs.items()):
            break
        decimals = {**builder.used, **builder.needs}
    else:
        compiled, refusals = {}, [_unsettled(item) for item in declared]
    results = tuple(name for columns in compiled.values() for name in result_columns(columns))
    checks, tests = _checks(pack, schema, compiled)
    return Program(schema, builder.columns(results), compiled, tuple(refusals), checks, tests)


def result_columns(columns: DecisionColumns) -> list[str]:
    """Give the names of all columns of a decision, in the order of the result."""
    return [
        *columns.values.values(),
        columns.outcome,
        columns.reasons,
        *columns.rules.values(),
        columns.left,
    ]


def _lower(
    builder: Builder,
    pack: RulePack,
    declared: Sequence[Declared],
    schema: Schema,
    untested: Mapping[str, Refusal],
    on: date,
    known_at: datetime | None,
) -> tuple[dict[str, DecisionColumns], list[Refusal]]:
    compiled: dict[str, DecisionColumns] = {}
    refusals: list[Refusal] = []
    for item in declared:
        if item.name in untested:
            refusals.append(untested[item.name])
            continue
        lowering = DecisionLowering(builder, pack, item, schema.columns, on=on, known_at=known_at)
        try:
            compiled[item.name] = lowering.lower()
        except Refused as refused:
            refusals.append(_refusal(item.name, refused))
        except RecursionError:
            refusals.append(_refusal(item.name, Refused("The rule nests too deeply", "Split it.")))
    return compiled, refusals


def _refusal(decision: str, refused: Refused) -> Refusal:
    return Refusal(
        decision, refused.where, refused.source, refused.span, refused.reason, refused.remedy
    )


def _unsettled(declared: Declared) -> Refusal:
    return Refusal(
        declared.name, "", "", None, "The decimals of its quotients do not settle", "Round earlier."
    )


def _untested(pack: RulePack, schema: Schema, decisions: Sequence[str]) -> dict[str, Refusal]:
    """Refuse decisions with an input whose allowed values only the interpreter can ask."""
    found: dict[str, Refusal] = {}
    for declared in _declared(pack, decisions):
        names = [item.name for item in declared.inputs]
        unheld = [
            item.name
            for item in declared.inputs
            if item.name in schema.without_column and not item.is_result
        ]
        if unheld:
            refused = Refused(
                f"No column can be assumed for the input {unheld[0]}",
                "Give a schema, or the input a type of plain values.",
            )
            found[declared.name] = _refusal(declared.name, refused)
            continue
        spelt = [name.casefold() for name in schema.columns]
        alike = [name for name in names if spelt.count(name.casefold()) > 1]
        if alike:
            refused = Refused(
                f"Another input is called as {alike[0]} but for its case, and SQL sees one name",
                "Give one of them another name.",
            )
            found[declared.name] = _refusal(declared.name, refused)
            continue
        try:
            load_tests(Builder({}), pack, schema.columns, names)
        except Refused as refused:
            found[declared.name] = _refusal(declared.name, refused)
    return found


def _checks(
    pack: RulePack, schema: Schema, compiled: Mapping[str, DecisionColumns]
) -> tuple[Columns, dict[str, str]]:
    builder = Builder(dict(schema.columns))
    broken = load_tests(builder, pack, schema.columns, _inputs(pack, list(compiled)))
    tests: dict[str, str] = {}
    for name, condition in broken:
        if condition != FALSE:
            tests[name] = builder.named(condition, f"{name}#not allowed")
    return builder.columns(tuple(tests.values())), tests
