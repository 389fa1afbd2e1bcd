"""What is true: every kind of stream, one line each."""

from domain.calendars import CALENDAR
from domain.cycle import CYCLE
from domain.decider import Decider
from domain.indicator import INDICATOR
from domain.order import ORDER
from domain.organisation import ORGANISATION
from domain.refusal import REFUSAL
from domain.rule import RULE
from domain.task import TASK

DECIDERS: tuple[Decider, ...] = (
    ORGANISATION,
    CALENDAR,
    RULE,
    INDICATOR,
    CYCLE,
    TASK,
    ORDER,
    REFUSAL,
)
