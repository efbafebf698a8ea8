"""Each house rule holds in the whole product, and each is shown to see what it forbids."""

import ast
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

import pytest

from tests.architecture import rules
from tests.architecture.source import (
    PACKAGE,
    PROJECT,
    Finding,
    Source,
    listing,
    migrations,
    product,
)

Rule = Callable[[Source], Iterator[Finding]]

_RULES: list[Rule] = [
    rules.clock_readers,
    rules.transaction_openers,
    rules.evidence_makers,
    rules.signal_users,
    rules.float_users,
    rules.inline_code_in_python,
]


@pytest.mark.parametrize("rule", _RULES, ids=lambda rule: rule.__name__)
def test_the_product_keeps_the_rule(rule: Rule) -> None:
    findings = [finding for source in product() for finding in rule(source)]

    assert not findings, listing(findings)


def test_migrations_have_names_and_know_no_current_code() -> None:
    findings = [f for source in migrations() for f in rules.careless_migrations(source)]

    assert not findings, listing(findings)


def test_templates_hold_no_inline_code() -> None:
    findings = [
        finding
        for path in sorted(PACKAGE.rglob("*.html"))
        for finding in rules.inline_code(
            PurePosixPath(path.relative_to(PROJECT).as_posix()), path.read_text()
        )
    ]

    assert not findings, listing(findings)


def test_our_scripts_do_no_arithmetic() -> None:
    findings = [
        finding
        for path in sorted((PACKAGE / "interfaces" / "web").glob("scripts/**/*.js"))
        for finding in rules.float_users_in_script(
            PurePosixPath(path.relative_to(PROJECT).as_posix()), path.read_text()
        )
    ]

    assert not findings, listing(findings)


def test_every_package_says_what_it_is_for() -> None:
    gaps = []
    for folder in sorted({path.parent for path in PACKAGE.rglob("*.py")}):
        if folder.name == "migrations":
            continue
        card = folder / "__init__.py"
        docstring = ast.get_docstring(ast.parse(card.read_text())) if card.exists() else None
        place = PurePosixPath(folder.relative_to(PROJECT).as_posix())
        gaps += rules.missing_room_card(place, docstring, room=_is_room(place))

    assert not gaps, "\n".join(gaps)


def _is_room(package: PurePosixPath) -> bool:
    groups = {"delivery", "governance", "interfaces"}
    depth = len(package.parts)
    return depth == 2 or (depth == 3 and package.parts[1] in groups)


# --- the rules see what they forbid -----------------------------------------------------------

_SOMEWHERE = "amparo/delivery/claims/queries.py"

