package terminal

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// clock is a clock that the test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newBar(tty, quiet bool) (*Progress, *bytes.Buffer, *clock) {
	var b bytes.Buffer
	c := &clock{time.Date(2026, 5, 1, 2, 0, 0, 0, time.UTC)}
	return &Progress{w: &b, tty: tty, quiet: quiet, now: c.now, width: func() int { return 60 }, fit: func(text string) string { return text }, end: make(chan struct{})}, &b, c
}

func TestProgressPlain(t *testing.T) {
	bar, b, c := newBar(false, false)
	bar.show() // before the first stage there is nothing to say
	bar.Stage("load", "files")
	bar.Total(1200, 4_000_000_000)
	c.t = c.t.Add(30 * time.Second)
	bar.Add(300, 1_000_000_000)
	bar.show()
	bar.Note("exports/late: nothing new for 12 days\x1b[2J")
	c.t = c.t.Add(90 * time.Second)
	bar.Add(900, 3_000_000_000)
	bar.Stage("attribute", "steps")
	bar.Add(74, 0)
	c.t = c.t.Add(2 * time.Second)
	bar.Stop()
	bar.Stop()
	want := `pidledger: load, 300 of 1,200 files, 1.0 GB of 4.0 GB, 33.3 MB/s, 1 min 30 s left
pidledger: exports/late: nothing new for 12 days\x1b[2J
pidledger: load, 1,200 files, 4.0 GB, 2 min 0 s
pidledger: attribute, 74 steps, 2.0 s
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b, want)
	}
}

func TestProgressTerminal(t *testing.T) {
	bar, b, c := newBar(true, false)
	bar.Stage("load", "files")
	bar.Total(1200, 4_000_000_000)
	c.t = c.t.Add(30 * time.Second)
	bar.Add(300, 1_000_000_000)
	bar.show()
	if _, err := bar.Write([]byte("level=WARN msg=odd\n")); err != nil {
		t.Fatal(err)
	}
	bar.show()
	bar.Stop()
	const clear = "\r\x1b[K"
	line := "load, 300 of 1,200 files, 1.0 GB of 4.0 GB, 33.3 MB/s, 1 mi" // cut at the width
	want := clear + "load" + clear + line + clear + "level=WARN msg=odd\n" + clear + line + clear
	if b.String() != want {
		t.Errorf("got  %q\nwant %q", b, want)
	}
}

func TestProgressQuiet(t *testing.T) {
	bar, b, _ := newBar(true, true)
	bar.Stage("load", "files")
	bar.Add(1, 1)
	bar.Note("note")
	bar.Stop()
	if b.Len() > 0 {
		t.Errorf("quiet wrote %q", b)
	}
}

// Calls come from many goroutines while the ticker draws.
func TestProgressTicker(t *testing.T) {
	bar, b, _ := newBar(true, false)
	bar.done.Go(func() { bar.tick(time.Millisecond) })
	bar.Stage("load", "files")
	for range 4 {
		bar.done.Go(func() {
			for range 100 {
				bar.Add(1, 10)
				bar.Note("n")
			}
		})
	}
	time.Sleep(5 * time.Millisecond)
	bar.Stop()
	if bar.items.Load() != 400 || strings.Count(b.String(), "pidledger: n\n") != 400 {
		t.Errorf("%d files, output %q", bar.items.Load(), b)
	}
}
