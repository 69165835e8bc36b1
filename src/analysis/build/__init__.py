"""Building: everything made in order, what is stale, the tables from the raw data, and running the notebooks.

The only room that writes what is committed; nothing that loads or draws needs it.
"""
