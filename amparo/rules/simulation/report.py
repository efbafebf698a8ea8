"""A simulation told: as text, as JSON, and as a page with charts drawn here and tables beside.

The words are below, in English and French; whoever shows a simulation elsewhere takes the same
tables and charts from here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape
from typing import Any, Final

from amparo.rules.simulation.results import (
    STATES,
    Affected,
    Distribution,
    Group,
    Side,
    Simulation,
)
from amparo.rules.trace import explain, explain_text

Words = Mapping[str, str]
WORDS: Final[Mapping[str, Words]] = {
    "en": {
        "all": "Everybody",
        "sex": "Sex",
        "age": "Age",
        "region": "Region",
        "granted": "granted",
        "refused": "refused",
        "undetermined": "undetermined (facts are missing)",
        "not computed": "not computed",
        "before": "before",
        "after": "after",
        "difference": "difference",
        "answer": "answer",
        "measure": "measure",
        "why": "why",
        "unknown": "unknown",
        "nobody": "nobody",
        "female": "female",
        "male": "male",
        "other": "other",
        "monthly": "monthly",
        "quarterly": "quarterly",
        "yearly": "yearly",
        "once": "once",
        "cost": "Cost a month, {0}",
        "cost once": "Cost, paid once, {0}",
        "paid": "Granted",
        "cases by answer": "Cases by answer",
        "cases table": "Cases",
        "moves": "From one answer to another",
        "cases": "cases",
        "groups": "Winners and losers: {0}",
        "winners": "winners",
        "won money": "won, {0}",
        "losers": "losers",
        "lost money": "lost, {0}",
        "same": "same",
        "amounts": "Amounts granted, {0} {1}",
        "persons": "persons",
        "at most": "{0} % have at most",
        "gini": "Gini coefficient",
        "why unknown": "Why answers are unknown",
        "not known": "fact not known: {0}",
        "set aside": "outside what a plan may assume: {0}",
        "error": "error: {0}",
        "quantiles": "Amounts granted, {0} {1}: so many percent have at most",
        "won and lost": "Won and lost by {0}, {1} {2}",
        "won": "won",
        "lost": "lost",
        "most affected": "Most affected",
        "case": "case",
        "row by row": "{0}: {1} runs row by row: {2}",
        "charts": "{0}. The figures are in the tables below.",
        "between groups": ",",
        "point": ".",
    },
    "fr": {
        "all": "Tout le monde",
        "sex": "Sexe",
        "age": "Âge",
        "region": "Région",
        "granted": "accordé",
        "refused": "refusé",
        "undetermined": "indéterminé (des faits manquent)",
        "not computed": "non calculé",
        "before": "avant",
        "after": "après",
        "difference": "différence",
        "answer": "réponse",
        "measure": "grandeur",
        "why": "pourquoi",
        "unknown": "inconnu",
        "nobody": "personne",
        "female": "femme",
        "male": "homme",
        "other": "autre",
        "monthly": "par mois",
        "quarterly": "par trimestre",
        "yearly": "par an",
        "once": "en une fois",
        "cost": "Coût mensuel, {0}",
        "cost once": "Coût, payé en une fois, {0}",
        "paid": "Accordé",
        "cases by answer": "Cas selon la réponse",
        "cases table": "Cas",
        "moves": "D'une réponse à l'autre",
        "cases": "cas",
        "groups": "Gagnants et perdants : {0}",
        "winners": "gagnants",
        "won money": "gagné, {0}",
        "losers": "perdants",
        "lost money": "perdu, {0}",
        "same": "inchangés",
        "amounts": "Montants accordés, {0} {1}",
        "persons": "personnes",
        "at most": "{0} % ont au plus",
        "gini": "Coefficient de Gini",
        "why unknown": "Pourquoi des réponses sont inconnues",
        "not known": "fait inconnu : {0}",
        "set aside": "hors de ce qu'un plan peut supposer : {0}",
        "error": "erreur : {0}",
        "quantiles": "Montants accordés, {0} {1} : tant de pour cent ont au plus",
        "won and lost": "Gagné et perdu, {0}, {1} {2}",
        "won": "gagné",
        "lost": "perdu",
        "most affected": "Les plus touchés",
        "case": "cas",
        "row by row": "{0} : {1} est calculée ligne par ligne : {2}",
        "charts": "{0}. Les chiffres sont dans les tableaux ci-dessous.",
        "between groups": "\N{NARROW NO-BREAK SPACE}",
        "point": ",",
    },
}
_ENGLISH: Final = WORDS["en"]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the report. Every column but the first holds figures or states.

    key: what it counts, the same in every language.
    """

    key: str
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


