package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/peterh/liner"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest/spelling"
	"github.com/pidledger/pidledger/queries"
	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/queries/sqltext"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/spec"
	"github.com/pidledger/pidledger/report/write"
)

func newSQLCommand(p *program) *cobra.Command {
	var flags config.Flags
	cmd := &cobra.Command{
		Use:     "sql",
		GroupID: groupLook,
		Short:   "A shell for SQL on the published snapshot",
		Long: `Opens a shell on the snapshot that the last run published: SELECTs that end with a semicolon,
over several lines if need be, with history, completion (Tab) and search (Ctrl-R). Ctrl-C stops
a query, Ctrl-D ends the shell. Long results go through PAGER (default less).

When standard input or output is no terminal, the statements of standard input are run one after
the other, up to the first mistake. The snapshot is read-only; see pidledger query --help.

` + shellHelp(),
		Example: `  pidledger sql
  pidledger sql < questions.sql
  echo '.schema summary' | pidledger sql`,
		Args:        noArgs,
		Annotations: map[string]string{exitNote: exit.Text(exit.Done, exit.Failed, exit.Usage, exit.Interrupted)},
		RunE:        func(cmd *cobra.Command, _ []string) error { return p.runSQL(cmd.Context(), flags) },
	}
	flags.AddReportDir(cmd)
	return cmd
}

// shellCommand is a command of the shell that is no SQL.
type shellCommand struct {
	name    string
	args    string
	meaning string
	run     func(*shell, []string) error
}

// shellCommands is the one list of them, for the help, the completion and the shell.
func shellCommands() []shellCommand {
	return []shellCommand{
		{".tables", "", "the tables of the snapshot", (*shell).showTables},
		{".schema", "[TABLE]", "the columns of all tables, or of one with what they mean", (*shell).showSchema},
		{".format", "[FORMAT]", "the format of results: " + strings.Join(shellFormats(), ", "), (*shell).setFormat},
		{".timer", "on|off", "whether to tell how long a query took", (*shell).setTimer},
		{".help", "", "this list", (*shell).showHelp},
		{".quit", "", "end the shell", func(*shell, []string) error { return io.EOF }},
	}
}

// shellFormats are the formats that a shell can show.
func shellFormats() []string {
	return slices.DeleteFunc(slices.Clone(write.ResultFormats), write.IsBinary)
}

func shellHelp() string {
	var b strings.Builder
	t := &human.Table{Indent: "  "}
	for _, c := range shellCommands() {
		t.Row(human.Plain, strings.TrimSpace(c.name+" "+c.args), c.meaning)
	}
	if err := t.Write(&b, false); err != nil {
		return err.Error() // a strings.Builder does not fail
	}
	return strings.TrimRight(b.String(), "\n")
}

// shell runs statements and commands, typed or read.
type shell struct {
	p       *program
	reader  *adhoc.Reader
	columns []adhoc.Column
	words   []string // of the engine: for the completion
	typed   bool     // by a person at a terminal
	format  string
	timer   bool
	pending string // of a statement that is not finished
	lines   int    // read so far
	first   int    // the line that the pending text begins with
}

func (p *program) runSQL(ctx context.Context, flags config.Flags) error {
	c, err := p.config(flags)
	if err != nil {
		return err
	}
	snapshot, err := report.FindSnapshot(c.Report.Dir)
	if err != nil {
		return err
	}
	defer terminal.OutlivePipes()()
	defer boundMemory(c.Query.Memory + besideEngine)()
	reader, err := openSnapshot(ctx, c)
	if err != nil {
		return err
	}
	defer reader.Close() //nolint:errcheck // only its temporary files are left to go
	s := &shell{p: p, reader: reader, format: write.TableFormat}
	if s.columns, err = reader.Columns(ctx); err != nil {
		return err
	}
	in, ok := p.In.(*os.File)
	if _, shown := p.Terminal(p.Out); !shown || !ok || !term.IsTerminal(int(in.Fd())) {
		return s.read(ctx, p.In) // prompts have no place where results go into a file
	}
	s.typed, s.timer = true, true
	if !p.Quiet {
		fmt.Fprintf(p.Err, "Snapshot %s, usage through %s. .help lists the commands; statements end with a semicolon.\n", snapshot.ID, orNone(snapshot.DataThrough))
	}
	return s.prompt(ctx)
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// read runs what comes from a file or pipe, up to the first mistake.
func (s *shell) read(ctx context.Context, in io.Reader) error {
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
				return nil // whoever reads the results has read enough
			}
			return fmt.Errorf("standard input: %w", err)
		}
		if last {
			return nil
		}
	}
}

