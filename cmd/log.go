package cmd

import (
	"log/slog"
	"os"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/cmd/terminal"
	"github.com/pidledger/pidledger/ingest"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/report/summary"
)

// openLog opens the log file, if there is to be one, and writes the event that begins the run.
func (p *program) openLog(c config.Config) error {
	if c.Log.File == "" {
		return nil
	}
	l, err := p.OpenLog(c.Log.File, c.Log.Level, p.runID(), p.now())
	if err != nil {
		return exit.Usagef("name a plain file in a folder that is there and may be written to, with log.file or --log-file", "%v", err)
	}
	l.Event(slog.LevelInfo, "run started", "command", p.command, "version", currentVersion().Version, "pid", os.Getpid(), "config", c.Path, slog.Group("settings", logged(c)...))
	p.log = l
	return nil
}

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

// logIngest writes an event for every file that a person should know of and for every failed check.
func logIngest(l *terminal.Log, res *ingest.Result, checked error) {
	for _, f := range res.Files {
		level, event := slog.LevelWarn, ""
		switch {
		case f.Status == ledger.StatusFailed || f.Status == ledger.StatusUnknown:
			event = "file could not be used"
		case f.Status == ledger.StatusWaiting:
			level, event = slog.LevelInfo, "file waits"
		case f.Rejected > 0 && f.Status == ledger.StatusLoaded:
			event = "rows rejected"
		default:
			continue
		}
		l.Event(level, event, "path", f.Path, "status", f.Status, "format", f.Format, "reason", f.Reason,
			"bytes", f.Size, "rows", f.Rows, "rejected", f.Rejected)
	}
	for _, r := range res.Rejects {
		l.Event(slog.LevelDebug, "row rejected", "path", r.Path, "record", r.Record, "line", r.Line, "column", r.Column, "value", r.Value, "reason", r.Reason)
	}
	for _, n := range res.Notes {
		l.Event(slog.LevelWarn, "note", "text", n)
	}
	l.FailedChecks(checked)
	files := []any{}
	for _, status := range ledger.Statuses {
		if n := res.Counts[status]; n > 0 {
			files = append(files, slog.Int64(status, n))
		}
	}
	l.Total(slog.Group("files", files...), "rows", res.Rows, "rejected", res.Rejected)
}

// logPublished adds what was written to the totals of the run.
func logPublished(l *terminal.Log, s *summary.Summary) {
	for _, n := range s.Notes {
		l.Event(slog.LevelInfo, "note", "text", n)
	}
	l.Total("data_through", s.DataThrough)
	if f := s.Reports; f != nil {
		l.Total(slog.Group("reports", "dir", f.Dir, "reports", f.Reports, "rows", f.Rows, "files", f.Files, "bytes", f.Bytes))
	}
}

// logBackup adds what a backup holds to the totals.
func logBackup(l *terminal.Log, b *ledger.Backup) {
	l.Total(slog.Group("backup", "dir", b.Dir, "schema_version", b.SchemaVersion, "table_rows", b.TableRows,
		"usage_rows", b.UsageRows, "files", b.Files, "bytes", b.Bytes))
}
