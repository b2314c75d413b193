"""What workers say."""
