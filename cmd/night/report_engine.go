package night

import (
	"context"
	"fmt"

	"github.com/pidledger/pidledger/ingest/judge"
	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/spec"
)

// reportEngine is the report.Engine of a night that judges on this machine: what the reports need of the database.
type reportEngine struct {
	db     engine.Engine
	months *chain.Months
}

func (e reportEngine) Fetch(ctx context.Context, name string) (engine.Rows, error) {
	spec, ok := spec.Find(name)
	if !ok {
		return nil, fmt.Errorf("no report %s", name)
	}
	return chain.Report(ctx, e.db, name, spec.Key())
}

func (e reportEngine) Parts(ctx context.Context, name string) (map[string][]string, int64, error) {
	files, err := e.months.DetailFiles(name)
	if err != nil {
		return nil, 0, err
	}
	rows, err := e.db.Count(ctx, "select cast(count(*) as bigint) from "+name)
	return files, rows, err
}

func (e reportEngine) WriteFocus(ctx context.Context, files []string, path string) (int64, error) {
	return chain.WriteFocus(ctx, e.db, files, path)
}

func (e reportEngine) CopyTable(ctx context.Context, table, path string) (int64, error) {
	return chain.Publish(ctx, e.db, table, path)
}

// lakeEngine is the report.Engine of a night that Spark judged: the files in the lake.
type lakeEngine struct {
	db        *engine.DB
	judgement *judge.Judgement
}

func (e lakeEngine) Fetch(ctx context.Context, name string) (engine.Rows, error) {
	spec, ok := spec.Find(name)
	if !ok {
		return nil, fmt.Errorf("no report %s", name)
	}
	files, err := e.judgement.LakeFiles(name, false)
	if err != nil {
		return nil, err
	}
	return chain.InOrder(ctx, e.db, engine.ParquetSource(files), spec.Key())
}

// Parts counts the rows; the files stay where they are.
func (e lakeEngine) Parts(ctx context.Context, name string) (map[string][]string, int64, error) {
	files, err := e.judgement.LakeFiles(name, false)
	if err != nil {
		return nil, 0, err
	}
	rows, err := e.db.Count(ctx, "select cast(count(*) as bigint) from "+engine.ParquetSource(files))
	return nil, rows, err
}

// WriteFocus is asked by nobody: checkEngine refuses it, as it would bring all of attributed_usage here.
func (e lakeEngine) WriteFocus(ctx context.Context, files []string, path string) (int64, error) {
	return chain.WriteFocus(ctx, e.db, files, path)
}

func (e lakeEngine) CopyTable(ctx context.Context, table, path string) (int64, error) {
	files, err := e.judgement.LakeFiles(table, true)
	if err != nil {
		return 0, err
	}
	return e.db.Write(ctx, "select * from "+engine.ParquetSource(files), path, "")
}
