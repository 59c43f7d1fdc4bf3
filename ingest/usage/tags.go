package usage

import (
	"bytes"
	"encoding/json"
)

// tagText is a tags cell as JSON text.
type tagText struct {
	json bytes.Buffer // an object; empty when there are no tags or they cannot be read
	bad  bool         // the cell is not a JSON object, with or without braces
}

// parse reads a cell without outer blanks. EA exports leave the braces out. A cell that is not a JSON object even with braces is bad, but never
// costs the row. Keys keep their order, duplicates and blanks.
func (t *tagText) parse(cell []byte) {
	t.json.Reset()
	t.bad = false
	if len(cell) == 0 || string(cell) == "null" {
		return
	}
	if cell[0] == '{' && json.Compact(&t.json, cell) == nil {
		return
	}
	t.json.Reset()
	wrapped := make([]byte, 0, len(cell)+2)
	wrapped = append(append(append(wrapped, '{'), cell...), '}')
	if json.Compact(&t.json, wrapped) != nil {
		t.json.Reset()
		t.bad = true
	}
}

// appendJSONString appends s as a JSON string. s is UTF-8.
func appendJSONString(dst, s []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
