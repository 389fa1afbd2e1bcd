"""The one way for a process that touched Temporal to end: its library can abort or hang while the interpreter takes itself down."""

import asyncio
import os
import sys
import time
import traceback
from collections.abc import Coroutine
from typing import Any, Never

SETTLE_S = 0.05  # For the library's threads to let go of what they were just told to drop.
INTERRUPTED = 130  # As a shell reports a program that was interrupted.


def run_and_leave(work: Coroutine[Any, Any, int | None]) -> Never:
    """Run ``work`` to its end and leave the process with the exit code it gives (None: 0; an unforeseen error: 1)."""
    code = 1
    try:
        code = asyncio.run(work) or 0
    except KeyboardInterrupt:
        code = INTERRUPTED
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        if isinstance(leaving.code, str):
            sys.stderr.write(f"{leaving.code}\n")
    except BaseException:  # noqa: BLE001  Nobody is left to catch it.
        traceback.print_exc()
    time.sleep(SETTLE_S)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)
