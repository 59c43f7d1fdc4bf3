package usage

import (
	"regexp"
	"strings"
)

// Hints counts the rows of a file that reveal its cost basis, which most headers do not (cost-exports.md 2.1).
type Hints struct {
	Unused    int64 // rows of unused commitments: amortized
	Committed int64 // usage under a reservation or savings plan that has a cost: amortized
	Bought    int64 // purchases of a commitment: actual
}

// Add adds the hints of another part of the file.
func (h *Hints) Add(o Hints) {
	h.Unused += o.Unused
	h.Committed += o.Committed
	h.Bought += o.Bought
}

// Basis returns amortized or actual, or "" when the rows do not tell.
func (h Hints) Basis() string {
	switch {
	case h.Unused+h.Committed > 0:
		return "amortized"
	case h.Bought > 0:
		return "actual"
	}
	return ""
}

var (
	saysAmortized = regexp.MustCompile(`(?i)amorti[sz]ed`)
	saysActual    = regexp.MustCompile(`(^|[^A-Za-z])(?i:actual)|[a-z]Actual`)
)

// BasisFromName finds the cost basis in an export or file name: amortized, actual, or "" when it does not tell. In a path, the last part that names
// one decides.
func BasisFromName(path string) string {
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '\\' })
	for i := len(parts) - 1; i >= 0; i-- {
		amortized, actual := saysAmortized.MatchString(parts[i]), saysActual.MatchString(parts[i])
		switch {
		case amortized && !actual:
			return "amortized"
		case actual && !amortized:
			return "actual"
		}
	}
	return ""
}
