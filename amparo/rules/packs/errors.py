"""Errors of reading and asking packs: all say what, where and what to do."""

from amparo.rules.feel.diagnostics import RuleError


class UnusablePack(RuleError):
    """A pack's files do not make a pack."""


class WrongInput(RuleError):
    """An input has a wrong name, type or value. The message holds no value of it."""


class NoParameterValue(RuleError):
    """A parameter has no value for the date asked, as far as was known then."""


class UnclearLaw(RuleError):
    """A transitional clause cannot be answered: a date of the case is missing."""
