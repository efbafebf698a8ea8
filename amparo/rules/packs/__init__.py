"""Rule packs: a scheme as a folder of models, dated parameters, law, reasons and worked cases.

Owns: reading a pack whole or not at all, its content hash, resolving parameters by valid date and
known-at, evaluating a declared decision to an outcome with its trace, and checking a pack.
Must never know: which pack is in force, the database, the clock.
"""

from amparo.rules.packs.applicability import Applicability, Case, version_for
from amparo.rules.packs.boundary import from_json
from amparo.rules.packs.check import CheckReport, check_loaded, check_pack, render_check
from amparo.rules.packs.errors import NoParameterValue, UnclearLaw, UnusablePack, WrongInput
from amparo.rules.packs.manifest import Benefit, DeclaredDecision, Input, Manifest
from amparo.rules.packs.pack import Outcome, Pack, Result, load_pack, load_pack_files
from amparo.rules.packs.parameters import Parameter, Row
from amparo.rules.packs.reasons import Reason

__all__ = [
    "Applicability",
    "Benefit",
    "Case",
    "CheckReport",
    "DeclaredDecision",
    "Input",
    "Manifest",
    "NoParameterValue",
    "Outcome",
    "Pack",
    "Parameter",
    "Reason",
    "Result",
    "Row",
    "UnclearLaw",
    "UnusablePack",
    "WrongInput",
    "check_loaded",
    "check_pack",
    "from_json",
    "load_pack",
    "load_pack_files",
    "render_check",
    "version_for",
]