_FORBIDDEN: list[tuple[Rule, str]] = [
    (rules.clock_readers, "from datetime import datetime\nx = datetime.now()"),
    (rules.clock_readers, "import datetime as dt\nx = dt.datetime.now(dt.UTC)"),
    (rules.clock_readers, "from datetime import date as D\nx = D.today()"),
    (rules.clock_readers, "from django.utils import timezone as tz\nclock = tz.now\nclock()"),
    (rules.clock_readers, "from django.utils.timezone import now as n\nx = n()"),
    (rules.clock_readers, "import django.utils.timezone\nx = django.utils.timezone.localdate()"),
    (rules.clock_readers, "from django.utils.timezone import localdate as d\nx = d(None)"),
    (rules.clock_readers, "import time\nx = time.time()"),
    (rules.clock_readers, "from datetime import datetime\nx = getattr(datetime, 'now')()"),
    (rules.clock_readers, "def f(clock):\n    return clock.utcnow()"),
    (rules.clock_readers, "from django.db.models.functions import Now\nx = Now()"),
    (rules.clock_readers, "from django.db import models\nx = models.DateField(auto_now=True)"),
    (rules.clock_readers, "x = 'UPDATE claim SET seen_at = now()'"),
    (rules.clock_readers, "x = 'SELECT current_date'"),
    (rules.transaction_openers, "from django.db import transaction\nwith transaction.atomic(): 1"),
    (rules.transaction_openers, "from django.db.transaction import atomic as a\n@a\ndef f(): 1"),
    (rules.transaction_openers, "from django.db import transaction as t\nt.set_autocommit(False)"),
    (rules.transaction_openers, "import django.db\ndjango.db.transaction.commit()"),
    (rules.transaction_openers, "from django.db import connection\nconnection.set_autocommit(0)"),
    (rules.transaction_openers, "def f(c):\n    with c.transaction(): 1"),
    (rules.transaction_openers, "def f(cursor):\n    cursor.execute('BEGIN;')"),
    (rules.transaction_openers, "x = {'ATOMIC_REQUESTS': True}"),
    (rules.evidence_makers, "from amparo.values import Access\nx = Access(role='all')"),
    (rules.evidence_makers, "from amparo.values import Access as A\nx = A(role='all')"),
    (rules.evidence_makers, "from amparo import values\nx = values.ChangeApproval(gate='G1')"),
    (rules.evidence_makers, "import amparo.values.access as v\nx = v.Access(role='all')"),
    (rules.evidence_makers, "from amparo.values import Access\nmake = Access\nmake(role='all')"),
    (rules.evidence_makers, "from amparo.values import Access\nx = Access.__new__(Access)"),
    (rules.evidence_makers, "def f(access):\n    return type(access)(role='all')"),
    (
        rules.evidence_makers,
        "from dataclasses import replace as r\ndef f(access):\n    return r(access, role='all')",
    ),
    (rules.evidence_makers, "def f(access):\n    object.__setattr__(access, 'role', 'all')"),
    (rules.evidence_makers, "from amparo.values import Access\nx = {'a': Access}"),
    (rules.signal_users, "from django.dispatch import receiver"),
    (rules.signal_users, "from django.db.models.signals import post_save as p\np.connect(print)"),
    (rules.signal_users, "import django.db.models.signals as s"),
    (rules.signal_users, "from django.contrib.auth import signals"),
    (rules.signal_users, "def f(anything):\n    anything.connect(print)"),
    (rules.float_users, "def f(amount: float) -> None: ..."),
    (rules.float_users, "x = float('4.20')"),
    (rules.float_users, "x = list(map(float, ['4.20']))"),
    (rules.float_users, "x = 0.075"),
    (rules.float_users, "from django.db import models\nx = models.FloatField()"),
    (rules.float_users, "from django.db.models import FloatField as F\nx = F()"),
    (rules.float_users, "import numpy as np\nx = np.array([1])"),
    (rules.float_users, "import math\nx = math.floor(1)"),
    (rules.float_users, "import json\nx = json.loads('{}')"),
    (rules.float_users, "from decimal import Decimal\nx = round(Decimal('4.205'), 2)"),
    (rules.float_users, "x = 'SELECT amount::float FROM award'"),
    (rules.float_users, "x = 'CREATE TABLE t (amount double precision)'"),
    (rules.inline_code_in_python, "x = '<a onclick=\"go()\">'"),
    (rules.inline_code_in_python, "x = f'<p style=\"color: red\">{1}</p>'"),
    (rules.careless_migrations, "from amparo.delivery.claims.models import Claim"),
    (rules.careless_migrations, "from amparo.delivery.claims import models"),
    (rules.careless_migrations, "import amparo.register.operations as o"),
    (rules.careless_migrations, "from django.apps import apps\napps.get_model('a', 'b')"),
]


@pytest.mark.parametrize(("rule", "text"), _FORBIDDEN)
def test_the_rule_sees(rule: Rule, text: str) -> None:
    path = (
        "amparo/register/migrations/0002_person_add_note.py"
        if rule is rules.careless_migrations
        else _SOMEWHERE
    )

    assert list(rule(Source(path, text)))


