"""Pages: a person's own messages and wishes; the operator's desk; the doors at which providers ring."""
