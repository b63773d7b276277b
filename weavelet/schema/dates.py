"""RFC 3339 times: the kept form, and nanoseconds since 1970.

The kept form has its own zone offset, at most nine digits of a second's fraction without trailing zeros, and `Z` for
an offset of zero.
"""

import re
from typing import Final

_DATE = re.compile(
    r"(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:[.,](\d+))?"
    r"(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))",
    re.ASCII,
).fullmatch
_MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DAYS_TO_1970: Final = 719_468
_NANOSECONDS: Final = 1_000_000_000


def canonical_date(text: str) -> str:
    """The kept form of a time. Raises ValueError for any other text."""
    match = _DATE(text)
    if match is None:
        raise ValueError(f"{text!r} is not an RFC 3339 time")
    _, month, day, _, _, _, fraction, _, hours, minutes = match.groups()
    if day > "28" and not _exists(int(match[1]), int(month), int(day)):
        raise ValueError(f"{text!r} is not an RFC 3339 time")
    if fraction is None and hours is None:
        return text
    fraction = (fraction or "")[:9].rstrip("0")
    zone = "Z" if hours is None or (hours == "00" and minutes == "00") else text[-6:]
    return f"{text[:19]}.{fraction}{zone}" if fraction else text[:19] + zone


def epoch_ns(text: str) -> int:
    """Nanoseconds since 1970-01-01T00:00:00Z. Raises ValueError for a text that is no RFC 3339 time."""
    match = _DATE(text)
    if match is None:
        raise ValueError(f"{text!r} is not an RFC 3339 time")
    year, month, day, hour, minute, second = (int(match[group]) for group in range(1, 7))
    if day > 28 and not _exists(year, month, day):
        raise ValueError(f"{text!r} is not an RFC 3339 time")
    seconds = ((_days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
    if match[9] is not None:
        offset = (int(match[9]) * 60 + int(match[10])) * 60
        seconds += offset if match[8] == "-" else -offset
    fraction = (match[7] or "")[:9]
    return seconds * _NANOSECONDS + int(fraction.ljust(9, "0") or 0)


def _exists(year: int, month: int, day: int) -> bool:
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return day <= _MONTH_DAYS[month - 1] + leap


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the Gregorian calendar, from year 0 on, counting years from March."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - _DAYS_TO_1970
