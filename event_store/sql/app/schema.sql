-- What cannot be rebuilt from the log and is in the backup beside it: who may sign in, who people are, which commands came in.

CREATE SCHEMA app AUTHORIZATION app_owner;
