package human

import (
	"testing"
	"time"

	"github.com/pidledger/pidledger/report/spec"
)

func TestNumbersForPeople(t *testing.T) {
	for in, want := range map[spec.Amount]string{
		"": "-", "0": "0.00", "0.001": "<0.01", "-0.001": ">-0.01", "0.005": "0.01", "-0.005": "-0.01", "999.994": "999.99", "999.995": "1,000.00",
		"1234567.891": "1,234,567.89", "-1234.5": "-1,234.50", "99999999999999999999.999999999999999999": "100,000,000,000,000,000,000.00",
	} {
		if got := Rounded(in); got != want {
			t.Errorf("Rounded(%s) = %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{"": "-", "0": "0.0 %", "1": "100.0 %", "0.1234": "12.3 %", "0.0001": "<0.1 %", "-0.0001": ">-0.1 %", "-1.5": "-150.0 %", "0.99999": ">99.9 %", "1.00001": ">100.0 %", "-12.345": "-1,234.5 %"} {
		if got := Percent(in); got != want {
			t.Errorf("Percent(%s) = %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{"": "-", "0": "0.0 %", "0.5": "+50.0 %", "-0.5": "-50.0 %", "0.0001": "+0.1 %", "0.99999": "+100.0 %", "-0.99999": "-100.0 %", "9.99": "+999.0 %", "9.991": ">10x", "20428756.385": ">10x"} {
		if got := Growth(in); got != want {
			t.Errorf("Growth(%s) = %s, want %s", in, got, want)
		}
	}
	for in, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 999_949: "999.9 kB", 999_950: "1.0 MB", 2_500_000_000: "2.5 GB"} {
		if got := Bytes(in); got != want {
			t.Errorf("Bytes(%d) = %s, want %s", in, got, want)
		}
	}
	for in, want := range map[time.Duration]string{400 * time.Millisecond: "0.4 s", 12 * time.Second: "12 s", 200 * time.Second: "3 min 20 s", 2*time.Hour + 5*time.Minute: "2 h 5 min"} {
		if got := Duration(in); got != want {
			t.Errorf("Duration(%v) = %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{"ok ä 日本": "ok ä 日本", "a\x1b[2J": `a\x1b[2J`, "a\nb\tc\r": `a\nb\tc\r`, "\u202e": `\u202e`, "\xff": "\ufffd"} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCommand(t *testing.T) {
	for name, want := range map[string]string{
		"github": "pidledger compare github", "private repository": "pidledger compare 'private repository'", "Städte/1.5-b": "pidledger compare Städte/1.5-b", "--x=y": "pidledger compare --x=y",
		"": "", "a'b": "", `a"b`: "", "$x": "", "`x`": "", "a;b": "", "a&b": "", "a|b": "", "a>b": "", "%PATH%": "", "a^b": "", "a!b": "", "a\nb": "", `a\`: "", "(a)": "", "a*": "", "~a": "", "#a": "", "a\u00a0b": "", "\xff": "",
	} {
		if got := Command("pidledger", "compare", name); got != want {
			t.Errorf("Command(%q) = %q, want %q", name, got, want)
		}
	}
}
