"""Stories of links: real rows, real actions."""
