"""What shows that an erasure happened."""
