"""Checking: the model of every table, a column defined once, and validation into sentences for people.

Nothing here knows how a source spells things or what a rate is."""
