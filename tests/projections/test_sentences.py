"""Every event has one sentence in Chinese and one in English, whole and without a person's name."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import DECIDERS
from domain.authority import MAY
from domain.decider import SYSTEM, Actor, Asked, Source, SourceKind
from domain.refusal import CommandRefused, Filled
from event_store.codec import asked_of
from event_store.memory import MemoryLog
from projections.labels import COMMANDS, LABELS, deadline, instant, period
from projections.sentences import SENTENCES, Names, persons_in, resolve, sentence
from tests.projections.histories import CODEC, history, lay

EVENTS = [event for decider in DECIDERS for event in decider.events]
COMMAND_TYPES = [command for decider in DECIDERS for command in decider.commands]
BROKEN = re.compile(r"\bNone\b|\{\}|\[object|<[A-Za-z]+ object|Decimal\(|datetime\.|frozenset|\bTrue\b|\bFalse\b")
UNNAMED = re.compile(r"(?<![@#^])\{")

BY_A_PERSON = Asked(
    id=UUID(int=1),
    by=Actor(person="p-17", post="clerk", department="ops"),
    at=datetime(2026, 4, 1, 2, 0, tzinfo=UTC),
    source=Source(kind=SourceKind.PAGE),
)
BY_THE_SYSTEM = replace(BY_A_PERSON, by=SYSTEM, source=Source(kind=SourceKind.TIMER))
words = st.text(st.sampled_from("台区线损率abc 0123"), min_size=1, max_size=8).filter(str.strip)
drawn = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def test_every_event_of_every_stream_has_a_sentence() -> None:
    assert set(SENTENCES) == set(EVENTS)


@pytest.mark.parametrize("event_type", EVENTS, ids=lambda event_type: event_type.__name__)
@given(data=st.data())
@drawn
def test_a_sentence_is_whole_whatever_the_event_holds(event_type: type, data: st.DataObject) -> None:
    with _plain_words():
        event = data.draw(st.from_type(event_type))

    for asked in (BY_A_PERSON, BY_THE_SYSTEM, replace(BY_A_PERSON, on_behalf_of="p-3", reason="出差")):
        told = sentence(event, asked)
        for text in told:
            assert text.strip()
            assert not BROKEN.search(text), text
            assert not UNNAMED.search(text), text
            assert len(text) > 5
        assert persons_in(told.zh) == persons_in(told.en) or event_type is CommandRefused


async def test_the_sentences_of_a_year_read_well(tmp_path: Path) -> None:
    log = MemoryLog()
    await lay(log, await history(tmp_path))
    names = Names(
        persons={
            "ops-clerk": "李一凡",
            "ops-head": "王建国",
            "office-clerk": "赵敏",
            "safety-clerk": "孙立",
            "sales-head": "周航",
        },
        departments={"ops": "运检部", "sales": "营销部"},
    )

    told: dict[tuple[str, str], list[str]] = {}
    for event in await log.read_all():
        told.setdefault((event.type, event.stream.partition("/")[0]), []).append(
            resolve(sentence(CODEC.decode(event), asked_of(event.meta)).zh, names)
        )

    assert told["ReportSubmitted", "task"][0] == (
        "李一凡 上报第 1 季度数据第 1 版：实际值 11.2（截至 2026-03-31，来源：用电信息采集系统）。"
    )
    assert told["ReportSubmitted", "task"][2] == (
        "赵敏（代 李一凡）上报第 2 季度数据第 1 版（逾期、代录）：实际值 12.9（截至 2026-06-30，来源：用电信息采集系统）。"
    )
    assert told["ReportReturned", "task"] == [
        "孙立 退回第 1 季度报表第 1 版（第 1 次，数值异常）：与采集系统不一致，重报截止 2026-04-08 17:30 (+08:00)。"
    ]
    assert told["TaskAccepted", "task"][0] == "王建国 承接了指标，工作计划：分线分台区治理。"
    assert told["CommandRefused", "refusal"] == [
        "周航 的“审核”被拒绝：周航 无权对此事项执行“审核”。需要的身份：考评部门；目前的身份：无。请转给有权的人，或先办理授权。"
    ]
    assert told["ResultFinalised", "cycle"] == ["公示期满，考核结果定分。"]


def test_codes_in_a_refusal_are_told_in_words() -> None:
    refused = CommandRefused(
        command="SignReport",
        code="ReportIsElsewhere",
        zh="“Q1”的报表目前处于“open”，不能执行“SignReport”；该操作在“submitted”时进行。",
        en="The report of 'Q1' is 'open'; 'SignReport' belongs to 'submitted'.",
        values=tuple(
            Filled(name=name, value=value)
            for name, value in (("period", "Q1"), ("stage", "open"), ("command", "SignReport"), ("needed", "submitted"))
        ),
        version=4,
    )

    assert sentence(refused, BY_A_PERSON).zh == (
        "@{p-17} 的“签发”被拒绝：“Q1”的报表目前处于“待上报”，不能执行“签发”；该操作在“已上报待签发”时进行。"
    )


def test_names_are_put_in_when_somebody_reads() -> None:
    names = Names(persons={"p-17": "李一凡"}, departments={"ops": "运检部"})

    assert resolve("@{p-17} 在#{ops}", names) == "李一凡 在运检部"
    assert resolve("@{p-18} @{system}", names, "en") == "p-18 the system"


# Labels


@pytest.mark.parametrize("kind", LABELS, ids=lambda kind: kind.__name__)
def test_every_value_of_a_closed_set_has_a_label(kind: type[StrEnum]) -> None:
    assert set(LABELS[kind]) == set(kind)
    assert len({one.zh for one in LABELS[kind].values()}) == len(kind)
    assert all(one.zh and one.en for one in LABELS[kind].values())


def test_every_command_has_a_label() -> None:
    assert {command.__name__ for command in COMMAND_TYPES} | MAY.keys() == COMMANDS.keys()


def test_periods_and_deadlines_are_told_in_words() -> None:
    assert [period(key) for key in ("M03", "Q1", "H2", "Y1", "阶段")] == ["第 3 月", "第 1 季度", "下半年", "全年", "阶段"]
    assert [deadline(key) for key in ("accept", "report/Q1", "review/Q1/2", "self-score", "order")] == [
        "承接",
        "第 1 季度上报",
        "第 1 季度审核",
        "自评",
        "整改",
    ]
    assert deadline("review/Q1/2", "en") == "review of quarter 1"
    assert instant(datetime(2026, 7, 15, 9, 30, tzinfo=UTC)) == "2026-07-15 17:30 (+08:00)"


class _plain_words:  # noqa: N801  Used as a word.
    """While the block runs, texts are words: a sentence full of control characters proves nothing about sentences."""

    def __enter__(self) -> None:
        st.register_type_strategy(str, words)
        st.register_type_strategy(Decimal, st.decimals(-1000, 1000, places=2))
        this_decade = st.timedeltas(timedelta(0), timedelta(days=3_000)).map(lambda since: BY_A_PERSON.at + since)
        st.register_type_strategy(datetime, this_decade)

    def __exit__(self, *_: object) -> None:
        st.register_type_strategy(str, st.text(st.characters(codec="utf-8")))
        st.register_type_strategy(Decimal, st.decimals(allow_nan=False, allow_infinity=False))
        st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))
