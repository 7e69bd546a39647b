"""Files written whole, and files of entries read and checked."""
