"""A simulation told: as text, as JSON, and as a page with charts drawn here and tables beside."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import Any, Final

from amparo.rules.simulation.results import STATES, Affected, Group, Side, Simulation
from amparo.rules.trace import explain, explain_text

_KINDS: Final = {"all": "Everybody", "sex": "Sex", "age": "Age", "region": "Region"}
_STATE_NAMES: Final = {
    "granted": "granted",
    "refused": "refused",
    "undetermined": "undetermined (facts are missing)",
    "not computed": "not computed",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the report. is_numeric: of every column but the first."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def figure(value: Decimal | int | None) -> str:
    """Write a number with groups of three, null as unknown."""
    return "unknown" if value is None else f"{value:,}"


def signed(value: Decimal | None) -> str:
    return "unknown" if value is None else f"{value:+,}"


def tables(found: Simulation) -> Iterator[Table]:
    """Give everything that is counted, as tables."""
    sides = (found.before, found.after)
    head = ["", f"before: {found.before.version}", f"after: {found.after.version}", "difference"]
    if found.period != "once":
        yield Table(
            f"Cost a month, {found.currency}",
            head,
            [
                [
                    "Granted",
                    *(figure(side.cost_month) for side in sides),
                    signed(found.difference_month),
                ]
            ],
        )
    else:
        yield Table(
            f"Cost, paid once, {found.currency}",
            head,
            [["Granted", *(figure(side.paid.total) for side in sides), signed(found.difference)]],
        )
    yield Table(
        "Cases",
        head,
        [
            [
                _STATE_NAMES[state],
                *(figure(side.states[state]) for side in sides),
                f"{found.after.states[state] - found.before.states[state]:+,}",
            ]
            for state in STATES
        ],
    )
    yield Table(
        "From one answer to another",
        ["before", "after", "cases"],
        [[old, new, figure(count)] for (old, new), count in found.moves.items()],
    )
    for kind, groups in found.groups.items():
        yield _groups(found, kind, groups)
    yield Table(
        f"Amounts granted, {found.currency} {found.period}",
        head[:3],
        [
            ["persons", *(figure(side.paid.count) for side in sides)],
            *(
                [f"{percent} % have at most", *(_quantile(side, percent) for side in sides)]
                for percent in sorted({p for side in sides for p in side.paid.quantiles})
            ),
            ["Gini coefficient", *(_gini(side) for side in sides)],
        ],
    )
    unknown = _unknown(sides)
    if unknown:
        yield Table("Why answers are unknown", ["", "before", "after"], unknown)


def _groups(found: Simulation, kind: str, groups: Iterable[Group]) -> Table:
    return Table(
        f"Winners and losers: {_KINDS[kind].lower()}",
        [
            _KINDS[kind],
            "cases",
            "winners",
            f"won, {found.currency}",
            "losers",
            f"lost, {found.currency}",
            "same",
            "unknown",
        ],
        [
            [
                group.name,
                figure(group.cases),
                figure(group.winners),
                figure(group.won),
                figure(group.losers),
                figure(group.lost),
                figure(group.same),
                figure(group.unknown),
            ]
            for group in groups
        ],
    )


def _quantile(side: Side, percent: int) -> str:
    return figure(side.paid.quantiles[percent]) if percent in side.paid.quantiles else "nobody"


def _gini(side: Side) -> str:
    return "nobody" if side.paid.gini is None else str(side.paid.gini)


def _unknown(sides: tuple[Side, Side]) -> list[list[str]]:
    kinds: list[tuple[str, tuple[Mapping[str, int], ...]]] = [
        ("fact not known: {}", tuple(side.missing for side in sides)),
        ("outside what a plan may assume: {}", tuple(side.set_aside for side in sides)),
        ("error: {}", tuple(side.failed for side in sides)),
    ]
    return [
        [text.format(name), *(figure(counts.get(name, 0)) for counts in both)]
        for text, both in kinds
        for name in dict.fromkeys(name for counts in both for name in counts)
    ]


def heading(found: Simulation) -> list[str]:
    """Say what was compared, on whom, and how it was asked."""
    lines = [
        f"{found.title} ({found.benefit}) on {found.on}",
        f"before: {found.before.scheme} {found.before.version} ({found.before.pack_hash[:12]})",
        f"after:  {found.after.scheme} {found.after.version} ({found.after.pack_hash[:12]})",
        f"{found.cases:,} cases from {found.origin}",
    ]
    if found.as_new:
        lines.append("Every case is asked as if it were claimed on that day.")
    for name, side in (("before", found.before), ("after", found.after)):
        lines += [
            f"{name}: {decision} runs row by row: {reason}"
            for decision, reason in side.refusals.items()
        ]
    return lines


# Text -------------------------------------------------------------------------------------------


def as_text(found: Simulation) -> str:
    """Tell a simulation for a terminal; the traces of single cases are in the other forms."""
    parts = ["\n".join(heading(found))]
    parts += [_text_table(table) for table in tables(found)]
    if found.affected:
        parts.append(_text_table(_affected_table(found)))
    return "\n\n".join(parts) + "\n"


def _affected_table(found: Simulation) -> Table:
    return Table(
        "Most affected",
        ["case", "sex", "age", "region", "before", "after", "difference"],
        [
            [
                one.reference,
                one.sex,
                one.age_band,
                one.region,
                _paid(one.before_state, one.before),
                _paid(one.after_state, one.after),
                signed(one.change),
            ]
            for one in found.affected
        ],
    )


def _paid(state: str, amount: Decimal) -> str:
    return figure(amount) if state == "granted" else state


def _text_table(table: Table) -> str:
    widths = [
        max(len(row[place]) for row in (table.head, *table.rows))
        for place in range(len(table.head))
    ]
    lines = [table.title]
    for row in (table.head, *table.rows):
        cells = [
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(f"  {'  '.join(cells)}".rstrip())
    return "\n".join(lines)


# JSON -------------------------------------------------------------------------------------------


def as_data(found: Simulation) -> dict[str, Any]:
    """Give a simulation for machines: amounts as text, traces as the engine writes them."""
    return {
        "benefit": found.benefit,
        "currency": found.currency,
        "on": found.on.isoformat(),
        "as_new": found.as_new,
        "population": found.origin,
        "cases": found.cases,
        "period": found.period,
        "before": _side_data(found.before),
        "after": _side_data(found.after),
        "difference": str(found.difference),
        "difference_month": _text(found.difference_month),
        "moves": [
            {"before": old, "after": new, "cases": count}
            for (old, new), count in found.moves.items()
        ],
        "groups": {
            kind: [_group_data(group) for group in groups] for kind, groups in found.groups.items()
        },
        "affected": [_affected_data(one) for one in found.affected],
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def _side_data(side: Side) -> dict[str, Any]:
    return {
        "scheme": side.scheme,
        "version": side.version,
        "hash": side.pack_hash,
        "frequency": side.frequency,
        "states": dict(side.states),
        "cost_month": _text(side.cost_month),
        "granted": {
            "persons": side.paid.count,
            "total": str(side.paid.total),
            "quantiles": {str(percent): str(a) for percent, a in side.paid.quantiles.items()},
            "gini": _text(side.paid.gini),
        },
        "missing": dict(side.missing),
        "set_aside": dict(side.set_aside),
        "failed": dict(side.failed),
        "asked_row_by_row": dict(side.by_interpreter),
        "refusals": dict(side.refusals),
    }


def _group_data(group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "cases": group.cases,
        "winners": group.winners,
        "won": str(group.won),
        "losers": group.losers,
        "lost": str(group.lost),
        "same": group.same,
        "unknown": group.unknown,
    }


def _affected_data(one: Affected) -> dict[str, Any]:
    return {
        "case": one.reference,
        "sex": one.sex,
        "age": one.age_band,
        "region": one.region,
        "before": {
            "state": one.before_state,
            "amount": str(one.before),
            "traces": list(one.before_traces),
        },
        "after": {
            "state": one.after_state,
            "amount": str(one.after),
            "traces": list(one.after_traces),
        },
        "difference": str(one.change),
    }


# A page -----------------------------------------------------------------------------------------

_STYLE: Final = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
       color: #1b1b1b; background: #fff; }
table { border-collapse: collapse; margin: 0 0 1.5rem; }
caption { text-align: start; font-weight: 600; padding: .3rem 0; }
th, td { padding: .25rem .75rem; border-bottom: 1px solid #c4c4c4; text-align: end; }
th:first-child, td:first-child { text-align: start; }
svg { max-width: 100%; height: auto; }
svg text { font: 13px system-ui, sans-serif; fill: #1b1b1b; }
pre { white-space: pre-wrap; background: #f4f4f4; padding: .75rem; }
.wide { overflow-x: auto; }
"""
# Two colours that differ in lightness as well, with a border: no chart is read by hue alone.
_LOOKS: Final = ("#0b4f8a", "#f0b323")
_WIDTH: Final = 640
_BAR: Final = 18
_NAMES: Final = 190  # pixels for the names beside the bars
_ROOM: Final = _WIDTH - _NAMES - 150


