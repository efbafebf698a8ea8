"""What a pack's manifest says about a benefit, as claims need it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from amparo.rules.book.queries import BookedPack, pack_in_force


class BenefitNotOffered(Exception):
    """The scheme's pack in force knows no such benefit."""


class AnswerNotUnderstood(Exception):
    """An answer is for a question the benefit does not ask, or of another kind than it asks for."""
