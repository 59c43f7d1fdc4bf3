package arm

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/pidledger/pidledger/queries/facts"
)

// wordsOf splits a name at its capitals, digits, `-` and `_`, in lower case: enablePidTracking is enable, pid, tracking.
func wordsOf(name string) []string {
	var out []string
	start := 0
	flush := func(end int) {
		if end > start {
			out = append(out, strings.ToLower(name[start:end]))
		}
		start = end
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		upper := 'A' <= c && c <= 'Z'
		lowerBefore := i > 0 && ('a' <= name[i-1] && name[i-1] <= 'z')
		lowerAfter := i+1 < len(name) && 'a' <= name[i+1] && name[i+1] <= 'z'
		upperBefore := i > 0 && 'A' <= name[i-1] && name[i-1] <= 'Z'
		switch {
		case !upper && (c < 'a' || c > 'z'):
			flush(i)
			start = i + 1
		case upper && (lowerBefore || upperBefore && lowerAfter):
			flush(i)
		}
	}
	flush(len(name))
	return out
}

// HasWord reports whether a name has one of the words of a kind (words.csv), also one made of two neighbours: optOut.
func HasWord(name, kind string) bool {
	set := words()[kind]
	w := wordsOf(name)
	for i, x := range w {
		if set[x] || i > 0 && set[w[i-1]+x] {
			return true
		}
	}
	return false
}

//go:embed words.csv
var wordsCSV string

// words are those that tell what a name is about, by kind.
var words = sync.OnceValue(func() map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, f := range facts.Rows("words.csv", wordsCSV) {
		if out[f[0]] == nil {
			out[f[0]] = map[string]bool{}
		}
		out[f[0]][f[1]] = true
	}
	return out
})
