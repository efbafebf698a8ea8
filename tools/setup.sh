#!/usr/bin/env bash
# Prepare this checkout: the virtual environment, the locked packages, the command `amparo`.
#   tools/setup.sh demo    what the product needs to run
#   tools/setup.sh test    that, the developers' tools, and Debian's Chromium for browser tests
# Safe to run again: what is in place is left alone, judged by the lock file's hash.
# As root on Debian, missing system packages are installed; otherwise they are named.
set -euo pipefail
cd "$(dirname "$0")/.."

kind=${1:-}
case $kind in
    demo) lock=requirements.lock ;;
    test) lock=requirements-dev.lock ;;
    *) echo "Usage: tools/setup.sh demo|test" >&2; exit 2 ;;
esac
python=${PYTHON:-python3}

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
fail() { printf '\033[1;31mError:\033[0m %s\n' "$*" >&2; exit 3; }

# Install Debian packages as root; otherwise say which are missing and stop.
need_packages() {
    local why=$1; shift
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "Installing for $why: $*"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends "$@" >&2
    else
        fail "Missing for $why: $*. On Debian, as root: apt-get install $*"
    fi
}

command -v "$python" >/dev/null || need_packages "Amparo itself" python3 python3-venv
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Amparo needs Python 3.11 or newer; $python is $("$python" --version). Name another: make PYTHON=python3.11 …"

# A virtual environment whose Python has gone, or whose making was interrupted, is made anew.
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    "$python" -c 'import ensurepip, venv' 2>/dev/null || need_packages "the virtual environment" python3-venv
    say "Making a virtual environment in .venv"
    rm -rf .venv
    "$python" -m venv .venv
fi

stamp=.venv/installed-$kind
locked=$(cat "$lock" requirements.lock | sha256sum)
if [ "$(cat "$stamp" 2>/dev/null)" != "$locked" ]; then
    say "Installing the packages of $lock, each checked against its hash"
    .venv/bin/python -m pip install --disable-pip-version-check --quiet --progress-bar on \
        --require-hashes --requirement "$lock"
    echo "$locked" > "$stamp"
fi

# The command `amparo`: this checkout on the environment's path, and a launcher. No build, no network.
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
pwd > "$site/amparo-checkout.pth"
cat > .venv/bin/amparo <<LAUNCHER
#!$PWD/.venv/bin/python
from amparo.interfaces.cli.main import main

main()
LAUNCHER
chmod +x .venv/bin/amparo

if [ "$kind" = test ]; then
    missing=()
    command -v chromium >/dev/null || missing+=(chromium)
    [ -d /usr/share/fonts/truetype/noto ] || missing+=(fonts-noto-core)
    # Playwright brings its own Node.js, which a bare Debian lacks one library to start.
    .venv/bin/playwright --version >/dev/null 2>&1 || missing+=(libatomic1)
    [ ${#missing[@]} = 0 ] || need_packages "the browser tests" "${missing[@]}"
    .venv/bin/playwright --version >/dev/null ||
        fail "Playwright does not start, though its packages are there; the line above says why."

    # With Node, the pages' built files are built again and compared; without, that test says so.
    if command -v node >/dev/null && command -v npm >/dev/null; then
        npm_stamp=node_modules/.installed
        npm_locked=$(sha256sum package-lock.json)
        if [ "$(cat "$npm_stamp" 2>/dev/null)" != "$npm_locked" ]; then
            say "Installing the front-end parts of package-lock.json, to compare the built files"
            if npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2; then
                echo "$npm_locked" > "$npm_stamp"
            else
                say "npm could not install them (no network?); the tests that need them are skipped"
            fi
        fi
    fi
fi
