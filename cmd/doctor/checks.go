package doctor

import (
	"cmp"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pidledger/pidledger/cmd/config"
	"github.com/pidledger/pidledger/cmd/disk"
	"github.com/pidledger/pidledger/cmd/tell"
	"github.com/pidledger/pidledger/ingest/blob"
	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/ledger"
	"github.com/pidledger/pidledger/ingest/status"
	"github.com/pidledger/pidledger/queries/adhoc"
	"github.com/pidledger/pidledger/queries/engine"
	"github.com/pidledger/pidledger/report/human"
	"github.com/pidledger/pidledger/report/targets"
)

const (
	// leastFree is what must be free on a disk that a night writes to, besides room for the database, which is copied when it is compacted.
	leastFree = 1_000_000_000
	// clockOff is by how much a clock may be wrong: signatures of Azure are good for 15 minutes.
	clockOff = 5 * time.Minute
	// nightMissed is how old what every night writes may be: a night more than a day ago, and it may take its time.
	nightMissed = 36 * time.Hour
)

// all makes the checks, in the order in which a night would need things.
func (e *examination) all() {
	e.settings()
	e.files()
	e.call.Progress.Stage("look at the sources", "sources")
	for i := range e.config.Sources {
		e.source(&e.config.Sources[i])
	}
	e.targets()
	e.engine()
	st := e.ledger()
	e.disks(st)
	e.clock(st)
	e.metrics(st)
	e.people()
}

func (e *examination) settings() {
	from := "no " + config.Name + " here: flags, variables and defaults"
	if e.config.Path != "" {
		from = e.config.Path
	}
	if len(e.config.Sources) == 0 {
		e.fault("settings", e.config.CheckInputs())
		return
	}
	e.ok("settings", "%s, %s", from, human.Plural(int64(len(e.config.Sources)), "source"))
}

// readers read files whose mistakes cost a night no more than what they are for: it only notes them.
var readers = map[string]func(path string) error{"targets": targets.CheckTargets, "rates": targets.CheckRates}

// files looks whether the files are there that the settings name.
func (e *examination) files() {
	if e.config.Registry == "" {
		e.bad("registry", "pidledger registry new --help, and name the file in `registry:`", "no registry is named: no usage can be attributed")
	}
	for _, f := range [][2]string{
		{"registry", e.config.Registry}, {"exclusions", e.config.Exclusions}, {"customers", e.config.Customers}, {"azure.credentials", e.config.Azure.Credentials},
		{"notify.webhook_file", e.config.Notify.WebhookFile}, {"notify.smtp_password_file", e.config.Notify.PasswordFile},
		{"targets", e.config.Targets}, {"rates", e.config.Rates},
	} {
		if f[1] == "" {
			continue
		}
		err := config.CheckFile(f[0], f[1])
		if read := readers[f[0]]; err == nil && read != nil {
			err = read(f[1])
		}
		if err != nil {
			e.fault(f[0], err)
			continue
		}
		secret := f[0] == "azure.credentials" || strings.HasPrefix(f[0], "notify.")
		if info, err := os.Stat(f[1]); secret && err == nil && disk.OthersRead(info.Mode()) {
			e.bad(f[0], "chmod o= "+human.ShellWord(f[1]), "%s holds secrets, and everybody can read it", f[1])
			continue
		}
		e.ok(f[0], "%s", f[1])
	}
}

// metrics looks whether the file can be replaced that a monitoring system reads, and whether nights do. st is nil when no ledger could be asked.
func (e *examination) metrics(st *status.Status) {
	file := e.config.Metrics.File
	if file == "" {
		return
	}
	if err := disk.Writable(filepath.Dir(file)); err != nil {
		e.bad("metrics.file", "make the folder, let the user that this runs as write to it, or correct `metrics.file:`", "%s cannot be written: %v", filepath.Dir(file), err)
		return
	}
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist) && (st == nil || st.LastRun == nil):
		e.ok("metrics.file", "%s: the first run writes it", file)
	case errors.Is(err, fs.ErrNotExist):
		e.bad("metrics.file", "pidledger run, with the settings and as the user of the night; its notes say what went wrong", "the last run, %s, did not write %s", st.LastRun.ID, file)
	case err != nil:
		e.fault("metrics.file", err)
	case e.p.Now().Sub(info.ModTime()) > nightMissed:
		e.bad("metrics.file", "look whether the night runs (systemctl list-timers, crontab -l, the history of the job), and as which user", "%s was last written %s ago", file,
			human.Duration(e.p.Now().Sub(info.ModTime()).Truncate(time.Minute)))
	default:
		e.ok("metrics.file", "%s, written %s UTC", file, info.ModTime().UTC().Format("2006-01-02 15:04"))
	}
}

