package spelling

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	for word, want := range map[string]string{"ownr": "owner", "onwer": "owner", "owners": "owner", "credti": "credit", "x": "", "": "", "retro": "", "ledger": ""} {
		if got := Nearest(word, []string{"owner", "credit", "retroactive"}); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"channel", "chanel", 1}, {"channel", "chnanel", 1}, {"channel", "chunnels", 2}, {strings.Repeat("a", 1000), "a", longest}} {
		for _, pair := range [][2]string{{c.a, c.b}, {c.b, c.a}} {
			if got := Distance(pair[0], pair[1]); got != c.want {
				t.Errorf("Distance(%.20q, %.20q) = %d, want %d", pair[0], pair[1], got, c.want)
			}
		}
	}
}
