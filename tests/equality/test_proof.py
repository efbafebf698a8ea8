"""The small form of the proof: what `make proof` does with ten million rows."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from amparo.rules.backends.spark.session import why_unavailable
from amparo.rules.ir.schema import Usual
from tests.architecture.source import PROJECT
from tests.equality.proof import Subject, Unequal, prove, same_as_interpreter, same_columns
from tests.equality.rows import write_rows

PENSION = Subject(
    "xa/social-pension", date(2026, 6, 1), PROJECT / "schemes" / "xa" / "social-pension" / "1"
)
RULES = Subject("rules", date(2025, 6, 1), None, ("decimal(n / m, 2)", "sum(wages)", "d < e"))


def computed(
    subject: Subject, folder: Path, count: int, usual: Usual | None = None
) -> tuple[Path, Path]:
    source, columns = folder / "rows", folder / "duckdb"
    plan = subject.plan("duckdb")
    write_rows(subject.pack(), plan.schema, count, source, seed=11)
    plan.write_columns(source, columns, usual=usual)
    return source, columns


@pytest.mark.parametrize("usual", [None, Usual()], ids=["whole", "usual"])
@pytest.mark.parametrize("subject", [PENSION, RULES], ids=["pension", "rules"])
def test_columns_are_the_interpreters_answers(
    subject: Subject, usual: Usual | None, tmp_path: Path
) -> None:
    source, columns = computed(subject, tmp_path, 800, usual)

    count = same_as_interpreter(subject, source, columns, 0, 800)

    assert count.rows > 700
    assert count.answers > count.rows


def tampered(columns: Path, name: str, value: str) -> Path:
    """Give a copy in which one value of one row is another."""
    path = columns.with_name("tampered")
    duckdb.sql(
        f'COPY (SELECT * REPLACE (CASE WHEN __row = 5 THEN {value} ELSE "{name}" END '  # noqa: S608
        f"AS \"{name}\") FROM read_parquet('{columns}')) TO '{path}' (FORMAT parquet)"
    )
    return path


def test_one_unequal_row_between_databases_is_told_with_the_trace(tmp_path: Path) -> None:
    source, columns = computed(PENSION, tmp_path, 50)
    other = tampered(columns, "eligibility#outcome", "'mistaken'")

    with pytest.raises(Unequal, match=r"row 5: \{(.|\n)*mistaken(.|\n)*interpreter: eligibility"):
        same_columns(PENSION.plan("duckdb"), columns, other, source)


def test_one_row_that_the_interpreter_decides_otherwise_is_told(tmp_path: Path) -> None:
    source, columns = computed(PENSION, tmp_path, 50)
    other = tampered(columns, "eligibility#outcome", "'mistaken'")

    with pytest.raises(Unequal, match="mistaken"):
        same_as_interpreter(PENSION, source, other, 0, 50)


def test_the_same_seed_gives_the_same_rows(tmp_path: Path) -> None:
    plan = RULES.plan("duckdb")
    for name in ("one", "two"):
        write_rows(RULES.pack(), plan.schema, 300, tmp_path / name, seed=4)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.proof
@pytest.mark.skipif(bool(why_unavailable()), reason=f"{why_unavailable()}.")
def test_interpreter_and_both_databases_agree() -> None:
    for _, database, interpreter in prove([PENSION, RULES], rows=20_000, interpreted=2_000, seed=3):
        assert database.rows > 1_000
        assert interpreter.rows > 100
