"""One sentence for every event, in Chinese and English: what the timeline, the replay and an export say, word for word the same.

Persons, departments and posts stand in them as marks, ``@{person}``, ``#{department}`` and ``^{post}``, and get their names when
somebody reads: a name that was erased since is gone from every sentence at once, and the sentence still says what happened.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, assert_never

from domain import DECIDERS
from domain import calendars as its_calendar
from domain import cycle as its_cycle
from domain import indicator as its_indicator
from domain import order as its_order
from domain import organisation as its_organisation
from domain import refusal as its_refusal
from domain import rule as its_rule
from domain.cycle import Phase
from domain.decider import SYSTEM, Asked
from domain.evidence import Evidence
from domain.organisation import FOR_EVER
from domain.policy import Duty, Relation
from domain.reported import Achievements, Flag, Number, Numbers, Reported, Text, Texts
from domain.scoring.operand import LABELS as INPUTS
from domain.task import facts
from domain.task.facts import Event as TaskEvent
from domain.task.state import ReportStage, Stage
from projections.labels import Label, Language, amount, command, day, deadline, instant, label, period

MARK = re.compile(r"(?P<sign>[@#^])\{(?P<id>[^{}]*)\}")
ERASED = Label("已注销", "erased")
THE_SYSTEM = Label("系统", "the system")
POLICIES: Mapping[str, Label] = {
    "ladders": Label("催办阶梯", "ladders"),
    "limits": Label("时限", "limits"),
    "duties": Label("职责分离", "separation of duties"),
    "standards": Label("预考核标准", "pre-assessment standard"),
    "visibility": Label("可见范围", "visibility"),
}


@dataclass(frozen=True, kw_only=True)
class Names:
    """The names of persons, departments and posts by id, as they are when somebody reads."""

    persons: Mapping[str, str] = field(default_factory=dict)
    departments: Mapping[str, str] = field(default_factory=dict)
    posts: Mapping[str, str] = field(default_factory=dict)

    def person(self, person: str, language: Language = "zh") -> str:
        """Name a person. One whose name nobody knows is called by the id."""
        return THE_SYSTEM.of(language) if person == SYSTEM.person else self.persons.get(person, person)

    def department(self, department: str) -> str:
        """Name a department."""
        return self.departments.get(department, department)

    def post(self, post: str) -> str:
        """Give a post's title."""
        return self.posts.get(post, post)


def sentence(event: Any, asked: Asked) -> Label:
    """Give the sentence of an event, with marks for persons and departments. Raises KeyError for what is no event."""
    told = SENTENCES[type(event)](event, asked)
    # What people type may end with a full stop of its own.
    return Label(told.zh.replace("。。", "。"), _capital(told.en).replace("..", "."))


def resolve(text: str, names: Names, language: Language = "zh") -> str:
    """Put names in the place of marks."""

    def name(found: re.Match[str]) -> str:
        match found["sign"]:
            case "@":
                return names.person(found["id"], language)
            case "#":
                return names.department(found["id"])
            case _:
                return names.post(found["id"])

    return MARK.sub(name, text)


def persons_in(text: str) -> frozenset[str]:
    """Give the persons a sentence marks."""
    return frozenset(found["id"] for found in MARK.finditer(text) if found["sign"] == "@")


# One function a stream, one case an event


