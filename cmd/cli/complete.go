package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/report"
)

// The kinds of values that the shell completes, as report.Word has them.
const (
	Channel      = "channel"
	Offer        = "offer"
	MPN          = "mpn"
	Month        = "month"
	Currency     = "currency"
	TrackingID   = "tracking id"
	Unregistered = "unregistered" // a tracking id
	Subscription = "subscription"
)

// completionTime is how long a person waits for the tab key. A large snapshot answers in a fraction of it.
const completionTime = 3 * time.Second

// Completion says what the word that is being typed may become.
type Completion = func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective)

// Complete offers values of some kinds from the published snapshot: what it has filtered, such as customers who opted out, is not offered.
// Where there is no snapshot it offers nothing, and says nothing: the line that is being typed belongs to the person.
func (p *Program) Complete(flags *config.Flags, kinds ...string) Completion {
	return func(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		return Offered(p.Known(cmd.Context(), *flags, kinds...), word), cobra.ShellCompDirectiveNoFileComp
	}
}

// CompleteFlags adds a Completion to flags of a command, by the kind of their values.
func (p *Program) CompleteFlags(cmd *cobra.Command, flags *config.Flags, kinds map[string]string) {
	for name, kind := range kinds {
		CompleteFlag(cmd, name, p.Complete(flags, kind))
	}
}

// CompleteFlag adds a Completion to a flag that the command has, which cannot fail.
func CompleteFlag(cmd *cobra.Command, name string, complete Completion) {
	if err := cmd.RegisterFlagCompletionFunc(name, complete); err != nil {
		cmd.PrintErrln(err)
	}
}

// FirstOnly completes the first argument of a command that takes one.
func FirstOnly(complete Completion) Completion {
	return func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return complete(cmd, args, word)
	}
}

// Known are the values of some kinds that the published snapshot knows, in the order of the kinds; none when it cannot be asked.
func (p *Program) Known(ctx context.Context, flags config.Flags, kinds ...string) (known []report.Word) {
	p.Quiet = true // notes on the configuration would stand in the line that is being typed
	c, err := p.Config(flags)
	if err != nil {
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, completionTime)
	defer stop()
	r, err := report.Open(ctx, c.Report.Dir, c.ReaderOptions())
	if err != nil {
		return nil
	}
	defer r.Close() //nolint:errcheck // only its temporary files are left to go
	words, err := r.Words(ctx)
	if err != nil {
		return nil
	}
	ids, err := r.IDs(ctx)
	if err != nil {
		return nil
	}
	for _, kind := range kinds {
		for _, id := range ids {
			if id.Kind == kind {
				known = append(known, id)
			}
		}
		for _, w := range words[kind] {
			known = append(known, report.Word{Kind: kind, Word: w})
		}
	}
	return known
}

// Offered are the words that begin as what is typed does, however it is capitalised, with their notes, as cobra takes them. A tracking id may
// be typed with pid- before it.
func Offered(words []report.Word, typed string) (offered []string) {
	const mark = "pid-"
	for _, w := range words {
		text := w.Word
		if (w.Kind == TrackingID || w.Kind == Unregistered) && strings.HasPrefix(strings.ToLower(typed), mark) {
			text = mark + text
		}
		// A line end would begin another word, and a tab the note.
		if len(text) < len(typed) || !strings.EqualFold(text[:len(typed)], typed) || strings.ContainsAny(text, "\t\r\n") {
			continue
		}
		if w.Note != "" {
			text += "\t" + strings.Join(strings.Fields(w.Note), " ")
		}
		offered = append(offered, text)
	}
	return offered
}
