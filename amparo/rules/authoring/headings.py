"""The version a pack says it is, written into its manifest; the rest of the file stays as it is."""

import json
import re
from collections.abc import Mapping
from typing import Final

from amparo.rules.authoring.faults import Fault, FaultyTable
from amparo.rules.packs.manifest import MANIFEST
from amparo.rules.packs.pack import load_pack_files

_VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,19}")
_LINE: Final = re.compile(r"""^version\s*=\s*("[^"\n]*"|'[^'\n]*')""", re.MULTILINE)


def with_version(files: Mapping[str, str], version: str) -> dict[str, str]:
    """Give the pack's files under another version number. Raises FaultyTable."""
    if _VERSION.fullmatch(version) is None:
        raise _refused(
            f"“{version}” cannot be a version number",
            "Write up to 20 letters, digits, dots, dashes and underscores, such as 2027.1.",
        )
    # A function, so that nothing in the number is read as a reference to a group.
    text, found = _LINE.subn(lambda _: f"version = {json.dumps(version)}", files[MANIFEST], count=1)
    changed = {**files, MANIFEST: text}
    if not found or load_pack_files(changed).version != version:
        raise _refused(
            f"{MANIFEST} does not say its version on a line of its own",
            'Write it as version = "1" above the first table.',
        )
    return changed


def _refused(message: str, remedy: str) -> FaultyTable:
    return FaultyTable([Fault("pack.version", message, remedy, part="version")], where=MANIFEST)
