"""What people read: pages (`site`), the terminal (`terminal`, `why`, `history`), and the verdict of a comparison (`gate`).

Everything is read from the tables and the day profiles; nothing is measured, decided or sent here.
"""
