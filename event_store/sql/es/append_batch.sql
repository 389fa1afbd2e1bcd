-- The one way into the log: store requests in their order, each judged by itself, one verdict a request, in one transaction.
--
-- Why positions have no gap and never reorder. Every append takes the log's lock first and keeps it until its transaction ends, so
-- appends happen one after the other, commit included. The next position is the last row's plus one, read under the lock by a
-- statement of its own, which at READ COMMITTED sees all that was committed before the lock was given. So position n + 1 is
-- written only when n is visible to everybody, and what is rolled back uses up nothing. Nobody guesses at gaps, no clock decides.
--
-- The promise needs READ COMMITTED (checked here) and a short transaction: call it as a statement of its own, never in the midst of
-- other work, because everybody else waits for its commit.
--
-- Arrays with one element a request:
--   p_streams       the stream the facts go to; each at most once a batch
--   p_expected      its version as the decider saw it (0: none), or -1: whatever it is
--   p_receipt_of    the stream whose receipt it is; '': the same
--   p_keys          the command's id
--   p_digests       SHA-256 of the command
--   p_fact_counts   how many of the facts below are its own (0 and more)
--   p_guard_counts  how many of the guards below are its own
-- Arrays with one element a guard, and one a fact, in the order of the requests:
--   p_guard_streams, p_guard_versions
--   p_types, p_schema_versions, p_payloads, p_metas, p_occurred_ats

