"""The test phase: scores, pictures and a page of them."""
