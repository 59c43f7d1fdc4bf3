package night

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/judge"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries/engine/spark"
	"github.com/pidledger/pidledger/queries/engine/spark/connect"
)

// ScriptFile is the file of a lake with the statements of its last run.
const ScriptFile = "pidledger.sql"

// Scripted is what Spark is to do.
type Scripted struct {
	RunID      string `json:"run_id"`
	File       string `json:"file"`       // the script
	Results    string `json:"results"`    // the folder that Spark will write, as Spark sees it
	Published  string `json:"published"`  // the folder of the pointers to results, as Spark sees it
	Statements int    `json:"statements"` // of the script
}

// Script fills a lake with what Spark needs of the ledger and writes the script. With a server it runs the statements there, too; the ledger stays locked until then, so
// that nobody takes away what Spark reads. The error is a *ledger.FolderError when the folder holds something else.
func (o Options) Script(ctx context.Context, lake spark.Lake, server *connect.Remote) (_ *Scripted, err error) {
	file := filepath.Join(lake.Folder, ScriptFile)
	if err := mustBeLake(lake.Folder); err != nil {
		return nil, err
	}
	l, err := ledger.Open(ctx, o.LedgerOptions())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.End(ctx, exit.ResultOf(err)), l.Close()) }()
	run, err := l.Begin(ctx)
	if err != nil {
		return nil, err
	}
	rules := o.attribution()
	rules.RunID = run.ID
	w := &judge.Judge{Ledger: l, Progress: o.Progress, Log: o.Log, Version: o.Version}
	statements, err := w.Script(ctx, rules, lake)
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "-- pidledger %s, run %s: run all statements in one session of Spark 4.0 or later, such as\n--   spark-sql -f %s\n", o.Version, run.ID, ScriptFile)
	name := ""
	for _, s := range statements {
		if s.Name != name {
			fmt.Fprintf(&text, "\n-- %s\n", s.Name)
		}
		name = s.Name
		fmt.Fprintf(&text, "%s;\n", s.Text)
	}
	if err := disk.Replace(file, []byte(text.String()), 0o600); err != nil {
		return nil, err
	}
	if err := judge.SweepLake(lake, run.ID); err != nil {
		return nil, err
	}
	if server != nil {
		o.Progress.Stage("run on Spark", "statements")
		o.Progress.Total(int64(len(statements)), 0)
		if err := connect.Run(ctx, *server, statements, func(int, time.Duration) { o.Progress.Add(1, 0) }); err != nil {
			return nil, err
		}
	}
	uri := strings.TrimSuffix(lake.URI, "/")
	return &Scripted{RunID: run.ID, File: file, Results: uri + "/runs/" + run.ID, Published: uri + "/published", Statements: len(statements)}, nil
}

// mustBeLake refuses a folder that holds anything but a lake of ours.
func mustBeLake(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if name := e.Name(); name != ScriptFile && !slices.Contains(judge.LakeFolders, name) && !strings.HasPrefix(name, "."+ScriptFile) {
			return &ledger.FolderError{Folder: folder, Reason: "holds something else: " + name, Hint: "name a folder that is not there yet, or one that pidledger spark script wrote before"}
		}
	}
	return nil
}
