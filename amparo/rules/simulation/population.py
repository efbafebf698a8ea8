"""A population to ask: cases as rows, with their facts and what describes the people in them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types

from amparo.rules.backends.cases import widened
from amparo.rules.backends.emitter import Emitter
from amparo.rules.backends.plan import arrow_schema
from amparo.rules.feel.diagnostics import RuleError
from amparo.rules.ir.compile import default_schema
from amparo.rules.ir.schema import Schema
from amparo.rules.ir.types import ColumnType, ListType, NumberType, StructType
from amparo.rules.packs import Pack
from amparo.rules.packs.boundary import complete, to_feel, to_python

# The column that numbers the cases; no input can be called so.
CASE: Final = "#case"
# The inputs that hold the day a claim is for, as the process that schedules amounts knows them.
DAY_SOURCES: Final = frozenset({"claim.date", "claim.contingency_on"})
_DESCRIBING: Final = ("reference", "sex", "birth_date", "region")
# Numbers of a CSV file, wider than any input; a plan then tests each against its own range.
_NUMBER: Final = "DECIMAL(38, 10)"
_PLAIN_NUMBER: Final = r"-?[0-9]{1,28}([.][0-9]{1,10})?"


class UnusablePopulation(RuleError):
    """A population cannot be read, or not by these packs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The columns that describe people; "" where there is none. age: in completed years.

    birth_date goes before age.
    """

    reference: str = ""
    sex: str = ""
    birth_date: str = ""
    age: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """One row a case. Columns named as inputs hold the facts; an input without one is not known.

    origin: where the cases come from, in words. taken_on: how many of them are awards taken on from
    elsewhere, whose facts nobody froze.
    """

    table: pa.Table
    about: About
    origin: str
    taken_on: int = 0

    @property
    def cases(self) -> int:
        return int(self.table.num_rows)

    @property
    def hash(self) -> str:
        """Give the SHA-256 of every case with its facts: the same people, the same hash."""
        sink = pa.BufferOutputStream()
        table = self.table.combine_chunks()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        return sha256(sink.getvalue()).hexdigest()


def schema_of(packs: Iterable[Pack], benefit: str) -> Schema:
    """Give the columns that the packs ask of a benefit's cases, each as the first pack has it."""
    columns: dict[str, ColumnType] = {}
    for pack in packs:
        found = default_schema(pack, decisions_of(pack, benefit))
        columns = {**found.columns, **columns}
    return Schema(columns)


def decisions_of(pack: Pack, benefit: str) -> list[str]:
    """Give the eligibility and the amount of a benefit. Raises UnusablePopulation."""
    for known in pack.manifest.benefits:
        if known.code == benefit:
            return [known.eligibility, known.amount]
    offered = ", ".join(known.code for known in pack.manifest.benefits) or "none"
    raise UnusablePopulation(
        code="simulation.benefit",
        message=f"{pack.scheme} {pack.version} has no benefit {benefit}",
        remedy=f"It has: {offered}.",
    )


def about_of(names: Sequence[str], packs: Iterable[Pack]) -> About:
    """Find the describing columns by name, else by the source an input declares."""
    sources = {
        item.source: item.name
        for pack in packs
        for item in pack.manifest.inputs
        if item.name in names
    }

    def first(*wanted: str) -> str:
        for one in wanted:
            if one in names:
                return one
            if one in sources:
                return sources[one]
        return ""

    return About(
        reference=first("reference"),
        sex=first("sex", "register.sex"),
        birth_date=first("birth_date", "register.date_of_birth"),
        age=first("age", "register.age"),
        region=first("region", "district", "register.district", "register.region"),
    )


def read_population(path: Path, *, packs: Sequence[Pack], benefit: str) -> Population:
    """Read a Parquet or CSV file with columns named as the packs' inputs.

    Raises UnusablePopulation.
    """
    if path.suffix == ".csv":
        table = _read_csv(path, schema_of(packs, benefit))
    elif path.suffix == ".parquet":
        table = _read_parquet(path)
    else:
        raise UnusablePopulation(
            code="population.kind",
            message=f"{path.name} is neither .parquet nor .csv",
            remedy="Give a file of one of these kinds.",
        )
    known = set(schema_of(packs, benefit).columns)
    if not known & set(table.column_names):
        raise UnusablePopulation(
            code="population.columns",
            message=f"No column of {path.name} is a fact these packs ask for",
            remedy=f"Name columns as the inputs: {', '.join(sorted(known))}.",
        )
    if table.num_rows == 0:
        raise UnusablePopulation(
            code="population.empty",
            message=f"{path.name} holds no case",
            remedy="Give a file with at least one row.",
        )
    return Population(
        table=table, about=about_of(table.column_names, packs), origin=f"the file {path.name}"
    )


