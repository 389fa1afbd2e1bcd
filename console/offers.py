"""What this person may do now, as forms: the steps that have their turn, kept to those the person is entitled to.

For themselves, for somebody who authorised them, or (代录) for the providing department. Whether it is then done is decided by the
domain against the log, not here.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from console.forms import Field, Filled, shown, value_field
from console.steps import Step
from console.visitor import Visitor, principals
from console.words import Words
from domain.authority import MAY, ON_BEHALF, TheSameHands, holders, keep_apart, relations
from domain.cycle import (
    ApproveResults,
    ArchiveCycle,
    CallPreAssessment,
    CloseCarryIn,
    Cycle,
    IssueCycle,
    LockData,
    PubliciseResults,
)
from domain.evidence import Evidence
from domain.order import ClaimCompletion, Completion, GiveFeedback, Quality, SignForOrder, VerifyOrder
from domain.policy import Duties, Duty, Relation
from domain.reported import Text
from domain.scoring import InputSpec, inputs, judged_inputs
from domain.scoring.working import text
from domain.task.commands import (
    Accept,
    AcceptReport,
    Consolidate,
    DeliverContribution,
    ReturnReport,
    ReviewScore,
    SelfScore,
    SignReport,
    SubmitReport,
)
from domain.task.evaluation import asked_of_reports, evaluate, is_by_hand
from domain.task.facts import Adjustment, ReturnCode
from domain.task.state import Task
from projections import labels
from projections.labels import label

SECOND = "second_person"  # How the rules name the input that says who checked a manual score.
LONG_LIST = 60  # Persons in a choice; more would not be found by eye.


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One form. ``blocked`` says why the person, though entitled, may not: their own hands did the other duty.

    ``principal`` and ``authorisation`` are set where the person acts for somebody else.
    """

    step: Step
    verb: str
    fields: tuple[Field, ...] = ()
    note: str = ""
    blocked: str = ""
    principal: str = ""
    authorisation: str = ""

    @property
    def key(self) -> str:
        """Tell this form from the others on the page."""
        parts = (self.step.command, self.step.subject, self.principal, self.authorisation)
        return ".".join(part for part in parts if part)


@dataclass(frozen=True, kw_only=True)
class Awaited:
    """Whom a step waits for."""

    step: Step
    verb: str
    relation: str
    persons: tuple[str, ...]


def offers(
    steps: Iterable[Step], visitor: Visitor, words: Words, duties: Duties, fields: "Fields | None" = None
) -> tuple[Offer, ...]:
    """Give the forms of the steps this person may do, the most urgent first."""
    found: list[Offer] = []
    for step in steps:
        found += _own(step, visitor, words, duties, fields)
        found += _authorised(step, visitor, words, duties, fields)
        if not any(offer.step == step for offer in found):
            found += _entered_for_others(step, visitor, words, fields)
    return tuple(found)


def awaited(steps: Iterable[Step], visitor: Visitor, words: Words) -> tuple[Awaited, ...]:
    """Say whom the steps that have their turn are waiting for."""
    return tuple(
        Awaited(
            step=step,
            verb=labels.command(step.command, words.language),
            relation=label(step.relation, words.language),
            persons=holders(step.relation, step.parties, visitor.organisation, visitor.on),
        )
        for step in steps
        if step.rank == 0
    )


class Fields(ABC):
    """Makes the fields of a step's form. One for each kind of stream."""

    @abstractmethod
    def of(self, step: Step, visitor: Visitor, words: Words) -> tuple[tuple[Field, ...], str]:
        """Give the fields, and a note where one is due."""

    @abstractmethod
    def command(self, step: Step, filled: Filled, evidence: tuple[Evidence, ...]) -> Any:
        """Make the command of a form that was filled in."""


