"""What is at hand: the programs of this machine, and the forge of a platform."""
