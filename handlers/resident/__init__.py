"""What residents and visitors say."""
