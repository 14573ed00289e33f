"""Ascend NPUs, through the vendor's npu_bridge: the one package that knows of it."""
