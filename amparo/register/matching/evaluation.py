"""How good a model is: what it finds of the pairs that are truly one person, by group."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

Places = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Pairs found rightly, found wrongly, and missed."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        twice = 2 * self.right
        return twice / (twice + self.wrong + self.missed) if twice else 0.0


def quality(*, found: Collection[Places], true: Collection[Places]) -> Quality:
    """Compare the pairs found with the true ones; each pair with its lower place first."""
    there = set(found)
    right = len(there & set(true))
    return Quality(right=right, wrong=len(there) - right, missed=len(true) - right)


def quality_by(
    *, found: Collection[Places], true: Collection[Places], group: Sequence[str]
) -> Mapping[str, Quality]:
    """Return the quality by the group of the first of each pair. group: by place."""
    return {
        name: quality(
            found=[pair for pair in found if group[pair[0]] == name],
            true=[pair for pair in true if group[pair[0]] == name],
        )
        for name in sorted(set(group))
    }


def pairs_within(groups: Iterable[Iterable[int]]) -> set[Places]:
    """Return every pair of places that stand in one group."""
    return {
        (first, second)
        for group in groups
        for places in [sorted(group)]
        for at, first in enumerate(places)
        for second in places[at + 1 :]
    }


def clusters(pairs: Iterable[Places]) -> list[list[int]]:
    """Join pairs that share a place: one false pair makes one family of two."""
    root: dict[int, int] = {}

    def find(place: int) -> int:
        root.setdefault(place, place)
        while root[place] != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    for first, second in pairs:
        root[find(first)] = find(second)
    joined: dict[int, list[int]] = {}
    for place in list(root):
        joined.setdefault(find(place), []).append(place)
    return list(joined.values())
