package cmd

import (
	_ "embed"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/facts"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/report"
)

//go:embed README.md
var manual string

//go:embed glossary.csv
var glossaryCSV string

// topic is a text of `pidledger help` that is no command. It is made when somebody asks for it.
type topic struct {
	name, short string
	text        func() string
}

var topics = []topic{
	{"backup", "The ledger night after night, and how to back it up", from(ingest.Manual, "Night after night", "Back up and restore")},
	{"config", "All keys of pidledger.yaml and their environment variables", configText},
	{"counting", "Which usage counts when exports overlap", from(queries.Manual, "Which usage counts")},
	{"decisions", "What was decided where the rules leave room", from(report.Manual, "What was decided where the rules leave room")},
	{"exports", "Which exports are read, and how to get them", from(ingest.Manual, "Get the exports")},
	{"glossary", "The words that pidledger uses, and what they mean", glossary},
	{"optout", "What happens when a customer opts out", from(report.Manual, "When a customer opts out")},
	{"questions", "Questions that people ask, each with its command", from(manual, "Questions and answers")},
	{"removal", "Take a delivery back, or erase a customer", from(ingest.Manual, "Take something back")},
	{"restatements", "Why a month that was reported changes", from(report.Manual, "Months that change", "Changes worth a look")},
	{"schedule", "Run it every night: systemd, cron, containers, the log", from(manual, "Run it every night")},
	{"snapshot", "The tables for SQL, and how to ask them", from(queries.Manual, "The snapshot", "Ad-hoc SQL")},
	{"statuses", "What each status of a usage row or file means", from(report.Manual, "Statuses")},
	{"templates", "Check templates before they ship", from(manual, "Check templates before they ship")},
}

// command is the topic as cobra knows it.
func (t topic) command() *cobra.Command {
	c := &cobra.Command{Use: t.name, Short: t.short}
	c.SetHelpFunc(func(c *cobra.Command, args []string) {
		c.Long = t.text()
		c.Root().HelpFunc()(c, args)
	})
	return c
}

// from makes a text of sections of the README of a folder.
func from(document string, sections ...string) func() string {
	return func() string {
		var text strings.Builder
		for _, s := range sections {
			text.WriteString("## " + s + "\n" + section(document, s) + "\n")
		}
		return forTerminal(text.String())
	}
}

// section is what stands below a heading of the second level, up to the next one.
func section(document, heading string) string {
	_, text, _ := strings.Cut("\n"+document, "\n## "+heading+"\n")
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

func glossary() string {
	var b strings.Builder
	for _, row := range facts.Rows("glossary.csv", glossaryCSV) {
		b.WriteString(row[0] + "\n" + indented(plain(row[1]), "    "))
	}
	return b.String()
}

// helpWidth is that of a terminal whose width nobody knows.
const helpWidth = 80

var (
	link  = regexp.MustCompile(`\[([^\]]+)\]\([^)]+\)`)
	word  = regexp.MustCompile("`([^` ]+)`")
	slant = regexp.MustCompile(`\*([A-Za-z][^*]*)\*`)
	blank = regexp.MustCompile(`\n{3,}`)
	item  = regexp.MustCompile(`^(?:- |[0-9]+\. )`)
	rule  = regexp.MustCompile(`^\|[-| ]+\|$`)
)

// forTerminal writes the Markdown of our documents as plain text: without marks, wrapped, a table as a list of its rows.
func forTerminal(markdown string) string {
	var b strings.Builder
	var open []string // lines of one paragraph or item
	var header []string
	flush := func() {
		if len(open) > 0 {
			text := strings.Join(open, " ")
			mark := item.FindString(text)
			b.WriteString(hanging(plain(strings.TrimPrefix(text, mark)), mark))
		}
		open = nil
	}
	code := false
	for line := range strings.Lines(markdown) {
		line = strings.TrimSuffix(line, "\n")
		isFence := strings.HasPrefix(line, "```")
		switch {
		case isFence:
			flush()
			code = !code
		case code:
			b.WriteString(strings.TrimRight("    "+line, " ") + "\n")
		case strings.HasPrefix(line, "#"):
			flush()
			b.WriteString("\n" + plain(strings.TrimLeft(line, "# ")) + "\n\n")
		case rule.MatchString(line):
			continue
		case strings.HasPrefix(line, "|"):
			flush()
			cells := strings.Split(strings.Trim(line, "|"), "|")
			for i, c := range cells {
				cells[i] = plain(strings.TrimSpace(c))
			}
			if header == nil {
				header = cells
				continue
			}
			b.WriteString("  " + cells[0] + "\n")
			for i, text := range cells[1:] {
				if text == "" {
					continue
				}
				if len(cells) > 2 && i+1 < len(header) {
					text = header[i+1] + ": " + text
				}
				b.WriteString(indented(text, "      "))
			}
			continue
		case line == "":
			flush()
			b.WriteString("\n")
		case item.MatchString(line):
			flush()
			open = append(open, line)
		default:
			open = append(open, strings.TrimSpace(line))
		}
		header = nil
	}
	flush()
	return strings.TrimSpace(blank.ReplaceAllString(b.String(), "\n\n")) + "\n"
}

// plain takes the marks out of a text: links, bold, italics, and code of one word.
func plain(text string) string {
	text = link.ReplaceAllString(text, "$1")
	text = word.ReplaceAllString(strings.ReplaceAll(text, "**", ""), "$1")
	return slant.ReplaceAllString(text, "$1")
}

// indented wraps a text and puts the indent before each line.
func indented(text, indent string) string {
	var b strings.Builder
	for _, l := range wrapped(text, helpWidth-len(indent)) {
		b.WriteString(indent + l + "\n")
	}
	return b.String()
}

// hanging wraps a text behind a mark: that of an item, or none.
func hanging(text, mark string) string {
	out := indented(text, strings.Repeat(" ", len(mark)))
	return mark + strings.TrimPrefix(out, strings.Repeat(" ", len(mark)))
}
