"""What differs between two packs, in the words of the law's reader: rules, cells, rows, reasons.

Elements are matched by id, rules by their id, columns by id or heading, parameter rows by their day
and the moment they became known. Layout and order of a file say nothing and are not compared; the
order of rules is, where the hit policy makes it count.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from typing import Literal, TypeAlias, TypeVar

from amparo.rules.dmn.model import (
    BoxedContext,
    BoxedFilter,
    BoxedInvocation,
    BoxedList,
    BusinessKnowledge,
    Conditional,
    Decision,
    DecisionService,
    DecisionTable,
    Expression,
    FunctionDefinition,
    InputData,
    ItemDefinition,
    Iteration,
    LiteralExpression,
    Model,
    Relation,
    Rule,
)
from amparo.rules.feel.values import text_of
from amparo.rules.packs.cases import read_cases
from amparo.rules.packs.pack import LAW, Pack
from amparo.rules.packs.parameters import Parameter, Row
from amparo.rules.packs.reasons import Reason

Kind: TypeAlias = Literal["added", "removed", "changed"]
Texts: TypeAlias = Mapping[str, str]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change:
    """subject: what kind of thing, such as rule or parameter row. element: the thing it is in.

    place: where in the element. before, after: the texts; None where there is nothing.
    """

    subject: str
    element: str
    place: str
    before: str | None
    after: str | None

    @property
    def kind(self) -> Kind:
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


@dataclass(frozen=True, slots=True)
class PackDiff:
    """before, after: scheme, version and content hash of the two packs."""

    before: tuple[str, str, str]
    after: tuple[str, str, str]
    changes: tuple[Change, ...]


def diff_packs(before: Pack, after: Pack) -> PackDiff:
    """Compare two packs. Equal hashes give no change; layout alone gives none either."""
    changes = () if before.hash == after.hash else tuple(_changes(before, after))
    return PackDiff(_identity(before), _identity(after), changes)


def _identity(pack: Pack) -> tuple[str, str, str]:
    return pack.scheme, pack.version, pack.hash


def _changes(before: Pack, after: Pack) -> Iterator[Change]:
    yield from _compared("pack", "", _about(before), _about(after))
    yield from _members(
        "input", _by_name(before.manifest.inputs), _by_name(after.manifest.inputs), _fields
    )
    yield from _members(
        "declared decision",
        _by_name(before.manifest.decisions),
        _by_name(after.manifest.decisions),
        _fields,
    )
    yield from _members(
        "benefit",
        {item.code: item for item in before.manifest.benefits},
        {item.code: item for item in after.manifest.benefits},
        _fields,
    )
    yield from _model_changes(before, after)
    yield from _parameter_changes(before, after)
    yield from _members(
        "reason",
        {reason.code: reason for reason in before.reasons},
        {reason.code: reason for reason in after.reasons},
        _reason_texts,
    )
    yield from _members("case", _cases(before), _cases(after), lambda text: {"": text})
    if before.files[LAW] != after.files[LAW]:
        yield Change("law", LAW, "", before.files[LAW], after.files[LAW])


def _about(pack: Pack) -> Texts:
    manifest = pack.manifest
    process = {} if manifest.process is None else _fields(manifest.process)
    return {
        **{f"title ({language})": title for language, title in manifest.titles.items()},
        "scheme": manifest.scheme,
        "version": manifest.version,
        "currency": manifest.currency,
        "valid_from": manifest.valid_from.isoformat(),
        "authority": manifest.authority,
        **{f"process, {name}": text for name, text in process.items()},
    }


def _by_name(items: Sequence[object]) -> dict[str, object]:
    return {str(getattr(item, "name")): item for item in items}  # noqa: B009 - each has a name


def _fields(item: object) -> Texts:
    """Give the plain fields of a frozen record as texts; titles one by one."""
    found: dict[str, str] = {}
    for name in getattr(item, "__dataclass_fields__"):  # noqa: B009 - a dataclass of any kind
        value = getattr(item, name)
        if isinstance(value, Mapping):
            found |= {f"{name} ({language})": text for language, text in value.items()}
        elif isinstance(value, (str, bool, int)):
            found[name] = str(value)
    return found


def _reason_texts(reason: Reason) -> Texts:
    return {"law": reason.law, **reason.texts}


def _cases(pack: Pack) -> dict[str, str]:
    return {
        case.id: f"{case.decision} on {case.effective}: {dict(case.expected)} {case.outcome or ''}"
        for name, text in pack.files.items()
        if name.startswith("cases/") and name.endswith(".jsonl")
        for case in read_cases(text, where=name)
    }


def _members(
    subject: str,
    before: Mapping[str, T],
    after: Mapping[str, T],
    texts: Callable[[T], Texts],
) -> Iterator[Change]:
    """Compare things by name: one change for a thing added or removed, else one for each text."""
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            yield Change(
                subject,
                name,
                "",
                None if old is None else _line(texts(old)),
                None if new is None else _line(texts(new)),
            )
        else:
            yield from _compared(subject, name, texts(old), texts(new))


def _line(texts: Texts) -> str:
    return "; ".join(f"{name}: {text}" if name else text for name, text in texts.items() if text)


def _compared(subject: str, element: str, before: Texts, after: Texts) -> Iterator[Change]:
    for place in dict.fromkeys((*before, *after)):
        old, new = before.get(place), after.get(place)
        if old != new:
            yield Change(subject, element, place, old, new)


# Models -----------------------------------------------------------------------------------


def _model_changes(before: Pack, after: Pack) -> Iterator[Change]:
    old, new = before.library.models, after.library.models
    for namespace in dict.fromkeys((*old, *new)):
        yield from _one_model(old.get(namespace), new.get(namespace))


def _one_model(before: Model | None, after: Model | None) -> Iterator[Change]:
    if before is None or after is None:
        yield Change(
            "model",
            (before or after or _NOBODY).name,
            "",
            None if before is None else before.where,
            None if after is None else after.where,
        )
        return
    yield from _members("type", _types(before), _types(after), _type_texts)
    yield from _members("model input", dict(before.inputs), dict(after.inputs), _input_texts)
    yield from _members("service", dict(before.services), dict(after.services), _service_texts)
    yield from _elements("knowledge model", before.knowledge, after.knowledge, before, after)
    yield from _elements("decision", before.decisions, after.decisions, before, after)


_NOBODY = Model("", "", "", (), ())


def _types(model: Model) -> dict[str, ItemDefinition]:
    return {item.name: item for item in model.types}


def _type_texts(item: ItemDefinition) -> Texts:
    found = {
        "type": item.type_ref,
        "allowed values": item.allowed,
        "constraint": item.constraint,
        "list": "yes" if item.is_collection else "no",
    }
    for part in item.components:
        found |= {f"{part.name}, {name}": text for name, text in _type_texts(part).items()}
    return found


def _input_texts(item: InputData) -> Texts:
    return {"name": item.name, "type": item.type_ref}


def _service_texts(item: DecisionService) -> Texts:
    groups = {
        "outputs": item.outputs,
        "encapsulated": item.encapsulated,
        "input decisions": item.input_decisions,
        "input data": item.input_data,
    }
    return {"name": item.name} | {
        name: ", ".join(identifier for _, identifier in targets) for name, targets in groups.items()
    }


def _elements(
    subject: str,
    before: Mapping[str, Decision] | Mapping[str, BusinessKnowledge],
    after: Mapping[str, Decision] | Mapping[str, BusinessKnowledge],
    old_model: Model,
    new_model: Model,
) -> Iterator[Change]:
    for identifier in dict.fromkeys((*before, *after)):
        old, new = before.get(identifier), after.get(identifier)
        if old is None or new is None:
            known = old or new
            name = "" if known is None else known.name
            texts = [
                None if one is None else _line(dict(_logic(one.logic))) or name
                for one in (old, new)
            ]
            yield Change(subject, name, "", texts[0], texts[1])
            continue
        yield from _compared(
            subject, new.name, _element_texts(old, old_model), _element_texts(new, new_model)
        )
        yield from _logic_changes(new.name, old.logic, new.logic)


def _element_texts(item: Decision | BusinessKnowledge, model: Model) -> Texts:
    """Give what an element is beside its logic; requirements by name, in no order."""
    names = {
        **{one.id: one.name for one in model.inputs.values()},
        **{one.id: one.name for one in model.decisions.values()},
        **{one.id: one.name for one in model.knowledge.values()},
    }

    def required(references: Sequence[tuple[str, str]]) -> str:
        return ", ".join(sorted(names.get(one, one) for _, one in references))

    found = {
        "name": item.name,
        "type": item.type_ref,
        "knowledge required": required(item.knowledge),
        "law": "; ".join(sorted(item.law)),
    }
    if isinstance(item, Decision):
        found["description"] = item.description
        found["information required"] = required(item.information)
    return found


def _logic_changes(
    element: str, before: Expression | None, after: Expression | None
) -> Iterator[Change]:
    old, new = _body(before), _body(after)
    if isinstance(old, DecisionTable) and isinstance(new, DecisionTable):
        yield from _table_changes(element, old, new)
    else:
        yield from _compared("expression", element, dict(_logic(old)), dict(_logic(new)))


def _body(logic: Expression | None) -> Expression | None:
    if isinstance(logic, FunctionDefinition) and isinstance(logic.body, DecisionTable):
        return logic.body
    return logic


# Tables -----------------------------------------------------------------------------------


def _table_changes(element: str, before: DecisionTable, after: DecisionTable) -> Iterator[Change]:
    yield from _compared("table", element, _table_texts(before), _table_texts(after))
    yield from _members_in(element, "column", _columns(before), _columns(after))
    old = {rule.id: rule for rule in before.rules}
    new = {rule.id: rule for rule in after.rules}
    for identifier in dict.fromkeys((*old, *new)):
        mine, theirs = old.get(identifier), new.get(identifier)
        if mine is None or theirs is None:
            yield Change(
                "rule",
                element,
                f"rule {identifier}",
                None if mine is None else _row(mine),
                None if theirs is None else _row(theirs),
            )
        else:
            cells = _cells(mine, before), _cells(theirs, after)
            for change in _compared("cell", element, *cells):
                place = f"rule {identifier}, {change.place}"
                yield Change("cell", element, place, change.before, change.after)
    kept = [identifier for identifier in old if identifier in new]
    moved = [identifier for identifier in new if identifier in old]
    if kept != moved and after.hit_policy in _ORDERED:
        yield Change("table", element, "order of rules", ", ".join(kept), ", ".join(moved))


_ORDERED = frozenset({"FIRST", "RULE ORDER"})


def _table_texts(table: DecisionTable) -> Texts:
    return {"hit policy": table.hit_policy, "aggregation": table.aggregation}


def _members_in(
    element: str, subject: str, before: Mapping[str, Texts], after: Mapping[str, Texts]
) -> Iterator[Change]:
    for change in _members(subject, before, after, lambda texts: texts):
        place = ", ".join(part for part in (f"{subject} {change.element}", change.place) if part)
        yield Change(subject, element, place, change.before, change.after)


def _columns(table: DecisionTable) -> dict[str, Texts]:
    inputs: dict[str, Texts] = {
        clause.id or clause.label: {
            "heading": clause.label,
            "expression": clause.expression.text,
            "type": clause.expression.type_ref,
            "allowed values": clause.values,
        }
        for clause in table.inputs
    }
    outputs: dict[str, Texts] = {
        clause.id or clause.label: {
            "heading": clause.label,
            "name": clause.name,
            "type": clause.type_ref,
            "allowed values": clause.values,
            "default": "" if clause.default is None else clause.default.text,
        }
        for clause in table.outputs
    }
    return {
        **inputs,
        **outputs,
        **{f"note {name}": {"heading": name} for name in table.annotations},
    }


def _cells(rule: Rule, table: DecisionTable) -> Texts:
    """Give a rule's cells by heading; two columns of one heading by their number as well."""
    labels = [clause.label for clause in table.inputs]
    labels += [clause.label for clause in table.outputs]
    labels += table.annotations
    texts = [cell.text for cell in (*rule.tests, *rule.outputs)]
    texts += rule.annotations
    found: dict[str, str] = {}
    for number, (label, text) in enumerate(zip(labels, texts, strict=False), start=1):
        found[label if label not in found else f"{label} ({number})"] = text
    return {**found, "description": rule.description}


