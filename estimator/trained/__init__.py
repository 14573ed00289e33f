"""A trained generator: from a checkpoint, a frozen graph or a SavedModel."""
