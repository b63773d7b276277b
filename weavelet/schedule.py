"""Times at which something is done again and again, written the cron way.

`@every 12h` (a Go duration), `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`, or five fields: minute, hour, day
of the month, month and day of the week, with one for seconds before them if there are six. Times are UTC. Imports the
errors, and from the settings how durations are written.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from weavelet.errors import InvalidInput
from weavelet.settings import duration_seconds

_NAMED: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_PART: Final = re.compile(r"(?P<all>[*?])|(?P<first>\w+)(?:-(?P<last>\w+))?", re.ASCII)
_LONGEST: Final = timedelta(days=8 * 366)
"""The longest there can be between two times: from one 29 February to the next, around 2100."""


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again after so many seconds."""

    seconds: int

    def after(self, now_ms: int) -> int:
        return now_ms + self.seconds * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """At every time whose parts are among these. Days of the week count from Sunday, 0."""

    seconds: frozenset[int]
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool
    """Whether a day is one of either kind, as where both are restricted; else it is one of both."""

    def after(self, now_ms: int) -> int:
        """The next such time. Raises `InvalidInput` where there is none, as on 30 February."""
        start = time = datetime.fromtimestamp(now_ms // 1000 + 1, UTC)
        while time - start <= _LONGEST:
            later = self._not_before(time)
            if later == time:
                return int(time.timestamp()) * 1000
            time = later
        raise InvalidInput("there is no such day")

    def _not_before(self, time: datetime) -> datetime:
        """The same time where it fits, else the beginning of the next part of it that might."""
        midnight = time.replace(hour=0, minute=0, second=0)
        if time.month not in self.months:
            return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
        if not self._is_day(time):
            return midnight + timedelta(days=1)
        if time.hour not in self.hours:
            return time.replace(minute=0, second=0) + timedelta(hours=1)
        if time.minute not in self.minutes:
            return time.replace(second=0) + timedelta(minutes=1)
        return time if time.second in self.seconds else time + timedelta(seconds=1)

    def _is_day(self, time: datetime) -> bool:
        fits = (time.day in self.days, time.isoweekday() % 7 in self.weekdays)
        return any(fits) if self.either_day else all(fits)


Schedule: TypeAlias = Every | Cron


def parse_schedule(text: str) -> Schedule:
    """The schedule written so. Raises `InvalidInput` with a sentence that says how to write one."""
    try:
        schedule = _parsed(text.strip())
        schedule.after(0)
    except (ValueError, InvalidInput) as error:
        raise InvalidInput(
            f"{text!r} is no schedule ({error}): write for example '@every 12h', '@daily' or '30 4 * * *'"
        ) from None
    return schedule


def _parsed(text: str) -> Schedule:
    kind, _, rest = text.partition(" ")
    if kind == "@every":
        return _every(duration_seconds(rest))
    fields = _NAMED.get(text, text).split()
    if len(fields) not in (5, 6):
        raise ValueError(f"expected 5 or 6 fields, got {len(fields)}")
    seconds, minutes, hours, days, months, weekdays = fields if len(fields) == 6 else ["0", *fields]
    return Cron(
        seconds=_values(seconds, 0, 59),
        minutes=_values(minutes, 0, 59),
        hours=_values(hours, 0, 23),
        days=_values(days, 1, 31),
        months=_values(months, 1, 12, _MONTHS),
        weekdays=_values(weekdays, 0, 6, _DAYS),
        either_day=days[0] not in "*?" and weekdays[0] not in "*?",
    )


def _every(seconds: float) -> Every:
    if seconds < 1:
        raise ValueError("a second is the shortest time")
    return Every(int(seconds))


def _values(field: str, least: int, most: int, names: Sequence[str] = ()) -> frozenset[int]:
    """The values a field such as `1-5`, `*/15` or `mon,wed` stands for; `names` are those from the least on."""
    return frozenset(value for part in field.split(",") for value in _span(part, least, most, names))


def _span(part: str, least: int, most: int, names: Sequence[str]) -> range:
    span, slash, step = part.partition("/")
    match = _PART.fullmatch(span)
    if match is None or (slash and not (step.isdecimal() and int(step) > 0)):
        raise ValueError(f"{part!r} is neither a value, a span nor a step")
    if match["all"]:
        first, last = least, most
    else:
        first = _value(match["first"], least, names)
        last = _value(match["last"], least, names) if match["last"] else most if slash else first
    if not least <= first <= last <= most:
        raise ValueError(f"{part!r} is not within {least} to {most}")
    return range(first, last + 1, int(step) if slash else 1)


def _value(text: str, least: int, names: Sequence[str]) -> int:
    if text.lower() in names:
        return least + names.index(text.lower())
    if not text.isdecimal():
        raise ValueError(f"{text!r} is no number")
    return int(text)
