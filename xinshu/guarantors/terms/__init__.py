"""Terms (保证人条款): what a guarantor lets applicants accept, in versions; a guarantee keeps the one accepted."""
