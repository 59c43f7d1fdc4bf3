package arm

import (
	"testing"

	"github.com/pidledger/pidledger/queries/facts"
)

func TestFacts(t *testing.T) {
	for _, r := range facts.Rows("facts.csv", factsCSV) {
		if _, ok := holeKinds[r[1]]; !ok {
			t.Errorf("kind %q", r[1])
		}
		if _, ok := holeDeps[r[3]]; !ok {
			t.Errorf("varies %q", r[3])
		}
	}
	if longestRegion() < 15 {
		t.Errorf("longest region %d", longestRegion())
	}
}
