"""Rules as DuckDB SQL: the emitter, and the run over Parquet and Arrow.

Owns: the dialect, reading a source under its schema, quarantine, the result table.
Must never know: FEEL trees; it sees only the intermediate form.
"""
