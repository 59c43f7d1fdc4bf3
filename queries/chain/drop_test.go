package chain

import (
	"slices"
	"testing"

	"github.com/pidledger/pidledger/queries"
)

// What is dropped, no later step reads; and most of what only leads to owners is dropped.
func TestLastRead(t *testing.T) {
	steps, dropped := Steps(), 0
	for by, tables := range lastRead() {
		at := slices.IndexFunc(steps, func(s Step) bool { return s.Name == by })
		dropped += len(tables)
		for _, s := range steps[at+1:] {
			for _, token := range scanSQL(queries.Text(s.file())) {
				if slices.Contains(tables, token.text) {
					t.Errorf("%s is dropped after %s, but %s reads it", token.text, by, s.Name)
				}
			}
		}
	}
	if dropped < 30 {
		t.Errorf("%d tables are dropped", dropped)
	}
	if !slices.Contains(lastRead()["tokens"], "bare_ids") {
		t.Errorf("after tokens is dropped %v", lastRead()["tokens"])
	}
}
