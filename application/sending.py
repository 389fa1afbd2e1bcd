"""Commands in the shape they travel in, and back."""

import re
from typing import Any

from domain.decider import Asked, Refused, Wake
from event_store.codec import Codec, Unfit, canonical, to_bytes
from workflows.messages import Sent

WAKE = Wake.__name__
# As canonical JSON writes them: what is below U+0020, beside tabulator and ends of lines, escaped, and the rest as it is.
CONTROL = re.compile(r"(?<!\\)(?:\\\\)*\\(?:u00[01][0-9a-f]|b|f)|[\x7f-\x9f]")


class TextIsUnreadable(Refused):
    """A text holds what is no text: control characters, or half of a character. A database would not store it."""

    zh = "提交的文字中含有不可见的控制字符或不完整的字符，无法保存，本次操作未受理。请删除后重新输入（不要从原文件直接粘贴）。"
    en = (
        "A text holds control characters or half of a character and cannot be stored, so the command was not taken."
        " Delete them and type the text again instead of pasting it."
    )


def sent(command: object, asked: Asked) -> Sent:
    """Give a command as it travels.

    Raises:
        TextIsUnreadable: a text of the command, or of who asks, holds control characters. Unfit: it would arrive as another.
    """
    refuse_unreadable(command, asked)
    return Sent(type=type(command).__name__, body=to_bytes(command).decode(), asked=asked)


def refuse_unreadable(command: object, asked: Asked) -> None:
    """Refuse texts that no database stores, before anything is done with them. Raises TextIsUnreadable, Unfit."""
    try:
        written = canonical([command, asked]).decode()
    except Unfit as unfit:
        if isinstance(unfit.__cause__, UnicodeEncodeError):
            raise TextIsUnreadable from unfit
        raise
    if CONTROL.search(written):
        raise TextIsUnreadable


def unpacked(codec: Codec, message: Sent) -> Any:
    """Give the command that was sent. Raises Unfit for a type nobody has, ValidationError for a body that does not fit."""
    return Wake() if message.type == WAKE else codec.command(message.type, message.body)
