package azure

import (
	"testing"
	"time"
)

func TestDays(t *testing.T) {
	for day := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2500; day = day.AddDate(0, 0, 1) {
		days, ok := Days(day.Year(), int(day.Month()), day.Day())
		if want := int32(day.Unix() / 86400); !ok || days != want {
			t.Fatalf("Days(%v) = %d %v, want %d", day, days, ok, want)
		}
		if got := DayOfMonth(days); int(got) != day.Day() {
			t.Fatalf("DayOfMonth(%v) = %d", day, got)
		}
	}
}

func TestDaysThatDoNotExist(t *testing.T) {
	for _, d := range [][3]int{{0, 1, 1}, {2026, 0, 1}, {2026, 13, 1}, {2026, 1, 0}, {2026, 1, 32}, {2026, 4, 31}, {2026, 2, 29}, {1900, 2, 29}, {-4, 1, 1}} {
		if days, ok := Days(d[0], d[1], d[2]); ok {
			t.Errorf("Days(%v) = %d", d, days)
		}
	}
}
