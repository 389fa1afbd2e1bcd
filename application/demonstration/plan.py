"""The demonstration company's plan: its workbook, with the year laid out so that today lies just after the third quarter."""

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

from application.seeds import seed_calendar
from application.seeds.policies import seed_policies
from application.workbook.check import plan_of
from application.workbook.plan import Plan
from domain.organisation import Register

WORKBOOK = Path(__file__).parents[2] / "examples" / "demonstration.xlsx"
AFTER_DUE = range(3, 8)  # Working days since the third quarter's reports were due.
BEST = 4  # Of these: late reports are chased already, and tomorrow the first of them becomes a supervision order.
BEFORE = timedelta(days=60)  # The company's people are in their posts that long before the cycle begins.
QUARTERS = 3


class DemonstrationIsMissing(Exception):
    """The demonstration workbook is not there, or not what this program needs."""

    def __init__(self, why: str) -> None:
        """Say why."""
        self.zh = f"演示工作簿 {WORKBOOK.name} 不可用：{why}。请重新取得完整的程序目录，或执行 python -m examples.make。"
        self.en = f"The demonstration workbook {WORKBOOK.name} cannot be used: {why}. Get a whole checkout, or make it again."
        super().__init__(f"{self.zh} / {self.en}")


def demonstration_plan(today: date) -> Plan:
    """Give the plan for a demonstration that is played on ``today``, the office's day.

    The third quarter's reports have been due for a few working days, so that some are in, some late and some under way. History is
    carried in. The same day gives the same plan. Raises DemonstrationIsMissing.
    """
    plan = plan_of(WORKBOOK, today=today)
    if isinstance(plan, list):
        raise DemonstrationIsMissing(plan[0].sentence("zh"))
    starts = starting_day(today)
    cycle = replace(
        plan.cycle,
        name=f"{plan.cycle.name}（{starts:%Y年%m月}起，演示）",
        year=starts.year,
        starts=starts,
        ends=months_after(starts, 12) - timedelta(days=1),
        carrying_in=True,
    )
    return replace(plan, cycle=cycle, register=_in_post(plan, starts - BEFORE))


def demonstration_digest() -> str:
    """Give the SHA-256 (hex) of the workbook."""
    return sha256(WORKBOOK.read_bytes()).hexdigest()


def starting_day(today: date) -> date:
    """Give the first day of a year whose third quarter ended just now: the first of a month where that fits, else any day."""
    calendar, limit = seed_calendar(), seed_policies().limits.report_quarter
    fitting: dict[date, int] = {}
    for days in range(8, 40):
        ended = today - timedelta(days=days)
        starts = months_after(ended + timedelta(days=1), -3 * QUARTERS)
        if months_after(starts, 3 * QUARTERS) - timedelta(days=1) != ended:
            continue  # The 31st has no equal nine months ago.
        due = calendar.local_day(calendar.due_by(calendar.closing(ended), limit))
        since = calendar.workdays_between(due, today)
        if since in AFTER_DUE:
            fitting[starts] = since
    return min(fitting, key=lambda day: (day.day != 1, abs(fitting[day] - BEST), day))


def months_after(day: date, months: int) -> date:
    """Give the day so many months later (earlier: negative), the month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))


def _in_post(plan: Plan, since: date) -> Register:
    its = plan.register
    return replace(
        its,
        appointments=tuple(replace(each, since=since) for each in its.appointments),
        liaisons=tuple(replace(each, since=since) for each in its.liaisons),
        fields=tuple(replace(each, since=since) for each in its.fields),
    )
