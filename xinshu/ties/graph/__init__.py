"""What follows from ties: controllers, groups, circles, paths, contagion, a drawing. No database, no clock.

Heavy: rustworkx and numpy are loaded by the function that needs them.
"""
