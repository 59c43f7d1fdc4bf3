package source

import (
	"context"
	"io"
	"math/bits"
	"sync"
)

const (
	defaultBlock = 1 << 20
	// keptBuffer is the largest buffer that goes back to the pool; one huge record must not pin its memory.
	keptBuffer = 2 << 20
)

// buffers holds the memory of released blocks for all readers: those of 2^k bytes and more, below twice that, in buffers[k].
var buffers [22]sync.Pool

// getBuffer returns an empty buffer with a capacity of size or more. Sizes are rounded up to a power of two, so that a buffer of one file serves the
// next one, which is seldom of just the same size.
func getBuffer(size int) []byte {
	k := bits.Len(uint(max(size, 1) - 1))
	if k >= len(buffers) {
		return make([]byte, 0, size)
	}
	if b, ok := buffers[k].Get().(*[]byte); ok {
		return *b
	}
	return make([]byte, 0, 1<<k)
}

func putBuffer(b []byte) {
	if cap(b) > 0 && cap(b) <= keptBuffer {
		b = b[:0]
		buffers[bits.Len(uint(cap(b)))-1].Put(&b)
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
