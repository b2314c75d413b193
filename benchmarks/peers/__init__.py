"""What people would otherwise write, in the plainest way the libraries' own pages show it."""
