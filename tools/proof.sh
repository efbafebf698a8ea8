#!/usr/bin/env bash
# Build Amparia in a folder of its own, run the whole chain, verify every invariant, check every
# pack against its signed cases: `make proof`. Leaves the installation's own data alone.
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
