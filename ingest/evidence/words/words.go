// Package words knows what the words of Azure's exports and logs mean: statuses, phases, modes, HTTP codes and methods, localised names of
// operations. The lists are vocabulary.csv, http_codes.csv and operation_names.csv.
package words

import (
	"bytes"
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/pidledger/pidledger/ingest/azure"
	"github.com/pidledger/pidledger/queries/facts"
)

//go:embed vocabulary.csv
var vocabularyCSV string

//go:embed http_codes.csv
var codesCSV string

//go:embed operation_names.csv
var operationsCSV string

// The status words of canonical activity.
const (
	Started   = "started"
	Accepted  = "accepted"
	Succeeded = "succeeded"
	Failed    = "failed"
	Other     = "other"
)

// List maps the words of one vocabulary, in lower case, to their canonical form. Most texts that are looked up are not words of it:
// the length and the first byte tell that without a hash.
type List struct {
	canonical map[string]string
	first     [256]bool
	longest   int
}

// Vocabulary holds what the words of exports mean. It is never changed once read.
type Vocabulary struct {
	Statuses, Phases, Modes, ChangeTypes, Methods, Categories, Placeholders List

	codes map[string]int64 // names of HTTP statuses
}

// Read returns the vocabulary of the embedded lists.
func Read() *Vocabulary {
	v := &Vocabulary{codes: map[string]int64{}}
	byName := map[string]*List{
		"status": &v.Statuses, "phase": &v.Phases, "mode": &v.Modes, "change_type": &v.ChangeTypes, "method": &v.Methods,
		"category": &v.Categories, "placeholder": &v.Placeholders,
	}
	facts.Each("vocabulary.csv", vocabularyCSV, func(r []string) error {
		w := byName[r[0]]
		if w == nil {
			return fmt.Errorf("vocabulary %q is not known", r[0])
		}
		w.add(r[1], r[2])
		return nil
	})
	facts.Each("http_codes.csv", codesCSV, func(r []string) (err error) {
		v.codes[r[0]], err = strconv.ParseInt(r[1], 10, 64)
		return err
	})
	return v
}

func (w *List) add(word, canonical string) {
	if w.canonical == nil {
		w.canonical = map[string]string{}
	}
	w.canonical[word] = canonical
	w.first[word[0]] = true
	w.longest = max(w.longest, len(word))
}

// Look finds a word without regard to ASCII case; ok is false when the vocabulary does not know it.
func (w *List) Look(word []byte) (canonical string, ok bool) {
	var buf [64]byte
	if len(word) == 0 || len(word) > min(w.longest, len(buf)) || !w.first[azure.LowerByte(word[0])] {
		return "", false
	}
	canonical, ok = w.canonical[string(azure.AppendLower(buf[:0], word))]
	return canonical, ok
}

// Has reports whether the vocabulary knows a word.
func (w *List) Has(word []byte) bool {
	_, ok := w.Look(word)
	return ok
}

// Status maps the status words of all exports; trailing dots ("Succeeded.") do not count. Words that tell no outcome of a request
// ("Active", "Updated", "In Progress", ...) are other; an empty word is "".
func (v *Vocabulary) Status(word []byte) string {
	word = azure.Trim(word)
	for len(word) > 0 && word[len(word)-1] == '.' {
		word = word[:len(word)-1]
	}
	if len(word) == 0 {
		return ""
	}
	if s, ok := v.Statuses.Look(word); ok {
		return s
	}
	return Other
}

// HTTPCode reads an HTTP status from a number, a name ("Created"), a signature ("Succeeded.NoContent") or a label
// ("OK (HTTP Status Code: 200)", "201 Created"). It returns 0 when there is none.
func (v *Vocabulary) HTTPCode(text []byte) int64 {
	text = azure.Trim(text)
	if len(text) == 0 {
		return 0
	}
	if code := LeadingCode(text); code != 0 {
		return code
	}
	if i := bytes.LastIndexByte(text, ')'); i >= 4 && !azure.IsAlnum(text[i-4]) {
		if code := LeadingCode(text[i-3 : i]); code != 0 {
			return code
		}
	}
	if code := v.codeOf(text); code != 0 {
		return code
	}
	_, rest, found := bytes.Cut(text, []byte{'.'})
	if !found {
		return 0
	}
	return v.HTTPCode(rest)
}

// LeadingCode reads three digits that are not followed by a letter or digit.
func LeadingCode(b []byte) int64 {
	if len(b) < 3 || b[0] < '1' || b[0] > '5' || b[1] < '0' || b[1] > '9' || b[2] < '0' || b[2] > '9' || len(b) > 3 && azure.IsAlnum(b[3]) {
		return 0
	}
	return int64(b[0]-'0')*100 + int64(b[1]-'0')*10 + int64(b[2]-'0')
}

func (v *Vocabulary) codeOf(name []byte) int64 {
	var buf [40]byte
	key := buf[:0]
	for _, c := range name {
		if !azure.IsAlnum(c) {
			if c == ' ' || c == '-' || c == '_' {
				continue
			}
			return 0
		}
		if len(key) == cap(key) {
			return 0
		}
		key = append(key, azure.LowerByte(c))
	}
	return v.codes[string(key)]
}

// Placeholder tells words that stand for "no value": redacted or nil ids would tie unrelated records together.
func (v *Vocabulary) Placeholder(word []byte) bool { return v.Placeholders.Has(word) }

// Label maps a localised operation name, as the portal's CSV has it, to an operation.
type Label struct {
	text      string // lower case
	where     labelMatch
	Operation string // may begin with {type}
}

// labelMatch says how the text of a label rule is compared.
type labelMatch int

const (
	labelWhole    labelMatch = iota // "create deployment"
	labelPrefix                     // "delete *"
	labelAnywhere                   // "*policy action*"
)

// Labels returns the rules for localised operation names, in the order in which they are asked.
func Labels() (rules []Label) {
	for _, r := range facts.Rows("operation_names.csv", operationsCSV) {
		l := Label{text: strings.Trim(r[0], "*"), Operation: r[1]}
		switch {
		case strings.HasPrefix(r[0], "*"):
			l.where = labelAnywhere
		case strings.HasSuffix(r[0], "*"):
			l.where = labelPrefix
		}
		rules = append(rules, l)
	}
	return rules
}

// Match reports whether a name, in lower case, is one that the rule means.
func (l *Label) Match(label string) bool {
	switch l.where {
	case labelPrefix:
		return len(label) > len(l.text) && strings.HasPrefix(label, l.text)
	case labelAnywhere:
		return strings.Contains(label, l.text)
	}
	return label == l.text
}
