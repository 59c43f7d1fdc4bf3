package tell

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/exit"
	"github.com/pidledger/pidledger/report"
	"github.com/pidledger/pidledger/report/spec"
)

// ofRun begins the names of the metrics of the last run, however it ended. All others are of the last one that did its work, and stay when one fails.
const ofRun = "pidledger_run_"

// writeMetrics replaces the file of metrics, which the node exporter reads as another user.
func (t Teller) writeMetrics(ctx context.Context, n Night) error {
	before, err := t.metricsBefore()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	gauge(&b, ofRun+"timestamp_seconds", "when the last run ended", sample{value: seconds(n.Ended)})
	gauge(&b, ofRun+"exit_code", "how it ended: pidledger --help has the codes", sample{value: fmt.Sprint(exit.CodeOf(n.Err))})
	gauge(&b, ofRun+"duration_seconds", "how long it took", sample{value: fmt.Sprintf("%.3f", n.Ended.Sub(n.Began).Seconds())})
	var unread error
	if s := n.Summary; n.result() != config.OnFailure && s != nil && len(s.Short) > 0 {
		unread = t.writeAnswer(ctx, &b, n, before)
	} else {
		keep(&b, before, func(name string) bool {
			return strings.HasPrefix(name, "pidledger_") && !strings.HasPrefix(name, ofRun)
		})
	}
	err = disk.Replace(t.Config.Metrics.File, b.Bytes(), 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		err = errors.New("its folder is missing: make it, or correct metrics.file")
	}
	return errors.Join(err, unread)
}

// metricsBefore is what the file holds. A file of something else, such as the registry, is not to be lost by a slip in the settings.
func (t Teller) metricsBefore() (string, error) {
	before, err := os.ReadFile(t.Config.Metrics.File)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if len(before) > 0 && !bytes.HasPrefix(before, []byte("# HELP pidledger_")) {
		return "", errors.New("it holds something else and stays as it is: correct metrics.file, or remove it")
	}
	return string(before), nil
}

// keep writes the metrics of some names as they were before.
func keep(b *bytes.Buffer, before string, of func(name string) bool) {
	for line := range strings.Lines(before) {
		name := strings.TrimPrefix(strings.TrimPrefix(line, "# HELP "), "# TYPE ")
		if i := strings.IndexAny(name, " {"); i > 0 && of(name[:i]) {
			b.WriteString(line)
		}
	}
}

// writeAnswer writes what a run that did its work found. Money that cannot be read costs the money alone.
func (t Teller) writeAnswer(ctx context.Context, b *bytes.Buffer, n Night, before string) error {
	s := n.Summary
	gauge(b, "pidledger_last_success_timestamp_seconds", "when a run last did its work", sample{value: seconds(n.Ended)})
	if in := s.Inputs; in != nil {
		gauge(b, "pidledger_rows_read", "rows that it read", sample{value: fmt.Sprint(in.Rows)})
		gauge(b, "pidledger_rows_rejected", "rows that it could not use", sample{value: fmt.Sprint(in.Rejected)})
	} else { // report reads none
		keep(b, before, func(name string) bool { return strings.HasPrefix(name, "pidledger_rows_") })
	}
	if day, err := time.Parse(time.DateOnly, s.DataThrough); err == nil {
		gauge(b, "pidledger_data_through_timestamp_seconds", "last day with usage", sample{value: seconds(day)})
	}
	var shares []sample
	for _, a := range s.Short {
		if a.Share != "" {
			shares = append(shares, sample{[]string{"currency", a.Currency, "month", a.Month}, a.Share})
		}
	}
	gauge(b, "pidledger_attributed_share", "attributed part of the usage of the last whole month, 0 to 1", shares...)
	if !t.Config.Metrics.Money || s.Reports == nil {
		return nil
	}
	r, err := report.Open(ctx, t.Config.Report.Dir, t.readers())
	if err != nil {
		return err
	}
	rows, err := report.Ask[struct {
		Currency, Offer, Channel string
		EffectiveCost            spec.Amount
	}](ctx, r, "published/metrics_cost", map[string]string{"month": s.Short[0].Month})
	var costs []sample
	for _, row := range rows {
		costs = append(costs, sample{[]string{"currency", row.Currency, "offer", row.Offer, "channel", row.Channel, "month", s.Short[0].Month}, string(row.EffectiveCost)})
	}
	gauge(b, "pidledger_effective_cost", "attributed effective cost of the last whole month", costs...)
	return errors.Join(err, r.Close())
}

// sample is a value with its labels: names and values in turn.
type sample struct {
	labels []string
	value  string
}

var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// gauge writes a metric in the text format of Prometheus.
func gauge(b *bytes.Buffer, name, help string, samples ...sample) {
	if len(samples) == 0 {
		return
	}
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
	for _, s := range samples {
		b.WriteString(name)
		for i := 0; i < len(s.labels); i += 2 {
			sign := ","
			if i == 0 {
				sign = "{"
			}
			fmt.Fprintf(b, `%s%s="%s"`, sign, s.labels[i], escapes.Replace(s.labels[i+1]))
		}
		if len(s.labels) > 0 {
			b.WriteString("}")
		}
		fmt.Fprintf(b, " %s\n", s.value)
	}
}

func seconds(t time.Time) string { return fmt.Sprint(t.Unix()) }
