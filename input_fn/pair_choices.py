"""What some fields of a `PairFormat` may be."""

DIRECTIONS = ("AtoB", "BtoA")
RESIZES = ("stretch", "crop", "pad")
MASK = "mask"
ALPHAS = ("drop", "white", "keep", MASK)

SIDE_BY_SIDE = "side_by_side"
FOLDERS = "folders"
SINGLE = "single"
LAYOUTS = (SIDE_BY_SIDE, FOLDERS, SINGLE)
