"""A Spark session that computes exactly: its settings, and a clear word where there is none."""

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from amparo.rules.feel.diagnostics import RuleError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Overflow is an error, products keep their decimals, days do not depend on where the machine is.
EXACT: Final = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "false",
    "spark.sql.variable.substitute": "false",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",
    # This rule writes a column's expression again wherever it is used: chains of columns explode.
    "spark.sql.optimizer.excludedRules": (
        "org.apache.spark.sql.catalyst.optimizer.CollapseProject"
    ),
}
# Only where no session runs yet: a cluster's own session keeps its size.
LOCAL: Final = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "4g",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.files.maxPartitionBytes": "8m",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}


class SparkUnavailable(RuleError):
    """Spark or Java is not installed here."""


def why_unavailable() -> str:
    """Say what is missing to run Spark; "" where nothing is."""
    try:
        import pyspark  # noqa: F401, PLC0415 - an optional extra, asked for when it is needed
    except ImportError:
        return "PySpark is not installed"
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") is None and not (home and (Path(home) / "bin" / "java").is_file()):
        return "Java is not installed"
    return ""


def new_session() -> "SparkSession":
    """Give a session of its own, exact, on the Spark that runs already or else on two cores here.

    Raises SparkUnavailable where Spark cannot run.
    """
    missing = why_unavailable()
    if missing:
        raise SparkUnavailable(
            code="spark.unavailable",
            message=missing,
            remedy="Install amparo[spark] and Java 17, or use the target duckdb.",
        )
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an optional extra

    running = SparkSession.getActiveSession()
    if running is None:
        builder = SparkSession.builder.appName("amparo").master("local[2]")
        for name, value in LOCAL.items():
            builder = builder.config(name, value)
        running = builder.getOrCreate()
    session = running.newSession()
    for name, value in EXACT.items():
        session.conf.set(name, value)
    return session
