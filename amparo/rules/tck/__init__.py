"""Runs the DMN Technology Compatibility Kit and reports in the kit's own format.

Owns: reading test files, comparing values, counting per stratum. It judges the engine from
outside, so nothing else in the engine may import it. The command is ``amparo tck``.
"""

from amparo.rules.tck.report import read_strata, render, write_results
from amparo.rules.tck.runner import run_folder

__all__ = ["read_strata", "render", "run_folder", "write_results"]
