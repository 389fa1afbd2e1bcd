"""What people call things: the words for every closed set of the domain, in Chinese and English."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Literal, NamedTuple

from domain.calendar import DayKind
from domain.cycle import Phase, ProviderKind
from domain.decider import SourceKind
from domain.indicator import Aggregation, Frequency, IndicatorKind
from domain.order import Colour, Completion, OrderCause, OrderStage, Quality
from domain.organisation import DepartmentKind, Role
from domain.policy import Act, Duty, Relation, SameHands
from domain.scoring.working import text
from domain.task.facts import ReturnCode
from domain.task.state import ReportStage, Stage
from projections.board import Light

Language = Literal["zh", "en"]

BEIJING = timezone(timedelta(hours=8))  # How instants are told; the log keeps UTC.


class Label(NamedTuple):
    """One word in both languages."""

    zh: str
    en: str

    def of(self, language: Language) -> str:
        """Give it in a language."""
        return self.zh if language == "zh" else self.en


LABELS: Mapping[type[StrEnum], Mapping[StrEnum, Label]] = {
    Stage: {
        Stage.NONE: Label("未下达", "not issued"),
        Stage.ISSUED: Label("待承接", "issued"),
        Stage.ACCEPTED: Label("已承接", "accepted"),
        Stage.IN_EXECUTION: Label("执行中", "in execution"),
        Stage.DATA_LOCKED: Label("数据锁定", "data locked"),
        Stage.SELF_SCORED: Label("已自评", "self-scored"),
        Stage.REVIEW_SCORED: Label("考评部门已评", "review-scored"),
        Stage.CONSOLIDATED: Label("已汇总", "consolidated"),
        Stage.APPROVED: Label("已审定", "approved"),
        Stage.PUBLICISED: Label("公示中", "publicised"),
        Stage.FINAL: Label("已定分", "final"),
        Stage.ARCHIVED: Label("已归档", "archived"),
    },
    Phase: {
        Phase.NONE: Label("未启动", "not opened"),
        Phase.PLANNED: Label("编制", "planned"),
        Phase.RUNNING: Label("执行", "running"),
        Phase.LOCKED: Label("定分", "scoring"),
        Phase.APPROVED: Label("审定", "approved"),
        Phase.PUBLICISED: Label("公示", "public notice"),
        Phase.FINAL: Label("定分完成", "final"),
        Phase.ARCHIVED: Label("归档", "archived"),
    },
    ReportStage: {
        ReportStage.NOT_OPEN: Label("未开放", "not open"),
        ReportStage.OPEN: Label("待上报", "open"),
        ReportStage.SUBMITTED: Label("已上报待签发", "submitted"),
        ReportStage.SIGNED: Label("已签发待审核", "signed"),
        ReportStage.ACCEPTED: Label("审核通过", "accepted"),
        ReportStage.RETURNED: Label("退回补正", "returned"),
        ReportStage.MISSING: Label("缺报", "missing"),
    },
    OrderStage: {
        OrderStage.NONE: Label("未立项", "not registered"),
        OrderStage.ASSIGNED: Label("已交办待签收", "assigned"),
        OrderStage.IN_HANDLING: Label("承办中", "in handling"),
        OrderStage.CLAIMED: Label("申请办结待核验", "completion claimed"),
        OrderStage.CLOSED: Label("已销号", "closed"),
        OrderStage.ARCHIVED: Label("已归档", "archived"),
    },
    OrderCause: {
        OrderCause.PRE_ASSESSMENT_GAP: Label("预考核差距", "pre-assessment gap"),
        OrderCause.OVERDUE: Label("逾期", "overdue"),
        OrderCause.INSTRUCTION: Label("领导批示", "instruction"),
    },
    Colour: {Colour.BLUE: Label("蓝单", "blue"), Colour.YELLOW: Label("黄单", "yellow"), Colour.RED: Label("红单", "red")},
    Light: {Light.GREEN: Label("绿灯", "green"), Light.YELLOW: Label("黄灯", "yellow"), Light.RED: Label("红灯", "red")},
    Completion: {
        Completion.DONE: Label("完成", "done"),
        Completion.PARTLY: Label("部分完成", "partly done"),
        Completion.NOT_DONE: Label("未完成", "not done"),
    },
    Quality: {
        Quality.GOOD: Label("质量好", "good"),
        Quality.ACCEPTABLE: Label("质量合格", "acceptable"),
        Quality.POOR: Label("质量差", "poor"),
    },
    ReturnCode: {
        ReturnCode.EVIDENCE_INCOMPLETE: Label("佐证不全", "evidence incomplete"),
        ReturnCode.WRONG_UNIT_OR_PERIOD: Label("单位或期间有误", "wrong unit or period"),
        ReturnCode.VALUE_IMPLAUSIBLE: Label("数值异常", "value implausible"),
        ReturnCode.WRONG_INDICATOR: Label("指标填错", "wrong indicator"),
        ReturnCode.NOT_SIGNED_OFF: Label("未经签发", "not signed off"),
        ReturnCode.OTHER: Label("其他", "other"),
    },
    Relation: {
        Relation.TOP_LEADER: Label("主要负责人", "top leader"),
        Relation.DEPUTY_LEADER: Label("分管领导", "deputy leader"),
        Relation.COMMITTEE: Label("考评委员会", "committee"),
        Relation.OFFICE_HEAD: Label("绩效办主任", "head of the performance office"),
        Relation.OFFICE: Label("绩效办", "performance office"),
        Relation.SUPERVISOR: Label("督查人员", "supervisor"),
        Relation.LEAD_HEAD: Label("牵头部门负责人", "head of the lead department"),
        Relation.LEAD_LIAISON: Label("牵头部门联络员", "liaison of the lead department"),
        Relation.RESPONSIBLE: Label("责任人", "responsible person"),
        Relation.ASSISTING: Label("协办部门", "assisting department"),
        Relation.PROVIDER: Label("数据提供部门", "provider of the value"),
        Relation.PROVIDER_HEAD: Label("数据提供部门负责人", "head of the providing department"),
        Relation.REVIEWER: Label("考评部门", "reviewing department"),
        Relation.AUDITOR: Label("审计人员", "auditor"),
        Relation.ADMINISTRATOR: Label("系统管理员", "administrator"),
        Relation.SYSTEM: Label("系统", "system"),
    },
    Role: {
        Role.TOP_LEADER: Label("主要负责人", "top leader"),
        Role.DEPUTY_LEADER: Label("分管领导", "deputy leader"),
        Role.COMMITTEE: Label("考评委员会委员", "committee member"),
        Role.OFFICE_HEAD: Label("绩效办主任", "head of the performance office"),
        Role.OFFICE: Label("绩效专责", "performance officer"),
        Role.SUPERVISION: Label("督查专责", "supervision officer"),
        Role.HEAD: Label("部门负责人", "department head"),
        Role.STAFF: Label("员工", "staff"),
        Role.AUDITOR: Label("审计人员", "auditor"),
        Role.ADMINISTRATOR: Label("系统管理员", "administrator"),
    },
    Act: {
        Act.REMIND: Label("提醒", "reminder"),
        Act.PROMPT: Label("催报", "prompt"),
        Act.CHASE: Label("催办", "chase letter"),
        Act.ORDER: Label("督办", "supervision order"),
        Act.CIRCULAR: Label("通报", "circular"),
        Act.DEEM: Label("视同办理", "deemed done"),
    },
    Duty: {
        Duty.REPORT: Label("上报", "report"),
        Duty.SIGN: Label("签发", "sign"),
        Duty.REVIEW: Label("审核", "review"),
        Duty.SELF_SCORE: Label("自评", "self-score"),
        Duty.REVIEW_SCORE: Label("考评", "review score"),
        Duty.CONSOLIDATE: Label("汇总", "consolidate"),
        Duty.RECTIFY: Label("整改", "rectify"),
        Duty.VERIFY: Label("核验", "verify"),
    },
    SameHands: {
        SameHands.REFUSE: Label("不得由同一人办理", "refused to the same hands"),
        SameHands.SUBSTITUTE: Label("由授权替代人办理并列示", "by an authorised substitute, and listed"),
    },
    SourceKind: {
        SourceKind.PAGE: Label("网页", "page"),
        SourceKind.COMMAND_LINE: Label("命令行", "command line"),
        SourceKind.WORKBOOK: Label("工作簿", "workbook"),
        SourceKind.API: Label("接口", "API"),
        SourceKind.TIMER: Label("到期自动", "timer"),
        SourceKind.EFFECT: Label("联动", "effect"),
        SourceKind.IMPORT: Label("补录", "import"),
    },
    DepartmentKind: {
        DepartmentKind.LEADERSHIP: Label("领导班子", "leadership"),
        DepartmentKind.FUNCTIONAL: Label("职能部门", "functional department"),
        DepartmentKind.BUSINESS: Label("业务机构", "business unit"),
        DepartmentKind.STATION: Label("供电所", "station"),
    },
    ProviderKind: {
        ProviderKind.SELF: Label("自行提供", "the unit itself"),
        ProviderKind.DEPARTMENT: Label("归口部门提供", "another department"),
        ProviderKind.OFFICE: Label("绩效办提供", "the office"),
        ProviderKind.SYSTEM: Label("系统提供", "a system"),
    },
    Frequency: {
        Frequency.MONTH: Label("月度", "monthly"),
        Frequency.QUARTER: Label("季度", "quarterly"),
        Frequency.HALF: Label("半年", "half-yearly"),
        Frequency.YEAR: Label("年度", "yearly"),
    },
    Aggregation: {
        Aggregation.LATEST: Label("取最近一期", "latest"),
        Aggregation.SUM: Label("各期合计", "sum"),
        Aggregation.MEAN: Label("各期平均", "mean"),
        Aggregation.EACH: Label("各期评分后平均", "each period scored"),
    },
    IndicatorKind: {
        IndicatorKind.QUANTITATIVE: Label("定量", "quantitative"),
        IndicatorKind.QUALITATIVE: Label("定性", "qualitative"),
        IndicatorKind.BONUS: Label("加分", "bonus"),
        IndicatorKind.GATE: Label("达标门槛", "gate"),
        IndicatorKind.VETO: Label("一票否决", "veto"),
    },
    DayKind: {
        DayKind.HOLIDAY: Label("法定节假日", "holiday"),
        DayKind.MAKEUP_WORKDAY: Label("调休上班", "make-up working day"),
        DayKind.COMPANY_REST: Label("公司休息日", "company rest day"),
        DayKind.COMPANY_WORKDAY: Label("公司工作日", "company working day"),
    },
}

COMMANDS: Mapping[str, Label] = {
    "Register": Label("登记组织机构", "register the organisation"),
    "EndAppointment": Label("办理离任", "end an appointment"),
    "GrantAuthorisation": Label("授权", "grant an authorisation"),
    "WithdrawAuthorisation": Label("收回授权", "withdraw an authorisation"),
    "RecordAbsence": Label("外出登记", "record an absence"),
    "PublishCalendar": Label("发布工作日历", "publish a calendar"),
    "PublishRule": Label("发布制度", "publish a rule"),
    "PublishIndicator": Label("发布指标", "publish an indicator"),
    "OpenCycle": Label("启动周期", "open the cycle"),
    "PlanTasks": Label("编制任务", "plan tasks"),
    "IssueCycle": Label("下达", "issue the cycle"),
    "AdoptRules": Label("变更制度", "adopt rules"),
    "CloseCarryIn": Label("结束历史补录", "close the carrying in"),
    "CallPreAssessment": Label("启动预考核", "call a pre-assessment"),
    "LockData": Label("锁定数据", "lock the data"),
    "ApproveResults": Label("审定结果", "approve the results"),
    "PubliciseResults": Label("公示结果", "publicise the results"),
    "ArchiveCycle": Label("归档", "archive the cycle"),
    "RecordCall": Label("登记任务唤醒", "record a call"),
    "IssueTask": Label("下达指标", "issue the task"),
    "Accept": Label("承接", "accept"),
    "DeliverContribution": Label("协办配合", "deliver a contribution"),
    "SubmitReport": Label("上报", "submit the report"),
    "SignReport": Label("签发", "sign the report"),
    "AcceptReport": Label("审核", "review the report"),
    "ReturnReport": Label("退回", "return the report"),
    "LinkOrder": Label("关联督办单", "link an order"),
    "RecordOrderOutcome": Label("登记督办结果", "record an order's outcome"),
    "SelfScore": Label("自评", "self-score"),
    "ReviewScore": Label("考评", "review score"),
    "Consolidate": Label("汇总", "consolidate"),
    "RegisterOrder": Label("立项交办", "register an order"),
    "SignForOrder": Label("签收督办单", "sign for the order"),
    "GiveFeedback": Label("反馈整改进展", "give feedback"),
    "ClaimCompletion": Label("申请办结", "claim completion"),
    "VerifyOrder": Label("核验督办单", "verify the order"),
    "ArchiveOrder": Label("督办单归档", "archive the order"),
    "Wake": Label("到期检查", "look at what is due"),
}

DEADLINES: Mapping[str, Label] = {
    "accept": Label("承接", "acceptance"),
    "report": Label("上报", "report"),
    "review": Label("审核", "review"),
    "self-score": Label("自评", "self-score"),
    "review-score": Label("考评", "review score"),
    "consolidate": Label("汇总", "consolidation"),
    "order": Label("整改", "rectification"),
}

PERIODS = re.compile(r"(?P<letter>[MQHY])(?P<number>\d{1,2})")


def label(value: StrEnum, language: Language = "zh") -> str:
    """Give the word for a value of a closed set. Raises KeyError for a set that has no words here."""
    return LABELS[type(value)][value].of(language)


def command(name: str, language: Language = "zh") -> str:
    """Give what people call a command, by its type's name."""
    known = COMMANDS.get(name)
    return name if known is None else known.of(language)


