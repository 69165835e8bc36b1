"""Publishing for people who do not program: gallery, chart builder, workbook and packs.

Everything here shows what counting and drawing return; nothing here computes a figure.
"""
