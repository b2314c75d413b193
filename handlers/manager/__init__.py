"""What managers say."""
