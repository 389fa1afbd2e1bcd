-- Make the next partition of the log, with its triggers, and give its name. append_batch calls it when the head enters the last
-- partition, so that there is always an empty one ahead.
--
-- p_size is a power of two and divides the partition's first position: a whole partition is one complete subtree of the seal's
-- tree. Partitions are few and large, because a cached plan locks each one it might touch.
--
-- The table is made first and attached then: ATTACH lets readers of the log go on, CREATE ... PARTITION OF would not.

CREATE FUNCTION es.make_partition(p_size bigint DEFAULT 4194304) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_first bigint;
  v_name text;
BEGIN
  IF p_size < 1 OR (p_size & (p_size - 1)) <> 0 THEN
    RAISE EXCEPTION 'a partition holds a power of two of positions, not % / 分区大小须为 2 的幂，而不是 %', p_size, p_size
      USING ERRCODE = 'invalid_parameter_value';
  END IF;

  PERFORM pg_advisory_xact_lock(684, 1);  -- The log's lock; append_batch holds it already.

  SELECT coalesce(max(p.past), 0) INTO v_first FROM es.partition p;
  IF v_first % p_size <> 0 THEN
    RAISE EXCEPTION 'a partition of % positions cannot begin at % / 大小为 % 的分区不能从位置 % 开始', p_size, v_first, p_size, v_first
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  v_name := 'event_' || lpad(v_first::text, 12, '0');

  EXECUTE format('CREATE TABLE es.%I (LIKE es.event INCLUDING ALL, CONSTRAINT %I UNIQUE (stream, version))',
                 v_name, v_name || '_stream_version_key');
  EXECUTE format('ALTER TABLE es.event ATTACH PARTITION es.%I FOR VALUES FROM (%s) TO (%s)', v_name, v_first, v_first + p_size);
  EXECUTE format('CREATE TRIGGER event_is_not_truncated BEFORE TRUNCATE ON es.%I FOR EACH STATEMENT EXECUTE FUNCTION es.forbid()',
                 v_name);
  EXECUTE format('ALTER TABLE es.%I ENABLE ALWAYS TRIGGER event_is_append_only', v_name);
  EXECUTE format('ALTER TABLE es.%I ENABLE ALWAYS TRIGGER event_is_not_truncated', v_name);
  EXECUTE format('GRANT SELECT ON es.%I TO es_reader', v_name);
  INSERT INTO es.partition (name, first, past) VALUES (v_name, v_first, v_first + p_size);

  RETURN v_name;
END
$$;
REVOKE ALL ON FUNCTION es.make_partition(bigint) FROM public;
