package token

import "github.com/pidledger/pidledger/ingest/azure"

// suffixKind classifies a suffix. A region takes precedence over a hash: `-westcentralus` has the shape of both.
func suffixKind(s string) SuffixKind {
	switch {
	case s == "":
		return SuffixNone
	case s == partnerCenter:
		return SuffixPartnerCenter
	case s[0] == '-' && azure.IsRegion(s[1:]):
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
