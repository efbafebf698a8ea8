"""The household benefit in other rule engines, as well as each can say it.

Run by `amparo bench rules --others PYTHON` with the interpreter of an environment that holds
zen-engine, OpenFisca-Core or policyengine-core; none is needed by the product. Reads a JSON file
of households and expected amounts, and prints for each engine one JSON line: seconds of CPU, rows,
and how many amounts are not the expected ones. Reading the rows is not measured.
"""

# ruff: noqa: INP001, T201 - a script of its own, whose output is read by the benchmark

import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MONTH = "2026-02"
BATCH = 1_000
Run = Callable[[list[Any]], tuple[float, list[float]]]

FLAGS = ("resident", "imprisoned", "in_institution", "other_award", "consented")
NUMBERS = (
    "months_resident",
    "applicant_age",
    "savings",
    "rent",
    "days_entitled",
    "days_in_month",
)

# Each line may use those above it, as `$.name`.
ZEN_STEPS = {
    "size": "len(members)",
    "children": "len(filter(members, #.age < 18))",
    "earned": "sum(map(members, #.income))",
    "is_disabled": "some(members, #.disabled)",
    "rate": (
        '$.size == 1 and region == "capital" ? 210 : $.size == 1 and $.is_disabled ? 205 : '
        '$.size == 1 ? 180 : $.size == 2 ? 260 : $.size <= 4 and region == "capital" ? 340 : '
        "$.size <= 4 ? 310 : $.is_disabled ? 420 : 380"
    ),
    "full": "$.rate + $.children * 35.5 + min([rent * 0.3, 110])",
    "per_head": "round($.earned / $.size, 2)",
    "counted": "max([0, $.per_head - 60]) * $.size",
    "tapered": "max([0, $.full - 0.6 * $.counted])",
    "is_eligible": (
        "resident and months_resident >= 6 and applicant_age >= 18 and not imprisoned "
        "and not in_institution and not other_award and savings <= 5000 and consented "
        "and $.size >= 1 and $.size <= 20 and rent >= 0 and days_entitled > 0"
    ),
    "benefit": "$.is_eligible ? round($.tapered * days_entitled / days_in_month, 2) : 0",
}


def zen(rows: list[Any]) -> tuple[float, list[float]]:
    engine = importlib.import_module("zen").ZenEngine()
    steps = [{"id": key, "key": key, "value": text} for key, text in ZEN_STEPS.items()]
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {
            "id": "rule",
            "type": "expressionNode",
            "name": "rule",
            "content": {"expressions": steps},
        },
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "rule", "type": "edge"},
        {"id": "2", "sourceId": "rule", "targetId": "out", "type": "edge"},
    ]
    decision = engine.create_decision(json.dumps({"nodes": nodes, "edges": edges}))
    started = time.process_time()
    found = [decision.evaluate(row)["result"]["benefit"] for row in rows]
    return time.process_time() - started, found


