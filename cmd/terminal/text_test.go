package terminal

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestForTerminal(t *testing.T) {
	got := PlainText("## Title\nA [link](x.md), **bold**, `code`, `two words` and *slanted*\nin one paragraph.\n\n- one\n  more\n- two\n\n" +
		"| key | default | meaning |\n|---|---|---|\n| `a` | `1` | first |\n| `b` | | second |\n\n| word | meaning |\n|---|---|\n| w | m |\n\n```sh\npidledger run   # comment\n```\n")
	want := "Title\n\nA link, bold, code, `two words` and slanted in one paragraph.\n\n- one more\n- two\n\n" +
		"  a\n      default: 1\n      meaning: first\n  b\n      meaning: second\n\n  w\n      m\n\n    pidledger run   # comment\n"
	if got != want {
		t.Errorf("-want +got:\n%s", cmp.Diff(want, got))
	}
}
