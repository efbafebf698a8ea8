"""Explanation to a page of its own: HTML that stands alone, to be kept, sent or printed to PDF.

It needs nothing else: no script, no picture, no address. Its style is in its head, with the rules
of paper: tables are not cut within a row, and the head of a table is on every sheet.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final

from amparo.rules.trace.explain import ExplainedTable, Explanation

_STYLE: Final = """
body { font: 11pt/1.4 sans-serif; color: #111; background: #fff; max-width: 60rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5em; } h2 { font-size: 1.15em; margin-top: 1.6em; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; }
caption { text-align: left; font-weight: bold; padding: .3rem 0; }
th, td { border: 1px solid #767676; padding: .25rem .5rem; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
th { background: #eee; }
tr.applied td, tr.applied th { background: #dfeedd; font-weight: bold; }
.outcome { font-size: 1.15em; } footer { margin-top: 2rem; font-size: .85em; color: #444; }
@media print {
  @page { size: A4; margin: 18mm; }
  body { max-width: none; margin: 0; padding: 0; }
  thead { display: table-header-group; }
  tr, caption { break-inside: avoid; }
  h2, caption { break-after: avoid; }
  tr.applied td, tr.applied th, th { print-color-adjust: exact; }
}
"""


def explain_page(trace: Mapping[str, Any], explanation: Explanation, *, language: str) -> str:
    """Write an explanation as a page. trace: the one it explains, for version and dates."""
    words = explanation.words
    parts = [
        f"<h1>{escape(explanation.title)}</h1>",
        f'<p class="outcome">{escape(explanation.sentence)}</p>',
    ]
    if explanation.missing:
        parts.append(f"<h2>{escape(words['missing'])}</h2>")
        parts.append(_list(explanation.missing))
    if explanation.reasons:
        parts.append(f"<h2>{escape(words['reasons'])}</h2>")
        parts.append(
            _list(
                f"{reason.text} ({reason.law})" if reason.law else reason.text
                for reason in explanation.reasons
            )
        )
    parts.append(
        _table(
            words["facts"],
            [words["name"], words["value"], words["where from"]],
            [(fact.title, fact.value, fact.source) for fact in explanation.facts],
        )
    )
    if explanation.tables:
        parts.append(f"<h2>{escape(words['rules'])}</h2>")
        parts.extend(_rules(table, words) for table in explanation.tables)
    parts.append(
        _table(
            words["conclusions"],
            [words["name"], words["result"], words["law"]],
            [(each.decision, each.value, "; ".join(each.law)) for each in explanation.conclusions],
        )
    )
    parts.append(
        _table(
            words["arithmetic"],
            [words["name"], words["as written"], words["with figures"], words["result"]],
            [
                (line.decision, line.expression, line.values, line.result)
                for line in explanation.arithmetic
            ],
        )
    )
    parts.append(
        _table(
            words["parameters"],
            [words["name"], words["value"], words["since"], words["law"]],
            [
                (used.title, used.value, used.valid_from, used.law)
                for used in explanation.parameters
            ],
        )
    )
    if explanation.laws:
        parts.append(f"<h2>{escape(words['law'])}</h2>")
        parts.append(_list(explanation.laws))
    pack = trace["pack"]
    basis = words["basis"].format(explanation.scheme, pack["version"], trace["on"])
    footer = f"{basis}. {words['content']}: {pack['hash']}"
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(explanation.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(part for part in parts if part)
        + f"\n<footer>{escape(footer)}</footer>\n</body>\n</html>\n"
    )


def _list(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def _table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table whose first column names its rows; nothing where there are none."""
    if not rows:
        return ""
    body = "".join(_row(row, marked=False) for row in rows)
    return f"<table><caption>{escape(caption)}</caption>{_head(heads)}<tbody>{body}</tbody></table>"


def _head(heads: Iterable[str]) -> str:
    cells = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    return f"<thead><tr>{cells}</tr></thead>"


def _row(cells: Sequence[str], *, marked: bool) -> str:
    first, *others = cells
    mark = ' class="applied"' if marked else ""
    inside = f'<th scope="row">{escape(first)}</th>'
    inside += "".join(f"<td>{escape(cell)}</td>" for cell in others)
    return f"<tr{mark}>{inside}</tr>"


def _rules(table: ExplainedTable, words: Mapping[str, str]) -> str:
    """Write a decision table with what became of each rule in its last column."""
    heads = [
        words["rule"].format("").strip(),
        *(f"{label}: {value}" for label, value in table.inputs),
        *(f"→ {label}" for label in table.outputs),
        *table.annotations,
        words["result"],
    ]
    body = "".join(
        _row(
            [
                f"{number} ({row.id})",
                *row.tests,
                *row.outputs,
                *row.annotations,
                row.why or words["applied"],
            ],
            marked=row.matched,
        )
        for number, row in enumerate(table.rows, start=1)
    )
    caption = escape(table.decision)
    return f"<table><caption>{caption}</caption>{_head(heads)}<tbody>{body}</tbody></table>"
