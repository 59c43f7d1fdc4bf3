package ingest

import (
	"cmp"
	"context"

	"github.com/pidledger/pidledger/ingest/digest"
	"github.com/pidledger/pidledger/ingest/discover"
	"github.com/pidledger/pidledger/ingest/ledger"
)

// loadPlainUsage loads usage files that belong to no export run, each content once (SPEC 3.2).
func (s *session) loadPlainUsage(ctx context.Context, byHash map[string][]discover.File) (changed []discover.File, err error) {
	var todo []*slice
	copies := map[string][]discover.File{}
	sliceOfHash, holderOf := s.plainSlices()
	for hash, files := range byHash {
		id := cmp.Or(sliceOfHash[hash], plainID(hash))
		first := files[0]
		for _, f := range files {
			s.sliceOf[f.Name] = id
			if f.Name < first.Name {
				first = f
			}
		}
		for _, f := range files {
			if f.Name != first.Name {
				copies[first.Name] = append(copies[first.Name], f)
			}
		}
		if holder := holderOf[id]; holder != "" && s.input.damaged[id] == nil {
			for _, f := range files {
				rec := s.log.record(f)
				rec.Status, rec.Format, rec.Reason = ledger.StatusDuplicate, "usage", "the same content as "+holder
				if holder == f.Name {
					rec.Status, rec.Reason = ledger.StatusLoaded, "the same content as before"
				}
			}
			continue
		}
		todo = append(todo, plainSlice(id, first))
	}
	bad, err := s.loader.loadSlices(ctx, todo)
	if err != nil {
		return nil, err
	}
	for _, sl := range changedSlices(todo) {
		changed = append(changed, append(copies[sl.Files[0].Name], sl.Files...)...)
	}
	var good []*slice
	for _, sl := range todo {
		first := sl.Files[0]
		if bad[sl.ID] {
			delete(s.sliceOf, first.Name)
		} else {
			good = append(good, sl)
		}
		for _, f := range copies[first.Name] {
			rec := s.log.record(f)
			rec.Status, rec.Format, rec.Reason = ledger.StatusDuplicate, "usage", "the same content as "+first.Name
			if bad[sl.ID] {
				delete(s.sliceOf, f.Name)
				rec.Status, rec.Reason = ledger.StatusFailed, s.log.records[first.Name].Reason
			}
		}
	}
	s.own = append(s.own, good...)
	return changed, s.addSlices(ctx, good)
}

// plainID names the slice that a content becomes, by its hash.
func plainID(hash string) string { return digest.Of("file", hash)[:16] }

// plainSlice describes the slice that a file outside of export runs becomes.
func plainSlice(id string, f discover.File) *slice {
	sl := &slice{ID: id, Rows: -1, Files: []discover.File{f}}
	sl.Meta.SliceID, sl.Meta.CostBasis = id, f.Source.CostBasis
	return sl
}

// plainSlices tells of the content of files of earlier runs which slice an earlier run made of it, by hash (what was taken out of a slice
// later is not in its name), and of each slice which file holds it, the first by name.
func (s *session) plainSlices() (byHash, holder map[string]string) {
	byHash, holder = map[string]string{}, map[string]string{}
	for name, k := range s.input.known {
		if k.sliceID == "" {
			continue
		}
		if k.hash != "" {
			byHash[k.hash] = k.sliceID
		}
		if first, ok := holder[k.sliceID]; !ok || name < first {
			holder[k.sliceID] = name
		}
	}
	return byHash, holder
}
