-- Give the last position recorded at or before an instant; -1: none. Because positions have no gap and recorded_at never goes back,
-- halving the range finds it with a few probes of the primary key, and no index on time is needed.

CREATE FUNCTION es.head_at(p_instant timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_low    bigint := -1;  -- Recorded in time (or before the log began).
  v_high   bigint;        -- Recorded too late (or after the log's end).
  v_middle bigint;
BEGIN
  SELECT coalesce(max(e.position), -1) + 1 INTO v_high FROM es.event e;
  WHILE v_high - v_low > 1 LOOP
    v_middle := (v_low + v_high) / 2;
    IF (SELECT e.recorded_at <= p_instant FROM es.event e WHERE e.position = v_middle) THEN
      v_low := v_middle;
    ELSE
      v_high := v_middle;
    END IF;
  END LOOP;
  RETURN v_low;
END
$$;
REVOKE ALL ON FUNCTION es.head_at(timestamptz) FROM public;
