"""What the check of gradients is made of: incoming gradients, closed forms, second derivatives."""
