"""What can be done with announcements and opportunities."""
