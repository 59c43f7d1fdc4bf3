package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/ledger"
)

// Log is the log file of one run: JSON lines that are appended, one event each. Its file is private, and above the level debug it holds
// nothing of a customer but what the paths of files tell: values of rows are left out and ids in messages are masked. All methods
// do nothing on nil, when no log was asked for.
type Log struct {
	logger  *slog.Logger
	handler slog.Handler
	file    *os.File
	began   time.Time
	totals  []any // attributes of the event that ends the run
	err     error // the first that writing gave
}

// OpenLog opens the log file of a run: events of a level and above are appended to it. It must be a plain file: opening a named pipe would
// wait for its reader, and /dev/stdout is for results.
func (s *Streams) OpenLog(file, level, run string, now time.Time) (*Log, error) {
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("the log %s is not a plain file", file)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	if sameFile(f, s.Out) {
		return nil, errors.Join(fmt.Errorf("the log %s is standard output, which carries results only", file), f.Close())
	}
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	l := &Log{file: f, began: now}
	l.handler = slog.NewJSONHandler(l, &slog.HandlerOptions{Level: least, ReplaceAttr: discreet(least)}).WithAttrs([]slog.Attr{slog.String("run", run)})
	l.logger = slog.New(l.handler)
	return l, nil
}

// sameFile tells whether a stream goes to that file.
func sameFile(f *os.File, stream io.Writer) bool {
	s, ok := stream.(*os.File)
	if !ok {
		return false
	}
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := s.Stat()
	return err == nil && os.SameFile(a, b)
}

// Write appends one line; the handler calls it for one line at a time. That the log cannot be written does not stop the run: end tells.
func (l *Log) Write(line []byte) (int, error) {
	n, err := l.file.Write(line)
	if l.err == nil {
		l.err = err
	}
	return n, err
}

// Event writes an event.
func (l *Log) Event(level slog.Level, event string, attrs ...any) {
	if l != nil {
		l.logger.Log(context.Background(), level, event, attrs...)
	}
}

// Total adds attributes to the event that ends the run.
func (l *Log) Total(attrs ...any) {
	if l != nil {
		l.totals = append(l.totals, attrs...)
	}
}

// End writes the event that ends the run and closes the file. The error is the first that writing gave.
func (l *Log) End(now time.Time, err error) error {
	if l == nil {
		return nil
	}
	code := exit.CodeOf(err)
	attrs := []any{"exit_code", code, "result", exit.ResultOf(err), "seconds", now.Sub(l.began).Seconds()}
	level := slog.LevelError
	switch code {
	case exit.Done:
		level = slog.LevelInfo
	case exit.Partial:
		level = slog.LevelWarn
	}
	if err != nil {
		attrs = append(attrs, "error", exit.Message(err))
	}
	l.Event(level, "run ended", append(attrs, l.totals...)...)
	return errors.Join(l.err, l.file.Close())
}

// FailedChecks writes an event for every failed check in an error, which may hold several.
func (l *Log) FailedChecks(err error) {
	if l == nil || err == nil {
		return
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range several.Unwrap() {
			l.FailedChecks(e)
		}
		return
	}
	var check *ledger.CheckError
	if errors.As(err, &check) {
		l.Event(slog.LevelError, "check failed", "check", check.Check, "detail", check.Detail)
	}
}

// open are the attributes that are never masked: what a person needs to find the file. A path can hold ids, as `pidledger files` shows it.
var open = map[string]bool{"path": true, "run": true, "config": true, "dir": true, "version": true}

// idPattern finds ids and what stands in quotes, which is a value of a row or a name. A resource id goes as a whole.
var idPattern = regexp.MustCompile(`(?i)/(?:subscriptions|providers)/[^\s,;)"]+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|"(?:[^"\\]|\\.)*"`)

// discreet makes the function that every attribute passes: times are UTC and, but at the level debug, texts are masked.
func discreet(level slog.Level) func([]string, slog.Attr) slog.Attr {
	return func(groups []string, a slog.Attr) slog.Attr {
		switch {
		case len(groups) == 0 && a.Key == slog.TimeKey:
			return slog.Time(a.Key, a.Value.Time().UTC().Truncate(time.Millisecond))
		case level <= slog.LevelDebug || open[a.Key] || len(groups) > 0 && groups[0] == "settings":
			return a
		case a.Value.Kind() == slog.KindString:
			return slog.String(a.Key, mask(a.Value.String()))
		}
		if err, ok := a.Value.Any().(error); ok {
			return slog.String(a.Key, mask(err.Error()))
		}
		return a
	}
}

// mask takes ids and values out of a text.
func mask(text string) string { return idPattern.ReplaceAllString(text, "<masked>") }

// Stages passes progress on to a display and writes an event for each stage when it ends.
func (l *Log) Stages(display ledger.Progress, now func() time.Time) *StageLog {
	return &StageLog{Progress: display, log: l, now: now}
}

// Handler writes what packages log beside the events of the run.
func (l *Log) Handler() slog.Handler { return l.handler }

// StageLog is the progress of a run that has a log.
type StageLog struct {
	ledger.Progress
	log *Log
	now func() time.Time

	items, bytes, rows atomic.Int64

	mu    sync.Mutex
	stage string
	unit  string // what the items of the stage are
	began time.Time
}

// Stage begins a stage, and ends the one before.
func (s *StageLog) Stage(name, items string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finish()
	s.stage, s.unit, s.began = name, items, s.now()
	s.Progress.Stage(name, items)
}

// Add says that more is done.
func (s *StageLog) Add(items, bytes int64) {
	s.items.Add(items)
	s.bytes.Add(bytes)
	s.Progress.Add(items, bytes)
}

// Rows says how many rows more were read or written.
func (s *StageLog) Rows(n int64) {
	s.rows.Add(n)
	s.Progress.Rows(n)
}

// Note logs what the person at the terminal is told.
func (s *StageLog) Note(line string) {
	s.log.Event(slog.LevelInfo, "note", "text", line)
	s.Progress.Note(line)
}

// Stop ends the last stage.
func (s *StageLog) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finish()
	s.stage = ""
}

func (s *StageLog) finish() {
	items, bytes, rows := s.items.Swap(0), s.bytes.Swap(0), s.rows.Swap(0)
	if s.stage != "" {
		s.log.Event(slog.LevelInfo, "stage", "name", s.stage, "seconds", s.now().Sub(s.began).Seconds(), s.unit, items, "bytes", bytes, "rows", rows)
	}
}
