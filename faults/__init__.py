"""Faults: strangers, junk, kills, two people at once, forged rows, careless production; nothing may be lost or told."""