def _unreadable(path: Path, kind: str) -> UnusablePopulation:
    return UnusablePopulation(
        code="population.unreadable",
        message=f"{path.name} cannot be read as {kind}",
        remedy="It may be empty or cut off: write it again.",
    )


def _read_parquet(path: Path) -> pa.Table:
    try:
        return pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, "Parquet") from error


def _read_csv(path: Path, schema: Schema) -> pa.Table:
    """Read cells as the packs' inputs want them; an empty cell is not known."""
    with duckdb.connect() as connection:
        emitter = Emitter()
        literal = emitter.text_literal(str(path))
        try:
            connection.sql(
                "CREATE TABLE cells AS SELECT * FROM "  # noqa: S608 - the path is quoted
                f"read_csv({literal}, header = true, all_varchar = true, nullstr = '')"
            )
        except duckdb.Error as error:
            raise _unreadable(path, "CSV") from error
        names = [str(name) for name in connection.sql("SELECT * FROM cells").columns]
        kinds = {name: _kind(emitter, name, schema.columns.get(name)) for name in names}
        for name, kind in kinds.items():
            column = emitter.quote(name)
            is_read = f"TRY_CAST({column} AS {kind}) IS NOT NULL"
            if kind == _NUMBER:  # a cast alone would round further decimals away
                is_read += f" AND regexp_full_match({column}, '{_PLAIN_NUMBER}')"
            ((wrong,),) = connection.sql(
                f"SELECT count(*) FROM cells WHERE {column} IS NOT NULL AND NOT ({is_read})"  # noqa: S608
            ).fetchall()
            if wrong:
                raise UnusablePopulation(
                    code="population.cell",
                    message=f"{wrong} cells of the column {name} are no {kind}",
                    remedy="Correct them; a cell that is empty is not known.",
                )
        chosen = ", ".join(
            f"CAST({emitter.quote(name)} AS {kind}) AS {emitter.quote(name)}"
            for name, kind in kinds.items()
        )
        return connection.sql(f"SELECT {chosen} FROM cells").to_arrow_table()  # noqa: S608


def _kind(emitter: Emitter, name: str, kind: ColumnType | None) -> str:
    if isinstance(kind, ListType | StructType):
        raise UnusablePopulation(
            code="population.nested",
            message=f"The input {name} is no single value, and a CSV cell holds nothing else",
            remedy="Write the population as Parquet.",
        )
    if kind is None:
        return {"birth_date": "DATE", "age": "BIGINT"}.get(name, "VARCHAR")
    return _NUMBER if isinstance(kind, NumberType) else emitter.type_name(kind)


def population_of(
    rows: Sequence[Mapping[str, Any]],
    described: Sequence[Mapping[str, Any]],
    *,
    packs: Sequence[Pack],
    benefit: str,
    origin: str,
    taken_on: int = 0,
) -> Population:
    """Make a population of facts as Python values and of what describes each case.

    described: reference, sex, birth_date and region, None where unknown, in the order of the rows.
    An entry left out of a context is completed as the first pack that knows the input says.
    Raises UnusablePopulation, WrongInput.
    """
    schema = schema_of(packs, benefit)
    names = list(schema.columns)
    facts = [{name: _completed(packs, name, row.get(name)) for name in names} for row in rows]
    kinds = arrow_schema(widened(schema, facts))
    try:
        table = pa.Table.from_pylist(facts, schema=kinds)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        # Arrow's own message holds the value, which is somebody's: the input is named alone.
        wrong = ", ".join(_of_another_kind(facts, kinds))
        raise UnusablePopulation(
            code="population.types",
            message=f"Facts of {origin} are of other kinds than the packs declare: {wrong}",
            remedy="Give inputs that change their kind another name.",
        ) from error
    about = {f"#{name}": [one[name] for one in described] for name in _DESCRIBING}
    for name, values in about.items():
        kind = pa.date32() if name == "#birth_date" else pa.string()
        table = table.append_column(name, pa.array(values, kind))
    return Population(
        table=table,
        about=About(**{name: f"#{name}" for name in _DESCRIBING}),
        origin=origin,
        taken_on=taken_on,
    )


def _of_another_kind(facts: Sequence[Mapping[str, Any]], kinds: pa.Schema) -> Iterator[str]:
    for field in kinds:
        try:
            pa.array([row[field.name] for row in facts], field.type)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            yield field.name


def _completed(packs: Sequence[Pack], name: str, value: Any) -> Any:
    if not isinstance(value, Mapping | list):
        return value
    pack = next(one for one in packs if any(item.name == name for item in one.manifest.inputs))
    declared = next(item for item in pack.manifest.inputs if item.name == name)
    kind = pack.library.elements[pack.library.key_of(name)].kind
    read = to_feel(value, name=name)
    return to_python(complete(read, kind, name=name, left_out=declared.left_out))
