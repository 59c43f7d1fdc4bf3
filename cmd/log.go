package cmd

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/report/summary"
)

// runLog is the log file of one run: JSON lines that are appended, one event each. Its file is private, and above the level debug it holds
// nothing of a customer but what the paths of files tell: values of rows are left out and ids in messages are masked. All methods
// do nothing on nil, when no log was asked for.
type runLog struct {
	*slog.Logger
	handler slog.Handler
	file    *os.File
	began   time.Time
	totals  []any // attributes of the event that ends the run
	err     error // the first that writing gave
}

// openLog opens the log file, if there is to be one, and writes the event that begins the run.
func (p *program) openLog(c config.Config) error {
	if c.Log.File == "" {
		return nil
	}
	const hint = "name a plain file in a folder that is there and may be written to, with log.file or --log-file"
	// Opening a named pipe would wait for its reader, and /dev/stdout is for results.
	if info, err := os.Stat(c.Log.File); err == nil && !info.Mode().IsRegular() {
		return exit.Usagef(hint, "the log %s is no plain file", c.Log.File)
	}
	f, err := os.OpenFile(c.Log.File, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return exit.Usagef(hint, "open the log: %v", err)
	}
	if sameFile(f, p.out) {
		return errors.Join(exit.Usagef(hint, "the log %s is standard output, which carries results only", c.Log.File), f.Close())
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log.Level)); err != nil {
		return errors.Join(err, f.Close())
	}
	l := &runLog{file: f, began: p.now()}
	l.handler = slog.NewJSONHandler(l, &slog.HandlerOptions{Level: level, ReplaceAttr: discreet(level)}).WithAttrs([]slog.Attr{slog.String("run", p.runID())})
	l.Logger = slog.New(l.handler)
	l.Info("run started", "command", p.command, "version", currentVersion().Version, "pid", os.Getpid(), "config", c.Path, slog.Group("settings", logged(c)...))
	p.log = l
	return nil
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
func (l *runLog) Write(line []byte) (int, error) {
	n, err := l.file.Write(line)
	if l.err == nil {
		l.err = err
	}
	return n, err
}

// end writes the event that ends the run and closes the file. The error is the first that writing gave.
func (l *runLog) end(now time.Time, code int, err error) error {
	if l == nil {
		return nil
	}
	attrs := []any{"exit_code", code, "result", exit.ResultOf(err), "seconds", now.Sub(l.began).Seconds()}
	level := slog.LevelInfo
	switch code {
	case exit.Done:
	case exit.Partial:
		level = slog.LevelWarn
	default:
		level = slog.LevelError
	}
	if err != nil {
		attrs = append(attrs, "error", exit.Message(err))
	}
	l.Log(context.Background(), level, "run ended", append(attrs, l.totals...)...)
	return errors.Join(l.err, l.file.Close())
}

// ingested writes an event for every file that a person should know of and for every failed check.
func (l *runLog) ingested(res *ingest.Result, checked error) {
	if l == nil {
		return
	}
	for _, f := range res.Files {
		level, event := slog.LevelWarn, ""
		switch {
		case f.Status == ingest.StatusFailed || f.Status == ingest.StatusUnknown:
			event = "file could not be used"
		case f.Status == ingest.StatusWaiting:
			level, event = slog.LevelInfo, "file waits"
		case f.Rejected > 0 && f.Status == ingest.StatusLoaded:
			event = "rows rejected"
		default:
			continue
		}
		l.Log(context.Background(), level, event, "path", f.Path, "status", f.Status, "format", f.Format, "reason", f.Reason,
			"bytes", f.Size, "rows", f.Rows, "rejected", f.Rejected)
	}
	for _, r := range res.Rejects {
		l.Debug("row rejected", "path", r.Path, "record", r.Record, "line", r.Line, "column", r.Column, "value", r.Value, "reason", r.Reason)
	}
	for _, n := range res.Notes {
		l.Warn("note", "text", n)
	}
	l.failedChecks(checked)
	files := []any{}
	for _, status := range ingest.Statuses {
		if n := res.Counts[status]; n > 0 {
			files = append(files, slog.Int64(status, n))
		}
	}
	l.totals = append(l.totals, slog.Group("files", files...), "rows", res.Rows, "rejected", res.Rejected)
}

// failedChecks writes an event for every failed check in an error, which may hold several.
func (l *runLog) failedChecks(err error) {
	if l == nil || err == nil {
		return
	}
	if several, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range several.Unwrap() {
			l.failedChecks(e)
		}
		return
	}
	var check *ingest.CheckError
	if errors.As(err, &check) {
		l.Error("check failed", "check", check.Check, "detail", check.Detail)
	}
}

// published adds what was written to the totals of the run.
func (l *runLog) published(s *summary.Summary) {
	if l == nil {
		return
	}
	for _, n := range s.Notes {
		l.Info("note", "text", n)
	}
	l.totals = append(l.totals, "data_through", s.DataThrough)
	if f := s.Reports; f != nil {
		l.totals = append(l.totals, slog.Group("reports", "dir", f.Dir, "reports", f.Reports, "rows", f.Rows, "files", f.Files, "bytes", f.Bytes))
	}
}

// copied adds what a backup holds to the totals.
func (l *runLog) copied(b *ingest.Backup) {
	if l == nil {
		return
	}
	l.totals = append(l.totals, slog.Group("backup", "dir", b.Dir, "schema_version", b.SchemaVersion, "table_rows", b.TableRows,
		"usage_rows", b.UsageRows, "files", b.Files, "bytes", b.Bytes))
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

// logged are the effective settings, one attribute a key. Of a source the subscription is left out.
func logged(c config.Config) []any {
	sources := []any{}
	for _, s := range c.Sources {
		source := map[string]string{"path": s.Path}
		if s.Format != "" {
			source["format"] = s.Format
		}
		if s.CostBasis != "" {
			source["cost_basis"] = s.CostBasis
		}
		sources = append(sources, source)
	}
	attrs := []any{slog.Any("sources", sources)}
	for _, v := range c.Values() {
		attrs = append(attrs, slog.Any(v.Key, v.Value))
	}
	return attrs
}

// stageLog passes progress on to the display and writes an event for each stage when it ends.
type stageLog struct {
	ingest.Progress
	log *runLog
	now func() time.Time

	items, bytes, rows atomic.Int64

	mu    sync.Mutex
	stage string
	unit  string // what the items of the stage are
	began time.Time
}

// Stage begins a stage, and ends the one before.
func (s *stageLog) Stage(name, items string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finish()
	s.stage, s.unit, s.began = name, items, s.now()
	s.Progress.Stage(name, items)
}

// Add says that more is done.
func (s *stageLog) Add(items, bytes int64) {
	s.items.Add(items)
	s.bytes.Add(bytes)
	s.Progress.Add(items, bytes)
}

// Rows says how many rows more were read or written.
func (s *stageLog) Rows(n int64) {
	s.rows.Add(n)
	s.Progress.Rows(n)
}

// Note logs what the person at the terminal is told.
func (s *stageLog) Note(line string) {
	s.log.Info("note", "text", line)
	s.Progress.Note(line)
}

// stop ends the last stage.
func (s *stageLog) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finish()
	s.stage = ""
}

func (s *stageLog) finish() {
	items, bytes, rows := s.items.Swap(0), s.bytes.Swap(0), s.rows.Swap(0)
	if s.stage != "" {
		s.log.Info("stage", "name", s.stage, "seconds", s.now().Sub(s.began).Seconds(), s.unit, items, "bytes", bytes, "rows", rows)
	}
}
