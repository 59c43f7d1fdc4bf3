package identify

import (
	"slices"
	"testing"
)

// others.csv is read, and each line can be reached.
func TestOtherKinds(t *testing.T) {
	kinds := otherKinds()
	for i, k := range kinds {
		if len(k.needs) == 0 || k.title == "" || k.hint == "" {
			t.Errorf("others.csv line %d: %+v", i+2, k)
		}
		for _, before := range kinds[:i] {
			if !slices.ContainsFunc(before.needs, func(n string) bool { return !slices.Contains(k.needs, n) }) {
				t.Errorf("others.csv line %d (%s): a line before it claims all that it could: %v", i+2, k.title, before.needs)
			}
		}
	}
}
