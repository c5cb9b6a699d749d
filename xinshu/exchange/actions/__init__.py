"""What can be done: arranging supervision, reporting to receivers, checking numbers."""
