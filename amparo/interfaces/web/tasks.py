"""Tasks in words: what each is about, where that is shown, what it notes."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.interfaces.web.vocabulary import state_word, word
from amparo.office.queries import TaskRow
from amparo.rules.book.queries import Titles

_PROPOSED = {
    "granted": gettext_lazy("proposed: grant"),
    "refused": gettext_lazy("proposed: refuse"),
}
_PAGE_OF = {
    "claim": "web:claim",
    "declaration": "web:declaration",
    "person": "web:person",
    "payrun": "web:run",
    "resolution": "web:resolution",
    "receipt": "web:receipt",
    "employer": "web:employer-account",
    "proposal": "web:proposal",
}


def task_address(task: TaskRow) -> str:
    """Return where what a task is about is shown; lines of statements share a page."""
    if task.subject_kind == "statement-line":
        return reverse("web:statements")
    name = _PAGE_OF.get(task.subject_kind)
    return reverse(name, args=[task.subject_id]) if name else ""


def task_about(task: TaskRow) -> str:
    """Name what a task is about by its number, or by what it is where it has none."""
    number = str(task.details.get(task.subject_kind) or "")
    what = word(task.subject_kind).capitalize()
    return f"{what} {number}" if number else what


def task_details(task: TaskRow, called: Titles) -> str:
    """Write what the task notes, each thing in words: benefit, missing facts, why it came back."""
    noted = task.details
    benefit = str(noted.get("benefit", ""))
    parts = [called.benefit(benefit)] if benefit else []
    if missing := noted.get("missing"):
        facts = ", ".join(called.fact(name, benefit=benefit) for name in missing)
        parts.append(_("missing: %(facts)s") % {"facts": facts})
    if outcome := noted.get("outcome"):
        parts.append(str(_PROPOSED.get(outcome, state_word(outcome))))
    if reason := noted.get("sent_back_because"):
        parts.append(_("sent back: %(reason)s") % {"reason": reason})
    told = {"benefit", "missing", "missing_in_words", "outcome", "sent_back_because"}
    parts.extend(
        f"{word(name)}: {value}"
        for name, value in noted.items()
        if name not in {*told, task.subject_kind}
    )
    return " · ".join(parts)
