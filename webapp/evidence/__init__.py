"""What shows that an erasure happened, and that nothing stayed behind."""
