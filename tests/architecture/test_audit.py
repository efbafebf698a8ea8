"""No effect without evidence: every operation that writes leaves a row in the journal.

The row is the operation's own: written in its room. That another room's operation on the way leaves
a row of its own says nothing of what happened here.
"""

from collections.abc import Iterable
from pathlib import PurePosixPath

from tests.architecture.calls import CallGraph, Function
from tests.architecture.source import Source, product

_EVIDENCE = {
    "amparo.journal.operations.record",
    "amparo.journal.operations.record_without_mandate",
}
# A read on the way is journaled as a read; it says nothing of what was written afterwards.
_READING = "amparo.journal.reading.reading"

# Written only as part of another operation, which is the act and has the row. The test below holds
# that nobody calls them on their own.
_PARTS = {
    "amparo.delivery.contributions.accounts.allocate": "money laid on debts by an act",
    "amparo.delivery.contributions.accounts.move_debts": "what an act changes of a debt",
    "amparo.delivery.contributions.accounts.post_allocations": "the books of such an act",
    "amparo.delivery.contributions.accounts.post_movements": "the books of such an act",
    "amparo.delivery.contributions.accounts.take_back": "money taken back from debts by an act",
    "amparo.delivery.ledger.operations.post_entries": "the books of an act that is journaled",
    "amparo.delivery.ledger.operations.post_selected": "the books of an act that is journaled",
    "amparo.governance.kernel.operations.resolutions.issue_pass": "the effect names its pass",
    "amparo.office.operations.issue_notice": "the letter of a decision that is journaled",
    "amparo.office.operations.issue_notices": "the letters of a decision that is journaled",
    "amparo.office.operations.next_number": "the number of a thing whose making is journaled",
    "amparo.office.operations.next_numbers": "the numbers of things whose making is journaled",
    "amparo.office.operations.open_task": "the task that an act leaves behind",
    "amparo.office.operations.open_tasks": "the tasks that an act leaves behind",
    "amparo.register.operations.uses.record_fact_use": "which facts a journaled decision used",
}

# Written by handing the whole act to another room's operation, whose row it is.
_HANDED_ON = {
    "amparo.delivery.claims.operations.joining.weigh_open_reviews": (
        "amparo.register.operations.reviews.weigh_reviews"
    ),
    "amparo.governance.kernel.operations.jobs.install_jobs": (
        "amparo.accounts.operations.grant_mandate"
    ),
    "amparo.governance.kernel.operations.packs.activate_approved_pack": (
        "amparo.rules.book.operations.activate_pack"
    ),
    "amparo.governance.kernel.operations.drafts.activate_draft": (
        "amparo.rules.book.operations.end_draft"
    ),
    "amparo.governance.kernel.operations.drafts.take_up_draft_again": (
        "amparo.rules.book.operations.reopen_draft"
    ),
}


def _is_operation(function: Function) -> bool:
    """Say whether a function is an operation: in an operations module, one transaction of its own.

    The journal's own writing is the evidence itself.
    """
    path = function.source.path
    if not (path.name == "operations.py" or "operations" in path.parts):
        return False
    if path.is_relative_to(PurePosixPath("amparo/journal")) or not function.is_public:
        return False
    return any(
        function.source.dotted(getattr(decorator, "func", decorator))
        == "django.db.transaction.atomic"
        for decorator in function.node.decorator_list
    )


def _room(path: str) -> str:
    """Return the room of a function: amparo.register, amparo.delivery.claims."""
    parts = path.split(".")
    return ".".join(parts[: 3 if parts[1] in {"delivery", "governance", "interfaces"} else 2])


def _leaves_a_row(graph: CallGraph, operation: str) -> bool:
    """Say whether a call leads to the journal without leaving the operation's room."""
    looked_at, open_ends = {operation}, [operation]
    while open_ends:
        called = graph.calls[open_ends.pop()]
        if called & _EVIDENCE:
            return True
        inside = {p for p in called & set(graph.functions) if _room(p) == _room(operation)}
        open_ends += inside - looked_at
        looked_at |= inside
    return False


