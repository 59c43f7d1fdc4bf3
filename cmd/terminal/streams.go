// Package terminal is how the commands talk to people: streams, progress, the log of a run, and text that fits a terminal. What reports say
// in words, and their tables, numbers and sizes, is package report/human.
package terminal

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/pidledger/pidledger/report/human"
)

// Streams are the streams and the environment of a command. Results go to Out, everything else to Err.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	Environ  []string
	Quiet    bool // no notes and no progress
}

// ErrNobodyToAsk says that there is no terminal at which somebody could answer.
var ErrNobodyToAsk = errors.New("there is no terminal to ask at")

// Getenv is the value of an environment variable; empty when it is not set.
func (s *Streams) Getenv(name string) string {
	value := ""
	for _, e := range s.Environ {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			value = v
		}
	}
	return value
}

// Terminal tells whether a stream is a terminal that understands escape sequences.
func (s *Streams) Terminal(w io.Writer) (fd int, ok bool) {
	f, ok := w.(*os.File)
	if !ok || s.Getenv("TERM") == "dumb" {
		return 0, false
	}
	fd = int(f.Fd())
	return fd, term.IsTerminal(fd)
}

// Color tells whether to write colours to a stream (https://no-color.org).
func (s *Streams) Color(w io.Writer) bool {
	_, ok := s.Terminal(w)
	return ok && s.Getenv("NO_COLOR") == ""
}

// Size is that of the terminal behind a stream, in characters; 0: none, or not known.
func (s *Streams) Size(w io.Writer) (width, height int) {
	fd, ok := s.Terminal(w)
	if !ok {
		return 0, 0
	}
	width, height, err := term.GetSize(fd)
	if err != nil {
		return 0, 0
	}
	return width, height
}

// narrowest is the width below which text is not broken further.
const narrowest = 40

// Fit breaks a text between words to the terminal behind a stream; lines after the first are indented. What goes elsewhere stays one line,
// for those that read lines: a log, a mail, an editor.
func (s *Streams) Fit(w io.Writer, text string, indent int) string {
	width, _ := s.Size(w)
	if width == 0 || utf8.RuneCountInString(text) <= width {
		return text
	}
	words := strings.TrimLeft(text, " ")
	lead := text[:len(text)-len(words)]
	return lead + strings.Join(human.Wrapped(words, max(width, narrowest)-len(lead), indent), "\n"+lead+strings.Repeat(" ", indent))
}

// FitTry is Fit for what can be done about an error.
func (s *Streams) FitTry(w io.Writer, try string) string {
	const lead = "Try: "
	width, _ := s.Size(w)
	if width == 0 {
		return lead + try
	}
	return lead + strings.Join(human.WayOut(try, max(width, narrowest)-len(lead)), "\n"+strings.Repeat(" ", len(lead)))
}

// Say tells something on standard error.
func (s *Streams) Say(text string) {
	fmt.Fprintln(s.Err, s.Fit(s.Err, human.Program+": "+human.Clean(text), 2))
}

// Note tells something on standard error, unless it is to be quiet.
func (s *Streams) Note(format string, args ...any) {
	if !s.Quiet {
		s.Say(fmt.Sprintf(format, args...))
	}
}

// WriteJSON writes a result for a program.
func (s *Streams) WriteJSON(v any) error {
	enc := json.NewEncoder(s.Out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// Ask asks a question that is answered with yes or no. The error is ErrNobodyToAsk where nobody can answer.
func (s *Streams) Ask(question string) (bool, error) {
	f, ok := s.In.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return false, ErrNobodyToAsk
	}
	fmt.Fprint(s.Err, human.Clean(question), " [y/N] ")
	line, err := bufio.NewReader(f).ReadString('\n')
	if err != nil && line == "" {
		fmt.Fprintln(s.Err)
		return false, nil // the end of the input is a no
	}
	return isYes(line), nil
}

func isYes(line string) bool {
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes":
		return true
	}
	return false
}

// OutlivePipes makes writing to a reader that is gone an error, not the end of the program, which would leave the temporary files of a
// query behind, or a run that looks killed. It returns what ends that. A command whose exit code is a check must not use it: what it could
// not say would pass.
func OutlivePipes() (stop func()) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGPIPE)
	return func() { signal.Stop(c) }
}
