"""What can be done in billing."""
