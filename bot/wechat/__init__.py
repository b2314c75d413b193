"""WeChat's protocol and nothing else: frames in, replies out, and the calls to its API."""
