"""Provenance: what a source is, its checksums and corrections, downloads, and imported data of your own.

Nothing here reads a table of the project or counts anything."""
