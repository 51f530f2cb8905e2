"""Forms of the room: the programme in plain fields (yuan, percent, times), and what is done for one member."""
