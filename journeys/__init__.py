"""Journeys: Xinshu as a person meets it, in a real browser, on a demo city started as `make run` starts it."""
