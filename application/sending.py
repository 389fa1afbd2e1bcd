"""Commands in the shape they travel in, and back."""

from typing import Any

from domain.decider import Asked, Wake
from event_store.codec import Codec, to_bytes
from workflows.messages import Sent

WAKE = Wake.__name__


def sent(command: object, asked: Asked) -> Sent:
    """Give a command as it travels. Raises Unfit for one that would arrive as another."""
    return Sent(type=type(command).__name__, body=to_bytes(command).decode(), asked=asked)


def unpacked(codec: Codec, message: Sent) -> Any:
    """Give the command that was sent. Raises Unfit for a type nobody has, ValidationError for a body that does not fit."""
    return Wake() if message.type == WAKE else codec.command(message.type, message.body)
