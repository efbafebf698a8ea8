"""Tables by interval boxes: cases no rule answers, cases two answer, rules nothing reaches.

Each column is cut where its tests change their answer: one sample for each piece. Every test is
asked about every sample by the engine itself, so that no second reading of FEEL can differ. Cases
are then combinations of pieces, searched as bit sets of rules. A test that cannot be cut so (it
calls a function of the value, or names another decision) counts as one that may hold or not: then
no gap and no overlap is claimed of it. Facts that depend on each other are not known as such: a
witness may be a case that cannot occur, hence all of this warns and nothing is an error.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from amparo.rules.feel import ast
from amparo.rules.feel.evaluate import Expression
from amparo.rules.feel.types import FeelType
from amparo.rules.feel.values import Value, text_of
from amparo.rules.packs.lint.columns import Column, columns_of
from amparo.rules.packs.lint.findings import Finding
from amparo.rules.packs.lint.reading import ReadElement, ReadTable
from amparo.rules.packs.lint.values import Known, known_values, nodes_of
from amparo.rules.packs.pack import Pack

MOST_STEPS: Final = 500_000
_MOST: Final = 10
_MOST_PAIRS: Final = 500  # rules up to which each pair is looked at
_WITH_PARAMETERS: Final = " (with the parameters of"


def table_findings(pack: Pack, read: Sequence[ReadElement]) -> Iterator[Finding]:
    known = known_values(read)
    for element in read:
        kinds = {
            name: pack.library.elements[key].kind
            for alias, name, key in element.compiled.requires
            if not alias
        }
        kinds |= dict(element.compiled.parameters)
        for table in element.tables:
            yield from _findings_of(pack, element, table, kinds, known)


def _findings_of(
    pack: Pack,
    element: ReadElement,
    table: ReadTable,
    kinds: Mapping[str, FeelType],
    known: Known,
) -> Iterator[Finding]:
    """Look at a table with the parameters of every day on which one of them changes.

    A rule that no case reaches counts only if no case reaches it on any of these days.
    """
    seen: dict[tuple[str, str], Finding] = {}
    unreached: Counter[str] = Counter()
    days = 0
    for on, names in _situations(pack, table):
        days += 1
        columns = columns_of(table, kinds, names, known, element.compiled.element.name)
        looked = _Table(element, table, columns, on)
        for finding in looked.findings():
            said = finding.message.partition(_WITH_PARAMETERS)[0]
            seen.setdefault((finding.code, finding.row or said), finding)
            unreached[finding.row] += 1
        if looked.steps > MOST_STEPS:
            break  # another day would take as long
    counts: Counter[str] = Counter()
    for finding in seen.values():
        counts[finding.code] += 1
        if unreached[finding.row] == days if finding.row else counts[finding.code] <= _MOST:
            yield finding


def _situations(pack: Pack, table: ReadTable) -> Iterator[tuple[date | None, Mapping[str, Value]]]:
    """Give the days on which a parameter named in the table changes, with all their values."""
    used = {
        node.name
        for expression in _all(table)
        for node in nodes_of(expression.tree)
        if isinstance(node, ast.Name)
    }
    parameters = [known for known in pack.parameters if known.name in used]
    if not parameters:
        yield None, {}
        return
    for on in sorted({row.valid_from for known in parameters for row in known.rows}):
        rows = [(known.name, known.resolve(on=on)) for known in parameters]
        values = {name: row.value for name, row in rows if row is not None}
        if len(values) == len(parameters):
            yield on, values


def _all(table: ReadTable) -> Iterator[Expression]:
    for tests in table.tests:
        yield from tests


# Searching --------------------------------------------------------------------------------


class _Table:
    def __init__(
        self,
        element: ReadElement,
        table: ReadTable,
        columns: Sequence[Column],
        on: date | None,
    ) -> None:
        self.element = element
        self.table = table
        self.columns = columns
        self.on = on
        self.all = (1 << len(table.table.rules)) - 1
        self.steps = 0

    def findings(self) -> Iterator[Finding]:
        policy = self.table.table.hit_policy
        yield from self.gaps()
        if policy in {"UNIQUE", "ANY"}:
            yield from self.overlaps(is_any=policy == "ANY")
        yield from self.unreachable()
        if self.steps > MOST_STEPS:
            message = "too many combinations to look at all of them"
            yield self.found("not-analysed", message, "Split the table.")

    def found(
        self, code: str, message: str, remedy: str, *, row: str = "", position: str = ""
    ) -> Finding:
        when = f"{_WITH_PARAMETERS} {self.on.isoformat()})" if self.on else ""
        return Finding(
            "warning",
            f"table.{code}",
            f"{message}{when}",
            remedy,
            model=self.element.model,
            element=self.element.element,
            position=position or (f"rule {row}" if row else f"table {self.table.table.id}"),
            row=row,
        )

    def witness(self, pieces: Sequence[int]) -> str:
        """Write a case, leaving out the columns whose value no rule looks at."""
        parts = [
            f"{column.label} {text_of(column.samples[piece], inside=True)}"
            for column, piece in zip(self.columns, pieces, strict=True)
            if len(set(zip(column.holds, column.may_hold, strict=True))) > 1
        ]
        return ", ".join(parts) or "any case"

    # Gaps

    def gaps(self) -> Iterator[Finding]:
        if any(clause.default is not None for clause in self.table.table.outputs):
            return
        remedy = "Add a rule for it, or a default output if the law has one."
        for pieces in self.uncovered([column.may_hold for column in self.columns], self.all):
            yield self.found("gap", f"{self.witness(pieces)}: no rule", remedy)

    def uncovered(
        self, masks: Sequence[Sequence[int]], rules: int, within: int | None = None
    ) -> Iterator[tuple[int, ...]]:
        """Give a case that no rule of these covers, if there is one, inside the box of a rule."""
        dead: set[tuple[int, int]] = set()
        pieces = [self.pieces(place, mask, within) for place, mask in enumerate(masks)]

        def search(depth: int, alive: int, path: tuple[int, ...]) -> tuple[int, ...] | None:
            self.steps += 1
            if self.steps > MOST_STEPS:
                return None
            if depth == len(masks):
                return None if alive else path
            if (depth, alive) in dead:
                return None
            for piece, mask in pieces[depth]:
                hit = search(depth + 1, alive & mask, (*path, piece))
                if hit is not None:
                    return hit
            dead.add((depth, alive))
            return None

        found = search(0, rules, ())
        if found is not None:
            yield found
            yield from self.more_gaps(found, masks, rules, within)

    def pieces(
        self, place: int, masks: Sequence[int], within: int | None
    ) -> Sequence[tuple[int, int]]:
        """Give one piece of a column for each set of rules; only of a rule's box if it is named."""
        found: dict[int, int] = {}
        holds = self.columns[place].holds
        for piece, mask in enumerate(masks):
            if within is None or holds[piece] >> within & 1:
                found.setdefault(mask, piece)
        self.steps += len(masks) if within is not None else 0
        return [(piece, mask) for mask, piece in found.items()]

    def more_gaps(
        self,
        found: tuple[int, ...],
        masks: Sequence[Sequence[int]],
        rules: int,
        within: int | None,
    ) -> Iterator[tuple[int, ...]]:
        """Give gaps elsewhere: one search for each column, at the other pieces of that column."""
        if within is not None:
            return
        for depth in range(len(masks)):
            for piece in range(len(masks[depth])):
                if piece == found[depth]:
                    continue
                path = (*found[:depth], piece, *found[depth + 1 :])
                alive = rules
                for place, chosen in enumerate(path):
                    alive &= masks[place][chosen]
                if not alive and abs(piece - found[depth]) > 1:
                    yield path

    # Overlaps

    def overlaps(self, *, is_any: bool) -> Iterator[Finding]:
        rules = self.table.table.rules
        if len(rules) > _MOST_PAIRS:
            yield from self.one_overlap(is_any=is_any)
            return
        for first in range(len(rules)):
            others = self.all & ~((1 << (first + 1)) - 1)
            for column in self.columns:
                shared = 0
                for mask in column.holds:
                    shared |= mask if mask >> first & 1 else 0
                others &= shared
            while others:
                second = (others & -others).bit_length() - 1
                others &= others - 1
                if is_any and self.same_outputs(first, second):
                    continue
                yield self.overlap(first, second, is_any=is_any)

    def one_overlap(self, *, is_any: bool) -> Iterator[Finding]:
        """Look for a case that two rules answer; of a large table one is enough to begin with."""
        dead: set[tuple[int, int]] = set()
        pieces = [
            self.pieces(place, column.holds, None) for place, column in enumerate(self.columns)
        ]

        def search(depth: int, alive: int) -> int:
            self.steps += 1
            if self.steps > MOST_STEPS or not alive & (alive - 1) or (depth, alive) in dead:
                return 0
            if depth == len(pieces):
                return alive
            for _, mask in pieces[depth]:
                found = search(depth + 1, alive & mask)
                if found:
                    return found
            dead.add((depth, alive))
            return 0

        both = search(0, self.all)
        first, second = _lowest(both), _lowest(both & (both - 1))
        if both and not (is_any and self.same_outputs(first, second)):
            yield self.overlap(first, second, is_any=is_any)

    def same_outputs(self, first: int, second: int) -> bool:
        one, other = (self.table.table.rules[number] for number in (first, second))
        pairs = zip(one.outputs, other.outputs, strict=True)
        return all(mine.text == theirs.text for mine, theirs in pairs)

    def overlap(self, first: int, second: int, *, is_any: bool) -> Finding:
        both = 1 << first | 1 << second
        pieces = [
            next(piece for piece, mask in enumerate(column.holds) if mask & both == both)
            for column in self.columns
        ]
        names = [self.table.table.rules[number].id for number in (first, second)]
        what = "differ" if is_any else "both answer"
        message = f"{self.witness(pieces)}: rules {names[0]} and {names[1]} {what}"
        remedy = "Narrow one of them, or choose a hit policy that says which rule wins."
        return self.found("overlap", message, remedy)

    # Rules nothing reaches

    def unreachable(self) -> Iterator[Finding]:
        for number, rule in enumerate(self.table.table.rules):
            bit = 1 << number
            for place, column in enumerate(self.columns):
                if not column.possible & bit:
                    test = self.table.table.rules[number].tests[place].text
                    message = f"no allowed value of {column.label} passes “{test}”"
                    remedy = "Correct the test, or remove the rule."
                    yield self.found("unreachable", message, remedy, row=rule.id)
                    break
            else:
                yield from self.hidden(number, rule.id)

    def hidden(self, number: int, identifier: str) -> Iterator[Finding]:
        """Find a rule of a FIRST table whose every case an earlier rule answers."""
        if self.table.table.hit_policy != "FIRST" or number == 0:
            return
        bit = 1 << number
        # Only a rule whose own tests were all cut can be said to be covered.
        if self.steps > MOST_STEPS or any(column.unsure & bit for column in self.columns):
            return
        earlier = bit - 1
        masks = [column.holds for column in self.columns]
        if next(self.uncovered(masks, earlier, within=number), None) is None:
            if self.steps > MOST_STEPS:
                return
            message = "the rules before it answer all its cases"
            remedy = "Move it up, narrow those before it, or remove it."
            yield self.found("unreachable", message, remedy, row=identifier)


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1
