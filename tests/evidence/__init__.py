"""Evidence: what shows that an erasure happened, the ledger, and backups that are restored."""
