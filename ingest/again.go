package ingest

import (
	"context"
	"slices"
	"time"

	"github.com/pidledger/pidledger/ingest/discover"
)

// Blobs that are overwritten while they are read are listed and read again in the same run, so often, with a pause of so long.
const (
	maxAgain   = 3
	againPause = 2 * time.Second
)

// planAgain lists the sources once more and decides anew, after export runs in Blob Storage were written to while they were read. Files that
// were read stay as they were when they were, so that the next run sees a difference.
func (s *session) planAgain(ctx context.Context, changed []*slice, read map[string]bool) error {
	if err := pause(ctx); err != nil {
		return err
	}
	before := s.input.byName
	if _, err := s.input.list(ctx); err != nil {
		return err
	}
	for name := range read {
		s.input.put(name, before[name])
	}
	for _, sl := range changed {
		for _, f := range sl.pinned() {
			s.log.drop(f.Name)
		}
	}
	for name := range before {
		if _, there := s.input.byName[name]; !there {
			s.log.drop(name)
		}
	}
	s.runs.listed, s.plain = nil, nil
	return s.plan(ctx)
}

// changedSlices are those that are worth reading again.
func changedSlices(slices []*slice) (out []*slice) {
	for _, sl := range slices {
		if sl.changed {
			out = append(out, sl)
		}
	}
	return out
}

// lookAgain lists the sources once more, and returns those of some changed files that are still there, as they are now.
func (s *session) lookAgain(ctx context.Context, changed []discover.File) (out []discover.File, err error) {
	if err := pause(ctx); err != nil {
		return nil, err
	}
	fresh, _, err := s.input.sources.Files(ctx)
	if err != nil {
		return nil, err
	}
	now := map[string]discover.File{}
	for _, f := range fresh {
		f.Name = s.input.gone.Neutral(f.Name)
		now[f.Name] = f
	}
	for _, f := range changed {
		s.log.drop(f.Name)
		delete(s.hashes, f.Name)
		if f, there := now[f.Name]; there {
			s.input.put(f.Name, f)
			out = append(out, f)
			continue
		}
		delete(s.input.byName, f.Name)
		s.input.files = slices.DeleteFunc(s.input.files, func(x discover.File) bool { return x.Name == f.Name })
	}
	return out, nil
}

// put makes a file the one that is listed under its name.
func (v *inventory) put(name string, f discover.File) {
	if _, there := v.byName[name]; there {
		v.files[slices.IndexFunc(v.files, func(x discover.File) bool { return x.Name == name })] = f
	} else {
		v.files = append(v.files, f)
	}
	v.byName[name] = f
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(againPause):
		return nil
	}
}
