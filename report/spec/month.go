package spec

import "time"

// MonthBefore is the calendar month before YYYY-MM; of what is not a month the empty text.
func MonthBefore(month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return ""
	}
	return t.AddDate(0, -1, 0).Format("2006-01")
}

// IsComplete tells whether usage through a date reaches the last day of a month.
func IsComplete(month, through string) bool {
	t, err := time.Parse("2006-01", month)
	return err != nil || through >= t.AddDate(0, 1, -1).Format(time.DateOnly)
}
