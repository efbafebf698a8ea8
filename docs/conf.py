"""How the documentation is built: strictly, from one source, with nothing loaded from elsewhere."""

import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))

from typer.main import get_command  # noqa: E402

from amparo.interfaces.cli.main import app as amparo_command  # noqa: E402
from amparo.interfaces.cli.reference import builtin_reference, command_reference  # noqa: E402

project = "Amparo"
project_copyright = "Apache-2.0"
version = release = "0.1"
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "reference/_generated"]
nitpicky = True
html_theme = "furo"
html_title = "Amparo"
html_show_sphinx = False
html_copy_source = False

# The references of commands and built-ins are written from the product itself, so that they cannot
# fall behind; each example of a built-in is evaluated here.
_generated = DOCS / "reference" / "_generated"
_generated.mkdir(exist_ok=True)
(_generated / "commands.md").write_text(command_reference(get_command(amparo_command)))
_examples = (DOCS / "reference" / "feel-examples.feel").read_text()
(_generated / "feel.md").write_text(builtin_reference(examples=_examples))
