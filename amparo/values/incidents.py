"""The number of an incident, which page, log, journal and command line share."""

from secrets import token_hex


def incident_number() -> str:
    """Return a number short enough to be read out on the telephone."""
    return f"{token_hex(2)}-{token_hex(2)}".upper()
