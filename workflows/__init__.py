"""What happens over time: every workflow, one line each."""

from workflows.cycle import CycleWorkflow
from workflows.order import OrderWorkflow
from workflows.task import TaskWorkflow

WORKFLOWS = (
    CycleWorkflow,
    TaskWorkflow,
    OrderWorkflow,
)
