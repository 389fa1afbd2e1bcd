"""What a workflow may ask of the world. ``activities`` does it; every step may be repeated and changes nothing the second time."""

from abc import ABC, abstractmethod

from temporalio import activity

from workflows.messages import Answer, Ask, CallTasks, Effect, Outcome, Tasks


class Steps(ABC):
    """The steps by name."""

    @activity.defn(name="look")
    @abstractmethod
    async def look(self, stream: str) -> Outcome:
        """Say how a stream stands. A planned task of an issued cycle that has no event yet is issued first."""

    @activity.defn(name="execute")
    @abstractmethod
    async def execute(self, ask: Ask) -> Outcome:
        """Decide a command against the log. A fault of the program fails this command and is not tried again."""

    @activity.defn(name="deliver")
    @abstractmethod
    async def deliver(self, effect: Effect) -> Answer:
        """Give a command to the workflow of another stream, which is started if it does not run."""

    @activity.defn(name="start_tasks")
    @abstractmethod
    async def start_tasks(self, tasks: Tasks) -> int:
        """Start the workflows of some tasks of a cycle; give how many there are. Those that run or have ended stay as they are."""

    @activity.defn(name="wake_tasks")
    @abstractmethod
    async def wake_tasks(self, called: CallTasks) -> int:
        """Nudge the workflows of some tasks of a cycle (of those that owe something, if asked so); give how many were nudged."""
