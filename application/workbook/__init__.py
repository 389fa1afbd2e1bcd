"""The workbook a cycle starts from: what is in it, how it is read, checked in full, and made into commands."""
