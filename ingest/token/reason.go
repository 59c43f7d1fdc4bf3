package token

import (
	"strings"

	"github.com/pidledger/pidledger/ingest/azure"
)

// The lengths of a GUID's groups.
var guidGroups = [5]int{8, 4, 4, 4, 12}

// nilDigits is the nil GUID without its hyphens.
var nilDigits = strings.Repeat("0", 32)

// groups splits what follows `pid-` at `-` and `_`.
func groups(body string) []string {
	return strings.Split(strings.ReplaceAll(body, "_", "-"), "-")
}

// looksLikeGUID tells a broken GUID from ordinary words (`pid-app-gateway-start-deployment`): one of its first five groups is a piece of hex.
func looksLikeGUID(g []string) bool { return pieces(g) > 0 }

// pieces counts those of the first five groups that have at least four characters, all hex, one of them a digit.
func pieces(g []string) int {
	n := 0
	for _, s := range g[:min(5, len(g))] {
		if len(s) >= 4 && allHex(s) && strings.ContainsAny(s, "0123456789") {
			n++
		}
	}
	return n
}

func allHex(s string) bool {
	for i := range len(s) {
		if !azure.IsHex(s[i]) {
			return false
		}
	}
	return true
}

// reasonOf says why body, which follows `pid-` and is not a valid id, is malformed.
func reasonOf(body string) Reason {
	g := groups(body)
	first := g[:min(5, len(g))]
	digits, zeros := 0, len(g) >= 5
	for _, s := range first {
		digits += len(s)
		zeros = zeros && s != "" && strings.Trim(s, "0") == ""
	}
	if zeros || g[0] == nilDigits {
		return Nil
	}
	for _, s := range first {
		if len(s) >= 4 && strings.Trim(s, "x") == "" {
			return Placeholder
		}
	}
	if len(g) < 5 {
		if isTruncated(g) {
			return Truncated
		}
		return NotHex
	}
	for _, s := range first {
		if s == "" || !allHex(s) {
			return NotHex
		}
	}
	switch {
	case digits < 32:
		return TooShort
	case digits > 32:
		return TooLong
	}
	for i, s := range first {
		switch {
		case len(s) < guidGroups[i]:
			return TooShort
		case len(s) > guidGroups[i]:
			return TooLong
		}
	}
	return NotHex // a GUID with `_` between its groups
}

// isTruncated reports whether fewer than five groups are the start of a GUID.
func isTruncated(g []string) bool {
	for i, s := range g {
		if !allHex(s) || len(s) > guidGroups[i] || i < len(g)-1 && len(s) < guidGroups[i] {
			return false
		}
	}
	return true
}
