"""What calls cost: the memory that they ask for, and the time that they take."""
