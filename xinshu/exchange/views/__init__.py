"""Who may ask about supervision and submissions, through which page."""
