"""One archive that holds everything but the keys, and the proof that what came back is what was."""
