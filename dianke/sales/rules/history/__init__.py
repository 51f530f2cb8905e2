"""Past orders of another system, line by line: what a line is, which sale a return takes back, what goods are called.

Told with a worked table in `docs/algorithms/history-import.md`.
"""
