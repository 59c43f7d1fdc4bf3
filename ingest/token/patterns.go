package token

import "regexp"

// The regular expressions of the grammar, in RE2 syntax, for lower-cased text (letters A-Z only). RE2 has no look-around: a match of a pattern that
// begins with a boundary may include the character before the token, and what must not follow is included in the match or checked afterwards.
// Matches never overlap, and no match hides the boundary of the next.
const (
	// Boundary is what precedes a token: the start of the text or anything but a letter or digit.
	Boundary = `(^|[^0-9a-z])`

	// GUID is the shape of a tracking GUID, of any UUID version.
	GUID = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`

	// GUIDToken finds candidates of rule (a). Surplus hex digits are included: a candidate, from its `pid-` on, is valid if it has exactly 40
	// characters and is not NilToken.
	GUIDToken = Boundary + `pid-` + GUID + `[0-9a-f]*`

	// NilToken is the token of the nil GUID: always malformed.
	NilToken = `pid-00000000-0000-0000-0000-000000000000`

	// Suffix is what follows a valid GUID token in the text.
	Suffix = `^[0-9a-z._()-]*`

	// WordToken finds candidates of rule (b), Marketplace ids that are not GUIDs. Letters and digits after `-partnercenter` are included: a
	// candidate counts if it ends with `-partnercenter` and its id does not start with a GUID that no hex digit follows. The words may have any
	// character of a deployment name.
	WordToken = Boundary + WordStart

	// WordStart is WordToken from its `pid-` on.
	WordStart = `pid-[0-9a-z._()-]*?[0-9a-z.()]-partnercenter[0-9a-z]*`

	// Run finds candidates of rule (c) in a User-Agent: a candidate of rule (b), which may contain brackets, and what follows it, or else a run
	// without brackets. Trailing dots belong to the text. A run is malformed if it does not start with a valid token. In a deployment name the
	// candidate is the whole name, if it starts with `pid-` and one of its first five groups matches HexGroup and has a digit.
	Run = Boundary + `(?:` + WordStart + `[0-9a-z_.-]*|pid-[0-9a-z][0-9a-z_.-]*)`

	// HexGroup matches a group (the text between `-` or `_`) that looks like a piece of a GUID, if it also has one of 0-9.
	HexGroup = `^[0-9a-f]{4,}$`

	// BareGUID finds candidates of rule (d). Like GUIDToken, it includes surplus hex digits, and also a `pid-` before the GUID, with or without a
	// boundary: a candidate counts if it does not begin with `pid-`, has exactly 36 characters from the GUID on and is registered.
	BareGUID = `(pid-|^|[^0-9a-z])` + BareStart

	// BareStart is BareGUID from the GUID on.
	BareStart = GUID + `[0-9a-f]*`

	// Hash is the suffix that ARM's uniqueString makes, unless it is the name of a region.
	Hash = `^-[a-z2-7]{13}$`
)

var (
	guidToken = regexp.MustCompile(GUIDToken)
	wordToken = regexp.MustCompile(WordToken)
	wordStart = regexp.MustCompile(`^` + WordStart)
	run       = regexp.MustCompile(Run)
)
