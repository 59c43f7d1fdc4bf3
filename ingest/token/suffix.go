package token

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed regions.csv
var regionsCSV string

// regionSet is read once, when first needed; it never changes.
var regionSet = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(strings.ReplaceAll(regionsCSV, "\r\n", "\n")), "\n")[1:] {
		name, _, _ := strings.Cut(line, ",")
		set[name] = true
	}
	return set
})

// Regions returns the names of all known Azure regions, public and sovereign, sorted.
func Regions() []string {
	var out []string
	for name := range regionSet() {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// suffixKind classifies a suffix. A region goes before a hash: `-westcentralus` has the shape of both.
func suffixKind(s string) SuffixKind {
	switch {
	case s == "":
		return SuffixNone
	case s == partnerCenter:
		return SuffixPartnerCenter
	case s[0] == '-' && regionSet()[s[1:]]:
		return SuffixRegion
	case isHash(s):
		return SuffixHash
	}
	return SuffixOther
}

func isHash(s string) bool {
	if len(s) != 14 || s[0] != '-' {
		return false
	}
	for _, c := range []byte(s[1:]) {
		if (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}
