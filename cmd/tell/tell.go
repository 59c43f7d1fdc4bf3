// Package tell tells people and monitoring how a night ended: a webhook, a mail, a file of metrics. What it says is made of the summary, in which nobody is
// who opted out, and of nothing else: the message of an error may name a file, and its folder a customer. Whatever goes wrong here is a note; the night
// is over.
package tell

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/summary"
)

// Night is how one ended.
type Night struct {
	Command string // without the name of the program
	Version string
	Host    string
	Began   time.Time
	Ended   time.Time
	Err     error            // as the program ends with; nil: all is well
	Summary *summary.Summary // nil: it did not get that far
	Collect bool             // it is pidledger collect, which comes before a night: it has no summary, is no metric, and is told only when it lacks something
}

// Teller tells whoever the configuration names.
type Teller struct {
	Config config.Config
	Getenv func(string) string
	Wait   time.Duration // before the first retry; each further one waits longer
}

// limit is how long all of it may take.
const limit = 90 * time.Second

// Tell tells. The errors say who could not be told; none holds a secret.
func (t Teller) Tell(ctx context.Context, n Night) (failed []error) {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), limit) // a night that was interrupted is told, too
	defer done()
	note := func(what string, err error) {
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", what, err))
		}
	}
	// A call that found the ledger in use did nothing that could be measured; the one that has it writes how it ends.
	if file := t.Config.Metrics.File; file != "" && exit.CodeOf(n.Err) != exit.InUse && !n.Collect {
		note("write the metrics "+file, t.writeMetrics(ctx, n))
	}
	m := n.message(t.Config.Notify.Page)
	if !slices.Contains(t.Config.Notify.On, m.Result) || n.Collect && n.Err == nil {
		return failed
	}
	note("tell the webhook", t.webhook(ctx, m))
	if t.Config.Notify.SMTP != "" {
		note("send a mail through "+t.Config.Notify.SMTP, t.mail(ctx, m))
	}
	return failed
}

// Message is what is told, and the body of a webhook of the form json.
type Message struct {
	Program      string   `json:"program"`
	Version      string   `json:"version"`
	Host         string   `json:"host"`
	Command      string   `json:"command"`
	Result       string   `json:"result"` // of notify.on
	ExitCode     int      `json:"exit_code"`
	Title        string   `json:"title"`
	Headline     []string `json:"headline"`
	Changes      []string `json:"changes"`      // worth a look, the most important first
	MoreChanges  int      `json:"more_changes"` // that are not listed
	RunID        string   `json:"run_id,omitempty"`
	DataThrough  string   `json:"data_through,omitempty"`
	Seconds      float64  `json:"seconds"`
	RowsRead     int64    `json:"rows_read"`
	RowsRejected int64    `json:"rows_rejected"`
	Page         string   `json:"page,omitempty"`
}

// How much is told.
const (
	mostChanges = 5
	mostSigns   = 500 // of a line
)

func (n Night) message(page string) Message {
	code := exit.CodeOf(n.Err)
	m := Message{
		Program: human.Program, Version: n.Version, Host: n.Host, Command: n.Command, Result: n.result(), ExitCode: code,
		Title: fmt.Sprintf("%s %s on %s: %s", human.Program, n.Command, n.Host, meaning(code)), Headline: []string{}, Changes: []string{},
		Seconds: n.Ended.Sub(n.Began).Seconds(), Page: page,
	}
	if errors.Is(n.Err, syscall.ENOSPC) {
		m.Headline = append(m.Headline, "A disk is full.")
	}
	if s := n.Summary; s != nil {
		m.RunID, m.DataThrough = s.RunID, s.DataThrough
		m.Headline = append(m.Headline, s.Headline()...)
		for i, c := range s.Changes {
			if i == mostChanges {
				m.MoreChanges = len(s.Changes) - mostChanges
				break
			}
			m.Changes = append(m.Changes, c.What)
		}
		if s.Inputs != nil {
			m.RowsRead, m.RowsRejected = s.Inputs.Rows, s.Inputs.Rejected
		}
		if m.RowsRejected > 0 {
			m.Headline = append(m.Headline, fmt.Sprintf("%s of %s were rejected.", human.Thousands(m.RowsRejected), human.Plural(m.RowsRead, "row")))
		}
	}
	switch {
	case n.Collect:
		m.Headline = append(m.Headline, fmt.Sprintf("What %s %s wrote on %s says more.", human.Program, n.Command, n.Host))
	case code != exit.Done:
		m.Headline = append(m.Headline, fmt.Sprintf("%s status and its log on %s say more.", human.Program, n.Host))
	}
	for _, list := range [][]string{m.Headline, m.Changes} {
		for i, line := range list {
			list[i] = cut(human.Clean(line))
		}
	}
	return m
}

// result is how a night ended: a warning when its work was done all the same.
func (n Night) result() string {
	switch code := exit.CodeOf(n.Err); {
	case code == exit.Done:
		return config.OnSuccess
	case (n.Summary != nil || n.Collect) && (code == exit.Partial || code == exit.Check):
		return config.OnWarning
	}
	return config.OnFailure
}

func meaning(code int) string {
	for _, c := range exit.Codes {
		if c.Code == code {
			return c.Meaning
		}
	}
	return fmt.Sprintf("exit code %d", code)
}

func cut(line string) string {
	if r := []rune(line); len(r) > mostSigns {
		return string(r[:mostSigns]) + "…"
	}
	return line
}

// lines are what is said below the title, as text.
func (m Message) lines() []string {
	lines := slices.Clone(m.Headline)
	if len(m.Changes) > 0 {
		lines = append(lines, "", "Worth a look:")
		for _, c := range m.Changes {
			lines = append(lines, "- "+c)
		}
		if m.MoreChanges > 0 {
			lines = append(lines, fmt.Sprintf("and %s more", human.Thousands(int64(m.MoreChanges))))
		}
	}
	return lines
}

func (m Message) text() string { return strings.Join(m.lines(), "\n") }

// readers are the limits for asking the snapshot.
func (t Teller) readers() adhoc.Options { return t.Config.ReaderOptions() }
