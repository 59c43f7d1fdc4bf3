package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/pidledger/pidledger/queries/columnar"
)

// putText appends a text; none is NULL.
func putText(b *columnar.Batch, column int, text []byte) {
	if len(text) > 0 {
		b.String(column, text)
	}
}

// endRow completes a row of kind k, or rejects the record for a text that is too long to be kept.
func (p *Parser) endRow(b *columnar.Batch, k kind) kind {
	column, ok := b.LongText()
	if !ok {
		b.EndRow()
		return k
	}
	b.DropRow()
	return p.reject(column, nil, "the text is longer than "+strconv.Itoa(maxText>>10)+" kB")
}

// putSource appends where a row comes from.
func (p *Parser) putSource(b *columnar.Batch, to SourceColumns, r *rule) {
	b.Str(to.SrcShape, r.Name)
	b.Str(to.SrcFile, p.o.File)
	b.Int(to.SrcOrdinal, p.ordinal)
}

// putHash appends the hex SHA-256 of a time and texts, which are in lower case where case does not matter: the
// key of records that have no id of their own.
func (p *Parser) putHash(b *columnar.Batch, column int, at int64, timed bool, parts ...[]byte) {
	from := len(p.scratch)
	if timed {
		p.scratch = strconv.AppendInt(p.scratch, at, 10)
	}
	for _, part := range parts {
		p.scratch = append(p.scratch, 0)
		p.scratch = append(p.scratch, part...)
	}
	sum := sha256.Sum256(p.scratch[from:])
	p.scratch = p.scratch[:from]
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], sum[:])
	b.String(column, text[:])
}