def deadline(key: str, language: Language = "zh") -> str:
    """Give what people call a deadline, by its key such as ``report/Q1``."""
    what, _, rest = key.partition("/")
    known = DEADLINES.get(what)
    words = what if known is None else known.of(language)
    if not rest:
        return words
    which = period(rest.partition("/")[0], language)
    return f"{which}{words}" if language == "zh" else f"{words} of {which}"


def period(key: str, language: Language = "zh") -> str:
    """Give what people call a reporting period, by its key: M01, Q1, H1, Y1."""
    found = PERIODS.fullmatch(key)
    if found is None:
        return key
    number = int(found["number"])
    zh, en = {
        "M": (f"第 {number} 月", f"month {number}"),
        "Q": (f"第 {number} 季度", f"quarter {number}"),
        "H": ("上半年" if number == 1 else "下半年", f"half-year {number}"),
        "Y": ("全年", "the year"),
    }[found["letter"]]
    return zh if language == "zh" else en


def instant(at: datetime) -> str:
    """Tell an instant with its zone: ``2026-07-15 17:30 (+08:00)``."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M (+08:00)")


def day(on: date) -> str:
    """Tell a day."""
    return on.isoformat()


def amount(number: Decimal | None, language: Language = "zh") -> str:
    """Tell points or a value without idle zeros; nothing yet is said in words."""
    if number is None:
        return "暂无" if language == "zh" else "none yet"
    return text(number)