class Fisca:
    """The rule for OpenFisca-Core, or for policyengine-core, its descendant: arrays of floats."""

    def __init__(self, name: str) -> None:
        self.numpy = importlib.import_module("numpy")
        self.variables = importlib.import_module(f"{name}.variables")
        periods = importlib.import_module(f"{name}.periods")
        entities = importlib.import_module(f"{name}.entities")
        systems = importlib.import_module(f"{name}.taxbenefitsystems")
        self.simulations = importlib.import_module(f"{name}.simulations")
        self.month = getattr(periods, "MONTH", None) or periods.DateUnit.MONTH
        role = {"key": "member", "plural": "members", "label": "Members", "max": 20}
        self.household = entities.build_entity(
            "household", "households", "Household", roles=[role], containing_entities=[]
        )
        self.person = entities.build_entity("person", "persons", "Person", is_person=True)
        self.system = systems.TaxBenefitSystem([self.household, self.person])
        for key in (*FLAGS, "in_capital"):
            self.define(key, bool, self.household)
        for key in NUMBERS:
            self.define(key, float, self.household)
        for key, kind in (("age", float), ("income", float), ("disabled", bool)):
            self.define(key, kind, self.person)
        # The engine looks at how many arguments a formula takes: a bound method has one too many.
        self.define(
            "benefit",
            float,
            self.household,
            lambda homes, period: self.rule(homes, period),  # noqa: PLW0108
        )

    def define(self, key: str, kind: type, entity: Any, formula: Any = None) -> None:
        body = {
            "value_type": kind,
            "entity": entity,
            "definition_period": self.month,
            "label": key,
        }
        if formula is not None:
            body["formula"] = formula
        self.system.add_variable(type(key, (self.variables.Variable,), body))

    def rule(self, homes: Any, period: Any) -> Any:
        np, members = self.numpy, homes.members
        size = homes.nb_persons()
        children = homes.sum(members("age", period) < 18)
        earned = homes.sum(members("income", period))
        disabled = homes.any(members("disabled", period))
        capital = homes("in_capital", period)
        cases = [
            ((size == 1) & capital, 210),
            ((size == 1) & disabled, 205),
            (size == 1, 180),
            (size == 2, 260),
            ((size <= 4) & capital, 340),
            (size <= 4, 310),
            (disabled, 420),
        ]
        rate = np.select([test for test, _ in cases], [value for _, value in cases], 380)
        full = rate + children * 35.5 + np.minimum(homes("rent", period) * 0.3, 110)
        counted = np.maximum(0, np.round(earned / size, 2) - 60) * size
        tapered = np.maximum(0, full - 0.6 * counted)
        eligible = (
            homes("resident", period)
            & (homes("months_resident", period) >= 6)
            & (homes("applicant_age", period) >= 18)
            & ~homes("imprisoned", period)
            & ~homes("in_institution", period)
            & ~homes("other_award", period)
            & (homes("savings", period) <= 5000)
            & homes("consented", period)
            & (homes("days_entitled", period) > 0)
        )
        share = homes("days_entitled", period) / homes("days_in_month", period)
        return np.where(eligible, np.floor(tapered * share * 100 + 0.5) / 100, 0)

    def batch(self, rows: list[Any]) -> list[float]:
        np = self.numpy
        people = [one for row in rows for one in row["members"]]
        homes = np.repeat(np.arange(len(rows)), [len(row["members"]) for row in rows])
        builder = self.simulations.SimulationBuilder()
        builder.create_entities(self.system)
        builder.declare_person_entity("person", [str(n) for n in range(len(people))])
        entity = builder.declare_entity("household", [str(n) for n in range(len(rows))])
        builder.join_with_persons(entity, homes.astype(str), ["member"] * len(people))
        simulation = builder.build(self.system)
        for key in (*FLAGS, *NUMBERS):
            simulation.set_input(key, MONTH, np.array([row[key] for row in rows]))
        capital = np.array([row["region"] == "capital" for row in rows])
        simulation.set_input("in_capital", MONTH, capital)
        for key in ("age", "income", "disabled"):
            simulation.set_input(key, MONTH, np.array([one[key] for one in people]))
        found: list[float] = simulation.calculate("benefit", MONTH).tolist()
        return found


def fisca(name: str) -> Run:
    def run(rows: list[Any]) -> tuple[float, list[float]]:
        rule, found = Fisca(name), []
        started = time.process_time()
        for begin in range(0, len(rows), BATCH):
            found += rule.batch(rows[begin : begin + BATCH])
        return time.process_time() - started, found

    return run


ENGINES: dict[str, tuple[str, Run]] = {
    "zen-engine": ("zen", zen),
    "OpenFisca-Core": ("openfisca_core", fisca("openfisca_core")),
    "PolicyEngine core": ("policyengine_core", fisca("policyengine_core")),
}


def main() -> None:
    given = json.loads(Path(sys.argv[1]).read_text())
    for name, (module, run) in ENGINES.items():
        try:
            importlib.import_module(module)
        except ImportError:
            print(json.dumps({"engine": name, "missing": True}))
            continue
        try:
            seconds, found = run(given["rows"])
        except Exception as error:  # noqa: BLE001 - one engine's failure is no other's
            print(json.dumps({"engine": name, "error": f"{type(error).__name__}: {error}"}))
            continue
        wrong = sum(
            f"{value:.2f}" != f"{wanted:.2f}"
            for value, wanted in zip(found, given["expected"], strict=True)
        )
        print(
            json.dumps({"engine": name, "seconds": seconds, "rows": len(found), "unequal": wrong})
        )


if __name__ == "__main__":
    main()
