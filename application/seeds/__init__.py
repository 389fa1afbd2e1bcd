"""What a fresh store begins with. So far: the working-day calendar of the mainland, published holidays and 调休."""

import csv
from datetime import date, time
from importlib import resources

from domain.calendar import Calendar, DayKind, SpecialDay

KINDS = {"HOLIDAY": DayKind.HOLIDAY, "MAKEUP_WORKDAY": DayKind.MAKEUP_WORKDAY}


def seed_calendar() -> Calendar:
    """Give version 1 of calendar ``cn``: 2025 and 2026 as published, other years provisional [handbook 6.2]."""
    rows = csv.DictReader(resources.files(__name__).joinpath("calendar_cn.csv").read_text(encoding="utf-8").splitlines())
    days = [SpecialDay(day=date.fromisoformat(row["date"]), kind=KINDS[row["kind"]], name=row["name_zh"]) for row in rows]
    return Calendar(
        region="cn",
        version=1,
        days=tuple(sorted(days, key=lambda special: special.day)),
        official_years=(2025, 2026),
        since=date(2010, 1, 1),
        until=date(2040, 12, 31),
        opens=time(8, 30),
        closes=time(17, 30),
        utc_offset_minutes=480,
        source="国务院办公厅关于2025年、2026年部分节假日安排的通知",
    )
