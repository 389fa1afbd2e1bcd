"""The command line: one module a group of verbs. No rule lives here; a verb parses, asks ``application`` and shows the answer."""