@dataclass(frozen=True, kw_only=True)
class TaskFields(Fields):
    """The forms of a task. ``names`` are those of the persons who may be chosen."""

    task: Task
    names: Mapping[str, str]

    def of(self, step: Step, visitor: Visitor, words: Words) -> tuple[tuple[Field, ...], str]:
        """Give the fields of a task's step."""
        match step.command:
            case "Accept":
                plan = Field(
                    name="plan",
                    label=words("承接计划"),
                    kind="area",
                    hint=words("可不填；写明路径、节点和责任人更有利于后续督导"),
                )
                return (plan,), ""
            case "DeliverContribution":
                return (Field(name="note", label=words("配合内容"), kind="area", required=True), _files(words)), ""
            case "SubmitReport":
                return self._report(step.subject, visitor.on, words), self._report_note(words)
            case "ReturnReport":
                return self._returned(words), ""
            case "SelfScore":
                return self._self_score(words)
            case "ReviewScore":
                return self._review_score(visitor, words)
            case "Consolidate":
                return self._consolidate(visitor, words)
            case _:
                return (), ""

    def command(self, step: Step, filled: Filled, evidence: tuple[Evidence, ...]) -> Any:
        """Make a task's command."""
        period = step.subject
        match step.command:
            case "Accept":
                return Accept(plan=filled.text("plan"))
            case "DeliverContribution":
                return DeliverContribution(period=period, note=filled.text("note"), evidence=evidence)
            case "SubmitReport":
                return SubmitReport(
                    period=period,
                    values=filled.values,
                    as_of=filled.day("as_of"),
                    data_source=filled.text("data_source"),
                    evidence=evidence,
                    note=filled.text("note"),
                    explanation=filled.text("explanation"),
                )
            case "SignReport":
                return SignReport(period=period)
            case "AcceptReport":
                return AcceptReport(period=period)
            case "ReturnReport":
                return ReturnReport(period=period, code=ReturnCode(filled.text("code")), comment=filled.text("comment"))
            case "SelfScore":
                return SelfScore(points=filled.number("points"), ground=filled.text("ground"))
            case "ReviewScore":
                named = [one.value for one in filled.values if isinstance(one, Text) and one.name.endswith(SECOND)]
                return ReviewScore(
                    points=filled.number("points"),
                    values=filled.values,
                    ground=filled.text("ground"),
                    second=filled.text("second") or next(iter(named), ""),
                )
            case "Consolidate":
                return Consolidate(adjustment=self._adjustment(filled, evidence))
            case other:
                raise AssertionError(other)

    def _report(self, period: str, on: date, words: Words) -> tuple[Field, ...]:
        definition, report = self.task.the.definition, self.task.reports[period]
        before = {name: value for name, value in self._before(period).items() if name}
        given = {one.name: shown(one) for one in report.values}
        specs = asked_of_reports(definition, unit_class=self.task.the.assignment.unit_class)
        last_day = min(report.period.ends, on)
        return (
            *(value_field(spec, beside=before.get(spec.name, ""), value=given.get(spec.name, "")) for spec in specs),
            Field(
                name="as_of",
                label=words("数据截止日"),
                kind="date",
                required=True,
                value=last_day.isoformat(),
                latest=on.isoformat(),
                hint=words("数据反映到哪一天为止"),
            ),
            Field(name="data_source", label=words("数据来源"), required=True, value=definition.data_source),
            replace(_files(words), required=definition.evidence_required and not report.values),
            Field(name="note", label=words("说明"), kind="area"),
            Field(name="explanation", label=words("偏差或逾期原因"), kind="area", hint=words("按期且达标时不必填写")),
        )

    def _report_note(self, words: Words) -> str:
        return words("本指标由考评人打分，上报佐证材料和说明即可。") if is_by_hand(self.task) else ""

    def _before(self, period: str) -> Mapping[str, str]:
        """Give the values of the last period before this one that has some."""
        earlier = [report for key, report in self.task.reports.items() if key < period and report.values]
        return {one.name: shown(one) for one in earlier[-1].values} if earlier else {}

    def _returned(self, words: Words) -> tuple[Field, ...]:
        codes = tuple((code.value, label(code, words.language)) for code in ReturnCode)
        return (
            Field(name="code", label=words("退回原因"), kind="select", required=True, options=codes),
            Field(name="comment", label=words("退回意见"), kind="area", hint=words("写明缺什么、怎样补；选“其他”时必填")),
        )

    def _self_score(self, words: Words) -> tuple[tuple[Field, ...], str]:
        fields = (
            Field(name="points", label=words("自评得分"), kind="number", unit=words("分"), hint=words("不填即采用计算分")),
            Field(name="ground", label=words("自评依据"), kind="area", hint=words("高于计算分时必须写明依据")),
        )
        return fields, self._computed_note(words)

    def _review_score(self, visitor: Visitor, words: Words) -> tuple[tuple[Field, ...], str]:
        persons = self._persons(visitor)
        ground = Field(name="ground", label=words("评分依据"), kind="area", hint=words("与计算分不一致时必须写明依据"))
        if is_by_hand(self.task):
            rule = self.task.the.definition.rule
            specs = [spec for spec in inputs(rule) if spec.name in judged_inputs(rule)]
            judged = tuple(_judged(spec, persons) for spec in specs)
            named = any(spec.name.endswith(SECOND) for spec in specs)
            second = () if named else (_second(persons, words, required=True),)
            return (*judged, ground, *second), words("人工评分：须在评分范围内打分，写明依据，并由第二人复核。")
        points = Field(name="points", label=words("考评得分"), kind="number", unit=words("分"), hint=words("不填即采用计算分"))
        return (points, ground, _second(persons, words, required=False)), self._computed_note(words)

    def _consolidate(self, visitor: Visitor, words: Words) -> tuple[tuple[Field, ...], str]:
        fields = (
            Field(name="after", label=words("调整后得分"), kind="number", unit=words("分"), hint=words("不调整则留空")),
            Field(name="ground", label=words("调整理由"), kind="area"),
            _second(self._persons(visitor), words, required=False),
            _files(words),
        )
        now = "—" if self.task.points is None else text(self.task.points)
        return fields, words("当前得分 {points} 分。无异议直接汇总；调整须写明理由并由第二人复核。", points=now)

    def _adjustment(self, filled: Filled, evidence: tuple[Evidence, ...]) -> Adjustment | None:
        after = filled.number("after")
        if after is None:
            return None
        before = Decimal(0) if self.task.points is None else self.task.points
        return Adjustment(
            before=before, after=after, reason=filled.text("ground"), second=filled.text("second"), evidence=evidence
        )

    def _computed_note(self, words: Words) -> str:
        points = evaluate(self.task, final=True).points
        return "" if points is None else words("按评分标准计算：{points} 分（过程见“得分过程”）。", points=text(points))

    def _persons(self, visitor: Visitor) -> tuple[tuple[str, str], ...]:
        """Give who may be the second person: colleagues of the same departments, never the person themselves."""
        organisation, on = visitor.organisation, visitor.on
        departments = sorted({post.department for post in visitor.posts})
        found = dict.fromkeys(person for department in departments for person in organisation.members(department, on))
        found.pop(visitor.person, None)
        return tuple((person, self.names.get(person, person)) for person in list(found)[:LONG_LIST])


