package usage

import (
	"bytes"
	"hash/maphash"
)

// cache remembers results for texts that repeat. It is direct-mapped: a text has one slot, and a later text with the same slot replaces it and
// reuses its memory. So the size is bounded, and steady use allocates nothing.
type cache[T any] struct {
	seed    maphash.Seed
	entries []entry[T]
	most    int // the largest number of entries; the cache starts small, since most files are
	limit   int // longer texts are not kept
	misses  int // since the last growth
}

type entry[T any] struct {
	key   []byte
	used  bool
	value T
}

const smallCache = 1 << 6

// newCache makes a cache that grows to 2^bits places for texts of up to limit bytes.
func newCache[T any](bits, limit int) *cache[T] {
	return &cache[T]{seed: maphash.MakeSeed(), entries: make([]entry[T], smallCache), most: 1 << bits, limit: limit}
}

// get returns the value of key. If it is not cached, work computes it, overwriting all of an older value. The value is valid until the next get.
func (c *cache[T]) get(key []byte, work func(v *T, key []byte)) *T {
	h := maphash.Bytes(c.seed, key)
	e := &c.entries[h&uint64(len(c.entries)-1)]
	if e.used && bytes.Equal(e.key, key) {
		return &e.value
	}
	if c.misses++; c.misses > len(c.entries) && len(c.entries) < c.most {
		c.entries = make([]entry[T], min(8*len(c.entries), c.most))
		c.misses = 0
		e = &c.entries[h&uint64(len(c.entries)-1)]
	}
	e.used = len(key) <= c.limit
	if e.used {
		e.key = append(e.key[:0], key...)
	}
	work(&e.value, key)
	return &e.value
}
