"""What is in the files: facts, remembered, and the faults that they tell."""
