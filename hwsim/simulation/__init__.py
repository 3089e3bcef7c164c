"""Running a plan: times, stalls, action counts."""
