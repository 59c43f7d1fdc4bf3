package source

import (
	"bytes"
	"encoding/json"
	"errors"
)

// Fault says where an element that its parser refused is damaged: line, column (in characters, from 1) and what is wrong there. reason is
// empty when no rule of JSON is broken; the place is then the start of the element.
func (v Value) Fault() (line, column int64, reason string) {
	at, reason := fault(v.Bytes)
	if reason == "" || v.Columns != nil { // the row of a table does not stand in the file as it is given
		return v.Line, v.Column, reason
	}
	before := v.Bytes[:at]
	if end := bytes.LastIndexByte(before, '\n'); end >= 0 {
		return v.Line + int64(bytes.Count(before, newline)), characters(before[end+1:]) + 1, reason
	}
	return v.Line, v.Column + characters(before), reason
}

// fault returns the place of the first byte of a text that breaks a rule of JSON, and the rule; "" when there is none but that the text
// ends too early.
func fault(text []byte) (at int, reason string) {
	var ignored json.RawMessage
	var broken *json.SyntaxError
	if err := json.Unmarshal(text, &ignored); !errors.As(err, &broken) || broken.Offset > int64(len(text)) || broken.Error() == endOfText {
		return 0, ""
	}
	return max(0, int(broken.Offset)-1), broken.Error()
}

// endOfText is what encoding/json says of a text that ends inside a value.
const endOfText = "unexpected end of JSON input"

// characters counts the characters of a text, which may be cut inside one.
func characters(text []byte) (n int64) {
	for _, c := range text {
		if c&0xc0 != 0x80 {
			n++
		}
	}
	return n
}