// take adds a line to what is pending and runs the statements that are complete; with last, the rest too. It returns io.EOF when the
// shell is to end.
func (s *shell) take(ctx context.Context, line string, last bool) error {
	if s.pending == "" {
		s.first = s.lines + 1
	}
	s.lines++
	if s.pending == "" && strings.HasPrefix(strings.TrimSpace(line), ".") {
		return s.command(strings.Fields(line))
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
		// Blank lines before it give a mistake its place in the whole text.
		if err := s.run(ctx, strings.Repeat("\n", lineOf(statement)-1)+statement.Text); err != nil {
			s.pending = ""
			return err
		}
	}
	return nil
}

// run runs one statement and shows its result.
func (s *shell) run(ctx context.Context, text string) error {
	start := time.Now()
	result, err := s.reader.Query(ctx, text, nil)
	if err != nil {
		return explainSQL(ctx, s.reader, err)
	}
	defer result.Close() //nolint:errcheck // the next result takes its place
	took := time.Since(start)
	if err := s.show(result); err != nil {
		return err
	}
	if s.format != write.TableFormat && !s.typed || s.p.Quiet {
		return nil
	}
	note := human.Plural(result.Rows(), "row")
	if s.timer {
		note += fmt.Sprintf(", %.3f s", took.Seconds())
	}
	fmt.Fprintln(s.p.Err, note)
	return nil
}

// show writes a result, through a pager when it is longer than the terminal is high.
func (s *shell) show(result *adhoc.Result) error {
	write := func(w io.Writer) error { return writeResult(w, s.format, result, s.p.resultOptions()) }
	fd, ok := s.p.Terminal(s.p.Out)
	if !s.typed || !ok {
		return write(s.p.Out)
	}
	if _, height, err := term.GetSize(fd); err != nil || result.Rows() < int64(height)-2 {
		return write(s.p.Out)
	}
	pager := strings.Fields(s.p.Getenv("PAGER"))
	if len(pager) == 0 {
		pager = []string{"less"}
	}
	path, err := exec.LookPath(pager[0])
	if err != nil {
		return write(s.p.Out)
	}
	cmd := exec.Command(path, pager[1:]...)
	cmd.Stdout, cmd.Stderr = s.p.Out, s.p.Err
	cmd.Env = s.p.Environ
	if s.p.Getenv("LESS") == "" {
		cmd.Env = append(slices.Clone(cmd.Env), "LESS=FRSX") // colours; end at once when all fits; do not clear the screen
	}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return write(s.p.Out)
	}
	err = write(pipe)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, fs.ErrClosed) {
		err = nil // the person has seen enough
	}
	return errors.Join(err, ignoreExit(errors.Join(pipe.Close(), cmd.Wait())))
}

// ignoreExit drops the exit code of a pager, which says nothing about the result.
func ignoreExit(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) || errors.Is(err, fs.ErrClosed) {
		return nil
	}
	return err
}

// command runs a command that begins with a dot.
func (s *shell) command(words []string) error {
	var names []string
	for _, c := range shellCommands() {
		if c.name == words[0] {
			return c.run(s, words[1:])
		}
		names = append(names, c.name)
	}
	hint := ".help"
	if near := spelling.Nearest(words[0], names); near != "" {
		hint = near
	}
	return exit.Usagef(hint, "there is no command %s", words[0])
}

func (s *shell) showHelp([]string) error {
	_, err := fmt.Fprintln(s.p.Out, shellHelp())
	return err
}

// tables gives the names of the tables.
func (s *shell) tables() []string {
	var names []string
	for _, c := range s.columns {
		if len(names) == 0 || names[len(names)-1] != c.Table {
			names = append(names, c.Table)
		}
	}
	return names
}

func (s *shell) showTables([]string) error {
	t := &human.Table{}
	for _, name := range s.tables() {
		meaning := ""
		if of, ok := spec.Find(name); ok {
			meaning = "one row per " + of.Title
		} else if about := queries.SnapshotMeaning(name); about != "" {
			meaning = about
		}
		t.Row(human.Plain, name, meaning)
	}
	return t.Write(s.p.Out, s.p.Color(s.p.Out))
}

func (s *shell) showSchema(args []string) error {
	tables := s.tables()
	if len(args) > 0 {
		name := strings.ToLower(strings.Trim(args[0], `";`))
		if !slices.Contains(tables, name) {
			hint := ".tables"
			if near := spelling.Nearest(name, tables); near != "" {
				hint = ".schema " + near
			}
			return exit.Usagef(hint, "there is no table %s", name)
		}
		tables = []string{name}
	}
	t := &human.Table{}
	for _, name := range tables {
		t.Row(human.Bold, name)
		of, _ := spec.Find(name)
		for _, c := range s.columns {
			if c.Table != name {
				continue
			}
			meaning := ""
			if i := slices.IndexFunc(of.Columns, func(r spec.Column) bool { return r.Name == c.Name }); i >= 0 && len(args) > 0 {
				meaning = of.Columns[i].Meaning
			}
			t.Row(human.Plain, "  "+c.Name, c.Type, meaning)
		}
	}
	return t.Write(s.p.Out, s.p.Color(s.p.Out))
}

