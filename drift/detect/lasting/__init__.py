"""What lasts: slow drift, creep, and since when."""
