"""PostgreSQL and Temporal on one machine, supervised."""
