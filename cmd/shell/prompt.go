package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"github.com/peterh/liner"

	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/report/human"
)

// prompt reads and runs what a person types, until the end of the input.
func (s *Shell) prompt(ctx context.Context) error {
	// Ctrl-C stops a query, not the shell; a request to end stops both.
	ctx, stop := signal.NotifyContext(context.WithoutCancel(ctx), syscall.SIGTERM)
	defer stop()
	if err := s.learnWords(ctx); err != nil {
		return err
	}
	line := liner.NewLiner()
	defer line.Close() //nolint:errcheck // gives the terminal back
	line.SetCtrlCAborts(true)
	line.SetTabCompletionStyle(liner.TabPrints)
	line.SetWordCompleter(s.complete)
	history := historyFile(s.io)
	readHistory(line, history)
	defer writeHistory(line, history)
	for {
		if s.pending == "" {
			s.lines = 0 // places of mistakes are relative to the statement
		}
		text, err := ask(ctx, line, s.promptText())
		switch {
		case errors.Is(err, liner.ErrPromptAborted):
			s.pending = ""
			continue
		case errors.Is(err, io.EOF):
			fmt.Fprintln(s.io.Err)
			return nil
		case err != nil:
			return err
		}
		if strings.TrimSpace(text) == "" {
			continue
		}
		line.AppendHistory(text)
		query, done := signal.NotifyContext(ctx, os.Interrupt)
		err = s.take(query, text+"\n", false)
		interrupted := query.Err() != nil
		done()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case interrupted:
			fmt.Fprintln(s.io.Err, "interrupted")
		case err != nil:
			s.complain(err)
		}
	}
}

// complain shows an error and the way out; the shell goes on.
func (s *Shell) complain(err error) {
	fmt.Fprintln(s.io.Err, s.io.Fit(s.io.Err, human.Red.Paint("error:", s.io.Color(s.io.Err))+" "+human.Clean(exit.Message(err)), 2))
	var own interface{ Try() string }
	if errors.As(err, &own) && own.Try() != "" {
		fmt.Fprintln(s.io.Err, s.io.FitTry(s.io.Err, human.Clean(own.Try())))
	}
}

func (s *Shell) promptText() string {
	if s.pending != "" {
		return "      ...> "
	}
	return "pidledger> "
}

// ask reads a line. Waiting for a terminal cannot be interrupted, so the wait is abandoned when the program must end.
func ask(ctx context.Context, line *liner.State, prompt string) (string, error) {
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := line.Prompt(prompt)
		answers <- answer{text, err}
	}()
	select {
	case a := <-answers:
		return a.text, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// historyFile is the file with the lines of earlier shells; empty if there is no place for it.
func historyFile(s *terminal.Streams) string {
	dir := s.Getenv("XDG_STATE_HOME")
	if dir == "" && runtime.GOOS == "windows" {
		dir = s.Getenv("LocalAppData")
	}
	if dir == "" && s.Getenv("HOME") != "" {
		dir = filepath.Join(s.Getenv("HOME"), ".local", "state")
	}
	if !filepath.IsAbs(dir) {
		return ""
	}
	return filepath.Join(dir, "pidledger", "sql_history")
}

func readHistory(line *liner.State, path string) {
	f, err := os.Open(path)
	if err != nil {
		return // there is no history yet
	}
	defer f.Close()
	line.ReadHistory(f) //nolint:errcheck // a damaged history must not stop the shell
}

// writeHistory keeps the lines for the next shell, readable only by the owner.
func writeHistory(line *liner.State, path string) {
	if path == "" || os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return
	}
	//nolint:errcheck // failing to keep the history is not an error of the shell
	disk.WriteWhole(path, 0o600, func(w io.Writer) error {
		_, err := line.WriteHistory(w)
		return err
	})
}
