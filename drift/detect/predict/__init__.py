"""The model of an ordinary day: what today should be, how far from it days lie, and how heavy their tails are."""
