package terminal

import "testing"

func TestIsYes(t *testing.T) {
	for line, want := range map[string]bool{"y\n": true, " YES \r\n": true, "\n": false, "no\n": false, "yep": false, "": false} {
		if isYes(line) != want {
			t.Errorf("%q", line)
		}
	}
}
