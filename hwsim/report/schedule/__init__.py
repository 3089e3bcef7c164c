"""The report of a schedule: what lies where when, beside a naive order's."""
