"""How this process logs: event name first, then pairs; JSON unless a person looks on. Set up once, at the door."""

import logging
import sys
from typing import Literal

import structlog
from structlog.typing import Processor

SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)
QUIET = ("sqlalchemy", "asyncio", "httpx")  # They tell us how they work; we want to know what went wrong.


def set_up_logs(log_format: Literal["auto", "json", "console"] = "auto", level: int = logging.INFO) -> None:
    """Send our lines and those of the libraries to standard error, in one shape. Calling it again changes nothing but the shape."""
    people = log_format == "console" or (log_format == "auto" and sys.stderr.isatty())
    last: tuple[Processor, ...] = (
        (structlog.dev.ConsoleRenderer(),)
        if people
        else (structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False))
    )
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*SHARED, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [lines]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
