"""Award notices turned into business: read (reading.py), then project, winner, guarantee (importing.py)."""
