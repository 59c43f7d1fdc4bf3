package cmd

import "time"

// dayOf is a UTC day as YYYY-MM-DD; empty for none.
func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
