"""Ask two packs about every case, in columns, and compare what they answer.

What is asked is what a process would ask: eligibility first, the amount of those granted. Where a
benefit follows the rates, the day of its amount is the day simulated, as in the schedule of a
claim; the day of its eligibility stays the one claimed for, unless cases are taken as new.
"""

# ruff: noqa: S608 - every name in these texts is quoted, and no text of a row enters them

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.compute as pc  # type: ignore[import-untyped]  # it ships no types

from amparo.rules.backends.running import RunReport
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.packs import Benefit, Pack
from amparo.rules.simulation.measures import Measures
from amparo.rules.simulation.population import CASE, DAY_SOURCES, Population, decisions_of
from amparo.rules.simulation.results import (
    KNOWN,
    PER_YEAR,
    STATES,
    Affected,
    Distribution,
    Group,
    Side,
    Simulation,
)

MOST_AFFECTED: Final = 50
QUANTILES: Final = (10, 25, 50, 75, 90, 99)
_TOLD: Final = ("outcome", "missing")
_CENT: Final = Decimal("0.01")
_MONEY: Final = "DECIMAL(38, 2)"
# What a simulation reports as done: each pack asked, the answers compared, the traces made.
STEPS: Final = 4
# Bands of completed years: the first year of each but the first.
AGE_BANDS: Final = (18, 30, 45, 60, 65, 75)


class CannotCompare(RuleError):
    """The two packs have no answers in common that could be compared."""


class UnequalTrace(RuleError):
    """A column and the trace made again of the same case differ: the simulation is void."""


def _nobody_listens(done: int) -> None:
    """Let the steps pass."""


def simulate(
    *,
    before: Pack,
    after: Pack,
    benefit: str,
    population: Population,
    on: date,
    as_new: bool = False,
    most_affected: int = MOST_AFFECTED,
    report: Callable[[int], None] = _nobody_listens,
) -> Simulation:
    """Compare what two packs grant for a benefit on a day.

    as_new: every case is asked as if it were claimed on that day. most_affected: of how many cases
    the traces are given; 0 where single cases may not be shown. report: told how many of STEPS are
    done.
    Raises UnusablePopulation, CannotCompare, WrongSource, NoParameterValue.
    """
    asked = [
        _Asked(pack, _benefit(pack, benefit), population, on, as_new=as_new)
        for pack in (before, after)
    ]
    period = _period(*(side.benefit for side in asked))
    for number, side in enumerate(asked, start=1):
        side.ask()
        report(number)
    with duckdb.connect() as connection:
        measures = Measures(connection)
        connection.register("people", _described(population))
        for name, side in zip(("before", "after"), asked, strict=True):
            connection.register(f"{name}_asked", side.answers)
        _compare(connection, on, [_times(side.benefit, period) for side in asked])
        sides = [
            _side(connection, measures, name, side, period)
            for name, side in zip(("before", "after"), asked, strict=True)
        ]
        report(STEPS - 1)
        difference = _one(connection, "SELECT coalesce(sum(change), 0) FROM compared")
        return Simulation(
            benefit=benefit,
            title=asked[1].benefit.title,
            currency=after.currency,
            on=on,
            as_new=as_new,
            origin=population.origin,
            cases=population.cases,
            period=period,
            before=sides[0],
            after=sides[1],
            difference=difference,
            difference_month=_a_month(difference, period),
            moves={
                (old, new): count
                for old, new, count in connection.sql(
                    "SELECT before_state, after_state, count(*) FROM compared "
                    "GROUP BY ALL ORDER BY ALL"
                ).fetchall()
            },
            groups={
                "all": _groups(connection, "'all'"),
                "sex": _groups(connection, "sex"),
                "age": _groups(connection, "age_band"),
                "region": _groups(connection, "region"),
            },
            affected=_affected(connection, asked, most_affected),
        )


def _benefit(pack: Pack, code: str) -> Benefit:
    decisions_of(pack, code)
    return next(known for known in pack.manifest.benefits if known.code == code)


def _period(before: Benefit, after: Benefit) -> str:
    """Give the period in which amounts are compared: the common one, else a year."""
    if before.frequency == after.frequency:
        return before.frequency
    if "once" in (before.frequency, after.frequency):
        raise CannotCompare(
            code="simulation.frequency",
            message=f"{before.code} is paid {before.frequency} before, {after.frequency} after",
            remedy="An amount paid once has no cost a month: simulate the two packs apart.",
        )
    return "yearly"


def _times(benefit: Benefit, period: str) -> int:
    """Say how often the benefit is paid in the period of comparison."""
    return 1 if benefit.frequency == period else PER_YEAR[benefit.frequency]


