"""What can be done with a demand, one file per part of its story."""
