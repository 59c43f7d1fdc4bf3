package source

import (
	"context"
	"io"
	"sync"
)

const (
	defaultBlock = 1 << 20
	// keptBuffer is the largest buffer that goes back to the pool; one huge record must not pin its memory.
	keptBuffer = 2 << 20
)

// buffers holds the memory of released blocks for all readers.
var buffers sync.Pool

// getBuffer returns an empty buffer with a capacity of size to twice that.
func getBuffer(size int) []byte {
	if b, ok := buffers.Get().(*[]byte); ok && cap(*b) >= size && cap(*b) <= 2*size {
		return (*b)[:0]
	}
	return make([]byte, 0, size)
}

func putBuffer(b []byte) {
	if cap(b) > 0 && cap(b) <= keptBuffer {
		b = b[:0]
		buffers.Put(&b)
	}
}

// fill reads until buf is filled up to its capacity or the input ends (eof).
func fill(r io.Reader, buf []byte) (_ []byte, eof bool, err error) {
	for idle := 0; len(buf) < cap(buf); {
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		switch {
		case err == io.EOF:
			return buf, true, nil
		case err != nil:
			return buf, false, err
		case n > 0:
			idle = 0
		default:
			if idle++; idle == 100 {
				return buf, false, io.ErrNoProgress
			}
		}
	}
	return buf, false, nil
}

// grow returns a buffer for what r gives with the same content and twice the capacity, but not more than limit, and puts the
// old one back.
func grow(r io.Reader, buf []byte, limit int) []byte {
	if IsLarge(2 * cap(buf)) {
		takeTurn(r)
	}
	bigger := append(make([]byte, 0, max(min(2*cap(buf), limit), cap(buf)+1)), buf...)
	putBuffer(buf)
	return bigger
}

// WithContext gives a reader that ends with the context's error once that is done: before a header, gigabytes of blank lines may be read
// without anybody who asks.
func WithContext(ctx context.Context, r io.Reader) io.Reader { return &contextReader{ctx, r} }

type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
