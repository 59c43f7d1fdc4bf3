package ingest

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/pidledger/pidledger/ingest/export"
	"github.com/pidledger/pidledger/ingest/forget"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/queries/chain"
)

// The actions of a Planned.
const (
	ActionLoad    = "load"    // an export run would be read: it counts and is not loaded yet
	ActionRead    = "read"    // a file outside of export runs would be read
	ActionReplace = "replace" // a loaded export run would not count any longer
	ActionSkip    = "skip"    // an export run that is new, but would not count: it would not be read
	ActionWait    = "wait"    // an export run that is not complete yet
	ActionFail    = "fail"    // a manifest that cannot be used
)

// Actions lists every action once, in the order in which they are shown.
var Actions = []string{ActionLoad, ActionRead, ActionReplace, ActionSkip, ActionWait, ActionFail}

// Plan is what a run would do with the sources as they are now.
type Plan struct {
	Items     []Planned `json:"items"`     // by action, then path
	Unchanged int64     `json:"unchanged"` // listed files that are known and would not be read
	Ignored   int64     `json:"ignored"`   // listed files that are new and would not be read: empty, or no usage by their manifest
	Notes     []string  `json:"notes"`
}

// Planned is one export run, or one file outside of them.
type Planned struct {
	Action string `json:"action"` // one of Actions
	Path   string `json:"path"`   // of a run its manifest, else its file or folder
	Export string `json:"export,omitempty"`
	Month  string `json:"month,omitempty"` // first month of the run, YYYY-MM
	RunID  string `json:"run_id,omitempty"`
	Files  int64  `json:"files"` // data files
	Bytes  int64  `json:"bytes"` // of them, as listed; 0 for files that are not listed any longer
	Why    string `json:"why"`
}

// DryRun tells what Ingest would read and why. It lists the sources, reads manifests and the ledger, and writes nothing; what is in the
// files is not known, so a file that is read may still turn out to be unknown, a duplicate or damaged. The ledger may be one of Look.
func DryRun(ctx context.Context, l *ledger.Ledger, o Options) (*Plan, error) {
	s := newSession(l, o)
	if err := s.discover(ctx); err != nil {
		return nil, err
	}
	d := &dryRun{input: s.input, runs: s.runs, named: map[string]bool{}, out: &Plan{Items: []Planned{}, Notes: []string{}}}
	layouts, idle := s.input.layouts(ctx), s.input.nothingNew()
	for _, f := range s.input.files {
		if f.Trouble != "" {
			d.add(ActionFail, Planned{Path: f.Name, Why: f.Trouble}, f.Name)
		}
	}
	for _, layout := range layouts {
		s.runs.listed = append(s.runs.listed, layout.Runs...)
		for _, w := range layout.Waiting {
			d.wait(w)
		}
		if idle {
			continue
		}
		for _, n := range layout.Notes {
			if n.Status == export.Failed {
				d.add(ActionFail, Planned{Path: n.Path, Why: n.Reason}, n.Path)
			}
		}
		for _, f := range layout.Other {
			if why := d.why(f.Path); why != "" && f.Size > 0 {
				d.add(ActionRead, Planned{Path: f.Path, Why: why}, f.Path)
			}
		}
	}
	if !idle {
		if err := d.exportRuns(ctx); err != nil {
			return nil, err
		}
	}
	d.finish()
	hidden, err := s.optOuts(ctx)
	if err != nil {
		return nil, err
	}
	d.out.hide(hidden)
	return d.out, nil
}

// dryRun collects a Plan.
type dryRun struct {
	input *inventory
	runs  *exportRuns
	named map[string]bool // files that an item stands for
	out   *Plan
}

// note keeps what a person should know, once.
func (d *dryRun) note(text string) {
	if !slices.Contains(d.out.Notes, text) {
		d.out.Notes = append(d.out.Notes, text)
	}
}

// add puts an item on the list; files are those that it stands for.
func (d *dryRun) add(action string, p Planned, files ...string) {
	p.Action = action
	for _, f := range files {
		d.named[f] = true
		p.Files++
		p.Bytes += d.input.byName[f].Size
	}
	d.out.Items = append(d.out.Items, p)
}

// why tells why a listed file would be read; empty when it is as an earlier run read it.
func (d *dryRun) why(name string) string {
	f := d.input.byName[name]
	k, known := d.input.known[name]
	switch {
	case !known:
		return "new"
	case d.input.isSame(f, k) && k.status == ledger.StatusForgotten:
		return ""
	case k.readAs == forget.ReadAgain:
		return "a file that held the same records was forgotten"
	case k.readAs != f.Source.Digest():
		return "the settings of its source changed"
	case !d.input.isSame(f, k):
		return "changed since " + k.modified.Format("2006-01-02 15:04:05") + " UTC"
	case k.status == ledger.StatusFailed:
		return "failed before, is tried again"
	}
	return ""
}