def _row(rule: Rule) -> str:
    return " | ".join([*(cell.text for cell in (*rule.tests, *rule.outputs)), *rule.annotations])


# Other boxes ------------------------------------------------------------------------------


def _logic(  # noqa: C901, PLR0912 - one per box
    boxed: Expression | None, path: str = ""
) -> Iterator[tuple[str, str]]:
    """Give every text of a box by its way from the outside."""

    def inside(step: str) -> str:
        return f"{path}, {step}" if path else step

    match boxed:
        case None:
            return
        case LiteralExpression():
            yield path, boxed.text
        case DecisionTable():
            yield inside("hit policy"), f"{boxed.hit_policy} {boxed.aggregation}".strip()
            for rule in boxed.rules:
                yield inside(f"rule {rule.id}"), _row(rule)
        case BoxedContext():
            for entry in boxed.entries:
                step = f"entry {entry.name}" if entry.name else "result"
                yield from _logic(entry.expression, inside(step))
        case BoxedInvocation():
            yield inside("call"), boxed.function.text
            for name, value in boxed.bindings:
                yield from _logic(value, inside(name))
        case BoxedList():
            for number, item in enumerate(boxed.items, start=1):
                yield from _logic(item, inside(f"item {number}"))
        case Relation():
            for number, row in enumerate(boxed.rows, start=1):
                for column, cell in zip(boxed.columns, row, strict=True):
                    yield from _logic(cell, inside(f"row {number}, {column}"))
        case FunctionDefinition():
            yield inside("parameters"), ", ".join(one.name for one in boxed.parameters)
            yield from _logic(boxed.body, inside("body"))
        case Conditional():
            yield from _logic(boxed.condition, inside("if"))
            yield from _logic(boxed.then, inside("then"))
            yield from _logic(boxed.otherwise, inside("else"))
        case Iteration():
            yield from _logic(boxed.source, inside(f"{boxed.kind} {boxed.variable} in"))
            yield from _logic(boxed.body, inside("gives"))
        case BoxedFilter():
            yield from _logic(boxed.source, inside("list"))
            yield from _logic(boxed.match, inside("where"))