@dataclass(frozen=True, kw_only=True)
class OrderFields(Fields):
    """The forms of a supervision order."""

    def of(self, step: Step, visitor: Visitor, words: Words) -> tuple[tuple[Field, ...], str]:
        """Give the fields of an order's step."""
        del visitor
        match step.command:
            case "GiveFeedback":
                measures = Field(name="measures", label=words("整改措施"), kind="area", required=True)
                progress = Field(name="progress", label=words("进展情况"), kind="area", required=True)
                return (measures, progress, _files(words)), ""
            case "ClaimCompletion":
                return (Field(name="summary", label=words("整改完成情况"), kind="area", required=True), _files(words)), ""
            case "VerifyOrder":
                done = tuple((one.value, label(one, words.language)) for one in Completion)
                good = tuple((one.value, label(one, words.language)) for one in Quality)
                fields = (
                    Field(name="completion", label=words("完成情况"), kind="select", required=True, options=done),
                    Field(name="quality", label=words("完成质量"), kind="select", required=True, options=good),
                    Field(name="comment", label=words("核验情况"), kind="area", required=True),
                    _files(words),
                )
                return fields, words("完成且质量不差则销号，否则退办。")
            case _:
                return (), ""

    def command(self, step: Step, filled: Filled, evidence: tuple[Evidence, ...]) -> Any:
        """Make an order's command."""
        match step.command:
            case "SignForOrder":
                return SignForOrder()
            case "GiveFeedback":
                return GiveFeedback(measures=filled.text("measures"), progress=filled.text("progress"), evidence=evidence)
            case "ClaimCompletion":
                return ClaimCompletion(summary=filled.text("summary"), evidence=evidence)
            case "VerifyOrder":
                return VerifyOrder(
                    completion=Completion(filled.text("completion")),
                    quality=Quality(filled.text("quality")),
                    comment=filled.text("comment"),
                    evidence=evidence,
                )
            case other:
                raise AssertionError(other)


@dataclass(frozen=True, kw_only=True)
class CycleFields(Fields):
    """The forms of a whole cycle."""

    cycle: Cycle

    def of(self, step: Step, visitor: Visitor, words: Words) -> tuple[tuple[Field, ...], str]:
        """Give the fields of a cycle's step."""
        document = Field(name="document", label=words("文号"), required=True)
        match step.command:
            case "IssueCycle":
                minutes = Field(name="minutes", label=words("会议纪要编号"))
                return (document, Field(name="issuer", label=words("签发人或签发机构"), required=True), minutes), ""
            case "CallPreAssessment":
                named = (
                    Field(name="period", label=words("期间"), required=True, hint="Q3"),
                    Field(name="label", label=words("名称"), required=True),
                )
                return named, ""
            case "LockData":
                opened = self.cycle.opened
                early = opened is not None and visitor.on <= opened.ends
                reason = Field(name="reason", label=words("提前锁定的原因"), kind="area", required=early)
                note = words("周期尚未结束，只有主要负责人写明原因后才能提前锁定。") if early else ""
                return (reason,), note
            case "ApproveResults":
                return (Field(name="minutes", label=words("会议纪要编号"), required=True),), ""
            case "PubliciseResults" | "ArchiveCycle":
                return (document,), ""
            case _:
                return (), ""

    def command(self, step: Step, filled: Filled, evidence: tuple[Evidence, ...]) -> Any:
        """Make a cycle's command."""
        del evidence
        match step.command:
            case "IssueCycle":
                return IssueCycle(document=filled.text("document"), issuer=filled.text("issuer"), minutes=filled.text("minutes"))
            case "CloseCarryIn":
                return CloseCarryIn()
            case "CallPreAssessment":
                return CallPreAssessment(period=filled.text("period"), label=filled.text("label"))
            case "LockData":
                return LockData()
            case "ApproveResults":
                return ApproveResults(minutes=filled.text("minutes"))
            case "PubliciseResults":
                return PubliciseResults(document=filled.text("document"))
            case "ArchiveCycle":
                return ArchiveCycle(document=filled.text("document"))
            case other:
                raise AssertionError(other)


