"""Text files written atomically, and TOML files of entries read and checked."""