# Parameters -------------------------------------------------------------------------------


def _parameter_changes(before: Pack, after: Pack) -> Iterator[Change]:
    old = {parameter.name: parameter for parameter in before.parameters}
    new = {parameter.name: parameter for parameter in after.parameters}
    yield from _members("parameter", old, new, _parameter_texts)
    for name, parameter in new.items():
        if name in old:
            yield from _members_in(name, "row", _rows(old[name]), _rows(parameter))


def _parameter_texts(parameter: Parameter) -> Texts:
    titles = {f"title ({language})": text for language, text in parameter.titles.items()}
    return {
        "unit": parameter.unit,
        "gaps allowed": str(parameter.gaps_allowed),
        "series": str(parameter.is_series),
        **titles,
    }


def _rows(parameter: Parameter) -> dict[str, Texts]:
    found: dict[str, Texts] = {}
    for row in parameter.rows:
        name = _row_name(row)
        same = sum(one == name or one.startswith(f"{name} (") for one in found)
        found[f"{name} ({same + 1})" if same else name] = _row_texts(row)
    return found


def _row_name(row: Row) -> str:
    known = row.known_from
    moment = known.isoformat() if known.time() != time() else known.date().isoformat()
    adopted = "" if row.is_adopted else ", not adopted"
    return f"from {row.valid_from}, known {moment}{adopted}"