def _a_month(amount: Decimal, period: str) -> Decimal | None:
    """Give what a sum for a period is in the average month, half-even to the cent."""
    if period == "once":
        return None
    return (amount * PER_YEAR[period] / 12).quantize(_CENT)


# Asking -----------------------------------------------------------------------------------------


@dataclass
class _Asked:
    """One pack and its answers: case, state, amount (of those granted), missing."""

    pack: Pack
    benefit: Benefit
    population: Population
    on: date
    as_new: bool = field(kw_only=True)
    set_aside: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    by_interpreter: Counter[str] = field(default_factory=Counter)
    refusals: dict[str, str] = field(default_factory=dict)
    answers: pa.Table = None

    @property
    def eligibility_facts(self) -> pa.Table:
        return self._facts(is_of_today=self.as_new)

    @property
    def amount_facts(self) -> pa.Table:
        return self._facts(is_of_today=self.as_new or self.benefit.follows_rates)

    def _facts(self, *, is_of_today: bool) -> pa.Table:
        """Give the table with its cases numbered; where it is to be, with the day simulated."""
        table = self.population.table
        table = table.append_column(CASE, pa.array(range(table.num_rows), pa.int64()))
        if is_of_today:
            for item in self.pack.manifest.inputs:
                if item.source in DAY_SOURCES:
                    days = pa.array([self.on] * table.num_rows, pa.date32())
                    if item.name in table.column_names:
                        place = table.column_names.index(item.name)
                        table = table.set_column(place, item.name, days)
                    else:
                        table = table.append_column(item.name, days)
        return table

    def ask(self) -> None:
        eligibility = self._run(self.benefit.eligibility, self.eligibility_facts)
        granted = eligibility.filter(pc.equal(eligibility.column("outcome"), "granted"))
        amount = self._run(self.benefit.amount, self.amount_facts.take(granted.column(CASE)))
        self.answers = self._joined(eligibility, amount)

    def _run(self, decision: str, facts: pa.Table) -> pa.Table:
        plan = self.pack.compile([decision], on=self.on)
        self.refusals |= {refusal.decision: refusal.reason for refusal in plan.refusals}
        report: RunReport = plan.run(facts, keep=[CASE])
        self.set_aside.update(report.set_aside)
        self.by_interpreter.update(report.by_interpreter)
        for (_, code), count in report.failed.items():
            self.failed[code] += count
        if report.table is None:  # there was no row to ask about
            empty = {CASE: pa.array([], pa.int64()), "amount": _amounts(None, decision)}
            return pa.table({**empty, **dict.fromkeys(_TOLD, pa.array([], pa.string()))})
        told = {name: report.table.column(f"{decision}#{name}") for name in _TOLD}
        amounts = _amounts(report.table, decision)
        return pa.table({CASE: report.table.column(CASE), "amount": amounts, **told})

    def _joined(self, eligibility: pa.Table, amount: pa.Table) -> pa.Table:
        """Put both decisions together; see State for what each combination is."""
        with duckdb.connect() as connection:
            connection.register("eligibility", eligibility)
            connection.register("amount", amount)
            case = f'"{CASE}"'
            return connection.sql(
                f"""
                SELECT {case},
                       CASE WHEN e.outcome IN ('refused', 'undetermined') THEN e.outcome
                            WHEN e.outcome IS NULL OR a.outcome IS NULL THEN 'not computed'
                            WHEN a.outcome = 'undetermined' THEN 'undetermined'
                            WHEN a.amount IS NULL OR a.amount < 0
                                 OR a.amount <> round(a.amount, 2) THEN 'not computed'
                            ELSE 'granted' END AS state,
                       CAST(round(a.amount, 2) AS {_MONEY}) AS amount,
                       CASE WHEN e.outcome = 'undetermined' THEN e.missing
                            WHEN a.outcome = 'undetermined' THEN a.missing END AS missing
                  FROM eligibility AS e LEFT JOIN amount AS a USING ({case})
                 ORDER BY {case}
                """
            ).to_arrow_table()


def _amounts(table: pa.Table | None, decision: str) -> pa.Array:
    """Give the amounts of a decision: its value, or the entry `amount` of its context."""
    wide = pa.decimal128(38, 10)
    if table is None:
        return pa.array([], wide)
    for name in (decision, f"{decision}.amount"):
        if name in table.column_names and pa.types.is_decimal(table.column(name).type):
            return table.column(name)
    if f"{decision}#json" in table.column_names:
        texts = table.column(f"{decision}#json").to_pylist()
        return pa.array([_amount_in(text) for text in texts], wide)
    return pa.nulls(table.num_rows, wide)


