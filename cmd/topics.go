package cmd

import (
	_ "embed"
	"encoding/csv"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/report"
)

//go:embed README.md
var manual string

//go:embed glossary.csv
var glossaryCSV string

// topic is a text of `pidledger help` that is no command: sections of the README of a folder.
type topic struct {
	name, short string
	document    string
	sections    []string
}

var topics = []topic{
	{"backup", "The ledger night after night, and how to back it up", ingest.Manual, []string{"Night after night", "Back up and restore"}},
	{"counting", "Which usage counts when exports overlap", queries.Manual, []string{"Which usage counts"}},
	{"decisions", "What was decided where the rules leave room", report.Manual, []string{"What was decided where the rules leave room"}},
	{"exports", "Which exports are read, and how to get them", ingest.Manual, []string{"Get the exports"}},
	{"optout", "What happens when a customer opts out", report.Manual, []string{"When a customer opts out"}},
	{"questions", "Questions that people ask, each with its command", manual, []string{"Questions and answers"}},
	{"removal", "Take a delivery back, or erase a customer", ingest.Manual, []string{"Take something back"}},
	{"restatements", "Why a month that was reported changes", report.Manual, []string{"Months that change", "Changes worth a look"}},
	{"schedule", "Run it every night: systemd, cron, containers, the log", manual, []string{"Run it every night"}},
	{"snapshot", "The tables for SQL, and how to ask them", queries.Manual, []string{"The snapshot", "Ad-hoc SQL"}},
	{"statuses", "What each status of a usage row or file means", report.Manual, []string{"Statuses"}},
	{"templates", "Check templates before they ship", manual, []string{"Check templates before they ship"}},
}

// newTopics are the help topics: those of the READMEs, the configuration and the glossary.
func newTopics() []*cobra.Command {
	out := []*cobra.Command{newConfigTopic(), {Use: "glossary", Short: "The words that pidledger uses, and what they mean", Long: glossary()}}
	for _, t := range topics {
		var text strings.Builder
		for _, s := range t.sections {
			text.WriteString("## " + s + "\n" + section(t.document, s) + "\n")
		}
		out = append(out, &cobra.Command{Use: t.name, Short: t.short, Long: forTerminal(text.String())})
	}
	return out
}

// section is what stands below a heading of the second level, up to the next one.
func section(document, heading string) string {
	_, text, _ := strings.Cut("\n"+document, "\n## "+heading+"\n")
	text, _, _ = strings.Cut(text, "\n## ")
	return text
}

// glossaryWords are the words of glossary.csv with their meanings.
func glossaryWords() [][]string {
	rows, err := csv.NewReader(strings.NewReader(glossaryCSV)).ReadAll()
	if err != nil {
		panic(err) // it is part of the program, and a test reads it
	}
	return rows[1:]
}

func glossary() string {
	var b strings.Builder
	for _, row := range glossaryWords() {
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