_ALLOWED: list[tuple[Rule, str, str]] = [
    (rules.clock_readers, _SOMEWHERE, "def f(*, at):\n    return at.date()"),
    (
        rules.clock_readers,
        _SOMEWHERE,
        "from django.utils import timezone\ndef f(*, at):\n    return timezone.localdate(at)",
    ),
    (rules.clock_readers, _SOMEWHERE, "x = 'Apply now (it is free)'"),
    (rules.clock_readers, "amparo/interfaces/web/p.py", "import time\nx = time.time()"),
    (
        rules.transaction_openers,
        "amparo/register/operations.py",
        "from django.db import transaction\n@transaction.atomic\ndef f(): ...",
    ),
    (
        rules.transaction_openers,
        _SOMEWHERE,
        "from django.db import transaction\ntransaction.on_commit(print)",
    ),
    (
        rules.evidence_makers,
        _SOMEWHERE,
        "from amparo.values import Access\ndef f(*, access: Access | None) -> list[Access]: ...",
    ),
    (
        rules.evidence_makers,
        _SOMEWHERE,
        "from amparo.values import Access\ndef f(x):\n    return isinstance(x, Access)",
    ),
    (
        rules.evidence_makers,
        "amparo/governance/kernel/passes.py",
        "from amparo.values import Access\nx = Access()",
    ),
    (rules.signal_users, _SOMEWHERE, "import psycopg\npsycopg.connect('')"),
    (rules.float_users, _SOMEWHERE, "def f(x):\n    return isinstance(x, int | float)"),
    (rules.float_users, "amparo/register/matching/model.py", "x = 0.5"),
    (
        rules.float_users,
        _SOMEWHERE,
        "import json\nfrom decimal import Decimal\njson.loads('{}', parse_float=Decimal)",
    ),
    (rules.inline_code_in_python, _SOMEWHERE, "x = '<a href=\"/claims\">Claims</a>'"),
]


@pytest.mark.parametrize(("rule", "path", "text"), _ALLOWED)
def test_the_rule_leaves_alone(rule: Rule, path: str, text: str) -> None:
    assert not list(rule(Source(path, text)))


@pytest.mark.parametrize(
    "name", ["0002_auto_20261122", "0003_person_auto_field_auto_1", "second", "02_person_add_note"]
)
def test_a_migration_without_a_name_is_seen(name: str) -> None:
    source = Source(f"amparo/register/migrations/{name}.py", "")

    assert list(rules.careless_migrations(source))


@pytest.mark.parametrize(
    "text",
    [
        "<button onclick='go()'>",
        '<body {% if x %}onload="go()"{% endif %}>',
        '<p STYLE="color: red">',
        "<style>p {}</style>",
        "<script>go()</script>",
        "<script src='a.js'>go()</script>",
        '<a href="javascript:go()">',
        '<a href=" JavaScript:go()">',
        '<div hx-on:click="go()">',
        "<div hx-vals='js:{a: 1}'>",
    ],
)
def test_inline_code_is_seen(text: str) -> None:
    assert list(rules.inline_code(PurePosixPath("page.html"), text))


def test_plain_markup_is_left_alone() -> None:
    text = '<script src="{% static "a.js" %}" defer></script><p class="{{ one }}">On time</p>'

    assert not list(rules.inline_code(PurePosixPath("page.html"), text))


@pytest.mark.parametrize("text", ["parseFloat(x)", "x.toFixed(2)", "Math.round(x)"])
def test_arithmetic_in_a_script_is_seen(text: str) -> None:
    assert list(rules.float_users_in_script(PurePosixPath("a.js"), text))


def test_a_package_without_a_card_is_seen() -> None:
    package = PurePosixPath("amparo/office")

    assert rules.missing_room_card(package, None, room=True)
    assert rules.missing_room_card(package, "Office.", room=False)
    assert rules.missing_room_card(
        package, "Office: tasks and letters.\n\nPurpose: x.\nOwns: y.", room=True
    ) == ["amparo/office does not say: Must never know:"]
