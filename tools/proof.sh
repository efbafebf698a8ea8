#!/usr/bin/env bash
# Build Amparia in a folder of its own, run the whole chain, verify every invariant, check every
# pack against its signed cases, run the tests marked proof, and try ten million rows in DuckDB, Spark
# and the interpreter: `make proof`. ROWS, of which one in a hundred is set aside, INTERPRETED and SEED choose others.
# Leaves the installation's own data alone.
set -euo pipefail
cd "$(dirname "$0")/.."
export AMPARO_HOME
AMPARO_HOME=$(mktemp -d "${TMPDIR:-/tmp}/amparo-proof-XXXXXX")
chmod 755 "$AMPARO_HOME"
trap '.venv/bin/amparo db stop; rm -rf "$AMPARO_HOME"' EXIT

.venv/bin/amparo db start
.venv/bin/amparo demo --persons "${SCALE:-2000}" --no-serve
.venv/bin/amparo verify
.venv/bin/amparo pack check
.venv/bin/pytest -q -m proof
.venv/bin/python -m tests.equality.proof --rows "${ROWS:-10100000}" \
  --interpreter "${INTERPRETED:-1000000}" ${SEED:+--seed "$SEED"}
