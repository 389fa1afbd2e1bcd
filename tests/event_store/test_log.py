"""What the log promises, asked of both logs alike."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta

import pytest

from event_store.log import Append, Log, PositionMissing, Recorded, Seen
from event_store.memory import MemoryLog
from event_store.postgres import PostgresLog
from tests.event_store.facts import NOON, fact, key, receipt, request, said, store


@pytest.fixture(params=["memory", "postgres"])
async def log(request: pytest.FixtureRequest) -> AsyncIterator[Log]:
    """Each of the two logs, empty."""
    if request.param == "memory":
        yield MemoryLog()
        return
    async with PostgresLog.open(request.getfixturevalue("log_database").app) as opened:
        yield opened


# Order


async def test_an_empty_log_has_no_head(log: Log) -> None:
    assert await log.head() == -1
    assert await log.read_all() == []
    assert await log.read("task/1") == []
    assert await log.streams("") == []


async def test_positions_begin_at_0_and_versions_at_1(log: Log) -> None:
    first = await receipt(log, request("task/1", "a", "b", expected=0))
    second = await receipt(log, request("task/2", "c", expected=0))

    assert (first.stream, first.version, first.position, first.count) == ("task/1", 2, 1, 2)
    assert (second.stream, second.version, second.position, second.count) == ("task/2", 1, 2, 1)
    assert [(event.position, event.stream, event.version) for event in await log.read_all()] == [
        (0, "task/1", 1),
        (1, "task/1", 2),
        (2, "task/2", 1),
    ]


async def test_a_fact_comes_back_byte_for_byte(log: Log) -> None:
    odd = Append(stream="任务/一", expected=0, key=key("odd"), digest=bytes(32), facts=(fact("督考\0 \N{FIRE}"),))
    await log.append([odd])

    [event] = await log.read("任务/一")

    assert (event.payload, event.meta) == ("督考\0 \N{FIRE}".encode(), b'{"by":"p1"}')
    assert (event.type, event.schema_version, event.occurred_at) == ("Said", 1, NOON)


async def test_recorded_at_never_goes_back(log: Log) -> None:
    for number in range(5):
        await log.append([request("task/1", str(number)), request("task/2", str(number))])

    instants = [event.recorded_at for event in await log.read_all()]

    assert instants == sorted(instants)
    assert all(instant.utcoffset() == timedelta(0) for instant in instants)


async def test_no_position_is_used_up_by_what_is_not_stored(log: Log) -> None:
    await store(log, request("task/1", "a"))
    await store(log, request("task/1", "b", expected=0))
    await store(log, request("task/1", known_as="nothing"))

    assert (await receipt(log, request("task/1", "c"))).position == 1


# Expected versions


async def test_who_saw_an_older_version_is_told_the_actual_one(log: Log) -> None:
    await store(log, request("task/1", "a", "b"))

    verdict = await store(log, request("task/1", "c", expected=1))

    assert (verdict.status, verdict.actual, verdict.receipt) == ("conflict", 2, None)
    assert said(await log.read("task/1")) == ["a", "b"]


async def test_a_stream_that_should_not_exist_and_does_is_a_conflict(log: Log) -> None:
    await store(log, request("task/1", "a", expected=0))

    assert (await store(log, request("task/1", "b", expected=0))).status == "conflict"


async def test_a_stream_that_should_exist_and_does_not_is_a_conflict(log: Log) -> None:
    verdict = await store(log, request("task/1", "a", expected=3))

    assert (verdict.status, verdict.actual) == ("conflict", 0)


async def test_after_a_conflict_the_same_key_may_be_tried_again(log: Log) -> None:
    await store(log, request("task/1", "a"))
    await store(log, request("task/1", "b", expected=0, known_as="k"))

    assert (await store(log, request("task/1", "b", expected=1, known_as="k"))).status == "appended"


# Once


async def test_the_second_sending_gets_the_first_ones_receipt_even_when_the_stream_has_moved_on(log: Log) -> None:
    once = request("task/1", "a", expected=0)
    first = await receipt(log, once)
    await store(log, request("task/1", "b", expected=1))

    again = await store(log, once)

    assert (again.status, again.receipt) == ("duplicate", first)
    assert said(await log.read("task/1")) == ["a", "b"]


async def test_a_key_sent_with_another_command_is_told_so_and_gets_nobody_elses_answer(log: Log) -> None:
    await store(log, request("task/1", "a", known_as="k", body="one"))

    verdict = await store(log, request("task/1", "b", known_as="k", body="another"))

    assert (verdict.status, verdict.receipt) == ("key-reused", None)
    assert said(await log.read("task/1")) == ["a"]


async def test_the_same_key_on_another_stream_is_another_command(log: Log) -> None:
    await store(log, request("task/1", "a", known_as="k"))

    assert (await store(log, request("task/2", "b", known_as="k"))).status == "appended"


async def test_a_command_that_changed_nothing_is_answered_the_same_for_ever(log: Log) -> None:
    await store(log, request("task/1", "a"))
    nothing = request("task/1", expected=1, known_as="nothing")
    first = await receipt(log, nothing)
    await store(log, request("task/1", "b"))

    again = await store(log, nothing)

    assert (first.stream, first.version, first.position, first.count) == ("task/1", 1, 0, 0)
    assert (again.status, again.receipt) == ("duplicate", first)


async def test_nothing_can_be_answered_on_a_stream_and_a_log_that_are_empty(log: Log) -> None:
    given = await receipt(log, request("task/1", expected=0, known_as="nothing"))

    assert (given.version, given.position, given.count) == (0, -1, 0)
    assert await log.streams("") == []
    assert (await store(log, request("task/1", "a", expected=0))).status == "appended"


async def test_a_refusal_is_stored_in_its_own_stream_and_known_by_the_stream_it_was_asked_of(log: Log) -> None:
    refusal = request("refusal/task/1", "no", known_as="k", receipt_of="task/1", guards=[("task/1", 0)])
    first = await receipt(log, refusal)

    again = await store(log, refusal)
    seen = await log.look("task/1", key("k"), ["task/1", "refusal/task/1"])

    assert first.stream == "refusal/task/1"
    assert (again.status, again.receipt) == ("duplicate", first)
    assert seen == Seen(receipt=first, digest=refusal.digest, versions=(0, 1))
    assert (await log.look("refusal/task/1", key("k"), [])).receipt is None
    assert (await store(log, request("task/1", "yes", known_as="k", body="other"))).status == "key-reused"


# Guards


async def test_guards_that_stand_let_the_append_through(log: Log) -> None:
    await store(log, request("cycle/1", "open"))

    verdict = await store(log, request("task/1", "a", guards=[("cycle/1", 1), ("rule/1", 0)]))

    assert verdict.status == "appended"


async def test_a_guard_that_moved_stops_the_append_and_says_where_it_stands(log: Log) -> None:
    await store(log, request("cycle/1", "open"))
    await store(log, request("cycle/1", "locked", "public"))

    verdict = await store(log, request("task/1", "a", guards=[("rule/1", 0), ("cycle/1", 1)]))

    assert (verdict.status, verdict.actual, verdict.receipt) == ("guard-moved", 3, None)
    assert await log.read("task/1") == []


async def test_a_guard_that_should_exist_and_does_not_has_moved(log: Log) -> None:
    verdict = await store(log, request("task/1", "a", guards=[("cycle/1", 2)]))

    assert (verdict.status, verdict.actual) == ("guard-moved", 0)


async def test_a_guard_sees_what_came_before_it_in_its_own_batch(log: Log) -> None:
    verdicts = await log.append([request("cycle/1", "locked"), request("task/1", "a", guards=[("cycle/1", 0)])])

    assert [verdict.status for verdict in verdicts] == ["appended", "guard-moved"]


# Batches


async def test_each_request_of_a_batch_is_judged_by_itself(log: Log) -> None:
    await store(log, request("task/1", "a", known_as="one"))
    await store(log, request("task/2", "b", known_as="two", body="2"))
    await store(log, request("cycle/1", "c"))

    verdicts = await log.append(
        [
            request("task/1", "a", known_as="one"),
            request("task/2", "other", known_as="two", body="other"),
            request("task/3", "d", "e", expected=0),
            request("cycle/1", "f", expected=0),
            request("task/4", "g", guards=[("task/3", 2), ("cycle/1", 7)]),
            request("task/5", known_as="nothing"),
            request("task/6", "h", guards=[("task/3", 2), ("cycle/1", 1)]),
        ]
    )

    statuses = [verdict.status for verdict in verdicts]
    assert statuses == ["duplicate", "key-reused", "appended", "conflict", "guard-moved", "appended", "appended"]
    assert said(await log.read_all(after=2)) == ["d", "e", "h"]


async def test_a_batch_with_two_requests_for_one_stream_is_refused_whole(log: Log) -> None:
    with pytest.raises(ValueError, match="one request a stream"):
        await log.append([request("task/1", "a"), request("task/2", "b"), request("task/1", "c")])

    assert await log.head() == -1


async def test_an_empty_batch_is_nothing(log: Log) -> None:
    assert await log.append([]) == []


# Reading


async def test_a_stream_is_read_from_a_version_and_up_to_a_position(log: Log) -> None:
    for number in range(4):
        await log.append([request("task/1", f"a{number}"), request("task/2", f"b{number}")])

    assert said(await log.read("task/1", after=2)) == ["a2", "a3"]
    assert said(await log.read("task/1", upto=3)) == ["a0", "a1"]
    assert said(await log.read("task/1", upto=4)) == ["a0", "a1", "a2"]
    assert said(await log.read("task/1", after=1, upto=4)) == ["a1", "a2"]
    assert said(await log.read("task/1", upto=-1)) == []


async def test_the_log_is_read_in_pages(log: Log) -> None:
    await store(log, request("task/1", *"abcde"))

    assert said(await log.read_all(limit=2)) == ["a", "b"]
    assert said(await log.read_all(after=1, limit=2)) == ["c", "d"]
    assert said(await log.read_all(after=4)) == []


async def test_who_has_read_further_than_the_log_goes_is_told_that_it_went_back(log: Log) -> None:
    await store(log, request("task/1", "a"))

    with pytest.raises(PositionMissing, match="restored"):
        await log.read_all(after=1)


async def test_the_head_at_an_instant_is_the_last_position_recorded_by_then(log: Log) -> None:
    for number in range(9):
        await store(log, request("task/1", str(number)))
    events = await log.read_all()

    for event in events:
        by_then = max(other.position for other in events if other.recorded_at <= event.recorded_at)
        assert await log.head_at(event.recorded_at) == by_then
    assert await log.head_at(events[0].recorded_at - timedelta(microseconds=1)) == -1
    assert await log.head_at(events[-1].recorded_at + timedelta(days=1)) == 8


async def test_streams_are_named_by_prefix_in_the_order_of_their_first_event(log: Log) -> None:
    for stream in ("task/b", "cycle/1", "task/a", "task_c", "task/b", "任务/一"):
        await store(log, request(stream, stream, known_as=str(await log.head())))

    assert await log.streams("task/") == ["task/b", "task/a"]
    assert await log.streams("任务/") == ["任务/一"]
    assert len(await log.streams("")) == 5


async def test_looking_gives_the_versions_in_the_order_asked(log: Log) -> None:
    await store(log, request("cycle/1", "a", "b"))
    await store(log, request("task/1", "c"))

    seen = await log.look("task/1", key("never"), ["task/1", "nobody", "cycle/1", "task/1"])

    assert seen == Seen(receipt=None, digest=None, versions=(1, 0, 2, 1))


# Following


async def test_a_follower_gets_what_is_there_and_then_what_comes(log: Log) -> None:
    await store(log, request("task/1", "a", "b"))

    async with aclosing(log.follow()) as pages:
        assert said(await anext(pages)) == ["a", "b"]
        later = asyncio.ensure_future(anext(pages))
        await store(log, request("task/2", "c"))
        assert said(await later) == ["c"]


async def test_a_follower_begins_after_its_cursor(log: Log) -> None:
    await store(log, request("task/1", "a", "b", "c"))

    async with aclosing(log.follow(after=1)) as pages:
        assert said(await anext(pages)) == ["c"]


# At once


async def test_many_writers_leave_no_gap_and_no_reader_ever_sees_one(log: Log) -> None:
    writers, each = 12, 15
    read: list[Recorded] = []

    async def write(writer: int) -> None:
        for number in range(each):
            stream = f"task/{number % 4}"  # Shared by all writers, so that most of them are in each other's way.
            once = request(stream, f"{writer}.{number}")
            while True:
                seen = await log.look(stream, once.key, [stream])
                verdict = await store(log, request(stream, f"{writer}.{number}", expected=seen.versions[0]))
                if verdict.status == "appended":
                    break
                assert verdict.status == "conflict"

    async def follow() -> None:
        async with aclosing(log.follow()) as pages:
            async for page in pages:  # A gap would raise.
                read.extend(page)
                if len(read) == writers * each:
                    return

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(follow())
        for writer in range(writers):
            group.create_task(write(writer))

    assert [event.position for event in read] == list(range(writers * each))
    assert read == await log.read_all()
    assert sorted(said(read)) == sorted(f"{writer}.{number}" for writer in range(writers) for number in range(each))
    for stream in await log.streams(""):
        versions = [event.version for event in read if event.stream == stream]
        assert versions == list(range(1, len(versions) + 1))
        assert await log.read(stream) == [event for event in read if event.stream == stream]


async def test_of_many_who_send_one_command_at_once_one_is_first_and_all_get_its_receipt(log: Log) -> None:
    once = request("task/1", "a", expected=0)

    verdicts = await asyncio.gather(*(store(log, once) for _ in range(20)))

    assert sorted(verdict.status for verdict in verdicts) == ["appended"] + ["duplicate"] * 19
    assert len({verdict.receipt for verdict in verdicts}) == 1
    assert await log.head() == 0


async def test_of_two_who_guard_each_others_stream_only_one_gets_through(log: Log) -> None:
    for number in range(10):
        left, right = f"left/{number}", f"right/{number}"

        verdicts = await asyncio.gather(
            store(log, request(left, "a", guards=[(right, 0)])),
            store(log, request(right, "b", guards=[(left, 0)])),
        )

        assert sorted(verdict.status for verdict in verdicts) == ["appended", "guard-moved"]
