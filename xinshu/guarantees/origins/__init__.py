"""Guarantees that came of an award notice: what the notice asks for, one click to the draft, how far it came."""
