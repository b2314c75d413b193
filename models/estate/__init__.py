"""The ground: companies, their compounds, the homes in them."""
