package token

import (
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest/azure"
)

// Source is the kind of text that a token is in. Only these texts are searched for tokens.
type Source string

// The sources, as the reports name them.
const (
	DeploymentName Source = "deployment_name"
	UserAgent      Source = "user_agent"
)

// Kind of a valid tracking id, as `registrations.kind` has it.
type Kind string

// The kinds.
const (
	KindGUID  Kind = "guid"
	KindWords Kind = "partnercenter" // a Marketplace id that is not a GUID
)

// SuffixKind classifies what follows the GUID of a valid token.
type SuffixKind string

// The suffix kinds.
const (
	SuffixNone          SuffixKind = "none"
	SuffixPartnerCenter SuffixKind = "partnercenter" // exactly `-partnercenter`
	SuffixHash          SuffixKind = "hash"          // `-` and the 13 characters of ARM's uniqueString
	SuffixRegion        SuffixKind = "region"        // `-` and the name of an Azure region
	SuffixOther         SuffixKind = "other"
)

// Reason says why a token is malformed: the first that applies, in this order.
type Reason string

// The reasons of SPEC 4.
const (
	Nil           Reason = "nil"            // all zeros
	Placeholder   Reason = "placeholder"    // groups of x
	Truncated     Reason = "truncated"      // right so far, but fewer than five groups
	TooShort      Reason = "too_short"      // five hex groups, digits missing
	TooLong       Reason = "too_long"       // five hex groups, digits too many
	NotHex        Reason = "not_hex"        // anything else
	MissingPrefix Reason = "missing_prefix" // a registered GUID without `pid-`
)

// Token is a tracking id in a text, valid or malformed.
type Token struct {
	Text       string     // lower case, from `pid-` on, without suffix when valid; the bare GUID for missing_prefix
	Start      int        // offset of Text in the text, in bytes
	ID         string     // the tracking id; empty when malformed
	Kind       Kind       // empty when malformed
	Suffix     string     // what follows, lower case; empty when malformed
	SuffixKind SuffixKind // empty when malformed
	Reason     Reason     // empty when valid
}

// Valid reports whether the token carries a tracking id.
func (t Token) Valid() bool { return t.Reason == "" }

// MaxTokens is how many candidates each rule of the grammar takes from one text, starting at the beginning. The ledger tells how many texts hold
// more.
const MaxTokens = 32

const (
	prefix        = "pid-"
	partnerCenter = "-partnercenter"
)

// Find returns all tokens of a deployment name or User-Agent in the order of the text, the same token as often as it occurs. It runs the same
// regular expressions as the SQL of the ledger (queries/attribute/tokens.sql and the files before it); a fuzz test keeps both in agreement. Each
// rule takes at most MaxTokens candidates from a text. Texts without any token cost next to nothing.
func Find(text string, source Source) []Token {
	t := azure.Lower(text)
	if !strings.Contains(t, prefix) {
		return nil
	}
	var out []Token
	for _, at := range guidToken.FindAllStringIndex(t, MaxTokens) {
		start := at[0] + strings.Index(t[at[0]:at[1]], prefix)
		id := t[start+len(prefix) : at[1]]
		if len(id) != azure.GUIDLen || isNil(id) {
			continue
		}
		suffix := span(t[at[1]:], "._()-")
		out = append(out, Token{Text: t[start:at[1]], Start: start, ID: id, Kind: KindGUID, Suffix: suffix, SuffixKind: suffixKind(suffix)})
	}
	for _, at := range wordToken.FindAllStringIndex(t, MaxTokens) {
		start := at[0] + strings.Index(t[at[0]:at[1]], prefix)
		if id, ok := wordsOf(t[start:at[1]]); ok {
			out = append(out, Token{
				Text: t[start:at[1]], Start: start, ID: id, Kind: KindWords, Suffix: partnerCenter, SuffixKind: SuffixPartnerCenter,
			})
		}
	}
	for _, at := range runs(t, source) {
		text := t[at[0]:at[1]]
		if !startsValid(text) {
			out = append(out, Token{Text: text, Start: at[0], Reason: reasonOf(text[len(prefix):])})
		}
	}
	slices.SortStableFunc(out, func(a, b Token) int { return a.Start - b.Start })
	return out
}

// runs finds the texts that are malformed tokens unless they start with a valid one, as pairs of offsets.
func runs(t string, source Source) [][2]int {
	if source == DeploymentName {
		if strings.HasPrefix(t, prefix) && looksLikeGUID(groups(t[len(prefix):])) {
			return [][2]int{{0, len(t)}}
		}
		return nil
	}
	var out [][2]int
	for _, at := range run.FindAllStringIndex(t, MaxTokens) {
		start := at[0] + strings.Index(t[at[0]:at[1]], prefix)
		out = append(out, [2]int{start, start + len(strings.TrimRight(t[start:at[1]], "."))})
	}
	return out
}

// startsValid reports whether a text begins with a valid token.
func startsValid(text string) bool {
	if body := text[len(prefix):]; startsGUID(body) {
		return !isNil(body[:azure.GUIDLen])
	}
	_, ok := wordsOf(wordStart.FindString(text))
	return ok
}

// wordsOf returns the id of a candidate of rule (b).
func wordsOf(candidate string) (id string, ok bool) {
	if !strings.HasSuffix(candidate, partnerCenter) {
		return "", false
	}
	id = candidate[len(prefix) : len(candidate)-len(partnerCenter)]
	return id, !startsGUID(id)
}

// startsGUID reports whether s starts with a GUID that no hex digit follows.
func startsGUID(s string) bool {
	return len(s) >= azure.GUIDLen && azure.IsGUID(s[:azure.GUIDLen]) && (len(s) == azure.GUIDLen || !azure.IsHex(s[azure.GUIDLen]))
}

func isNil(id string) bool { return strings.Trim(id, "0-") == "" }

// span returns the longest prefix of s made of letters, digits and the other characters.
func span(s, other string) string {
	for i := range len(s) {
		if !azure.IsAlnum(s[i]) && strings.IndexByte(other, s[i]) < 0 {
			return s[:i]
		}
	}
	return s
}
