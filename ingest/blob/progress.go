package blob

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"sync"
)

// cacheName is what files of the cache are called.
var cacheName = regexp.MustCompile(`^[0-9a-f]{40}$`)

// progress knows which bytes of a blob are in its file. For a blob of several chunks it is written down, so that the next run goes on.
type progress struct {
	data *os.File

	mu  sync.Mutex      // guards the rest
	got map[int64]int64 // bytes from the start of each chunk
	out *os.File        // nil: a blob of one chunk
}

// openProgress reads what is known of a file that is being fetched.
func openProgress(data *os.File, size int64) (*progress, error) {
	p := &progress{data: data, got: map[int64]int64{}}
	name := data.Name() + doneMark
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		var chunk, bytes int64
		if n, err := fmt.Sscanf(line, "%d %d\n", &chunk, &bytes); n == 2 && err == nil { // a line that a crash has cut is none
			p.got[chunk] = bytes
		}
	}
	if chunks(size) > 1 {
		p.out, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		return p, err
	}
	return p, nil
}

// writeProgress writes down that the first bytes of a file are there.
func writeProgress(name string, size int64) error {
	var text strings.Builder
	for n := range chunks(size) {
		fmt.Fprintf(&text, "%d %d\n", n, min(chunk, size-n*chunk))
	}
	return os.WriteFile(name, []byte(text.String()), 0o600)
}

// have tells how many bytes of a chunk are there.
func (p *progress) have(n int64) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.got[n]
}

// add notes that a chunk is there, after its bytes are on the disk.
func (p *progress) add(n, bytes int64) error {
	if p.out != nil {
		if err := p.data.Sync(); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got[n] = bytes
	if p.out == nil {
		return nil
	}
	_, err := fmt.Fprintf(p.out, "%d %d\n", n, bytes)
	return err
}

func (p *progress) close() error {
	if p.out == nil {
		return nil
	}
	return p.out.Close()
}