// wait adds an export run that is not complete, without the files that were found to be no part of it. Those that are new are opened
// by a run, and read when they hold no usage; here they stay closed.
func (d *dryRun) wait(w export.Waiting) {
	var files []string
	for _, f := range w.Files {
		if k, ok := d.input.known[f]; ok && d.input.isSame(d.input.byName[f], k) && k.status != ledger.StatusWaiting && k.status != ledger.StatusFailed {
			continue
		}
		files = append(files, f)
	}
	if w.Manifest != "" {
		d.named[w.Manifest] = true
	} else if len(files) == 0 {
		return
	}
	why := w.Reason
	if w.Manifest == "" && slices.ContainsFunc(files, func(f string) bool { return d.why(f) != "" }) {
		why += "; files that hold no usage are read at once"
	}
	at := export.PathFacts(cmp.Or(w.Manifest, w.Folder+"/x"))
	d.add(ActionWait, Planned{Path: cmp.Or(w.Manifest, w.Folder), Export: at.Export, RunID: at.RunID, Why: why}, files...)
}

// exportRuns judges the listed runs beside those that are loaded, as loadUsage does, but for what only reading them can tell.
func (d *dryRun) exportRuns(ctx context.Context) error {
	loaded, err := d.runs.loaded(ctx)
	if err != nil {
		return err
	}
	if err := d.runs.readContents(ctx, loaded); err != nil {
		return err
	}
	inLedger, keys := map[string]bool{}, map[string]bool{}
	for _, r := range loaded {
		inLedger[contentID(r)], keys[r.Key] = true, true
	}
	for _, st := range export.Resolve(d.runs.candidates(loaded, nil)) {
		isLoaded := inLedger[contentID(st.Run)]
		switch {
		case st.Status == export.Counts && !isLoaded:
			d.addRun(ActionLoad, st.Run, d.whyRun(st.Run, keys[st.Run.Key]))
		case st.Status == export.Counts:
		case isLoaded:
			d.addRun(ActionReplace, st.Run, "replaced by "+lastPart(st.By))
		case d.isNew(st.Run) && st.Status == export.Duplicate:
			d.addRun(ActionSkip, st.Run, "the same run as "+lastPart(st.By))
		case d.isNew(st.Run):
			d.addRun(ActionSkip, st.Run, "replaced by "+lastPart(st.By))
		}
		if st.Note != "" {
			d.note(st.Note)
		}
	}
	return nil
}

func (d *dryRun) addRun(action string, r export.Run, why string) {
	var files []string
	for _, b := range r.Blobs {
		files = append(files, b.Path)
	}
	if r.Manifest != "" {
		d.named[r.Manifest] = true
	}
	p := Planned{Path: r.Manifest, Export: r.Name, Month: r.Month.Month(), RunID: r.RunID, Why: why}
	if p.Path == "" && len(files) > 0 {
		p.Path = files[0]
	}
	d.add(action, p, files...)
}

// whyRun tells why an export run would be loaded; isKnown: another form of it is loaded.
func (d *dryRun) whyRun(r export.Run, isKnown bool) string {
	if isKnown {
		return "changed since it was loaded"
	}
	for _, b := range r.Blobs {
		if k, ok := d.input.known[b.Path]; ok && k.status == ledger.StatusFailed {
			return "failed before, is tried again"
		}
	}
	why := "new"
	if !d.isNew(r) {
		why = "counts now"
	}
	switch at := r.Submitted.Format("2006-01-02 15:04") + " UTC"; {
	case r.Submitted.IsZero():
	case r.Legacy:
		why += ", file of " + at
	default:
		why += ", submitted " + at
	}
	return why
}

// isNew tells whether no earlier run of pidledger saw every file of an export run as it is.
func (d *dryRun) isNew(r export.Run) bool {
	names := []string{r.Manifest}
	for _, b := range r.Blobs {
		names = append(names, b.Path)
	}
	return slices.ContainsFunc(names, func(n string) bool { return n != "" && d.why(n) != "" })
}

// finish counts the files that no item stands for and puts the items in order.
func (d *dryRun) finish() {
	for _, f := range d.input.files {
		switch {
		case d.named[f.Name]:
		case d.why(f.Name) == "":
			d.out.Unchanged++
		default:
			d.out.Ignored++
		}
	}
	slices.SortStableFunc(d.out.Items, func(a, b Planned) int {
		return cmp.Or(cmp.Compare(slices.Index(Actions, a.Action), slices.Index(Actions, b.Action)), strings.Compare(a.Path, b.Path))
	})
}

// hide takes from a plan what names customers who opted out.
func (p *Plan) hide(h *ledger.Hidden) {
	for i := range p.Items {
		if item := &p.Items[i]; h.Names(item.Path) || h.Names(item.Export) || h.Names(item.Why) {
			item.Path, item.RunID, item.Why = chain.HiddenPath, "", "not shown"
			if item.Export != "" {
				item.Export = chain.HiddenText
			}
		}
	}
	for i, text := range p.Notes {
		if h.Names(text) {
			p.Notes[i] = chain.HiddenText
		}
	}
}
