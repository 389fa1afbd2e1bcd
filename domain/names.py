"""The names of streams. A stream's name is its identity for ever, the workflow's id, and safe in a URL path."""

ORGANISATION = "organisation"


def calendar(region: str) -> str:
    """Name a calendar's stream."""
    return f"calendar/{region}"


def rule(rule_id: str) -> str:
    """Name a rule's stream."""
    return f"rule/{rule_id}"


def indicator(indicator_id: str) -> str:
    """Name an indicator definition's stream."""
    return f"indicator/{indicator_id}"


def cycle(cycle_id: str) -> str:
    """Name a cycle's stream."""
    return f"cycle/{cycle_id}"


def task(cycle_id: str, indicator_id: str, department: str) -> str:
    """Name the stream of one indicator in one department's hands."""
    return f"task/{cycle_id}/{indicator_id}/{department}"


def order(task_stream: str, cause: str) -> str:
    """Name the supervision order that ``cause`` opens for a task."""
    return f"order/{task_stream.removeprefix('task/')}/{cause}"


def refusal(stream: str) -> str:
    """Name the stream that keeps what was refused on ``stream``."""
    return f"refusal/{stream}"


def kind(stream: str) -> str:
    """Give the kind of a stream: the first part of its name."""
    return stream.partition("/")[0]


def cycle_of(stream: str) -> str:
    """Give the cycle a cycle's, task's or order's stream belongs to (empty: none)."""
    parts = stream.split("/")
    return parts[1] if parts[0] in {"cycle", "task", "order"} else ""
