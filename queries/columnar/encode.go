package columnar

import (
	"encoding/binary"
)

// appendHybrid appends values of the given bit width in Parquet's RLE / bit-packing hybrid: runs of eight and more equal values as a
// count and a value, all else packed in groups of eight.
func appendHybrid(dst []byte, vals []uint32, width int) []byte {
	lit := 0 // first value not yet written
	for i := 0; i < len(vals); {
		v, j := vals[i], i+1
		for j < len(vals) && vals[j] == v {
			j++
		}
		if j-i >= 8 {
			// Packed values come in eights; a run lends what the last group lacks.
			lend := -(i - lit) & 7
			if j-i-lend >= 8 {
				if i > lit {
					dst = appendPacked(dst, vals[lit:i+lend], width)
				}
				dst = appendRun(dst, v, j-i-lend, width)
				lit = j
			}
		}
		i = j
	}
	if lit < len(vals) {
		dst = appendPacked(dst, vals[lit:], width)
	}
	return dst
}

func appendRun(dst []byte, v uint32, n, width int) []byte {
	dst = binary.AppendUvarint(dst, uint64(n)<<1)
	for ; width > 0; width -= 8 {
		dst = append(dst, byte(v))
		v >>= 8
	}
	return dst
}

func appendPacked(dst []byte, vals []uint32, width int) []byte {
	groups := (len(vals) + 7) / 8
	dst = binary.AppendUvarint(dst, uint64(groups)<<1|1)
	return appendBits(dst, vals, width, groups*8)
}

// appendBits packs vals at width bits each, least significant bit first, as if zeros followed up to count values. count is a
// multiple of eight.
func appendBits(dst []byte, vals []uint32, width, count int) []byte {
	end := len(dst) + count*width/8
	var acc uint64
	n := 0
	for _, v := range vals {
		acc |= uint64(v) << n
		n += width
		if n >= 32 {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(acc))
			acc >>= 32
			n -= 32
		}
	}
	for len(dst) < end {
		dst = append(dst, byte(acc))
		acc >>= 8
	}
	return dst
}

// appendLevels appends repetition or definition levels as a version 1 data page has them: the length, then the hybrid.
func appendLevels(dst []byte, levels []uint32, width int) []byte {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst = appendHybrid(dst, levels, width)
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}

func appendUniformLevel(dst []byte, level uint32, n, width int) []byte {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst = appendRun(dst, level, n, width)
	binary.LittleEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}

// The numbers below are those of the Parquet format: page types and encodings, and Thrift's compact protocol.
const (
	pageData       = 0
	pageDictionary = 2

	encPlain                = 0
	encRLE                  = 3
	encDelta                = 5
	encRLEDictionary        = 8
	thriftI32, thriftStruct = 5, 12
)

// appendPageHeader appends the header of a page in Thrift's compact protocol. The arrow library can do it only together with its own
// compression, which makes a new zstd encoder for every page.
func appendPageHeader(dst []byte, kind, size, compressed, values, encoding int) []byte {
	i32 := func(delta, v int) {
		dst = append(dst, byte(delta<<4|thriftI32))
		dst = binary.AppendVarint(dst, int64(v))
	}
	i32(1, kind)
	i32(1, size)
	i32(1, compressed)
	if kind == pageDictionary {
		dst = append(dst, 4<<4|thriftStruct) // field 7
		i32(1, values)
		i32(1, encoding)
	} else {
		dst = append(dst, 2<<4|thriftStruct) // field 5
		i32(1, values)
		i32(1, encoding)
		i32(1, encRLE)
		i32(1, encRLE)
	}
	return append(dst, 0, 0)
}
