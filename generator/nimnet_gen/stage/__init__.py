"""Where scenarios run: what is given to them, and in which cells of the matrix."""
