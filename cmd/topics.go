package cmd

import (
	_ "embed"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/facts"
	"github.com/pidledger/pidledger/report"
)

//go:embed README.md
var manual string

//go:embed glossary.csv
var glossaryCSV string

// topic is a text of `pidledger help` that is not a command. It is made when somebody asks for it.
type topic struct {
	name, short string
	text        func() string
}

var topics = []topic{
	{"backup", "The ledger night after night, and how to back it up", from(ingest.Manual, "Night after night", "Back up and restore")},
	{"blob", "Exports and reports in Azure Blob Storage", func() string {
		return from(ingest.Manual, "Exports in Blob Storage")() + from(report.Manual, "Publish to Blob Storage")()
	}},
	{"config", "All keys of pidledger.yaml and their environment variables", configText},
	{"counting", "Which usage counts when exports overlap", from(queries.Manual, "Which usage counts")},
	{"decisions", "What was decided where the rules leave room", from(report.Manual, "What was decided where the rules leave room")},
	{"exports", "Which exports are read, and how to get them", from(ingest.Manual, "Get the exports", "Set up the exports of a subscription", "Collect from Azure")},
	{"glossary", "The words that pidledger uses, and what they mean", glossary},
	{"notify", "Tell people and monitoring how a night ended", from(manual, "Tell people how it ended")},
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
		return terminal.PlainText(text.String())
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
		b.WriteString(row[0] + "\n" + terminal.Indented(terminal.Unmarked(row[1]), "    "))
	}
	return b.String()
}
