package azure

import (
	"regexp"
	"slices"
	"testing"
)

func TestRegions(t *testing.T) {
	r := Regions()
	if len(r) < 90 || !slices.IsSorted(r) || len(slices.Compact(slices.Clone(r))) != len(r) {
		t.Fatalf("%d regions, sorted and each once: %v", len(r), r)
	}
	for _, name := range r {
		if !regexp.MustCompile(`^[a-z]+[0-9]*[a-z]*$`).MatchString(name) {
			t.Errorf("region %q", name)
		}
	}
}