def _of_organisation(event: its_organisation.Event, asked: Asked) -> Label:
    who = _who(asked)
    match event:
        case its_organisation.DepartmentEstablished():
            return Label(
                f"{who.zh}设立部门“{event.name}”（{label(event.kind)}）。",
                f"{who.en} established the department '{event.name}' ({label(event.kind, 'en')}).",
            )
        case its_organisation.PostEstablished():
            return Label(
                f"{who.zh}在{_d(event.department)}设立岗位“{event.title}”。",
                f"{who.en} established the post '{event.title}' in {_d(event.department)}.",
            )
        case its_organisation.Appointed():
            return Label(
                f"{_p(event.person)} 自 {day(event.since)} 起任{_post(event.post)}{_until(event.until).zh}。",
                f"{_p(event.person)} holds the post of {_post(event.post)} from {day(event.since)}{_until(event.until).en}.",
            )
        case its_organisation.AppointmentEnded():
            return Label(
                f"{_p(event.person)} 任{_post(event.post)}至 {day(event.until)} 为止。",
                f"{_p(event.person)} holds the post of {_post(event.post)} until {day(event.until)}.",
            )
        case its_organisation.LiaisonNamed():
            zh, en = (f"，{_p(event.deputy)} 为副联络员", f", with {_p(event.deputy)} as deputy") if event.deputy else ("", "")
            return Label(
                f"{who.zh}任命 {_p(event.person)} 为{_d(event.department)}绩效联络员{zh}，自 {day(event.since)} 起。",
                f"{who.en} named {_p(event.person)} liaison of {_d(event.department)}{en}, from {day(event.since)}.",
            )
        case its_organisation.FieldAssigned():
            its = [_d(department) for department in event.departments]
            return Label(
                f"{_p(event.leader)} 自 {day(event.since)} 起分管：{'、'.join(its) or '无'}。",
                f"From {day(event.since)} {_p(event.leader)} has in charge: {', '.join(its) or 'nothing'}.",
            )
        case its_organisation.AuthorisationGranted():
            what = "、".join(map(command, event.commands)) or "全部事项"
            en = ", ".join(command(name, "en") for name in event.commands) or "everything"
            dates = f"{day(event.since)} 至 {day(event.until)}"
            return Label(
                f"{_p(event.principal)} 授权 {_p(event.person)} 代办：{what}，{dates}，"
                f"授权编号 {event.authorisation}{_doc(event.document).zh}。",
                f"{_p(event.principal)} authorised {_p(event.person)} to act in their place for {en}, {day(event.since)} to "
                f"{day(event.until)}, number {event.authorisation}{_doc(event.document).en}.",
            )
        case its_organisation.AuthorisationWithdrawn():
            return Label(
                f"{who.zh}收回授权 {event.authorisation}，自 {day(event.on)} 起失效。",
                f"{who.en} withdrew the authorisation {event.authorisation} with effect from {day(event.on)}.",
            )
        case its_organisation.AbsenceRecorded():
            return Label(
                f"{_p(event.person)} {day(event.since)} 至 {day(event.until)} 外出：{event.cause}。",
                f"{_p(event.person)} is away from {day(event.since)} to {day(event.until)}: {event.cause}.",
            )
        case _:
            assert_never(event)


def _of_calendar(event: its_calendar.CalendarPublished, asked: Asked) -> Label:
    who, its = _who(asked), event.calendar
    years = [str(year) for year in its.official_years]
    return Label(
        f"{who.zh}发布工作日历“{its.region}”第 {its.version} 版，含 {'、'.join(years)} 年放假调休安排{_doc(event.document).zh}。",
        f"{who.en} published version {its.version} of calendar '{its.region}' with the holidays of {', '.join(years)}"
        f"{_doc(event.document).en}.",
    )


def _of_rule(event: its_rule.RulePublished, asked: Asked) -> Label:
    who, what = _who(asked), POLICIES[event.body.kind]
    return Label(
        f"{who.zh}发布制度“{what.zh}”第 {event.version} 版{_doc(event.document).zh}。",
        f"{who.en} published version {event.version} of the rule '{what.en}'{_doc(event.document).en}.",
    )


def _of_indicator(event: its_indicator.IndicatorPublished, asked: Asked) -> Label:
    who, its = _who(asked), event.definition
    return Label(
        f"{who.zh}发布指标“{its.name}”第 {event.version} 版，分值 {amount(its.points)} 分{_doc(event.document).zh}。",
        f"{who.en} published version {event.version} of indicator '{its.name}', "
        f"worth {amount(its.points)} points{_doc(event.document).en}.",
    )


