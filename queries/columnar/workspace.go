package columnar

import (
	"runtime"
	"slices"
	"sync"
)

// workspace is the memory that a Writer fills and encodes. It goes on to the next Writer of the same columns: for a file of one row group, growing it
// took as long as compressing the pages.
type workspace struct {
	schema  Schema
	chunks  []chunk
	encoded []encoded
	workers []encoder
}

// workspaces holds those of finished Writers, until the collector takes it.
var workspaces sync.Pool

// takeWorkspace returns one for a schema, ready for the first row.
func takeWorkspace(s Schema, compress func(dst, src []byte) []byte) *workspace {
	m, ok := workspaces.Get().(*workspace)
	if !ok || !slices.Equal(m.schema, s) {
		m = &workspace{schema: s, chunks: make([]chunk, len(s)), encoded: make([]encoded, len(s)), workers: make([]encoder, min(len(s), runtime.GOMAXPROCS(0)))}
	}
	for i := range m.workers {
		m.workers[i].compress = compress
	}
	for i := range m.chunks {
		m.chunks[i].typ = s[i].Type
		m.chunks[i].reset()
	}
	return m
}

// release gives the workspace back; nothing can be written afterwards.
func (w *Writer) release() {
	if w.workspace != nil {
		workspaces.Put(w.workspace)
		w.workspace = nil
	}
}
