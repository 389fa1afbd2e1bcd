"""What can be proved. The seals and the verifier come with the log's own issue."""
