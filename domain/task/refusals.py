"""What a task may answer no to, and what to do instead."""

from domain.decider import Refused


class NotPossibleAtThisStage(Refused):
    """The task is not where this command belongs."""

    zh = "任务目前处于“{stage}”，不能执行“{command}”；该操作在“{needed}”时进行。"
    en = "The task is '{stage}'; '{command}' belongs to '{needed}'."


class TaskIsNotPlanned(Refused):
    """The cycle's plan does not hold this task, or its indicator's version."""

    zh = "周期的任务清单中没有指标 {indicator}（{lead}）的第 {version} 版。请先编制后再下达。"
    en = "The cycle's plan has no version {version} of indicator {indicator} for {lead}. Plan it first."


class AlreadyDeemedAccepted(Refused):
    """Silence counted as acceptance, and the acceptance came after the limit."""

    zh = "承接时限 {due} 已过，系统已按“视同承接”处理，无需再承接。请直接按期上报。"
    en = "The limit of {due} has passed and the task counts as accepted by silence. Nothing to accept; report when due."


class PeriodIsUnknown(Refused):
    """The task has no such period."""

    zh = "本任务没有“{period}”这一期。可用的期间：{known}。"
    en = "The task has no period '{period}'. It has: {known}."


class ReportIsNotOpenYet(Refused):
    """The period has not opened."""

    zh = "“{period}”的报表 {opens} 才开放。请届时上报。"
    en = "The report of '{period}' opens on {opens}. Submit it then."


class ReportIsElsewhere(Refused):
    """The period's report is not at the step this command belongs to."""

    zh = "“{period}”的报表目前处于“{stage}”，不能执行“{command}”；该操作在“{needed}”时进行。"
    en = "The report of '{period}' is '{stage}'; '{command}' belongs to '{needed}'."


class EvidenceIsMissing(Refused):
    """This indicator asks for evidence [R28]."""

    zh = "指标“{name}”要求附佐证材料。请上传材料后重新提交。"
    en = "Indicator '{name}' asks for evidence. Attach it and submit again."


class DataSourceIsMissing(Refused):
    """A value without its source [R28]."""

    zh = "请写明数据来源（系统名称或文件）。"
    en = "Say where the value comes from: a system or a document."


class DateIsInTheFuture(Refused):
    """A value cannot be true of a day that has not come."""

    zh = "数据截止日 {as_of} 晚于受理日 {received}。请更正日期。"
    en = "The value is as of {as_of}, after its receipt on {received}. Correct the date."


class CommentIsMissing(Refused):
    """Returning for another reason needs words."""

    zh = "选择“其他”退回时必须写明原因。请填写后重新提交。"
    en = "Returning for another reason needs a comment. Write one and submit again."


class NotAssisting(Refused):
    """The person's department does not assist in this task."""

    zh = "{department} 不是本任务的协办部门。请由协办部门的责任人提交。"
    en = "{department} does not assist in this task. Let the assisting department's person deliver."


class GroundIsMissing(Refused):
    """A score that differs from the computed one needs a ground [R52]."""

    zh = "评分 {points} 与按标准计算的 {computed} 不一致，必须写明依据。请补充依据或采用计算分。"
    en = "The score {points} differs from the computed {computed} and needs a ground. Give it, or take the computed score."


class SecondPersonIsMissing(Refused):
    """A manual deviation needs a second person, who is not the first [R52]."""

    zh = "人工评分、偏离计算分或调整须由第二人复核：在岗、不是本人、也没有为本项评过分。请填写这样的复核人。"
    en = (
        "A manual, deviating or adjusted score needs a second person: in a post, not yourself, who has not scored this. Name one."
    )


class ScoreIsOutOfBounds(Refused):
    """A score outside what the indicator can give."""

    zh = "评分 {points} 超出允许范围 {low}～{high}。请在范围内评分。"
    en = "The score {points} is outside {low} to {high}. Score within the bounds."


class ScoreIsMissing(Refused):
    """Nothing could be computed and no points were given."""

    zh = "没有可计算的数据，请直接给出评分并写明依据。"
    en = "There is nothing to compute from. Give the points yourself, with a ground."


class AdjustmentDoesNotFit(Refused):
    """An adjustment starts from a score that is not the present one."""

    zh = "调整前分值 {before} 与当前分值 {current} 不符。请刷新后重新填写。"
    en = "The adjustment starts from {before}, but the present score is {current}. Reload and fill it in again."
