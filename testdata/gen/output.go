package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// generator holds what all estates share. It is not changed once made.
type generator struct {
	plan       plan
	out        string
	facts      *facts
	registry   []registration
	namespaces []string            // by kind: Microsoft.Compute
	writes     []string            // by kind: Microsoft.Compute/virtualMachines/write
	deletes    []string            // by kind
	verbs      map[string][]string // operation of the activity mix -> by kind
}

func newGenerator(p plan, out string) (*generator, error) {
	f, err := readFacts()
	if err != nil {
		return nil, err
	}
	g := &generator{plan: p, out: out, facts: f, registry: newRegistry(p.seed), verbs: map[string][]string{}}
	for _, k := range f.kinds {
		namespace, _, _ := strings.Cut(k.name, "/")
		g.namespaces = append(g.namespaces, namespace)
		g.writes = append(g.writes, k.name+"/write")
		g.deletes = append(g.deletes, k.name+"/delete")
		for _, h := range f.mix {
			if len(g.verbs[h.operation]) < len(g.writes) {
				g.verbs[h.operation] = append(g.verbs[h.operation], strings.ReplaceAll(h.operation, "{type}", k.name))
			}
		}
	}
	return g, nil
}

// marker is written beside the data when it is complete: what it was made from, and how much of everything there is.
type marker struct {
	Version  int     `json:"version"`
	Seed     uint64  `json:"seed"`
	Scale    float64 `json:"scale"`
	Window   int     `json:"window"`
	Usage    float64 `json:"usage"`
	Complete bool    `json:"complete"`
	amounts
}

type amounts struct {
	UsageRows     int64 `json:"usage_rows"`
	UsageBytes    int64 `json:"usage_bytes"`
	Activities    int64 `json:"activities"`
	ActivityBytes int64 `json:"activity_bytes"`
	Deployments   int64 `json:"deployments"`
	Operations    int64 `json:"operations"`
	Resources     int64 `json:"resources"`
	Requests      int64 `json:"requests"`
	Files         int64 `json:"files"`
}

func (a *amounts) add(b amounts) {
	a.UsageRows += b.UsageRows
	a.UsageBytes += b.UsageBytes
	a.Activities += b.Activities
	a.ActivityBytes += b.ActivityBytes
	a.Deployments += b.Deployments
	a.Operations += b.Operations
	a.Resources += b.Resources
	a.Requests += b.Requests
	a.Files += b.Files
}

const (
	markerName = "generated.json"
	exportName = "tideline-actual"
)

// generate fills the folder, unless it holds the same data already. A folder with anything but older data of its own is refused.
func generate(ctx context.Context, p plan, out string, workers int) (m marker, cached bool, err error) {
	want := marker{Version: version, Seed: p.seed, Scale: p.scale, Window: p.window, Usage: p.usage}
	path := filepath.Join(out, markerName)
	data, err := os.ReadFile(path)
	switch {
	case err == nil:
		if err := json.Unmarshal(data, &m); err != nil {
			return m, false, fmt.Errorf("read %s: %w", path, err)
		}
		if m.Complete && m.Version == want.Version && m.Seed == want.Seed && m.Scale == want.Scale && m.Usage == want.Usage {
			return m, true, nil
		}
		if err := os.RemoveAll(filepath.Join(out, "exports")); err != nil {
			return m, false, err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return m, false, err
	default:
		entries, err := os.ReadDir(out)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return m, false, err
		}
		if len(entries) > 0 {
			return m, false, fmt.Errorf("%s is not empty and holds no generated data; name another folder", out)
		}
	}
	g, err := newGenerator(p, out)
	if err != nil {
		return m, false, err
	}
	if err := want.write(path); err != nil {
		return m, false, err
	}
	if want.amounts, err = g.all(ctx, workers); err != nil {
		return m, false, err
	}
	want.Complete = true
	return want, false, want.write(path)
}

func (m marker) write(path string) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(path, append(data, '\n'))
}

