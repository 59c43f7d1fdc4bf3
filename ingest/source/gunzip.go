package source

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
)

const (
	defaultExpansion = 400
	defaultMaxBytes  = 1 << 40
	expansionFloor   = 64 << 20 // small files may compress as well as they like
	gzipBuffer       = 128 << 10
)

func (l Limits) withDefaults() Limits {
	if l.MaxExpansion <= 0 {
		l.MaxExpansion = defaultExpansion
	}
	if l.MaxBytes <= 0 {
		l.MaxBytes = defaultMaxBytes
	}
	return l
}

// gunzip decompresses r, which stands at gzip magic bytes.
func (f *File) gunzip(r io.Reader) (io.Reader, error) {
	z, err := gzip.NewReader(bufio.NewReaderSize(r, gzipBuffer))
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, &GzipError{Path: f.name, Err: err}
	}
	return &gunzipReader{f: f, z: z}, nil
}

// gunzipReader names the file in errors and enforces the limits.
type gunzipReader struct {
	f       *File
	z       *gzip.Reader
	decoded int64
}

func (r *gunzipReader) Read(p []byte) (int, error) {
	n, err := r.z.Read(p)
	r.decoded += int64(n)
	if r.decoded > r.f.lim.MaxBytes || r.decoded > expansionFloor && r.decoded/r.f.lim.MaxExpansion > r.f.read.Load() {
		return 0, &ExpansionError{Path: r.f.name, Read: r.f.read.Load(), Decoded: r.decoded}
	}
	if err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	var inner *GzipError
	if errors.As(err, &inner) {
		return n, err
	}
	return n, &GzipError{Path: r.f.name, Decoded: r.decoded, Err: err}
}

// gzipReason says in plain words what is wrong with gzip data.
func gzipReason(err error) string {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the file is truncated"
	case errors.Is(err, gzip.ErrChecksum):
		return "the checksum is wrong"
	case errors.Is(err, gzip.ErrHeader):
		return "there are bytes that are not gzip data"
	case errors.As(err, &corrupt):
		return "the compressed data are damaged"
	}
	return err.Error()
}
