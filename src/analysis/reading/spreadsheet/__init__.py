"""Your own data: any spreadsheet, read by a mapping that says what is what, into the project's tables.

grid (any file -> cells; a module a format) -> mapping (what they mean) -> sheet_rows (rows of labelled cells) -> people
or counts (the tables) -> importer (where they lie). Nothing is guessed on the way; `guess` writes a first mapping for a
person to check.
"""
