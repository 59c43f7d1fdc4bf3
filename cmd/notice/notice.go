package notice

import (
	"embed"
	"errors"
	"fmt"
	"html"
	"iter"
	"regexp"
	"slices"
	"strings"
)

//go:embed texts/*.txt
var texts embed.FS

// Subjects are what a notice can be about: software that is deployed by a template, or that calls Azure's API.
var Subjects = []string{"template", "api"}

// Languages returns the languages that texts are there for, in order: the files are <language>.<subject>.txt.
func Languages() (out []string) {
	entries, err := texts.ReadDir("texts")
	if err != nil {
		panic(err) // it is embedded
	}
	for _, e := range entries {
		if language, _, _ := strings.Cut(e.Name(), "."); !slices.Contains(out, language) {
			out = append(out, language)
		}
	}
	return out
}

// Placeholders are what the text of a notice can have in braces.
var Placeholders = []string{"{partner}", "{microsoft}", "{privacy}", "{optout}"}

// Formats are the forms of a notice.
var Formats = []string{"markdown", "text", "html"}

// microsoftPolicy is where Microsoft's privacy policies are.
const microsoftPolicy = "https://www.microsoft.com/trustcenter"

// Notice is what the text says. All values are plain text.
type Notice struct {
	Partner  string
	Subject  string // of Subjects
	Language string // of Languages
	Text     string // a text of the partner's own, in place of that of subject and language
	Privacy  string // address of the partner's own privacy policy; empty: the blocks that name it go
	OptOut   string // how to opt out; empty: the blocks that have it go, and those of the mark ! stay
}

// block is a title, a paragraph, an item of a list, or a paragraph for when there is no way of one's own to opt out.
type block struct {
	mark string // "# ", "- ", "! " or empty
	text string
}

// form writes a notice: its escaping, addresses, and the blocks with what stands around lists.
type form struct {
	escape              func(string) string
	link                func(string) string // gets the address as written
	title, item, plain  string              // with %s
	listStart, listStop string
}

func forms() map[string]form {
	bare := func(s string) string { return s }
	return map[string]form{
		"text":     {bare, bare, "%s\n", "- %s\n", "\n%s\n", "\n", ""},
		"markdown": {escapeMarkdown, linkMarkdown, "# %s\n", "- %s\n", "\n%s\n", "\n", ""},
		"html": {html.EscapeString, func(a string) string {
			return `<a href="` + html.EscapeString(a) + `">` + html.EscapeString(a) + `</a>`
		},
			"<h1>%s</h1>\n", "<li>%s</li>\n", "<p>%s</p>\n", "<ul>\n", "</ul>\n"},
	}
}

// special has what Markdown gives a meaning to inside a line.
var special = regexp.MustCompile("[\\\\`*_{}\\[\\]<>|~#&!]")

func escapeMarkdown(s string) string { return special.ReplaceAllString(s, `\$0`) }

// linkMarkdown keeps an address from ending its own brackets.
func linkMarkdown(a string) string {
	return "<" + strings.NewReplacer("<", "%3C", ">", "%3E").Replace(a) + ">"
}

// Write returns the notice in a format of Formats.
func (n Notice) Write(format string) (string, error) {
	f, ok := forms()[format]
	if !ok {
		return "", fmt.Errorf("a notice can be %s, not %q", strings.Join(Formats, ", "), format)
	}
	blocks, err := n.blocks()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	list := false
	for _, bl := range blocks {
		if isItem := bl.mark == "- "; isItem != list {
			list = isItem
			if list {
				b.WriteString(f.listStart)
			} else {
				b.WriteString(f.listStop)
			}
		}
		around := map[string]string{"# ": f.title, "- ": f.item}[bl.mark]
		if around == "" {
			around = f.plain
		}
		fmt.Fprintf(&b, around, n.fill(bl.text, f))
	}
	return b.String(), nil
}

// blocks reads the text, without the blocks whose value is not given.
func (n Notice) blocks() ([]block, error) {
	text := n.Text
	if text == "" {
		own, err := texts.ReadFile("texts/" + n.Language + "." + n.Subject + ".txt")
		if err != nil {
			return nil, fmt.Errorf("a notice is about %s, in %s; there is none about %q in %q", strings.Join(Subjects, " or "), strings.Join(Languages(), ", "), n.Subject, n.Language)
		}
		text = string(own)
	}
	text = strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")
	for _, name := range placeholder.FindAllString(text, -1) {
		if !slices.Contains(Placeholders, name) {
			return nil, fmt.Errorf("%w: %s; there are %s", ErrPlaceholder, name, strings.Join(Placeholders, ", "))
		}
	}
	var out []block
	for part := range paragraphs(text) {
		b := block{text: part}
		for _, mark := range [...]string{"# ", "- ", "! "} {
			if rest, ok := strings.CutPrefix(b.text, mark); ok {
				b = block{mark, rest}
				break
			}
		}
		switch {
		case n.Privacy == "" && strings.Contains(b.text, "{privacy}"):
		case n.OptOut == "" && strings.Contains(b.text, "{optout}"), n.OptOut != "" && b.mark == "! ":
		default:
			out = append(out, b)
		}
	}
	return out, nil
}

// ErrPlaceholder is a text with something in braces that means nothing.
var ErrPlaceholder = errors.New("unknown placeholder")

// paragraphs are the parts of a text between empty lines, each on one line.
func paragraphs(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for part := range strings.SplitSeq(emptyLines.ReplaceAllString(text, "\n\n"), "\n\n") {
			if part = strings.Join(strings.Fields(part), " "); part != "" && !yield(part) {
				return
			}
		}
	}
}

var emptyLines = regexp.MustCompile(`\n([ \t]*\n)+`)

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// fill escapes a text and puts the values in, each escaped by itself.
func (n Notice) fill(text string, f form) string {
	var b strings.Builder
	for {
		at := placeholder.FindStringIndex(text)
		if at == nil {
			return b.String() + f.escape(text)
		}
		b.WriteString(f.escape(text[:at[0]]))
		b.WriteString(n.value(text[at[0]:at[1]], f))
		text = text[at[1]:]
	}
}

func (n Notice) value(name string, f form) string {
	switch name {
	case "{partner}":
		return f.escape(n.Partner)
	case "{microsoft}":
		return f.link(microsoftPolicy)
	case "{privacy}":
		return f.link(n.Privacy)
	case "{optout}":
		return f.escape(n.OptOut)
	}
	return ""
}
