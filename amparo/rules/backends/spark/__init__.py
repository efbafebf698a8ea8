"""Rules as Spark SQL: the same emitter with Spark's spelling, and the run on a Spark session.

Owns: the dialect, the session's settings, what Spark's decimals cannot hold.
Must never know: FEEL trees; it sees only the intermediate form. Spark itself is optional, and is
loaded when the first plan runs.
"""

from amparo.rules.backends.spark.dialect import refused
from amparo.rules.backends.spark.run import SparkRun, statement
from amparo.rules.backends.spark.session import SparkUnavailable

__all__ = ["SparkRun", "SparkUnavailable", "refused", "statement"]
