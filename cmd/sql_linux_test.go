package cmd

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pidledger/pidledger/cmd/exit"
)

// openTerminal makes a terminal of 100 x 30: ours is the side of the person.
func openTerminal(t *testing.T) (ours, theirs *os.File) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminal can be made here: ", err)
	}
	t.Cleanup(func() { ours.Close() })
	fd := int(ours.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminal can be made here: ", err)
	}
	if err := unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 30, Col: 100}); err != nil {
		t.Fatal(err)
	}
	return ours, theirs
}

// person types at a terminal and looks at what appears.
type person struct {
	t    *testing.T
	tty  *os.File
	mu   sync.Mutex
	seen bytes.Buffer
	from int // what appeared before was looked at
}

func (p *person) watch() {
	b := make([]byte, 4096)
	for {
		n, err := p.tty.Read(b)
		p.mu.Lock()
		p.seen.Write(b[:n])
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// sees waits until a text appears after the last one that did.
func (p *person) sees(text string) {
	p.t.Helper()
	for range 600 { // a minute: a guard, no measurement
		p.mu.Lock()
		all := p.seen.String()
		p.mu.Unlock()
		if i := strings.Index(all[p.from:], text); i >= 0 {
			p.from += i + len(text)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.t.Fatalf("no %q appears after\n%s\nin\n%s", text, p.seen.String()[:p.from], p.seen.String()[p.from:])
}

func (p *person) types(keys string) {
	p.t.Helper()
	if _, err := p.tty.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

// The shell at a terminal, as a person meets it.
func TestShellAtATerminal(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a whole run takes seconds")
	}
	reports, err := demoReports()
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := openTerminal(t)
	state := t.TempDir()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	start := func() *exec.Cmd {
		cmd := &exec.Cmd{Path: binary, Args: []string{"pidledger", "sql", "--report-dir", reports}, Stdin: theirs, Stdout: theirs, Stderr: theirs}
		cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=1", "PAGER=sed s/^/paged:/", "XDG_STATE_HOME="+state)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd
	}
	cmd := start()
	p := &person{t: t, tty: ours}
	go p.watch()

	p.sees("usage through 2026-04-30")
	p.sees("pidledger> ")
	p.types("select 10 +\r")
	p.sees("...> ")
	p.types("10 as twenty;\r")
	p.sees("twenty\r\n    20\r\n1 row, ")
	p.types("select effective_cost from coverag\t limit 1;\r") // completed
	p.sees("1 row, ")
	p.types("select nope from nowhere\x03") // taken back
	p.types("select nope from summary;\r")
	p.sees("error: line 1, column 8: Referenced column \"nope\" not found")
	p.sees("Try: ")
	p.types("select sum(i * j) from range(100000000) a(i), range(1000000) b(j);\r")
	time.Sleep(300 * time.Millisecond)
	p.types("\x03") // stops the query, not the shell
	p.sees("interrupted")
	p.types("from summary;\r") // too long for the terminal
	p.sees("paged:month")
	p.sees("…")
	p.sees("63 rows, ")
	p.types(".format parquet\r")
	p.sees("error: .format is one of table, line, csv, json, jsonl, markdown")
	p.types(".quit\r")
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, p.seen.String())
	}

	// The next shell knows what was typed; a signal ends it and gives the terminal back.
	file := filepath.Join(state, "pidledger", "sql_history")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("history: %v, %v", info, err)
	}
	before, err := unix.IoctlGetTermios(int(theirs.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	cmd = start()
	p.sees("pidledger> ")
	p.types("\x1b[A\x1b[A\r") // up, up: the line before .quit and .format
	p.sees("error: .format is one of")
	p.sees("pidledger> ")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exit.Interrupted {
		t.Errorf("after a signal: %v", err)
	}
	after, err := unix.IoctlGetTermios(int(theirs.Fd()), unix.TCGETS)
	if err != nil || after.Lflag != before.Lflag {
		t.Errorf("the terminal is left in mode %x, was %x, %v", after.Lflag, before.Lflag, err)
	}
}
