package export

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
)

// text is a JSON string, or a number or boolean as written; null is empty. Blanks around it are dropped.
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		var s string
		if err := json.Unmarshal(data, &s); err != nil {
			return err
		}
		*t = text(strings.TrimSpace(s))
	case '{', '[':
		return fmt.Errorf("a text was expected, not %s", cut(string(data)))
	case 'n':
		*t = ""
	default:
		*t = text(data)
	}
	return nil
}

// count is a whole number that is not negative, as JSON number or string; nil when null, absent or empty.
type count struct{ n *int64 }

func (c *count) UnmarshalJSON(data []byte) error {
	var t text
	if err := t.UnmarshalJSON(data); err != nil {
		return err
	}
	c.n = nil
	if t == "" {
		return nil
	}
	const longest = 40
	var r big.Rat
	// Digits only: an exponent (1e9999999, 1p9999999) would be expanded.
	if len(t) > longest || strings.Trim(string(t), "0123456789.-") != "" {
		return fmt.Errorf("%q is not a count", cut(string(t)))
	}
	if _, ok := r.SetString(string(t)); !ok || !r.IsInt() || r.Sign() < 0 || !r.Num().IsInt64() {
		return fmt.Errorf("%q is not a count", cut(string(t)))
	}
	n := r.Num().Int64()
	c.n = &n
	return nil
}
