package read

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/pidledger/pidledger/ingest/evidence"
	"github.com/pidledger/pidledger/queries/columnar"
)

// Staging is a folder that evidence is staged in, a Parquet file for each table and goroutine at work.
type Staging struct {
	folder string

	mu   sync.Mutex
	idle []*stager
	all  []*stager
}

// NewStaging makes the folder.
func NewStaging(folder string) (*Staging, error) {
	return &Staging{folder: folder}, os.MkdirAll(folder, 0o700)
}

// Remove removes the folder.
func (s *Staging) Remove() error { return os.RemoveAll(s.folder) }

// stager writes the canonical rows of one goroutine to Parquet, one file per table.
type stager struct {
	sink    *evidence.Sink
	writers map[string]*columnar.Writer
	number  int
}

// stager hands out a stager to a goroutine, which gives it back.
func (s *Staging) stager() *stager {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.idle); n > 0 {
		st := s.idle[n-1]
		s.idle = s.idle[:n-1]
		return st
	}
	st := &stager{sink: evidence.NewSink(), writers: map[string]*columnar.Writer{}, number: len(s.all)}
	s.all = append(s.all, st)
	return st
}

func (s *Staging) giveBack(st *stager) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, st)
}

// flush writes the batches of a stager that are worth it.
func (s *Staging) flush(st *stager, always bool) error {
	for _, t := range st.sink.Batches() {
		if t.Batch.Rows() == 0 || (!always && t.Batch.Rows() < 8192 && t.Batch.Bytes() < maxBatch) {
			continue
		}
		w := st.writers[t.Name]
		if w == nil {
			var err error
			w, err = columnar.Create(filepath.Join(s.folder, fmt.Sprintf("%s-%d.parquet", t.Name, st.number)), t.Batch.Schema(), columnar.Options{Compression: columnar.Snappy})
			if err != nil {
				return Internal(err)
			}
			st.writers[t.Name] = w
		}
		err := w.Write(t.Batch)
		t.Batch.Reset()
		if err != nil {
			return Internal(err)
		}
	}
	return nil
}

// Close ends the staged files and lists them by table.
func (s *Staging) Close() (map[string][]string, error) {
	staged := map[string][]string{}
	for _, st := range s.all {
		if err := s.flush(st, true); err != nil {
			return nil, err
		}
		for table, w := range st.writers {
			if err := w.Close(); err != nil {
				return nil, err
			}
			staged[table] = append(staged[table], filepath.Join(s.folder, fmt.Sprintf("%s-%d.parquet", table, st.number)))
		}
	}
	s.all, s.idle = nil, nil
	return staged, nil
}
