"""One module a version, each running files of ``sql/``."""
