"""What `study check` looks for."""
