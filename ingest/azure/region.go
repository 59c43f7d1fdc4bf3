package azure

import (
	_ "embed"
	"maps"
	"slices"
	"sync"

	"github.com/pidledger/pidledger/queries/facts"
)

//go:embed regions.csv
var regionsCSV string

var regions = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for _, row := range facts.Rows("regions.csv", regionsCSV) {
		set[row[0]] = true
	}
	return set
})

// Regions returns the names of all known Azure regions, public and sovereign, sorted.
func Regions() []string { return slices.Sorted(maps.Keys(regions())) }

// IsRegion reports whether a text in lower case is the name of a region.
func IsRegion(name string) bool { return regions()[name] }