def _amount_in(text: str | None) -> Decimal | None:
    value = None if text is None else json.loads(text, parse_float=Decimal)
    found = value.get("amount") if isinstance(value, dict) else value
    is_number = isinstance(found, str) and found.lstrip("-").replace(".", "", 1).isdecimal()
    return Decimal(found) if is_number else None  # type: ignore[arg-type]  # it is text


# Comparing --------------------------------------------------------------------------------------


def _described(population: Population) -> pa.Table:
    """Give the describing columns under fixed names; one that is absent is null throughout."""
    table, about = population.table, population.about
    empty = pa.nulls(table.num_rows, pa.string())

    def column(name: str, kind: pa.DataType) -> pa.Array:
        return table.column(name).cast(kind) if name else pa.nulls(table.num_rows, kind)

    return pa.table(
        {
            CASE: pa.array(range(table.num_rows), pa.int64()),
            "reference": column(about.reference, pa.string()) if about.reference else empty,
            "sex": column(about.sex, pa.string()),
            "birth_date": column(about.birth_date, pa.date32()),
            "age": column("" if about.birth_date else about.age, pa.decimal128(38, 10)),
            "region": column(about.region, pa.string()),
        }
    )


def _compare(connection: duckdb.DuckDBPyConnection, on: date, times: Sequence[int]) -> None:
    """Make the table of cases with both answers, their amounts in the period of comparison."""
    known = ", ".join(f"'{state}'" for state in sorted(KNOWN))
    paid = {
        side: f"CASE {side}.state WHEN 'granted' THEN {side}.amount * {count} "
        "WHEN 'refused' THEN 0 END"
        for side, count in zip(("before", "after"), times, strict=True)
    }
    connection.sql(
        f"""
        CREATE TABLE compared AS
        WITH aged AS (
          SELECT *, CASE WHEN birth_date IS NULL THEN floor(age)
            ELSE {on.year} - year(birth_date) - CAST(
              (month(birth_date), day(birth_date)) > ({on.month}, {on.day}) AS INTEGER)
            END AS years
            FROM people
        )
        SELECT people."{CASE}" AS number, reference, coalesce(sex, 'unknown') AS sex,
               {_band("years")} AS age_band, coalesce(region, 'unknown') AS region,
               coalesce(before.state, 'not computed') AS before_state,
               coalesce(after.state, 'not computed') AS after_state,
               CAST({paid["before"]} AS {_MONEY}) AS before_paid,
               CAST({paid["after"]} AS {_MONEY}) AS after_paid,
               before.missing AS before_missing, after.missing AS after_missing,
               CASE WHEN before.state IN ({known}) AND after.state IN ({known})
                    THEN CAST(after_paid - before_paid AS {_MONEY}) END AS change
          FROM aged AS people
          LEFT JOIN before_asked AS before USING ("{CASE}")
          LEFT JOIN after_asked AS after USING ("{CASE}")
        """
    )


def _band(years: str) -> str:
    bounds = [0, *AGE_BANDS]
    names = [f"{low}-{high - 1}" for low, high in zip(bounds, AGE_BANDS, strict=False)]
    tests = [
        f"WHEN {years} < {high} THEN '{name}'" for high, name in zip(AGE_BANDS, names, strict=True)
    ]
    return f"CASE WHEN {years} IS NULL THEN 'unknown' {' '.join(tests)} ELSE '{AGE_BANDS[-1]}+' END"


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    ((value,),) = connection.sql(query).fetchall()
    return value


def _side(
    connection: duckdb.DuckDBPyConnection,
    measures: Measures,
    name: str,
    asked: _Asked,
    period: str,
) -> Side:
    counted = dict(
        connection.sql(f"SELECT {name}_state, count(*) FROM compared GROUP BY ALL").fetchall()
    )
    missing = connection.sql(
        f"""
        SELECT fact, count(*)
          FROM (SELECT unnest(string_split({name}_missing, ' ')) AS fact FROM compared
                 WHERE {name}_state = 'undetermined')
         WHERE fact <> '' GROUP BY fact ORDER BY count(*) DESC, fact
        """
    ).fetchall()
    paid = _distribution(measures, name)
    return Side(
        scheme=asked.pack.scheme,
        version=asked.pack.version,
        pack_hash=asked.pack.hash,
        frequency=asked.benefit.frequency,
        states={state: counted.get(state, 0) for state in STATES},
        cost_month=_a_month(paid.total, period),
        paid=paid,
        missing=dict(missing),
        set_aside=dict(asked.set_aside),
        failed=dict(asked.failed),
        by_interpreter=dict(asked.by_interpreter),
        refusals=asked.refusals,
    )


