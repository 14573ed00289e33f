"""The launcher's ranks: their plan, processes, table and folders."""
