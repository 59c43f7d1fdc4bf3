package source

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
)

// HeadSize is the number of decoded bytes that Open looks at.
const HeadSize = 64 << 10

// Kind is what the first bytes of a file say it is.
type Kind int

// Kinds. CSV is Text whose first line some format claims as its header.
const (
	KindEmpty   Kind = iota // no bytes, or nothing but blanks
	KindText                // CSV or any other text
	KindJSON                // first character is { or [
	KindParquet             // PAR1
	KindAvro                // Obj 1
	KindBinary              // File.Note says what it looks like; it cannot be read
)

func (k Kind) String() string {
	return [...]string{"empty", "text", "json", "parquet", "avro", "binary"}[k]
}

// Limits guards against gzip bombs. Zero values mean the defaults.
type Limits struct {
	MaxExpansion int64 // decompressed bytes per compressed byte, once 64 MB are decompressed; default 400 (exports: 10 to 40)
	MaxBytes     int64 // decompressed bytes of one file; default 1 TB
}

// File is an open input file. It is not safe for concurrent use except for BytesRead.
type File struct {
	Path     string
	Size     int64  // bytes on disk
	Kind     Kind   // by content
	Gzip     bool   // the bytes on disk are gzip
	Encoding string // utf-8, utf-16le or utf-16be
	Note     string // for Binary: what it looks like and what to do

	name    string      // in errors
	info    fs.FileInfo // when it was opened
	raw     *os.File
	lim     Limits
	read    atomic.Int64
	foreign int64
	head    []byte
	whole   bool // head is the whole file
	fresh   bool // body stands right after head
	body    io.Reader
	turn    bool // it is its turn to have a large record
	closed  func()
	counted bool
}

// Open opens path and looks at its first bytes. The caller closes the File.
//
// Gzip (also of several members, also gzip in gzip) and UTF-16 (with a BOM, or known by its NUL bytes) are
// decoded; the name of the file plays no part. Errors name the file.
func Open(path string, lim Limits) (*File, error) { return OpenAs(path, path, lim) }

// OpenAs opens path under another name, which errors have: it is a copy of something that lies elsewhere.
func OpenAs(path, name string, lim Limits) (*File, error) {
	raw, err := openPlain(path)
	if err != nil {
		return nil, err
	}
	info, err := raw.Stat()
	if err != nil {
		_ = raw.Close() // the first error is the one that matters
		return nil, err
	}
	f := &File{Path: path, name: name, Size: info.Size(), info: info, raw: raw, lim: lim.withDefaults()}
	if err := f.sniff(); err != nil {
		_ = raw.Close() // the first error is the one that matters
		return nil, err
	}
	return f, nil
}

// Head returns the first 64 KB of decoded text, or all when there is less. Callers must not change it.
func (f *File) Head() []byte { return f.head }

// HeadIsAll reports whether Head is the whole content.
func (f *File) HeadIsAll() bool { return f.whole }

// Reader returns the decoded content from its start: gunzipped, UTF-8, without BOM. Every call starts again
// and makes readers of earlier calls useless.
//
// Bytes of a text that are not UTF-8 are read as Windows-1252, which is what spreadsheet programs write;
// NotUTF8 counts them. Parquet, Avro and binary content is passed through as it is.
func (f *File) Reader() io.Reader {
	if !f.fresh {
		if err := f.rewind(); err != nil {
			return errReader{err}
		}
	}
	f.fresh = false
	return &headReader{file: f, head: f.head, rest: f.body, done: f.whole}
}

// BytesRead returns how many bytes of the file on disk were read so far; safe to call while reading.
func (f *File) BytesRead() int64 { return f.read.Load() }

// NotUTF8 returns how many bytes read so far were not UTF-8 and were taken as Windows-1252.
func (f *File) NotUTF8() int64 { return f.foreign }

// Counted says that the bytes of the file were counted when they arrived on this machine, and not when they are read.
func (f *File) Counted() { f.counted = true }

// IsCounted tells whether Counted was called.
func (f *File) IsCounted() bool { return f.counted }

// AfterClose has something done when the file is closed.
func (f *File) AfterClose(do func()) { f.closed = do }

// Close closes the file.
func (f *File) Close() error {
	f.endTurn()
	if f.closed != nil {
		defer f.closed()
	}
	return f.raw.Close()
}

// rewind builds the decoding chain again and reads past the head.
func (f *File) rewind() error {
	if _, err := f.raw.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read %s again: %w", f.name, err)
	}
	return f.sniff()
}

// headReader replays the head, then reads on.
type headReader struct {
	file *File
	head []byte
	rest io.Reader
	done bool
}

func (r *headReader) Read(p []byte) (int, error) {
	if len(r.head) > 0 {
		n := copy(p, r.head)
		r.head = r.head[n:]
		return n, nil
	}
	if r.done {
		return 0, io.EOF
	}
	return r.rest.Read(p)
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// countingReader counts the bytes that come off the disk.
type countingReader struct {
	r io.Reader
	n *atomic.Int64
}

func (r countingReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	r.n.Add(int64(n))
	return n, err
}
