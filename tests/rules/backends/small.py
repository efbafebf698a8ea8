"""Packs of one decision, compiled and asked in columns and by the interpreter."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from amparo.rules.backends.plan import Plan, compile_plan
from amparo.rules.ir.schema import Schema
from amparo.rules.ir.types import (
    BooleanType,
    ColumnType,
    DateType,
    ListType,
    NumberType,
    StructType,
    TextType,
)
from amparo.rules.packs import Pack, load_pack_files
from tests.rules.dmn.models import decision, literal, source

TITLE = 'title = { en = "English", fr = "Français" }'
TYPES = {
    "n": "number",
    "m": "number",
    "k": "number",
    "s": "string",
    "t": "string",
    "b": "boolean",
    "c": "boolean",
    "d": "date",
    "e": "date",
    "people": "tPeople",
    "wages": "tWages",
}
HEAD = """
<itemDefinition name='tPerson'>
  <itemComponent name='born'><typeRef>date</typeRef></itemComponent>
  <itemComponent name='income'><typeRef>number</typeRef></itemComponent>
  <itemComponent name='kind'><typeRef>string</typeRef></itemComponent>
  <itemComponent name='lives here'><typeRef>boolean</typeRef></itemComponent>
</itemDefinition>
<itemDefinition name='tPeople' isCollection='true'><typeRef>tPerson</typeRef></itemDefinition>
<itemDefinition name='tWages' isCollection='true'><typeRef>number</typeRef></itemDefinition>
"""
SOME = Decimal("99999.99")
PERSON = StructType(
    (
        ("born", DateType(date(1900, 1, 1), date(2100, 12, 31), nullable=True)),
        ("income", NumberType(-SOME, SOME, 2, nullable=True)),
        ("kind", TextType(20, nullable=True)),
        ("lives here", BooleanType(nullable=True)),
    )
)
COLUMNS: Mapping[str, ColumnType] = {
    "n": NumberType(-SOME, SOME, 2, nullable=True),
    "m": NumberType(Decimal(-1000), Decimal(1000), 3, nullable=True),
    "k": NumberType(Decimal(-40), Decimal(40), 0, nullable=True),
    "s": TextType(20, nullable=True),
    "t": TextType(20, nullable=True),
    "b": BooleanType(nullable=True),
    "c": BooleanType(nullable=True),
    "d": DateType(date(1800, 1, 1), date(2199, 12, 31), nullable=True),
    "e": DateType(date(1800, 1, 1), date(2199, 12, 31), nullable=True),
    "people": ListType(PERSON, 20, nullable=True),
    "wages": ListType(NumberType(-SOME, SOME, 2, nullable=True), 20, nullable=True),
}
MANIFEST = f"""
scheme = "xa/test"
version = "1"
{TITLE}
country = "XA"
currency = "XTS"
valid_from = 2024-01-01
authority = "Amparia Social Security Institution"
model = "test.dmn"
"""
REASONS = """
[[reason]]
code = "YES"
law = "Act, Art. 1"
en = "Yes."
fr = "Oui."

[[reason]]
code = "NO"
law = "Act, Art. 1"
en = "No."
fr = "Non."
"""


def pack_of(
    logic: str, *, extra: Sequence[str] = (), kind: str = "amount", requires: Sequence[str] = ()
) -> Pack:
    """Make a pack whose decision ``result`` has this logic: an expression, or a box."""
    box = logic if logic.startswith("<") else literal(logic)
    inputs = "".join(
        f'\n[[input]]\nname = "{name}"\nfrom = "claim.{name}"\n{TITLE}\n' for name in TYPES
    )
    declared = f'\n[[decision]]\nname = "result"\nkind = "{kind}"\n{TITLE}\n'
    needs = [f"i:{name}" for name in TYPES]
    model = source(*extra, decision("result", box, [*needs, *requires]), inputs=TYPES, head=HEAD)
    return load_pack_files(
        {
            "scheme.toml": MANIFEST + inputs + declared,
            "parameters.toml": "",
            "reasons.toml": REASONS,
            "law.md": "# Act\n",
            "test.dmn": model,
        }
    )


def pack_of_many(expressions: Sequence[str]) -> Pack:
    """Make a pack with a decision e1, e2, … for each expression."""
    names = [f"e{number}" for number in range(1, len(expressions) + 1)]
    inputs = "".join(
        f'\n[[input]]\nname = "{name}"\nfrom = "claim.{name}"\n{TITLE}\n' for name in TYPES
    )
    declared = "".join(
        f'\n[[decision]]\nname = "{name}"\nkind = "amount"\n{TITLE}\n' for name in names
    )
    needs = [f"i:{name}" for name in TYPES]
    decisions = [
        decision(name, literal(expression), needs)
        for name, expression in zip(names, expressions, strict=True)
    ]
    return load_pack_files(
        {
            "scheme.toml": MANIFEST + inputs + declared,
            "parameters.toml": "",
            "reasons.toml": REASONS,
            "law.md": "# Act\n",
            "test.dmn": source(*decisions, inputs=TYPES, head=HEAD),
        }
    )


def assert_all_equal(expressions: Sequence[str], *, rows: int = 120, seed: int = 1) -> None:
    """Compile each expression to a column and hold every answer against the interpreter's."""
    pack = pack_of_many(expressions)
    names = [item.name for item in pack.manifest.decisions]
    plan = compile_plan(pack, names, Schema(COLUMNS), on=date(2025, 6, 1))
    refused = {expressions[int(item.decision[1:]) - 1]: item.reason for item in plan.refusals}
    assert refused == {}
    verification = plan.verify(sample=rows, seed=seed)
    unequal = {expressions[int(item.decision[1:]) - 1]: item for item in verification.differences}
    assert unequal == {}
    assert verification.compared > rows * len(expressions) // 2


def plan_of(pack: Pack, columns: Mapping[str, ColumnType] = COLUMNS) -> Plan:
    return compile_plan(pack, ["result"], Schema(columns), on=date(2025, 6, 1))


def assert_equal(pack: Pack, *, rows: int = 200, seed: int = 1) -> Plan:
    """Compile the decision to columns and hold every answer against the interpreter's."""
    plan = plan_of(pack)
    assert plan.refusals == ()
    verification = plan.verify(sample=rows, seed=seed)
    assert verification.differences == ()
    assert verification.compared > rows // 2
    return plan


def values_of(plan: Plan, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Give the plain results of rows, in order."""
    verification = plan.verify_rows(rows)
    assert verification.differences == ()
    table = plan.run_rows(rows).table
    assert table is not None
    return list(table.column("result").to_pylist())
