package source

import "unicode/utf8"

// maxRejectValue is the longest Value of a Reject in bytes.
const maxRejectValue = 200

// Reject is one input row that cannot be used (SPEC 3.1).
type Reject struct {
	Record int64  // data record, from 1; for text and JSON lines the line
	Line   int64  // physical line, from 1; 0 when unknown
	Column string // column as the file spells it; empty when the whole row is meant
	Value  string // offending value, at most 200 bytes
	Reason string // reads like: cost "1,5" is not a decimal number
}

// NewReject makes a Reject and cuts value to 200 bytes, never inside a character.
func NewReject(record, line int64, column string, value []byte, reason string) *Reject {
	return &Reject{Record: record, Line: line, Column: column, Value: CutValue(value), Reason: reason}
}

// CutValue returns value as a string of at most 200 bytes for a Reject or a message.
func CutValue(value []byte) string {
	if len(value) <= maxRejectValue {
		return string(value)
	}
	cut := maxRejectValue
	for cut > maxRejectValue-utf8.UTFMax && !utf8.RuneStart(value[cut]) {
		cut--
	}
	return string(value[:cut])
}
