package columnar

// chunk collects one column of the current row group.
type chunk struct {
	typ  Type
	rows int
	// While all rows have the same code, only that code is kept; codes is filled from the first differing row on.
	uniform bool
	code    uint32
	codes   []uint32
	elems   []uint32 // list column: the codes of all elements
	texts   strings
	nums    numbers
}

// group identifies a row group in the making; the codes of a batch are translated once for each.
type group struct{ _ byte }

func (k *chunk) reset() {
	k.rows, k.uniform, k.code = 0, true, nullCode
	k.codes, k.elems = k.codes[:0], k.elems[:0]
	k.texts.reset()
	k.nums.reset()
}

// bytes estimates the memory that the values take.
func (k *chunk) bytes() int {
	return len(k.texts.data) + 12*k.texts.len() + 16*len(k.nums.values) + 4*(len(k.codes)+len(k.elems))
}

// add appends rows lo..hi of a batch's column. elem is the position of row lo's first element in a list column; the position
// after the last row's is returned.
func (k *chunk) add(c *column, lo, hi, elem int) int {
	if k.typ == StringList {
		for _, n := range c.codes[min(lo, len(c.codes)):min(hi, len(c.codes))] {
			if n > 1 {
				for _, code := range c.elems[elem : elem+int(n-1)] {
					k.elems = append(k.elems, k.codeOf(c, code))
				}
				elem += int(n - 1)
			}
			k.push(n)
		}
		k.repeat(nullCode, hi-max(lo, min(hi, len(c.codes))))
		return elem
	}
	if lo < len(c.codes) {
		codes := c.codes[lo:min(hi, len(c.codes))]
		if k.uniform {
			// A run of equal codes may well be the whole batch.
			n := 1
			for n < len(codes) && codes[n] == codes[0] {
				n++
			}
			k.repeat(k.codeOf(c, codes[0]), n)
			codes = codes[n:]
		}
		switch {
		case len(codes) == 0:
		case k.texts.raw || k.nums.raw:
			k.spread()
			k.rows += len(codes)
			for _, code := range codes {
				k.codes = append(k.codes, k.appendRaw(c, code))
			}
		default:
			k.spread()
			k.rows += len(codes)
			remap := c.remap
			for _, code := range codes {
				to := remap[code]
				if to == nullCode && code != nullCode {
					to = k.codeOf(c, code)
				}
				k.codes = append(k.codes, to)
			}
		}
		lo += min(hi, len(c.codes)) - lo
	}
	if lo < hi {
		k.repeat(k.codeOf(c, c.pad), hi-lo)
	}
	k.judge()
	return 0
}

// judge gives up looking for repetitions in a column that has hardly any.
func (k *chunk) judge() {
	const enough = 16384
	if k.typ == StringList {
		return
	}
	if n := max(k.texts.len(), len(k.nums.values)); n >= enough && n > k.rows/4*3 {
		k.texts.raw, k.nums.raw = true, true
	}
}

// codeOf returns the code here for a code of the batch.
func (k *chunk) codeOf(c *column, code uint32) uint32 {
	if code == nullCode {
		return nullCode
	}
	if k.texts.raw || k.nums.raw {
		return k.appendRaw(c, code)
	}
	to := c.remap[code]
	if to != nullCode {
		return to
	}
	if k.typ != String && k.typ != StringList {
		to = k.nums.put(c.nums.at(code))
	} else {
		h, v := c.texts.hash(code), c.texts.at(code)
		if to = k.texts.find(h, v); to == nullCode {
			to = k.texts.insert(h, v)
		}
	}
	c.remap[code] = to
	return to
}

// appendRaw takes the value without looking for it: not even in remap, so that a file does not depend on what a batch held before.
func (k *chunk) appendRaw(c *column, code uint32) uint32 {
	switch {
	case code == nullCode:
		return nullCode
	case k.typ == String:
		return k.texts.append(c.texts.at(code))
	}
	return k.nums.put(c.nums.at(code))
}

func (k *chunk) push(code uint32) {
	if k.uniform && (k.rows == 0 || k.code == code) {
		k.code = code
		k.rows++
		return
	}
	k.spread()
	k.codes = append(k.codes, code)
	k.rows++
}

func (k *chunk) repeat(code uint32, n int) {
	if n == 0 {
		return
	}
	if k.uniform && (k.rows == 0 || k.code == code) {
		k.code = code
		k.rows += n
		return
	}
	k.spread()
	for range n {
		k.codes = append(k.codes, code)
	}
	k.rows += n
}

// spread writes the code of all rows so far out.
func (k *chunk) spread() {
	if !k.uniform {
		return
	}
	k.uniform = false
	for range k.rows {
		k.codes = append(k.codes, k.code)
	}
}