def _of_cycle(event: its_cycle.Event, asked: Asked) -> Label:
    who = _who(asked)
    match event:
        case its_cycle.CycleOpened():
            demo = Label("（演示）", " (demonstration)") if event.demonstration else Label("", "")
            return Label(
                f"{who.zh}启动考核周期“{event.name}”{demo.zh}，{day(event.starts)} 至 {day(event.ends)}。",
                f"{who.en} opened the cycle '{event.name}'{demo.en}, {day(event.starts)} to {day(event.ends)}.",
            )
        case its_cycle.TasksPlanned():
            count = len(event.assignments)
            return Label(f"{who.zh}编制 {count} 项指标任务。", f"{who.en} planned {count} tasks.")
        case its_cycle.CycleIssued():
            return Label(
                f"{event.issuer}以 {event.document} 下达 {event.tasks} 项指标任务，由{who.zh}签发。",
                f"{event.issuer} issued {event.tasks} tasks by {event.document}, given out by {who.en}.",
            )
        case its_cycle.RulesAdopted():
            its = "、".join(f"{rule.rule} 第 {rule.version} 版" for rule in event.rules) or "默认制度"
            en = ", ".join(f"{rule.rule} version {rule.version}" for rule in event.rules) or "the default rules"
            return Label(f"{who.zh}以 {event.document} 改用制度：{its}。", f"{who.en} adopted by {event.document}: {en}.")
        case its_cycle.CarryInClosed():
            return Label(f"{who.zh}结束历史补录，时限开始计时。", f"{who.en} closed the carrying in of history; the clocks run.")
        case its_cycle.PreAssessmentCalled():
            return Label(
                f"{who.zh}启动{period(event.period)}预考核“{event.label}”。",
                f"{who.en} called the pre-assessment '{event.label}' of {period(event.period, 'en')}.",
            )
        case its_cycle.DataLocked():
            early = Label("提前", " early") if event.early else Label("", "")
            return Label(
                f"{who.zh}{early.zh}锁定数据；自评截止 {instant(event.self_score.current)}，"
                f"考评截止 {instant(event.review_score.current)}，汇总截止 {instant(event.consolidate.current)}。",
                f"{who.en} locked the data{early.en}; self-scores are due {instant(event.self_score.current)}, review scores "
                f"{instant(event.review_score.current)}, consolidation {instant(event.consolidate.current)}.",
            )
        case its_cycle.ResultApproved():
            return Label(f"{who.zh}依据 {event.minutes} 审定考核结果。", f"{who.en} approved the results by {event.minutes}.")
        case its_cycle.ResultPublicised():
            return Label(
                f"{who.zh}以 {event.document} 公示考核结果，至 {instant(event.until)}。",
                f"{who.en} published the results for objection by {event.document}, until {instant(event.until)}.",
            )
        case its_cycle.ResultFinalised():
            return Label("公示期满，考核结果定分。", "The public notice is over; the results are final.")
        case its_cycle.CyclePackageArchived():
            return Label(
                f"{who.zh}以 {event.document} 将周期资料归档。", f"{who.en} archived the cycle's package by {event.document}."
            )
        case its_cycle.PhaseRungReached():
            what = event.rung.partition("/")[0]
            return Label(
                f"{deadline(what)}到了催办节点，通知尚未办理的任务。",
                f"A rung of {deadline(what, 'en')} was reached; the tasks that owe it are called.",
            )
        case its_cycle.TasksCalled():
            return Label(f"已通知 {event.tasks} 项任务。", f"{event.tasks} tasks were called.")
        case _:
            assert_never(event)


