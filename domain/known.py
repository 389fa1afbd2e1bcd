"""What a decision on a task or an order is given beside its own stream: facts of other streams, at the versions the meta records."""

from dataclasses import dataclass, field
from datetime import date, datetime

from domain.calendar import Calendar
from domain.cycle import Cycle
from domain.indicator import Indicator
from domain.organisation import Organisation
from domain.policy import Policies


@dataclass(frozen=True, kw_only=True)
class Known:
    """The cycle as the append's guard holds it, who is who, the calendar and the policies the cycle pins, the indicator's definition."""

    cycle: Cycle
    organisation: Organisation
    calendar: Calendar
    policies: Policies
    indicator: Indicator = field(default_factory=Indicator)

    def on(self, at: datetime) -> date:
        """Give the office's day of an instant."""
        return self.calendar.local_day(at)
