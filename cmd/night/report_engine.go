package night

import (
	"context"
	"fmt"

	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/spec"
)

// reportEngine is the report.Engine of a night: what the reports need of the database.
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
