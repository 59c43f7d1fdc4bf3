package token

import (
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest/azure"
)

// Registry ids have two reasons of their own.
const (
	// BadID: the id is empty or has characters that no token can have (only letters, digits and `-_.()`, and neither `-` nor `_` at the end).
	BadID Reason = "bad_id"
	// HasSuffix: a GUID followed by something else than `-partnercenter`; the GUID alone should be registered.
	HasSuffix Reason = "has_suffix"
)

// RegistryID is a tracking id from the registry, normalised.
type RegistryID struct {
	ID     string // lower case, without `pid-` and `-partnercenter`, even if malformed; for HasSuffix the whole text
	Kind   Kind
	Reason Reason // empty when the id can be matched by a token
}

// Malformed reports whether no valid token can ever carry the id.
func (r RegistryID) Malformed() bool { return r.Reason != "" }

// Normalise reads a tracking id from the registry: it trims blanks, lower-cases A-Z, and strips `pid-` and `-partnercenter`.
//
// An id that is not a GUID is a Marketplace id in words. Without `-partnercenter` it is malformed if it looks more like a GUID than like words; the
// reason is then that of the token `pid-<id>`. A GUID of all zeros and a placeholder are malformed in any form.
func Normalise(id string) RegistryID {
	s := strings.TrimPrefix(azure.Lower(strings.TrimSpace(id)), prefix)
	words := strings.HasSuffix(s, partnerCenter)
	s = strings.TrimSuffix(s, partnerCenter)
	switch {
	case azure.IsGUID(s) && isNil(s):
		return RegistryID{s, KindGUID, Nil}
	case azure.IsGUID(s):
		return RegistryID{s, KindGUID, ""}
	case s == "" || span(s, "._()-") != s || strings.HasSuffix(s, "-") || strings.HasSuffix(s, "_"):
		return RegistryID{s, KindWords, BadID}
	case startsGUID(s):
		return RegistryID{s, KindGUID, HasSuffix}
	}
	g := groups(s)
	reason := reasonOf(s)
	n := pieces(g)
	switch {
	case reason == Nil || reason == Placeholder,
		!words && n > 0 && reason != NotHex,
		!words && 2*n > min(5, len(g)):
		return RegistryID{s, KindGUID, reason}
	}
	return RegistryID{s, KindWords, ""}
}

// A shorter piece of an id would match too many.
const minPrefix = 8

// Suggest returns the registered id that a malformed token (its Text) was probably meant to be: the only one that starts with the token's id, of
// eight characters or more, or else the first in byte order that is one edit away. If more than five groups follow `pid-`, those after the fifth
// may be a suffix and are ignored in a second try. A GUID without hyphens is compared with the registered ones without theirs. Suggest returns ""
// if there is none. The registered ids must be as Normalise returns them.
func Suggest(token string, registered []string) string {
	id := strings.TrimRight(strings.TrimPrefix(azure.Lower(token), prefix), "-_.")
	if s := suggest(id, registered); s != "" {
		return s
	}
	g := groups(id)
	if len(g) > 5 {
		if s := suggest(id[:len(strings.Join(g[:5], "-"))], registered); s != "" {
			return s
		}
	}
	if len(g[0]) <= guidGroups[0] || !allHex(g[0]) {
		return ""
	}
	digits := make([]string, 0, len(registered))
	for _, r := range registered {
		if azure.IsGUID(r) {
			digits = append(digits, strings.ReplaceAll(r, "-", ""))
		}
	}
	return Hyphenate(suggest(g[0], digits))
}

// Hyphenate writes the 32 digits of a GUID with hyphens; an empty text stays empty.
func Hyphenate(digits string) string {
	if digits == "" {
		return ""
	}
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]
}

func suggest(id string, registered []string) string {
	var starts, near []string
	for _, r := range registered {
		if len(id) >= minPrefix && strings.HasPrefix(r, id) && !slices.Contains(starts, r) {
			starts = append(starts, r)
		}
		if oneEdit(id, r) {
			near = append(near, r)
		}
	}
	switch {
	case len(starts) == 1:
		return starts[0]
	case len(near) > 0:
		return slices.Min(near)
	}
	return ""
}

// oneEdit reports whether at most one inserted, deleted or replaced character turns a into b (Levenshtein distance at most 1).
func oneEdit(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	for i := range len(a) {
		if a[i] == b[i] {
			continue
		}
		if len(a) == len(b) {
			return a[i+1:] == b[i+1:]
		}
		return a[i:] == b[i+1:]
	}
	return true
}
