package azure

import (
	"bytes"
	"testing"
)

// FuzzTime: times and durations are read without failing, and what is a time stays in a sane range.
func FuzzTime(f *testing.F) {
	for _, s := range []string{"2026-03-02T06:54:30.3350983Z", "3/2/2026, 6:54:30.123 PM", "/Date(1595853423733+0200)/", "10/Oct/2026:13:55:36 -0700", "PT2M59.6052694S", "1.02:03:04", "1595853423.7"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if at, ok := ParseTime(b); ok && (at < -70_000_000_000_000_000 || at > 300_000_000_000_000_000) {
			if !bytes.Contains(b, []byte("Date(")) {
				t.Fatalf("%q is read as %d", b, at)
			}
		}
		if d, ok := ParseDuration(b); ok && d < 0 {
			t.Fatalf("%q is read as %d", b, d)
		}
		AppendURLID(nil, b)
		if id := AppendID(nil, b); len(id) > 0 {
			if !bytes.Equal(AppendID(nil, id), id) {
				t.Fatalf("%q: the canonical id %q changes again to %q", b, id, AppendID(nil, id))
			}
		}
	})
}
