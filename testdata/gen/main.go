// Gen writes the benchmark data of SPEC 9: exports of a partner's customers as Azure delivers them, in any amount, the same for the
// same seed and scale on every machine.
//
//	go run ./testdata/gen --scale 1 --out /tmp/bench/1
//
// The data flow:
//
//	catalog.csv, activity_mix.csv, words.csv  resource types and meters, other events, names
//	estate.go     one subscription is drawn: deployments, operations, API calls, deletions, resources
//	history.go    ... and rendered as deployments, operations and request log lines
//	activity.go   ... as blobs of the activity log, one for each busy hour
//	usage.go      ... as rows of two months' MCA exports
//	output.go     files, manifests, configuration, and the marker that lets a folder be used again
//
// Everything in an estate depends on the seed and the subscription's number alone. Estates are drawn and rendered one at a time by
// each worker, so memory does not grow with the scale.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("gen", flag.ContinueOnError)
	scale := flags.Float64("scale", 1, "amount of data; 1 is 2 million usage rows and 2 million activity records")
	out := flags.String("out", "", "folder to fill; used again when it holds the same data")
	seed := flags.Uint64("seed", 1, "seed of the data")
	window := flags.Int("window", 0, "which two months: 0 is March and April 2026, 1 the two before, and so on; other subscriptions in each")
	usage := flags.Float64("usage", 1, "part of the usage rows, and of the activity that is not the estate's own; with 0.2 evidence is most of the work")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *out == "" || *scale <= 0 || *scale > 1000 || *window < 0 || *window > 60 || *usage < 0.2 || *usage > 1 || flags.NArg() > 0 {
		return fmt.Errorf("name the folder with --out, a scale above 0 and up to 1000, and a part of the usage from 0.2 to 1")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	start := time.Now()
	p := newPlan(*seed, *scale, *window)
	p.usage = *usage
	m, cached, err := generate(ctx, p, *out, runtime.GOMAXPROCS(0))
	if err != nil {
		return err
	}
	if cached {
		fmt.Fprintf(os.Stderr, "gen: %s holds scale %g already\n", *out, *scale)
		return nil
	}
	fmt.Fprintf(os.Stderr, "gen: scale %g in %s: %d usage rows (%d MB), %d activity records (%d MB), %d deployments, %d operations, %d resources, %d requests, %d files\n",
		*scale, time.Since(start).Round(time.Second/10), m.UsageRows, m.UsageBytes/1_000_000, m.Activities, m.ActivityBytes/1_000_000,
		m.Deployments, m.Operations, m.Resources, m.Requests, m.Files)
	return nil
}
