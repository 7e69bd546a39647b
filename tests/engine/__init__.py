"""What asks torch in the process of the tests."""
