"""Pages of the credit libraries, one file per noun."""
