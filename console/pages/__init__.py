"""The pages, one module each: what is read, what may be done, which template shows it."""
