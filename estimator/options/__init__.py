"""The command lines: every flag declared once, and what the rooms take of them."""
