"""Reading headlines: what kind of news, good or bad, about whom, and whether it was told before. Pure."""
