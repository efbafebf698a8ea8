"""Each gate is whole: pass column, key, trigger, one operation, one drill, one page.

What the database says of its gates is asked in tests/governance/kernel/test_gates.py.
"""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

import pytest
from django.apps import apps
from django.db import models
from django.db.migrations.loader import MigrationLoader
from django.test.utils import isolate_apps

from amparo.journal.migration_operations import GateTrigger
from amparo.journal.models import GatePass
from tests.architecture.calls import CallGraph
from tests.architecture.source import PROJECT, Source, migrations, product

_DRILLS = PROJECT / "tests" / "governance" / "kernel"
_PAGE = PROJECT / "docs" / "reference" / "gates.md"
_REASON = re.compile(r"(?:THEN|problem :=)\s+'([a-z]+(?:-[a-z]+)+|expired)'")


def _triggers() -> list[GateTrigger]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return [
        operation
        for migration in loader.disk_migrations.values()
        for operation in migration.operations
        if isinstance(operation, GateTrigger)
    ]


def _model_of(table: str) -> type[models.Model]:
    return next(model for model in apps.get_models() if model._meta.db_table == table)


def _column_faults(model: type[models.Model], trigger: GateTrigger) -> list[str]:
    """Say what keeps a table from demanding a pass that is its own and used once."""
    fields = {field.column: field for field in model._meta.local_concrete_fields}
    faults = [
        f"{model.__name__} has no column {column}"
        for column in (trigger.pass_column, trigger.hash_column, trigger.at_column)
        if column not in fields
    ]
    key = fields.get(trigger.pass_column)
    if key is not None:
        faults += [
            f"{model.__name__}.{key.name} {what}"
            for what, is_wrong in (
                ("may be null", key.null),
                ("may be used twice", not key.unique),
                ("is no key to the gate passes", key.related_model is not GatePass),
            )
            if is_wrong
        ]
    return faults


def _makers(model: str, table: str, sources: Iterable[Source]) -> list[str]:
    """Return the functions that make rows of a model, in Python or in SQL."""
    graph = CallGraph(sources)
    in_python = {
        path
        for path, called in graph.calls.items()
        if any(c == model or re.fullmatch(rf"{model}\.objects\..*create\w*", c) for c in called)
    }
    in_sql = {
        f"{source.path}: SQL"
        for source in {function.source for function in graph.functions.values()}
        for _node, text in source.texts()
        if re.search(rf"\b(INSERT INTO|COPY|MERGE INTO)\s+(public\.)?{table}\b", text)
    }
    return sorted(in_python | in_sql)


def _takes_an_approval(path: str) -> bool:
    function = CallGraph(product()).functions[path]
    keywords = function.node.args.kwonlyargs
    module = PurePosixPath(function.source.path)
    return (module.name == "operations.py" or "operations" in module.parts) and any(
        argument.annotation is not None
        and function.source.dotted(argument.annotation).endswith(".ChangeApproval")
        for argument in keywords
    )


def _reasons() -> set[str]:
    """Return the reasons for which the database's guards refuse, read from their source."""
    return {
        reason
        for source in migrations()
        for _node, text in source.texts()
        if "gate" in text
        for reason in _REASON.findall(text)
    }


def _undrilled(reasons: Iterable[str], drill: str) -> list[str]:
    return sorted(reason for reason in reasons if f'"{reason}"' not in drill)


def _undocumented(gate: str, table: str, reasons: Iterable[str], page: str) -> list[str]:
    section = re.search(rf"^## {gate}\b.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    if section is None:
        return [f"{gate} has no section"]
    return sorted(name for name in {table, *reasons} if f"`{name}`" not in page)


_GATES = _triggers()


@pytest.mark.parametrize("trigger", _GATES, ids=lambda trigger: trigger.gate)
def test_a_gate_demands_a_pass_by_column_and_key(trigger: GateTrigger) -> None:
    assert _column_faults(_model_of(trigger.table), trigger) == []


@pytest.mark.parametrize("trigger", _GATES, ids=lambda trigger: trigger.gate)
def test_one_operation_makes_the_effect_and_demands_the_approval(trigger: GateTrigger) -> None:
    model = _model_of(trigger.table)

    makers = _makers(f"{model.__module__}.{model.__name__}", trigger.table, product())

    assert len(makers) == 1
    assert _takes_an_approval(makers[0]), makers


@pytest.mark.parametrize("trigger", _GATES, ids=lambda trigger: trigger.gate)
def test_every_refusal_of_a_gate_is_drilled(trigger: GateTrigger) -> None:
    drill = _DRILLS / f"test_gate_{trigger.gate.lower()}.py"

    assert drill.exists()
    assert f'"gate_{trigger.gate.lower()}"' in drill.read_text()
    assert len(_reasons()) > 10
    assert _undrilled(_reasons(), drill.read_text()) == []


@pytest.mark.parametrize("trigger", _GATES, ids=lambda trigger: trigger.gate)
def test_every_gate_is_documented(trigger: GateTrigger) -> None:
    assert _undocumented(trigger.gate, trigger.table, _reasons(), _PAGE.read_text()) == []


def test_there_is_a_gate() -> None:
    assert [trigger.gate for trigger in _GATES] == ["G1"]


# --- the rules see what they forbid -----------------------------------------------------------


@isolate_apps("amparo.journal", "amparo.rules.book")
def test_a_pass_that_may_be_missing_or_used_twice_is_seen() -> None:
    class Effect(models.Model):
        loose = models.ForeignKey(
            GatePass, on_delete=models.PROTECT, related_name="+", null=True, db_column="gate_pass"
        )
        unkeyed = models.UUIDField()

        class Meta:
            app_label = "rulebook"

    def faults(pass_column: str) -> list[str]:
        trigger = GateTrigger(
            "effect", pass_column=pass_column, hash_column="id", at_column="gone", gate="G9"
        )
        return _column_faults(Effect, trigger)

    assert faults("gate_pass") == [
        "Effect has no column gone",
        "Effect.loose may be null",
        "Effect.loose may be used twice",
    ]
    assert faults("unkeyed")[1:] == [
        "Effect.unkeyed may be used twice",
        "Effect.unkeyed is no key to the gate passes",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "from amparo.rules.book.models import PackVersion as P\ndef f():\n    P()",
        "from amparo.rules.book import models\ndef f():\n    models.PackVersion.objects.create()",
        "from amparo.rules.book import models as m\ndef f():\n    m.PackVersion.objects.acreate()",
        "def f(cursor):\n    cursor.execute('INSERT INTO rulebook_packversion VALUES (1)')",
        "def f(cursor):\n    cursor.copy('COPY public.rulebook_packversion FROM STDIN')",
    ],
)
def test_a_second_way_to_the_effect_is_seen(text: str) -> None:
    source = Source("amparo/governance/data/operations.py", text)

    assert _makers("amparo.rules.book.models.PackVersion", "rulebook_packversion", [source])


def test_a_refusal_without_a_drill_or_a_page_is_seen() -> None:
    drilled = 'assert refused() == ("gate_g1", "no-pass")'
    page = "# Gates\n\n## G1 Rules\n\n`effect`, `no-pass`\n"

    assert _undrilled({"no-pass", "wrong-gate"}, drilled) == ["wrong-gate"]
    assert _undocumented("G1", "effect", {"no-pass"}, page) == []
    assert _undocumented("G1", "other", {"expired"}, page) == ["expired", "other"]
    assert _undocumented("G2", "effect", {"no-pass"}, page) == ["G2 has no section"]