def _of_task(event: TaskEvent, asked: Asked) -> Label:
    who = _who(asked)
    match event:
        case facts.TaskIssued():
            its, name = event.assignment, event.definition.name
            return Label(
                f"指标“{name}”（{amount(event.definition.points)} 分）以 {event.document} 下达给{_d(its.lead)}，"
                f"责任人 {_p(its.responsible)}，承接截止 {instant(event.accept.current)}。",
                f"Indicator '{name}' ({amount(event.definition.points)} points) was issued to {_d(its.lead)} by {event.document}; "
                f"{_p(its.responsible)} is responsible, to be accepted by {instant(event.accept.current)}.",
            )
        case facts.TaskAccepted():
            late = (
                Label("（在时限内收到，撤销视同承接）", " (received in time; the silence no longer counts)")
                if event.after_deemed
                else Label("", "")
            )
            plan = Label(f"，工作计划：{event.plan}", f"; plan: {event.plan}") if event.plan else Label("", "")
            return Label(f"{who.zh}承接了指标{late.zh}{plan.zh}。", f"{who.en} accepted the task{late.en}{plan.en}.")
        case facts.TaskDeemedAccepted():
            return Label(
                f"承接时限已过无人答复，视同承接{_told(event.to).zh}。",
                f"Nobody answered in time; the task counts as accepted{_told(event.to).en}.",
            )
        case facts.ReportOpened():
            return Label(
                f"{period(event.period)}报表开放，上报截止 {instant(event.due.current)}。",
                f"The report of {period(event.period, 'en')} is open, due {instant(event.due.current)}.",
            )
        case facts.ContributionDelivered():
            note = Label(f"：{event.note}", f": {event.note}") if event.note else Label("", "")
            return Label(
                f"{_d(event.department)}的{who.zh}交付了{period(event.period)}协办内容{_evidence(event.evidence).zh}{note.zh}。",
                f"{who.en} of {_d(event.department)} delivered its contribution for {period(event.period, 'en')}"
                f"{_evidence(event.evidence).en}{note.en}.",
            )
        case facts.ReportSubmitted():
            return _submitted(event, who)
        case facts.DeadlineMet():
            return Label(
                f"{deadline(event.deadline)}实际在时限内收到，撤销逾期记录。",
                f"What counted as overdue ({deadline(event.deadline, 'en')}) had been received in time; the overdue mark is lifted.",
            )
        case facts.ReportSigned():
            return Label(
                f"{who.zh}签发了{period(event.period)}报表第 {event.version} 版{_substitute(is_one=event.substitute).zh}，"
                f"审核截止 {instant(event.review.current)}。",
                f"{who.en} signed version {event.version} of the report of {period(event.period, 'en')}"
                f"{_substitute(is_one=event.substitute).en}; the review is due {instant(event.review.current)}.",
            )
        case facts.ReportAccepted():
            late = Label("，保留逾期标记", ", marked late for ever") if event.late else Label("", "")
            return Label(
                f"{who.zh}审核通过{period(event.period)}报表第 {event.version} 版{_substitute(is_one=event.substitute).zh}{late.zh}。",
                f"{who.en} accepted version {event.version} of the report of {period(event.period, 'en')}"
                f"{_substitute(is_one=event.substitute).en}{late.en}.",
            )
        case facts.ReportReturned():
            comment = Label(f"：{event.comment}", f": {event.comment}") if event.comment else Label("", "")
            return Label(
                f"{who.zh}退回{period(event.period)}报表第 {event.version} 版（第 {event.returns} 次，{label(event.code)}）{comment.zh}，"
                f"重报截止 {instant(event.due.current)}{_told(event.to).zh}。",
                f"{who.en} returned version {event.version} of the report of {period(event.period, 'en')} (return {event.returns}, "
                f"{label(event.code, 'en')}){comment.en}; again by {instant(event.due.current)}{_told(event.to).en}.",
            )
        case facts.ReportMissing():
            return Label(
                f"锁定数据时{period(event.period)}报表仍未审核通过，记为缺报。",
                f"The report of {period(event.period, 'en')} was not accepted when the data were locked; it is recorded as missing.",
            )
        case facts.ReminderSent():
            sender = Label(f"{_d(event.sender)}", _d(event.sender)) if event.sender else THE_SYSTEM
            return Label(
                f"{sender.zh}提醒{_people(event.to)}：{deadline(event.deadline)}截止 {instant(event.due)}。",
                f"{sender.en} reminded {_people(event.to, 'en')}: {deadline(event.deadline, 'en')} is due {instant(event.due)}.",
            )
        case facts.DeadlinePassed():
            return Label(
                f"{deadline(event.deadline)}逾期（{instant(event.due)} 截止，{event.level} 级）{_told(event.to).zh}。",
                f"{_capital(deadline(event.deadline, 'en'))} is overdue (due {instant(event.due)}, level {event.level})"
                f"{_told(event.to).en}.",
            )
        case facts.EscalationRaised():
            order = Label("，并立督办单", ", with a supervision order") if event.order else Label("", "")
            return Label(
                f"{deadline(event.deadline)}逾期升级为 {event.level} 级{label(event.act)}{order.zh}{_told(event.to).zh}。",
                f"{_capital(deadline(event.deadline, 'en'))} escalated to level {event.level}, {label(event.act, 'en')}"
                f"{order.en}{_told(event.to).en}.",
            )
        case facts.PreAssessmentRun():
            return _pre_assessed(event)
        case facts.GapRecorded():
            return Label(
                f"{period(event.period)}预考核低于标准，失分 {amount(event.lost)} 分，"
                f"立督办单整改，截止 {instant(event.order_due.current)}。",
                f"The pre-assessment of {period(event.period, 'en')} is below standard by {amount(event.lost)} points; a supervision order "
                f"is to put it right by {instant(event.order_due.current)}.",
            )
        case facts.SupervisionLinked():
            return Label("督办单已立项并关联本任务。", "The supervision order is open and linked to this task.")
        case facts.OrderOutcomeRecorded():
            late = Label("，逾期办结", ", late") if event.late else Label("", "")
            return Label(
                f"督办结果回写：{label(event.completion)}，{label(event.quality)}{late.zh}。",
                f"The order's outcome is recorded: {label(event.completion, 'en')}, {label(event.quality, 'en')}{late.en}.",
            )
        case facts.SelfScored():
            if event.deemed:
                return Label(
                    f"自评逾期，按计算分 {amount(event.points)} 计。",
                    f"Nobody self-scored in time; the computed score stands: {amount(event.points, 'en')}.",
                )
            return Label(
                f"{who.zh}自评 {amount(event.points)} 分（计算分 {amount(event.computed.points)}）{_ground(event.ground).zh}。",
                f"{who.en} self-scored {amount(event.points, 'en')} points (computed: {amount(event.computed.points, 'en')})"
                f"{_ground(event.ground).en}.",
            )
        case facts.ReviewScored():
            second = (
                Label(f"，复核人 {_p(event.second)}", f", second person {_p(event.second)}") if event.second else Label("", "")
            )
            return Label(
                f"{who.zh}考评 {amount(event.points)} 分（计算分 {amount(event.computed.points)}）{second.zh}"
                f"{_substitute(is_one=event.substitute).zh}{_ground(event.ground).zh}。",
                f"{who.en} review-scored {amount(event.points, 'en')} points (computed: {amount(event.computed.points, 'en')}){second.en}"
                f"{_substitute(is_one=event.substitute).en}{_ground(event.ground).en}.",
            )
        case facts.TaskConsolidated():
            return _consolidated(event, who)
        case _:
            assert_never(event)


