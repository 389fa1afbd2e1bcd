"""Where the parts meet: one way to submit, one way to write, and what a process is told."""
