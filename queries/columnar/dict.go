package columnar

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"unicode/utf8"
)

// A dictionary maps values to codes 1, 2, 3, ... in the order of their first appearance; code 0 stands for NULL. Codes therefore do
// not depend on the (random) hash seed, and equal input makes equal files.
//
// A dictionary in raw state no longer looks values up and gives each one a new code: for columns that hardly repeat.

const nullCode = 0

// seed makes crafted collisions impractical; it never influences what is written.
var seed = maphash.MakeSeed()

// index is the open-addressing hash table that both kinds of dictionaries use. A slot is the upper half of the hash and a code.
type index struct {
	slots []uint64
	used  int
}

// reset empties the table. One that has become far too large is let go: after a large file, a small one must not clear megabytes.
func (x *index) reset() {
	switch {
	case x.used == 0:
	case x.used < len(x.slots)/16:
		*x = index{}
	default:
		clear(x.slots)
		x.used = 0
	}
}

// add enters code under h, which the caller has found to be absent.
func (x *index) add(h uint64, code uint32, hashOf func(code uint32) uint64) {
	if x.used >= len(x.slots)/2 {
		old := x.slots
		x.slots = make([]uint64, max(64, 4*len(old)))
		for _, s := range old {
			if s != 0 {
				x.place(hashOf(uint32(s)), s)
			}
		}
	}
	x.place(h, h&^0xffffffff|uint64(code))
	x.used++
}

func (x *index) place(h, slot uint64) {
	mask := uint64(len(x.slots) - 1)
	i := h & mask
	for x.slots[i] != 0 {
		i = (i + 1) & mask
	}
	x.slots[i] = slot
}

// strings is a dictionary of texts. Its data are the values one after the other, each after its length as four bytes, little endian:
// just what Parquet's PLAIN encoding and dictionary pages want.
type strings struct {
	data   []byte
	ends   []uint32 // end of value i-1 in data; ends[0] is 0
	hashes []uint64 // of value i-1; not kept up in raw state
	index  index
	last   uint32
	raw    bool
}

func (d *strings) reset() {
	d.data, d.ends, d.hashes = d.data[:0], append(d.ends[:0], 0), d.hashes[:0]
	d.index.reset()
	d.last, d.raw = nullCode, false
}

// len returns the number of values.
func (d *strings) len() int { return max(0, len(d.ends)-1) }

// at returns the value of a code.
func (d *strings) at(code uint32) []byte { return d.data[d.ends[code-1]+4 : d.ends[code]] }

// plain returns the value of a code with its length before it.
func (d *strings) plain(code uint32) []byte { return d.data[d.ends[code-1]:d.ends[code]] }

func (d *strings) hash(code uint32) uint64 {
	if int(code) <= len(d.hashes) {
		return d.hashes[code-1]
	}
	return maphash.Bytes(seed, d.at(code))
}

// put returns the code of v, a value from outside.
func (d *strings) put(v []byte) uint32 {
	if d.last != nullCode && string(d.at(d.last)) == string(v) {
		return d.last
	}
	if d.raw {
		if !utf8.Valid(v) {
			v = bytes.ToValidUTF8(v, replacement)
		}
		return d.append(v)
	}
	h := maphash.Bytes(seed, v)
	if code := d.find(h, v); code != nullCode {
		d.last = code
		return code
	}
	if !utf8.Valid(v) {
		// A VARCHAR that is not UTF-8 would make the whole file unreadable.
		return d.put(bytes.ToValidUTF8(v, replacement))
	}
	return d.insert(h, v)
}

var replacement = []byte("\uFFFD")

func (d *strings) find(h uint64, v []byte) uint32 {
	if len(d.index.slots) == 0 {
		return nullCode
	}
	mask := uint64(len(d.index.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := d.index.slots[i]
		if s == 0 {
			return nullCode
		}
		if (s^h)>>32 == 0 && string(d.at(uint32(s))) == string(v) {
			return uint32(s)
		}
	}
}

func (d *strings) insert(h uint64, v []byte) uint32 {
	code := d.append(v)
	d.hashes = append(d.hashes, h)
	d.index.add(h, code, d.hash)
	return code
}

func (d *strings) append(v []byte) uint32 {
	if len(d.ends) == 0 {
		d.ends = append(d.ends, 0)
	}
	d.data = binary.LittleEndian.AppendUint32(d.data, uint32(len(v)))
	d.data = append(d.data, v...)
	d.ends = append(d.ends, uint32(len(d.data)))
	d.last = uint32(len(d.ends) - 1)
	return d.last
}

// numbers is a dictionary of 128-bit integers; it serves all numeric types.
type numbers struct {
	values []Dec
	index  index
	last   Dec
	lastOK uint32 // code of last, or nullCode
	raw    bool
}

func (d *numbers) reset() {
	d.values = d.values[:0]
	d.index.reset()
	d.lastOK, d.raw = nullCode, false
}

func (d *numbers) len() int { return len(d.values) }

func (d *numbers) at(code uint32) Dec { return d.values[code-1] }

var numberSeed = [2]uint64{maphash.Bytes(seed, []byte{0}) | 1, maphash.Bytes(seed, []byte{1}) | 1}

func hashNumber(v Dec) uint64 {
	hi, lo := bits.Mul64(v.LowBits()^numberSeed[0], uint64(v.HighBits())^numberSeed[1])
	hi, lo = bits.Mul64(hi^lo^numberSeed[1], 0x9e3779b97f4a7c15)
	return hi ^ lo
}

func (d *numbers) hash(code uint32) uint64 { return hashNumber(d.at(code)) }

func (d *numbers) put(v Dec) uint32 {
	if d.lastOK != nullCode && d.last == v {
		return d.lastOK
	}
	if d.raw {
		d.values = append(d.values, v)
	} else {
		h := hashNumber(v)
		if len(d.index.slots) > 0 {
			mask := uint64(len(d.index.slots) - 1)
			for i := h & mask; ; i = (i + 1) & mask {
				s := d.index.slots[i]
				if s == 0 {
					break
				}
				if (s^h)>>32 == 0 && d.at(uint32(s)) == v {
					d.last, d.lastOK = v, uint32(s)
					return d.lastOK
				}
			}
		}
		d.values = append(d.values, v)
		d.index.add(h, uint32(len(d.values)), d.hash)
	}
	d.last, d.lastOK = v, uint32(len(d.values))
	return d.lastOK
}
