"""What can be done with a guarantee, one file per part of its story."""
