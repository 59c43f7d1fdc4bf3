// Package doctor is `pidledger doctor`: it looks at everything that a night needs, and says of what is wrong how to put it right. It knows no facts of
// its own: settings, sources, ledger and engine say themselves what is the matter, in the words of the commands that use them.
package doctor

import (
	"context"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/status"
	"github.com/pidledger/pidledger/report/human"
)

// App tells how the ledger stands; ledger.App has more of it.
type App interface {
	Status(ctx context.Context, call night.Options) (*status.Status, error)
	Check(ctx context.Context, call night.Options) (*ledger.Checked, error)
}

// Finding is what a check found.
type Finding struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	What  string `json:"what"`
	Try   string `json:"try,omitempty"` // how to put it right; empty when it is
}

// Command is pidledger doctor.
func Command(p *cli.Program, app App) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:     "doctor",
		GroupID: cli.GroupLook,
		Short:   "Check all that a night needs, and say how to put it right",
		Long: `Checks settings and the files that they name, access to each source (and which role is missing),
whether the ledger, reports, metrics and Blob Storage can be written to, free disk, the clock, the
engine, and the ledger: its version, every file of it, how the last run ended, what was rejected and
which exports are late; whether the metrics are fresh, and webhook and mail server can be reached.
Each line that is not right says how to put it right, and makes doctor exit with 4.

It leaves nothing behind, sends no message, and asks Blob Storage for one page of each source. While
a run holds the ledger, the checks of the ledger are left out.`,
		Example:     "  pidledger doctor\n  pidledger doctor --json | jq -r '.[] | select(.ok | not) | .try'",
		Args:        cli.NoArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Check, exit.Interrupted)},
		RunE:        func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), p, app, asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "the findings as a JSON array")
	return cmd
}

func run(ctx context.Context, p *cli.Program, app App, asJSON bool) error {
	e := &examination{ctx: ctx, p: p, app: app}
	c, err := p.Config(config.Flags{})
	if err == nil {
		e.config = c
		call, done := p.Call(c)
		e.call = call
		e.all()
		done()
	} else {
		e.fault("settings", err)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if asJSON {
		err = p.WriteJSON(e.found)
	} else {
		err = write(p.Out, p.Color(p.Out), e.found)
	}
	if err != nil {
		return err
	}
	bad := int64(0)
	for _, f := range e.found {
		if !f.OK {
			bad++
		}
	}
	if bad == 0 {
		return nil
	}
	return &exit.FindingsError{
		Msg:  human.Were(bad, "check needs", "checks need") + " a hand",
		Hint: "follow each Try above, then run pidledger doctor again",
	}
}

// write writes a line for each finding, and below what is wrong the way out.
func write(w io.Writer, color bool, found []Finding) error {
	out := human.NewPrinter(w, color)
	wide := 0
	for _, f := range found {
		wide = max(wide, utf8.RuneCountInString(f.Check))
	}
	for _, f := range found {
		mark, style := "ok ", human.Green
		if !f.OK {
			mark, style = "fix", human.Red
		}
		room := human.Width - wide - len(mark) - 3
		blanks := strings.Repeat(" ", len(mark)+wide+3)
		begin := out.Paint(style, mark) + " " + f.Check + strings.Repeat(" ", wide-utf8.RuneCountInString(f.Check)+2)
		for text := range strings.SplitSeq(f.What, "\n") {
			for _, line := range human.Wrapped(human.Clean(text), room, 0) {
				out.Line(human.Plain, begin+line)
				begin = blanks
			}
		}
		if f.Try != "" {
			for i, line := range human.Wrapped("Try: "+human.Clean(f.Try), room, 2) {
				out.Line(human.Plain, blanks+strings.Repeat(" ", min(i, 1)*2)+out.Paint(human.Bold, line))
			}
		}
	}
	return out.Err()
}

// examination collects findings.
type examination struct {
	ctx    context.Context //nolint:containedctx // of the one command that this is
	p      *cli.Program
	app    App
	config config.Config
	call   night.Options
	found  []Finding
}

func (e *examination) ok(check, format string, args ...any) {
	e.found = append(e.found, Finding{Check: check, OK: true, What: fmt.Sprintf(format, args...)})
}

func (e *examination) bad(check, try, format string, args ...any) {
	e.found = append(e.found, Finding{Check: check, What: fmt.Sprintf(format, args...), Try: e.p.Suggest(try)})
}

// fault notes what an error says, with its way out.
func (e *examination) fault(check string, err error) {
	e.bad(check, exit.WayOut(err, "pidledger doctor"), "%s", exit.Message(err))
}
