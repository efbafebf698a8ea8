"""The set-up of a machine, branch by branch: on a machine whose programs only say what they do.

`python3`, `apt-get` and `id` here are small scripts on a PATH of the test's own, beside the few
programs of every Debian; so nothing is installed, and what would be installed is written down.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EVERY_DEBIAN_HAS = ("bash", "cat", "chmod", "dirname", "env", "mkdir", "rm", "sha256sum")
NOTO = Path("/usr/share/fonts/truetype/noto")

# What the script asks of Python; a virtual environment holds the same program.
PYTHON = """#!/usr/bin/env bash
case "$*" in
    "--version") echo "Python $(cat "$MACHINE/python-version")" ;;
    *version_info*) [ "$(cat "$MACHINE/python-version")" != 3.9.2 ] ;;
    *ensurepip*) [ -e "$MACHINE/has-python3-venv" ] ;;
    "-m venv .venv")
        echo "venv" >> "$MACHINE/log"
        mkdir -p .venv/bin .venv/site
        cat "$0" > .venv/bin/python
        chmod +x .venv/bin/python ;;
    "-m pip --version")
        [ ! -e "$MACHINE/venv-is-broken" ] && exit 0
        rm "$MACHINE/venv-is-broken"
        exit 1 ;;
    "-m pip install"*)
        echo "pip ${*: -1}" >> "$MACHINE/log"
        [ ! -e "$MACHINE/no-network" ] || exit 1
        case "$*" in *"-dev.lock")
            echo '#!/usr/bin/env bash' > .venv/bin/playwright
            echo '[ -e "$MACHINE/has-libatomic1" ]' >> .venv/bin/playwright
            chmod +x .venv/bin/playwright ;;
        esac ;;
    *purelib*) echo "$PWD/.venv/site" ;;
    *) echo "nobody expected python $*" >&2; exit 9 ;;
esac
"""
APT_GET = """#!/usr/bin/env bash
echo "apt-get $*" >> "$MACHINE/log"
[ "$1" = install ] || exit 0
for package in "$@"; do
    echo > "$MACHINE/has-$package"
    [ "$package" != chromium ] || cat "$MACHINE/bin/id" > "$MACHINE/bin/chromium"
    [ "$package" != chromium ] || chmod +x "$MACHINE/bin/chromium"
done
"""


@dataclass(frozen=True)
class Machine:
    """A machine with a checkout on it."""

    home: Path

    @property
    def checkout(self) -> Path:
        return self.home / "amparo"

    def has(self, *things: str) -> None:
        for thing in things:
            (self.home / thing).touch()

    def program(self, name: str, text: str) -> None:
        path = self.home / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    def set_up(self, kind: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.checkout / "tools" / "setup.sh"), kind],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
            env={"PATH": str(self.home / "bin"), "MACHINE": str(self.home)},
        )

    def log(self) -> list[str]:
        """Return what was done since the last call."""
        path = self.home / "log"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines


def browser_packages(*names: str) -> str:
    fonts = () if NOTO.is_dir() else ("fonts-noto-core",)
    return " ".join(("chromium", *fonts, *names))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A Debian with Python 3.11 and nothing else prepared, whose user is root."""
    made = Machine(tmp_path)
    (tmp_path / "bin").mkdir()
    (made.checkout / "tools").mkdir(parents=True)
    for name in EVERY_DEBIAN_HAS:
        found = shutil.which(name)
        assert found is not None
        (tmp_path / "bin" / name).symlink_to(found)
    shutil.copy(ROOT / "tools" / "setup.sh", made.checkout / "tools")
    for name in ("requirements.lock", "requirements-dev.lock", "package-lock.json"):
        (made.checkout / name).write_text(f"{name} of today\n")
    (tmp_path / "python-version").write_text("3.11.2\n")
    made.program("python3", PYTHON)
    made.program("apt-get", APT_GET)
    made.program("id", "#!/usr/bin/env bash\necho 0\n")
    return made


def an_ordinary_user(machine: Machine) -> None:
    machine.program("id", "#!/usr/bin/env bash\necho 1000\n")


def test_root_gets_what_is_missing_and_the_command_amparo(machine: Machine) -> None:
    done = machine.set_up("demo")

    assert (done.returncode, machine.log()) == (
        0,
        [
            "apt-get update -qq",
            "apt-get install -y -qq --no-install-recommends python3-venv",
            "venv",
            "pip requirements.lock",
        ],
    )
    launcher = machine.checkout / ".venv" / "bin" / "amparo"
    assert os.access(launcher, os.X_OK)
    assert launcher.read_text().startswith(f"#!{machine.checkout}/.venv/bin/python\n")
    checkout = machine.checkout / ".venv" / "site" / "amparo-checkout.pth"
    assert checkout.read_text() == f"{machine.checkout}\n"


