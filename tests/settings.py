"""The product's settings, with files kept out of the installation's folders.

Django reads its settings before any fixture can run; hence a module.
"""

import atexit
import os
import shutil
import tempfile

_HOME = tempfile.mkdtemp(prefix="amparo-tests-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ["AMPARO_HOME"] = _HOME
os.environ["AMPARO_SECRET_KEY"] = "known to everybody: for tests alone"
# Tests that are not about entry filters register people without activating a pack first.
os.environ.setdefault("AMPARO_ENTRY_FILTERS", "")
os.environ.setdefault("AMPARO_MATCH_MODEL", "")
for _name in ("DATABASE_URL", "AMPARO_OWNER_DATABASE_URL"):
    os.environ.pop(_name, None)  # tests make their own server and never touch another

from amparo.settings import *  # noqa: E402, F403
from amparo.settings import STORAGES as _STORAGES  # noqa: E402

# Pages are tested without collecting files first.
STORAGES = {
    **_STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# A slow hash protects stolen passwords; the cast's are in the source.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
