"""Old facts, read as new ones: what is stored never changes, so the reading learns the old shapes.

An upcaster takes the parsed payload of one version of an event type and gives that of the next version: one step, pure, right
for every payload ever written in that version. An event type is written in the version after its last upcaster (1 where it has
none), so a changed shape is said in one place. A changed meaning is a new event type, never an upcaster.
"""

from collections.abc import Callable, Mapping
from typing import Any

Payload = dict[str, Any]  # Parsed JSON. Amounts are strings in it; there is no number with a point.
Upcaster = Callable[[Payload], Payload]
Upcasters = Mapping[tuple[str, int], Upcaster]  # (event type, the version it reads) -> the step to the next version.

UPCASTERS: Upcasters = {}  # Every stored shape is still written today.


class VersionUnknown(Exception):
    """A fact is stored in a version this program cannot read: a newer program wrote it, or an upcaster was lost."""

    def __init__(self, event_type: str, version: int, current: int) -> None:
        """Name the type, the version that is stored and the one this program writes."""
        self.type, self.version, self.current = event_type, version, current
        super().__init__(
            f"事件 {event_type} 以第 {version} 版存储，本程序只能读到第 {current} 版，未作任何改动。请改用相同或更新版本的程序。"
            f" / Event {event_type} is stored in version {version}, this program reads up to {current}. Nothing was changed."
            " Use a program of the same or a newer version."
        )


def current_version(event_type: str, upcasters: Upcasters = UPCASTERS) -> int:
    """Give the version an event type is written in now."""
    version = 1
    while (event_type, version) in upcasters:
        version += 1
    return version


def upcast(event_type: str, version: int, payload: Payload, upcasters: Upcasters = UPCASTERS) -> Payload:
    """Take the payload step by step to the current version. Raises VersionUnknown."""
    current = current_version(event_type, upcasters)
    if not 1 <= version <= current:
        raise VersionUnknown(event_type, version, current)
    for step in range(version, current):
        payload = upcasters[event_type, step](payload)
    return payload
