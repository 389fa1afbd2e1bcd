-- The record. Everything in it belongs to es_owner; nobody else gets more than grants.sql says.

CREATE SCHEMA es AUTHORIZATION es_owner;
