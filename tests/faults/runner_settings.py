"""The product's settings for a process that a test starts and kills: its database is given."""

import os

os.environ.setdefault("AMPARO_SECRET_KEY", "known to everybody: for tests alone")

from amparo.settings import *  # noqa: F403
