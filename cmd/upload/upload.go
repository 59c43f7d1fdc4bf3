// Package upload publishes the reports of a run, and their snapshot, to Blob Storage: each run into a folder of its own, and in the end a
// small blob that says which is the latest.
package upload

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/pidledger/pidledger/ingest/blob"
	"github.com/pidledger/pidledger/ingest/digest"
)

// Latest is the name of the blob that says which run is the latest one. It is written last, so that whoever follows it finds a whole run.
const Latest = "latest.json"

// Pointer is what that blob holds.
type Pointer struct {
	Generator   string   `json:"generator"`
	RunID       string   `json:"run_id"`
	Reports     string   `json:"reports"`  // folder of the reports, relative to that of this blob
	Snapshot    string   `json:"snapshot"` // and of the snapshot
	DataThrough string   `json:"data_through,omitempty"`
	Kept        []string `json:"kept"` // runs whose folders are there, the latest last
}

// The metadata of blobs that were published: what they hold, and by that that they are pidledger's.
const (
	metaHash = "pidledger_sha256"
	atOnce   = 4
)

// Options says what is published and where.
type Options struct {
	At          blob.Location
	RunID       string
	DataThrough string
	Reports     string   // folder of this machine
	Snapshot    string   // and that of the snapshot
	Keep        []string // runs whose folders stay, the latest last; that of this run does in any case
	Progress    interface {
		Stage(name, items string)
		Total(items, bytes int64)
		Add(items, bytes int64)
	}
}

// Published says what was done.
type Published struct {
	Written, Copied, Stood int // blobs: sent, copied by the service from one with the same content, and there already
}

// file is one to be published.
type file struct {
	path, name, hash string
	size             int64
}

// Publish publishes a run; nil: it is the latest one already. When it ends early, what was published before is as it was, and the next call
// does the rest.
func Publish(ctx context.Context, access blob.Access, o Options) (_ *Published, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("publish to %s: %w", o.At, err)
		}
	}()
	to, err := access.Open(o.At)
	if err != nil {
		return nil, err
	}
	was, etag, err := latest(ctx, to, o.At)
	if err != nil || was != nil && was.RunID == o.RunID {
		return nil, err
	}
	o.Progress.Stage("publish to Blob Storage", "files")
	u := &upload{options: o, to: to, there: map[string]blob.Item{}, byHash: map[string]blob.Item{}}
	if err := u.list(ctx); err != nil {
		return nil, err
	}
	files, err := u.files(ctx)
	if err != nil {
		return nil, err
	}
	if err := u.send(ctx, files); err != nil {
		return nil, err
	}
	kept := append(slices.DeleteFunc(slices.Clone(o.Keep), func(run string) bool { return run == o.RunID || !u.has(run) }), o.RunID)
	text, err := json.MarshalIndent(Pointer{
		Generator: "pidledger", RunID: o.RunID, Reports: o.RunID + "/reports", Snapshot: o.RunID + "/snapshot", DataThrough: o.DataThrough, Kept: kept,
	}, "", "  ")
	if err != nil {
		return nil, err
	}
	_, err = to.Replace(ctx, o.At.Blob(Latest), append(text, '\n'), etag)
	if blob.IsConflict(err) {
		return nil, fmt.Errorf("another run published there at the same time: %w", err)
	}
	if err != nil {
		return nil, err
	}
	return &u.done, u.sweep(ctx, kept)
}

// latest reads the pointer; nil: nothing was published yet.
func latest(ctx context.Context, to *blob.Container, at blob.Location) (*Pointer, string, error) {
	text, etag, err := to.Read(ctx, at.Blob(Latest))
	if blob.IsGone(err) {
		// A container that is not there is an error of the listing that follows.
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	var p Pointer
	if err := json.Unmarshal(text, &p); err != nil || p.Generator != "pidledger" {
		return nil, "", fmt.Errorf("%s was not written by pidledger: name another folder in report.publish, or remove it", at.Of(at.Blob(Latest)))
	}
	return &p, etag, nil
}

// upload is the state of Publish.
type upload struct {
	options Options
	to      *blob.Container
	there   map[string]blob.Item // what is published, by name
	byHash  map[string]blob.Item

	mu   sync.Mutex // guards the rest, and byHash while files are sent
	done Published
}

// list finds what was published before.
func (u *upload) list(ctx context.Context) error {
	return u.to.List(ctx, u.options.At.Blob(""), func(page []blob.Item) error {
		for _, item := range page {
			if hash := item.Metadata[metaHash]; hash != "" {
				u.there[item.Name], u.byHash[hash] = item, item
			}
		}
		return nil
	})
}

// has tells whether something of a run is published.
func (u *upload) has(run string) bool {
	for name := range u.there {
		if strings.HasPrefix(name, u.options.At.Blob(run)+"/") {
			return true
		}
	}
	return false
}

// files lists what is to be published. Links are left out: the one in the reports leads to the snapshot.
func (u *upload) files(ctx context.Context) (files []file, err error) {
	for part, dir := range map[string]string{"reports": u.options.Reports, "snapshot": u.options.Snapshot} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			rel, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			size, hash, err := digest.File(ctx, path)
			files = append(files, file{path, u.options.At.Blob(u.options.RunID + "/" + part + "/" + filepath.ToSlash(rel)), hash, size})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.name, b.name) })
	return files, nil
}

// send brings every file to its place, each content only once.
func (u *upload) send(ctx context.Context, files []file) error {
	byHash := map[string][]file{}
	var bytes int64
	for _, f := range files {
		byHash[f.hash] = append(byHash[f.hash], f)
		bytes += f.size
	}
	u.options.Progress.Total(int64(len(files)), bytes)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, same := range byHash {
		g.Go(func() error {
			for i, f := range same {
				if err := u.one(ctx, f, i+1 < len(same)); err != nil {
					return err
				}
				u.options.Progress.Add(1, f.size)
			}
			return nil
		})
	}
	return g.Wait()
}

// one brings a file to its place: it may be there already, or somewhere else. More files of the same content can follow.
func (u *upload) one(ctx context.Context, f file, more bool) error {
	if item, there := u.there[f.name]; there && item.Metadata[metaHash] == f.hash && item.Size == f.size {
		u.count(&u.done.Stood)
		return nil
	}
	metadata := map[string]string{metaHash: f.hash}
	u.mu.Lock()
	from, known := u.byHash[f.hash]
	u.mu.Unlock()
	if known && from.Size == f.size && u.to.Copy(ctx, from, f.name, metadata) == nil {
		u.count(&u.done.Copied)
		return nil
	}
	if err := u.to.Upload(ctx, f.name, f.path, metadata); err != nil {
		return err
	}
	u.count(&u.done.Written)
	if !more {
		return nil
	}
	item, err := u.to.Look(ctx, f.name)
	if err != nil {
		return err
	}
	u.mu.Lock()
	u.byHash[f.hash] = item
	u.mu.Unlock()
	return nil
}

func (u *upload) count(n *int) {
	u.mu.Lock()
	*n++
	u.mu.Unlock()
}

// sweep removes what was published of runs that are not kept, and nothing that is not pidledger's.
func (u *upload) sweep(ctx context.Context, kept []string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for name := range u.there {
		run, _, _ := strings.Cut(strings.TrimPrefix(name, u.options.At.Blob("")), "/")
		if !slices.Contains(kept, run) {
			g.Go(func() error { return u.to.Delete(ctx, name) })
		}
	}
	return g.Wait()
}
