"""Rules as DuckDB SQL: the dialect, and the run as one statement.

Owns: DuckDB's spelling, and its connection.
Must never know: FEEL trees; it sees only the intermediate form.
"""

from amparo.rules.backends.duckdb.run import DuckDbRun, statement

__all__ = ["DuckDbRun", "statement"]