def _own(step: Step, visitor: Visitor, words: Words, duties: Duties, fields: Fields | None) -> Iterable[Offer]:
    held = relations(visitor.person, step.parties, visitor.organisation, visitor.on)
    if held & _entitled(step):
        yield _offer(step, visitor, words, fields, blocked=_blocked(step, visitor, words, duties))


def _authorised(step: Step, visitor: Visitor, words: Words, duties: Duties, fields: Fields | None) -> Iterable[Offer]:
    for principal, authorisation, commands in principals(visitor):
        theirs = relations(principal, step.parties, visitor.organisation, visitor.on)
        if theirs & _entitled(step) and (not commands or step.command in commands):
            offer = _offer(step, visitor, words, fields, blocked=_blocked(step, visitor, words, duties))
            yield replace(
                offer,
                principal=principal,
                authorisation=authorisation,
                fields=(*_without(offer.fields, "reason"), _reason(words)),
            )


def _entered_for_others(step: Step, visitor: Visitor, words: Words, fields: Fields | None) -> Iterable[Offer]:
    """代录: without an authorisation, by the few who may, for a person of the department and with a reason [R20]."""
    held = relations(visitor.person, step.parties, visitor.organisation, visitor.on)
    if not held & ON_BEHALF.get(step.command, frozenset()):
        return
    candidates = holders(step.relation, step.parties, visitor.organisation, visitor.on)
    for principal in candidates[:1]:
        offer = _offer(replace(step, rank=2), visitor, words, fields, blocked="")
        yield replace(offer, principal=principal, fields=(*offer.fields, _reason(words)))


def _entitled(step: Step) -> frozenset[Relation]:
    return MAY[step.command] if step.only is None else frozenset({step.only})


def _offer(step: Step, visitor: Visitor, words: Words, fields: Fields | None, *, blocked: str) -> Offer:
    made, note = ((), "") if fields is None else fields.of(step, visitor, words)
    return Offer(step=step, verb=_verb(step, words), fields=made, note=note, blocked=blocked)


def _verb(step: Step, words: Words) -> str:
    """Say what the button does, which for a review is one of two things."""
    return words("审核通过") if step.command == "AcceptReport" else labels.command(step.command, words.language)


def _blocked(step: Step, visitor: Visitor, words: Words, duties: Duties) -> str:
    if step.duty is None:
        return ""
    try:
        keep_apart(step.duty, visitor.person, "", step.hands, duties)
    except TheSameHands as refused:
        held, duty = (label(Duty(refused.values[name]), words.language) for name in ("held", "duty"))
        return words("您已办理过“{held}”，按职责分离不能再办理“{duty}”，请由另一位有权的人办理。", held=held, duty=duty)
    return ""


def _files(words: Words) -> Field:
    return Field(
        name="evidence",
        label=words("佐证材料"),
        kind="files",
        hint=words("可多选；PDF、PNG、JPG、XLSX、DOCX、CSV、TXT，每个不超过 50 MB；文件名会作为材料标题"),
    )


def _reason(words: Words) -> Field:
    phrases = tuple(words(phrase) for phrase in ("本人外出", "系统数据统一导入", "纸质材料补录", "岗位交接"))
    return Field(name="reason", label=words("代办原因"), required=True, phrases=phrases)


def _second(persons: tuple[tuple[str, str], ...], words: Words, *, required: bool) -> Field:
    return Field(
        name="second", label=words("复核人"), kind="select", options=persons, required=required, hint=words("不能是本人")
    )


def _judged(spec: InputSpec, persons: tuple[tuple[str, str], ...]) -> Field:
    made = value_field(spec)
    return replace(made, kind="select", options=persons) if spec.name.endswith(SECOND) else made


def _without(fields: tuple[Field, ...], name: str) -> tuple[Field, ...]:
    return tuple(one for one in fields if one.name != name)
