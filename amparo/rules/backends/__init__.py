"""Ways to run a compiled pack: SQL emitters over one intermediate form, and row by row.

Owns: emitters (DuckDB; Spark as a variant of the same hooks), running a plan over Parquet or
Arrow, and the interpreter as the way for what was refused.
Must never know: the database of the institution, the clock, Django.
"""

from amparo.rules.backends.explain import explain_plan
from amparo.rules.backends.plan import Plan, compile_plan

__all__ = ["Plan", "compile_plan", "explain_plan"]