def as_page(found: Simulation) -> str:
    """Write a page that stands alone: no script, nothing fetched, every chart with its table."""
    title = f"Simulation: {found.title} on {found.on}"
    body = [f"<h1>{escape(title)}</h1>", f"<p>{'<br/>'.join(map(escape, heading(found)))}</p>"]
    body += [_chart_cases(found), _chart_quantiles(found)]
    body += [
        _chart_groups(found, kind, groups) for kind, groups in found.groups.items() if kind != "all"
    ]
    body.append("<h2>Figures</h2>")
    body += [_html_table(table) for table in tables(found)]
    if found.affected:
        body.append("<h2>Most affected</h2>")
        body.append(_html_table(_affected_table(found)))
        body += [_affected_html(one) for one in found.affected]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _chart_cases(found: Simulation) -> str:
    return _bars(
        "Cases by answer",
        ("before", "after"),
        [(state, (found.before.states[state], found.after.states[state])) for state in STATES],
    )


def _chart_quantiles(found: Simulation) -> str:
    percents = sorted({*found.before.paid.quantiles, *found.after.paid.quantiles})
    nothing = Decimal(0)
    return _bars(
        f"Amounts granted, {found.currency} {found.period}: so many percent have at most",
        ("before", "after"),
        [
            (
                f"{percent} %",
                (
                    found.before.paid.quantiles.get(percent, nothing),
                    found.after.paid.quantiles.get(percent, nothing),
                ),
            )
            for percent in percents
        ],
    )


