"""``python -m amparo.rules.tck FOLDER [--out FOLDER]``: run the kit, write its result files."""

import argparse
import sys
from pathlib import Path

from amparo.rules.feel.temporal import parse_datetime
from amparo.rules.tck.report import read_strata, render, write_results
from amparo.rules.tck.runner import run_folder

# A fixed moment, so that two runs of the kit are the same run.
DEFAULT_NOW = "2026-01-01T12:00:00Z"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m amparo.rules.tck", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder with test cases, searched downwards")
    parser.add_argument("--out", type=Path, help="folder to write the result files to")
    parser.add_argument("--strata", type=Path, help="CSV of directory and stratum")
    parser.add_argument("--now", default=DEFAULT_NOW, help="what now() and today() answer")
    options = parser.parse_args(arguments)
    now = parse_datetime(options.now)
    if now is None:
        parser.error("--now is no date and time, such as 2026-01-01T12:00:00Z")
    strata = read_strata(options.strata or options.folder / "strata.csv")
    results = tuple(run_folder(options.folder, now=now))
    if options.out is not None:
        write_results(results, strata, options.out, now=now)
    sys.stdout.write(render(results, strata))
    return 0 if all(result.passed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