// people looks whether people could be told how a night ends.
func (e *examination) people() {
	n := e.config.Notify
	for _, r := range (tell.Teller{Config: e.config, Getenv: e.call.Getenv}).Reach(e.ctx) {
		switch {
		case r.Err == nil && r.Setting == "notify.smtp":
			e.ok(r.Setting, "%s lets it in; no mail was sent", r.Host)
		case r.Err == nil:
			e.ok(r.Setting, "%s can be reached; nothing was sent", r.Host)
		case r.Setting == "notify.smtp":
			e.bad(r.Setting, "let this machine reach it, or correct `notify.smtp:`, notify.smtp_user and the password (notify.smtp_password_file, "+config.PasswordVariable+")", "%v", r.Err)
		default:
			e.bad(r.Setting, "let this machine reach it (through HTTPS_PROXY, if there is a proxy), or correct the address in "+cmp.Or(n.WebhookFile, r.Setting), "%v", r.Err)
		}
	}
}

// source looks whether a source can be listed: a folder as a run does it, of Blob Storage one page.
func (e *examination) source(s *discover.Source) {
	if blob.IsLocation(s.Path) {
		e.container("source", s.Path, false)
		return
	}
	files, _, err := discover.Sources{Base: e.config.Base(), List: []discover.Source{*s}}.Files(e.ctx)
	if err != nil {
		e.fault("source", err)
		return
	}
	troubled, why := int64(0), ""
	for _, f := range files {
		if f.Trouble != "" {
			troubled++
			why = f.Trouble
		}
	}
	switch {
	case troubled > 0:
		e.bad("source", "give the user that this runs as the right to read; pidledger run --dry-run lists what it would read", "%s: %s cannot be listed: %s",
			s.Path, human.Were(troubled, "file or folder", "files or folders"), why)
	case len(files) == 0:
		e.bad("source", "deliver exports there (pidledger help exports), or correct `sources:`", "%s holds no files", s.Path)
	default:
		e.ok("source", "%s, %s", s.Path, human.Plural(int64(len(files)), "file"))
	}
}

// targets looks whether the places in Blob Storage can be written to.
func (e *examination) targets() {
	if at := e.config.Report.Publish; at != "" {
		e.container("report.publish", at, true)
	}
	if at := e.config.Collect.Dir; blob.IsLocation(at) {
		e.container("collect.dir", at, true)
	}
}

// container looks whether a container can be listed, and written to, too, if that is wanted.
func (e *examination) container(check, path string, write bool) {
	at, err := blob.Parse(path)
	var from *blob.Container
	if err == nil {
		from, err = e.call.Access().Open(at)
	}
	some, there := false, time.Time{}
	if err == nil {
		some, there, err = from.Probe(e.ctx, at.Blob(""))
	}
	can := "listed"
	if err == nil && write {
		can, err = "listed and written", from.MayWrite(e.ctx, at.Blob(".pidledger-doctor"))
	}
	switch off := e.p.Now().Sub(there); {
	case err != nil:
		e.fault(check, err)
	case !there.IsZero() && off.Abs() > clockOff:
		e.clockIs(off, "that of "+at.Host)
	case !some && check == "source":
		e.bad(check, "correct `sources:`, or let exports be written there: pidledger help exports", "%s holds no blobs", at)
	default:
		e.ok(check, "%s can be %s", at, can)
	}
}

func (e *examination) clockIs(off time.Duration, which string) {
	way := "ahead of"
	if off < 0 {
		way = "behind"
	}
	e.bad("clock", "timedatectl set-ntp true, or repair what else sets the time of this machine", "the clock of this machine is %s %s %s",
		human.Duration(off.Abs().Truncate(time.Second)), way, which)
}

// engine starts the engine with the limits of a run.
func (e *examination) engine() {
	db, err := engine.Open(e.ctx, engine.Options{Memory: e.config.Limits.Memory, Threads: e.config.Limits.Threads})
	if err != nil {
		e.fault("engine", err)
		return
	}
	version, err := engine.AskText(e.ctx, db, "select version()")
	if err = errors.Join(err, db.Close()); err != nil {
		e.fault("engine", err)
		return
	}
	e.ok("engine", "DuckDB %s starts with %s", version, human.Bytes(e.config.Limits.Memory))
	if e.config.Engine != config.OnSpark {
		return
	}
	if err := e.call.AskSpark(e.ctx); err != nil {
		e.fault("spark", err)
		return
	}
	e.ok("spark", "%s answers; its lake is %s", e.config.Spark.Remote, e.config.Spark.Folder)
}

// ledger checks the ledger: nil when there is none, or it cannot be asked.
func (e *examination) ledger() *status.Status {
	if _, err := os.Stat(e.config.Ledger); errors.Is(err, fs.ErrNotExist) {
		e.ok("ledger", "none at %s yet: the first run makes it", e.config.Ledger)
		return nil
	}
	st, err := e.app.Status(e.ctx, e.call)
	if err != nil {
		e.fault("ledger", err)
		return nil
	}
	if st.Running != nil {
		e.ok("ledger", "a run holds it (%s): it was not looked at", st.Running)
		return st
	}
	if st.Older != 0 {
		e.fault("ledger", st.CheckCadence())
		return st
	}
	e.ok("ledger", "%s, schema version %d", st.Ledger, ledger.SchemaVersion())
	e.integrity()
	e.lastRun(st)
	e.delivered(st)
	return st
}