def _row_texts(row: Row) -> Texts:
    return {
        "value": text_of(row.value, inside=True),
        "valid_to": "" if row.valid_to is None else row.valid_to.isoformat(),
        "law": row.law,
        "change": row.change,
        "note": row.note,
    }


# As text ----------------------------------------------------------------------------------


def render_diff(diff: PackDiff) -> str:
    """Write a diff as text: a heading for each element, a line for each change."""
    names = [f"{scheme} {version} ({digest[:12]})" for scheme, version, digest in _both(diff)]
    lines = [f"from {names[0]}", f"to   {names[1]}"]
    heading = ""
    for change in diff.changes:
        of = f"{_GROUPS.get(change.subject, change.subject)} {change.element}".rstrip()
        if of != heading:
            heading = of
            lines += ["", heading]
        lines += _change_lines(change)
    counts = [sum(change.kind == kind for change in diff.changes) for kind in _KINDS]
    told = ", ".join(f"{count} {kind}" for count, kind in zip(counts, _KINDS, strict=True))
    return "\n".join([*lines, "", told if diff.changes else "no change", ""])


_KINDS: tuple[Kind, ...] = ("added", "removed", "changed")
_GROUPS = {
    **dict.fromkeys(("rule", "cell", "column", "table", "expression"), "decision"),
    "row": "parameter",
}


def _both(diff: PackDiff) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
    return diff.before, diff.after


def _change_lines(change: Change) -> Iterator[str]:
    if change.subject == "law":
        yield "  ~ the text was changed"
        return
    place = f"{change.place}: " if change.place else ""
    match change.kind:
        case "added":
            yield f"  + {place}{change.after}"
        case "removed":
            yield f"  - {place}{change.before}"
        case "changed":
            yield f"  ~ {place}{change.before or '(empty)'} → {change.after or '(empty)'}"