def _chart_groups(found: Simulation, kind: str, groups: Sequence[Group]) -> str:
    return _bars(
        f"Won and lost by {_KINDS[kind].lower()}, {found.currency} {found.period}",
        ("won", "lost"),
        [(group.name, (group.won, group.lost)) for group in groups],
    )


def _bars(
    title: str, legend: tuple[str, str], rows: Sequence[tuple[str, Sequence[Decimal | int]]]
) -> str:
    """Draw two bars a row; each says its number at its end."""
    most = max((value for _, values in rows for value in values), default=0)
    height = 30 + len(rows) * (2 * _BAR + 12)
    parts = []
    for place, (look, name) in enumerate(zip(_LOOKS, legend, strict=True)):
        x = _NAMES + place * 110
        parts.append(_rectangle(x, 4, 14, look))
        parts.append(f'<text x="{x + 20}" y="16">{escape(name)}</text>')
    for number, (name, values) in enumerate(rows):
        top = 30 + number * (2 * _BAR + 12)
        end = _NAMES - 10
        parts.append(
            f'<text x="{end}" y="{top + _BAR + 4}" text-anchor="end">{escape(name)}</text>'
        )
        for place, (look, value) in enumerate(zip(_LOOKS, values, strict=True)):
            length = int(_ROOM * value / most) if most else 0
            y = top + place * _BAR
            parts.append(_rectangle(_NAMES, y, length, look))
            parts.append(f'<text x="{_NAMES + length + 6}" y="{y + 13}">{figure(value)}</text>')
    return (
        f"<figure>\n<figcaption>{escape(title)}. The figures are in the tables below."
        f'</figcaption>\n<svg viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(title)}">\n' + "\n".join(parts) + "\n</svg>\n</figure>"
    )


def _rectangle(x: int, y: int, width: int, look: str) -> str:
    return (
        f'<rect x="{x}" y="{y}" width="{width}" height="{_BAR - 4}" fill="{look}" '
        'stroke="#1b1b1b" stroke-width="1"/>'
    )


def _html_table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.head)
    rows = "\n".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in table.rows
    )
    return (
        f'<div class="wide"><table>\n<caption>{escape(table.title)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table></div>"
    )


def _affected_html(one: Affected) -> str:
    parts = [f"<details>\n<summary>{escape(one.reference)}: {signed(one.change)}</summary>"]
    for name, traces in (("Before", one.before_traces), ("After", one.after_traces)):
        parts.append(f"<h3>{name}</h3>")
        parts += [f"<pre>{escape(explain_text(explain(trace)))}</pre>" for trace in traces]
    return "\n".join([*parts, "</details>"])
