"""Reading documents: pages into lines, lines into fields, statements that check themselves. No database, no clock.

`pages.py` is the only module that touches pictures and PDF; it runs in a process of its own (`apart.py` talks to it).
"""
