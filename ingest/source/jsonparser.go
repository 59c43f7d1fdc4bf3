package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/valyala/fastjson"
)

// MaxValues is the largest number of values of which one tree is made. A record of a known export has some thousand, a template of 4 MB, which
// Azure takes at most, some hundred thousand; a value takes 100 to 400 bytes of memory.
const MaxValues = 500_000

const (
	keptText  = 1 << 20   // a parser that has read a longer one gives its memory back
	shortText = MaxValues // a text of so few bytes cannot hold too many values
)

// TooManyError says that a JSON text holds more values than MaxValues.
type TooManyError struct{}

func (*TooManyError) Error() string {
	return fmt.Sprintf("the record holds more than %d,000 values, which no record of a known export does: if it is genuine, export it in smaller parts, or with one record for each thing", MaxValues/1000)
}

// IsTooMany tells whether an error is a *TooManyError.
func IsTooMany(err error) bool {
	if err == nil { // as for nearly every record: nothing is allocated
		return false
	}
	var tooMany *TooManyError
	return errors.As(err, &tooMany)
}

// Values returns how many values a JSON text holds at most. What stands in its strings counts as well: it may be JSON that is read, too.
func Values(text []byte) int {
	return 1 + bytes.Count(text, []byte{','}) + bytes.Count(text, []byte{'['}) + bytes.Count(text, []byte{'{'})
}

// CheckValues returns a *TooManyError when the texts of one record may hold more than MaxValues values.
func CheckValues(texts ...[]byte) error {
	size, n := 0, 0
	for _, text := range texts {
		size += len(text)
	}
	if size <= shortText {
		return nil
	}
	for _, text := range texts {
		n += Values(text)
	}
	if n > MaxValues {
		return &TooManyError{}
	}
	return nil
}

// JSONParser makes trees of JSON texts that others wrote; their size is bounded before there is one.
type JSONParser struct {
	parser fastjson.Parser
	large  bool
}

// ParseBytes returns the tree of a text, which is valid until the next call. The error may be a *TooManyError.
func (p *JSONParser) ParseBytes(text []byte) (*fastjson.Value, error) {
	if p.large {
		*p = JSONParser{}
	}
	if len(text) > shortText {
		if err := CheckValues(text); err != nil {
			return nil, err
		}
	}
	if p.large = len(text) > keptText; p.large && !json.Valid(text) { // fastjson quotes all that is left of a text, at every level of nesting
		_, reason := fault(text)
		if reason == "" {
			reason = endOfText
		}
		return nil, errors.New(reason)
	}
	return p.parser.ParseBytes(text)
}

// ParseJSON returns the tree of a text.
func ParseJSON(text []byte) (*fastjson.Value, error) { return new(JSONParser).ParseBytes(text) }
