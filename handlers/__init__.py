"""What people do: one file per thing said in chat, opened as a page, or typed as a command. program.py lists it all."""
