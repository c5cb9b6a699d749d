"""Who may ask about guarantees, through which page."""
