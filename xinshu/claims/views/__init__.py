"""Pages of claims: who may come in, one act, out."""