// all writes everything: each worker takes a part, which is a few subscriptions, then the next.
func (g *generator) all(ctx context.Context, workers int) (amounts, error) {
	n := (g.plan.subscriptions() + subscriptionsPerPart - 1) / subscriptionsPerPart
	parts := make([]*part, n)
	var (
		wg   sync.WaitGroup
		errs = make([]error, n)
		next = make(chan int)
	)
	for range max(1, min(workers, n)) {
		wg.Go(func() {
			for i := range next {
				parts[i], errs[i] = g.part(ctx, i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	var sum amounts
	if err := errors.Join(errs...); err != nil {
		return sum, err
	}
	customers := []byte("subscription_id,customer_tenant_id,customer_name\n")
	for _, p := range parts {
		sum.add(p.amounts)
		customers = append(customers, p.customers...)
	}
	for month := range g.plan.monthDays {
		if err := g.writeManifest(month, parts); err != nil {
			return sum, err
		}
		sum.Files++
	}
	for name, data := range map[string][]byte{
		"registry.csv":   registryCSV(g.registry),
		"customers.csv":  customers,
		"exclusions.csv": g.exclusions(),
		"pidledger.yaml": []byte(configYAML),
	} {
		if err := writeFile(filepath.Join(g.out, name), data); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// exclusions opts out a resource group of the first subscription and, where there are as many, one whole subscription.
func (g *generator) exclusions() []byte {
	e := g.newEstate(0)
	out := fmt.Appendf(nil, "scope,reason,since\n/subscriptions/%s/resourceGroups/%s,customer asked,\n", e.id, e.groups[7].name)
	if g.plan.subscriptions() > 13 {
		out = fmt.Appendf(out, "%s,opted out,\n", g.newEstate(13).id)
	}
	return out
}

// part is what one worker wrote of a few subscriptions.
type part struct {
	amounts
	customers []byte
	blobs     []blob // by month
}

// blob is one file of an export run.
type blob struct {
	name        string
	rows, bytes int64
}

func (g *generator) part(ctx context.Context, number int) (p *part, err error) {
	p = &part{blobs: make([]blob, len(g.plan.monthDays))}
	usage := make([]*output, len(g.plan.monthDays))
	lists := map[string]*list{}
	for _, name := range []string{"deployments", "operations"} {
		lists[name] = &list{folder: filepath.Join(g.out, "exports", name), prefix: fmt.Sprintf("%s-%03d", name, number)}
	}
	requests, err := create(filepath.Join(g.out, "exports", "requests", fmt.Sprintf("deployer-%03d.jsonl", number)))
	if err != nil {
		return nil, err
	}
	defer func() {
		err = errors.Join(err, requests.close())
		for _, l := range lists {
			err = errors.Join(err, l.close())
			p.Files += int64(l.files)
		}
		for month, u := range usage {
			if u != nil {
				err = errors.Join(err, u.close())
				p.blobs[month].bytes = u.bytes
				p.UsageBytes += u.bytes
			}
		}
		p.Files += int64(len(usage)) + 1
	}()
	for month := range g.plan.monthDays {
		p.blobs[month].name = fmt.Sprintf("part_%d_0001.csv", number)
		if usage[month], err = create(filepath.Join(g.out, "exports", g.runFolder(month), p.blobs[month].name)); err != nil {
			return p, err
		}
		if _, err := usage[month].WriteString(usageHeader); err != nil {
			return p, err
		}
	}
	last := min((number+1)*subscriptionsPerPart, g.plan.subscriptions())
	for i := number * subscriptionsPerPart; i < last; i++ {
		e := g.newEstate(i)
		p.customers = fmt.Appendf(p.customers, "%s,%s,%s\n", e.id, e.tenant, e.customer)
		if err := g.history(p, e, lists["deployments"], lists["operations"], requests); err != nil {
			return p, err
		}
		rows := g.usage(e)
		for month := range g.plan.monthDays {
			n, err := g.writeUsage(usage[month].Writer, e, rows, month)
			if err != nil {
				return p, err
			}
			p.blobs[month].rows += n
			p.UsageRows += n
		}
		for s := range e.slots {
			if err := ctx.Err(); err != nil {
				return p, err
			}
			if err := g.activityBlob(p, e, &e.slots[s]); err != nil {
				return p, err
			}
		}
	}
	return p, nil
}

// history writes the deployments, operations and logged requests of an estate.
func (g *generator) history(p *part, e *estate, deployments, operations *list, requests *output) error {
	var b []byte
	for i := range e.nodes {
		b = g.appendDeployment(b[:0], e, int32(i))
		if err := deployments.add(b); err != nil {
			return err
		}
		for _, s := range e.nodes[i].steps {
			b = g.appendStep(b[:0], e, s)
			if err := operations.add(b); err != nil {
				return err
			}
		}
	}
	for i := range e.calls {
		if e.calls[i].logged {
			b = g.appendRequest(b[:0], e, &e.calls[i])
			if _, err := requests.Write(b); err != nil {
				return err
			}
			p.Requests++
		}
	}
	for i := range e.resources {
		if e.resources[i].first != 0 {
			p.Resources++
		}
	}
	p.Deployments += int64(len(e.nodes))
	p.Operations += int64(len(e.steps))
	return nil
}

// activityBlob writes one blob of the activity log where diagnostic settings put it.
func (g *generator) activityBlob(p *part, e *estate, s *slot) error {
	y, m, d := civil(int64(s.start / day))
	folder := fmt.Sprintf("insights-activity-logs/resourceId=/SUBSCRIPTIONS/%s/y=%04d/m=%02d/d=%02d/h=%02d/m=00", strings.ToUpper(e.id), y, m, d, s.start%day/hour)
	w, err := create(filepath.Join(g.out, "exports", filepath.FromSlash(folder), "PT1H.json"))
	if err != nil {
		return err
	}
	n, err := g.writeActivity(w.Writer, e, s)
	err = errors.Join(err, w.close())
	p.Activities += n
	p.ActivityBytes += w.bytes
	p.Files++
	return err
}

// runFolder is the folder of a month's export run, below the container.
func (g *generator) runFolder(month int) string {
	from, to := g.plan.monthSpan(month)
	b := append([]byte("cost/"+exportName+"/"), g.plan.compactDate(from)...)
	b = append(append(b, '-'), g.plan.compactDate(to-1)...)
	return string(appendGUID(append(b, '/'), g.runID(month)))
}

func (g *generator) runID(month int) guid {
	return newGUID(random(g.plan.seed, g.plan.purpose(1<<45+uint64(month))))
}

// compactDate writes a day since firstDay as 20260301.
func (p plan) compactDate(d int64) []byte {
	y, m, dd := civil(p.firstDay + d)
	return appendPadded(appendPadded(appendPadded(nil, y, 4), m, 2), dd, 2)
}

// writeManifest writes the manifest of a month's run, version 2024-04-01.
func (g *generator) writeManifest(month int, parts []*part) error {
	type blobEntry struct {
		BlobName     string `json:"blobName"`
		ByteCount    int64  `json:"byteCount"`
		DataRowCount int64  `json:"dataRowCount"`
	}
	var blobs []blobEntry
	var bytes, rows int64
	for _, p := range parts {
		b := p.blobs[month]
		blobs = append(blobs, blobEntry{g.runFolder(month) + "/" + b.name, b.bytes, b.rows})
		bytes += b.bytes
		rows += b.rows
	}
	from, to := g.plan.monthSpan(month)
	timeFrame, submitted := "TheLastMonth", g.plan.firstDay+to+4
	if month == len(g.plan.monthDays)-1 {
		timeFrame, submitted = "MonthToDate", g.plan.firstDay+to-1
	}
	midnight := func(days int64) string { return string(appendTime(nil, ticks(days)*day)[:19]) }
	data, err := json.MarshalIndent(map[string]any{
		"manifestVersion": "2024-04-01",
		"byteCount":       bytes,
		"blobCount":       len(blobs),
		"dataRowCount":    rows,
		"exportConfig": map[string]any{
			"exportName":  exportName,
			"resourceId":  "/providers/Microsoft.Billing/billingAccounts/" + billingAccount + "/providers/Microsoft.CostManagement/exports/" + exportName,
			"dataVersion": "2023-12-01-preview", "apiVersion": "2023-07-01-preview",
			"type": "ActualCost", "timeFrame": timeFrame, "granularity": "Daily",
		},
		"deliveryConfig": map[string]any{
			"partitionData": true, "dataOverwriteBehavior": "CreateNewReport", "fileFormat": "Csv", "compressionMode": "None", "rootFolderPath": "cost",
		},
		"runInfo": map[string]any{
			"executionType": "Scheduled", "submittedTime": string(appendTime(nil, ticks(submitted)*day+7*hour+5234447)),
			"runId": g.runID(month).String(), "startDate": midnight(g.plan.firstDay + from), "endDate": midnight(g.plan.firstDay + to - 1),
		},
		"blobs": blobs,
	}, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(g.out, "exports", filepath.FromSlash(g.runFolder(month)), "manifest.json"), data)
}

// output is a buffered file that counts its bytes.
type output struct {
	*bufio.Writer
	file  *os.File
	bytes int64
}

func create(path string) (*output, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &output{Writer: bufio.NewWriterSize(f, 1<<18), file: f}, nil
}

func (o *output) close() error {
	err := o.Flush()
	if info, e := o.file.Stat(); e == nil {
		o.bytes = info.Size()
	} else {
		err = errors.Join(err, e)
	}
	return errors.Join(err, o.file.Close())
}

// listBytes is how large a REST list grows before the next file begins.
const listBytes = 6 << 20

// list writes records into files of the form {"value":[...]}.
type list struct {
	folder, prefix string
	current        *output
	files, size    int
}

func (l *list) add(record []byte) error {
	separator := ","
	if l.current == nil {
		l.files++
		var err error
		if l.current, err = create(filepath.Join(l.folder, fmt.Sprintf("%s-%03d.json", l.prefix, l.files))); err != nil {
			return err
		}
		separator = `{"value":[`
	}
	if _, err := l.current.WriteString(separator); err != nil {
		return err
	}
	if _, err := l.current.Write(record); err != nil {
		return err
	}
	if l.size += len(record) + 1; l.size >= listBytes {
		return l.close()
	}
	return nil
}

func (l *list) close() error {
	if l.current == nil {
		return nil
	}
	_, err := l.current.WriteString("]}")
	err = errors.Join(err, l.current.close())
	l.current, l.size = nil, 0
	return err
}

// writeFile writes a small file with its folder.
func writeFile(path string, data []byte) error {
	o, err := create(path)
	if err != nil {
		return err
	}
	_, err = bytes.NewReader(data).WriteTo(o)
	return errors.Join(err, o.close())
}
