"""Users brought in from lists that other systems export."""
