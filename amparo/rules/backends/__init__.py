"""Ways to run a compiled pack: SQL emitters over one intermediate form, and row by row.

Owns: emitters (DuckDB; Spark as a variant of the same hooks), running a plan over Parquet or
Arrow, and the interpreter as the way for what was refused.
Must never know: the database of the institution, the clock, Django.
"""
