"""The typed intermediate form between FEEL and SQL: exact types, columns, and how both meet.

Owns: types with interval, scale and nullability; the nodes every emitter must know; the lowering
of trees, tables and graphs into columns with their doubts; the schema of a source; refusals.
Must never know: an SQL dialect, DuckDB, Spark, files.

Invariant: a node means the same on every backend, and it never raises for a row that passed the
load checks. What cannot be said that way is refused here by name and runs in the interpreter.
"""