def words_of(language: str) -> Words:
    return WORDS.get(language, _ENGLISH)


def figure(value: Decimal | int | None, words: Words = _ENGLISH) -> str:
    """Write a number with groups of three as the language does, null as unknown."""
    return words["unknown"] if value is None else _separated(f"{value:,}", words)


def signed(value: Decimal | int | None, words: Words = _ENGLISH) -> str:
    return words["unknown"] if value is None else _separated(f"{value:+,}", words)


def _separated(text: str, words: Words) -> str:
    whole, point, decimals = text.partition(".")
    return (
        whole.replace(",", words["between groups"]) + point.replace(".", words["point"]) + decimals
    )


def named(text: str, words: Words) -> str:
    """Write the name of a group, or of several put together; what is no word of ours stays."""
    return ", ".join(words.get(name, name) for name in text.split(", "))


def tables(found: Simulation, *, language: str = "en") -> Iterator[Table]:
    """Give everything that is counted, as tables."""
    words = words_of(language)
    sides = (found.before, found.after)
    head = [
        words["answer"],
        f"{words['before']}: {found.before.version}",
        f"{words['after']}: {found.after.version}",
        words["difference"],
    ]
    costs = [side.paid.total if found.period == "once" else side.cost_month for side in sides]
    change = found.difference if found.period == "once" else found.difference_month
    title = words["cost once" if found.period == "once" else "cost"].format(found.currency)
    shown = [figure(cost, words) for cost in costs]
    yield Table("cost", title, head, [[words["paid"], *shown, signed(change, words)]])
    yield Table(
        "cases",
        words["cases table"],
        head,
        [
            [
                words[state],
                *(figure(side.states[state], words) for side in sides),
                signed(found.after.states[state] - found.before.states[state], words),
            ]
            for state in STATES
        ],
    )
    yield Table(
        "moves",
        words["moves"],
        [words["before"], words["after"], words["cases"]],
        [
            [words[old], words[new], figure(count, words)]
            for (old, new), count in found.moves.items()
        ],
    )
    for kind, groups in found.groups.items():
        yield _groups(found, kind, groups, words)
    yield Table(
        "amounts",
        words["amounts"].format(found.currency, words[found.period]),
        [words["measure"], *head[1:3]],
        [
            [words["persons"], *(figure(side.paid.count, words) for side in sides)],
            *(
                [
                    words["at most"].format(percent),
                    *(_quantile(side, percent, words) for side in sides),
                ]
                for percent in sorted({p for side in sides for p in side.paid.quantiles})
            ),
            [words["gini"], *(_gini(side, words) for side in sides)],
        ],
    )
    unknown = _unknown(sides, words)
    if unknown:
        head = [words["why"], words["before"], words["after"]]
        yield Table("unknown", words["why unknown"], head, unknown)


def _groups(found: Simulation, kind: str, groups: Iterable[Group], words: Words) -> Table:
    return Table(
        f"groups-{kind}",
        words["groups"].format(words[kind].lower()),
        [
            words[kind],
            words["cases"],
            words["winners"],
            words["won money"].format(found.currency),
            words["losers"],
            words["lost money"].format(found.currency),
            words["same"],
            words["unknown"],
        ],
        [
            [
                named(group.name, words),
                figure(group.cases, words),
                figure(group.winners, words),
                figure(group.won, words),
                figure(group.losers, words),
                figure(group.lost, words),
                figure(group.same, words),
                figure(group.unknown, words),
            ]
            for group in groups
        ],
    )


def _quantile(side: Side, percent: int, words: Words) -> str:
    known = side.paid.quantiles
    return figure(known[percent], words) if percent in known else words["nobody"]


def _gini(side: Side, words: Words) -> str:
    return words["nobody"] if side.paid.gini is None else figure(side.paid.gini, words)