func (e *examination) integrity() {
	checked, err := e.app.Check(e.ctx, e.call)
	if err != nil {
		e.fault("files", err)
		return
	}
	for _, d := range checked.Damaged {
		what := d.Path + ": " + d.Why
		if d.Holds != "" {
			what += "; it holds " + d.Holds
		}
		e.bad("files", d.Try, "%s", what)
	}
	if len(checked.Damaged) == 0 {
		e.ok("files", "%s of the ledger, %s: none is damaged", human.Plural(checked.Files, "file"), human.Bytes(checked.Bytes))
	}
}

func (e *examination) lastRun(st *status.Status) {
	const again = "pidledger run, which completes the work; its message, or log.file, says what stopped it"
	switch last := st.LastRun; {
	case last == nil:
		e.ok("last run", "there was none")
	case last.Result == ledger.ResultKilled:
		e.bad("last run", again, "%s was killed: it never said how it ended", last.ID)
	case last.Result == ledger.ResultFailed || last.Result == ledger.ResultInterrupted:
		e.bad("last run", again, "%s: %s", last.ID, last.Result)
	case last.Result == ledger.ResultCheckFailed:
		e.bad("last run", "pidledger run --rebuild, which says it again, and pidledger files, for what was delivered", "%s: a check failed", last.ID)
	default:
		e.ok("last run", "%s, %s", last.ID, last.Result)
	}
}

// delivered looks at what came in: late exports, rejected rows, evidence.
func (e *examination) delivered(st *status.Status) {
	if len(st.Exports) == 0 {
		return // the sources say so
	}
	if err := st.CheckCadence(); err != nil {
		e.lateness(err)
	} else {
		e.ok("freshness", "no export is late: pidledger status has each")
	}
	rows := int64(0)
	for _, r := range st.Rejects {
		rows += r.Rows
	}
	if rows > 0 {
		e.bad("rejected", "pidledger files, for the reasons; correct the export, or raise it with who delivers it", "%s in %s are missing in every report",
			human.Plural(rows, "row"), human.Plural(int64(len(st.Rejects)), "file"))
	}
	records := int64(0)
	for _, k := range st.Evidence {
		records += k.Records
	}
	if records == 0 {
		e.bad("evidence", "pidledger help exports", "no record of who created anything was delivered: nothing can be attributed")
	}
}

func (e *examination) lateness(err error) {
	var late *ledger.CheckError
	if errors.As(err, &late) {
		e.bad("freshness", late.Hint, "%s", late.Detail)
		return
	}
	e.fault("freshness", err)
}

// disks looks at the folders that a night writes to.
func (e *examination) disks(st *status.Status) {
	need := map[string]int64{}
	folders := []string{e.config.Ledger, e.config.Report.Dir, os.TempDir()}
	if st != nil {
		need[e.config.Ledger] = st.Size.Database
	}
	if e.config.HasBlobs() {
		folders = append(folders, e.config.Cache.Dir)
	}
	if info, err := os.Stat(e.config.Collect.Dir); err == nil && info.IsDir() { // else nobody has collected yet, or it is no folder
		folders = append(folders, e.config.Collect.Dir)
	}
	for _, folder := range folders {
		there := folder
		for there != filepath.Dir(there) {
			if _, err := os.Stat(there); !errors.Is(err, fs.ErrNotExist) {
				break
			}
			there = filepath.Dir(there)
		}
		if err := disk.Writable(there); err != nil {
			try := "run it as the user that owns the folder, or give it to this one"
			if folder == os.TempDir() {
				try = (&adhoc.TempError{}).Try()
			}
			e.bad("disk", try, "%s cannot be written: %v", there, err)
			continue
		}
		free, err := ledger.FreeSpace(there)
		switch {
		case err != nil:
			e.fault("disk", err)
		case free < leastFree+need[folder]:
			e.bad("disk", "make room, or name a folder on another disk", "%s: %s free, and a night may need %s", folder, human.Bytes(free), human.Bytes(leastFree+need[folder]))
		case free == math.MaxInt64:
			e.ok("disk", "%s can be written", folder)
		default:
			e.ok("disk", "%s, %s free", folder, human.Bytes(free))
		}
	}
}

// clock compares the clock with what the ledger remembers; container does with that of the service.
func (e *examination) clock(st *status.Status) {
	for _, f := range e.found {
		if f.Check == "clock" {
			return
		}
	}
	now := e.p.Now()
	if st != nil && st.LastRun != nil {
		if off := now.Sub(st.LastRun.Started); off < -clockOff {
			e.clockIs(off, "the start of the last run")
			return
		}
	}
	e.ok("clock", "%s UTC", now.UTC().Format("2006-01-02 15:04"))
}
