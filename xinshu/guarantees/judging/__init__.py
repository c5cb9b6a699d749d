"""Deciding on an application (审查决定): by what authority, through which committee, on which record."""
