"""What time does: one file per job, rung by a clock, made safe by rows."""