def _unknown(sides: tuple[Side, Side], words: Words) -> list[list[str]]:
    kinds: list[tuple[str, tuple[Mapping[str, int], ...]]] = [
        (words["not known"], tuple(side.missing for side in sides)),
        (words["set aside"], tuple(side.set_aside for side in sides)),
        (words["error"], tuple(side.failed for side in sides)),
    ]
    return [
        [text.format(name), *(figure(counts.get(name, 0), words) for counts in both)]
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
    return [*lines, *row_by_row(found)]


def row_by_row(found: Simulation, *, language: str = "en") -> list[str]:
    """Say which decisions no columns could answer, and why."""
    words = words_of(language)
    return [
        words["row by row"].format(words[name], decision, reason)
        for name, side in (("before", found.before), ("after", found.after))
        for decision, reason in side.refusals.items()
    ]


# Text -------------------------------------------------------------------------------------------


def as_text(found: Simulation) -> str:
    """Tell a simulation for a terminal; the traces of single cases are in the other forms."""
    parts = ["\n".join(heading(found))]
    parts += [_text_table(table) for table in tables(found)]
    if found.affected:
        parts.append(_text_table(affected_table(found)))
    return "\n\n".join(parts) + "\n"


def affected_table(found: Simulation, *, language: str = "en") -> Table:
    """Give the cases most affected, in the order of how much."""
    words = words_of(language)
    names = ("case", "sex", "age", "region", "before", "after", "difference")
    return Table(
        "affected",
        words["most affected"],
        [words[name] if name == "case" else words[name].lower() for name in names],
        [
            [
                one.reference,
                named(one.sex, words),
                named(one.age_band, words),
                named(one.region, words),
                paid(one.before_state, one.before, words),
                paid(one.after_state, one.after, words),
                signed(one.change, words),
            ]
            for one in found.affected
        ],
    )


def paid(state: str, amount: Decimal, words: Words) -> str:
    return figure(amount, words) if state == "granted" else words[state]


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


def read_data(told: Mapping[str, Any], *, title: str) -> Simulation:
    """Read back what ``as_data`` told, but for single cases. title: of the benefit."""
    return Simulation(
        benefit=told["benefit"],
        title=title,
        currency=told["currency"],
        on=date.fromisoformat(told["on"]),
        as_new=told["as_new"],
        origin=told["population"],
        cases=told["cases"],
        period=told["period"],
        before=_read_side(told["before"]),
        after=_read_side(told["after"]),
        difference_month=_read_amount(told["difference_month"]),
        difference=Decimal(told["difference"]),
        moves={(move["before"], move["after"]): move["cases"] for move in told["moves"]},
        groups={
            kind: tuple(_read_group(group) for group in groups)
            for kind, groups in sorted(told["groups"].items(), key=lambda one: _KINDS.index(one[0]))
        },
        affected=(),
    )


_KINDS: Final = ("all", "sex", "age", "region")


def _read_amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _read_side(told: Mapping[str, Any]) -> Side:
    granted = told["granted"]
    return Side(
        scheme=told["scheme"],
        version=told["version"],
        pack_hash=told["hash"],
        frequency=told["frequency"],
        states=told["states"],
        cost_month=_read_amount(told["cost_month"]),
        paid=Distribution(
            count=granted["persons"],
            total=Decimal(granted["total"]),
            quantiles={int(p): Decimal(amount) for p, amount in granted["quantiles"].items()},
            gini=_read_amount(granted["gini"]),
        ),
        missing=told["missing"],
        set_aside=told["set_aside"],
        failed=told["failed"],
        by_interpreter=told["asked_row_by_row"],
        refusals=told["refusals"],
    )


def _read_group(told: Mapping[str, Any]) -> Group:
    return Group(**{**told, "won": Decimal(told["won"]), "lost": Decimal(told["lost"])})


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
_LOOKS: Final = {"first": "#0b4f8a", "second": "#f0b323"}
_WIDTH: Final = 640
_BAR: Final = 18
_GAP: Final = 12
_TOP: Final = 30  # the legend stands above
_NAMES: Final = 190  # pixels for the names beside the bars
_ROOM: Final = _WIDTH - _NAMES - 150


@dataclass(frozen=True, slots=True)
class Said:
    """A text in a chart. is_name: it stands left of its bars, and ends where it is placed."""

    x: int
    y: int
    text: str
    is_name: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """look: "first" or "second", as in the legend."""

    x: int
    y: int
    width: int
    height: int
    look: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars side by side, placed; each says its number at its end."""

    title: str
    width: int
    height: int
    bars: Sequence[Bar]
    texts: Sequence[Said]


def charts(found: Simulation, *, language: str = "en") -> Iterator[Chart]:
    """Draw how many are answered what, what they get, and who wins and loses."""
    words = words_of(language)
    sides = (words["before"], words["after"])
    yield _bars(
        words["cases by answer"],
        sides,
        [
            (words[state], (found.before.states[state], found.after.states[state]))
            for state in STATES
        ],
        words,
    )
    known = (found.before.paid.quantiles, found.after.paid.quantiles)
    yield _bars(
        words["quantiles"].format(found.currency, words[found.period]),
        sides,
        [
            (f"{percent} %", tuple(each.get(percent, Decimal(0)) for each in known))
            for percent in sorted({*known[0], *known[1]})
        ],
        words,
    )
    for kind, groups in found.groups.items():
        if kind != "all":
            yield _bars(
                words["won and lost"].format(
                    words[kind].lower(), found.currency, words[found.period]
                ),
                (words["won"], words["lost"]),
                [(named(group.name, words), (group.won, group.lost)) for group in groups],
                words,
            )


def _bars(
    title: str,
    legend: tuple[str, str],
    rows: Sequence[tuple[str, Sequence[Decimal | int]]],
    words: Words,
) -> Chart:
    most = max((value for _, values in rows for value in values), default=0)
    bars, texts = [], []
    for place, (look, name) in enumerate(zip(_LOOKS, legend, strict=True)):
        x = _NAMES + place * 110
        bars.append(Bar(x, 4, 14, _BAR - 4, look))
        texts.append(Said(x + 20, 16, name))
    for number, (name, values) in enumerate(rows):
        top = _TOP + number * (2 * _BAR + _GAP)
        texts.append(Said(_NAMES - 10, top + _BAR + 4, _shortened(name), is_name=True))
        for place, (look, value) in enumerate(zip(_LOOKS, values, strict=True)):
            length = int(_ROOM * value / most) if most else 0
            y = top + place * _BAR
            bars.append(Bar(_NAMES, y, length, _BAR - 4, look))
            texts.append(Said(_NAMES + length + 6, y + 13, figure(value, words)))
    height = _TOP + len(rows) * (2 * _BAR + _GAP)
    return Chart(words["charts"].format(title), _WIDTH, height, bars, texts)


_LONGEST_NAME: Final = 26


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 2]} …"


def as_page(found: Simulation) -> str:
    """Write a page that stands alone: no script, nothing fetched, every chart with its table."""
    title = f"Simulation: {found.title} on {found.on}"
    body = [f"<h1>{escape(title)}</h1>", f"<p>{'<br/>'.join(map(escape, heading(found)))}</p>"]
    body += [_drawn(chart) for chart in charts(found)]
    body.append("<h2>Figures</h2>")
    body += [_html_table(table) for table in tables(found)]
    if found.affected:
        body.append("<h2>Most affected</h2>")
        body.append(_html_table(affected_table(found)))
        body += [_affected_html(one) for one in found.affected]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _drawn(chart: Chart) -> str:
    parts = [
        f'<rect x="{bar.x}" y="{bar.y}" width="{bar.width}" height="{bar.height}" '
        f'fill="{_LOOKS[bar.look]}" stroke="#1b1b1b" stroke-width="1"/>'
        for bar in chart.bars
    ]
    parts += [
        f'<text x="{said.x}" y="{said.y}"{_END if said.is_name else ""}>{escape(said.text)}</text>'
        for said in chart.texts
    ]
    return (
        f"<figure>\n<figcaption>{escape(chart.title)}</figcaption>\n"
        f'<svg viewBox="0 0 {chart.width} {chart.height}" width="{chart.width}" '
        f'height="{chart.height}" role="img" aria-label="{escape(chart.title)}">\n'
        + "\n".join(parts)
        + "\n</svg>\n</figure>"
    )


_END: Final = ' text-anchor="end"'


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