func (s *shell) setFormat(args []string) error {
	if len(args) == 0 {
		_, err := fmt.Fprintln(s.p.Out, s.format)
		return err
	}
	format, err := config.OneOf(".format", args[0], shellFormats())
	if err != nil {
		return exit.Usagef("pidledger query, for formats that are written to files", "%v", err)
	}
	s.format = format
	return nil
}

func (s *shell) setTimer(args []string) error {
	if len(args) != 1 || args[0] != "on" && args[0] != "off" {
		return exit.Usagef(".timer on", ".timer is on or off")
	}
	s.timer = args[0] == "on"
	return nil
}

// prompt talks to a person until the end of the input.
func (s *shell) prompt(ctx context.Context) error {
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
	history := s.p.historyFile()
	readHistory(line, history)
	defer writeHistory(line, history)
	for {
		if s.pending == "" {
			s.lines = 0 // places of mistakes are those in the statement
		}
		text, err := ask(ctx, line, s.promptText())
		switch {
		case errors.Is(err, liner.ErrPromptAborted):
			s.pending = ""
			continue
		case errors.Is(err, io.EOF):
			fmt.Fprintln(s.p.Err)
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
			fmt.Fprintln(s.p.Err, "interrupted")
		case err != nil:
			s.complain(err)
		}
	}
}

// complain tells a person what is wrong, and the way out; the shell goes on.
func (s *shell) complain(err error) {
	fmt.Fprintln(s.p.Err, human.Red.Paint("error:", s.p.Color(s.p.Err)), human.Clean(exit.Message(err)))
	var own interface{ Try() string }
	if errors.As(err, &own) && own.Try() != "" {
		fmt.Fprintln(s.p.Err, "Try:", human.Clean(own.Try()))
	}
}

func (s *shell) promptText() string {
	if s.pending != "" {
		return "      ...> "
	}
	return "pidledger> "
}

// ask reads a line. A terminal cannot be asked to stop waiting, so the wait is left behind when the program must end.
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

// learnWords asks the engine for its reserved words.
func (s *shell) learnWords(ctx context.Context) error {
	result, err := s.reader.Query(ctx, queries.Text("reader/keywords.sql"), nil)
	if err != nil {
		return err
	}
	defer result.Close() //nolint:errcheck // the next result takes its place
	for result.Next() {
		s.words = append(s.words, result.Cells()[0].S)
	}
	return result.Err()
}

// complete offers what the word before the cursor may become: commands, columns of a table after its name and a dot, else tables, columns
// and the words of SQL.
func (s *shell) complete(line string, pos int) (head string, completions []string, tail string) {
	runes := []rune(line)
	pos = min(pos, len(runes))
	head, tail = string(runes[:pos]), string(runes[pos:])
	start := strings.LastIndexFunc(head, func(r rune) bool {
		return r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) + 1
	word := strings.ToLower(head[start:])
	head = head[:start]
	seen := map[string]bool{}
	offer := func(text string) {
		if strings.HasPrefix(text, word) && !seen[text] {
			seen[text] = true
			completions = append(completions, text)
		}
	}
	if strings.HasPrefix(word, ".") && strings.TrimSpace(head) == "" {
		for _, c := range shellCommands() {
			offer(c.name)
		}
		return head, completions, tail
	}
	table, _, dotted := strings.Cut(word, ".")
	for _, c := range s.columns {
		if dotted && c.Table == table {
			offer(table + "." + c.Name)
		}
	}
	if dotted {
		return head, completions, tail
	}
	for _, name := range s.tables() {
		offer(name)
	}
	if word == "" {
		return head, completions, tail // all columns and words would be no help
	}
	for _, c := range s.columns {
		offer(c.Name)
	}
	for _, w := range s.words {
		offer(w)
	}
	return head, completions, tail
}

// historyFile is where the lines of earlier shells are; empty when there is no place for it.
func (p *program) historyFile() string {
	dir := p.Getenv("XDG_STATE_HOME")
	if dir == "" && runtime.GOOS == "windows" {
		dir = p.Getenv("LocalAppData")
	}
	if dir == "" && p.Getenv("HOME") != "" {
		dir = filepath.Join(p.Getenv("HOME"), ".local", "state")
	}
	if !filepath.IsAbs(dir) {
		return ""
	}
	return filepath.Join(dir, "pidledger", "sql_history")
}

func readHistory(line *liner.State, path string) {
	f, err := os.Open(path)
	if err != nil {
		return // there is none yet
	}
	defer f.Close()
	line.ReadHistory(f) //nolint:errcheck // a damaged history is no reason not to work
}

// writeHistory keeps the lines for the next shell, for nobody else to read.
func writeHistory(line *liner.State, path string) {
	if path == "" || os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return
	}
	//nolint:errcheck // a history that cannot be kept is no failure of what was asked
	disk.WriteWhole(path, 0o600, func(w io.Writer) error {
		_, err := line.WriteHistory(w)
		return err
	})
}