def _distribution(measures: Measures, name: str) -> Distribution:
    amounts = f"SELECT {name}_paid AS amount FROM compared WHERE {name}_state = 'granted'"
    count, total = measures.total(amounts)
    return Distribution(
        count=count,
        total=total,
        quantiles=measures.quantiles(amounts, QUANTILES),
        gini=measures.gini(amounts),
    )


def _groups(connection: duckdb.DuckDBPyConnection, kind: str) -> tuple[Group, ...]:
    rows = connection.sql(
        f"""
        SELECT {kind} AS name, count(*),
               count(*) FILTER (change > 0), coalesce(sum(change) FILTER (change > 0), 0),
               count(*) FILTER (change < 0), coalesce(-sum(change) FILTER (change < 0), 0),
               count(*) FILTER (change = 0), count(*) FILTER (change IS NULL)
          FROM compared GROUP BY 1
         ORDER BY {kind} = 'unknown', {_order(kind)}, name
        """
    ).fetchall()
    return tuple(
        Group(
            name=name,
            cases=cases,
            winners=winners,
            won=won,
            losers=losers,
            lost=lost,
            same=same,
            unknown=unknown,
        )
        for name, cases, winners, won, losers, lost, same, unknown in rows
    )


def _order(kind: str) -> str:
    """Order age bands by age, everything else by name."""
    if kind != "age_band":
        return "1"
    return "TRY_CAST(regexp_extract(age_band, '^[0-9]+') AS INTEGER)"


# The most affected ------------------------------------------------------------------------------


def _affected(
    connection: duckdb.DuckDBPyConnection, asked: Sequence[_Asked], count: int
) -> tuple[Affected, ...]:
    rows = connection.sql(
        f"""
        SELECT number, coalesce(reference, 'case ' || (number + 1)), sex, age_band, region,
               before_state, after_state, before_paid, after_paid, change
          FROM compared WHERE change <> 0
         ORDER BY abs(change) DESC, number LIMIT {count}
        """
    ).fetchall()
    before, after = (_Tracing(side) for side in asked)
    return tuple(
        Affected(
            reference=reference,
            sex=sex,
            age_band=age_band,
            region=region,
            before_state=before_state,
            after_state=after_state,
            before=before_paid,
            after=after_paid,
            change=change,
            before_traces=before.traces(number, before_state),
            after_traces=after.traces(number, after_state),
        )
        for (
            number,
            reference,
            sex,
            age_band,
            region,
            before_state,
            after_state,
            before_paid,
            after_paid,
            change,
        ) in rows
    )


class _Tracing:
    """Asks the interpreter again about single cases, and demands the answers of the columns."""

    def __init__(self, asked: _Asked) -> None:
        self.asked = asked
        self.eligibility = asked.eligibility_facts
        self.amount = asked.amount_facts

    def traces(self, number: int, state: str) -> tuple[Mapping[str, Any], ...]:
        benefit = self.asked.benefit
        first = self._trace(benefit.eligibility, self.eligibility, number)
        if first["outcome"] != state:
            raise _unequal(self.asked.pack, benefit.eligibility, number)
        if state != "granted":
            return (first,)
        return (first, self._trace(benefit.amount, self.amount, number))

    def _trace(self, decision: str, facts: pa.Table, number: int) -> Mapping[str, Any]:
        pack = self.asked.pack
        declared = pack.manifest.decision(decision)
        names = [] if declared is None else [item.name for item in declared.inputs]
        row = facts.slice(number, 1).select([n for n in names if n in facts.column_names])
        found = pack.evaluate(decision, row.to_pylist()[0], on=self.asked.on, trace=True)
        if decision == self.asked.benefit.amount:
            value = found.value.get("amount") if isinstance(found.value, dict) else found.value
            kept = self.asked.answers.column("amount")[self._place(number)].as_py()
            if value != kept:
                raise _unequal(pack, decision, number)
        return {} if found.trace is None else found.trace

    def _place(self, number: int) -> int:
        return int(pc.index(self.asked.answers.column(CASE), number).as_py())


def _unequal(pack: Pack, decision: str, number: int) -> UnequalTrace:
    return UnequalTrace(
        code="simulation.unequal",
        message=f"{decision} of case {number + 1} is not what its column says",
        remedy="Use nothing of this simulation, and report the pack's hash.",
        where=f"pack {pack.hash[:12]}",
    )
