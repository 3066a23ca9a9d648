"""Who somebody is: passwords, and the sessions that they open."""
