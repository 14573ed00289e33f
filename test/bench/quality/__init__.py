"""The parts of quality.py: trains recipes side by side and compares the pictures that they make."""
