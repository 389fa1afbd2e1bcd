"""From a submitted form to a command's answer: the same for tasks, orders and cycles.

    form ── token, key, version seen ──► offer as it is now ── fields ──► command ── submit ──► recorded: 303 back to the page
                        │ moved on: 412      │ unreadable: 422                        └──► refused: 409, the form as it was filled in

A form is known by its key: sent twice, it is one command and gets one answer.
"""

import asyncio
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from application.dukao import Dukao
from application.mandate import asked_by
from application.outcome import answer_of
from application.submit import submit
from console.door import Page, go
from console.faults import FormIsIncomplete, FormIsStale
from console.forms import Filled, kept, read
from console.offers import Fields, Offer, offers
from console.steps import Step
from console.times import end_of_day
from domain.decider import Asked, Refused, Source, SourceKind, derived
from domain.evidence import Evidence
from domain.policy import Duties
from event_store.evidence import EvidenceStore
from workflows.messages import Answer


@dataclass(frozen=True, kw_only=True)
class Matter:
    """What a page's forms act on."""

    stream: str
    address: str
    steps: tuple[Step, ...]
    fields: Fields
    duties: Duties


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """A form that led to nothing: it is shown again, filled in, with what is wrong. ``key`` and ``seen`` are new."""

    status: int
    offer: Offer
    zh: str = ""
    en: str = ""

    def sentence(self, language: str) -> str:
        """Say what was wrong with the whole (empty: see the fields)."""
        return self.en if language == "en" else self.zh


def offered(page: Page, matter: Matter) -> tuple[Offer, ...]:
    """Give the forms this person is shown on a matter."""
    return offers(matter.steps, page.visitor, page.words, matter.duties, matter.fields)


async def act(page: Page, matter: Matter) -> Response | Rejected:
    """Do what a form asks, once. Raises FormIsIncomplete, FormIsStale, and what ``submit`` raises."""
    form = await page.form()
    if not all(_hidden(form, name) for name in ("key", "seen", "offer")):
        raise FormIsIncomplete
    command_id = derived(page.visitor.person, matter.stream, _hidden(form, "key"))
    async with page.door.turn(command_id):
        return await _act_once(page, matter, form, command_id)


async def _act_once(page: Page, matter: Matter, form: FormData, command_id: UUID) -> Response | Rejected:
    key, seen, wanted = (_hidden(form, name) for name in ("key", "seen", "offer"))
    offer = next((offer for offer in offered(page, matter) if offer.key == wanted and not offer.blocked), None)
    before = await _answered_before(page.dukao, matter.stream, command_id)
    if before is not None:
        return _told(page, matter, offer, form, before)
    if offer is None or offer.step.seen != seen:
        raise FormIsStale(matter.address, _typed(form))
    filled = read(offer.fields, form)
    if filled.faults:
        return Rejected(status=422, offer=replace(offer, fields=kept(offer.fields, filled, filled.faults)))
    try:
        evidence = await _keep_files(page.dukao.evidence, filled, page.now)
    except Refused as refused:
        return _again(offer, filled, refused.sentence("zh"), refused.sentence("en"), {"evidence": refused.sentence()})
    command = matter.fields.command(offer.step, filled, evidence)
    answer = await submit(page.dukao, matter.stream, command, await _asked(page, matter, offer, filled, key))
    return _told(page, matter, offer, form, answer)


def _told(page: Page, matter: Matter, offer: Offer | None, form: FormData, answer: Answer) -> Response | Rejected:
    if answer.status != "refused":
        did = _hidden(form, "offer").partition(".")[0]
        return go(f"{matter.address}?did={did}&after={answer.position}")
    if offer is None:
        raise FormIsStale(matter.address, _typed(form))
    return _again(offer, read(offer.fields, form), answer.zh, answer.en, _beside(answer, offer, page))


def _again(offer: Offer, filled: Filled, zh: str, en: str, faults: Mapping[str, str]) -> Rejected:
    return Rejected(status=409, offer=replace(offer, fields=kept(offer.fields, filled, faults)), zh=zh, en=en)


def _beside(answer: Answer, offer: Offer, page: Page) -> dict[str, str]:
    """Put a refusal beside the field it speaks of, where it speaks of one."""
    sentence = answer.en if page.words.language == "en" else answer.zh
    wanted = _FIELD_OF.get(answer.code, ())
    return {one.name: sentence for one in offer.fields if one.name in wanted}


_FIELD_OF: Mapping[str, tuple[str, ...]] = {
    "EvidenceIsMissing": ("evidence",),
    "DataSourceIsMissing": ("data_source",),
    "DateIsInTheFuture": ("as_of",),
    "CommentIsMissing": ("comment",),
    "GroundIsMissing": ("ground",),
    "SecondPersonIsMissing": ("second",),
    "ScoreIsOutOfBounds": ("points", "after"),
    "ScoreIsMissing": ("points",),
    "FeedbackIsEmpty": ("measures", "summary"),
    "VerificationNeedsAComment": ("comment",),
    "DocumentIsMissing": ("document", "minutes"),
    "ReasonIsMissing": ("reason",),
}


async def _asked(page: Page, matter: Matter, offer: Offer, filled: Filled, key: str) -> Asked:
    return await asked_by(
        page.dukao,
        page.visitor.person,
        stream=matter.stream,
        command_key=key,
        source=Source(kind=SourceKind.PAGE, place=matter.address),
        on_behalf_of=offer.principal,
        authorisation=offer.authorisation,
        reason=filled.text("reason"),
        received_at=page.now,
    )


async def _answered_before(dukao: Dukao, stream: str, command_id: UUID) -> Answer | None:
    """Give the answer a form was given when it was sent before: by a double click, or by the browser's own repetition."""
    receipt = (await dukao.log.look(stream, command_id, ())).receipt
    if receipt is None:
        return None
    if receipt.stream == stream:
        return answer_of(receipt, None)
    [refused] = await dukao.log.read(receipt.stream, after=receipt.version - 1, upto=receipt.position)
    return answer_of(receipt, dukao.ledger.codec.decode(refused))


async def _keep_files(store: EvidenceStore, filled: Filled, now: datetime) -> tuple[Evidence, ...]:
    """Keep the uploaded files, and give what the command says of them. A file kept twice lies there once."""
    fact_at = end_of_day(filled.day("as_of")) if filled.text("as_of") else now
    kept_files = []
    for upload in filled.files:
        file = await asyncio.to_thread(store.put, upload.file, _media_type(upload))
        evidence = Evidence(
            sha256=file.sha256,
            title=(upload.filename or "").rpartition("/")[2].rpartition("\\")[2][:200],
            media_type=file.media_type,
            size=file.size,
            fact_at=min(fact_at, now),
            submitted_at=now,
            received_at=now,
        )
        kept_files.append(evidence)
    return tuple(kept_files)


def _media_type(upload: UploadFile) -> str:
    """Give the kind a file is said to be; by its name where the browser does not know. The store looks into the file itself."""
    said = (upload.content_type or "").partition(";")[0].strip()
    guessed = mimetypes.guess_type(upload.filename or "")[0] or ""
    return guessed if said in {"", "application/octet-stream", "application/vnd.ms-excel"} else said


def _typed(form: FormData) -> dict[str, str]:
    """Give back what was typed, so that it can be copied."""
    hidden = {"csrf", "key", "seen", "offer"}
    return {name: value for name, value in form.items() if isinstance(value, str) and value.strip() and name not in hidden}


def _hidden(form: FormData, name: str) -> str:
    value: Any = form.get(name)
    return value.strip()[:200] if isinstance(value, str) else ""
