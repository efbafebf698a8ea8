"""A decision-requirements diagram in layers: what is asked for first, then what it rests on.

Layers go from left to right against the arrows: an element stands one layer behind the furthest
that requires it, so that requirements are short. Within a layer, elements are ordered by the places
of their neighbours, a few sweeps each way; a requirement that spans layers keeps a lane of its own.
All coordinates are whole units. Sizes fit a name of some fifty letters in two lines.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from amparo.rules.dmn.model import BusinessKnowledge, Decision, DecisionService, InputData, Model

NodeKind: TypeAlias = Literal["decision", "input", "knowledge", "law", "service"]
EdgeKind: TypeAlias = Literal["information", "knowledge", "authority"]
Key: TypeAlias = tuple[str, str]

WIDTH: Final = 190
HEIGHT: Final = 46
_GAP: Final = 14
_LANE: Final = 10
_BETWEEN: Final = 64
_MARGIN: Final = 8
_LETTERS: Final = 27
_SWEEPS: Final = 6


@dataclass(frozen=True, slots=True)
class Node:
    """An element with the upper left corner of its box. lines: its name, cut to fit."""

    key: Key
    kind: NodeKind
    name: str
    lines: tuple[str, ...]
    x: int
    y: int

    @property
    def middle(self) -> int:
        return self.y + HEIGHT // 2


@dataclass(frozen=True, slots=True)
class Edge:
    """A requirement: from what is required to what requires it, along these points."""

    kind: EdgeKind
    source: Key
    target: Key
    points: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Diagram:
    width: int
    height: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@dataclass
class _Graph:
    """Elements and requirements: for each element what it requires, with the kind."""

    kinds: dict[Key, NodeKind] = field(default_factory=dict)
    names: dict[Key, str] = field(default_factory=dict)
    requires: dict[Key, dict[Key, EdgeKind]] = field(default_factory=dict)

    def add(self, key: Key, kind: NodeKind, name: str) -> None:
        self.kinds[key] = kind
        self.names[key] = name
        self.requires.setdefault(key, {})


def requirements_diagram(
    models: Sequence[Model], *, called: Callable[[str], str] = lambda name: name
) -> Diagram:
    """Lay out the requirements of models that belong together. called: what a name is called."""
    graph = _graph(models, called)
    layers, chains = _layers(graph)
    _order(layers, chains)
    places = _places(layers)
    nodes = tuple(
        Node(key, graph.kinds[key], graph.names[key], _lines(graph.names[key]), *places[key])
        for layer in layers
        for key in layer
        if key in graph.kinds
    )
    edges = tuple(
        Edge(graph.requires[target][source], source, target, _points(chain, places))
        for (source, target), chain in chains.items()
    )
    width = _MARGIN * 2 + len(layers) * (WIDTH + _BETWEEN) - _BETWEEN
    height = max((y for _, y in places.values()), default=0) + HEIGHT + _MARGIN
    return Diagram(max(width, WIDTH + 2 * _MARGIN), height, nodes, edges)


# The graph --------------------------------------------------------------------------------


def _graph(models: Sequence[Model], called: Callable[[str], str]) -> _Graph:
    graph = _Graph()
    for model in models:
        space = model.namespace
        groups: tuple[tuple[NodeKind, Mapping[str, object]], ...] = (
            ("decision", model.decisions),
            ("service", model.services),
            ("knowledge", model.knowledge),
            ("input", model.inputs),
        )
        for kind, group in groups:
            for identifier, item in group.items():
                if isinstance(item, (Decision, DecisionService, BusinessKnowledge, InputData)):
                    graph.add((space, identifier), kind, called(item.name))
        for identifier, source in model.sources.items():
            graph.add((space, identifier), "law", source.name)
    for model in models:
        _connect(graph, model)
    return graph


def _connect(graph: _Graph, model: Model) -> None:
    space = model.namespace
    for decision in model.decisions.values():
        _require(graph, (space, decision.id), decision.information, "information")
    owners: list[Decision | BusinessKnowledge] = [*model.decisions.values()]
    owners += model.knowledge.values()
    for item in owners:
        _require(graph, (space, item.id), item.knowledge, "knowledge")
        _require(graph, (space, item.id), item.authority, "authority")
    for service in model.services.values():
        _require(graph, (space, service.id), service.outputs, "information")


def _require(graph: _Graph, owner: Key, references: Sequence[Key], kind: EdgeKind) -> None:
    for reference in references:
        if reference in graph.kinds and reference != owner:
            graph.requires[owner].setdefault(reference, kind)


# Layers -----------------------------------------------------------------------------------


def _layers(graph: _Graph) -> tuple[list[list[Key]], dict[tuple[Key, Key], list[Key]]]:
    """Give the layers with a lane for each requirement that spans some, and each one's chain."""
    depth = _depths(graph)
    layers: list[list[Key]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for key in graph.kinds:
        layers[depth[key]].append(key)
    chains: dict[tuple[Key, Key], list[Key]] = {}
    for target, sources in graph.requires.items():
        for source in sources:
            chain = [target]
            for between in range(depth[target] + 1, depth[source]):
                lane = (f"{target}>{source}", str(between))
                layers[between].append(lane)
                chain.append(lane)
            if depth[source] > depth[target]:
                chains[source, target] = [*chain, source]
    return layers, chains


def _depths(graph: _Graph) -> dict[Key, int]:
    """Give each element's layer: one behind the furthest that requires it.

    Functions may call each other round in a circle; such a requirement back is left out.
    """
    depth = dict.fromkeys(graph.kinds, 0)
    done: set[Key] = set()
    order: list[Key] = []

    def visit(key: Key, path: frozenset[Key]) -> None:
        if key in done:
            return
        for source in graph.requires[key]:
            if source not in path and source != key:
                visit(source, path | {key})
        done.add(key)
        order.append(key)

    for key in graph.kinds:
        visit(key, frozenset())
    rank = {key: place for place, key in enumerate(order)}
    # Those that require stand after what they require; walk from them to it.
    for key in reversed(order):
        for source in graph.requires[key]:
            if rank[source] < rank[key]:
                depth[source] = max(depth[source], depth[key] + 1)
    return depth


def _order(layers: list[list[Key]], chains: Mapping[tuple[Key, Key], Sequence[Key]]) -> None:
    """Order each layer by the middle place of its neighbours, sweeping both ways."""
    before: dict[Key, list[Key]] = {}
    after: dict[Key, list[Key]] = {}
    for chain in chains.values():
        for near, far in pairwise(chain):
            before.setdefault(far, []).append(near)
            after.setdefault(near, []).append(far)
    for sweep in range(_SWEEPS):
        neighbours = before if sweep % 2 == 0 else after
        walk = range(len(layers)) if sweep % 2 == 0 else range(len(layers) - 1, -1, -1)
        for number in walk:
            place = {key: spot for layer in layers for spot, key in enumerate(layer)}
            layers[number].sort(key=lambda key: _middle(neighbours.get(key, ()), place, key))


def _middle(keys: Sequence[Key], place: Mapping[Key, int], own: Key) -> tuple[int, int]:
    """Give twice the median place of the neighbours, or the own place where there is none."""
    if not keys:
        return 2 * place[own], place[own]
    spots = sorted(place[key] for key in keys)
    half = len(spots) // 2
    return spots[half] + spots[(len(spots) - 1) // 2], place[own]


def _places(layers: Sequence[Sequence[Key]]) -> dict[Key, tuple[int, int]]:
    """Give the corner of each box and lane; each layer stands in the middle of the height."""
    sizes = [[_LANE if _is_lane(key) else HEIGHT for key in layer] for layer in layers]
    heights = [sum(size) + _GAP * max(0, len(size) - 1) for size in sizes]
    tallest = max(heights, default=0)
    found: dict[Key, tuple[int, int]] = {}
    for number, (layer, size) in enumerate(zip(layers, sizes, strict=True)):
        x = _MARGIN + number * (WIDTH + _BETWEEN)
        y = _MARGIN + (tallest - heights[number]) // 2
        for key, height in zip(layer, size, strict=True):
            found[key] = (x, y)
            y += height + _GAP
    return found


def _is_lane(key: Key) -> bool:
    return ">" in key[0]


def _points(
    chain: Sequence[Key], places: Mapping[Key, tuple[int, int]]
) -> tuple[tuple[int, int], ...]:
    """Give the way from what is required, the last of the chain, to what requires it."""
    points: list[tuple[int, int]] = []
    for key in reversed(chain):
        x, y = places[key]
        if key == chain[-1]:
            points.append((x, y + HEIGHT // 2))
        elif key == chain[0]:
            points.append((x + WIDTH, y + HEIGHT // 2))
        else:
            points += [(x + WIDTH, y + _LANE // 2), (x, y + _LANE // 2)]
    return tuple(points)


def _lines(name: str) -> tuple[str, ...]:
    """Break a name into at most two lines; what does not fit ends with three dots."""
    lines = [""]
    for word in name.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= _LETTERS or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    cut = [line if len(line) <= _LETTERS else f"{line[: _LETTERS - 1]}…" for line in lines]
    if len(cut) > 2:
        cut = [cut[0], f"{cut[1][: _LETTERS - 1]}…"]
    return tuple(cut)