def _of_order(event: its_order.Event, asked: Asked) -> Label:
    who = _who(asked)
    match event:
        case its_order.SupervisionRegistered():
            about = period(event.matter) if event.cause is its_order.OrderCause.PRE_ASSESSMENT_GAP else deadline(event.matter)
            en = (
                period(event.matter, "en")
                if event.cause is its_order.OrderCause.PRE_ASSESSMENT_GAP
                else deadline(event.matter, "en")
            )
            return Label(
                f"督办立项交办（{label(event.colour)}，{label(event.cause)}：{about}），由{_d(event.lead)} {_p(event.responsible)} 承办，"
                f"截止 {instant(event.due.current)}。",
                f"A supervision order was opened ({label(event.colour, 'en')}, {label(event.cause, 'en')}: {en}) for {_d(event.lead)}, "
                f"{_p(event.responsible)}, due {instant(event.due.current)}.",
            )
        case its_order.SupervisionSignedFor():
            return Label(f"{who.zh}签收督办单。", f"{who.en} signed for the order.")
        case its_order.FeedbackGiven():
            return Label(
                f"{who.zh}反馈：措施“{event.measures}”，进展“{event.progress}”{_evidence(event.evidence).zh}。",
                f"{who.en} reported: measures '{event.measures}', progress '{event.progress}'{_evidence(event.evidence).en}.",
            )
        case its_order.CompletionClaimed():
            late = Label("（逾期）", " (late)") if event.late else Label("", "")
            return Label(
                f"{who.zh}申请办结{late.zh}：{event.summary}{_evidence(event.evidence).zh}。",
                f"{who.en} claimed completion{late.en}: {event.summary}{_evidence(event.evidence).en}.",
            )
        case its_order.ReturnedForRework():
            return Label(
                f"{who.zh}核验后退办（{label(event.completion)}，{label(event.quality)}）：{event.comment}。",
                f"{who.en} sent it back ({label(event.completion, 'en')}, {label(event.quality, 'en')}): {event.comment}.",
            )
        case its_order.SupervisionClosed():
            late = Label("，逾期办结", ", late") if event.late else Label("", "")
            return Label(
                f"{who.zh}核验销号（{label(event.completion)}，{label(event.quality)}{late.zh}）{_substitute(is_one=event.substitute).zh}：{event.comment}。",
                f"{who.en} struck the order off ({label(event.completion, 'en')}, {label(event.quality, 'en')}{late.en})"
                f"{_substitute(is_one=event.substitute).en}: {event.comment}.",
            )
        case its_order.SupervisionReminded():
            return Label(
                f"提醒{_people(event.to)}办理督办单，截止 {instant(event.due)}。",
                f"{_people(event.to, 'en')} were reminded of the order, due {instant(event.due)}.",
            )
        case its_order.ColourRaised():
            return Label(
                f"督办升级为{label(event.colour)}（{event.level} 级{label(event.act)}）{_told(event.to).zh}。",
                f"The order was raised to {label(event.colour, 'en')} (level {event.level}, {label(event.act, 'en')}){_told(event.to).en}.",
            )
        case its_order.SupervisionArchived():
            return Label("督办结果已回写任务，督办单归档。", "The outcome has reached the task; the order is archived.")
        case _:
            assert_never(event)


