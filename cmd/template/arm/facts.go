package arm

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/queries/facts"
)

//go:embed facts.csv
var factsCSV string

var holeKinds = map[string]holeKind{
	"hash": HoleHash, "guid": HoleGUID, "digits": HoleDigits, "location": holeLocation, "time": HoleTime,
	"name": holeName, "id": holeID, "object": holeObject,
}

var holeDeps = map[string]deps{"": 0, "location": OnLocation, "run": OnRun, "deployment": OnDeployment, "group": onGroup}

// longestRegion is how many characters the longest name of a region has.
var longestRegion = sync.OnceValue(func() int {
	longest := 0
	for _, name := range azure.Regions() {
		longest = max(longest, len(name))
	}
	return longest
})

// returned are the results of functions and properties that are known, by expression in lower case (facts.csv).
var returned = sync.OnceValue(func() map[string]hole {
	out := map[string]hole{}
	for _, f := range facts.Rows("facts.csv", factsCSV) {
		h := hole{What: f[0], Kind: holeKinds[f[1]], Max: Unbounded, Deps: holeDeps[f[3]]}
		if n, err := strconv.Atoi(f[2]); err == nil {
			h.Max = n
		} else if h.Kind == holeLocation {
			h.Max = longestRegion()
		}
		out[strings.ToLower(f[0])] = h
	}
	return out
})
