"""The house rules, each a function from source to findings.

Written wide: a rule that sees only the plain spelling is kept by nobody in a hurry. Each rule is
shown to fail in test_house_rules.py.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import PurePosixPath

from tests.architecture.source import Finding, Source, inside, without_template_tags

# --- the clock --------------------------------------------------------------------------------

_CLOCKS = {
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "datetime.date.today",
    "django.utils.timezone.now",
    "django.db.models.functions.Now",
    "django.db.models.functions.datetime.Now",
    "time.time",
    "time.time_ns",
}
# With an argument these convert a time that was passed in; without one they read the clock.
_CONVERTERS = {
    "django.utils.timezone.localdate",
    "django.utils.timezone.localtime",
    "time.gmtime",
    "time.localtime",
}
_CLOCK_METHODS = {"now", "today", "utcnow"}
_CLOCK_ARGUMENTS = {"auto_now", "auto_now_add"}
_CLOCK_IN_SQL = re.compile(
    r"\b(now\s*\(\s*\)|(clock|statement|transaction)_timestamp\s*\(|current_(timestamp|date|time)\b"
    r"|localtime(stamp)?\b)",
    re.IGNORECASE,
)
_SQL = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|ALTER|WITH)\b")
# The journal records when something happened; the database says so and nobody can append to the
# past. Settings are read before there is anybody to pass a time in.
_MAY_READ_THE_CLOCK = ("amparo/interfaces", "amparo/journal", "amparo/settings.py")


def clock_readers(source: Source) -> Iterator[Finding]:
    """Only interfaces read the clock; everybody else is told the time."""
    if inside(source, *_MAY_READ_THE_CLOCK):
        return
    for node, path in source.references():
        converts = path in _CONVERTERS and _is_called_with_a_time(source, node)
        if path in _CLOCKS or (path in _CONVERTERS and not converts):
            yield source.finding(node, f"reads the clock: {path}")
    for call, _path in source.calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr in _CLOCK_METHODS:
            yield source.finding(call, f"reads a clock: .{call.func.attr}()")
        for keyword in call.keywords:
            if keyword.arg in _CLOCK_ARGUMENTS:
                yield source.finding(call, f"lets Django read the clock: {keyword.arg}")
    for node, text in source.texts():
        if _SQL.search(text) and _CLOCK_IN_SQL.search(text):
            yield source.finding(node, "lets SQL read the clock")


def _is_called_with_a_time(source: Source, node: ast.AST) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True  # judged where it is used
    match source.parents.get(node):
        case ast.Call(func=function, args=[first, *_]) if function is node:
            return ast.unparse(first) != "None"
        case _:
            return False


# --- transactions -----------------------------------------------------------------------------

_TRANSACTIONS = {
    f"django.db.transaction.{name}"
    for name in (
        "atomic", "commit", "rollback", "savepoint", "savepoint_commit", "savepoint_rollback",
        "set_autocommit", "set_rollback", "non_atomic_requests",
    )
}  # fmt: skip
_MAY_OPEN_A_TRANSACTION = {
    PurePosixPath("amparo/journal/reading.py"): "reading(access=…) journals what it reads",
    PurePosixPath("amparo/journal/sealing.py"): "sealing a block is the journal's own operation",
}


def transaction_openers(source: Source) -> Iterator[Finding]:
    """Only operations open a transaction, and `reading(access=…)`."""
    parts = source.path.parts
    if parts[-1] == "operations.py" or "operations" in parts:
        return
    if source.path in _MAY_OPEN_A_TRANSACTION:
        return
    for node, path in source.references():
        if path in _TRANSACTIONS:
            yield source.finding(node, f"opens or ends a transaction: {path}")
    for call, path in source.calls():
        if path.endswith((".set_autocommit", ".atomic", ".transaction")):
            yield source.finding(call, f"opens a transaction: {path}()")
    for node, text in source.texts():
        if re.match(r"\s*(BEGIN|COMMIT|ROLLBACK|START TRANSACTION)\s*;?\s*$", text):
            yield source.finding(node, f"opens or ends a transaction in SQL: {text.strip()}")
        if text == "ATOMIC_REQUESTS":
            yield source.finding(node, "makes every request one transaction")


# --- evidence ---------------------------------------------------------------------------------

_EVIDENCE = ("Access", "ChangeApproval")
_MAY_MAKE_EVIDENCE = ("amparo/governance", "amparo/values")


def evidence_makers(source: Source) -> Iterator[Finding]:
    """Only governance makes an Access or a ChangeApproval; others are handed one."""
    if inside(source, *_MAY_MAKE_EVIDENCE):
        return
    for node, path in source.references():
        if isinstance(node, ast.Import | ast.ImportFrom) or not _is_evidence(path):
            continue
        if not source.in_annotation(node) and not _only_asks_for_the_type(source, node):
            yield source.finding(node, f"uses {path} other than as a type: only governance does")
    for call, path in source.calls():
        made = call.func
        if (
            isinstance(made, ast.Call)
            and source.dotted(made.func) == "type"
            and _names_evidence(made)
        ):
            yield source.finding(call, "builds a value of another value's type")
        if path in {"dataclasses.replace", "copy.replace"} and _names_evidence(call):
            yield source.finding(call, "changes an access or approval it was handed")
        if path == "object.__setattr__" or path.endswith(".__new__"):
            yield source.finding(call, f"goes round a type's constructor: {path}")


def _is_evidence(path: str) -> bool:
    for name in _EVIDENCE:
        for type_ in (f"amparo.values.{name}", f"amparo.values.access.{name}"):
            if path == type_ or path.startswith(f"{type_}."):
                return True
    return False


def _only_asks_for_the_type(source: Source, node: ast.AST) -> bool:
    parent = source.parents.get(node)
    while isinstance(parent, ast.BinOp | ast.Tuple):
        node, parent = parent, source.parents.get(parent)
    match parent:
        case ast.Call(func=ast.Name(id="isinstance" | "issubclass")):
            return True
        case ast.MatchClass() | ast.Subscript():
            return True
        case ast.Attribute():  # judged with its longer path
            return True
        case _:
            return False


def _names_evidence(call: ast.Call) -> bool:
    return bool(call.args) and any(
        word in ast.unparse(call.args[0]).lower() for word in ("access", "approval")
    )


# --- signals ----------------------------------------------------------------------------------

_MAY_CONNECT = {"psycopg.connect", "psycopg.AsyncConnection.connect", "psycopg.Connection.connect"}


def signal_users(source: Source) -> Iterator[Finding]:
    """No room listens to another behind its back: call its operation."""
    for node, path in source.references():
        if path.startswith("django.dispatch") or re.search(r"(^|\.)signals(\.|$)", path):
            yield source.finding(node, f"uses signals: {path}")
    for call, path in source.calls():
        method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if method == "connect" and path not in _MAY_CONNECT and not path.endswith("duckdb.connect"):
            yield source.finding(call, f"connects to something: {path or 'an expression'}")


# --- money ------------------------------------------------------------------------------------

_FLOAT_FIELDS = ("FloatField", "DoubleField", "c_double", "c_float", "float32", "float64")
_FLOAT_IN_SQL = re.compile(r"\bdouble precision\b|\bfloat[48]?\b|::\s*real\b", re.IGNORECASE)
# The command line waits and measures in seconds; amounts pass through it as text. Matching weighs
# likenesses: no amount is compared, and what leaves it as a probability is kept as a decimal.
_NO_MONEY_PASSES = ("amparo/interfaces/cli", "amparo/settings.py", "amparo/register/matching")


def float_users(source: Source) -> Iterator[Finding]:
    """No float type, cast, field, literal or rounding where money passes."""
    if inside(source, *_NO_MONEY_PASSES):
        return
    yield from _float_names(source)
    yield from _float_calls(source)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield source.finding(node, f"writes a float: {node.value}")
    for text_node, text in source.texts():
        if _SQL.search(text) and _FLOAT_IN_SQL.search(text):
            yield source.finding(text_node, "computes in floats in SQL")


def _float_names(source: Source) -> Iterator[Finding]:
    for node, path in source.references():
        refuses = _only_asks_for_the_type(source, node)
        if path in {"float", "complex", "builtins.float"} and not refuses:
            yield source.finding(node, "uses float")
        if path.rpartition(".")[2] in _FLOAT_FIELDS or path.partition(".")[0] == "numpy":
            yield source.finding(node, f"uses floats: {path}")
        if path.startswith("math.") and path not in {"math.gcd", "math.lcm"}:
            yield source.finding(node, f"computes in floats: {path}")


def _float_calls(source: Source) -> Iterator[Finding]:
    for call, path in source.calls():
        keywords = {keyword.arg for keyword in call.keywords}
        if path in {"json.loads", "json.load"} and not keywords & {"parse_float", "cls"}:
            yield source.finding(call, "reads JSON numbers as floats: pass parse_float=Decimal")
        if path == "round":
            yield source.finding(call, "rounds without a rule that has a name")


_FLOAT_IN_SCRIPT = re.compile(r"\b(parseFloat|toFixed|Math\.round|valueAsNumber)\b")


def float_users_in_script(path: PurePosixPath, text: str) -> Iterator[Finding]:
    """JavaScript knows only floats: a script does no arithmetic on amounts."""
    for number, line in enumerate(text.splitlines(), 1):
        if match := _FLOAT_IN_SCRIPT.search(line):
            yield Finding(path, number, f"computes in JavaScript's floats: {match[0]}")


# --- templates --------------------------------------------------------------------------------


class _InlineFinder(HTMLParser):
    """Collects inline handlers, styles and scripts of an HTML text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self._script_line = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        names = {name for name, _ in attrs}
        if tag == "style":
            self.found.append((line, "inline <style>"))
        if tag == "script":
            self._script_line = line
            if "src" not in names:
                self.found.append((line, "inline <script>"))
        for name, value in attrs:
            if name.startswith(("on", "hx-on")) or name == "style":
                self.found.append((line, f"inline {name}="))
            if re.match(r"\s*(javascript|js):", value or "", re.IGNORECASE):
                self.found.append((line, f"script in {name}="))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._script_line = 0

    def handle_data(self, data: str) -> None:
        if self._script_line and data.strip():
            self.found.append((self._script_line, "text inside <script src>"))


