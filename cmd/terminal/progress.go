package terminal

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/pidledger/pidledger/report/human"
)

const (
	redrawEvery = 200 * time.Millisecond // on a terminal
	lineEvery   = 30 * time.Second       // elsewhere
	// A rate means something only after a while.
	rateAfter = 2 * time.Second
)

// Progress shows how far the work is. The work only counts up atomics; a ticker reads them. On a terminal there is one line that is
// drawn again and again; elsewhere there is a plain line at the end of each stage and every 30 seconds. It is also the writer of the
// log, so that log lines and the progress line do not run into each other.
type Progress struct {
	w     io.Writer
	fit   func(string) string
	tty   bool
	quiet bool // nothing but the log
	width func() int
	now   func() time.Time

	items, bytes           atomic.Int64
	totalItems, totalBytes atomic.Int64

	mu      sync.Mutex
	stage   string
	unit    string    // what the items of the stage are
	started time.Time // of the stage
	drawn   bool      // the terminal line is on the screen

	end  chan struct{}
	done sync.WaitGroup
	once sync.Once
}

// StartProgress starts the display on standard error.
func StartProgress(s *Streams, now func() time.Time) *Progress {
	_, tty := s.Terminal(s.Err)
	fit := func(text string) string { return s.Fit(s.Err, text, 2) }
	bar := &Progress{w: s.Err, fit: fit, tty: tty, quiet: s.Quiet, now: now, end: make(chan struct{})}
	bar.width = func() int {
		width, _ := s.Size(s.Err)
		return cmp.Or(width, 80)
	}
	if !bar.quiet {
		every := lineEvery
		if tty {
			every = redrawEvery
		}
		bar.done.Go(func() { bar.tick(every) })
	}
	return bar
}

func (b *Progress) tick(every time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-b.end:
			return
		case <-t.C:
			b.show()
		}
	}
}

// stop ends the display and takes the terminal line away.
func (b *Progress) Stop() {
	b.once.Do(func() { close(b.end) })
	b.done.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.finishStage()
	b.stage = ""
}

// Stage begins a stage.
func (b *Progress) Stage(name, items string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.finishStage()
	b.stage, b.unit, b.started = name, items, b.now()
	for _, n := range []*atomic.Int64{&b.items, &b.bytes, &b.totalItems, &b.totalBytes} {
		n.Store(0)
	}
	if b.tty {
		b.draw()
	}
}

// Total says how much there is to do in the stage.
func (b *Progress) Total(items, bytes int64) {
	b.totalItems.Store(items)
	b.totalBytes.Store(bytes)
}

// Add says that more is done.
func (b *Progress) Add(items, bytes int64) {
	b.items.Add(items)
	b.bytes.Add(bytes)
}

// Rows are for the log only.
func (b *Progress) Rows(int64) {}

// Note writes a line of its own.
func (b *Progress) Note(line string) {
	if !b.quiet {
		b.print(b.fit(human.Program+": "+human.Clean(line)) + "\n")
	}
}

// Write writes lines of the log.
func (b *Progress) Write(p []byte) (int, error) {
	b.print(string(p))
	return len(p), nil
}

func (b *Progress) print(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.erase()
	io.WriteString(b.w, text) //nolint:errcheck // there is nowhere to report that standard error is gone
}

// show draws the terminal line again, or writes a line.
func (b *Progress) show() {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.stage == "":
	case b.tty:
		b.draw()
	default:
		fmt.Fprintln(b.w, "pidledger: "+b.line())
	}
}

// finishStage reports the stage that ends. Elsewhere than on a terminal that is its one line.
func (b *Progress) finishStage() {
	b.erase()
	if b.stage == "" || b.tty || b.quiet {
		return
	}
	fmt.Fprintf(b.w, "pidledger: %s, %s\n", strings.Join(b.amounts(false), ", "), human.Duration(b.now().Sub(b.started)))
}

// draw replaces the terminal line.
func (b *Progress) draw() {
	if b.quiet {
		return
	}
	line := b.line()
	if w := b.width() - 1; utf8.RuneCountInString(line) > w {
		line = string([]rune(line)[:max(w, 0)])
	}
	fmt.Fprint(b.w, "\r\x1b[K"+line)
	b.drawn = true
}

func (b *Progress) erase() {
	if b.drawn {
		fmt.Fprint(b.w, "\r\x1b[K")
		b.drawn = false
	}
}

// line tells how far the stage is: amounts, rate and the time that is left.
func (b *Progress) line() string {
	parts := b.amounts(true)
	took := b.now().Sub(b.started)
	done, total := b.bytes.Load(), b.totalBytes.Load()
	if took >= rateAfter && done > 0 {
		parts = append(parts, human.Bytes(int64(float64(done)/took.Seconds()))+"/s")
		if total > done {
			left := time.Duration(float64(took) * float64(total-done) / float64(done))
			parts = append(parts, human.Duration(max(left, time.Second).Round(time.Second))+" left")
		}
	}
	return strings.Join(parts, ", ")
}

// amounts gives the name of the stage and what is done in it.
func (b *Progress) amounts(ofTotal bool) []string {
	parts := []string{human.Clean(b.stage)}
	if done, total := b.items.Load(), b.totalItems.Load(); done > 0 || total > 0 {
		parts = append(parts, portion(human.Thousands(done), human.Thousands(total), ofTotal && total > 0)+" "+b.unit)
	}
	if done, total := b.bytes.Load(), b.totalBytes.Load(); done > 0 || total > 0 {
		parts = append(parts, portion(human.Bytes(done), human.Bytes(total), ofTotal && total > 0))
	}
	return parts
}

func portion(done, total string, ofTotal bool) string {
	if ofTotal {
		return done + " of " + total
	}
	return done
}
