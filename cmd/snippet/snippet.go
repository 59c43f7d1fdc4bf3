package snippet

import (
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"text/template"

	"github.com/pidledger/pidledger/ingest/token"
	"github.com/pidledger/pidledger/queries/facts"
)

// ErrBadID is an id that the lines cannot carry.
var ErrBadID = errors.New("not a tracking id that can be used here")

//go:embed snippets.csv
var snippetsCSV string

//go:embed lines/*.txt
var linesFS embed.FS

// Snippet is what to add in one language. Its JSON form is stable; readers must ignore keys they do not know.
type Snippet struct {
	Language string `json:"language"`
	What     string `json:"what"`  // which client or tool
	Lines    string `json:"lines"` // with a line end
	Trap     string `json:"trap"`

	comment string // that starts a comment line; empty: the language has none
}

// language is a line of snippets.csv.
type language struct {
	name, comment string
	words         bool // takes ids in words
	what, trap    string
	files         []string // ends of the names of files in it
}

// languages reads the data file once; a test makes every snippet, so a bad line cannot ship.
var languages = sync.OnceValue(func() []language {
	var out []language
	for _, r := range facts.Rows("snippets.csv", snippetsCSV) {
		out = append(out, language{r[0], r[1], r[2] == "yes", r[3], r[4], strings.Fields(r[5])})
	}
	return out
})

// Languages are the names that For knows.
func Languages() []string {
	var out []string
	for _, l := range languages() {
		out = append(out, l.name)
	}
	return out
}

// Of returns the language of a file by its name; empty when there is none.
func Of(file string) string {
	for _, l := range languages() {
		if slices.ContainsFunc(l.files, func(end string) bool { return strings.HasSuffix(strings.ToLower(file), end) }) {
			return l.name
		}
	}
	return ""
}

const suffix = "-partnercenter"

// For makes the snippet of a language for an id, with or without pid- and -partnercenter; what is written with -partnercenter keeps it, and
// partnerCenter adds it. The error is ErrBadID when the id is malformed or the client refuses its kind.
func For(name, id string, partnerCenter bool) (Snippet, error) {
	all := languages()
	at := slices.IndexFunc(all, func(l language) bool { return l.name == name })
	if at < 0 {
		return Snippet{}, fmt.Errorf("no lines for %q", name)
	}
	l := all[at]
	r := token.Normalise(id)
	if r.Malformed() {
		return Snippet{}, fmt.Errorf("%w: %q (%s)", ErrBadID, id, r.Reason)
	}
	if r.Kind == token.KindWords && !l.words {
		return Snippet{}, fmt.Errorf("%w: %q is not a GUID, and %s takes only one", ErrBadID, id, l.name)
	}
	written := strings.HasSuffix(strings.ToLower(strings.TrimSpace(id)), suffix)
	values := struct {
		ID, Token     string
		PartnerCenter bool
	}{r.ID, "pid-" + r.ID, partnerCenter || written || r.Kind == token.KindWords}
	if values.PartnerCenter {
		values.Token += suffix
	}
	text, err := linesFS.ReadFile("lines/" + l.name + ".txt")
	if err != nil {
		return Snippet{}, err
	}
	t, err := template.New(l.name).Parse(string(text))
	if err != nil {
		return Snippet{}, err
	}
	var b strings.Builder
	if err := t.Execute(&b, values); err != nil {
		return Snippet{}, err
	}
	return Snippet{l.name, l.what, b.String(), l.trap, l.comment}, nil
}

// Commented is the snippet with its trap in comment lines before it; ok is false when the language has no comments, and the text is the
// lines alone.
func (s Snippet) Commented() (text string, ok bool) {
	if s.comment == "" {
		return s.Lines, false
	}
	var b strings.Builder
	for _, line := range append([]string{s.What}, wrap(s.Trap, 100)...) {
		b.WriteString(s.comment + " " + line + "\n")
	}
	if strings.HasPrefix(s.Lines, s.comment) {
		b.WriteByte('\n') // the comment of the lines is not one of the trap
	}
	return b.String() + s.Lines, true
}

// wrap breaks a text into lines of at most width characters where words allow it.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
