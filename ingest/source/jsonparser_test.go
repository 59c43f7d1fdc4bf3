package source

import (
	"errors"
	"strings"
	"testing"
)

func TestTreesAreBounded(t *testing.T) {
	for name, c := range map[string]struct {
		text    string
		tooMany bool
	}{
		"a list at the limit":        {text: "[" + strings.Repeat("1,", MaxValues-2) + "1]"},
		"a list above it":            {text: "[" + strings.Repeat("1,", MaxValues) + "1]", tooMany: true},
		"empty lists":                {text: "[" + strings.Repeat("[],", MaxValues/2) + "1]", tooMany: true},
		"members":                    {text: "{" + strings.Repeat(`"":0,`, MaxValues) + `"":0}`, tooMany: true},
		"JSON in a string":           {text: `{"a":"[` + strings.Repeat("0,", MaxValues) + `0]"}`, tooMany: true},
		"a long text with few marks": {text: `{"a":"` + strings.Repeat("word ", MaxValues) + `"}`},
	} {
		_, err := ParseJSON([]byte(c.text))
		if IsTooMany(err) != c.tooMany || !c.tooMany && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := CheckValues([]byte(strings.Repeat(",", MaxValues/2+1)), []byte(strings.Repeat("{", MaxValues/2+1))); !IsTooMany(err) {
		t.Errorf("two cells: %v", err)
	}
}

// TestFaultOfALongTextIsShort shows that the message about a long text does not quote it.
func TestFaultOfALongTextIsShort(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("[", 200) + "tru" + strings.Repeat(" word", keptText),
		`{"a":"` + strings.Repeat("word ", keptText),
	} {
		_, err := ParseJSON([]byte(text))
		if err == nil || len(err.Error()) > 200 {
			t.Errorf("%.300v", err)
		}
	}
}

// TestParserGivesMemoryBack shows that a parser does not keep what one large text needed.
func TestParserGivesMemoryBack(t *testing.T) {
	var p JSONParser
	if _, err := p.ParseBytes([]byte(`{"a":"` + strings.Repeat("word ", keptText) + `"}`)); err != nil || !p.large {
		t.Fatal(err, p.large)
	}
	if v, err := p.ParseBytes([]byte(`[1]`)); err != nil || p.large || v.String() != "[1]" {
		t.Error(v, err, p.large)
	}
}

// TestColumnsOfATableAreBounded: each row is written out with all of their names.
func TestColumnsOfATableAreBounded(t *testing.T) {
	for _, columns := range []string{strings.Repeat(`"c",`, maxColumns) + `"c"`, `"` + strings.Repeat("c", maxColumnText) + `"`} {
		err := elements([]byte(`{"tables":[{"columns":[`+columns+`],"rows":[[1]]}]}`), JSONOptions{}, func(Value) error { return nil })
		var damaged *DamagedError
		if !errors.As(err, &damaged) || !strings.Contains(damaged.Reason, "columns") || !damaged.Final {
			t.Errorf("%.200v", err)
		}
	}
}