def _of_refusal(event: its_refusal.CommandRefused, asked: Asked) -> Label:
    who = _who(asked)
    return Label(
        f"{who.zh}的“{command(event.command)}”被拒绝：{_in_words(event, event.zh)}",
        f"'{command(event.command, 'en')}' by {who.en} was refused: {_in_words(event, event.en, 'en')}",
    )


OF_STREAM: Mapping[str, Callable[[Any, Asked], Label]] = {
    "organisation": _of_organisation,
    "calendar": _of_calendar,
    "rule": _of_rule,
    "indicator": _of_indicator,
    "cycle": _of_cycle,
    "task": _of_task,
    "order": _of_order,
    "refusal": _of_refusal,
}
SENTENCES: Mapping[type, Callable[[Any, Asked], Label]] = {
    event: OF_STREAM[decider.name] for decider in DECIDERS for event in decider.events
}


# Parts of sentences


def _in_words(event: its_refusal.CommandRefused, told: str, language: Language = "zh") -> str:
    """Put labels and marks in the place of the codes and ids a refusal's sentence was filled with."""
    words = {filled.value: word for filled in event.values if (word := _word(filled, event.code, language))}
    if not words:
        return told
    codes = "|".join(re.escape(code) for code in sorted(words, key=len, reverse=True))
    return re.sub(rf"(?<![A-Za-z0-9_/-])(?:{codes})(?![A-Za-z0-9_/-])", lambda found: words[found[0]], told)


def _word(filled: its_refusal.Filled, code: str, language: Language) -> str:
    """Give the words for one value of a refusal (empty: it says itself)."""
    match filled.name:
        case "person" | "principal":
            return _p(filled.value)
        case "command":
            return command(filled.value, language)
        case "needed" | "held" if filled.value == "-":
            return "无" if language == "zh" else "none"
        case "stage" | "phase" | "needed" | "held" | "duty" if code in STAGES:
            kind = STAGES[code]
            parts = re.split(r"(/|, )", filled.value)
            return "".join(label(kind(part), language) if part in set(kind) else part for part in parts)
        case _:
            return ""


STAGES: Mapping[str, type[StrEnum]] = {  # What the codes in a refusal's sentence are of.
    "NotPossibleAtThisStage": Stage,
    "NotPossibleInThisPhase": Phase,
    "NotPossibleForTheOrder": its_order.OrderStage,
    "ReportIsElsewhere": ReportStage,
    "TheSameHands": Duty,
    "NotEntitled": Relation,
}


def _submitted(event: facts.ReportSubmitted, who: Label) -> Label:
    marks = [
        mark
        for is_so, mark in (
            (event.late, Label("逾期", "late")),
            (event.backfilled, Label("补录", "entered afterwards")),
            (event.on_behalf, Label("代录", "on behalf")),
        )
        if is_so
    ]
    zh = f"（{'、'.join(mark.zh for mark in marks)}）" if marks else ""
    en = f" ({', '.join(mark.en for mark in marks)})" if marks else ""
    values = "，".join(_value(one) for one in event.values) or "无数值"
    return Label(
        f"{who.zh}上报{period(event.period)}数据第 {event.version} 版{zh}：{values}（截至 {day(event.as_of)}，来源：{event.data_source}）"
        f"{_evidence(event.evidence).zh}。",
        f"{who.en} submitted version {event.version} of {period(event.period, 'en')}{en}: "
        f"{', '.join(_value(one, 'en') for one in event.values) or 'no values'} (as of {day(event.as_of)}, from {event.data_source})"
        f"{_evidence(event.evidence).en}.",
    )


