"""Reading notices: pages to text, text to facts with their places. Pure: no database, no clock, no network."""
