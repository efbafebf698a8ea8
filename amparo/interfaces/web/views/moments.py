"""The history of facts as a timeline: when each was true, when it became known, from whom."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from amparo.accounts.queries import display_names
from amparo.interfaces.web import formats
from amparo.interfaces.web.parts import Moment
from amparo.interfaces.web.vocabulary import word
from amparo.register.records import HistoryLine


def moments(lines: Sequence[HistoryLine]) -> list[Moment]:
    """Return facts as they stand in a timeline, in the order given."""
    names = display_names(user_ids={line.times.recorded_by for line in lines})
    return [_moment(line, names) for line in lines]


def _moment(line: HistoryLine, names: Mapping[UUID, str]) -> Moment:
    values = " · ".join(
        value for name, value in line.values.items() if value and not name.endswith("_id")
    )
    times = line.times
    true = formats.day(times.starts_on) if times.starts_on else _("from the beginning")
    if times.ends_before:
        true = _("%(start)s until %(end)s") % {"start": true, "end": formats.day(times.ends_before)}
    known = formats.instant(times.recorded_at)
    if times.superseded_at:
        known = _("%(start)s until corrected %(end)s") % {
            "start": known,
            "end": formats.instant(times.superseded_at),
        }
    because = [
        " ".join(part for part in (f"{word(one.evidence)}:", one.reference, one.reason) if part)
        for one in line.grounds
    ]
    if line.record:
        values = _("%(values)s · on record %(number)s") % {
            "values": values,
            "number": line.record,
        }
    return Moment(
        title=word(line.kind).capitalize(),
        note=values,
        because="; ".join(because),
        true_on=true,
        known_at=known,
        by=names.get(times.recorded_by, ""),
        source=word(times.source),
    )
