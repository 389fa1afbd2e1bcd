"""What happened to a matter, in sentences: out of the log itself, with what this person may not know yet left unsaid."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.dukao import Dukao
from console.room import evidence_in, happened
from console.visitor import Visitor
from console.words import Words
from domain import names
from domain.decider import SYSTEM
from domain.evidence import Evidence
from domain.task.facts import GapRecorded, PreAssessmentRun, ReviewScored, SelfScored, TaskConsolidated
from projections.labels import Language
from projections.model import Happened
from projections.sentences import Names, resolve, sentence

TELL_SCORES = (PreAssessmentRun, GapRecorded, SelfScored, ReviewScored, TaskConsolidated)


@dataclass(frozen=True, kw_only=True)
class Told:
    """One line of a story: what happened, when, and where it stands in the log. ``behalf`` and ``reason`` are said where there are any."""

    at: datetime
    recorded_at: datetime
    position: int
    sentence: str
    refused: bool = False
    by_system: bool = False
    late_entry: bool = False
    source: str = ""
    evidence: tuple[Evidence, ...] = ()


async def refusals_of(dukao: Dukao, stream: str, visitor: Visitor) -> tuple[Happened, ...]:
    """Give what was refused on a stream: to those who see all, everything; to others, what they asked themselves."""
    refused = happened(dukao, await dukao.log.read(names.refusal(stream)))
    return tuple(one for one in refused if visitor.sees_all or one.asked.by.person == visitor.person)


def story(events: Sequence[Happened], words: Words, known: Names, *, scores: bool) -> tuple[Told, ...]:
    """Tell events, the newest first. Without ``scores`` it is said that something was scored, but not how."""
    told = [_told(one, words, known, scores=scores) for one in sorted(events, key=lambda one: one.position, reverse=True)]
    return tuple(told)


def _told(one: Happened, words: Words, known: Names, *, scores: bool) -> Told:
    language: Language = words.language
    told = Told(
        at=one.at,
        recorded_at=one.recorded.recorded_at,
        position=one.position,
        sentence=resolve(sentence(one.event, one.asked).of(language), known, language),
        refused=names.kind(one.stream) == "refusal",
        by_system=one.asked.by.person == SYSTEM.person,
        late_entry=one.asked.fact_at is not None,
        source=one.asked.source.kind,
        evidence=evidence_in(one.event),
    )
    if scores or not isinstance(one.event, TELL_SCORES):
        return told
    return replace(told, sentence=words("已完成一次评分或预考核，分数在公示前不对您公开。"), evidence=())
