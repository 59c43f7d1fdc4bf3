// Package mcp serves the published snapshot to assistants, over the Model Context Protocol. Its tools are commands that look into it, with
// the same answers, the same limits and the same filters: a customer who opted out is in none of them. Nothing is changed by any of them.
package mcp

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"syscall"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"github.com/pidledger/pidledger/cmd/cli"
	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/night"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest/status"
	"github.com/pidledger/pidledger/report/explain"
)

// App answers the tools that are not one question to the snapshot.
type App interface {
	// Explain, Verify: see published.App.
	Explain(ctx context.Context, call night.Options, q explain.Question) (*explain.Answer, error)
	Verify(ctx context.Context, call night.Options, c explain.Check) (*explain.Verification, error)
	// Status: see ledger.App.
	Status(ctx context.Context, call night.Options) (*status.Status, error)
}

// Command is `pidledger mcp`. glossary gives the text of `pidledger help glossary`.
func Command(p *cli.Program, app App, glossary func() string) *cobra.Command {
	var flags config.Flags
	cmd := &cobra.Command{
		Use:     "mcp",
		GroupID: cli.GroupTool,
		Short:   "Serve the published snapshot to assistants (MCP)",
		Long: `Speaks the Model Context Protocol on standard input and output, for an assistant that starts it. It
is read-only: the tools query, explain, compare, verify and status answer what the commands of
these names do, from the snapshot that is published when they are called (status from the ledger).
Customers who opted out are not in it. A query is one SELECT, confined like that of pidledger query,
within the settings query.memory, query.spill and query.timeout; 200 rows come back if no limit is
named, and how many were left out. The resources describe the tables and their columns, and the
words.

It ends when standard input does. Standard output has nothing but the protocol; a line for each call
goes to standard error, with --quiet only those that failed. Register it with the paths spelled out:

  {"mcpServers": {"pidledger": {"command": "/usr/bin/pidledger",
    "args": ["mcp", "--config", "/etc/pidledger/pidledger.yaml"]}}}

What it answers goes to the assistant, and to whoever runs that.`,
		Example: `  pidledger mcp --config /etc/pidledger/pidledger.yaml
  pidledger mcp --report-dir /srv/reports --quiet`,
		Args:        cli.NoArgs,
		Annotations: map[string]string{cli.ExitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Interrupted)},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return run(cmd.Context(), p, app, glossary, flags)
		},
	}
	flags.AddReportDir(cmd)
	return cmd
}

func run(ctx context.Context, p *cli.Program, app App, glossary func() string, flags config.Flags) error {
	c, err := p.Config(flags)
	if err != nil {
		return err
	}
	defer terminal.OutlivePipes()()
	s := newServer(ctx, p, app, c)
	out := &whole{w: p.Out}
	in := &lines{in: bufio.NewReader(p.In), out: out}
	err = s.protocol(glossary).Run(ctx, finishing{&sdk.IOTransport{Reader: io.NopCloser(in), Writer: out}})
	s.turn <- struct{}{} // a call that was broken off takes its temporary files away
	if errors.Is(err, io.EOF) || errors.Is(err, syscall.EPIPE) {
		return nil // the assistant is gone
	}
	if odd := (*json.SyntaxError)(nil); errors.As(err, &odd) {
		return exit.Usagef("let an assistant start it; pidledger help mcp tells how", "standard input is not the Model Context Protocol: %v", odd)
	}
	return err
}

// server answers one assistant.
type server struct {
	ctx    context.Context //nolint:containedctx // that of the command: a signal ends calls, too
	p      *cli.Program
	app    App
	config config.Config
	log    *slog.Logger
	turn   chan struct{} // is taken by the one call that is answered: the limits are those of one
}

// instructions tell an assistant what it cannot see from the tools.
const instructions = "pidledger tells an Azure partner which customer usage its own software created (customer usage attribution, pid-GUID), and through which channel. " +
	"Everything here is read-only. Amounts are exact decimals, written as texts: never add amounts of two currencies, and let SQL do the sums. " +
	"The latest month may be unfinished; status tells through which day there is usage. Customers who opted out are in no answer. " +
	"The resources describe every table, its columns, and the words; in SQL, show tables and describe TABLE list them."

func newServer(ctx context.Context, p *cli.Program, app App, c config.Config) *server {
	level := slog.LevelInfo
	if p.Quiet {
		level = slog.LevelError
	}
	s := &server{ctx: ctx, p: p, app: app, config: c, turn: make(chan struct{}, 1)}
	s.log = slog.New(slog.NewTextHandler(p.Err, &slog.HandlerOptions{Level: level}))
	return s
}

// protocol makes the server of the SDK, with the tools and resources.
func (s *server) protocol(glossary func() string) *sdk.Server {
	out := sdk.NewServer(&sdk.Implementation{Name: "pidledger", Title: "pidledger", Version: s.p.Build.Version}, &sdk.ServerOptions{
		Instructions: instructions,
		Capabilities: &sdk.ServerCapabilities{Tools: &sdk.ToolCapabilities{}, Resources: &sdk.ResourceCapabilities{}},
	})
	s.addTools(out)
	s.addResources(out, glossary)
	out.AddReceivingMiddleware(hintArguments)
	return out
}
