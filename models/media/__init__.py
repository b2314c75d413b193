"""Pictures, recordings and videos people send: from WeChat's promise to keep one for three days to a file of our own."""
