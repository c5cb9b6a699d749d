"""What can be done in credit, one file per noun."""
