"""Applying (申请): what is proposed and reused, papers asked for by name, the fields of a type's own."""
