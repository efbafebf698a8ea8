"""What the schema may not do: reach upward, speak of a scheme, drift from its migrations."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.apps.registry import Apps
from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.test.utils import isolate_apps

from tests.architecture.rules import scheme_words

# From the lowest room to the highest, as the import contracts of pyproject.toml have them.
_ROOMS = [
    "values", "journal", "accounts", "office", "rules", "register",
    "delivery.ledger", "delivery.decisions", "delivery.enrolment", "delivery.contributions",
    "delivery.claims", "delivery.payments", "delivery.cases",
    "governance.kernel", "governance.data", "governance.ict",
    "interfaces.files", "interfaces.web", "interfaces.api", "interfaces.worker",
]  # fmt: skip


def _height(model: type[models.Model]) -> int:
    """Return how high a model's room stands; other people's packages stand below all of ours."""
    module = model.__module__
    heights = [n for n, room in enumerate(_ROOMS) if module.startswith(f"amparo.{room}.")]
    return max(heights, default=-1)


def _upward_keys(model: type[models.Model]) -> Iterator[str]:
    """Yield the keys of a model that point upward, or that open a way back from their target."""
    for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
        target = field.related_model
        if not isinstance(target, type):
            continue  # no key, or one to a model that is not installed
        if _height(target) > _height(model):
            yield f"{model.__name__}.{field.name} points upward to {target.__name__}"
        if not str(getattr(field.remote_field, "related_name", "") or "").endswith("+"):
            yield f'{model.__name__}.{field.name} lacks related_name="+"'


def _ours(registry: Apps = apps) -> list[type[models.Model]]:
    return [m for m in registry.get_models() if m.__module__.startswith("amparo.")]


def test_keys_point_downward_and_open_no_way_back() -> None:
    findings = [finding for model in _ours() for finding in _upward_keys(model)]

    assert not findings, "\n".join(findings)


@isolate_apps("amparo.register", "amparo.accounts")
def test_a_key_with_a_way_back_is_seen() -> None:
    class Person(models.Model):
        class Meta:
            app_label = "register"

    class Address(models.Model):
        person = models.ForeignKey(Person, on_delete=models.PROTECT)
        named = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="addresses")
        many = models.ManyToManyField(Person)
        good = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

        class Meta:
            app_label = "register"

    found = list(_upward_keys(Address))

    assert {text.split()[0] for text in found} == {
        "Address.person",
        "Address.named",
        "Address.many",
    }


@isolate_apps("amparo.register", "amparo.delivery.claims")
def test_a_key_that_points_upward_is_seen() -> None:
    class Claim(models.Model):
        __module__ = "amparo.delivery.claims.models"

        class Meta:
            app_label = "claims"

    class Person(models.Model):
        __module__ = "amparo.register.models"

        claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="+")

        class Meta:
            app_label = "register"

    assert list(_upward_keys(Person)) == ["Person.claim points upward to Claim"]


def test_the_register_speaks_of_no_scheme() -> None:
    names = [
        name
        for model in _ours()
        if model.__module__.startswith("amparo.register.")
        for name in (model._meta.db_table, *(f.name for f in model._meta.get_fields()))
    ]

    assert scheme_words(names) == []
    assert names


@pytest.mark.parametrize(
    "name", ["pension_number", "nssf_id", "is_on_benefit", "register_award", "schemes"]
)
def test_a_schemes_word_is_seen(name: str) -> None:
    assert scheme_words([name]) == [name]


def test_plain_facts_are_no_schemes_words() -> None:
    assert scheme_words(["birth_date", "household_id", "register_employment", "claimed"]) == []


def test_the_migrations_make_the_schema_that_the_models_describe() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    wanted = ProjectState.from_apps(apps)
    changes = MigrationAutodetector(loader.project_state(), wanted).changes(graph=loader.graph)

    missing = {
        label: [str(operation) for migration in found for operation in migration.operations]
        for label, found in changes.items()
    }

    assert missing == {}, "Run `manage.py makemigrations` and give the migration a name."


def test_the_migrations_of_each_room_form_one_line() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)

    assert loader.detect_conflicts() == {}
