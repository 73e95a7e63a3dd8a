"""The deploy and the removal of a stack: what is checked, shown and watched around the docker client's own commands.

lblint itself only reads from the managers; whatever is written, the docker client writes.
"""
