"""The doors: the graph of a firm (show.py), telling and correcting (telling.py), circles of guarantees (circles.py)."""