def test_an_ordinary_user_is_told_what_to_ask_for(machine: Machine) -> None:
    an_ordinary_user(machine)

    refused = machine.set_up("demo")

    assert (refused.returncode, machine.log()) == (3, [])
    assert "On Debian, as root: apt-get install python3-venv" in refused.stderr


def test_root_without_apt_get_is_told_too(machine: Machine) -> None:
    (machine.home / "bin" / "apt-get").unlink()

    refused = machine.set_up("demo")

    assert (refused.returncode, machine.log()) == (3, [])
    assert "Missing for the virtual environment: python3-venv" in refused.stderr


def test_a_machine_without_python_gets_it(machine: Machine) -> None:
    (machine.home / "bin" / "python3").unlink()
    an_ordinary_user(machine)

    refused = machine.set_up("demo")

    assert refused.returncode == 3
    assert "Missing for Amparo itself: python3 python3-venv" in refused.stderr


def test_a_python_that_is_too_old_is_named(machine: Machine) -> None:
    (machine.home / "python-version").write_text("3.9.2\n")

    refused = machine.set_up("demo")

    assert (refused.returncode, machine.log()) == (3, [])
    assert "Amparo needs Python 3.11 or newer; python3 is Python 3.9.2" in refused.stderr


def test_the_second_time_installs_nothing(machine: Machine) -> None:
    machine.set_up("demo")
    machine.log()

    done = machine.set_up("demo")

    assert (done.returncode, machine.log()) == (0, [])


def test_a_changed_lock_file_is_installed(machine: Machine) -> None:
    machine.set_up("demo")
    machine.log()
    (machine.checkout / "requirements.lock").write_text("a newer release\n")

    done = machine.set_up("demo")

    assert (done.returncode, machine.log()) == (0, ["pip requirements.lock"])


def test_an_installation_that_failed_is_tried_again(machine: Machine) -> None:
    machine.has("has-python3-venv", "no-network")

    failed = machine.set_up("demo")

    assert failed.returncode == 1
    assert machine.log() == ["venv", "pip requirements.lock"]
    (machine.home / "no-network").unlink()
    assert machine.set_up("demo").returncode == 0
    assert machine.log() == ["pip requirements.lock"]


def test_an_environment_whose_python_has_gone_is_made_anew(machine: Machine) -> None:
    machine.has("has-python3-venv")
    machine.set_up("demo")
    machine.log()
    machine.has("venv-is-broken")

    done = machine.set_up("demo")

    assert (done.returncode, machine.log()) == (0, ["venv", "pip requirements.lock"])


def test_the_tests_get_a_browser_and_what_drives_it(machine: Machine) -> None:
    machine.has("has-python3-venv")

    done = machine.set_up("test")

    wanted = browser_packages("libatomic1")
    assert (done.returncode, machine.log()) == (
        0,
        [
            "venv",
            "pip requirements-dev.lock",
            "apt-get update -qq",
            f"apt-get install -y -qq --no-install-recommends {wanted}",
        ],
    )
    assert machine.set_up("test").returncode == 0
    assert machine.log() == []


def test_an_ordinary_user_is_told_which_browser_to_ask_for(machine: Machine) -> None:
    machine.has("has-python3-venv", "has-libatomic1")
    an_ordinary_user(machine)

    refused = machine.set_up("test")

    assert refused.returncode == 3
    assert f"apt-get install {browser_packages()}\n" in refused.stderr.replace("\033[0m", "")


def test_a_driver_that_does_not_start_all_the_same_is_named(machine: Machine) -> None:
    machine.has("has-python3-venv")
    machine.program("apt-get", '#!/usr/bin/env bash\necho "apt-get $*" >> "$MACHINE/log"\n')

    refused = machine.set_up("test")

    assert refused.returncode == 3
    assert "Playwright does not start" in refused.stderr


@pytest.mark.parametrize("network", ["there is one", "there is none"])
def test_where_there_is_node_the_front_end_parts_are_fetched_once(
    machine: Machine, network: str
) -> None:
    machine.has("has-python3-venv", "has-libatomic1")
    machine.program("node", "#!/usr/bin/env bash\n")
    machine.program(
        "npm",
        '#!/usr/bin/env bash\necho "npm $1" >> "$MACHINE/log"\nmkdir -p node_modules\n'
        f'[ "{network}" = "there is one" ]\n',
    )

    first = machine.set_up("test")

    again = [] if network == "there is one" else ["npm ci"]
    assert (first.returncode, machine.log()[-1]) == (0, "npm ci")
    assert ("npm could not install them" in first.stderr) is bool(again)
    assert machine.set_up("test").returncode == 0
    assert machine.log() == again


@pytest.mark.parametrize("kind", ["", "production"])
def test_what_it_cannot_prepare_it_says(machine: Machine, kind: str) -> None:
    refused = machine.set_up(kind)

    assert (refused.returncode, machine.log()) == (2, [])
    assert "Usage: tools/setup.sh demo|test" in refused.stderr
