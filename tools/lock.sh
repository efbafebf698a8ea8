#!/usr/bin/env bash
# Renew requirements.lock and requirements-dev.lock: every package with its hashes, for every
# platform, and no registry's address. `make lock`.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PATH:$PWD/.venv/bin"
command -v uv >/dev/null || { echo "Error: the lock files are made by uv, which is not installed." >&2; exit 3; }

compile() {
    uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
        --no-emit-index-url --no-emit-find-links "$@"
}
compile pyproject.toml --output-file requirements.lock ${UPGRADE:+--upgrade}
compile pyproject.toml --group dev --constraints requirements.lock --output-file requirements-dev.lock
