package shell

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode"

	"golang.org/x/term"

	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/queries/sqltext"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/write"
)

// Shell runs statements and commands that begin with a dot, typed by a person or read from a file.
type Shell struct {
	io      *terminal.Streams
	session *Session
	columns []adhoc.Column
	words   []string // of the engine: for the completion
	typed   bool     // by a person at a terminal
	format  string
	timer   bool
	exact   bool   // amounts with every digit
	pending string // of a statement that is not finished
	lines   int    // read so far
	first   int    // the line that the pending text begins with
}

// New makes a shell on a snapshot.
func New(ctx context.Context, streams *terminal.Streams, session *Session) (*Shell, error) {
	columns, err := session.reader.Columns(ctx)
	if err != nil {
		return nil, err
	}
	return &Shell{io: streams, session: session, columns: columns, format: write.TableFormat}, nil
}

// Run runs what a person types, or else standard input, without prompts, because the results may go to a file.
func (s *Shell) Run(ctx context.Context) error {
	in, ok := s.io.In.(*os.File)
	if _, shown := s.io.Terminal(s.io.Out); !shown || !ok || !term.IsTerminal(int(in.Fd())) {
		return s.read(ctx, s.io.In)
	}
	s.typed, s.timer = true, true
	if !s.io.Quiet {
		snapshot := s.session.Snapshot
		fmt.Fprintf(s.io.Err, "Snapshot %s, usage through %s. .help lists the commands; statements end with a semicolon.\n", snapshot.ID, cmp.Or(snapshot.DataThrough, "none"))
	}
	return s.prompt(ctx)
}

// read runs what comes from a file or pipe, up to the first mistake.
func (s *Shell) read(ctx context.Context, in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		last := errors.Is(err, io.EOF)
		if err != nil && !last {
			return err
		}
		if err := s.take(ctx, line, last); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			if errors.Is(err, syscall.EPIPE) {
				return nil // the reader of the results has read enough
			}
			return fmt.Errorf("standard input: %w", err)
		}
		if last {
			return nil
		}
	}
}

// take adds a line to the pending text and runs the complete statements; with last, the rest, too. It returns io.EOF if the shell is to end.
func (s *Shell) take(ctx context.Context, line string, last bool) error {
	if s.pending == "" {
		s.first = s.lines + 1
	}
	s.lines++
	if s.pending == "" && strings.HasPrefix(strings.TrimSpace(line), ".") {
		return s.command(ctx, words(line))
	}
	if word := strings.ToLower(strings.TrimRight(strings.TrimSpace(line), ";")); s.pending == "" && (word == "quit" || word == "exit") {
		return io.EOF
	}
	text := s.pending + line
	statements, rest := sqltext.Split(text)
	if last && rest.Text != "" {
		statements, rest = append(statements, rest), sqltext.Statement{}
	}
	first := s.first
	lineOf := func(statement sqltext.Statement) int { return first + strings.Count(text[:statement.Offset], "\n") }
	s.pending, s.first = rest.Text, lineOf(rest)
	for _, statement := range statements {
		// Blank lines before it make the place of a mistake the one in the whole text.
		if err := s.run(ctx, strings.Repeat("\n", lineOf(statement)-1)+statement.Text, nil); err != nil {
			s.pending = ""
			return err
		}
	}
	return nil
}

// words splits a command into words. A text in quotes is one, and may follow a name and =.
func words(line string) []string {
	quoted := false
	list := strings.FieldsFunc(line, func(r rune) bool {
		if r == '\'' {
			quoted = !quoted
		}
		return unicode.IsSpace(r) && !quoted
	})
	for i, w := range list {
		list[i] = strings.ReplaceAll(w, "'", "")
	}
	return list
}

// run runs one statement and shows its result.
func (s *Shell) run(ctx context.Context, text string, params map[string]string) error {
	start := time.Now()
	result, err := s.session.Query(ctx, text, params)
	if err != nil {
		return err
	}
	defer result.Close() //nolint:errcheck // the next result takes its place
	took := time.Since(start)
	if err := s.show(result); err != nil {
		return err
	}
	if s.format != write.TableFormat && !s.typed || s.io.Quiet {
		return nil
	}
	note := human.Plural(result.Rows(), "row")
	if s.timer {
		note += fmt.Sprintf(", %.3f s", took.Seconds())
	}
	fmt.Fprintln(s.io.Err, note)
	return nil
}

// show writes a result, through a pager if it has more lines than the terminal.
func (s *Shell) show(result *adhoc.Result) error {
	write := func(w io.Writer) error { return WriteResult(w, s.format, result, ResultOptions(s.io, s.exact)) }
	fd, ok := s.io.Terminal(s.io.Out)
	if !s.typed || !ok {
		return write(s.io.Out)
	}
	if _, height, err := term.GetSize(fd); err != nil || result.Rows() < int64(height)-2 {
		return write(s.io.Out)
	}
	pager := strings.Fields(s.io.Getenv("PAGER"))
	if len(pager) == 0 {
		pager = []string{"less"}
	}
	path, err := exec.LookPath(pager[0])
	if err != nil {
		return write(s.io.Out)
	}
	cmd := exec.Command(path, pager[1:]...)
	cmd.Stdout, cmd.Stderr = s.io.Out, s.io.Err
	cmd.Env = s.io.Environ
	if s.io.Getenv("LESS") == "" {
		cmd.Env = append(slices.Clone(cmd.Env), "LESS=FRSX") // keep colours, quit if everything fits, do not clear the screen
	}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return write(s.io.Out)
	}
	err = write(pipe)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, fs.ErrClosed) {
		err = nil // the person has seen enough
	}
	return errors.Join(err, ignoreExit(errors.Join(pipe.Close(), cmd.Wait())))
}

// ignoreExit drops the exit code of a pager, which tells nothing about the result.
func ignoreExit(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) || errors.Is(err, fs.ErrClosed) {
		return nil
	}
	return err
}