CREATE FUNCTION es.append_batch(
  p_streams text[], p_expected bigint[], p_receipt_of text[], p_keys uuid[], p_digests bytea[],
  p_fact_counts integer[], p_guard_counts integer[],
  p_guard_streams text[], p_guard_versions bigint[],
  p_types text[], p_schema_versions smallint[], p_payloads bytea[], p_metas bytea[], p_occurred_ats timestamptz[]
) RETURNS SETOF es.verdict
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '5s'  -- Longer means that somebody sits on the lock. The caller may send the same again.
AS $$
DECLARE
  v_head      bigint;       -- The last position.
  v_now       timestamptz;  -- recorded_at of all that this batch stores.
  v_last      es.partition;
  v_receipt   es.receipt;
  v_version   bigint;       -- Of the request's stream.
  v_moved     bigint;       -- The version of the first guard that moved.
  v_facts     integer := 0; -- Facts and guards of the requests before this one.
  v_guards    integer := 0;
  v_fact_to   integer := 0; -- The last fact and guard of this one.
  v_guard_to  integer := 0;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'append_batch needs READ COMMITTED: another level would read the log as it was before the lock / 追加须在 READ COMMITTED 下进行'
      USING ERRCODE = 'invalid_transaction_state';
  END IF;
  IF cardinality(p_streams) > 1 AND (SELECT count(DISTINCT s) < count(*) FROM unnest(p_streams) s) THEN
    RAISE EXCEPTION 'a batch holds at most one request a stream; send the second one after the first / 一批之内同一流只能有一个请求，请分批发送'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF (SELECT coalesce(sum(c), 0) FROM unnest(p_fact_counts) c) <> cardinality(p_types)
     OR (SELECT coalesce(sum(c), 0) FROM unnest(p_guard_counts) c) <> cardinality(p_guard_streams) THEN
    RAISE EXCEPTION 'the counts do not add up to the facts and guards given / 事实与守卫的数目与计数不符'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;

  PERFORM pg_advisory_xact_lock(684, 1);  -- Any two numbers, the same for ever.

  SELECT e.position, e.recorded_at INTO v_head, v_now FROM es.event e ORDER BY e.position DESC LIMIT 1;
  v_head := coalesce(v_head, -1);
  v_now := greatest(clock_timestamp(), v_now);  -- A clock that was put back does not put the log back.

  SELECT p.* INTO v_last FROM es.partition p ORDER BY p.first DESC LIMIT 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the log has no partition; have the owner call es.make_partition / 台账没有分区，请由属主执行 es.make_partition'
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  WHILE v_head + cardinality(p_types) >= v_last.first LOOP
    PERFORM es.make_partition(v_last.past - v_last.first);
    SELECT p.* INTO v_last FROM es.partition p ORDER BY p.first DESC LIMIT 1;
  END LOOP;

  FOR i IN 1 .. cardinality(p_streams) LOOP
    v_facts := v_fact_to;
    v_guards := v_guard_to;
    v_fact_to := v_facts + p_fact_counts[i];
    v_guard_to := v_guards + p_guard_counts[i];

    -- Answered before? The receipt comes before every other question: a second sending must find the first one's answer even
    -- though the stream has moved on.
    SELECT r.* INTO v_receipt FROM es.receipt r
     WHERE r.stream = coalesce(nullif(p_receipt_of[i], ''), p_streams[i]) AND r.key = p_keys[i];
    IF FOUND AND v_receipt.digest = p_digests[i] THEN
      RETURN NEXT ('duplicate', 0, v_receipt.facts_in, v_receipt.version, v_receipt.position, v_receipt.count,
                   v_receipt.recorded_at)::es.verdict;
      CONTINUE;
    ELSIF FOUND THEN
      RETURN NEXT ('key-reused', 0, NULL, NULL, NULL, NULL, NULL)::es.verdict;
      CONTINUE;
    END IF;

    SELECT coalesce((SELECT s.version FROM es.stream s WHERE s.stream = p_streams[i]), 0) INTO v_version;
    IF p_expected[i] NOT IN (-1, v_version) THEN
      RETURN NEXT ('conflict', v_version, NULL, NULL, NULL, NULL, NULL)::es.verdict;
      CONTINUE;
    END IF;

    IF v_guard_to > v_guards THEN
      SELECT coalesce(s.version, 0) INTO v_moved
        FROM unnest(p_guard_streams[v_guards + 1 : v_guard_to], p_guard_versions[v_guards + 1 : v_guard_to])
             WITH ORDINALITY AS g (stream, version, n)
        LEFT JOIN es.stream s ON s.stream = g.stream
       WHERE coalesce(s.version, 0) <> g.version
       ORDER BY g.n LIMIT 1;
      IF FOUND THEN
        RETURN NEXT ('guard-moved', v_moved, NULL, NULL, NULL, NULL, NULL)::es.verdict;
        CONTINUE;
      END IF;
    END IF;

    IF v_fact_to > v_facts THEN
      INSERT INTO es.event (position, stream, version, type, schema_version, payload, meta, occurred_at, recorded_at)
      SELECT v_head + f.n, p_streams[i], v_version + f.n, f.type, f.schema_version, f.payload, f.meta, f.occurred_at, v_now
        FROM unnest(p_types[v_facts + 1 : v_fact_to], p_schema_versions[v_facts + 1 : v_fact_to],
                    p_payloads[v_facts + 1 : v_fact_to], p_metas[v_facts + 1 : v_fact_to],
                    p_occurred_ats[v_facts + 1 : v_fact_to])
             WITH ORDINALITY AS f (type, schema_version, payload, meta, occurred_at, n)
       ORDER BY f.n;
      IF v_version = 0 THEN
        INSERT INTO es.stream (stream, version, first_position, last_position)
        VALUES (p_streams[i], p_fact_counts[i], v_head + 1, v_head + p_fact_counts[i]);
      ELSE
        UPDATE es.stream s SET version = v_version + p_fact_counts[i], last_position = v_head + p_fact_counts[i]
         WHERE s.stream = p_streams[i];
      END IF;
      v_head := v_head + p_fact_counts[i];
      v_version := v_version + p_fact_counts[i];
    END IF;

    INSERT INTO es.receipt (stream, key, digest, facts_in, version, position, count, recorded_at)
    VALUES (coalesce(nullif(p_receipt_of[i], ''), p_streams[i]), p_keys[i], p_digests[i], p_streams[i], v_version, v_head,
            p_fact_counts[i], v_now);
    RETURN NEXT ('appended', 0, p_streams[i], v_version, v_head, p_fact_counts[i], v_now)::es.verdict;
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION es.append_batch(
  text[], bigint[], text[], uuid[], bytea[], integer[], integer[], text[], bigint[], text[], smallint[], bytea[], bytea[],
  timestamptz[]) FROM public;
