package cli

import (
	"log/slog"
	"os"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
)

// StartLog opens the log file, if there is to be one, and writes the event that begins the run.
func (p *Program) StartLog(c config.Config) error {
	if c.Log.File == "" {
		return nil
	}
	l, err := p.OpenLog(c.Log.File, c.Log.Level, p.RunID(), p.Now())
	if err != nil {
		return exit.Usagef("name a plain file in a folder that is there and may be written to, with log.file or --log-file", "%v", err)
	}
	l.Event(slog.LevelInfo, "run started", "command", p.Command, "version", p.Build.Version, "pid", os.Getpid(), "config", c.Path, slog.Group("settings", logged(c)...))
	p.Log = l
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
