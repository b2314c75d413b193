"""银行代扣: mandates, lists for the bank, what it answers. A bank's own way of writing files is data (templates/bank_profiles.toml)."""
