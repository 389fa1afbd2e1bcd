"""What can go wrong for whoever types a command: exit codes, and which failure leads to which."""

import errno
from enum import IntEnum

from domain.decider import Refused


class ExitCode(IntEnum):
    """Stable for scripts: a number never changes its meaning."""

    DONE = 0
    FAILURE = 1
    USAGE = 2
    VERIFICATION_FAILED = 3
    NOT_FOUND = 4
    REFUSED = 5
    UNAVAILABLE = 69
    NO_PERMISSION = 77


MEANING: dict[ExitCode, tuple[str, str]] = {
    ExitCode.DONE: ("成功", "done"),
    ExitCode.FAILURE: ("失败", "failure"),
    ExitCode.USAGE: ("用法或设置有误", "usage or settings are wrong"),
    ExitCode.VERIFICATION_FAILED: ("核验不一致", "a verification found a difference"),
    ExitCode.NOT_FOUND: ("没有找到", "not found"),
    ExitCode.REFUSED: ("被规则拒绝或冲突", "refused by a rule, or a conflict"),
    ExitCode.UNAVAILABLE: ("服务不可用", "a server is unavailable"),
    ExitCode.NO_PERMISSION: ("没有权限", "no permission"),
}

PERMISSION_REFUSALS = frozenset(
    {"NotEntitled", "AuthorisationDoesNotHold", "TheSameHands", "OnlyTheOfficeChangesTheOrganisation", "NotAssisting"}
)
UNAVAILABLE_ERRNOS = frozenset(
    {errno.ECONNREFUSED, errno.ECONNRESET, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT, errno.EADDRINUSE}
)


class Fault(Exception):
    """A verb cannot go on. ``zh`` and ``en`` say what happened, why, and what to do next."""

    def __init__(self, zh: str, en: str, *, code: ExitCode = ExitCode.FAILURE) -> None:
        """Keep both sentences and the exit code."""
        self.zh, self.en, self.code = zh, en, code
        super().__init__(f"{zh} / {en}")


def not_found(zh: str, en: str) -> Fault:
    """Say that what was named does not exist."""
    return Fault(zh, en, code=ExitCode.NOT_FOUND)


def usage(zh: str, en: str) -> Fault:
    """Say that what was typed cannot be meant."""
    return Fault(zh, en, code=ExitCode.USAGE)


def code_of_refusal(code: str) -> ExitCode:
    """Give the exit code of a refusal by its name."""
    return ExitCode.NO_PERMISSION if code in PERMISSION_REFUSALS else ExitCode.REFUSED


def fault_of(error: BaseException) -> Fault | None:
    """Give the fault an exception stands for, or None: then it is a bug, and its traceback is what helps."""
    if isinstance(error, Fault):
        return error
    if isinstance(error, BaseExceptionGroup):
        found = [fault_of(each) for each in error.exceptions]
        return next((fault for fault in found if fault is not None), None) if all(found) else None
    if isinstance(error, Refused):
        return Fault(error.sentence("zh"), error.sentence("en"), code=code_of_refusal(error.code))
    kind = f"{type(error).__module__}.{type(error).__name__}"
    if kind == "application.settings.SettingsAreWrong":
        return Fault(_said(error, "zh"), _said(error, "en"), code=ExitCode.USAGE)
    if _is_unavailable(error, kind):
        zh, en = _said(error, "zh"), _said(error, "en")
        if not zh:
            zh = f"服务暂时不可用：{error}。请确认 dukao up 正在运行，然后重试。"
            en = f"A server is unavailable: {error}. Make sure that dukao up is running, then try again."
        return Fault(zh, en, code=ExitCode.UNAVAILABLE)
    if _said(error, "zh") and _said(error, "en"):
        return Fault(_said(error, "zh"), _said(error, "en"), code=CODES_BY_NAME.get(type(error).__name__, ExitCode.FAILURE))
    return None


CODES_BY_NAME = {"Conflict": ExitCode.REFUSED, "TooBusy": ExitCode.REFUSED, "Pending": ExitCode.UNAVAILABLE}


def _said(error: BaseException, language: str) -> str:
    said = getattr(error, language, "")
    return said if isinstance(said, str) else ""


def _is_unavailable(error: BaseException, kind: str) -> bool:
    """Know the failures of servers by name, so that a command that touches no server need not import their clients."""
    if isinstance(error, OSError):
        return error.errno in UNAVAILABLE_ERRNOS or isinstance(error, ConnectionError | TimeoutError)
    names = {f"{base.__module__}.{base.__name__}" for base in type(error).__mro__} | {kind}
    return bool(names & UNAVAILABLE)


UNAVAILABLE = frozenset(
    {
        "embedded.process.EmbeddedServerFailed",
        "application.submit.Pending",
        "temporalio.service.RPCError",
        "asyncpg.exceptions._base.InterfaceError",
        "asyncpg.exceptions.PostgresConnectionError",
        "asyncpg.exceptions.CannotConnectNowError",
        "asyncpg.exceptions.AdminShutdownError",
        "sqlalchemy.exc.OperationalError",
    }
)
