"""One sample made live on a device."""