def _without_a_row(graph: CallGraph, excepted: Iterable[str] = ()) -> list[str]:
    return sorted(
        path
        for path, function in graph.functions.items()
        if _is_operation(function) and path not in set(excepted) and not _leaves_a_row(graph, path)
    )


def _used_alone(graph: CallGraph, parts: Iterable[str]) -> list[str]:
    """Return the callers of a part that are neither parts themselves nor leave a row."""
    evident = graph.reaching(_EVIDENCE, without=[_READING])
    allowed, found, looked_at = set(parts), set(), set(parts)
    open_ends = list(allowed)
    while open_ends:
        part = open_ends.pop()
        for caller in graph.callers(part) - evident - looked_at:
            looked_at.add(caller)
            if graph.functions[caller].is_public or not graph.callers(caller):
                found.add(f"{caller} calls {part} and leaves no row")
            else:  # a helper: whoever calls it answers for it
                open_ends.append(caller)
    return sorted(found)


def test_every_operation_leaves_a_row_in_the_journal() -> None:
    graph = CallGraph(product())
    operations = [f for f in graph.functions.values() if _is_operation(f)]

    assert len(operations) > 50
    assert _without_a_row(graph, {*_PARTS, *_HANDED_ON}) == []


def test_what_is_handed_on_arrives_at_an_operation_that_leaves_a_row() -> None:
    graph = CallGraph(product())

    for operation, taken_over_by in _HANDED_ON.items():
        assert taken_over_by in graph.calls[operation], operation
        assert _leaves_a_row(graph, taken_over_by), taken_over_by


def test_what_leaves_no_row_of_its_own_is_never_done_alone() -> None:
    graph = CallGraph(product())

    assert sorted(set(_PARTS) - set(graph.functions)) == [], "named here and gone from the product"
    assert _used_alone(graph, _PARTS) == []


# --- the rules see what they forbid -----------------------------------------------------------

_ATOMIC = "from django.db import transaction as t\nfrom django.db.transaction import atomic\n"
_JOURNAL = "amparo/journal/operations.py", "def record(**details): ..."


def _graph(text: str, *others: tuple[str, str]) -> CallGraph:
    files = [_JOURNAL, ("amparo/office/operations.py", _ATOMIC + text), *others]
    return CallGraph([Source(path, content) for path, content in files])


def test_an_operation_without_a_row_is_seen_in_any_spelling() -> None:
    for text in (
        "@t.atomic\ndef pay(): ...",
        "@atomic(durable=True)\ndef pay(): ...",
        "@t.atomic\ndef pay():\n    record()",  # some other record
        "from amparo.journal.reading import reading\n@atomic\ndef pay():\n    reading()",
    ):
        reading = (
            "amparo/journal/reading.py",
            "from amparo.journal.operations import record\ndef reading():\n    record()",
        )

        assert _without_a_row(_graph(text, reading)) == ["amparo.office.operations.pay"], text


def test_a_row_counts_when_a_helper_of_the_room_leaves_it_and_not_when_another_room_does() -> None:
    helper = "from amparo.journal.operations import record as r\ndef _note():\n    r()\n"
    handing_on = (
        "amparo/register/operations/__init__.py",
        "from amparo.office.operations import pay as settle\n",
    )
    caller = (
        "amparo/delivery/claims/operations.py",
        f"{_ATOMIC}from amparo.register.operations import settle\n@atomic\ndef f():\n    settle()",
    )

    graph = _graph(f"{helper}@t.atomic\ndef pay():\n    _note()", handing_on, caller)

    assert graph.callers("amparo.office.operations.pay") == {"amparo.delivery.claims.operations.f"}
    assert _without_a_row(graph) == ["amparo.delivery.claims.operations.f"]


def test_a_part_that_is_used_alone_is_seen() -> None:
    part = "@atomic\ndef open_task(): ...\n"
    text = (
        "from amparo.office.operations import open_task\n"
        "def _press():\n    open_task()\ndef page():\n    _press()"
    )
    page = ("amparo/interfaces/web/views.py", text)
    named = ["amparo.office.operations.open_task"]

    assert _used_alone(_graph(part), named) == []
    (found,) = _used_alone(_graph(part, page), named)
    assert found.startswith("amparo.interfaces.web.views.page calls ")
