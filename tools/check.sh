#!/usr/bin/env bash
# Everything that judges the source without running the product: `make check`.
# Goes on after a failure and ends with the list of what failed.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"

failed=()
check() {
    local name=$1; shift
    local began=$SECONDS output
    if output=$("$@" 2>&1); then
        printf '  ✓ %-14s %3d s\n' "$name" $((SECONDS - began))
    else
        printf '  ✗ %-14s %3d s\n%s\n' "$name" $((SECONDS - began)) "$output"
        failed+=("$name")
    fi
}

check format       ruff format --check --output-format=concise .
check ruff         ruff check --quiet --output-format=concise .
check layers       lint-imports --no-logo
check templates    djlint --lint --quiet --allow-empty-input amparo
check dependencies deptry --no-ansi .
check spelling     codespell amparo tests docs tools README.md ARCHITECTURE.md STYLE.md CHANGELOG.md CONTRIBUTING.md SECURITY.md
check types        mypy
check architecture pytest -q -p no:randomly tests/architecture
check docs         sphinx-build -W --keep-going -n -q -b html docs docs/_build/html

if [ ${#failed[@]} -gt 0 ]; then
    echo "Failed: ${failed[*]}"
    exit 1
fi
