package night

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/ingest/judge"
	"github.com/pidledger/pidledger/queries/chain"
	"github.com/pidledger/pidledger/queries/engine/spark"
	"github.com/pidledger/pidledger/queries/engine/spark/connect"
)

// Cluster runs statements on Spark, as connect.Run does.
type Cluster func(ctx context.Context, r connect.Remote, statements []spark.Statement, done func(at int, took time.Duration)) error

// onSpark is where a night has its months judged.
type onSpark struct {
	lake   spark.Lake
	remote connect.Remote
	run    Cluster
}

// checkEngine finds what keeps Spark from judging, as far as that is known without asking it.
func (n *Night) checkEngine(context.Context) (err error) {
	n.onSpark, err = n.spark()
	return err
}

// AskSpark finds what keeps Spark from judging: it also asks the server for its version. With another engine it says nothing.
func (o Options) AskSpark(ctx context.Context) error {
	s, err := o.spark()
	if err != nil || s == nil {
		return err
	}
	return s.run(ctx, s.remote, nil, func(int, time.Duration) {})
}

// spark is where the configuration has months judged; nil: on this machine.
func (o Options) spark() (*onSpark, error) {
	c := o.Config
	if c.Engine != config.OnSpark {
		return nil, nil //nolint:nilnil // there is no cluster, and that is right
	}
	if c.Spark.Folder == "" {
		return nil, exit.Usagef("set spark.folder to a folder that this machine and the cluster see, such as a mount of the storage", "engine: spark needs a folder for the lake")
	}
	if c.Report.Focus {
		return nil, exit.Usagef("turn report.focus off, or use engine: duckdb", "report.focus needs attributed_usage on this machine, and engine: spark leaves it in the lake")
	}
	s := &onSpark{run: o.Spark}
	var err error
	if s.lake, err = LakeAt(c.Spark.Folder, c.Spark.Lake); err != nil {
		return nil, err
	}
	if s.remote, err = Remote(c); err != nil {
		return nil, err
	}
	if s.run == nil {
		s.run = connect.Run
		if err := connect.Check(s.remote); err != nil {
			return nil, err
		}
	}
	return s, mustBeLake(s.lake.Folder)
}

// Remote is the Spark Connect server of a configuration.
func Remote(c config.Config) (r connect.Remote, err error) {
	if c.Spark.Remote == "" {
		return r, exit.Usagef("set spark.remote, or PIDLEDGER_SPARK_REMOTE, to its address, such as sc://spark.contoso.net:15002; without a server: pidledger spark script",
			"no Spark Connect server is named")
	}
	r.URL = c.Spark.Remote
	if c.Spark.TokenFile != "" {
		token, err := os.ReadFile(c.Spark.TokenFile)
		if err != nil {
			return r, exit.Usagef("put the token of the server into the file of spark.token_file", "read the token: %v", err)
		}
		r.Token = strings.TrimSpace(string(token))
	}
	return r, nil
}

// LakeAt is the lake in a folder, which Spark finds at a URI; without one it sees the folder under the same path.
func LakeAt(folder, uri string) (spark.Lake, error) {
	if uri == "" {
		uri = "file:///" + strings.TrimPrefix(filepath.ToSlash(folder), "/") // as it is: Spark does not take %20 for a blank
	} else if u, err := url.Parse(uri); err != nil || u.Scheme == "" {
		return spark.Lake{}, exit.Usagef("pidledger spark script --help", "the lake is a URI such as abfss://container@account.dfs.core.windows.net/folder, not %q", uri)
	}
	return spark.Lake{Folder: folder, URI: uri}, nil
}

// attributeOnSpark has every month judged by the cluster. When it fails, the lake points to the results of the run before, and the next night begins anew.
func (n *Night) attributeOnSpark(ctx context.Context, rules chain.Attribution) (err error) {
	n.judgement, err = n.judge.OnSpark(ctx, rules, n.onSpark.lake, n.Read != nil, func(ctx context.Context, statements []spark.Statement) error {
		n.Progress.Stage("attribute on Spark", "statements")
		n.Progress.Total(int64(len(statements)), 0)
		return n.onSpark.run(ctx, n.onSpark.remote, statements, func(int, time.Duration) { n.Progress.Add(1, 0) })
	})
	return err
}

// publishOnSpark points to the results in the lake, and removes those of runs whose snapshots are gone.
func (n *Night) publishOnSpark(ctx context.Context) error {
	if err := n.judge.Publish(ctx, n.judgement); err != nil {
		return err
	}
	if err := judge.RetireLake(n.onSpark.lake, n.Config.Report.Snapshots); err != nil {
		n.Log.Warn("old results stay in the lake; the next run tries again", "error", err.Error())
	}
	return nil
}