def _pre_assessed(event: facts.PreAssessmentRun) -> Label:
    zh = f"，缺报：{'、'.join(period(one) for one in event.missing)}" if event.missing else ""
    en = f"; missing: {', '.join(period(one, 'en') for one in event.missing)}" if event.missing else ""
    if event.percent is None:
        return Label(
            f"{period(event.period)}预考核：尚无可评分的数据{zh}。",
            f"Pre-assessment of {period(event.period, 'en')}: nothing to score yet{en}.",
        )
    return Label(
        f"{period(event.period)}预考核：{amount(event.scored.points)} 分，达满分的 {amount(event.percent)}%"
        f"（标准 {amount(event.standard)}%）{zh}。",
        f"Pre-assessment of {period(event.period, 'en')}: {amount(event.scored.points, 'en')} points, "
        f"{amount(event.percent, 'en')} % of full marks (standard {amount(event.standard, 'en')} %){en}.",
    )


def _consolidated(event: facts.TaskConsolidated, who: Label) -> Label:
    tail = _substitute(is_one=event.substitute)
    change = event.adjustment
    if change is None:
        return Label(
            f"{who.zh}汇总定为 {amount(event.points)} 分{tail.zh}。",
            f"{who.en} consolidated {amount(event.points, 'en')} points{tail.en}.",
        )
    return Label(
        f"{who.zh}汇总时将 {amount(change.before)} 分调整为 {amount(change.after)} 分，"
        f"复核人 {_p(change.second)}，理由：{change.reason}{tail.zh}。",
        f"{who.en} adjusted {amount(change.before)} points to {amount(change.after)}, second person {_p(change.second)}, because: "
        f"{change.reason}{tail.en}.",
    )


def _value(one: Reported, language: Language = "zh") -> str:
    match one:
        case Number():
            told = amount(one.value)
        case Flag():
            told = ("是" if one.value else "否") if language == "zh" else ("yes" if one.value else "no")
        case Text():
            told = one.value
        case Numbers():
            told = "、".join(amount(value) for value in one.value)
        case Texts():
            told = "、".join(one.value)
        case Achievements():
            told = f"{len(one.value)} 项" if language == "zh" else f"{len(one.value)} achievements"
        case _:
            assert_never(one)
    name = INPUTS.get(one.name, one.name) if language == "zh" else one.name
    return f"{name} {told}" if language == "zh" else f"{name} = {told}"


def _who(asked: Asked) -> Label:
    if asked.by.person == SYSTEM.person:
        return THE_SYSTEM
    person = _p(asked.by.person)
    if asked.on_behalf_of:
        return Label(f"{person}（代 {_p(asked.on_behalf_of)}）", f"{person} (for {_p(asked.on_behalf_of)})")
    return Label(f"{person} ", person)


def _p(person: str) -> str:
    return f"@{{{person}}}"


def _post(post: str) -> str:
    return f"^{{{post}}}"


def _d(department: str) -> str:
    return f"#{{{department}}}"


def _people(persons: Iterable[str], language: Language = "zh") -> str:
    found = [_p(person) for person in persons]
    nobody = "（无人）" if language == "zh" else "nobody"
    return ("、" if language == "zh" else ", ").join(found) or nobody


def _told(persons: tuple[str, ...]) -> Label:
    if not persons:
        return Label("", "")
    return Label(f"，已通知 {_people(persons)}", f"; told: {_people(persons, 'en')}")


def _until(until: Any) -> Label:
    return Label("", "") if until == FOR_EVER else Label(f"，至 {day(until)}", f" until {day(until)}")


def _doc(document: str) -> Label:
    return Label(f"，依据 {document}", f", by {document}") if document else Label("", "")


def _ground(ground: str) -> Label:
    return Label(f"，依据：{ground}", f", on the ground: {ground}") if ground else Label("", "")


def _substitute(*, is_one: bool) -> Label:
    return Label("（授权替代人办理，已列示）", " (by an authorised substitute, listed)") if is_one else Label("", "")


def _evidence(evidence: tuple[Evidence, ...]) -> Label:
    return Label(f"，附佐证 {len(evidence)} 份", f", with {len(evidence)} pieces of evidence") if evidence else Label("", "")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
