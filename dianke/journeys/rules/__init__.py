"""Pure calculation: what a plan says, when a step is due, who may enter."""
