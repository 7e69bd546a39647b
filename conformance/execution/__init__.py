"""One sample as live tensors on a device, and the call on them."""
