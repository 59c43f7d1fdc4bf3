package authoring

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/snippet"
)

type snippetOptions struct {
	id                  string
	language            config.Enum
	partnerCenter, json bool
}

func newSnippetCommand(p *cli.Program) *cobra.Command {
	o := snippetOptions{language: config.Enum{Name: "for", Values: snippet.Languages()}}
	cmd := &cobra.Command{
		Use:     "snippet",
		GroupID: cli.GroupTool,
		Short:   "Write the lines that put a tracking id into a program or template",
		Long: `Writes the lines to add in a language or tool, with its known trap as a comment before them;
for arm, which has no comments, the trap goes to standard error.`,
		Example: `  pidledger snippet --id GUID --for python
  pidledger snippet --id GUID --for bicep --partner-center >> main.bicep`,
		Args:        cli.NoArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage)},
		RunE:        func(*cobra.Command, []string) error { return runSnippet(p, &o) },
	}
	cmd.Flags().StringVar(&o.id, "id", "", "tracking `GUID`, or the id that Partner Center shows (needed)")
	p.CompleteFlags(cmd, &config.Flags{}, map[string]string{"id": cli.TrackingID})
	o.language.Add(cmd, "what the lines are for (needed)")
	cmd.Flags().BoolVar(&o.partnerCenter, "partner-center", false, "the id is one of Partner Center: -partnercenter goes after it")
	cmd.Flags().BoolVar(&o.json, "json", false, "lines and trap as a JSON object")
	return cmd
}

func runSnippet(p *cli.Program, o *snippetOptions) error {
	const usage = "pidledger snippet --id GUID --for python"
	if o.id == "" || len(o.language.Chosen) != 1 {
		return exit.Usagef(usage, "one --id and one --for are needed")
	}
	s, err := snippet.For(o.language.Chosen[0], o.id, o.partnerCenter)
	switch {
	case errors.Is(err, snippet.ErrBadID):
		return exit.Usagef(usage, "--id: %v", err)
	case err != nil:
		return err
	case o.json:
		return p.WriteJSON(s)
	}
	text, ok := s.Commented()
	if !ok {
		p.Note("%s", s.Trap)
	}
	_, err = io.WriteString(p.Out, text)
	return err
}
