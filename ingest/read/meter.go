package read

import (
	"sync"

	"github.com/pidledger/pidledger/ingest/source"
)

// meter tells of the bytes that are read of a file.
type meter struct {
	file *source.File
	tell func(items, bytes int64)

	mu   sync.Mutex // guards the rest
	told int64
}

// advance tells of the bytes that were read since it was last called.
func (m *meter) advance() {
	m.mu.Lock()
	read := m.file.BytesRead()
	n := read - m.told
	m.told = read
	m.mu.Unlock()
	m.add(n)
}

// add tells of bytes, unless they were counted before.
func (m *meter) add(bytes int64) {
	if !m.file.IsCounted() {
		m.tell(0, bytes)
	}
}