def inline_code(path: PurePosixPath, text: str) -> Iterator[Finding]:
    """No inline handler, script or style: the content security policy refuses them."""
    finder = _InlineFinder()
    finder.feed(without_template_tags(text))
    finder.close()
    for line, what in finder.found:
        yield Finding(path, line, what)


# Documents that are kept or printed as files, never served: their style has nowhere else to stand.
_STAND_ALONE = {"amparo/rules/trace/page.py", "amparo/rules/simulation/report.py"}


def inline_code_in_python(source: Source) -> Iterator[Finding]:
    """The same for HTML written in Python, but for the style of a page that stands alone."""
    for node, text in source.texts():
        if re.search(r"<[a-zA-Z]", text):
            for finding in inline_code(source.path, text):
                if finding.what != "inline <style>" or str(source.path) not in _STAND_ALONE:
                    yield source.finding(node, finding.what)


# --- migrations -------------------------------------------------------------------------------

_MIGRATION_NAME = re.compile(r"^\d{4}_[a-z][a-z0-9_]+$")


def careless_migrations(source: Source) -> Iterator[Finding]:
    """A migration has a name that says what it does, and knows no code that will change."""
    name = source.path.stem
    if "_auto_" in name or not _MIGRATION_NAME.match(name):
        yield source.finding(source.tree, f"is not named for what it does: {name}")
    for node, path in source.references():
        current = re.match(r"amparo(\.\w+)*\.(models|operations|queries)(\.|$)", path)
        if current or path.startswith("django.apps.apps"):
            yield source.finding(node, f"uses current code: {path}")


# --- room cards -------------------------------------------------------------------------------

_ROOM_CARD = ("Purpose:", "Owns:", "Must never know:")


def missing_room_card(package: PurePosixPath, docstring: str | None, *, room: bool) -> list[str]:
    """Say what a package's card lacks; a room's has three parts, any other says what it is for."""
    if not docstring or len(docstring.split()) < 5:
        return [f"{package} does not say what it is for"]
    if not room:
        return []
    return [f"{package} does not say: {part}" for part in _ROOM_CARD if part not in docstring]


# --- the neutral register ---------------------------------------------------------------------

_SCHEME_WORDS = (
    "allowance", "award", "benefit", "claim", "contribution", "grant", "insurance", "levy",
    "maternity", "nssf", "payroll", "pension", "premium", "scheme", "sickness", "tier",
)  # fmt: skip


def scheme_words(names: Iterable[str]) -> list[str]:
    """Return the names that carry a scheme's term: the register outlives every scheme."""
    return [
        name
        for name in names
        if any(re.search(rf"(^|_){word}s?(_|$)", name.lower()) for word in _SCHEME_WORDS)
    ]
