"""Your own data: any spreadsheet, read by a mapping that says what is what, into the project's tables.

grid (any file -> cells) -> mapping (what they mean) -> reading (rows of labelled cells) -> people or counts (the
tables) -> local (where they lie). Nothing is guessed on the way; `guess` writes a first mapping for a person to check.
"""
