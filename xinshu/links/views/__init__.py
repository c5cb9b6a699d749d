"""Pages: sending and listing for the parties, the room behind the link for its holder."""
