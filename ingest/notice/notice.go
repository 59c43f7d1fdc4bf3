package notice

import (
	"embed"
	"fmt"
	"html"
	"regexp"
	"strings"
)

//go:embed template.txt api.txt
var texts embed.FS

// Subjects are what a notice can be about: software that is deployed by a template, or that calls Azure's API.
var Subjects = []string{"template", "api"}

// Formats are the forms of a notice.
var Formats = []string{"markdown", "text", "html"}

// microsoftPolicy is where Microsoft's privacy policies are.
const microsoftPolicy = "https://www.microsoft.com/trustcenter"

// Notice is what the text says. All values are plain text.
type Notice struct {
	Partner string
	Subject string // of Subjects
	Privacy string // address of the partner's own privacy policy; empty: the notice names Microsoft's only
	OptOut  string // how to opt out; empty: by asking the partner before
}

// block is a title, a paragraph or an item of a list.
type block struct {
	mark string // "# ", "- " or empty
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

// blocks reads the text of the subject; the paragraph about the partner's policy goes when there is none.
func (n Notice) blocks() ([]block, error) {
	text, err := texts.ReadFile(n.Subject + ".txt")
	if err != nil {
		return nil, fmt.Errorf("a notice is about %s, not %q", strings.Join(Subjects, " or "), n.Subject)
	}
	var out []block
	for part := range strings.SplitSeq(strings.TrimSpace(string(text)), "\n\n") {
		b := block{text: strings.TrimSpace(part)}
		for _, mark := range [...]string{"# ", "- "} {
			if rest, ok := strings.CutPrefix(b.text, mark); ok {
				b = block{mark, rest}
			}
		}
		if b.text != "{privacy}" || n.Privacy != "" {
			out = append(out, b)
		}
	}
	return out, nil
}

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
		return f.escape("What "+n.Partner+" does with the data is in its privacy policy: ") + f.link(n.Privacy)
	case "{optout}":
		if n.OptOut != "" {
			return f.escape(n.OptOut)
		}
		return f.escape("ask " + n.Partner + " before you install its software, and it tells you how to leave the identifier out.")
	}
	return ""
}
