-- The read models. Their tables are made, filled and dropped by the projections at run time; nothing in here cannot be rebuilt.

CREATE SCHEMA rm AUTHORIZATION es_projector;
