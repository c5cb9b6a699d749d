"""Faults: strangers, junk, kills, two people at once, forged rows, a careless production. Nothing may be lost or told."""
