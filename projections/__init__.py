"""What people see: every read model, one line each."""

from projections.board import BOARD
from projections.model import ReadModel
from projections.my_work import MY_WORK
from projections.scoreboard import SCOREBOARD
from projections.timeline import TIMELINE

PROJECTIONS: tuple[ReadModel, ...] = (
    BOARD,
    MY_WORK,
    TIMELINE,
    SCOREBOARD,
)
