-- The partition the log begins in, and the one ahead of it.

SELECT es.make_partition();
SELECT es.make_partition();
