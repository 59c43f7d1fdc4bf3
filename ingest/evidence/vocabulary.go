package evidence

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/pidledger/pidledger/ingest/azure"
)

// The status words of canonical activity (reference, canonical row).
const (
	statusStarted   = "started"
	statusAccepted  = "accepted"
	statusSucceeded = "succeeded"
	statusFailed    = "failed"
	statusOther     = "other"
)

// words maps the words of one vocabulary, in lower case, to their canonical form. Most texts that are looked up are no words of it:
// the length and the first byte tell that without a hash.
type words struct {
	canonical map[string]string
	first     [256]bool
	longest   int
}

// vocabulary holds what the words of exports mean.
type vocabulary struct {
	statuses, phases, modes, changeTypes, methods, categories, placeholders words

	codes map[string]int64 // names of HTTP statuses
}

func readVocabulary() vocabulary {
	v := vocabulary{codes: map[string]int64{}}
	byName := map[string]*words{
		"status": &v.statuses, "phase": &v.phases, "mode": &v.modes, "change_type": &v.changeTypes, "method": &v.methods,
		"category": &v.categories, "placeholder": &v.placeholders,
	}
	each("vocabulary.csv", func(r []string) error {
		w := byName[r[0]]
		if w == nil {
			return fmt.Errorf("vocabulary %q is not known", r[0])
		}
		w.add(r[1], r[2])
		return nil
	})
	each("http_codes.csv", func(r []string) (err error) {
		v.codes[r[0]], err = strconv.ParseInt(r[1], 10, 64)
		return err
	})
	return v
}

func (w *words) add(word, canonical string) {
	if w.canonical == nil {
		w.canonical = map[string]string{}
	}
	w.canonical[word] = canonical
	w.first[word[0]] = true
	w.longest = max(w.longest, len(word))
}

// look finds a word without regard to ASCII case; ok is false when the vocabulary does not know it.
func (w *words) look(word []byte) (canonical string, ok bool) {
	var buf [64]byte
	if len(word) == 0 || len(word) > min(w.longest, len(buf)) || !w.first[azure.LowerByte(word[0])] {
		return "", false
	}
	canonical, ok = w.canonical[string(azure.AppendLower(buf[:0], word))]
	return canonical, ok
}

func (w *words) has(word []byte) bool {
	_, ok := w.look(word)
	return ok
}

// status maps the status words of all exports; trailing dots ("Succeeded.") do not count. Words that tell no outcome of a request
// ("Active", "Updated", "In Progress", ...) are other; an empty word is "".
func (v *vocabulary) status(word []byte) string {
	word = azure.Trim(word)
	for len(word) > 0 && word[len(word)-1] == '.' {
		word = word[:len(word)-1]
	}
	if len(word) == 0 {
		return ""
	}
	if s, ok := v.statuses.look(word); ok {
		return s
	}
	return statusOther
}

// httpCode reads an HTTP status from a number, a name ("Created"), a signature ("Succeeded.NoContent") or a label
// ("OK (HTTP Status Code: 200)", "201 Created"). It returns 0 when there is none.
func (v *vocabulary) httpCode(text []byte) int64 {
	text = azure.Trim(text)
	if len(text) == 0 {
		return 0
	}
	if code := leadingCode(text); code != 0 {
		return code
	}
	if i := bytes.LastIndexByte(text, ')'); i >= 4 && !azure.IsAlnum(text[i-4]) {
		if code := leadingCode(text[i-3 : i]); code != 0 {
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
	return v.httpCode(rest)
}

// leadingCode reads three digits that are not followed by a letter or digit.
func leadingCode(b []byte) int64 {
	if len(b) < 3 || b[0] < '1' || b[0] > '5' || b[1] < '0' || b[1] > '9' || b[2] < '0' || b[2] > '9' || len(b) > 3 && azure.IsAlnum(b[3]) {
		return 0
	}
	return int64(b[0]-'0')*100 + int64(b[1]-'0')*10 + int64(b[2]-'0')
}

func (v *vocabulary) codeOf(name []byte) int64 {
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

// placeholder tells words that stand for "no value": redacted or nil ids would tie unrelated records together.
func (v *vocabulary) placeholder(word []byte) bool { return v.placeholders.has(word) }

// labelRule maps a localised operation name, as the portal's CSV has it, to an operation.
type labelRule struct {
	text      string // lower case
	where     labelMatch
	operation string // may begin with {type}
}

// labelMatch says how the text of a label rule is compared.
type labelMatch int

const (
	labelWhole    labelMatch = iota // "create deployment"
	labelPrefix                     // "delete *"
	labelAnywhere                   // "*policy action*"
)

func readLabels() (rules []labelRule) {
	each("operation_names.csv", func(r []string) error {
		l := labelRule{text: strings.Trim(r[0], "*"), operation: r[1]}
		switch {
		case strings.HasPrefix(r[0], "*"):
			l.where = labelAnywhere
		case strings.HasSuffix(r[0], "*"):
			l.where = labelPrefix
		}
		rules = append(rules, l)
		return nil
	})
	return rules
}

func (l *labelRule) match(label string) bool {
	switch l.where {
	case labelPrefix:
		return len(label) > len(l.text) && strings.HasPrefix(label, l.text)
	case labelAnywhere:
		return strings.Contains(label, l.text)
	}
	return label == l.text
}
