"""The record: one log of everything that was decided, and what it takes to write and read it."""
