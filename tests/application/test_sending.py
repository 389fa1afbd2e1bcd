"""Commands as they travel: what arrives as it was sent, and what is not sent at all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from application.ledger import Ledger
from application.sending import TextIsUnreadable, sent, unpacked
from domain.decider import SYSTEM, Asked, Source, SourceKind
from domain.evidence import Evidence
from domain.task.commands import Accept
from event_store.codec import digest_of
from event_store.memory import MemoryLog
from tests.company import year_report

AT = datetime(2026, 3, 31, 9, 30, tzinfo=UTC)
ASKED = Asked(id=uuid4(), by=SYSTEM, at=AT, source=Source(kind=SourceKind.API))


@pytest.mark.parametrize("text", ["第一步\n第二步\t完", r"C:\\u0000\b", "\\", r"\u0007", "督考\N{FIRE}"])
def test_a_text_arrives_as_it_was_sent(text: str) -> None:
    message = sent(Accept(plan=text), ASKED)

    assert unpacked(Ledger(MemoryLog()).codec, message) == Accept(plan=text)


@pytest.mark.parametrize("text", ["a\0b", "\\\0", "\b", "\f", "\x1b[1m", "\x7f", "\x85", "\ud83d"])
def test_a_text_no_database_stores_is_refused_at_the_door(text: str) -> None:
    with pytest.raises(TextIsUnreadable):
        sent(Accept(plan=text), ASKED)
    with pytest.raises(TextIsUnreadable):
        sent(Accept(), replace(ASKED, reason=text))


def test_the_same_file_handed_in_again_makes_the_same_command() -> None:
    file = Evidence(
        sha256="5e" * 32, title="台账.pdf", media_type="application/pdf", size=7, fact_at=AT, submitted_at=AT, received_at=AT
    )
    later = AT + timedelta(minutes=5)
    first = replace(year_report(), evidence=(file,))
    again = replace(year_report(), evidence=(replace(file, fact_at=later, submitted_at=later, received_at=later),))

    assert digest_of(first) == digest_of(again)
    assert digest_of(first) != digest_of(replace(first, evidence=(replace(file, sha256="00" * 32),)))
    assert digest_of(first) != digest_of(replace(first, as_of=AT.date()))
