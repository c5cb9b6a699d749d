"""What can be done: sign, return, add, delegate, stop the clock, design plans."""
